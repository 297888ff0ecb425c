"""How kernels are compiled, and where the machine code is kept."""

from __future__ import annotations

import getpass
import hashlib
import os
import platform
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any


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

    The user's cache folder if it can be written, else a temporary one (a read-only home must not
    stop a run).  BADIA_KERNEL_CACHE, where set, is tried first.  A folder that belongs to somebody
    else is never used: what lies there would be run.
    """
    import numba

    name = sources_digest(Path(__file__).parent)
    owner = str(os.getuid()) if hasattr(os, "getuid") else getpass.getuser()
    home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    asked = os.environ.get("BADIA_KERNEL_CACHE")
    candidates = [Path(asked)] if asked else []
    candidates += [Path(home) / "badia", Path(tempfile.gettempdir()) / f"badia-{owner}"]
    for parent in candidates:
        folder = parent / "kernels" / name
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if hasattr(os, "getuid") and folder.stat().st_uid != os.getuid():
                continue
            with tempfile.TemporaryFile(dir=folder):
                pass
        except OSError:
            continue
        break
    else:
        folder = Path(tempfile.mkdtemp(prefix="badia-kernels-"))
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
