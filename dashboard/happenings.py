"""What happened on a day, in sentences: ground that changed hands, incidents, the calendar.

The ledger and the incidents say what happened in which run; the scenario's calendar says what the
reports put on that day.  What is alike is told once, with the number of runs that saw it.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dashboard import words
from dashboard.kept import kept
from dashboard.texts import say
from sim import Result

Array = NDArray[Any]

NOBODY = -1
MOST = 12  # sentences of a day
MOST_PLACES = 4  # places told one by one; the rest is told by district
AROUND_KM = 12.0  # nearer than this is "around" a place, farther has a direction
TOGETHER_KM = 60.0  # incidents that lie no farther from their middle are said to be in one place
KM_PER_DEGREE = 111.2
POINTS = ("east", "north-east", "north", "north-west", "west", "south-west", "south", "south-east")

# The kinds, the weightiest first: the order of the sentences of a day.
KINDS = (
    "begins", "place", "surrender", "evacuation", "reconciliation", "ground", "ends", "break-out",
    "operation", "convoy-caught", "convoy-left", "convoy-arrived", "exfiltration", "arrests",
    "goes-on",
)  # fmt: skip


@dataclass(frozen=True)
class Happening:
    """One thing that happened on a day.

    kind     one of KINDS
    text     a sentence
    runs     how many runs saw it; none for what the calendar says
    faction  who did it: an index, -1 for nobody
    cell     where it happened most: an index; none where it is not one spot
    reports  ids of the reports that say so
    """

    kind: str
    text: str
    runs: int | None
    faction: int
    cell: int | None
    reports: tuple[str, ...] = ()


@kept(most=512)
def happenings(
    result: Result, entry: int, run: int | None = None, most: int = MOST
) -> tuple[Happening, ...]:
    """What happened on the day whose evening `entry` shows, the weightiest first, at most `most`.

    Without `run` it is told over all runs.  Nothing has happened at entry 0, the start.
    """
    if entry == 0:
        return ()
    day = _Day(_index(result), entry, run)
    found = [*day.calendar(), *day.ground(), *day.incidents()]
    rank = {kind: place for place, kind in enumerate(KINDS)}
    found.sort(key=lambda it: rank[it.kind])  # keeps the order of equals
    return tuple(found[:most])


@dataclass(frozen=True)
class _Table:
    """Columns of the ledger or the incidents as plain arrays, sorted by day and then by run."""

    start: Array  # (T+1,) first row of each entry
    columns: dict[str, Array]

    @classmethod
    def of(cls, frame: pd.DataFrame, days: int, names: Iterable[str]) -> _Table:
        """The named columns of a table; a category as its number, nobody as -1."""
        day = frame["day"].to_numpy()
        order = np.argsort(day, kind="stable")
        columns = {}
        for name in names:
            values = frame[name]
            if isinstance(values.dtype, pd.CategoricalDtype):
                numbers = values.cat.codes.to_numpy().astype(np.int64)
                if values.cat.categories[-1] == "nobody":
                    numbers[numbers == len(values.cat.categories) - 1] = NOBODY
            else:
                numbers = values.to_numpy()
            columns[name] = numbers[order]
        return cls(np.searchsorted(day[order], np.arange(days + 2)), columns)

    def day(self, entry: int, run: int | None) -> list[Array]:
        """The columns of a day, of one run or of all."""
        here = slice(self.start[entry], self.start[entry + 1])
        columns = [values[here] for values in self.columns.values()]
        if run is None:
            return columns
        mine = self.columns["run"][here] == run
        return [values[mine] for values in columns]


class _Index:
    """What is the same for every day of a result."""

    def __init__(self, result: Result) -> None:
        setting = result.setting
        self.setting = setting
        self.runs = result.runs
        self.ledger = _Table.of(result.ledger, result.days, ("run", "cell", "from", "to", "cause"))
        self.incidents = _Table.of(
            result.incidents, result.days, ("run", "kind", "faction", "other", "cell", "persons")
        )
        self.causes = tuple(result.ledger["cause"].cat.categories)
        self.kinds = tuple(result.incidents["kind"].cat.categories)
        self.through = self.kinds.index("break-out-success")
        self.attempts = (self.through, self.kinds.index("break-out-failure"))
        self.area = setting.area_km2.tolist()
        self.weight = self._weights()

    def _weights(self) -> dict[int, tuple[bool, int]]:
        """Cells with a place worth its name: whether the scenario asks about it, and its people."""
        asked = {question.place for question in self.setting.questions}
        found: dict[int, tuple[bool, int]] = {}
        for place in self.setting.places:
            wanted = not asked.isdisjoint((place.name, *place.aliases))
            if wanted or place.population > 0:
                weight = (wanted, place.population)
                found[place.cell] = max(found.get(place.cell, weight), weight)
        return found

    @cached_property
    def settled(self) -> tuple[Array, list[str]]:
        """Longitude and latitude, (N, 2), and names of lived-in places, the largest first."""
        found = [place for place in self.setting.places if place.population > 0]
        found.sort(key=lambda place: (-place.population, place.name))
        spots = np.array([(place.lon, place.lat) for place in found]).reshape(-1, 2)
        return spots, [place.name for place in found]

    def name(self, faction: int) -> str:
        """A faction's name."""
        return self.setting.faction_name(faction)

    def middle(self, cells: Array | list[int]) -> tuple[float, float, float]:
        """The middle of some cells, degrees, and how far from it the farthest lies, km."""
        lon, lat = self.setting.lon[cells], self.setting.lat[cells]
        x, y = float(lon.mean()), float(lat.mean())
        dx = (lon - x) * KM_PER_DEGREE * math.cos(math.radians(y))
        dy = (lat - y) * KM_PER_DEGREE
        return x, y, float(np.sqrt((dx * dx + dy * dy).max()))

    def where(self, lon: float, lat: float) -> str:
        """A spot in words: ` around Hajin`, ` south of Hajin`; empty where nobody lives."""
        spots, names = self.settled
        if not names:
            return ""
        dx = (lon - spots[:, 0]) * KM_PER_DEGREE * math.cos(math.radians(lat))
        dy = (lat - spots[:, 1]) * KM_PER_DEGREE
        ways = np.rint(np.sqrt(dx * dx + dy * dy))  # to the km, so that no last bit picks the name
        near = int(ways.argmin())
        if ways[near] <= AROUND_KM:
            return say("charts.where.around", place=names[near])
        point = POINTS[round(math.atan2(dy[near], dx[near]) / (math.pi / 4)) % 8]
        return say(f"charts.where.{point}", place=names[near])


