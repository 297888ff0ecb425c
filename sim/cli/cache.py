"""Whether the kernels have been compiled on this machine."""

from __future__ import annotations

from pathlib import Path


def kernel_folder() -> Path:
    """Where this version's machine code is kept."""
    from sim.kernels import CACHE

    return CACHE


def compiled_kernels() -> int:
    """How many compiled functions lie in the cache; 0 means that the next run compiles them."""
    return sum(1 for _ in kernel_folder().rglob("*.nbc"))
