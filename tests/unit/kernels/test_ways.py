"""The cheapest ways over friendly ground, beside those of plainer ways to find them."""

from __future__ import annotations

import heapq
from dataclasses import replace

import numba
import numpy as np
import pytest

from sim.kernels import detours, ways
from sim.kernels.codes import CLOSED
from tests.reference.front import ways as around
from tests.reference.front import welcome
from tests.unit.kernels.busy import busy_world

FAR = int(ways.FAR)
FARTHEST = 700
pytestmark = pytest.mark.slow  # what only kernels call is compiled for these tests


@numba.njit
def travelled(
    holder, stance, indptr, indices, travel, crossing, shift, farthest, begin, cost
):  # fmt: skip
    """`cost`, filled, and for each cell that was reached the edge back; else -1."""
    room = len(cost) + len(indices)
    entry_cell, entry_next = np.empty(room, np.int32), np.empty(room, np.int32)
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
    mesh = replace(mesh, travel=(mesh.travel // 100 * 100 + 1 + longer).astype(np.int32))
    cells = len(mesh.area)
    held = np.flatnonzero(state.holder[0] >= 0)
    begin = rng.choice(held, min(len(held), int(rng.integers(1, 6))), replace=False)
    begin = begin.astype(np.int32)
    start = np.full(cells, FARTHEST + 1, np.int32)
    start[begin] = rng.integers(0, FARTHEST + 1, len(begin))
    cost = start.copy()
    back = travelled(
        state.holder[0], state.stance[0], mesh.indptr, mesh.indices, mesh.travel, mesh.crossing,
        ways.bucket_width(mesh.travel), FARTHEST, begin, cost,
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


@numba.njit
def flooded(passable, indptr, indices, travel, crossing, shift, begin, cost):
    """`cost`, filled."""
    room = len(cost) + len(indices)
    entry_cell, entry_next = np.empty(room, np.int32), np.empty(room, np.int32)
    ways.flood(
        passable, indptr, indices, travel, crossing, shift, begin, cost, entry_cell, entry_next
    )  # fmt: skip


@numba.njit
def rerouted(f, holder, stance, start, indptr, indices, travel, crossing, changed, way, passable):
    """`way` and `passable`, mended; the cells that were touched, as an array."""
    touched = detours.reroute(
        f, holder, stance, start, indptr, indices, travel, crossing, changed, way, passable
    )
    return np.array(touched)


@numba.njit
def traced(
    f, holder, stance, start, indptr, indices, travel, crossing, shift, way, passable
):  # fmt: skip
    """`way` and `passable`, made from nothing."""
    room = len(way) + len(indices)
    entry_cell, entry_next = np.empty(room, np.int32), np.empty(room, np.int32)
    detours.anew(
        f, holder, stance, start, indptr, indices, travel, crossing, shift, way, passable,
        entry_cell, entry_next,
    )  # fmt: skip


def dijkstra(passable, mesh, start):
    """The cost of the cheapest way to each cell, by a heap; FAR where none leads."""
    found = [FAR] * len(start)
    queue = [(int(cost), c) for c, cost in enumerate(start) if cost < FAR]
    heapq.heapify(queue)
    while queue:
        cost, c = heapq.heappop(queue)
        if found[c] <= cost:
            continue
        found[c] = cost
        for e in range(mesh.indptr[c], mesh.indptr[c + 1]):
            j = int(mesh.indices[e])
            if passable[j] and mesh.crossing[e] != CLOSED:
                heapq.heappush(queue, (cost + int(mesh.travel[e]), j))
    return found


def uneven_ground(seed):
    """A mesh whose steps are 1, or 6 to 400 times 1 to some hundred tenths long; with many ties."""
    rng = np.random.default_rng(seed)
    mesh = busy_world(seed).world.mesh
    least = (0, 5, 40, 399)[seed % 4]
    step = (1, 7, 100)[seed % 3]
    return rng, replace(mesh, travel=(mesh.travel // step * step + 1 + least).astype(np.int32))


@pytest.mark.parametrize("seed", range(60))
def test_a_flood_finds_the_ways_of_dijkstra_on_any_ground(seed):
    """From no source, one or many, near or dear, and beyond ways that are far apart in cost."""
    rng, mesh = uneven_ground(seed)
    cells = len(mesh.area)
    passable = rng.random(cells) < rng.choice([0.3, 0.7, 1.0])
    free = np.flatnonzero(passable)
    begin = rng.choice(free, rng.integers(0, len(free) + 1) // (1, 4)[seed % 2], replace=False)
    cost = np.full(cells, FAR, np.int32)
    cost[begin] = rng.integers(0, (1, 50, 1000, 100_000)[rng.integers(4)], len(begin))
    wanted = dijkstra(passable, mesh, cost)
    shift = ways.bucket_width(mesh.travel)
    flooded(passable, mesh.indptr, mesh.indices, mesh.travel, mesh.crossing, shift, begin, cost)
    assert cost.tolist() == wanted


@pytest.mark.parametrize("seed", range(40))
def test_ways_that_are_mended_are_those_that_are_traced_anew(seed):
    """Day after day, whether a cell or half the map changes hands; all that changed is told."""
    rng, mesh = uneven_ground(seed)
    world = busy_world(seed)
    stance, holder = world.state.stance[0], world.state.holder[0].copy()
    cells, f = len(holder), int(rng.integers(4))
    graph = (mesh.indptr, mesh.indices, mesh.travel, mesh.crossing)
    shift = ways.bucket_width(mesh.travel)
    source = rng.choice(cells, int(rng.integers(1, 6)), replace=False)
    head_start = rng.integers(0, 900, len(source))

    def starts():
        """Sources count where their ground is friendly."""
        start = np.full(cells, FAR, np.int32)
        own = [welcome(world.state, 0, f, int(holder[c])) for c in source]
        start[source[own]] = head_start[own]
        return start

    way, passable = np.full(cells, 77, np.int32), np.ones(cells, np.bool_)
    traced(f, holder, stance, starts(), *graph, shift, way, passable)
    for _ in range(15):
        before, old = holder.copy(), way.copy()
        some = rng.choice(cells, rng.choice([1, 3, cells // 2]), replace=False)
        holder[some] = rng.integers(-1, 4, len(some))
        changed = np.flatnonzero(holder != before).astype(np.int32)
        touched = rerouted(f, holder, stance, starts(), *graph, changed, way, passable)
        fresh, ground = np.empty(cells, np.int32), np.empty(cells, np.bool_)
        traced(f, holder, stance, starts(), *graph, shift, fresh, ground)
        np.testing.assert_array_equal(ground, passable)
        np.testing.assert_array_equal(way, fresh)
        assert fresh.tolist() == dijkstra(passable, mesh, starts())
        assert set(np.flatnonzero(way != old)) <= {*touched.tolist()}
