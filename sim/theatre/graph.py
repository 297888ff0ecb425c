"""From cells and borders to a mesh: neighbours in both directions, costs of ways, reach.

Only sums, products, square roots and comparisons, so a mesh has the same bits on every machine.
C cells, U undirected pairs, E = 2 U directed pairs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.theatre.mesh import REACH_KM, Crossing, Mesh, Road, Terrain

Array = NDArray[Any]

# What a km of open ground costs in km of good road; assumed, in the order of march rates.
OFF_ROAD = {
    Terrain.DESERT: 2.0, Terrain.STEPPE: 1.8, Terrain.VALLEY: 2.0, Terrain.MOUNTAIN: 3.5,
    Terrain.URBAN: 1.6, Terrain.LAVA: 6.0,
}  # fmt: skip
ON_ROAD = {Road.SECONDARY: 1.3, Road.TRUNK: 1.0}
HILLY = {Terrain.MOUNTAIN: 1.3, Terrain.LAVA: 1.5, Terrain.URBAN: 1.1}  # what they do to a road
BRIDGE_KM = 8.0  # a damaged bridge, a pontoon or boats, in km of good road
STREAM_KM = 1.5  # the Khabur or the Orontes, with its many small bridges


@dataclass(frozen=True)
class Cells:
    """The cells of a mesh to be, in their final order; fields as in `Mesh`, positions in km."""

    cell_id: list[str]
    key: Array
    lon: Array
    lat: Array
    x_km: Array
    y_km: Array
    area: Array
    terrain: Array
    rough: Array
    road: Array
    bank: Array
    population: Array
    sector: Array
    segment: Array
    segment_key: Array
    sector_key: Array


@dataclass(frozen=True)
class Pairs:
    """Undirected neighbours, one < two; border km, `Crossing`, whether a stream lies between."""

    one: Array
    two: Array
    border_km: Array
    crossing: Array
    stream: Array


def way_factor(terrain: Array, road: Array) -> Array:
    """Cost of a km through each cell, in km of good road; (C,)."""
    off = np.array([OFF_ROAD[t] for t in Terrain])[terrain]
    hilly = np.array([HILLY.get(t, 1.0) for t in Terrain])[terrain]
    on = np.array([0.0, ON_ROAD[Road.SECONDARY], ON_ROAD[Road.TRUNK]])[road] * hilly
    return np.where(road == Road.NONE, off, np.minimum(off, on))


def join(cells: Cells, pairs: Pairs) -> Mesh:
    """The mesh of these cells and pairs.

    A way follows a road only where both cells have one; over a river it costs `BRIDGE_KM` more.
    """
    count = len(cells.area)
    one = np.concatenate([pairs.one, pairs.two]).astype(np.int64)
    two = np.concatenate([pairs.two, pairs.one]).astype(np.int64)
    order = np.argsort(one * count + two, kind="stable")
    one, two = one[order], two[order]
    border = np.tile(pairs.border_km, 2)[order]
    crossing = np.tile(pairs.crossing, 2)[order].astype(np.int8)
    stream = np.tile(pairs.stream, 2)[order]
    indptr = np.zeros(count + 1, np.int32)
    np.cumsum(np.bincount(one, minlength=count), out=indptr[1:])
    dx = cells.x_km[one] - cells.x_km[two]
    dy = cells.y_km[one] - cells.y_km[two]
    edge_km = np.maximum(np.sqrt(dx * dx + dy * dy), 0.1).astype(np.float32)

    both = np.minimum(cells.road[one], cells.road[two])
    factor = (way_factor(cells.terrain[one], both) + way_factor(cells.terrain[two], both)) / 2.0
    cost = edge_km.astype(np.float64) * factor
    cost = cost + np.where(crossing == Crossing.OPEN, stream * STREAM_KM, BRIDGE_KM)
    travel = np.maximum(np.floor(cost * 10.0 + 0.5), 1.0).astype(np.int32)

    indices = two.astype(np.int32)
    reach_indptr, reach = within_reach(cells, indptr, indices, crossing)
    starts = np.searchsorted(cells.segment, np.arange(len(cells.segment_key) + 1))
    return Mesh(
        cell_id=cells.cell_id,
        key=cells.key.astype(np.uint64),
        lon=cells.lon.astype(np.float64),
        lat=cells.lat.astype(np.float64),
        area=cells.area.astype(np.float32),
        terrain=cells.terrain.astype(np.int8),
        rough=cells.rough.astype(np.float32),
        road=cells.road.astype(np.int8),
        bank=cells.bank.astype(np.int8),
        population=cells.population.astype(np.int32),
        sector=cells.sector.astype(np.int16),
        segment=cells.segment.astype(np.int32),
        segment_start=starts.astype(np.int32),
        segment_key=cells.segment_key.astype(np.uint64),
        sector_key=cells.sector_key.astype(np.uint64),
        indptr=indptr,
        indices=indices,
        edge_km=edge_km,
        border_km=border.astype(np.float32),
        travel=travel,
        crossing=crossing,
        reach_indptr=reach_indptr,
        reach=reach,
    )


def within_reach(
    cells: Cells, indptr: Array, indices: Array, crossing: Array
) -> tuple[Array, Array]:
    """Cells within `REACH_KM` of each cell along open or bridged ways, as (indptr, indices).

    Rings grow around all cells at once; a ring's neighbours lie in it or in the rings beside it.
    """
    count = len(cells.area)
    x, y = cells.x_km, cells.y_km
    passable = crossing != Crossing.CLOSED
    ways = np.add.reduceat(np.append(passable, False).astype(np.int64), indptr[:-1])
    ways[np.diff(indptr) == 0] = 0  # where a cell has no neighbour, reduceat takes the next cell's
    start = np.concatenate([[0], np.cumsum(ways)])
    beside = indices[passable].astype(np.int64)
    rings = [np.empty(0, np.int64), np.arange(count, dtype=np.int64) * (count + 1)]
    while len(rings[-1]):
        origin, at = np.divmod(rings[-1], count)
        many = ways[at]
        step = np.arange(int(many.sum())) - np.repeat(np.cumsum(many) - many, many)
        origin, to = np.repeat(origin, many), beside[np.repeat(start[at], many) + step]
        dx, dy = x[to] - x[origin], y[to] - y[origin]
        near = dx * dx + dy * dy <= REACH_KM * REACH_KM
        found = np.sort(origin[near] * count + to[near])
        found = found[np.diff(found, prepend=-1) != 0]
        rings.append(_without(_without(found, rings[-1]), rings[-2]))
    found = np.concatenate(rings)
    origin, to = np.divmod(found, count)
    # round a river's bend one end may see the whole way and the other not: reach is mutual
    origin, to = np.divmod(np.unique(np.concatenate([found, to * count + origin])), count)
    ends = np.searchsorted(origin, np.arange(count + 1))
    return ends.astype(np.int32), to.astype(np.int32)


def _without(values: Array, gone: Array) -> Array:
    """Sorted values that are not among the sorted others."""
    if not len(gone):
        return values
    at = np.minimum(np.searchsorted(gone, values), len(gone) - 1)
    kept: Array = values[gone[at] != values]
    return kept
