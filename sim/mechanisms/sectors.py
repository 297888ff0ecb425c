"""Where cells and sectors lie: worked out once, since it never changes.

C cells, S sectors.
"""

from __future__ import annotations

import numpy as np

from sim.kept import kept
from sim.kernels import geometry, ways
from sim.mechanisms.base import Array
from sim.theatre.mesh import Mesh


@kept
def plane(mesh: Mesh) -> tuple[Array, Array]:
    """Coordinates of the cells' centres, km, (C,) each; see `sim.kernels.geometry.plane`."""
    x, y = geometry.plane(mesh.lon, mesh.lat)
    return x, y


@kept
def cells_of_sectors(mesh: Mesh) -> tuple[Array, Array]:
    """The cells sector by sector, ascending in each: where each starts, (S+1,), and cells, (C,)."""
    cells = np.argsort(mesh.sector, kind="stable").astype(np.int32)
    start = np.searchsorted(mesh.sector[cells], np.arange(mesh.sectors + 1)).astype(np.int32)
    return start, cells


@kept
def main_sectors(mesh: Mesh) -> tuple[Array, Array]:
    """The sector in which most cells of each segment lie, (G,), and the cells that lie elsewhere,
    ascending.
    """
    parts = np.split(mesh.sector, mesh.segment_start[1:-1])
    main = np.array([np.bincount(part).argmax() if len(part) else 0 for part in parts], np.int64)
    return main, np.flatnonzero(mesh.sector != main[mesh.segment]).astype(np.int32)


@kept
def bucket_width(mesh: Mesh) -> int:
    """See `sim.kernels.ways.bucket_width`."""
    return ways.bucket_width(mesh.travel)


@kept
def touching_sectors(mesh: Mesh) -> Array:
    """Sectors that share a border, and each with itself; (S, S) bool."""
    touching = np.eye(mesh.sectors, dtype=np.bool_)
    origin = np.repeat(mesh.sector, np.diff(mesh.indptr))
    touching[origin, mesh.sector[mesh.indices]] = True
    return touching


@kept
def sector_ways(mesh: Mesh) -> Array:
    """Straight ways between the centres of sectors, (S, S), km.

    A centre is the mean of the sector's cells, weighted by area.  Sectors that no chain of
    neighbours joins are infinitely far apart: nobody flees over the sea.  So is a sector that has
    no cells of its own on a coarse mesh.
    """
    sectors = mesh.sectors
    area = mesh.area.astype(np.float64)
    total = np.bincount(mesh.sector, area, sectors)
    empty = total == 0.0
    total[empty] = 1.0
    x, y = plane(mesh)
    east = np.bincount(mesh.sector, area * x, sectors) / total
    north = np.bincount(mesh.sector, area * y, sectors) / total
    d_east, d_north = east[:, None] - east, north[:, None] - north
    ways = np.sqrt(d_east * d_east + d_north * d_north)
    ways[empty] = ways[:, empty] = np.inf
    ways[~_joined(touching_sectors(mesh))] = np.inf
    return np.asarray(ways)


def _joined(touching: Array) -> Array:
    """Sectors that a chain of touching ones joins; (S, S) bool.  Each round doubles the chains."""
    while not np.array_equal(touching, longer := touching @ touching):
        touching = longer
    return touching
