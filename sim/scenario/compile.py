"""From a draft and a theatre to the arrays that the model reads.

Whatever is still wrong here is added to the collector, so that all of it is told at once; the
arrays are only built when nothing is.  Sums of floats use `math.fsum`, whose result does not depend
on the machine.  C cells, S sectors, F factions.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import math
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.chance import name_key
from sim.parameters import Parameters
from sim.posterior import shipped
from sim.scenario import schema
from sim.scenario.compiled import (
    NOBODY,
    CompiledScenario,
    Event,
    EventKind,
    Force,
    Posture,
    Question,
    Stance,
)
from sim.scenario.condition import Condition, ConditionError
from sim.scenario.draft import At, Draft
from sim.scenario.ground import FAR_COST, KEPT_COST, Cells, Ground, Shapes
from sim.scenario.messages import Collector, show
from sim.scenario.rules import known_day
from sim.theatre import Theatre
from sim.theatre.mesh import Crossing, Road

AXIS_KM = 10.0  # cells this near an axis have priority 1
BESIDE_AXIS = 0.5  # priority of the rest of an offensive's area
ROAD_WEIGHT = {Road.NONE: 0.0, Road.SECONDARY: 0.5, Road.TRUNK: 1.0}

Floats = NDArray[np.float64]


class Compiler:
    """One compilation; the methods run in the order of the file and share what they learn."""

    def __init__(self, draft: Draft, ground: Ground, problems: Collector) -> None:
        self.draft = draft
        self.ground = ground
        self.theatre: Theatre = ground.theatre
        self.problems = problems
        self.ids = draft.faction_names
        self.index = {name: i for i, name in enumerate(self.ids)} | {schema.NOBODY_NAME: NOBODY}
        self.dates = {r.value.id: r.value.known_on for r in draft.reports}
        self.stance = self._stances()
        self.holder, self.held_days, self.all_painted = self._control()
        self.sources = self._sources()
        self.refuge = self._refuges()
        self.forces = self._forces()
        self.support = self._support()
        self.spec_events = self._events()
        self.questions = self._questions()
        for name in draft.areas:
            ground.cells(name, ("areas", name))

    def faction(self, name: str) -> int:
        """A faction's index; NOBODY also for unknown names, which were reported before."""
        return self.index.get(name, NOBODY)

    def day(self, date: datetime.date) -> int:
        """Days from the scenario's start."""
        return (date - self.draft.start).days if self.draft.start else 0

    def friends(self, faction: int) -> NDArray[np.bool_]:
        """Cells held by a faction or an ally, (C,)."""
        allied = np.append(self.stance[faction] == Stance.ALLIED, False)  # NOBODY is the last
        return allied[self.holder]

    def _stances(self) -> NDArray[np.int8]:
        count = len(self.ids)
        stance = np.full((count, count), Stance[self.draft.default_stance.upper()], np.int8)
        for pair in self.draft.pairs:
            a, b = (self.faction(name) for name in pair.value.between)
            if a != NOBODY and b != NOBODY:
                stance[a, b] = stance[b, a] = Stance[pair.value.stance.upper()]
        np.fill_diagonal(stance, Stance.ALLIED)
        return stance

    def _control(self) -> tuple[NDArray[np.int8], NDArray[np.int16], bool]:
        """Holder and held days of each cell, and whether every line could be painted."""
        mesh = self.theatre.mesh
        holder = np.full(mesh.cells, NOBODY, np.int8)
        held_days = np.zeros(mesh.cells, np.int16)
        bare = np.ones(mesh.cells, np.bool_)
        complete = True
        for item in self.draft.control:
            cells = self.ground.cells(item.value.area, (*item.path, "area"))
            if cells is None:
                complete = False
                continue
            holder[cells] = self.faction(item.value.faction)
            held_days[cells] = item.value.since_days
            bare[cells] = False
        if complete and bare.any():
            people = int(mesh.population[bare].sum())
            self.problems.add("unpainted", ("control",), count=int(bare.sum()), people=people)
        return holder, held_days, complete

    def _sources(self) -> list[tuple[int, int, float]]:
        """(faction, cell, strength) of each place of supply."""
        found = []
        for name, spec in self.draft.factions.items():
            faction = self.faction(name)
            friends = self.friends(faction)
            for i, source in enumerate(spec.sources):
                path = ("factions", name, "sources", i, "place")
                cell = self.ground.place_cell(source.place, path)
                if cell is None:
                    continue
                if not friends[cell]:
                    place = show(source.place)
                    self.problems.add("source-lost", path, name=show(name), place=place)
                found.append((faction, cell, source.strength))
        return found

    def _refuges(self) -> NDArray[np.bool_]:
        refuge = np.zeros((len(self.ids), self.theatre.mesh.cells), np.bool_)
        for name, spec in self.draft.factions.items():
            if spec.refuge is not None:
                cells = self.ground.cells(spec.refuge, ("factions", name, "refuge"))
                if cells is not None:
                    refuge[self.faction(name), cells] = True
        return refuge

    def _forces(self) -> list[Force]:
        found = []
        for item in self.draft.forces:
            force = item.value
            cells = self.ground.cells(force.area, (*item.path, "area"))
            faction = self.faction(force.faction)
            if cells is None or faction == NOBODY:
                continue
            cost = FAR_COST if force.spread == "front" else KEPT_COST
            if not self.ground.spend(cost * len(cells), item.path):
                continue
            if not force.covert:
                cells = cells[self.friends(faction)[cells]]
                if not len(cells):
                    if self.all_painted:
                        path = (*item.path, "area")
                        self.problems.add("force-homeless", path, faction=show(force.faction))
                    continue
            weights = self._spread(item, cells, faction)
            keep = weights > 0
            low, high = force.persons
            found.append(
                Force(
                    id=force.id,
                    key=name_key(force.id),
                    faction=faction,
                    covert=force.covert,
                    low=low,
                    high=high,
                    cells=cells[keep],
                    weights=weights[keep],
                    reports=force.reports,
                )
            )
        return found

    def _spread(self, item: At[schema.ForceSpec], cells: Cells, faction: int) -> Floats:
        """Weights of a force over its cells, which sum to 1."""
        mesh = self.theatre.mesh
        area = mesh.area[cells].astype(np.float64)
        weights, warning = area, ""
        if item.value.spread == "population":
            weights, warning = mesh.population[cells].astype(np.float64), "no-people"
        elif item.value.spread == "roads":
            by_class = np.array([ROAD_WEIGHT[Road(i)] for i in range(len(Road))])
            weights, warning = area * by_class[mesh.road[cells]], "no-roads"
        elif item.value.spread == "front":
            weights, warning = self.front_km(cells, faction), "no-front"
        total = math.fsum(weights.tolist())
        if total <= 0:
            self.problems.add(warning, (*item.path, "area"))
            weights, total = area, math.fsum(area.tolist())
        return weights / total

    def front_km(self, cells: Cells, faction: int) -> Floats:
        """Border that each of `cells` shares with enemies over open or bridged ways, km; (n,)."""
        mesh = self.theatre.mesh
        hostile = np.append(self.stance[faction] == Stance.HOSTILE, False)  # NOBODY is the last
        front = hostile[self.holder[mesh.indices]] & (mesh.crossing != Crossing.CLOSED)  # (E,)
        before = np.concatenate([[0], np.cumsum(front)])
        touching = before[mesh.indptr[cells + 1]] > before[mesh.indptr[cells]]
        out = np.zeros(len(cells), np.float64)
        for i in np.flatnonzero(touching):
            pairs = slice(mesh.indptr[cells[i]], mesh.indptr[cells[i] + 1])
            out[i] = math.fsum(mesh.border_km[pairs][front[pairs]].tolist())
        return out

    def _support(self) -> Floats:
        mesh = self.theatre.mesh
        support = np.zeros((mesh.sectors, len(self.ids)), np.float64)
        # Where nobody lives, ground stands for people.
        people = np.bincount(mesh.sector, mesh.population, mesh.sectors)
        weight = np.where(people[mesh.sector] > 0, mesh.population, mesh.area.astype(np.float64))
        total = np.array([math.fsum(weight[mesh.sector == s]) for s in range(mesh.sectors)])
        for item in self.draft.support:
            cells = self.ground.cells(item.value.area, (*item.path, "area"))
            faction = self.faction(item.value.faction)
            if cells is None or faction == NOBODY:
                continue
            if not self.ground.spend(KEPT_COST * len(cells), item.path):
                continue
            sectors = mesh.sector[cells]
            touched = np.unique(sectors)
            for s in touched:
                part = math.fsum(weight[cells[sectors == s]]) / total[s] if total[s] else 0.0
                support[s, faction] += part * (item.value.share - support[s, faction])
            sums = np.array([math.fsum(support[s]) for s in touched])
            if (sums > 1 + 1e-9).any():
                worst = int(touched[sums.argmax()])
                self.problems.add(
                    "support-sum", (*item.path, "share"), sum=f"{sums.max():.3f}",
                    district=show(self.theatre.districts[worst].name),
                )  # fmt: skip
        return support

    def _events(self) -> list[tuple[schema.EventSpec, Event]]:
        found = []
        for item in self.draft.events:
            event = self._event(item)
            if event is not None:
                found.append((item.value, event))
        return found

    def _event(self, item: At[schema.EventSpec]) -> Event | None:
        spec, path = item.value, item.path
        none = np.empty(0, np.int32)
        before = len(self.problems.errors)
        cells = none if spec.area is None else self.ground.cells(spec.area, (*path, "area"))
        origin = none if spec.origin is None else self.ground.cells(spec.origin, (*path, "origin"))
        if cells is not None and not self.ground.spend(KEPT_COST * len(cells), path):
            cells = None
        weights = None if cells is None else self._priorities(item, cells)
        route = []
        for i, name in enumerate(spec.route):
            at = self.ground.place_cell(name, (*path, "route", i))
            if at is not None:
                route.append(at)
        when = self._when(spec, path)
        if cells is None or origin is None or weights is None or self.draft.end is None:
            return None
        if len(self.problems.errors) > before:
            return None
        single = spec.kind in schema.SINGLE_ACTS and spec.when is None
        last = spec.to or (spec.from_ if single else self.draft.end)
        return Event(
            id=spec.id,
            key=name_key(spec.id),
            kind=EventKind[spec.kind.upper().replace("-", "_")],
            faction=self.faction(spec.faction),
            start=self.day(spec.from_),
            end=self.day(last),
            cells=cells,
            weights=weights,
            other=NOBODY if spec.other is None else self.faction(spec.other),
            intensity=1.0 if spec.intensity is None else float(spec.intensity),
            persons=spec.persons or (0.0, 0.0),
            origin=origin,
            route=np.array(route, np.int32),
            travel_days=spec.travel_days or 0,
            stance=int(Stance[(spec.stance or "hostile").upper()]),
            posture=int(Posture[(spec.posture or "hold").upper().replace("-", "_")]),
            reconcilers=bool(spec.reconcilers),
            when=when,
            known=self.day(known_day(spec, self.dates)),
            text=spec.text or "",
            reports=spec.reports,
        )

    def _when(self, spec: schema.EventSpec, path: Any) -> Condition | None:
        if spec.when is None:
            return None
        try:
            condition = Condition.parse(spec.when)
        except ConditionError:  # told by rules.py
            return None
        for function, arguments in condition.names():
            if function == "holder":
                self.ground.place_cells(arguments[0], (*path, "when"))
        return condition

    def _priorities(self, item: At[schema.EventSpec], cells: Cells) -> NDArray[np.float32]:
        """Of an offensive: 1 on and beside its axes, less elsewhere; without axes nothing leads.

        Of every other event: 1.
        """
        weights = np.ones(len(cells), np.float32)
        if item.value.kind != "offensive":
            return weights
        places = [
            self.ground.place(name, (*item.path, "axes", i))
            for i, name in enumerate(item.value.axes)
        ]
        points = [(place.lon, place.lat) for place in places if place is not None]
        if not points or len(points) < len(places):
            return weights * np.float32(BESIDE_AXIS)
        # A line needs two points; one place is a line of no length.
        if not self.ground.spend(FAR_COST * self.theatre.mesh.cells, (*item.path, "axes")):
            return weights
        near = self.theatre.cells_near_line(points if len(points) > 1 else points * 2, AXIS_KM)
        weights[~np.isin(cells, near)] = BESIDE_AXIS
        if (weights < 1).all():
            self.problems.add("axes-far", (*item.path, "axes"))
        return weights

    def _questions(self) -> list[Question]:
        found = []
        for item in self.draft.questions:
            spec = item.value
            if spec.place is not None:
                place = self.ground.place(spec.place, (*item.path, "place"))
                cells = (
                    self.ground.place_cells(spec.place, (*item.path, "place")) if place else None
                )
                where = place.name if place else ""
            else:
                cells = self.ground.cells(spec.area, (*item.path, "area"))
                where = spec.area if isinstance(spec.area, str) else spec.id
            if cells is not None:
                faction, by = self.faction(spec.faction), self.day(spec.by)
                found.append(Question(spec.id, spec.text, where, cells, faction, by))
        return found

    def warn_idle(self) -> None:
        """Warn of factions that cannot do anything, or only starve."""
        for name, spec in self.draft.factions.items():
            path = ("factions", name)
            faction = self.faction(name)
            mine = [f.value for f in self.draft.forces if f.value.faction == name]
            arrivals = any(e.value.faction == name for e in self.draft.events)
            if not (mine or arrivals or (self.holder == faction).any()):
                self.problems.add("faction-idle", path, name=show(name))
            if any(not force.covert for force in mine) and not spec.sources:
                self.problems.add("faction-unsupplied", path, name=show(name))


