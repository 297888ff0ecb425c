"""Where cells and sectors lie: worked out once for each mesh, since none of it ever changes.

C cells, S sectors.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

import numpy as np

from sim.kernels import geometry
from sim.mechanisms.base import Array
from sim.theatre.mesh import Mesh

Found = TypeVar("Found")


def once_a_mesh(find: Callable[[Mesh], Found]) -> Callable[[Mesh], Found]:
    """Keep what `find` finds on the mesh itself, so that it lives as long as the mesh does."""
    name = f"_{find.__name__}"

    @wraps(find)
    def found(mesh: Mesh) -> Found:
        kept: dict[str, Found] = mesh.__dict__
        if name not in kept:
            kept[name] = find(mesh)
        return kept[name]

    return found


@once_a_mesh
def plane(mesh: Mesh) -> tuple[Array, Array]:
    """Coordinates of the cells' centres, km, (C,) each; see `sim.kernels.geometry.plane`."""
    x, y = geometry.plane(mesh.lon, mesh.lat)
    return x, y


@once_a_mesh
def touching_sectors(mesh: Mesh) -> Array:
    """Sectors that share a border, and each with itself; (S, S) bool."""
    touching = np.eye(mesh.sectors, dtype=np.bool_)
    origin = np.repeat(mesh.sector, np.diff(mesh.indptr))
    touching[origin, mesh.sector[mesh.indices]] = True
    return touching


@once_a_mesh
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
