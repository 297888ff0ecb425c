"""Syria: every mesh is an aggregation of one atlas, H3 resolution 7 cut by the Euphrates.

A cell is all pieces of the atlas with the same parent hexagon on the same bank.  So area, people
and districts add up to the same totals at every resolution, and a town is on its own bank always.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import h3
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, Polygon, shape
from shapely.geometry.base import BaseGeometry

from sim.chance import fold, name_key
from sim.errors import BadiaError, PlaceError
from sim.theatre.gazetteer import Gazetteer, Place
from sim.theatre.graph import Cells, Pairs, join
from sim.theatre.mesh import Bank, Crossing, Mesh, Terrain
from sim.theatre.theatre import (
    KM_PER_DEGREE,
    Crossings,
    District,
    Line,
    Theatre,
    km_per_degree_east,
)

Array = NDArray[Any]

DATA = Path(__file__).parent / "data"
FINEST, COARSEST, SEGMENTS = 7, 5, 5
URBAN_SHARE = 0.4  # of a cell's area, from which the fight for it is a fight for a town
JAGGED = 1.1338934  # 18 / (6 sqrt 7): the border of seven hexagons over that of their parent
SPELLINGS = {  # how reports call the governorates, beside OCHA's spelling
    "SY03": ("Rural Damascus", "Rif Dimashq"), "SY05": ("Hamah",), "SY06": ("Latakia",),
    "SY07": ("Idlib", "Idleb"), "SY08": ("Hasakah", "Al Hasakah", "Hasaka"),
    "SY09": ("Deir ez-Zor", "Deir Ezzor", "Dayr az Zawr"), "SY10": ("Tartus",),
    "SY11": ("Raqqa", "Ar Raqqah"), "SY12": ("Daraa", "Deraa"), "SY13": ("Suwayda", "Suweida"),
    "SY14": ("Quneitra", "Al Qunaytirah"),
}  # fmt: skip
OUTSIDE_KM = 5.0  # how far outside the atlas a point may lie and still belong to its nearest cell


@dataclass(frozen=True)
class Atlas:
    """The committed tables; pieces by hexagon and bank, edges by (i, j)."""

    pieces: dict[str, Array]
    edges: dict[str, Array]
    districts: tuple[District, ...]
    gazetteer: Gazetteer
    shapes: dict[str, Any]
    left: BaseGeometry
    index: dict[tuple[int, int], int]  # (hexagon, bank) -> piece


@lru_cache(maxsize=1)
def atlas() -> Atlas:
    """Read the tables once."""
    columns, edges = _columns("atlas"), _columns("edges")
    with (DATA / "districts.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    districts = tuple(
        District(r["pcode"], r["name"], r["name_ar"], r["governorate"], r["governorate_name"])
        for r in rows
    )
    shapes = json.loads((DATA / "shapes.json").read_text(encoding="utf-8"))
    left = shape(shapes["left_bank"])
    shapely.prepare(left)
    own = zip(columns["h3"].tolist(), columns["bank"].tolist(), strict=True)
    return Atlas(
        pieces=columns,
        edges=edges,
        districts=districts,
        gazetteer=Gazetteer(_places(districts, rows, columns)),
        shapes=shapes,
        left=left,
        index={key: k for k, key in enumerate(own)},
    )


def _columns(table: str) -> dict[str, Array]:
    """The columns of a committed table of numbers, in their own types.

    `read_table` and `to_numpy` would do, but both import pandas, which takes a quarter of a second.
    """
    from pyarrow.parquet import ParquetFile

    with ParquetFile(DATA / f"{table}.parquet") as file:
        read = file.read()
    return {
        name: np.concatenate([np.from_dlpack(chunk) for chunk in read.column(name).chunks])
        for name in read.column_names
    }


def _places(
    districts: tuple[District, ...], rows: list[dict[str, str]], pieces: dict[str, Array]
) -> tuple[Place, ...]:
    """The committed places, then districts and governorates at their centre of population."""
    governorate = {d.pcode: d.governorate_name for d in districts}
    places = []
    with (DATA / "places.csv").open(encoding="utf-8", newline="") as file:
        for r in csv.DictReader(file):
            aliases = tuple(a for a in r["aliases"].split("|") if a)
            places.append(Place(
                r["name"], aliases, float(r["lon"]), float(r["lat"]), r["kind"], int(r["bank"]),
                int(r["population"]), r["district"], governorate[r["district"]], int(r["rank"]),
                r["approximate"] == "1",
            ))  # fmt: skip
    seen = set()
    for k, (d, row) in enumerate(zip(districts, rows, strict=True)):
        own = pieces["district"] == k
        places.append(
            _region(f"{d.name} District", (d.pcode,), d.pcode, "district", d, own, pieces)
        )
        if d.governorate not in seen:
            seen.add(d.governorate)
            all_of_it = np.array([e.governorate == d.governorate for e in districts])
            others = tuple(f"{name} Governorate" for name in SPELLINGS.get(d.governorate, ()))
            names = (d.governorate, f"محافظة {row['governorate_ar']}", *others)
            places.append(_region(
                f"{d.governorate_name} Governorate", names, d.governorate, "governorate", d,
                all_of_it[pieces["district"]], pieces,
            ))  # fmt: skip
    return tuple(places)


def _region(
    name: str, aliases: tuple[str, ...], code: str, kind: str, district: District, own: Array,
    pieces: dict[str, Array],
) -> Place:  # fmt: skip
    weight = np.where(own, pieces["area_km2"].astype(np.float64), 0.0)
    area = max(float(np.sum(weight)), 1e-9)
    lon, lat = (float(np.sum(weight * pieces[c])) / area for c in ("lon", "lat"))
    people = int(pieces["population"][own].sum())
    return Place(
        name, aliases, round(lon, 4), round(lat, 4), kind, 0, people, code,
        district.governorate_name, 2, True,
    )  # fmt: skip


def parents(hexagons: Array, resolution: Array | int) -> Array:
    """Parents of H3 resolution 7 indexes at a coarser resolution each; uint64.

    An index holds its resolution in bits 52-55 and a digit of three bits per level, 7 for unused.
    """
    resolution = np.broadcast_to(np.asarray(resolution, np.uint64), hexagons.shape)
    out = hexagons.astype(np.uint64) & ~np.uint64(0xF << 52) | (resolution << np.uint64(52))
    for level in range(COARSEST + 1, FINEST + 1):
        digit = np.uint64(7 << (3 * (15 - level)))
        out = np.where(resolution < level, out | digit, out)
    return out


def syria(
    resolution: int = 6, finer: Sequence[tuple[BaseGeometry | Sequence[Any], int]] = ()
) -> Theatre:
    """Syria at H3 resolution 5 (about 253 km2 a cell), 6 (36 km2) or 7 (5 km2).

    finer  areas, each a polygon (lon, lat) with a finer resolution: every hexagon with a part
           whose centre lies in the area is refined.  Where areas overlap the finest counts.

    Raises BadiaError when a resolution is not 5, 6 or 7, or an area's is not finer.
    """
    key = tuple(
        (area if isinstance(area, BaseGeometry) else Polygon(area), int(level))
        for area, level in finer
    )
    if resolution not in range(COARSEST, FINEST + 1):
        raise BadiaError(f"no mesh at resolution {resolution}: Syria has 5, 6 and 7.")
    for area, level in key:
        if not resolution < level <= FINEST:
            raise BadiaError(
                f"an area cannot be refined to resolution {level}: "
                f"the mesh has {resolution}, so take one from {resolution + 1} to {FINEST}."
                if resolution < FINEST
                else "resolution 7 is the finest there is: leave out `finer`."
            )
        if not area.is_valid or area.is_empty:
            raise BadiaError(
                f"a finer area is not a valid polygon: {shapely.is_valid_reason(area)}."
            )
    return _syria(resolution, tuple((area.wkb, level) for area, level in key))


@lru_cache(maxsize=8)
def _syria(resolution: int, finer: tuple[tuple[bytes, int], ...]) -> Theatre:
    book = atlas()
    level = _levels(book, resolution, finer)
    mesh, cell_of_piece, cut = _aggregate(book, level)
    used = sorted({int(r) for r in np.unique(level)})
    lines = tuple(
        Line(name, kind, tuple((float(x), float(y)) for x, y in points))
        for name, kind, points in book.shapes["lines"]
    )
    return Theatre(
        name="syria",
        label="+".join(str(r) for r in used),
        mesh=mesh,
        districts=book.districts,
        gazetteer=book.gazetteer,
        lines=lines,
        locate=lambda lon, lat, bank: int(cell_of_piece[_piece_at(book, lon, lat, bank)]),
        draw=lambda: _outlines(book, mesh, cut),
        shapes=lambda: {code: shape(g) for code, g in sorted(book.shapes["districts"].items())},
        recipe=(_syria, (resolution, finer)),
        crossings=tuple(Crossings(*row) for row in book.shapes["crossings"]),
    )


def _levels(book: Atlas, resolution: int, finer: tuple[tuple[bytes, int], ...]) -> Array:
    """The resolution of the cell that each piece belongs to; (N,) int64."""
    hexagons = book.pieces["h3"]
    level = np.full(len(hexagons), resolution)
    for wkb, to in sorted(finer, key=lambda item: item[1]):
        inside = shapely.intersects_xy(
            shapely.from_wkb(wkb), book.pieces["lon"], book.pieces["lat"]
        )  # fmt: skip
        coarse = parents(hexagons, to - 1)
        touched = np.isin(coarse, coarse[inside]) & (level < to)
        # The parents of a refined hexagon are refined too, so that every cell is a whole hexagon.
        for between in range(resolution + 1, to):
            above = parents(hexagons, between - 1)
            level[np.isin(above, above[inside]) & (level < between)] = between
        level[touched] = to
    return level


def _aggregate(book: Atlas, level: Array) -> tuple[Mesh, Array, Array]:
    """The mesh, the cell of each piece, and which cells the river cut."""
    p = book.pieces
    parent, home, bank = parents(p["h3"], level), parents(p["h3"], SEGMENTS), p["bank"]
    order = np.lexsort((parent, bank, home))
    changes = np.ones(len(order), bool)
    changes[1:] = (np.diff(parent[order]) != 0) | (np.diff(bank[order]) != 0)
    cell = np.empty(len(order), np.int64)
    cell[order] = np.cumsum(changes) - 1
    first = order[changes]
    count = len(first)
    hexagon, cell_bank, cell_home = parent[first], bank[first], home[first]

    area = p["area_km2"].astype(np.float64)
    total = np.bincount(cell, area, count)

    def mean(values: Array) -> Array:
        return np.bincount(cell, area * values.astype(np.float64), count) / total

    terrain = _majority(cell, p["terrain"], area, len(Terrain))
    urban = np.bincount(cell, area * (p["terrain"] == Terrain.URBAN), count) / total
    terrain[urban >= URBAN_SHARE] = Terrain.URBAN
    road = np.zeros(count, np.int8)
    np.maximum.at(road, cell, p["road"])

    new_segment = np.ones(count, bool)
    new_segment[1:] = (np.diff(cell_home) != 0) | (np.diff(cell_bank) != 0)
    suffix = np.array([0, name_key("L"), name_key("R")], np.uint64)
    cut = _both_banks(hexagon)
    cells = Cells(
        cell_id=[
            h3.int_to_str(h) + ("/" + Bank(b).name[0] if c else "")
            for h, b, c in zip(hexagon.tolist(), cell_bank.tolist(), cut.tolist(), strict=True)
        ],
        key=fold(hexagon, np.where(cut, suffix[cell_bank], np.uint64(0))),
        lon=mean(p["lon"]),
        lat=mean(p["lat"]),
        x_km=mean(p["x_km"]),
        y_km=mean(p["y_km"]),
        area=total,
        terrain=terrain,
        rough=mean(p["rough"]) / 100.0,
        road=road,
        bank=cell_bank,
        population=np.bincount(cell, p["population"], count),
        sector=_majority(cell, p["district"], area, len(book.districts)),
        segment=np.cumsum(new_segment) - 1,
        segment_key=fold(cell_home[new_segment], suffix[cell_bank[new_segment]]),
        sector_key=np.array([name_key(d.pcode) for d in book.districts], np.uint64),
    )
    cell_level = level[first]
    return join(cells, _pairs(book, cell, cells, cell_level)), cell, cut


def _majority(cell: Array, value: Array, weight: Array, kinds: int) -> Any:
    """The value with the largest weight in each cell; ties go to the lowest."""
    table = np.bincount(cell * kinds + value, weight, (int(cell.max()) + 1) * kinds)
    return np.argmax(table.reshape(-1, kinds), axis=1)


def _both_banks(hexagon: Array) -> Any:
    """Whether another cell has the same hexagon."""
    _, inverse, counts = np.unique(hexagon, return_inverse=True, return_counts=True)
    return counts[inverse] == 2


def _pairs(book: Atlas, cell: Array, cells: Cells, level: Array) -> Pairs:
    """Neighbouring cells with the sum of their pieces' borders.

    The border of a coarse cell made of hexagons is jagged, longer than its parent's by `JAGGED` per
    level; it is corrected by the coarser of the two cells.  The river's course is taken as it is,
    and at a crossing only the stretch that can be crossed, so that a front over the river is as
    long at every resolution.
    """
    i, j = cell[book.edges["i"]], cell[book.edges["j"]]
    across = i != j
    one, two = np.minimum(i, j)[across], np.maximum(i, j)[across]
    count = len(cells.area)
    keys, inverse = np.unique(one * count + two, return_inverse=True)
    border = np.bincount(inverse, book.edges["border_km"][across].astype(np.float64))
    one, two = keys // count, keys % count
    bridge = book.edges["crossing"][across] == Crossing.BRIDGE
    bridged = np.bincount(inverse, bridge) > 0
    wide = np.bincount(inverse, np.where(bridge, book.edges["border_km"][across], 0.0))
    over = cells.bank[one] != cells.bank[two]
    crossing = np.where(over, np.where(bridged, Crossing.BRIDGE, Crossing.CLOSED), Crossing.OPEN)
    longer = np.array([1.0, JAGGED, JAGGED * JAGGED])[FINEST - np.minimum(level[one], level[two])]
    return Pairs(
        one=one,
        two=two,
        border_km=np.where(over, np.where(bridged, wide, border), border / longer),
        crossing=crossing.astype(np.int8),
        stream=_stream_between(book, cells, one, two),
    )


def _stream_between(book: Atlas, cells: Cells, one: Array, two: Array) -> Array:
    """Whether the way between two cells' centres crosses the Khabur or the Orontes."""
    ends = np.stack([
        np.column_stack([cells.lon[one], cells.lat[one]]),
        np.column_stack([cells.lon[two], cells.lat[two]]),
    ], axis=1)  # fmt: skip
    costly = set(book.shapes["crossed_at_a_cost"])
    out = np.zeros(len(one), bool)
    for name, _, points in book.shapes["lines"]:
        if name in costly:
            stream = LineString(points)
            box = np.add(stream.bounds, (-0.3, -0.3, 0.3, 0.3))
            near = np.flatnonzero(
                (ends[:, 0, 0] > box[0]) & (ends[:, 0, 0] < box[2])
                & (ends[:, 0, 1] > box[1]) & (ends[:, 0, 1] < box[3])
            )  # fmt: skip
            shapely.prepare(stream)
            out[near] |= shapely.intersects(stream, shapely.linestrings(ends[near]))
    return out


