"""The calendar: events come into force and become orders, stances and support."""

from __future__ import annotations

from typing import Any

import numpy as np

from bench.peer_mesa.control import leave
from bench.peer_mesa.world import NEVER, Faction
from sim.scenario.compiled import Event, EventKind

ORDERS = (EventKind.OFFENSIVE, EventKind.PAUSE, EventKind.AIR_SUPPORT)


class Entry:
    """One event as it stands in this run."""

    def __init__(self, m: Any, event: Event) -> None:
        self.event = event
        self.kind = event.kind
        self.faction: Faction = m.factions[event.faction]
        self.other = m.factions[event.other] if event.other >= 0 else None
        self.cells = [m.cells[c] for c in event.cells]
        self.weights = [float(w) for w in event.weights]
        self.weight_of = dict(zip(self.cells, self.weights, strict=True))
        self.origin = [m.cells[c] for c in event.origin]
        self.route = [m.cells[c] for c in event.route]
        self.intensity = float(event.intensity)
        self.active = False
        self.since = -1
        self.transit = 0

    def comes_into_force(self, m: Any) -> bool:
        event = self.event
        if not event.start <= m.day <= event.end:
            return False
        if event.when is None or self.since >= 0:
            return True
        return bool(event.when.evaluate(lambda name, args: np.array([measure(m, name, args)]))[0])


def measure(m: Any, name: str, args: tuple[str, ...]) -> Any:
    """What a condition may ask."""
    scenario = m.scenario
    if name == "day":
        return m.day
    if name == "started":
        since = next(entry.since for entry in m.entries if entry.event.id == args[0])
        return 0 <= since <= m.day
    if name == "holder":
        place = scenario.theatre.gazetteer.find(args[0])
        holder = m.cells[scenario.theatre.cell_of(place.lon, place.lat, place.bank)].holder
        return (holder.id if holder else "nobody") == args[1]
    faction = m.factions[scenario.faction_ids.index(args[0])]
    if name == "fighters":
        return m.fighters()[faction.index]
    if name == "losses":
        return sum(faction.losses)
    return faction.m2 / m.m2


def morning(m: Any) -> None:
    """Clear yesterday's marks, bring events into force, give the orders of the day."""
    m.suppressed.clear()
    m.combat.clear()
    changed = m.day == 0
    for entry in m.entries:
        active = entry.comes_into_force(m)
        if active and entry.since < 0:
            entry.since = m.day
        changed |= active != entry.active
        entry.active = active
    if changed:
        give_orders(m)
    change_stances(m)


def give_orders(m: Any) -> None:
    for cell in m.under_orders:
        cell.ordered_for, cell.paused_for, cell.air_for = set(), set(), set()
        cell.urge = cell.air = 0.0
    m.under_orders.clear()
    for kind in ORDERS:
        for entry in m.in_force(kind):
            for cell, weight in zip(entry.cells, entry.weights, strict=True):
                m.under_orders[cell] = None
                if kind is EventKind.OFFENSIVE:
                    cell.ordered_for.add(entry.faction)
                    cell.urge = max(cell.urge, weight)
                elif kind is EventKind.PAUSE:
                    cell.paused_for.add(entry.faction)
                    cell.ordered_for.discard(entry.faction)
                else:
                    cell.air_for.add(entry.faction)
                    cell.air = max(cell.air, entry.intensity)


def change_stances(m: Any) -> None:
    begins = [e for e in m.in_force(EventKind.STANCE) if e.since == m.day and e.other]
    if not begins:
        return
    for entry in begins:
        a, b = entry.faction.index, entry.other.index
        m.stances[a][b] = m.stances[b][a] = entry.event.stance
    for faction in m.factions:
        faction.meet(m.factions, m.stances)
    for cell in m.cells:
        m.dirty[cell] = m.to_trace[cell] = None
        cell.traced = NEVER
    for cell in m.cells:
        for force in list(cell.troops.values()):
            if cell.holder not in force.faction.friends:
                leave(m, force)