@kept(most=1)
def _index(result: Result) -> _Index:
    return _Index(result)


class _Day:
    """The sentences of one day."""

    def __init__(self, index: _Index, entry: int, run: int | None) -> None:
        self.index = index
        self.entry = entry
        self.run = run
        self.runs = index.runs if run is None else 1

    # --- the calendar ---

    def calendar(self) -> list[Happening]:
        """What the scenario's calendar has on this day; equal words are said once."""
        today = self.entry - 1
        groups: dict[tuple[str, str], list[Any]] = defaultdict(list)
        for event in self.index.setting.events:
            if event.start <= today <= event.end and event.text:
                groups[_stage(event, today), event.text.rstrip(". ")].append(event)
        return [
            Happening(
                kind="begins" if stage == "only" else stage,
                text=say(f"charts.calendar.{stage}", what=text),
                runs=None,
                faction=events[0].faction,
                cell=None,
                reports=tuple(dict.fromkeys(id for event in events for id in event.reports)),
            )
            for (stage, text), events in groups.items()
        ]

    # --- ground ---

    def ground(self) -> list[Happening]:
        """What changed hands: the places that matter one by one, the rest by district."""
        changes: dict[tuple[int, int, int], dict[int, int]] = defaultdict(dict)
        columns = self.index.ledger.day(self.entry, self.run)
        for run, cell, before, after, cause in zip(*(c.tolist() for c in columns), strict=True):
            changes[cell, before, after][run] = cause
        weight = self.index.weight

        def rank(key: tuple[int, int, int]) -> tuple[Any, ...]:
            asked, people = weight[key[0]]
            return (not asked, -len(changes[key]), -people, key)

        told = sorted((key for key in changes if key[0] in weight), key=rank)[:MOST_PLACES]
        found = [self._place(key, changes.pop(key)) for key in told]
        return found + sorted(self._districts(changes), key=_seldom)

    def _place(self, key: tuple[int, int, int], seen: dict[int, int]) -> Happening:
        cell, before, after = key
        place = self.index.setting.place[cell]
        text = self._taken(place, before, after, set(seen.values()), len(seen))
        return Happening("place", text, len(seen), after, cell)

    def _districts(self, changes: dict[tuple[int, int, int], dict[int, int]]) -> list[Happening]:
        index = self.index
        groups: dict[tuple[str, int, int], list[tuple[int, dict[int, int]]]] = defaultdict(list)
        for (cell, before, after), seen in changes.items():
            groups[index.setting.district[cell], before, after].append((cell, seen))
        found = []
        for (_, before, after), parts in groups.items():
            km2: Counter[int] = Counter()
            for cell, seen in parts:
                for run in seen:
                    km2[run] += index.area[cell]
            lon, lat, _ = index.middle([cell for cell, seen in parts for _ in seen])
            patch = self._about(words.area(_median(km2.values()))) + index.where(lon, lat)
            causes = {cause for _, seen in parts for cause in seen.values()}
            most = max(parts, key=lambda part: (len(part[1]), -part[0]))[0]
            text = self._taken(patch, before, after, causes, len(km2))
            found.append(Happening("ground", text, len(km2), after, most))
        return found

    def _taken(self, what: str, before: int, after: int, causes: set[int], n: int) -> str:
        """A change of control as a sentence; its cause where all runs agree on it."""
        if before == NOBODY:
            name = "from-nobody"
        elif after == NOBODY:
            name = "to-nobody"
        else:
            name = self.index.causes[next(iter(causes))] if len(causes) == 1 else "none"
        by, to = self.index.name(before), self.index.name(after)
        often = self._often(n)
        return _sentence(say(f"charts.taken.{name}", place=what, by=by, to=to, often=often))

    # --- incidents ---

    def incidents(self) -> list[Happening]:
        """Operations, break-outs, surrenders, deals, convoys and arrests, each kind once a pair."""
        index = self.index
        run, kind, faction, other, cell, persons = index.incidents.day(self.entry, self.run)
        if len(run) == 0:
            return []
        # one attempt to break out may meet this besieger and the next that one: told as one
        tried = np.isin(kind, index.attempts)
        kinds, others = np.where(tried, index.attempts[0], kind), np.where(tried, NOBODY, other)
        sides = index.setting.factions + 1  # with nobody
        code = (kinds * sides + faction + 1) * sides + others + 1
        keys, group = np.unique(code, return_inverse=True)
        found = []
        for g, key in enumerate(keys.tolist()):
            k, by, to = key // sides**2, key // sides % sides - 1, key % sides - 1
            mine = np.flatnonzero(group == g)
            name = "break-out" if k == index.attempts[0] else index.kinds[k]
            through = int((kind[mine] == index.through).sum())
            rows = (run[mine], cell[mine], persons[mine])
            found.append(self._incident(name, by, to, rows, through))
        return sorted(found, key=_seldom)

    def _incident(
        self, kind: str, faction: int, other: int, rows: tuple[Array, Array, Array], through: int
    ) -> Happening:
        """One kind of incident between two sides; rows are runs, cells and persons of each."""
        index = self.index
        run, cell, persons = rows
        lon, lat, far = index.middle(cell)
        together = far <= TOGETHER_KM
        runs, which = np.unique(run, return_inverse=True)
        people = int(_median(np.bincount(which, weights=persons).tolist()))
        text = say(
            f"charts.incident.{kind}",
            faction=index.name(faction),
            other=index.name(other),
            where=index.where(lon, lat) if together else "",
            often=self._often(len(runs)),
            persons=self._about(words.plural("charts.fighters", people)),
            people=self._about(words.plural("charts.people", people)),
            came=self._came(len(cell), through),
        )
        cells, times = np.unique(cell, return_counts=True)
        most = int(cells[times.argmax()]) if together else None
        return Happening(kind, _sentence(text), len(runs), faction, most)

    def _came(self, tried: int, through: int) -> str:
        """How many of some attempts to break out came through."""
        if tried == 1:
            return say(f"charts.attempt.{'through' if through else 'failed'}")
        if through == 0:
            return say("charts.attempts.none", tried=words.whole(tried))
        if through == tried:
            return say("charts.attempts.all", tried=words.whole(tried))
        return say("charts.attempts.some", tried=words.whole(tried), n=words.whole(through))

    # --- words ---

    def _often(self, n: int) -> str:
        text = words.how_often(n, self.runs)
        return f" {text}" if text else ""

    def _about(self, amount: str) -> str:
        """An amount; over several runs it is the middle one of the runs that saw it."""
        return amount if self.runs == 1 else say("charts.about", amount=amount)


def _stage(event: Any, today: int) -> str:
    """Whether an event of the calendar begins, goes on or ends today, or is of this day only.

    What is in force on the first day was so before, as far as the scenario knows: it goes on.
    """
    if event.start == event.end:
        return "only"
    if today == event.end:
        return "ends"
    return "begins" if today == event.start > 0 else "goes-on"


def _seldom(happening: Happening) -> int:
    """To sort by: what most runs saw comes first."""
    return -(happening.runs or 0)


def _median(values: Iterable[float]) -> float:
    """The middle value, an observed one."""
    found = sorted(values)
    return found[(len(found) - 1) // 2]


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:]
