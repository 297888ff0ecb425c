"""The muster roll: an index of where people are, so that loops pass over people, not empty ground.

A roll lists the pairs (cell, faction) that have people, as cell << 5 | faction, ascending.  Those
who come into a cell where their faction had nobody are added at its end; `call` sorts them in.  A
pair whose people have left stays until the next count, so readers pass over zeros.  A roll that is
not known (its first count is negative) is made from the array of people itself.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from sim.kernels.compiler import inner

SHIFT, FACTION, CELLS = 5, 31, 2**26 - 1  # `cell_of(pair)` and pair & FACTION


@njit(cache=True, inline="always")
def cell_of(pair):
    """The cell of a pair; the mask lets the compiler know that it is no negative index."""
    return pair >> SHIFT & CELLS


@inner
def arrive(c, f, n, people, roll, count):
    """Add n of faction f's people to cell c; all of one run.

    people  (C, F)  int32  fighters or covert members
    roll    (M,)    int32  their roll
    count   (2,)    int32  pairs in order, and pairs added since; the first is -1 if not known
    """
    if n > 0 and people[c, f] == 0 and count[0] >= 0:
        end = count[0] + count[1]
        if end < len(roll):
            roll[end] = c << SHIFT | f
            count[1] += 1
        else:
            count[0] = -1
    people[c, f] += n


@inner
def call(people, roll, count):
    """Put a roll in order; returns how many pairs it has.  Arguments as in `arrive`."""
    n, added = count[0], count[1]
    if n < 0:
        n = 0
        for c in range(people.shape[0]):
            for f in range(people.shape[1]):
                if people[c, f] > 0:
                    roll[n] = c << SHIFT | f
                    n += 1
    elif added > 0:
        n = _merge(roll, n, np.sort(roll[n : n + added]))
    count[0], count[1] = n, 0
    return n


@inner
def _merge(roll, n, fresh):
    """Sort the pairs `fresh`, ascending, into the first n of a roll; returns how many there are."""
    old = roll[:n].copy()
    i, total = 0, 0
    for pair in fresh:
        while i < n and old[i] < pair:
            roll[total] = old[i]
            i += 1
            total += 1
        if i < n and old[i] == pair:
            i += 1
        if total == 0 or roll[total - 1] != pair:
            roll[total] = pair
            total += 1
    for k in range(i, n):
        roll[total + k - i] = old[k]
    return total + n - i
