"""The cheapest ways over friendly ground, beside ways that are relaxed until nothing changes."""

from __future__ import annotations

import numba
import numpy as np
import pytest

from sim.kernels import ways
from tests.reference.front import ways as around
from tests.reference.front import welcome
from tests.unit.kernels.busy import busy_world

FAR = int(ways.FAR)
FARTHEST = 700
pytestmark = pytest.mark.slow  # what only kernels call is compiled for these tests


@numba.njit
def travelled(holder, stance, indptr, indices, travel, crossing, farthest, begin, cost):
    """`cost`, filled, and for each cell that was reached the edge back; else -1."""
    room = len(cost) + len(indices)
    entry_cell, entry_next = np.empty(room, np.int32), np.empty(room, np.int32)
    shift = ways.bucket_width(travel)
    start = cost.copy()
    ways.spread(
        holder, stance, indptr, indices, travel, crossing, shift, farthest, begin, len(begin),
        cost, entry_cell, entry_next,
    )  # fmt: skip
    back = np.full(len(cost), -1)
    for c in range(len(cost)):
        if cost[c] < start[c]:
            back[c] = ways.edge_back(c, holder, stance, indptr, indices, travel, crossing, cost)
    return back


def relaxed(state, mesh, start):
    """The same by the definition: a way is as cheap as the cheapest to a cell before, and on."""
    cost, better = list(start), True
    while better:
        better = False
        for c in range(len(cost)):
            for j, e in around(mesh, c):
                way = cost[c] + int(mesh.travel[e])
                free = welcome(state, 0, int(state.holder[0, j]), int(state.holder[0, c]))
                if way < cost[j] and way <= FARTHEST and free:
                    cost[j], better = way, True
    return cost


@pytest.mark.parametrize("longer", [0, 1, 20, 150])
@pytest.mark.parametrize("seed", range(10))
def test_ways_are_the_cheapest_and_lead_back_over_the_first_of_equals(seed, longer):
    """Whatever the shortest edge is, which sets how wide the buckets are; with many ties."""
    world = busy_world(seed)
    rng = np.random.default_rng(seed)
    mesh, state = world.world.mesh, world.state
    mesh = mesh._replace(travel=(mesh.travel // 100 * 100 + 1 + longer).astype(np.int32))
    cells = len(mesh.area)
    held = np.flatnonzero(state.holder[0] >= 0)
    begin = rng.choice(held, min(len(held), int(rng.integers(1, 6))), replace=False)
    begin = begin.astype(np.int32)
    start = np.full(cells, FAR, np.int32)
    start[begin] = rng.integers(0, FARTHEST + 1, len(begin))
    cost = start.copy()
    back = travelled(
        state.holder[0], state.stance[0], mesh.indptr, mesh.indices, mesh.travel, mesh.crossing,
        FARTHEST, begin, cost,
    )  # fmt: skip
    assert cost.tolist() == relaxed(state, mesh, start.tolist())
    for c in range(cells):
        before = [
            j
            for j, e in around(mesh, c)
            if int(cost[j]) + int(mesh.travel[e]) == cost[c] < start[c]
            and welcome(state, 0, int(state.holder[0, c]), int(state.holder[0, j]))
        ]
        assert (mesh.indices[back[c]] if back[c] >= 0 else None) == min(before, default=None)
