"""Shortest ways over friendly ground, by buckets (Dial 1969): costs are whole numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.kernels.codes import CLOSED
from sim.kernels.compiler import inner, maker
from sim.kernels.front import friends

FAR = np.int32(2**31 - 1)


def bucket_width(travel: Any) -> int:
    """By how many bits a cost is shifted to give the number of its bucket; for Python.

    A bucket is no wider than the shortest way between neighbours: so no cell in it brings another
    one in it nearer, and they may be taken in any order (Denardo & Fox 1979).
    """
    return int(travel.min(initial=FAR)).bit_length() - 1


@maker
def spread(
    holder, stance, indptr, indices, travel, crossing, shift, farthest, begin, begun, cost,
    entry_cell, entry_next,
):  # fmt: skip
    """Follow the cheapest ways that lead out of some cells.

    Each cell's holder looks for itself: a way leads from c to j if j's holder is welcome on c.

    shift     from `bucket_width`
    farthest  ways dearer than this are not followed
    begin     (C,)  int32  the first `begun` are the held cells in which ways begin, each once
    cost      (C,)  int32  tenths of road-equivalent km with which ways begin there, at most
              `farthest`; farthest + 1 elsewhere.  Overwritten: the cheapest way to each cell
    entry_cell, entry_next  (C + E,)  int32  room to work in: linked lists, one for each bucket

    The work grows with the ground that is reached, not with the mesh.  Cells and edges are counted
    without sign: numba then need not ask of each whether it counts from the end.
    """
    head = np.full((farthest >> shift) + 1, -1, np.int32)
    for i in range(begun):
        b = cost[begin[i]] >> shift
        entry_cell[i] = begin[i]
        entry_next[i] = head[b]
        head[b] = i
    entries = begun
    for b in range(np.uint32(len(head))):
        while head[b] >= 0:
            k = np.uint32(head[b])
            head[b] = entry_next[k]
            c = np.uint32(entry_cell[k])
            ground, way_here = holder[c], cost[c]
            if way_here >> shift != np.int64(b):  # else both are made floats
                continue  # a shorter way was found meanwhile
            for e in range(np.uint32(indptr[c]), np.uint32(indptr[c + 1])):
                j = np.uint32(indices[e])
                way = way_here + travel[e]
                if way >= cost[j] or crossing[e] == CLOSED:
                    continue
                if holder[j] != ground and not friends(stance, holder[j], ground):
                    continue
                cost[j] = way
                to = np.uint32(way >> shift)
                entry_cell[entries] = j
                entry_next[entries] = head[to]
                head[to] = entries
                entries += 1


@maker
def flood(passable, indptr, indices, travel, crossing, shift, begin, cost, entry_cell, entry_next):
    """Follow the cheapest ways over passable ground that lead out of some cells, however far.

    passable  (C,)  bool
    shift     from `bucket_width`
    begin     cells in which ways begin, each once
    cost      (C,)  int32  cost with which ways begin there, FAR elsewhere.  Overwritten: the
              cheapest way to each cell
    entry_cell, entry_next  as in `spread`

    Only as many buckets as the longest step spans are in use at a time; they are taken in turn.
    """
    longest = 0
    for way in travel:
        longest = max(longest, way)
    head = np.full((longest >> shift) + 2, -1, np.int32)
    order = begin[np.argsort(cost[begin], kind="mergesort")]
    begun, entries, waiting, b = 0, 0, 0, 0
    while waiting > 0 or begun < len(order):
        if waiting == 0:
            b = cost[order[begun]] >> shift
        slot = b % len(head)
        while begun < len(order) and cost[order[begun]] >> shift <= b:
            if cost[order[begun]] >> shift == b:  # else a shorter way was found meanwhile
                entry_cell[entries] = order[begun]
                entry_next[entries] = head[slot]
                head[slot] = entries
                entries += 1
                waiting += 1
            begun += 1
        while head[slot] >= 0:
            k = head[slot]
            head[slot] = entry_next[k]
            waiting -= 1
            c = entry_cell[k]
            if cost[c] >> shift != b:
                continue  # a shorter way was found meanwhile
            for e in range(indptr[c], indptr[c + 1]):
                j, way = indices[e], cost[c] + travel[e]
                if way < cost[j] and passable[j] and crossing[e] != CLOSED:
                    cost[j] = way
                    to = slot + (way >> shift) - b
                    to -= len(head) if to >= len(head) else 0
                    entry_cell[entries] = j
                    entry_next[entries] = head[to]
                    head[to] = entries
                    entries += 1
                    waiting += 1
        b += 1


@inner
def edge_back(c, holder, stance, indptr, indices, travel, crossing, cost):
    """The edge from c to the cell before it on its way, of equally cheap ones the first; else -1.

    cost  (C,)  int32  from `spread`; c is not a cell in which its way begins

    Few ways are ever walked, so none is written down: the cell before is one whose own cost and the
    way from it, which is as long in both directions, make up the cost of c.
    """
    for e in range(indptr[c], indptr[c + 1]):
        j = indices[e]
        if cost[j] >= cost[c] or cost[j] + travel[e] != cost[c] or crossing[e] == CLOSED:
            continue
        if friends(stance, holder[c], holder[j]):
            return e
    return -1
