"""The mesh: the cells of a theatre as a graph, with everything about them that never changes.

A mesh is a graph and nothing more: cells may be hexagons of one resolution, of two, or the pieces
that a river leaves of a hexagon; a rule that walks over neighbours needs no special case.

Cells are sorted by segment, then by key, so that the cells of a segment stand together.  A segment
is a stretch of about 250 km2 (an H3 cell of resolution 5, one per bank of the Euphrates): battles,
depots and luck belong to segments, which keeps them alike at every resolution.  A sector is a
district: there factions perceive and decide.

C cells, E directed neighbour pairs, G segments, S sectors, P pairs within reach.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.bundle import Bundle
from sim.kept import kept

Array = NDArray[Any]

REACH_KM = 9.3  # fighters this near a front take part in its battles (docs/design.md, "Reach")


class Terrain(IntEnum):
    """Terrain classes; the order is part of the format of `theatre/data`."""

    DESERT = 0
    STEPPE = 1
    VALLEY = 2  # irrigated, built over, cut by canals
    MOUNTAIN = 3
    URBAN = 4
    LAVA = 5


class Road(IntEnum):
    """The best road in a cell."""

    NONE = 0
    SECONDARY = 1
    TRUNK = 2


class Crossing(IntEnum):
    """What lies between two neighbouring cells."""

    OPEN = 0
    BRIDGE = 1  # a river that can be crossed here: dear, and an attack over it is weak
    CLOSED = 2  # the closed river: no movement, no supply and no front


class Bank(IntEnum):
    """The bank of the Euphrates on which a cell lies, seen downstream."""

    LEFT = 1  # north and east
    RIGHT = 2  # south and west


@dataclass(frozen=True, eq=False)
class MeshArrays(Bundle):
    """The arrays of a mesh as kernels take them; axes and units as in `Mesh`."""

    area: Array
    terrain: Array
    rough: Array
    road: Array
    sector: Array
    segment: Array
    segment_start: Array
    key: Array
    segment_key: Array
    sector_key: Array
    indptr: Array
    indices: Array
    edge_km: Array
    border_km: Array
    travel: Array
    crossing: Array
    reach_indptr: Array
    reach: Array


@dataclass(frozen=True)
class Mesh:
    """One theatre's cells and what joins them.  Lengths in km, areas in km2.

    cell_id        list of C str    H3 index, with `/L` or `/R` where the river cut the hexagon
    key            (C,)   uint64    stable name of the cell for keyed chance
    lon, lat       (C,)   float64   centre of the piece, degrees
    area           (C,)   float32   km2
    terrain        (C,)   int8      `Terrain`
    rough          (C,)   float32   roughness 0 (open plain) to 1 (lava, alleys): cover for evaders
    road           (C,)   int8      `Road`
    bank           (C,)   int8      `Bank`
    population     (C,)   int32     persons, census
    sector         (C,)   int16     index into the theatre's districts
    segment        (C,)   int32     index of the segment; never falls from one cell to the next
    segment_start  (G+1,) int32     cells of segment g are segment_start[g]:segment_start[g+1]
    segment_key    (G,)   uint64    stable name of the segment
    sector_key     (S,)   uint64    stable name of the sector (its P-code)
    indptr         (C+1,) int32     neighbours of c are indices[indptr[c]:indptr[c+1]], ascending
    indices        (E,)   int32     neighbour of each pair; every pair stands in both directions
    edge_km        (E,)   float32   centre to centre, km
    border_km      (E,)   float32   length of the shared border, km
    travel         (E,)   int32     cost of the way in tenths of a road-equivalent km, at least 1,
                                    the same in both directions
    crossing       (E,)   int8      `Crossing`
    reach_indptr   (C+1,) int32     like indptr, for cells within REACH_KM of each other's centres
    reach          (P,)   int32     ... along open or bridged ways, itself included, ascending
    """

    cell_id: list[str]
    key: Array
    lon: Array
    lat: Array
    area: Array
    terrain: Array
    rough: Array
    road: Array
    bank: Array
    population: Array
    sector: Array
    segment: Array
    segment_start: Array
    segment_key: Array
    sector_key: Array
    indptr: Array
    indices: Array
    edge_km: Array
    border_km: Array
    travel: Array
    crossing: Array
    reach_indptr: Array
    reach: Array

    @property
    def cells(self) -> int:
        """The number of cells, C."""
        return len(self.area)

    @property
    def segments(self) -> int:
        """The number of segments, G."""
        return len(self.segment_key)

    @property
    def sectors(self) -> int:
        """The number of sectors, S: districts of the theatre, with cells or without."""
        return len(self.sector_key)

    @kept
    def arrays(self) -> MeshArrays:
        """The arrays that kernels read."""
        return MeshArrays(*(np.ascontiguousarray(getattr(self, f)) for f in MeshArrays._fields))
