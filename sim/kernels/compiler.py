"""How kernels are compiled, where the machine code is kept, and who may run it at once."""

from __future__ import annotations

import functools
import hashlib
import os
import platform
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

_lock = threading.RLock()


def sources_digest(folder: Path) -> str:
    """A hash of every kernel source, numba's version, Python's and the processor it compiles for."""
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
    stop a run).  NUMBA_CACHE_DIR, where set, is taken as the parent.
    """
    import numba

    name = sources_digest(Path(__file__).parent)
    home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    asked = os.environ.get("BADIA_KERNEL_CACHE")
    candidates = [Path(asked)] if asked else []
    candidates += [Path(home) / "badia", Path(tempfile.gettempdir()) / f"badia-{os.getuid()}"]
    for parent in candidates:
        folder = parent / "kernels" / name
        try:
            folder.mkdir(parents=True, exist_ok=True)
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


def _threads_may_meet() -> bool:
    """Whether the threading layer lets two threads run parallel code at once (workqueue aborts)."""
    import numba

    try:
        return numba.threading_layer() in ("omp", "tbb")
    except ValueError:  # no parallel kernel has run yet, so the layer is not known
        return False


def kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a loop, parallel over runs, and guard it where threads must not meet.

    `.py_func` is the function itself; the first call compiles it or reads it from the cache.
    """
    from numba import njit

    compiled = njit(parallel=True, cache=True)(function)

    @functools.wraps(function)
    def call(*args: Any) -> Any:
        if _threads_may_meet():
            return compiled(*args)
        with _lock:
            return compiled(*args)

    call.py_func = function  # type: ignore[attr-defined]
    call.compiled = compiled  # type: ignore[attr-defined]
    return call
