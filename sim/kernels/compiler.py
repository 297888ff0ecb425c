"""How kernels are compiled, and where the machine code is kept."""

from __future__ import annotations

import hashlib
import os
import platform
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import llvmlite.binding as llvm
import numba
from numba.core.caching import CompileResultCacheImpl, FunctionCache
from numba.core.runtime.nrt import rtsys

from sim.cache import cache_folder

_INNER: dict[str, Any] = {
    "cache": True,
    "no_cpython_wrapper": True,
    "no_cfunc_wrapper": True,
    "error_model": "numpy",
}
KNOWN = "0.68."  # the numba that is known from within here; with any other all goes its usual way
OURS = "_ZN3sim7kernels"  # how the names of the kernels begin in machine code


def sources_digest(folder: Path) -> str:
    """A hash of the kernel sources, numba's version, Python's, and the target processor."""
    h = hashlib.sha256()
    for path in sorted(folder.glob("*.py")):
        h.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    cpu = os.environ.get("NUMBA_CPU_NAME") or platform.processor() or platform.machine()
    h.update(f"{numba.__version__} {platform.python_version()} {cpu}".encode())
    return h.hexdigest()[:16]


def prepare_cache() -> Path:
    """Choose the folder for machine code and tell numba of it; returns the folder.

    BADIA_KERNEL_CACHE, where set, is tried first; see `cache_folder`.
    """
    name = sources_digest(Path(__file__).parent)
    folder = cache_folder("BADIA_KERNEL_CACHE", f"kernels/{name}")
    os.environ["NUMBA_CACHE_DIR"] = str(folder)
    numba.config.CACHE_DIR = str(folder)
    return folder


def kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a loop over runs; it lets go of Python's lock, so threads run batches side by side.

    Not `parallel=True`, for three measured reasons (docs/design.md, "Threads"): numba 0.68 drops
    writes to arrays that came in a named tuple, compiles several times longer, and its workqueue
    layer aborts the process when two threads meet.  `.py_func` is the plain function.
    """
    made = numba.njit(cache=True, nogil=True, no_cfunc_wrapper=True, error_model="numpy")(function)
    return _with_cache(made, _Kept)


def inner(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function that only kernels call; Python cannot call it, save as `.py_func`.

    Without the entrances for Python and C, which unpack every array of a state for nothing, a
    kernel with a few such helpers compiles in about 60 % of the time.

    It may neither make an array, nor return one, nor call what returns one (`maker` may): it is
    compiled without counting references, which took a twentieth of a day.
    """
    return _with_cache(numba.njit(_nrt=False, **_INNER)(function), _Ours)


def maker(function: Callable[..., Any]) -> Callable[..., Any]:
    """As `inner`, for a function that makes arrays or lists, or is handed some it must let go."""
    return _with_cache(numba.njit(**_INNER)(function), _Ours)


def _with_cache(made: Any, cache: type[FunctionCache]) -> Any:
    if numba.__version__.startswith(KNOWN):
        made._cache = cache(made.py_func)
    return made


@cache
def _count_from_the_front() -> None:
    """Let the kernels take every index as it is; called before the first of them is compiled.

    In Python -1 is the last place, so numba asks of each signed index whether it is below zero.  No
    kernel counts from the end (a test runs them with their bounds checked), and not to ask saves a
    tenth of a day.  Everybody else's functions are compiled as ever.
    """
    from numba.core import types
    from numba.np import arrayobj

    usual = arrayobj.fix_integer_index

    def fix(context: Any, builder: Any, kind: Any, index: Any, size: Any) -> Any:
        if builder.function.name.startswith(OURS):
            return context.cast(builder, index, kind, types.intp if kind.signed else types.uintp)
        return usual(context, builder, kind, index, size)

    arrayobj.fix_integer_index = fix


class _Alone(CompileResultCacheImpl):
    """Keeps the machine code of a kernel without its bitcode.

    Bitcode is for callers to inline, and nothing compiled calls a kernel.  To read that of a day's
    kernels takes a quarter of a second; the engine wants to know only which names there are.
    """

    def reduce(self, cres: Any) -> Any:
        """What goes to disk."""
        (name, kind, (code, _)), *rest = super().reduce(cres)
        module = cres.library._get_module_for_linking()
        names = sorted(
            one.name
            for all_of_them in (module.functions, module.global_variables)
            for one in all_of_them
            if not one.is_declaration
        )
        return ((name, kind, (code, names)), *rest)

    def rebuild(self, target_context: Any, payload: Any) -> Any:
        """What comes back, beside a module with nothing in it."""
        (name, kind, (code, names)), *rest = payload
        target_context.codegen()._engine._defined_symbols.update(names)
        empty = llvm.parse_assembly("").as_bitcode()
        return super().rebuild(target_context, ((name, kind, (code, empty)), *rest))


class _Ours(FunctionCache):
    """Machine code of the project's own functions; what is not there is about to be compiled."""

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """The compiled function for a signature, none if it is not on disk."""
        found = self._on_disk(sig, target_context)
        if found is None:
            _count_from_the_front()
        return found

    def _on_disk(self, sig: Any, target_context: Any) -> Any:
        return super().load_overload(sig, target_context)


class _Kept(_Ours):
    """Brings machine code back without preparing numba for a compilation.

    Numba would first load all that it can compile, SciPy among it, 0.4 s; where something is to be
    compiled its compiler does so itself.
    """

    _impl_class: Any = _Alone

    def _on_disk(self, sig: Any, target_context: Any) -> Any:
        rtsys.initialize(target_context)
        with self._guard_against_spurious_io_errors():
            return self._load_overload(sig, target_context)
