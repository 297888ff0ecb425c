"""Compiled loops over plain arrays.  They import numpy and numba only.

Importing this package first points numba's cache at a folder named after the sources it holds:
numba itself does not notice an edit in a called file and would bring old results back.
"""

from sim.kernels.compiler import kernel, prepare_cache

CACHE = prepare_cache()

__all__ = ["CACHE", "kernel"]
