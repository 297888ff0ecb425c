"""Invented theatres, drawn with letters: for tests, for teaching, for a first scenario.

    grid('''
        s s v m
         s v v m
        s s v m
    ''')

Each letter is a hexagon, rows run from north to south and every second row is moved half a hexagon
to the east; spaces are for the eye.  Other maps (districts, banks, roads...) have the same shape.
The place is near 0 N, 0 E, in the sea, so nobody takes it for Syria.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from sim.chance import name_key
from sim.errors import BadiaError, PlaceError
from sim.theatre.gazetteer import Gazetteer, Place
from sim.theatre.graph import Cells, Pairs, join
from sim.theatre.mesh import Bank, Crossing, Mesh, Road, Terrain
from sim.theatre.theatre import KM_PER_DEGREE, District, Theatre, km_per_degree_east

Array = NDArray[Any]
Hexagon = tuple[int, int]  # row, column
Way = Sequence[Sequence[int]]  # two neighbouring hexagons, [[row, column], [row, column]]

TERRAIN = {
    "d": Terrain.DESERT, "s": Terrain.STEPPE, "v": Terrain.VALLEY, "m": Terrain.MOUNTAIN,
    "u": Terrain.URBAN, "l": Terrain.LAVA,
}  # fmt: skip
ROADS = {".": Road.NONE, "-": Road.SECONDARY, "=": Road.TRUNK}
ROUGH = {
    Terrain.DESERT: 0.1, Terrain.STEPPE: 0.2, Terrain.VALLEY: 0.3, Terrain.MOUNTAIN: 0.7,
    Terrain.URBAN: 0.6, Terrain.LAVA: 1.0,
}  # fmt: skip
PEOPLE = {
    Terrain.DESERT: 1, Terrain.STEPPE: 20, Terrain.VALLEY: 90, Terrain.MOUNTAIN: 30,
    Terrain.URBAN: 900, Terrain.LAVA: 1,
}  # fmt: skip
HOLE = "."
SEGMENT_KM2 = 250.0
SIN60 = 0.8660254037844386
LARGEST = 10_000  # hexagons


def grid(
    terrain: str,
    *,
    hexagon_km: float = 6.0,
    districts: str | None = None,
    district_names: Mapping[str, str] | None = None,
    segments: str | None = None,
    banks: str | None = None,
    closed: Iterable[Way] = (),
    bridges: Iterable[Way] = (),
    places: Mapping[str, Any] | None = None,
    population: str | int = 0,
    roads: str | None = None,
) -> Theatre:
    """An invented theatre of hexagons.

    terrain         letters: d desert, s steppe, v valley, m mountain, u urban, l lava; `.` no cell
    hexagon_km      distance between neighbouring centres, 1 to 50
    districts       a letter or digit per hexagon; letter A is the district `XXA`.  One if left out
    district_names  what the districts are called, by letter
    segments        a letter or digit per hexagon; if left out, blocks of about 250 km2
    banks           L or R per hexagon: between L and R runs a closed river.  All R if left out
    closed          further pairs of neighbours between which nothing passes
    bridges         pairs of neighbours joined over the river
    places          name -> [row, column], or -> {at: [row, column], population: persons}
    population      persons outside the places, spread by terrain; or a map of digits, thousands
    roads           `-` secondary road, `=` trunk road, `.` none

    Cells are called `r02c03`.  Raises BadiaError when a map does not fit or a letter is unknown.
    """
    options = {
        "hexagon_km": hexagon_km, "districts": districts, "district_names": district_names,
        "segments": segments, "banks": banks, "closed": (closed := tuple(closed)),
        "bridges": (bridges := tuple(bridges)), "places": places, "population": population,
        "roads": roads,
    }  # fmt: skip
    if not 1.0 <= hexagon_km <= 50.0:
        raise BadiaError(f"hexagon_km is {hexagon_km}; it can be 1 to 50.")
    ground = _read("terrain", terrain, None, {*TERRAIN, HOLE}, lower=True)
    ground = {at: letter for at, letter in ground.items() if letter != HOLE}
    if not ground:
        raise BadiaError("the terrain map has no cell.")
    if len(ground) > LARGEST:
        raise BadiaError(f"the terrain map has {len(ground)} cells; {LARGEST} is the most.")
    owner = _read("districts", districts, ground, None) if districts else dict.fromkeys(ground, "A")
    side = _read("banks", banks, ground, {"L", "R"}) if banks else dict.fromkeys(ground, "R")
    way = _read("roads", roads, ground, set(ROADS)) if roads else dict.fromkeys(ground, HOLE)
    area = hexagon_km * hexagon_km * SIN60
    if segments is None:
        block = _blocks(owner, side, area)
    else:
        block = {k: (v, side[k]) for k, v in _read("segments", segments, ground, None).items()}
    order = sorted(ground, key=lambda at: (block[at], at))
    index = {at: k for k, at in enumerate(order)}
    settled = _settle(places or {}, index)
    codes = sorted(set(owner.values()))
    names = dict(district_names or {})
    for unknown in sorted(set(names) - set(codes)):
        raise BadiaError(f"district_names: no district '{unknown}' on the map, only {codes}.")
    terrain_of = np.array([TERRAIN[ground[at]] for at in order])
    blocks = [block[at] for at in order]
    new = np.array([k == 0 or blocks[k] != blocks[k - 1] for k in range(len(order))])
    x = np.array([hexagon_km * (c + 0.5 * (r % 2)) for r, c in order])
    y = np.array([-hexagon_km * SIN60 * r for r, _ in order])
    ids = [f"r{r:02d}c{c:02d}" for r, c in order]
    cells = Cells(
        cell_id=ids,
        key=np.array([name_key(f"grid {name}") for name in ids], np.uint64),
        lon=x / KM_PER_DEGREE,
        lat=y / KM_PER_DEGREE,
        x_km=x,
        y_km=y,
        area=np.full(len(order), area),
        terrain=terrain_of,
        rough=np.array([ROUGH[Terrain(t)] for t in terrain_of]),
        road=np.array([ROADS[way[at]] for at in order]),
        bank=np.array([Bank.LEFT if side[at] == "L" else Bank.RIGHT for at in order]),
        population=_people(population, ground, order, terrain_of, settled),
        sector=np.array([codes.index(owner[at]) for at in order]),
        segment=np.cumsum(new) - 1,
        segment_key=np.array(
            [
                name_key("grid segment " + " ".join(b))
                for b, n in zip(blocks, new, strict=True)
                if n
            ],
            np.uint64,
        ),
        sector_key=np.array([name_key(f"XX{code}") for code in codes], np.uint64),
    )
    pairs = _pairs(index, side, closed, bridges, hexagon_km)
    mesh = join(cells, pairs)
    regions = tuple(
        District(f"XX{code}", names.get(code, f"District {code}"), "", "XX", "Invented")
        for code in codes
    )
    gazetteer = Gazetteer(_gazetteer(settled, cells, regions, mesh))
    shape = _shape(hexagon_km)
    return Theatre(
        name="grid",
        label="grid",
        mesh=mesh,
        districts=regions,
        gazetteer=gazetteer,
        lines=(),
        locate=lambda lon, lat, bank: _nearest(mesh, hexagon_km, lon, lat, bank),
        draw=lambda: _draw(shape, mesh),
        shapes=lambda: _unions(_draw(shape, mesh), mesh, regions),
        recipe=(_again, (terrain, options)),
    )


def _again(terrain: str, options: dict[str, Any]) -> Theatre:
    """The grid of these options, for a theatre that travels to another process."""
    return grid(terrain, **options)


def _read(
    name: str,
    text: str,
    fit: dict[Hexagon, str] | None,
    allowed: set[str] | None,
    lower: bool = False,
) -> dict[Hexagon, str]:
    """A map's letters by (row, column); with `fit`, only at its hexagons, and all of them."""
    rows = ["".join(line.split()) for line in text.splitlines()]
    while rows and not rows[0]:
        rows.pop(0)
    while rows and not rows[-1]:
        rows.pop()
    out: dict[Hexagon, str] = {}
    for r, line in enumerate(rows):
        if not line:
            raise BadiaError(f"the map of {name} has an empty row {r}; write '.' where no cell is.")
        for c, letter in enumerate(line.lower() if lower else line):
            if fit is not None and (r, c) not in fit:
                continue
            wrong = letter not in allowed if allowed else not letter.isalnum()
            if wrong:
                choice = (
                    ", ".join(f"'{a}'" for a in sorted(allowed)) if allowed else "a letter or digit"
                )
                raise BadiaError(f"{name}, row {r}, column {c}: '{letter}'; it can be {choice}.")
            out[r, c] = letter
    if fit is not None and (missing := sorted(set(fit) - set(out))):
        r, c = missing[0]
        raise BadiaError(
            f"the map of {name} has no letter at row {r}, column {c}, where the terrain has a cell."
        )
    return out


