"""The calendar's events as kernels take them: all those of one kind side by side.

N events, in the order of the calendar; n cells in all.  Whether an event is in force, a kernel
reads off the state.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from sim.bundle import Bundle
from sim.kept import kept
from sim.mechanisms.base import Array
from sim.scenario.compiled import CompiledScenario, Event, EventKind


@dataclass(frozen=True, eq=False)
class Campaigns(Bundle):
    """Events over areas.

    event      (N,)    int64    index of the event
    key        (N,)    uint64   its stable name
    faction    (N,)    int64    whose campaign
    other      (N,)    int64    against whom; -1 any
    intensity  (N,)    float64
    start      (N+1,)  int64    cells of event i are cells[start[i]:start[i+1]], ascending
    cells      (n,)    int32
    weights    (n,)    float64  0 to 1
    """

    event: Array
    key: Array
    faction: Array
    other: Array
    intensity: Array
    start: Array
    cells: Array
    weights: Array


@dataclass(frozen=True, eq=False)
class Moves(Bundle):
    """Transfers and reinforcements; event, key, faction, start, cells and weights as `Campaigns`.

    low, high      (N,)    float64  persons asked for; each run draws
    from_outside   (N,)    bool     whether they come from abroad and not from `origin`
    travel_days    (N,)    int64    days on the road
    origin_start   (N+1,)  int64    cells that move i leaves: origin[start[i]:start[i+1]], ascending
    origin         int32
    route_start    (N+1,)  int64    places on its way, in order; may be none
    route          int32
    """

    event: Array
    key: Array
    faction: Array
    low: Array
    high: Array
    from_outside: Array
    travel_days: Array
    start: Array
    cells: Array
    weights: Array
    origin_start: Array
    origin: Array
    route_start: Array
    route: Array


@dataclass(frozen=True, eq=False)
class Offers(Bundle):
    """Offers of evacuation and reconciliation; event to other, start and cells as `Campaigns`.

    reconcile  (N,)  bool   terms to change sides, else a way out
    route_end  (N,)  int64  cell to which evacuees go; -1 none
    """

    event: Array
    key: Array
    faction: Array
    other: Array
    reconcile: Array
    route_end: Array
    start: Array
    cells: Array


@kept
def campaigns(
    scenario: CompiledScenario, kind: EventKind, reconcilers: bool | None = None
) -> Campaigns:
    """The scenario's campaigns of one kind.

    reconcilers  only arrests of people who would reconcile, or only those of networks; None all
    """
    which, events = _chosen(
        scenario, lambda e: e.kind is kind and reconcilers in (None, e.reconcilers)
    )
    start, cells = _joined([event.cells for event in events])
    return Campaigns(
        **_names(which, events),
        other=np.array([e.other for e in events], np.int64),
        intensity=np.array([e.intensity for e in events], np.float64),
        start=start,
        cells=cells,
        weights=_weights(events),
    )


@kept
def moves(scenario: CompiledScenario) -> Moves:
    """The scenario's transfers and reinforcements."""
    kinds = EventKind.TRANSFER, EventKind.REINFORCEMENT
    which, events = _chosen(scenario, lambda e: e.kind in kinds)
    start, cells = _joined([event.cells for event in events])
    origin_start, origin = _joined([event.origin for event in events])
    route_start, route = _joined([event.route for event in events])
    return Moves(
        **_names(which, events),
        low=np.array([e.persons[0] for e in events], np.float64),
        high=np.array([e.persons[1] for e in events], np.float64),
        from_outside=np.array([e.kind is EventKind.REINFORCEMENT for e in events], np.bool_),
        travel_days=np.array([e.travel_days for e in events], np.int64),
        start=start,
        cells=cells,
        weights=_weights(events),
        origin_start=origin_start,
        origin=origin,
        route_start=route_start,
        route=route,
    )


@kept
def offers(scenario: CompiledScenario) -> Offers:
    """The scenario's offers that somebody could accept."""
    kinds = EventKind.EVACUATION_OFFER, EventKind.RECONCILIATION_OFFER
    which, events = _chosen(scenario, lambda e: e.kind in kinds and e.other >= 0)
    start, cells = _joined([event.cells for event in events])
    return Offers(
        **_names(which, events),
        other=np.array([e.other for e in events], np.int64),
        reconcile=np.array([e.kind is kinds[1] for e in events], np.bool_),
        route_end=np.array([e.route[-1] if len(e.route) else -1 for e in events], np.int64),
        start=start,
        cells=cells,
    )


def _chosen(
    scenario: CompiledScenario, wanted: Callable[[Event], bool]
) -> tuple[list[int], list[Event]]:
    """The events that are wanted: their indices, and they."""
    which = [i for i, event in enumerate(scenario.events) if wanted(event)]
    return which, [scenario.events[i] for i in which]


def _names(which: Sequence[int], events: Sequence[Event]) -> dict[str, Array]:
    """What every table says of its events: index, stable name and whose they are."""
    return {
        "event": np.array(which, np.int64),
        "key": np.array([e.key for e in events], np.uint64),
        "faction": np.array([e.faction for e in events], np.int64),
    }


def _joined(lists: Sequence[Array]) -> tuple[Array, Array]:
    """Lists of cells one after the other: where each starts, and where the last ends; and all."""
    start = np.cumsum([0, *map(len, lists)], dtype=np.int64)
    return start, np.concatenate([np.empty(0, np.int32), *lists])


def _weights(events: Sequence[Event]) -> Array:
    """The weights of all their cells."""
    return np.concatenate([np.empty(0), *(event.weights for event in events)])
