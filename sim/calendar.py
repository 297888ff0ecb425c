"""The calendar: which events are in force this morning, and the orders that follow from them.

Events write orders, stances, assets, supply and opportunity; the mechanisms make of them what they
can.  Nothing here, and no event, writes who holds a cell, how far an attack has come, who fell or
who gave in.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.kept import kept
from sim.kernels import control
from sim.mechanisms.base import World
from sim.scenario.compiled import NOBODY, CompiledScenario, EventKind
from sim.state import State

Array = NDArray[Any]

ORDERS = (EventKind.OFFENSIVE, EventKind.PAUSE, EventKind.AIR_SUPPORT)


class Calendar:
    """Applies a scenario's events to the state, run by run where they are conditional.

    turned  whether, after `apply`, other events are in force than the day before
    """

    name = "calendar"
    writes = (
        *("active", "since", "ordered", "paused", "urge", "air", "air_for", "stance", "supplied"),
        *("fighters", "covert", "losses", "suppressed", "combat", "cause", "incident_count"),
    )

    def __init__(self) -> None:
        self.turned = True

    def apply(self, state: State, world: World) -> None:
        """Clear yesterday's marks, bring events into force, and write the orders of the day."""
        state.suppressed[:] = 0.0
        state.combat[:] = 0.0
        state.cause[:] = 0
        state.incident_count[:] = 0
        self.turned = False
        if _is_as_yesterday(world.scenario, state.day):
            return
        before = state.active.tobytes()
        self._bring_into_force(state, world)
        self.turned = state.day == 0 or state.active.tobytes() != before
        if self.turned:
            self._give_orders(state, world)
            self._change_stances(state, world)

    def _bring_into_force(self, state: State, world: World) -> None:
        events = world.scenario.events
        today, asked = _windows(world.scenario, state.day)
        state.active[:] = today
        new = (state.active & (state.since < 0)).any(axis=0)
        # In the order of the calendar: a condition may ask whether an earlier event has begun.
        for i in sorted({*asked, *np.flatnonzero(new).tolist()}):
            when, since = events[i].when, state.since[:, i]
            if when is not None:  # once its condition has held, an event stays in force
                met = when.evaluate(lambda name, args: measure(name, args, state, world))
                state.active[:, i] = (since >= 0) | met
            since[state.active[:, i] & (since < 0)] = state.day

    def _give_orders(self, state: State, world: World) -> None:
        for field in (state.ordered, state.paused, state.urge, state.air, state.air_for):
            field[:] = 0
        for kind in ORDERS:
            for i, event in world.events(state, kind):
                bit = np.uint32(1 << event.faction)
                where = np.ix_(state.active[:, i], event.cells)
                if kind is EventKind.OFFENSIVE:
                    state.ordered[where] |= bit
                    state.urge[where] = np.maximum(state.urge[where], event.weights)
                elif kind is EventKind.PAUSE:
                    state.paused[where] |= bit
                    state.ordered[where] &= ~bit
                else:
                    state.air[where] = np.maximum(state.air[where], np.float32(event.intensity))
                    state.air_for[where] |= bit

    def _change_stances(self, state: State, world: World) -> None:
        changed = np.zeros(state.runs, np.bool_)
        for i, event in world.events(state, EventKind.STANCE):
            begins = state.active[:, i] & (state.since[:, i] == state.day)
            state.stance[begins, event.faction, event.other] = event.stance
            state.stance[begins, event.other, event.faction] = event.stance
            changed |= begins
        if changed.any():
            state.supplied[changed] = -2  # friends' roads may have opened or closed
            control.expel(
                state.arrays(),
                world.mesh,
                world.factions.key,
                world.parameters,
                world.draws(state, self.name),
                changed,
            )


@kept
def _windows(scenario: CompiledScenario, day: int) -> tuple[Array, list[int]]:
    """The events without a condition that are in force on a day, (V,) bool; and the indices of
    those that are if their condition holds.
    """
    today, asked = np.zeros(len(scenario.events), np.bool_), []
    for i, event in enumerate(scenario.events):
        if event.start <= day <= event.end:
            if event.when is None:
                today[i] = True
            else:
                asked.append(i)
    return today, asked


@kept
def _is_as_yesterday(scenario: CompiledScenario, day: int) -> bool:
    """Whether no run can have other events in force on a day than on the day before."""
    if day == 0:
        return False
    (today, asked), (yesterday, asked_yesterday) = (_windows(scenario, d) for d in (day, day - 1))
    return not asked and not asked_yesterday and np.array_equal(today, yesterday)


def measure(name: str, args: tuple[str, ...], state: State, world: World) -> Array:
    """What a condition may ask of the state, (R,); see `scenario.condition.Condition.evaluate`."""
    scenario = world.scenario
    if name == "day":
        return np.full(state.runs, state.day)
    if name == "started":
        ids = [event.id for event in scenario.events]
        began = state.since[:, ids.index(args[0])]
        return (began >= 0) & (began <= state.day)
    if name == "holder":
        place = scenario.theatre.gazetteer.find(args[0])
        cell = scenario.theatre.cell_of(place.lon, place.lat, place.bank)
        wanted = NOBODY if args[1] == "nobody" else scenario.faction_ids.index(args[1])
        return state.holder[:, cell] == wanted
    faction = scenario.faction_ids.index(args[0])
    if name == "fighters":
        return state.fighters[:, :, faction].sum(axis=1)
    if name == "losses":
        return state.losses[:, faction].sum(axis=1)
    area = np.rint(scenario.theatre.mesh.area.astype(np.float64) * 1e6).astype(np.int64)  # exact
    held = np.where(state.holder == faction, area, 0).sum(axis=1)
    return np.asarray(held / area.sum())