def compile_draft(
    name: str,
    folder: str,
    draft: Draft,
    compiler: Compiler,
    shapes: Shapes,
    ranges: Mapping[str, tuple[float, float]],
    as_of: datetime.date | None,
    days: int | None,
    calibrated: bool,
) -> CompiledScenario:
    """The finished arrays of a draft in which nothing is wrong.

    ranges: parameters of the file and of the caller, each (low, high).  as_of: events and reports
    that were not known by then are left out.  days: how many to simulate, at most all.
    calibrated: runs draw the parameters that are not set from the posterior.
    """
    whole, theatre = draft.whole, compiler.theatre
    assert whole is not None, "a draft without problems is whole"
    all_days = (whole.end - whole.start).days + 1
    days = all_days if days is None else days
    known = {
        r.value.id: r.value for r in draft.reports if as_of is None or r.value.known_on <= as_of
    }
    kept = [
        event
        for spec, event in compiler.spec_events
        if (as_of is None or known_day(spec, compiler.dates) <= as_of) and event.start < days
    ]
    absent = frozenset(draft.event_names) - {event.id for event in kept}
    events = tuple(_trim(event, days, known, absent) for event in kept)
    values = {
        k: low if low == high else low + (high - low) / 2 for k, (low, high) in ranges.items()
    }
    factions = [whole.factions[i] for i in compiler.ids]
    sources = compiler.sources
    return CompiledScenario(
        name=name,
        title=whole.title,
        digest=digest(draft, shapes, theatre, known, as_of, compiler.dates),
        start=whole.start,
        days=days,
        theatre=theatre,
        faction_ids=compiler.ids,
        faction_names=tuple(f.name for f in factions),
        faction_keys=np.array([name_key(i) for i in compiler.ids], np.uint64),
        colours=tuple(f.colour for f in factions),
        doctrines=tuple(f.doctrine for f in factions),
        quality=np.array([f.quality for f in factions], np.float64),
        cohesion=np.array([f.cohesion for f in factions], np.float64),
        stock=np.array([f.stock_days for f in factions], np.float64),
        stance=compiler.stance,
        holder=compiler.holder,
        held_days=compiler.held_days,
        source_faction=np.array([s[0] for s in sources], np.int8),
        source_cell=np.array([s[1] for s in sources], np.int32),
        source_strength=np.array([s[2] for s in sources], np.float64),
        refuge=compiler.refuge,
        support=compiler.support,
        forces=tuple(
            replace(force, reports=tuple(name for name in force.reports if name in known))
            for force in compiler.forces
        ),
        events=events,
        questions=tuple(q for q in compiler.questions if q.by < days),
        parameters=Parameters(**values),
        ranges={k: v for k, v in sorted(ranges.items()) if v[0] < v[1]},
        reports=known,
        posterior=posterior.without(ranges) if calibrated and (posterior := shipped()) else None,
        as_of=as_of,
        folder=folder,
        summary=whole.summary,
        areas={
            area: cells
            for area in sorted(draft.areas)
            if (cells := compiler.ground.cells(area, ("areas", area))) is not None
        },
        warnings=tuple(compiler.problems.warnings),
    )


