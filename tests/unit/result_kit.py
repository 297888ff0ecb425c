"""A strip of eight cells and a model that hands cells over by a script: to test what is kept.

Cells 0 to 7 lie in a row, 5 km apart, 20 km2 each except the last (40.5 km2).  Reds hold 0 to 3,
Blues 4 to 6, nobody holds 7.  Day 0 is 2018-08-14 and ten days are simulated.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
from shapely.geometry import box

from sim.chance import fold, name_key, run_keys, uniform
from sim.errors import PlaceError
from sim.parameters import Parameters
from sim.record import Recorder, Series
from sim.result import Result
from sim.scenario.compiled import CompiledScenario, Event, EventKind, Question
from sim.state import Cause, Incident, State

RED, BLUE, NOBODY = 0, 1, -1
CELLS, SECTORS, DAYS = 8, 2, 10


@dataclass
class StripTheatre:
    name: str = "strip"
    label: str = "grid"
    mesh: Any = None
    districts: tuple[Any, ...] = ()
    gazetteer: Any = None
    lines: tuple[Any, ...] = ()

    def cell_of(self, lon: float, lat: float, bank: int = 0) -> int:
        cell = round((lon - 38.0) / 0.05)
        if not 0 <= cell < CELLS:
            raise PlaceError("outside")
        return cell

    def outlines(self) -> list[Any]:
        return [box(x - 0.025, 33.0, x + 0.025, 33.05) for x in self.mesh.lon]

    def digest(self) -> str:
        return "strip"


def place(name: str, cell: int, *aliases: str, population: int = 100) -> Any:
    return SimpleNamespace(
        name=name,
        aliases=aliases,
        lon=38.0 + 0.05 * cell,
        lat=33.0,
        bank=0,
        population=population,
        kind="town",
    )


def strip_theatre() -> StripTheatre:
    neighbours = [[j for j in (i - 1, i + 1) if 0 <= j < CELLS] for i in range(CELLS)]
    indices = np.array([j for row in neighbours for j in row], np.int32)
    area = np.full(CELLS, 20.0, np.float32)
    area[7] = 40.5
    mesh = SimpleNamespace(
        cell_id=[f"cell{i}" for i in range(CELLS)],
        cells=CELLS,
        area=area,
        lon=38.0 + 0.05 * np.arange(CELLS),
        lat=np.full(CELLS, 33.0),
        sector=np.array([0] * 4 + [1] * 4, np.int16),
        indptr=np.cumsum([0] + [len(row) for row in neighbours]).astype(np.int32),
        indices=indices,
        edge_km=np.full(len(indices), 5.0, np.float32),
        crossing=np.zeros(len(indices), np.int8),
    )
    return StripTheatre(
        mesh=mesh,
        districts=(SimpleNamespace(pcode="XX01"), SimpleNamespace(pcode="XX02")),
        gazetteer=SimpleNamespace(
            places=(
                place("Westford", 0),
                place("Midway", 4, "Al Wasat", "الوسط", population=900),
                place("Eastend", 6),
                place("Abroad", 40),
            )
        ),
        lines=(SimpleNamespace(name="M9", kind="road", coords=[(38.0, 33.0), (38.4, 33.0)]),),
    )


def strip_scenario(**changes: Any) -> CompiledScenario:
    push = Event(
        id="push",
        key=1,
        kind=EventKind.OFFENSIVE,
        faction=RED,
        other=BLUE,
        start=2,
        end=8,
        cells=np.array([4, 5], np.int32),
        weights=np.ones(2, np.float32),
        text="Reds advance on Midway",
        reports=("R1", "R2"),
    )
    air = Event(
        id="air",
        key=2,
        kind=EventKind.AIR_SUPPORT,
        faction=RED,
        start=3,
        end=5,
        cells=np.array([4], np.int32),
        weights=np.ones(1, np.float32),
        text="Aircraft support the Reds",
        reports=("R2", "R3"),
    )
    values: dict[str, Any] = {
        "name": "strip",
        "title": "A strip of land",
        "digest": "d1gest",
        "start": date(2018, 8, 14),
        "days": DAYS,
        "theatre": strip_theatre(),
        "faction_ids": ("RED", "BLUE"),
        "faction_names": ("the Reds", "the Blues"),
        "faction_keys": np.array([name_key("RED"), name_key("BLUE")], np.uint64),
        "colours": ("#aa0000", "#0000aa"),
        "doctrines": ("army", "army"),
        "quality": np.ones(2),
        "cohesion": np.ones(2),
        "stock": np.full(2, 10.0),
        "stance": np.array([[3, 0], [0, 3]], np.int8),
        "holder": np.array([RED] * 4 + [BLUE] * 3 + [NOBODY], np.int8),
        "held_days": np.full(CELLS, 100, np.int16),
        "source_faction": np.array([0, 1], np.int8),
        "source_cell": np.array([0, 6], np.int32),
        "source_strength": np.ones(2),
        "refuge": np.zeros((2, CELLS), np.bool_),
        "support": np.full((SECTORS, 2), 0.5),
        "forces": (),
        "events": (push, air),
        "questions": (
            Question("midway", "Reds hold Midway by 18 August", "Midway", np.array([4]), RED, 4),
        ),
        "parameters": Parameters(),
        "ranges": {},
        "reports": {
            id: {"id": id, "claim": f"claim of {id}", "source": "a paper", "date": date(2018, 8, 1)}
            for id in ("R1", "R2", "R3")
        },
    }
    return CompiledScenario(**{**values, **changes})


@dataclass(frozen=True)
class Move:
    """On that simulated day (1 is the first) the cell goes to `to` in one run."""

    run: int
    day: int
    cell: int
    to: int
    cause: Cause = Cause.ASSAULT
    ratio: float = 1.5
    margin: float = 0.2


class Happening(NamedTuple):
    """An incident on that simulated day (1 is the first)."""

    run: int
    day: int
    kind: Incident
    faction: int
    cell: int
    persons: int
    other: int = NOBODY


@dataclass
class ScriptedModel:
    """Hands over cells by a script; `moves` name runs by their number in the ensemble."""

    scenario: CompiledScenario
    runs: Any
    seed: int = 1
    changes: Any = None
    moves: tuple[Move, ...] = ()
    happenings: tuple[Happening, ...] = ()
    state: State = field(init=False)
    world: Any = field(init=False)

    def __post_init__(self) -> None:
        R = len(self.runs)
        state = State.empty(R, CELLS, self.scenario.factions, 1, SECTORS, len(self.scenario.events))
        state.holder[:] = self.scenario.holder
        for f, cells in ((RED, range(4)), (BLUE, range(4, 7))):
            state.fighters[:, list(cells), f] = 100
        state.covert[:, 0, BLUE] = 7
        self.state = state
        parameters = Parameters().table(R, self.changes)
        self.world = SimpleNamespace(parameters=parameters)

    def step(self) -> None:
        state = self.state
        today = state.day + 1
        state.cause[:] = 0
        state.incident_count[:] = 0
        for v, event in enumerate(self.scenario.events):
            state.active[:, v] = event.start <= state.day <= event.end
        for move in self.moves:
            if move.day == today and move.run in self.runs:
                r = int(np.flatnonzero(self.runs == move.run)[0])
                state.holder[r, move.cell] = move.to
                state.cause[r, move.cell] = int(move.cause)
                state.ratio[r, move.cell] = move.ratio
                state.margin[r, move.cell] = move.margin
        for it in self.happenings:
            if it.day == today and it.run in self.runs:
                r = int(np.flatnonzero(self.runs == it.run)[0])
                i = state.incident_count[r]
                values = (int(it.kind), it.faction, it.other, it.cell, it.persons, np.nan, np.nan)
                state.incidents[r, i] = values
                state.incident_count[r] += 1
        state.losses[:, BLUE, 0] += 3
        state.displaced[:, 1] += 10
        state.day += 1


@dataclass
class LuckyModel(ScriptedModel):
    """Hands cells over by keyed chance, a few a day: another history for each run number."""

    def step(self) -> None:
        day = self.state.day + 1
        key = fold(run_keys(self.seed, np.asarray(self.runs)), np.uint64(day))
        cell = (uniform(key) * CELLS).astype(int)
        to = (uniform(fold(key, np.uint64(1))) * 3).astype(int) - 1
        self.moves = tuple(
            Move(int(run), day, int(c), int(f), ratio=1.0 + 0.1 * day)
            for run, c, f in zip(self.runs, cell, to, strict=True)
        )
        super().step()
        self.state.fighters[:, 2, RED] += self.state.day * np.asarray(self.runs, np.int32)


def scripted(*moves: Move, happenings: tuple[Happening, ...] = ()) -> Any:
    """A factory of scripted models for `simulate(model=...)`."""

    def make(scenario: Any, *, runs: Any, seed: int, changes: Any) -> ScriptedModel:
        return ScriptedModel(scenario, runs, seed, changes, moves, happenings)

    return make


def lucky(scenario: Any, *, runs: Any, seed: int, changes: Any) -> LuckyModel:
    return LuckyModel(scenario, runs, seed, changes)


def watch(model: ScriptedModel, days: int = DAYS, series: Series | None = None) -> Recorder:
    """Record a model for some days."""
    recorder = Recorder(model.scenario, model.state, runs=np.asarray(model.runs), series=series)
    for _ in range(days):
        model.step()
        recorder.day(model.state)
    return recorder


def result_of(
    *moves: Move, runs: int = 2, happenings: tuple[Happening, ...] = (), **changes: Any
) -> Result:
    """A result of a scripted ensemble."""
    from sim.ensemble import simulate

    scenario = strip_scenario(**changes)
    return simulate(scenario, runs=runs, model=scripted(*moves, happenings=happenings))