def _around(at: Hexagon) -> list[Hexagon]:
    """The six neighbours of a hexagon; odd rows are moved half a hexagon to the east."""
    r, c = at
    shift = r % 2
    return [
        (r, c - 1), (r, c + 1),
        (r - 1, c - 1 + shift), (r - 1, c + shift),
        (r + 1, c - 1 + shift), (r + 1, c + shift),
    ]  # fmt: skip


def _blocks(owner: dict[Hexagon, str], side: dict[Hexagon, str], area: float) -> dict[Hexagon, Any]:
    """Segments by default: connected parts of square blocks inside a district and bank."""
    wide = 1
    while (wide + 1) * (wide + 1) * area <= SEGMENT_KM2 * 1.2:
        wide += 1
    block = {at: (owner[at], side[at], at[0] // wide, at[1] // wide) for at in sorted(owner)}
    out: dict[Hexagon, Any] = {}
    for at in sorted(owner):
        if at in out:
            continue
        name = (*(str(v) for v in block[at]), f"r{at[0]:02d}c{at[1]:02d}")
        stack = [at]
        while stack:
            here = stack.pop()
            if here not in out:
                out[here] = name
                stack += [n for n in _around(here) if n in block and block[n] == block[at]]
    return out


def _settle(places: Mapping[str, Any], index: dict[Hexagon, int]) -> dict[str, tuple[int, int]]:
    """Name -> (cell, persons)."""
    out = {}
    for name, value in places.items():
        at, people = (
            (value["at"], value.get("population", 0)) if isinstance(value, Mapping) else (value, 0)
        )
        if len(at) != 2 or (int(at[0]), int(at[1])) not in index:
            raise BadiaError(
                f"the place '{name}' stands at {list(at)}, [row, column], where no cell is."
            )
        out[name] = (index[int(at[0]), int(at[1])], int(people))
    return out


def _people(
    population: str | int, ground: dict[Hexagon, str], order: list[Hexagon], terrain: Array,
    settled: dict[str, tuple[int, int]],
) -> Array:  # fmt: skip
    """Persons in each cell; a number is kept to the person."""
    if isinstance(population, str):
        digits = _read("population", population, ground, set("0123456789"))
        people = np.array([1000 * int(digits[at]) for at in order], np.int64)
    else:
        if population < 0:
            raise BadiaError(f"population is {population}; it cannot be negative.")
        weight = np.array([PEOPLE[Terrain(t)] for t in terrain], np.int64)
        reached = np.cumsum(weight) * int(population) // int(weight.sum())
        people = np.diff(reached, prepend=0)
    for cell, persons in settled.values():
        people[cell] += persons
    return people


def _pairs(
    index: dict[Hexagon, int], side: dict[Hexagon, str], closed: Iterable[Way],
    bridges: Iterable[Way], hexagon_km: float,
) -> Pairs:  # fmt: skip
    """All neighbours, with the river between banks and where `closed` says, but for bridges."""
    kind: dict[tuple[int, int], int] = {}
    for at, one in index.items():
        for near in _around(at):
            two = index.get(near, -1)
            if two > one:
                river = side[at] != side[near]
                kind[one, two] = Crossing.CLOSED if river else Crossing.OPEN
    for name, ways, crossing in (
        ("closed", closed, Crossing.CLOSED),
        ("bridges", bridges, Crossing.BRIDGE),
    ):
        for way in ways:
            ends = sorted(index.get((int(at[0]), int(at[1])), -1) for at in way)
            if len(ends) != 2 or (ends[0], ends[1]) not in kind:
                raise BadiaError(
                    f"{name}: {[list(at) for at in way]} are not two neighbouring cells."
                )
            kind[ends[0], ends[1]] = crossing
    keys = sorted(kind)
    table = np.array(keys, np.int64).reshape(-1, 2)
    return Pairs(
        one=table[:, 0],
        two=table[:, 1],
        border_km=np.full(len(keys), hexagon_km * 0.5 / SIN60),
        crossing=np.array([kind[k] for k in keys], np.int8),
        stream=np.zeros(len(keys), bool),
    )


def _gazetteer(
    settled: dict[str, tuple[int, int]], cells: Cells, regions: tuple[District, ...], mesh: Mesh
) -> tuple[Place, ...]:
    places = []
    for name, (cell, people) in settled.items():
        places.append(Place(
            name, (), float(cells.lon[cell]), float(cells.lat[cell]), "town", int(cells.bank[cell]),
            people, regions[int(cells.sector[cell])].pcode, "Invented", 2,
        ))  # fmt: skip
    for k, region in enumerate(regions):
        own = mesh.sector == k
        lon, lat = float(np.mean(mesh.lon[own])), float(np.mean(mesh.lat[own]))
        places.append(Place(
            region.name, (region.pcode,), lon, lat, "district", 0,
            int(mesh.population[own].sum()), region.pcode, "Invented", 1,
        ))  # fmt: skip
    return tuple(places)


def _nearest(mesh: Mesh, hexagon_km: float, lon: float, lat: float, bank: int) -> int:
    dx = (mesh.lon - lon) * float(km_per_degree_east(lat))
    dy = (mesh.lat - lat) * KM_PER_DEGREE
    distance = np.sqrt(dx * dx + dy * dy)
    if bank:
        distance[mesh.bank != bank] = np.inf
    nearest = int(np.argmin(distance))
    if distance[nearest] > hexagon_km:
        raise PlaceError(f"the point {lat:.3f} N, {lon:.3f} E lies outside this invented theatre.")
    return nearest


def _shape(hexagon_km: float) -> Array:
    """The corners of a hexagon around its centre, degrees."""
    half, side = hexagon_km / 2.0, hexagon_km * 0.5 / SIN60
    corners = [(0, side), (half, side / 2), (half, -side / 2), (0, -side), (-half, -side / 2),
               (-half, side / 2)]  # fmt: skip
    return np.array(corners) / KM_PER_DEGREE


def _draw(shape: Array, mesh: Mesh) -> list[BaseGeometry]:
    return [Polygon(np.add(shape, (lon, lat))) for lon, lat in zip(mesh.lon, mesh.lat, strict=True)]


def _unions(
    outlines: list[BaseGeometry], mesh: Mesh, regions: tuple[District, ...]
) -> dict[str, BaseGeometry]:
    return {
        region.pcode: shapely.union_all(
            [o.buffer(1e-6) for o, s in zip(outlines, mesh.sector, strict=True) if s == k]
        )
        for k, region in enumerate(regions)
    }
