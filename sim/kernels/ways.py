"""Shortest ways over friendly ground, by Dial's buckets (Dial 1969): costs are whole numbers."""

from __future__ import annotations

import numpy as np

from sim.kernels.codes import CLOSED
from sim.kernels.compiler import inner
from sim.kernels.front import friends

FAR = np.int32(2**31 - 1)


@inner
def spread(holder, stance, f, mesh, start, farthest, cost, previous, edge):
    """Fill the cheapest ways that lead out of the cells with a start.

    f         faction on whose and whose friends' ground the way leads; if negative, each cell's
              holder looks for itself: a way leads from c to j if j's holder is welcome on c
    start     (C,)  int32  cost with which a way may begin in a cell; FAR where none begins
    farthest  ways dearer than this are not followed; below FAR less the dearest edge
    cost      (C,)  int32  overwritten: tenths of road-equivalent km; FAR where no way leads
    previous  (C,)  int32  overwritten: the cell before this one on its way; -1 where it begins
    edge      (C,)  int32  overwritten: the edge from there

    Of equally cheap ways the one from the cell that comes first in the mesh.
    """
    widest = np.int32(0)
    for c in range(len(start)):
        cost[c] = start[c]
        previous[c] = -1
        edge[c] = -1
        if start[c] != FAR:
            widest = max(widest, start[c])
    for e in range(len(mesh.travel)):
        widest = max(widest, mesh.travel[e])
    buckets = widest + 1
    head = np.full(buckets, -1, np.int32)
    room = len(mesh.indices) + len(start)
    entry_cell = np.empty(room, np.int32)
    entry_next = np.empty(room, np.int32)
    entries = 0
    waiting = 0
    for c in range(len(start)):
        if start[c] != FAR and start[c] <= farthest:
            entry_cell[entries] = c
            entry_next[entries] = head[start[c]]
            head[start[c]] = entries
            entries += 1
            waiting += 1
    d = np.int32(0)
    while waiting:
        b = d % buckets
        while head[b] >= 0:
            k = head[b]
            head[b] = entry_next[k]
            waiting -= 1
            c = entry_cell[k]
            if cost[c] != d:
                continue  # a shorter way was found meanwhile
            for e in range(mesh.indptr[c], mesh.indptr[c + 1]):
                j = mesh.indices[e]
                way = d + mesh.travel[e]
                if way > cost[j] or way > farthest or mesh.crossing[e] == CLOSED:
                    continue
                who, ground = (f, holder[j]) if f >= 0 else (holder[j], holder[c])
                if not friends(stance, who, ground):
                    continue
                if way < cost[j]:
                    cost[j] = way
                    previous[j] = c
                    edge[j] = e
                    entry_cell[entries] = j
                    entry_next[entries] = head[way % buckets]
                    head[way % buckets] = entries
                    entries += 1
                    waiting += 1
                elif 0 <= c < previous[j]:
                    previous[j] = c
                    edge[j] = e
        d += 1
