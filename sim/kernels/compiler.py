"""How kernels are compiled, and where the machine code is kept."""

from __future__ import annotations

import hashlib
import os
import platform
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sim.cache import cache_folder


def sources_digest(folder: Path) -> str:
    """A hash of the kernel sources, numba's version, Python's, and the target processor."""
    import numba

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
    import numba

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
    from numba import njit

    return njit(cache=True, nogil=True, no_cfunc_wrapper=True)(function)


def inner(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function that only kernels call; Python cannot call it, save as `.py_func`.

    Without the entrances for Python and C, which unpack every array of a state for nothing, a
    kernel with a few such helpers compiles in about 60 % of the time.
    """
    from numba import njit

    return njit(cache=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)(function)
