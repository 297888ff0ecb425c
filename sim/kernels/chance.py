"""The scalar draw: keyed, counter-based chance for compiled loops.

A draw is looked up by name, never taken in turn.  A key is folded word by word: seed, run, day,
mechanism, place, faction, slot.  Each fold is one SplitMix64 step (Steele, Lea & Flood 2014, with
Stafford's mix 13 as finaliser), so that two keys that differ in any word give unrelated draws.
`sim/chance.py` holds the same function over arrays; a test holds the two equal.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
MIX1 = np.uint64(0xBF58476D1CE4E5B9)
MIX2 = np.uint64(0x94D049BB133111EB)
S27, S30, S31, S12 = np.uint64(27), np.uint64(30), np.uint64(31), np.uint64(12)
TO_UNIT = 2.0**-52  # 52 bits and a half step: exact, so never rounded up to 1


@njit(cache=True, inline="always")
def fold(key, word):
    """Fold one 64-bit word of a name into a key; uint64 in, uint64 out."""
    z = (key ^ np.uint64(word)) + GOLDEN
    z = (z ^ (z >> S30)) * MIX1
    z = (z ^ (z >> S27)) * MIX2
    return z ^ (z >> S31)


@njit(cache=True, inline="always")
def uniform(key):
    """A draw in (0, 1), never 0 or 1, from a finished key."""
    return (np.float64(fold(key, np.uint64(0)) >> S12) + 0.5) * TO_UNIT


@njit(cache=True, inline="always")
def round_by_chance(expected, key):
    """Round a number of persons up or down so that its mean is kept; int64."""
    whole = math.floor(expected)
    return np.int64(whole) + np.int64(uniform(key) < expected - whole)
