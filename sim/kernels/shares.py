"""Sharing out whole persons."""

from __future__ import annotations

import math

import numpy as np
from numba import njit


@njit(cache=True, error_model="numpy")
def portion(total, before, after, start):
    """Whole persons out of `total` for the slice before..after of a share that runs from 0 to 1.

    Systematic rounding: slices that cover 0 to 1 with one start in (0, 1) add up to total, each
    within one person of its expectation and equal to it in the mean.
    """
    low = min(
        total, np.int64(math.floor(total * before + start))
    )  # a sum may round up to total + 1
    return min(total, np.int64(math.floor(total * after + start))) - low
