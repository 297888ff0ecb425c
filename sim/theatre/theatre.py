"""The theatre: a mesh with its districts, names and lines, and the ways to find cells in it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from sim.errors import PlaceError
from sim.theatre.gazetteer import Gazetteer, Place
from sim.theatre.mesh import Mesh

Array = NDArray[Any]
Coordinates = Sequence[Sequence[float]]

KM_PER_DEGREE = 111.195


@dataclass(frozen=True)
class District:
    """A district with its P-code; a sector of the mesh."""

    pcode: str
    name: str
    name_ar: str
    governorate: str
    governorate_name: str


@dataclass(frozen=True)
class Line:
    """A line for maps; `kind` is river, trunk or road; coords are (lon, lat) in degrees."""

    name: str
    kind: str
    coords: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Crossings:
    """A way over the closed river: its name, position and what is known of it."""

    name: str
    lon: float
    lat: float
    status: str


def km_per_degree_east(lat: Array | float) -> Array:
    """Km in a degree of longitude at a latitude; a polynomial, so the same bits everywhere."""
    r2 = (np.asarray(lat, np.float64) * 0.017453292519943295) ** 2
    return KM_PER_DEGREE * (1.0 - r2 / 2.0 * (1.0 - r2 / 12.0 * (1.0 - r2 / 30.0)))


@dataclass(frozen=True, eq=False)
class Theatre:
    """A fixed map.  To a process it travels as its recipe and is made again there.

    name        `syria` or `grid`
    label       what tells its resolution: `6`, `6+7`, `grid`
    mesh        the graph of cells
    districts   in P-code order; `mesh.sector` indexes it
    gazetteer   names
    lines       rivers and roads for maps
    crossings   the ways over the closed river
    recipe      the function and its arguments that make this theatre
    """

    name: str
    label: str
    mesh: Mesh
    districts: tuple[District, ...]
    gazetteer: Gazetteer
    lines: tuple[Line, ...]
    locate: Callable[[float, float, int], int] = field(repr=False)
    draw: Callable[[], list[BaseGeometry]] = field(repr=False)
    shapes: Callable[[], dict[str, BaseGeometry]] = field(repr=False)
    recipe: tuple[Callable[..., Theatre], tuple[Any, ...]] = field(repr=False)
    crossings: tuple[Crossings, ...] = ()

    def __reduce__(self) -> tuple[Callable[..., Theatre], tuple[Any, ...]]:
        return self.recipe

    def cell_of(self, lon: float, lat: float, bank: int = 0) -> int:
        """The cell at a point, on the given bank (0: the bank it lies on).

        Raises PlaceError when the point lies more than 5 km outside the theatre.
        """
        return self.locate(lon, lat, bank)

    def cells_of_place(self, place: Place | str, radius_km: float = 0) -> Array:
        """The place's one cell; with a radius also every cell whose centre lies within it.

        The radius does not stop at the river.  int32, ascending.  Raises PlaceError.
        """
        found = self.gazetteer.find(place) if isinstance(place, str) else place
        if found.kind in ("district", "governorate"):
            return self.cells_of_districts(
                [d.pcode for d in self.districts if d.pcode.startswith(found.district)]
            )
        own = self.cell_of(found.lon, found.lat, found.bank)
        near = self._distance(found.lon, found.lat) <= radius_km
        near[own] = True
        return np.flatnonzero(near).astype(np.int32)

    def cells_of_districts(self, pcodes: Iterable[str]) -> Array:
        """Cells of these districts; int32, ascending.  Raises PlaceError on an unknown P-code."""
        index = {d.pcode: k for k, d in enumerate(self.districts)}
        wanted = [index[self._known(code, list(index), "district")] for code in pcodes]
        return np.flatnonzero(np.isin(self.mesh.sector, wanted)).astype(np.int32)

    def cells_of_governorates(self, pcodes: Iterable[str]) -> Array:
        """Cells of these governorates; int32, ascending.  Raises PlaceError on an unknown code."""
        known = sorted({d.governorate for d in self.districts})
        wanted = {self._known(code, known, "governorate") for code in pcodes}
        return self.cells_of_districts(d.pcode for d in self.districts if d.governorate in wanted)

    @staticmethod
    def _known(code: str, known: list[str], kind: str) -> str:
        if code in known:
            return code
        from rapidfuzz import process

        near = process.extractOne(code, known)
        hint = f" Did you mean '{near[0]}'?" if near else ""
        raise PlaceError(f"no {kind} with P-code '{code}' in this theatre.{hint}")

    def cells_in_polygon(self, polygon: Coordinates | BaseGeometry) -> Array:
        """Cells whose centre lies in a polygon of (lon, lat); int32, ascending."""
        shape = polygon if isinstance(polygon, BaseGeometry) else Polygon(polygon)
        return np.flatnonzero(
            shapely.intersects_xy(shape, self.mesh.lon, self.mesh.lat)
        ).astype(np.int32)  # fmt: skip

    def cells_near_line(self, coords: Coordinates, km: float) -> Array:
        """Cells whose centre lies within `km` of a line through (lon, lat); int32, ascending."""
        points = np.asarray(coords, np.float64)
        middle = sum(points[:, 1].tolist()) / len(points)
        east = float(km_per_degree_east(middle))
        px, py = self.mesh.lon * east, self.mesh.lat * KM_PER_DEGREE
        line = np.column_stack([points[:, 0] * east, points[:, 1] * KM_PER_DEGREE])
        shape = LineString(line) if len(line) > 1 else Point(line[0])
        return np.flatnonzero(
            shapely.distance(shape, shapely.points(px, py)) <= km
        ).astype(np.int32)  # fmt: skip

    def _distance(self, lon: float, lat: float) -> Array:
        """Km from a point to every cell's centre; (C,)."""
        dx = (self.mesh.lon - lon) * km_per_degree_east((self.mesh.lat + lat) / 2.0)
        dy = (self.mesh.lat - lat) * KM_PER_DEGREE
        return np.sqrt(dx * dx + dy * dy)

    def outlines(self) -> list[BaseGeometry]:
        """The shape of each cell for drawing, cut at the river and the border; degrees."""
        return self._outlines

    @cached_property
    def _outlines(self) -> list[BaseGeometry]:
        return self.draw()

    def district_outlines(self) -> dict[str, BaseGeometry]:
        """Simplified shape of each district by P-code, for maps; degrees."""
        return self._shapes

    @cached_property
    def _shapes(self) -> dict[str, BaseGeometry]:
        return self.shapes()

    def governorate_outlines(self) -> dict[str, BaseGeometry]:
        """Simplified shape of each governorate by P-code, for maps; degrees."""
        parts: dict[str, list[BaseGeometry]] = {}
        for district in self.districts:
            parts.setdefault(district.governorate, []).append(self._shapes[district.pcode])
        return {code: shapely.union_all(shapes) for code, shapes in parts.items()}

    def digest(self) -> str:
        """A hash of the mesh and its districts: two theatres with one digest are the same map."""
        h = hashlib.sha256(f"{self.name} {self.label} ".encode())
        h.update("\n".join(self.mesh.cell_id).encode())
        h.update("\n".join(repr(district) for district in self.districts).encode())
        for array in (*self.mesh.arrays(), self.mesh.bank, self.mesh.population):
            h.update(
                f"{array.dtype.str}{array.shape}".encode() + np.ascontiguousarray(array).tobytes()
            )
        h.update(self.mesh.lon.tobytes() + self.mesh.lat.tobytes())
        return h.hexdigest()[:16]
