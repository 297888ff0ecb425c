"""Convoys: transfers take days and may be caught; reinforcements come from outside."""

from __future__ import annotations

import math
from typing import Any

from bench.peer_mesa.chance import comb, whole
from bench.peer_mesa.world import CONVOY
from sim.scenario.compiled import EventKind

HALF_PRESENCE = 100.0


def convoys(m: Any) -> None:
    for entry in m.entries:
        if entry.kind in (EventKind.TRANSFER, EventKind.REINFORCEMENT):
            if entry.since == m.day:
                depart(m, entry)
            if entry.transit:
                travel(m, entry)


def depart(m: Any, entry: Any) -> None:
    low, high = entry.event.persons
    persons = math.floor(low + (high - low) * m.random.random() + 0.5)
    faction = entry.faction
    if entry.kind is EventKind.REINFORCEMENT:
        faction.joined += persons
    else:
        forces = [c.troops[faction] for c in entry.origin if faction in c.troops]
        present = [force.persons for force in forces]
        persons = min(persons, sum(present))
        if persons:
            for force, going in zip(forces, comb(persons, present, m.random), strict=True):
                force.leave(going)
    entry.transit += persons
    if persons:
        start = entry.cells[0] if entry.kind is EventKind.REINFORCEMENT else entry.origin[0]
        m.note("convoy left", faction, None, start, persons)


def travel(m: Any, entry: Any) -> None:
    faction, event = entry.faction, entry.event
    elapsed = m.day - entry.since
    if elapsed < event.travel_days:
        if entry.route:
            road(m, entry, elapsed)
        return
    homes = [(c, w) for c, w in entry.weight_of.items() if c.holder in faction.friends]
    weights = [w for _, w in homes]
    if not any(weights):
        return
    for (cell, _), come in zip(homes, comb(entry.transit, weights, m.random), strict=True):
        m.enter(faction, cell, come)
    main = max(homes, key=lambda home: home[1])[0]
    m.note("convoy arrived", faction, None, main, entry.transit)
    entry.transit = 0


def road(m: Any, entry: Any, elapsed: int) -> None:
    faction, route, days = entry.faction, entry.route, entry.event.travel_days
    cell = route[(2 * elapsed + 1) * len(route) // (2 * days)]
    counts = {f: 0 for f in m.factions if f in faction.enemies}
    for j in cell.reach:
        for forces in (j.troops, j.networks):
            for f, force in forces.items():
                if f in counts:
                    counts[f] += force.persons
    total = sum(counts.values())
    chance = m.p.intercept * total / (total + HALF_PRESENCE)
    margin = chance - m.random.random()
    if margin > 0.0:
        lost = min(entry.transit, whole(entry.transit * m.p.intercept_loss, m.random))
        entry.transit -= lost
        faction.losses[CONVOY] += lost
        strongest = max(counts, key=counts.__getitem__)
        m.note("convoy caught", faction, strongest, cell, lost, margin=margin)
