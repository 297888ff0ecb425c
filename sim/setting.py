"""The setting of a result: what it remembers of its scenario, so that it explains itself later.

A result must be readable without its scenario's folder, which may have changed since.  So it keeps
the names, the cells with their outlines, the starting map, the calendar and the reports.  Nothing
here is needed to run a model.  C cells, E directed neighbour pairs.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.errors import PlaceError
from sim.kept import kept
from sim.scenario.compiled import NOBODY, CompiledScenario
from sim.theatre.mesh import Crossing

Array = NDArray[Any]

NOBODY_ID = "nobody"
NEAR_KM = 4.0  # a cell whose centre is nearer than this to a place is "near" it
POINTS = ("east", "north-east", "north", "north-west", "west", "south-west", "south", "south-east")
KM_PER_DEGREE = 111.2
AREA_KINDS = ("district", "governorate")  # names of a gazetteer that stand for no one spot


@dataclass(frozen=True)
class EventNote:
    """One line of the calendar as it was compiled; days count from the start date, which is 0."""

    id: str
    kind: str  # `offensive`, `air-support`, ...
    faction: int
    other: int
    start: int
    end: int
    text: str
    reports: tuple[str, ...]
    cells: tuple[int, ...]


@dataclass(frozen=True)
class QuestionNote:
    """Something to watch; `by` counts from the start date, which is 0."""

    id: str
    text: str
    place: str
    cells: tuple[int, ...]
    faction: int
    by: int


@dataclass(frozen=True)
class PlaceNote:
    """A place of the gazetteer and the cell it lies in."""

    name: str
    aliases: tuple[str, ...]
    cell: int
    lon: float
    lat: float
    population: int


@dataclass(frozen=True)
class Line:
    """A river or a road for maps."""

    name: str
    kind: str
    coords: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Setting:
    """What a result remembers of its scenario; see the module's docstring.

    cell_id    C str            H3 index, with `/L` or `/R` where the river cut the hexagon
    place      C str            the cell in words: `Hajin`, `11 km south-east of Hajin`
    district   C str            P-code of the cell's district
    lon, lat   (C,)   float64   degrees
    area_km2   (C,)   float64   km2
    holder     (C,)   int8      holder at the start, NOBODY if none
    pair_from, pair_to  (E,) int32   neighbours, each pair in both directions
    pair_km    (E,)   float64   centre to centre, km
    pair_open  (E,)   bool      whether ground may be taken across it (not over the closed river)
    """

    name: str
    title: str
    digest: str
    folder: str  # where the scenario was read from, as the user named it
    start: date
    days: int
    as_of: date | None
    theatre: dict[str, str]
    faction_ids: tuple[str, ...]
    faction_names: tuple[str, ...]
    colours: tuple[str, ...]
    doctrines: tuple[str, ...]
    stance: tuple[tuple[int, ...], ...]
    events: tuple[EventNote, ...]
    questions: tuple[QuestionNote, ...]
    reports: dict[str, dict[str, Any]]
    parameters: dict[str, float]
    ranges: dict[str, tuple[float, float]]
    places: tuple[PlaceNote, ...]
    lines: tuple[Line, ...]
    cell_id: tuple[str, ...]
    place: tuple[str, ...]
    district: tuple[str, ...]
    lon: Array
    lat: Array
    area_km2: Array
    holder: Array
    pair_from: Array
    pair_to: Array
    pair_km: Array
    pair_open: Array
    _outlines: Any = field(default=None, repr=False, compare=False)

    @property
    def cells(self) -> int:
        """Number of cells."""
        return len(self.cell_id)

    @property
    def factions(self) -> int:
        """Number of factions, nobody not counted."""
        return len(self.faction_ids)

    @property
    def holders(self) -> tuple[str, ...]:
        """Ids along the `faction` axis of a result: the factions, then nobody (index -1)."""
        return (*self.faction_ids, NOBODY_ID)

    @cached_property
    def outlines(self) -> list[Any]:
        """The shapely outline of each cell, in degrees."""
        made = self._outlines() if callable(self._outlines) else self._outlines
        return list(made) if made is not None else []

    def faction_name(self, faction: int) -> str:
        """The full name of a faction by index; `nobody` for NOBODY."""
        return NOBODY_ID if faction == NOBODY else self.faction_names[faction]

    def evening(self, entry: int) -> date:
        """The date on whose evening an entry of the daily axis stands; entry 0 is the start."""
        return self.start + timedelta(days=entry - 1)

    def entry(self, day: date) -> int:
        """The entry of the daily axis that holds a date's evening; may lie outside the run."""
        return (day - self.start).days + 1

    def find_place(self, text: str) -> PlaceNote:
        """The place of that name or alias, or the cell of that id.

        Raises PlaceError, with the nearest spelling, where no place or more than one is called so.
        """
        if text in self.cell_id:
            cell = self.cell_id.index(text)
            lon, lat = float(self.lon[cell]), float(self.lat[cell])
            return PlaceNote(self.place[cell], (), cell, lon, lat, population=0)
        wanted = text.strip().casefold()
        found = [p for p in self.places if wanted in {n.casefold() for n in (p.name, *p.aliases)}]
        exact = [p for p in found if p.name.casefold() == wanted] or found
        if len({p.cell for p in exact}) == 1:
            return exact[0]
        if exact:
            where = "; ".join(f"{p.name} ({self.place[p.cell]})" for p in exact)
            raise PlaceError(f"'{text}' may be any of these places: {where}.")
        from rapidfuzz import process

        names = sorted({name for p in self.places for name in (p.name, *p.aliases)})
        match = process.extractOne(text, names, score_cutoff=60)
        hint = f" Did you mean '{match[0]}'?" if match else ""
        raise PlaceError(f"This result knows no place called '{text}'.{hint}")

    @staticmethod
    @kept
    def of(scenario: CompiledScenario) -> Setting:
        """What to remember of a compiled scenario."""
        theatre, mesh = scenario.theatre, scenario.theatre.mesh
        places = _places(theatre)
        pcodes = [district.pcode for district in theatre.districts]
        return Setting(
            name=scenario.name,
            title=scenario.title,
            digest=scenario.digest,
            folder=scenario.folder,
            start=scenario.start,
            days=scenario.days,
            as_of=scenario.as_of,
            theatre={"name": theatre.name, "label": theatre.label, "digest": theatre.digest()},
            faction_ids=scenario.faction_ids,
            faction_names=scenario.faction_names,
            colours=scenario.colours,
            doctrines=scenario.doctrines,
            stance=tuple(tuple(int(s) for s in row) for row in scenario.stance),
            events=tuple(
                EventNote(
                    id=e.id,
                    kind=e.kind.name.lower().replace("_", "-"),
                    faction=int(e.faction),
                    other=int(e.other),
                    start=int(e.start),
                    end=int(e.end),
                    text=e.text,
                    reports=tuple(e.reports),
                    cells=tuple(int(c) for c in e.cells),
                )
                for e in scenario.events
            ),
            questions=tuple(
                QuestionNote(
                    q.id, q.text, q.place, tuple(int(c) for c in q.cells), int(q.faction), int(q.by)
                )
                for q in scenario.questions
            ),
            reports={id: _plain(report) for id, report in sorted(scenario.reports.items())},
            parameters=scenario.parameters.model_dump(),
            ranges={name: (float(a), float(b)) for name, (a, b) in sorted(scenario.ranges.items())},
            places=places,
            lines=tuple(
                Line(line.name, str(line.kind), tuple((float(x), float(y)) for x, y in line.coords))
                for line in theatre.lines
            ),
            cell_id=tuple(mesh.cell_id),
            place=_words(mesh.lon, mesh.lat, places),
            district=tuple(pcodes[s] for s in mesh.sector),
            lon=mesh.lon.astype(np.float64),
            lat=mesh.lat.astype(np.float64),
            area_km2=mesh.area.astype(np.float64),
            holder=scenario.holder.astype(np.int8),
            pair_from=np.repeat(np.arange(mesh.cells, dtype=np.int32), np.diff(mesh.indptr)),
            pair_to=mesh.indices.astype(np.int32),
            pair_km=mesh.edge_km.astype(np.float64),
            pair_open=mesh.crossing != Crossing.CLOSED,
            _outlines=theatre.outlines,
        )

    def write(self, folder: Path) -> None:
        """Write `setting.json`, `cells.parquet` and `pairs.parquet` into a folder that exists."""
        import pandas as pd
        import shapely

        # a line for each entry; Python's fast writer knows no indentation
        lines = [
            f'"{name}": '
            + json.dumps(_plain(getattr(self, name)), ensure_ascii=False, sort_keys=True)
            for name in sorted(_PLAIN)
        ]
        text = "{\n" + ",\n".join(lines) + "\n}\n"
        (folder / "setting.json").write_text(text, encoding="utf-8")
        cells = pd.DataFrame(
            {
                "cell": self.cell_id,
                "place": self.place,
                "district": self.district,
                "lon": self.lon,
                "lat": self.lat,
                "area_km2": self.area_km2,
                "holder": self.holder,
            }
        )
        if self.outlines:
            cells["outline"] = list(shapely.to_wkb(np.array(self.outlines, dtype=object)))
        cells.to_parquet(folder / "cells.parquet", index=False)
        pd.DataFrame(
            {
                "from": self.pair_from,
                "to": self.pair_to,
                "km": self.pair_km,
                "open": self.pair_open,
            }
        ).to_parquet(folder / "pairs.parquet", index=False)

    @classmethod
    def read(cls, folder: Path) -> Setting:
        """What `write` wrote."""
        import pandas as pd
        import shapely

        plain = json.loads((folder / "setting.json").read_text(encoding="utf-8"))
        cells = pd.read_parquet(folder / "cells.parquet")
        pairs = pd.read_parquet(folder / "pairs.parquet")
        outlines = None
        if "outline" in cells:
            outlines = list(shapely.from_wkb(cells["outline"].to_numpy(object)))
        return cls(
            **{
                **plain,
                "start": date.fromisoformat(plain["start"]),
                "as_of": plain["as_of"] and date.fromisoformat(plain["as_of"]),
                "faction_ids": tuple(plain["faction_ids"]),
                "faction_names": tuple(plain["faction_names"]),
                "colours": tuple(plain["colours"]),
                "doctrines": tuple(plain["doctrines"]),
                "stance": tuple(tuple(row) for row in plain["stance"]),
                "events": tuple(EventNote(**_tuples(event)) for event in plain["events"]),
                "questions": tuple(QuestionNote(**_tuples(q)) for q in plain["questions"]),
                "ranges": {name: tuple(pair) for name, pair in plain["ranges"].items()},
                "places": tuple(PlaceNote(**_tuples(place)) for place in plain["places"]),
                "lines": tuple(
                    Line(line["name"], line["kind"], tuple((x, y) for x, y in line["coords"]))
                    for line in plain["lines"]
                ),
            },
            cell_id=tuple(cells["cell"]),
            place=tuple(cells["place"]),
            district=tuple(cells["district"]),
            lon=cells["lon"].to_numpy(np.float64),
            lat=cells["lat"].to_numpy(np.float64),
            area_km2=cells["area_km2"].to_numpy(np.float64),
            holder=cells["holder"].to_numpy(np.int8),
            pair_from=pairs["from"].to_numpy(np.int32),
            pair_to=pairs["to"].to_numpy(np.int32),
            pair_km=pairs["km"].to_numpy(np.float64),
            pair_open=pairs["open"].to_numpy(np.bool_),
            _outlines=outlines,
        )


