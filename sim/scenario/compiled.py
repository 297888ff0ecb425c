"""A scenario as arrays: what `compile.py` makes of YAML and a theatre, all that the model reads.

Nothing here depends on the number of runs.  Days count from the scenario's start (day 0 is the
start date); places have become cells, names have become indices, but every thing that chance may
touch keeps its stable key.  C cells, S sectors, F factions, N supply sources.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.errors import Problem
from sim.parameters import Parameters
from sim.posterior import Posterior

if TYPE_CHECKING:
    from sim.scenario.condition import Condition
    from sim.theatre.theatre import Theatre

Array = NDArray[Any]
NOBODY = -1  # holder of a cell that no faction controls


class Stance(IntEnum):
    """What one faction is to another; symmetric."""

    HOSTILE = 0  # fights on sight
    RIVAL = 1  # polices the other's networks, does not open fronts
    TRUCE = 2  # leaves the other alone
    ALLIED = 3  # shares ground, supply and fronts


class Posture(IntEnum):
    """What a faction does in a sector."""

    HOLD = 0
    ATTACK = 1
    BESIEGE = 2
    RAID = 3
    EVADE = 4
    WITHDRAW = 5
    BREAK_OUT = 6
    HUNT = 7


class EventKind(IntEnum):
    """The kinds of event; each may write only what `EVENT_WRITES` names."""

    OFFENSIVE = 0  # orders: `faction` may attack into `cells`, hardest where the weight is largest
    PAUSE = 1  # orders: `faction` begins no operation in `cells`, ordered or not
    BOMBARDMENT = (
        2  # assets: `faction` bombards `other` (or all its enemies) in `cells`, `intensity`
    )
    AIR_SUPPORT = (
        3  # assets: combat power of `faction` attacking into `cells` is times 1 + intensity
    )
    TRANSFER = (
        4  # orders: `persons` of `faction` leave `origin`, arrive at `cells` after `travel_days`
    )
    STANCE = 5  # stances: `faction` and `other` become `stance`
    ARRESTS = (
        6  # orders: `faction` polices `other`'s networks (or reconcilers) in `cells`, `intensity`
    )
    LEAFLETS = 7  # opportunity: `faction` asks people in `cells` to leave `other`, `intensity`
    EVACUATION_OFFER = 8  # opportunity: `faction` offers `other` in `cells` a way out to `route`
    RECONCILIATION_OFFER = (
        9  # opportunity: `faction` offers `other` in `cells` terms to change sides
    )
    REINFORCEMENT = 10  # assets: `persons` of `faction` appear in `cells`
    SUPPLY = 11  # supply: `faction` in `cells` receives `intensity` rations a person and day
    POSTURE = 12  # orders: `faction` takes `posture` in `cells`' sectors


EVENT_WRITES: dict[EventKind, str] = {
    EventKind.OFFENSIVE: "orders",
    EventKind.PAUSE: "orders",
    EventKind.BOMBARDMENT: "assets",
    EventKind.AIR_SUPPORT: "assets",
    EventKind.TRANSFER: "orders",
    EventKind.STANCE: "stances",
    EventKind.ARRESTS: "orders",
    EventKind.LEAFLETS: "opportunity",
    EventKind.EVACUATION_OFFER: "opportunity",
    EventKind.RECONCILIATION_OFFER: "opportunity",
    EventKind.REINFORCEMENT: "assets",
    EventKind.SUPPLY: "supply",
    EventKind.POSTURE: "orders",
}


@dataclass(frozen=True)
class Force:
    """Fighters of one faction, spread over cells; each run draws its size from low..high."""

    id: str
    key: int
    faction: int
    covert: bool
    low: float
    high: float
    cells: Array  # (n,) int32, ascending
    weights: Array  # (n,) float64, sums to 1
    reports: tuple[str, ...] = ()


@dataclass(frozen=True)
class Event:
    """One line of the calendar."""

    id: str
    key: int
    kind: EventKind
    faction: int  # who acts; index
    start: int  # first day in force
    end: int  # last day in force, inclusive; equal to start for a single act
    cells: Array  # (n,) int32, ascending: the area
    weights: Array  # (n,) float32, 0 to 1: priority inside the area (1 on the named axes)
    other: int = NOBODY  # the faction at which it is aimed
    intensity: float = 1.0
    persons: tuple[float, float] = (0.0, 0.0)  # low, high; each run draws
    origin: Array = field(default_factory=lambda: np.empty(0, np.int32))  # cells a transfer leaves
    route: Array = field(
        default_factory=lambda: np.empty(0, np.int32)
    )  # cells on its way, in order
    travel_days: int = 0
    stance: int = int(Stance.HOSTILE)
    posture: int = int(Posture.HOLD)
    reconcilers: bool = False  # arrests of people who would reconcile, not of a network
    when: Condition | None = None  # in force only from the first day on which this holds
    known: int = 0  # day on which it became known; may be negative
    text: str = ""
    reports: tuple[str, ...] = ()


@dataclass(frozen=True)
class Question:
    """Something to watch: does `faction` hold (most of) `cells` by `by`?"""

    id: str
    text: str
    place: str
    cells: Array
    faction: int
    by: int


@dataclass(frozen=True)
class CompiledScenario:
    """Everything the model needs, besides the seed and the number of runs."""

    name: str
    title: str
    digest: str
    start: date
    days: int
    theatre: Theatre
    faction_ids: tuple[str, ...]  # short ids such as `IS`; the order is that of the YAML
    faction_names: tuple[str, ...]
    faction_keys: Array  # (F,) uint64
    colours: tuple[str, ...]  # `#RRGGBB`
    doctrines: tuple[str, ...]  # names in the registry of doctrines
    quality: Array  # (F,) float64, combat power of one fighter; the regular soldier is 1
    cohesion: Array  # (F,) float64, 0 to 1, on day 0
    stock: Array  # (F,) float64, days of supply on day 0
    stance: Array  # (F, F) int8, `Stance`; the diagonal is ALLIED
    holder: Array  # (C,) int8, index of a faction or NOBODY
    held_days: Array  # (C,) int16, days the holder has been there on day 0
    source_faction: Array  # (N,) int8
    source_cell: Array  # (N,) int32
    source_strength: Array  # (N,) float64, 0 to 1
    refuge: Array  # (F, C) bool: where those who break out or slip away go
    support: Array  # (S, F) float64, share of the population, rows sum to at most 1
    forces: tuple[Force, ...]
    events: tuple[Event, ...]
    questions: tuple[Question, ...]
    parameters: Parameters
    ranges: dict[str, tuple[float, float]]  # parameters that each run draws from low..high
    reports: dict[str, Any]  # report id -> `schema.Report`
    posterior: Posterior | None = None  # what runs draw of the parameters that are not set here
    as_of: date | None = None
    folder: str = ""  # where it was read from, as the user named it; observed.yaml may lie there
    summary: str = ""
    areas: dict[str, Array] = field(default_factory=dict)  # cells of the named areas, ascending
    warnings: tuple[Problem, ...] = ()  # what the loader would have its author look at

    @property
    def factions(self) -> int:
        """How many factions there are."""
        return len(self.faction_ids)
