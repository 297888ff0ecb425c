"""The scalar draw: keyed, counter-based chance for compiled loops.

A draw is looked up by name, never taken in turn.  A key is folded word by word: seed, run, day,
mechanism, place, faction, slot.  Each fold is one SplitMix64 step (Steele, Lea & Flood 2014, with
Stafford's mix 13 as finaliser), so that two keys that differ in any word give unrelated draws.
`sim/chance.py` holds the same function over arrays; a test holds the two equal.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numba import njit

from sim.kernels.compiler import inner, maker

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
    return round_by_draw(expected, uniform(key))


@njit(cache=True, inline="always")
def round_by_draw(expected, draw):
    """As `round_by_chance`, where the draw has been made."""
    whole = math.floor(expected)
    return np.int64(whole) + np.int64(draw < expected - whole)


class Lots(NamedTuple):
    """A list of decisions whose draws are made together, n places.

    place, faction  (n,)  int32    where, and about whom
    expected        (n,)  float64  how many persons it will be, in the mean
    key, name       (n,)  uint64   the places' and the factions' stable names; `draw` folds the
                                   run's key into `key`
    drawn           (n,)  float64
    """

    place: Any
    faction: Any
    expected: Any
    key: Any
    name: Any
    drawn: Any


@maker
def room_for_lots(n):
    """`Lots` with n places, to be written before they are read."""
    return Lots(
        np.empty(n, np.int32), np.empty(n, np.int32), np.empty(n), np.empty(n, np.uint64),
        np.empty(n, np.uint64), np.empty(n),
    )  # fmt: skip


@inner
def put(lots, i, place, faction, place_key, faction_key, expected):
    """Write down one decision as the i-th."""
    lots.place[i], lots.faction[i], lots.expected[i] = place, faction, expected
    lots.key[i], lots.name[i] = place_key, faction_key


@inner
def draw(lots, count, run_key):
    """Draw `uniform` of run, place and faction for the first `count` decisions.

    In such a loop the processor works on several draws at a time, as it cannot among decisions.
    """
    for i in range(count):
        lots.key[i] = fold(fold(run_key, lots.key[i]), lots.name[i])
        lots.drawn[i] = uniform(lots.key[i])


@inner
def draw_slot(lots, count, run_key, slot):
    """As `draw`, of run, place, faction and slot; `key` is left without the slot."""
    for i in range(count):
        lots.key[i] = fold(fold(run_key, lots.key[i]), lots.name[i])
        lots.drawn[i] = uniform(fold(lots.key[i], slot))