_PLAIN = (
    "name", "title", "digest", "folder", "start", "days", "as_of", "theatre", "faction_ids",
    "faction_names", "colours", "doctrines", "stance", "events", "questions", "reports",
    "parameters", "ranges", "places", "lines",
)  # fmt: skip


def _plain(value: Any) -> Any:
    """A value as JSON has it; dates as ISO text, tuples as lists."""
    if hasattr(value, "model_dump"):
        value = value.model_dump()
    elif is_dataclass(value) and not isinstance(value, type):
        value = {one.name: getattr(value, one.name) for one in fields(value)}
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, np.generic):
        return value.item()
    return value


def _tuples(plain: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(v) if isinstance(v, list) else v for key, v in plain.items()}


def _places(theatre: Any) -> tuple[PlaceNote, ...]:
    """The gazetteer's places that lie on the map, in name order."""
    notes = []
    for place in theatre.gazetteer.places:
        if place.kind in AREA_KINDS:
            continue
        try:
            cell = int(theatre.cell_of(place.lon, place.lat, place.bank))
        except PlaceError:  # a place abroad, or outside a theatre that shows part of the country
            continue
        notes.append(
            PlaceNote(
                name=place.name,
                aliases=tuple(place.aliases),
                cell=cell,
                lon=float(place.lon),
                lat=float(place.lat),
                population=int(place.population or 0),
            )
        )
    return tuple(sorted(notes, key=lambda note: (note.name, note.cell)))