def _without_reports(content: Any, known: Collection[str]) -> Any:
    """The same content, naming only reports that are known."""
    if isinstance(content, list):
        return [_without_reports(item, known) for item in content]
    if not isinstance(content, dict):
        return content
    return {
        key: [name for name in value if name in known]
        if key == "reports" and isinstance(value, list)
        else _without_reports(value, known)
        for key, value in content.items()
    }


def _trim(
    event: Event, days: int, known: Mapping[str, schema.Report], absent: frozenset[str]
) -> Event:
    """An event without the days, reports and other events that a run leaves out."""
    return replace(
        event,
        end=min(event.end, days - 1),
        reports=tuple(name for name in event.reports if name in known),
        when=replace(event.when, absent=absent) if event.when else None,
    )


def digest(
    draft: Draft,
    shapes: Shapes,
    theatre: Theatre,
    known: Mapping[str, schema.Report],
    as_of: datetime.date | None,
    dates: Mapping[str, datetime.date],
) -> str:
    """A hash of what a scenario says: its files' content, its theatre, and the day of knowledge.

    Comments, blanks, quotes, the order of keys and values that equal their default do not count;
    the order of factions does.  observed.yaml and README.md are no part of it, nor is what was not
    known on that day: events, reports, and the naming of such reports elsewhere.
    """
    assert draft.whole is not None
    dump: dict[str, Any] = {"mode": "json", "by_alias": True, "exclude_defaults": True}
    scenario = draft.whole.model_dump(**dump)
    if as_of is not None:
        told = {e.id for e in draft.whole.events if known_day(e, dates) <= as_of}
        scenario["events"] = [e for e in scenario.get("events", []) if e["id"] in told]
        scenario = _without_reports(scenario, known)
    content = {
        "scenario": scenario,
        "factions": list(draft.factions),
        "reports": [known[name].model_dump(**dump) for name in sorted(known)],
        "geojson": {name: content for name, (content, _) in sorted(shapes.files.items())},
        "theatre": theatre.digest(),
        "as_of": as_of.isoformat() if as_of else None,
    }
    text = json.dumps(content, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
