"""Campaigns over areas, all those of one kind side by side, so that one call carries them out."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from sim.kernels.compiler import maker


class Campaigns(NamedTuple):
    """All campaigns of one kind, in the order of the calendar; N of them, n cells in all.

    event      (N,)    int64    index of the event
    key        (N,)    uint64   its stable name
    faction    (N,)    int64    whose campaign
    other      (N,)    int64    against whom; -1 any
    intensity  (N,)    float64
    start      (N+1,)  int64    cells of campaign i are cells[start[i]:start[i+1]], ascending
    cells      (n,)    int32
    weights    (n,)    float64  0 to 1
    """

    event: Any
    key: Any
    faction: Any
    other: Any
    intensity: Any
    start: Any
    cells: Any
    weights: Any


@maker
def weights_by_cell(start, cells, weights, count):
    """The weight of every campaign in every one of `count` cells, 0 outside its area; (N, C)."""
    dense = np.zeros((len(start) - 1, count))
    for i in range(len(dense)):
        for k in range(start[i], start[i + 1]):
            dense[i, cells[k]] = weights[k]
    return dense