def _words(lon: Array, lat: Array, places: Iterable[PlaceNote]) -> tuple[str, ...]:
    """Each cell in words: the largest place in it, else the way from the nearest one."""
    notes = list(places)
    if not notes:
        return tuple(f"{y:.2f} N {x:.2f} E" for x, y in zip(lon, lat, strict=True))
    inside: dict[int, PlaceNote] = {}
    for note in notes:
        best = inside.get(note.cell)
        if best is None or note.population > best.population:
            inside[note.cell] = note
    east = np.array([note.lon for note in notes])
    north = np.array([note.lat for note in notes])
    words = []
    for cell, (x, y) in enumerate(zip(lon, lat, strict=True)):
        if cell in inside:
            words.append(inside[cell].name)
            continue
        dx = (x - east) * KM_PER_DEGREE * math.cos(math.radians(y))
        dy = (y - north) * KM_PER_DEGREE
        ways = np.sqrt(dx * dx + dy * dy)
        # to the kilometre, so that the last bit of a sum never picks the name
        close = np.flatnonzero(np.rint(ways) == np.rint(ways.min()))
        nearest = min((int(i) for i in close), key=lambda i: (-notes[i].population, notes[i].name))
        km = float(ways[nearest])
        if km < NEAR_KM:
            words.append(f"near {notes[nearest].name}")
            continue
        point = POINTS[round(math.atan2(dy[nearest], dx[nearest]) / (math.pi / 4)) % 8]
        words.append(f"{km:.0f} km {point} of {notes[nearest].name}")
    return tuple(words)
