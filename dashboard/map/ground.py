"""What stands still under the map: outlines of the cells, borders, rivers, roads, the way to units.

It depends on the theatre and not on what is shown, so it is made once and kept, on disk too: to
merge cells to borders takes longer than all else that a new server does for its first map.
Corners become whole units of a square of 65,536 a side, about 10 m over Syria, each by the same
sum: corners that neighbours share stay shared, and no slit opens between them.

C cells, V corners, R rings.
"""

from __future__ import annotations

import hashlib
import inspect
import os
import pickle
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import shapely
import streamlit as st
from numpy.typing import NDArray

from dashboard.runs.store import kept_folder
from dashboard.texts import say
from sim import BadiaError, Setting, borders

Array = NDArray[Any]

MOST = 65_535  # the largest unit
KEPT = 6  # theatres: the scenarios at their resolutions that viewers look at in one hour
METRES_PER_DEGREE = 111_195.0
POLYGON = 3  # shapely's number of a polygon


@dataclass(frozen=True)
class Projection:
    """Degrees to units of the map: Mercator, x to the east, y to the south.

    west, top  Mercator degrees of the unit (0, 0)
    scale      units in a Mercator degree
    """

    west: float
    top: float
    scale: float

    @classmethod
    def over(cls, west: float, south: float, east: float, north: float) -> Projection:
        """The one in which this window of degrees fills the longer side of the square."""
        top, bottom = mercator(north), mercator(south)
        return cls(west, float(top), MOST / max(east - west, float(top - bottom)))

    def exact(self, lon: Array, lat: Array) -> Array:
        """Units before rounding, (n, 2) float64."""
        x = (np.asarray(lon, np.float64) - self.west) * self.scale
        y = (self.top - mercator(lat)) * self.scale
        return np.column_stack([x, y])

    def units(self, lon: Array, lat: Array) -> Array:
        """The nearest whole units, (n, 2) uint16; what lies outside goes to the edge."""
        return np.clip(np.rint(self.exact(lon, lat)), 0, MOST).astype(np.uint16)


@dataclass(frozen=True)
class Polyline:
    """A line of the map: river, road, trunk, district, governorate or country."""

    name: str
    kind: str
    points: Array  # (n, 2) uint16


@dataclass(frozen=True)
class Ground:
    """The still part of a map, in units.

    vertices   (V, 2) uint16   corners of ring after ring, none repeated to close a ring
    rings      (R+1,) uint32   the corners of ring r are vertices[rings[r]:rings[r+1]]
    ring_cell  (R,)   uint32   its cell; a cell is the even-odd fill of its rings
    """

    projection: Projection
    width: int
    height: int
    metres_per_unit: float  # at the middle latitude
    vertices: Array
    rings: Array
    ring_cell: Array
    lines: tuple[Polyline, ...]


def ground(setting: Setting) -> Ground:
    """The ground of a setting; BadiaError if it has no outlines.  Kept, so that it is made once."""
    if not setting.outlines:
        raise BadiaError(say("layers.no_outlines", name=setting.name))
    return _kept(setting.theatre["digest"], setting)


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _kept(digest: str, _setting: Setting) -> Ground:
    file = kept_folder() / "ground" / f"{_fingerprint(digest)}.pickle"
    found = _read(file)
    if found is None:
        found = survey(_setting)
        _write(file, found)
    return found


@cache
def _fingerprint(digest: str) -> str:
    """A name that changes with the theatre and with how its ground is made."""
    made = (Path(__file__), Path(inspect.getfile(borders)))
    parts = [digest.encode(), shapely.__version__.encode(), *(file.read_bytes() for file in made)]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:32]


def _read(file: Path) -> Ground | None:
    """A ground kept on disk; None if there is none, or none that is whole.

    Only this user can write in the folder, so unpickling runs nothing that is not the user's own.
    """
    try:
        found = pickle.loads(file.read_bytes())
    except Exception:  # a damaged pickle may raise anything
        return None
    return found if isinstance(found, Ground) else None


def _write(file: Path, made: Ground) -> None:
    """Keep a ground; where that cannot be, it is made again next time."""
    try:
        file.parent.mkdir(mode=0o700, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=file.parent, delete=False) as draft:
            draft.write(pickle.dumps(made))
        os.replace(draft.name, file)
    except OSError:
        return