def _piece_at(book: Atlas, lon: float, lat: float, bank: int) -> int:
    """The piece at a point; that of the other bank only where the hexagon has no other.

    Raises PlaceError when no piece lies within `OUTSIDE_KM`.
    """
    hexagon = h3.str_to_int(h3.latlng_to_cell(lat, lon, FINEST))
    side = bank or int(Bank.LEFT if shapely.contains_xy(book.left, lon, lat) else Bank.RIGHT)
    found = book.index.get((hexagon, side))
    if found is None and not bank:
        found = book.index.get((hexagon, 3 - side))
    if found is not None:
        return found
    p = book.pieces
    dx = (p["lon"] - lon) * float(km_per_degree_east(lat))
    dy = (p["lat"] - lat) * KM_PER_DEGREE
    distance = np.sqrt(dx * dx + dy * dy)
    distance[p["bank"] != side] = np.inf
    nearest = int(np.argmin(distance))
    if distance[nearest] > OUTSIDE_KM:
        raise PlaceError(
            f"the point {lat:.3f} N, {lon:.3f} E lies outside the theatre: Syria between "
            f"32.3 and 37.4 N, 35.7 and 42.4 E, without the occupied Golan."
        )
    return nearest


def _outlines(book: Atlas, mesh: Mesh, cut: Array) -> list[BaseGeometry]:
    """Hexagons clipped by the border, and by the bank where the river cut them."""
    country = shapely.union_all([shape(g) for g in book.shapes["districts"].values()])
    inner = country.buffer(-0.001)
    shapely.prepare([country, inner])
    hexagons = _fitted(mesh)
    out: list[BaseGeometry] = []
    for name, bank, is_cut in zip(mesh.cell_id, mesh.bank, cut, strict=True):
        hexagon = hexagons[name.split("/")[0]]
        clipped = hexagon if inner.contains(hexagon) else hexagon.intersection(country)
        if is_cut:
            on_left = bank == Bank.LEFT
            clipped = clipped.intersection(book.left) if on_left else clipped.difference(book.left)
        out.append(clipped if not clipped.is_empty else hexagon)
    return out


