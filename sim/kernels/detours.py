"""Shortest ways that are kept from day to day: only what a change of ground touches is traced anew.

After Ramalingam & Reps (1996).  Where ground was lost, the ways that led over it are struck out, in
the order of their length: a way stands as long as some neighbour's way and the step from there are
exactly as long.  Then what was struck out, and what was won, is traced from its rim.  Costs are
whole numbers, so the ways are exactly those that tracing everything from zero would find.
"""

from __future__ import annotations

import heapq

import numpy as np

from sim.kernels.codes import CLOSED
from sim.kernels.compiler import inner, maker
from sim.kernels.front import friends
from sim.kernels.ways import FAR, flood

CELLS = 2**24  # more than a mesh has; a heap's entry is cost x CELLS + cell


@maker
def anew(
    f, holder, stance, start, indptr, indices, travel, crossing, shift, way, passable, entry_cell,
    entry_next,
):  # fmt: skip
    """Trace the ways of faction f from nothing; arguments as in `reroute` and `ways.flood`."""
    begin = np.empty(len(way), np.int64)
    n = 0
    for c in range(len(way)):
        passable[c] = friends(stance, f, holder[c])
        way[c] = start[c] if passable[c] else FAR
        begin[n] = c
        n += way[c] < FAR
    flood(
        passable, indptr, indices, travel, crossing, shift, begin[:n], way, entry_cell, entry_next
    )


@maker
def reroute(f, holder, stance, start, indptr, indices, travel, crossing, changed, way, passable):
    """Make the ways of faction f those of today's ground; returns a list of the cells it touched.

    start     (C,)  int32  cost with which a way may begin in a cell; FAR where none begins
    travel    (E,)  int32  cost of a step, at least 1, the same in both directions
    changed   cells whose holder may have changed, each once
    way       (C,)  int32  cost of the cheapest way to the cell, FAR where none leads; overwritten
    passable  (C,)  bool   ground over which `way` was traced; overwritten

    Starts may differ from those of the last time only where ground became passable or ceased to be.
    """
    entries = [np.int64(0)]
    entries.clear()
    touched = [c for c in changed if friends(stance, f, holder[c]) != passable[c]]
    for c in touched:
        passable[c] = not passable[c]

    for c in touched:  # ways that led over lost ground are in doubt
        if passable[c] or way[c] == FAR:
            continue
        doubt(c, indptr, indices, travel, crossing, way, passable, entries)
    for c in touched:
        way[c] = FAR
    while len(entries) > 0:
        entry = heapq.heappop(entries)
        c = entry % CELLS
        if way[c] != entry // CELLS or stands(
            c, start, indptr, indices, travel, crossing, way, passable
        ):
            continue
        doubt(c, indptr, indices, travel, crossing, way, passable, entries)
        way[c] = FAR
        touched.append(c)

    for c in touched:  # trace from the rim
        if not passable[c]:
            continue
        best = np.int64(start[c])
        for e in range(indptr[c], indptr[c + 1]):
            j = indices[e]
            if passable[j] and crossing[e] != CLOSED and way[j] != FAR:
                best = min(best, np.int64(way[j]) + travel[e])
        if best < FAR:
            way[c] = best
            heapq.heappush(entries, best * CELLS + c)
    while len(entries) > 0:
        entry = heapq.heappop(entries)
        c = entry % CELLS
        if way[c] != entry // CELLS:
            continue  # a shorter way was found meanwhile
        for e in range(indptr[c], indptr[c + 1]):
            j = indices[e]
            if passable[j] and crossing[e] != CLOSED and way[c] + travel[e] < way[j]:
                way[j] = way[c] + travel[e]
                touched.append(j)
                heapq.heappush(entries, np.int64(way[j]) * CELLS + j)
    return touched


@maker
def doubt(c, indptr, indices, travel, crossing, way, passable, entries):
    """Push the neighbours whose way may come from c."""
    for e in range(indptr[c], indptr[c + 1]):
        j = indices[e]
        if passable[j] and crossing[e] != CLOSED and way[j] == way[c] + travel[e]:
            heapq.heappush(entries, np.int64(way[j]) * CELLS + j)


@inner
def stands(c, start, indptr, indices, travel, crossing, way, passable):
    """Whether a way to c still begins there or comes from a neighbour whose own way stands."""
    if start[c] == way[c]:
        return True
    for e in range(indptr[c], indptr[c + 1]):
        j = indices[e]
        if passable[j] and crossing[e] != CLOSED and way[j] != FAR and way[j] + travel[e] == way[c]:
            return True
    return False