def survey(setting: Setting) -> Ground:
    """Make the ground of a setting: about a second's work for 5,000 cells."""
    shapes = np.array(setting.outlines, dtype=object)
    west, south, east, north = shapely.total_bounds(shapes)
    projection = Projection.over(west, south, east, north)
    width, height = projection.units(np.array([east]), np.array([south]))[0].tolist()
    vertices, rings, ring_cell = _corners(shapes, projection)
    middle = np.degrees(np.arctan(np.sinh(np.radians((mercator(north) + mercator(south)) / 2))))
    return Ground(
        projection=projection,
        width=width,
        height=height,
        metres_per_unit=float(METRES_PER_DEGREE * np.cos(np.radians(middle)) / projection.scale),
        vertices=vertices,
        rings=rings,
        ring_cell=ring_cell,
        lines=(*_borders(setting, projection), *_ways(setting, projection, width, height)),
    )


def mercator(lat: Any) -> Any:
    """The Mercator height of a latitude, in degrees as both are."""
    return np.degrees(np.arcsinh(np.tan(np.radians(lat))))


def _corners(shapes: Array, projection: Projection) -> tuple[Array, Array, Array]:
    """Vertices, rings and the cell of each ring; see `Ground`."""
    parts, cell = shapely.get_parts(shapes, return_index=True)
    solid = shapely.get_type_id(parts) == POLYGON
    rings, part = shapely.get_rings(parts[solid], return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    units = projection.units(points[:, 0], points[:, 1])
    start = np.flatnonzero(np.diff(ring, prepend=-1))
    before = np.arange(len(units)) - 1
    before[start] = np.append(start[1:], len(units)) - 1  # the last corner of the ring
    moved = (units != units[before]).any(axis=1)  # else a repeated or a merged corner
    length = np.bincount(ring[moved], minlength=len(rings))
    whole = length >= 3  # else a sliver thinner than a unit
    units = units[moved & whole[ring]]
    ends = np.append(0, np.cumsum(length[whole])).astype(np.uint32)
    return units, ends, cell[solid][part][whole].astype(np.uint32)


def _borders(setting: Setting, projection: Projection) -> list[Polyline]:
    """Borders, each stretch once: as the country's, else a governorate's, else a district's."""
    found = borders(setting)
    lines: list[Polyline] = []
    drawn = np.empty(0, np.uint64)
    for kind, rings in (
        ("country", found.country),
        ("governorate", found.governorates),
        ("district", found.districts),
    ):
        edges = np.unique(np.concatenate([_edges(projection.units(*r.T)) for r in rings]))
        fresh = np.setdiff1d(edges, drawn, assume_unique=True)
        drawn = np.union1d(drawn, edges)
        lines += [Polyline("", kind, points) for points in _chained(fresh)]
    return lines


def _edges(points: Array) -> Array:
    """The edges of a line of units, each as one number that does not know its direction; uint64."""
    code = points[:, 0].astype(np.uint64) << np.uint64(16) | points[:, 1]
    one, two = np.minimum(code[1:], code[:-1]), np.maximum(code[1:], code[:-1])
    return (one << np.uint64(32) | two)[one != two]


def _chained(edges: Array) -> list[Array]:
    """Edges joined to lines as long as may be; (n, 2) uint16 each."""
    if not len(edges):
        return []
    shifts = np.array([48, 32, 16, 0], np.uint64)
    ends = (edges[:, None] >> shifts & np.uint64(MOST)).astype(np.float64).reshape(-1, 2, 2)
    merged = shapely.line_merge(shapely.multilinestrings(shapely.linestrings(ends)))
    lines = shapely.get_parts(shapely.normalize(merged))
    return [shapely.get_coordinates(line).astype(np.uint16) for line in lines]


def _ways(setting: Setting, projection: Projection, width: int, height: int) -> list[Polyline]:
    """Rivers and roads, cut off at the edge of the map."""
    lines = []
    for line in setting.lines:
        points = projection.exact(*np.asarray(line.coords)[:, :2].T)
        inside = shapely.clip_by_rect(shapely.linestrings(points), 0, 0, width, height)
        for part in shapely.get_parts(inside):
            units = np.rint(shapely.get_coordinates(part)).astype(np.uint16)
            lines.append(Polyline(line.name, line.kind, units))
    return lines