def _fitted(mesh: Mesh) -> dict[str, BaseGeometry]:
    """The hexagon of each index; a coarse one beside finer ones is fitted to their jagged edge."""
    beside: dict[str, set[str]] = {}
    for c, name in enumerate(mesh.cell_id):
        near = mesh.indices[mesh.indptr[c] : mesh.indptr[c + 1]].tolist()
        beside.setdefault(name.split("/")[0], set()).update(
            mesh.cell_id[n].split("/")[0] for n in near
        )
    plain = {name: _hexagon(name) for name in beside}
    out: dict[str, BaseGeometry] = dict(plain)
    for name, around in sorted(beside.items()):
        level = h3.get_resolution(name)
        finer = sorted(n for n in around if h3.get_resolution(n) > level)
        if finer:
            rest = sorted(around - {name} - set(finer))
            finest = max(h3.get_resolution(n) for n in finer)
            parts = [_hexagon(child) for child in h3.cell_to_children(name, finest)]
            gap = shapely.union_all(parts).difference(
                shapely.union_all([plain[name], *(plain[n] for n in rest)])
            )
            kept = plain[name].difference(shapely.union_all([plain[n] for n in finer]))
            out[name] = shapely.union_all([kept, gap])
    return out


def _hexagon(name: str) -> Polygon:
    return Polygon([(lon, lat) for lat, lon in h3.cell_to_boundary(name)])
