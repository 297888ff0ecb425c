"""Siege: cut-off fighters slip away, break out, or surrender."""

from __future__ import annotations

import math
from typing import Any

from bench.peer_mesa.chance import whole
from bench.peer_mesa.control import leave
from bench.peer_mesa.engagement import odds
from bench.peer_mesa.picture import power
from bench.peer_mesa.world import BREAK_OUT, SURRENDER, Contingent, Faction, Ground
from sim.scenario.compiled import Posture

CONTAGIOUS_DAYS = 14
SMALLEST_PARTY = 10


def siege(m: Any) -> None:
    for g in sorted({cell.segment.index for cell in m.severed}):
        for f in range(len(m.factions)):
            contingent = m.contingents.get((g, f))
            if contingent is None or contingent.men == 0:
                continue
            if all(force.place.distance < 0 for force in contingent.forces.values()):
                starve(m, contingent)


def starve(m: Any, contingent: Contingent) -> None:
    p, faction, segment = m.p, contingent.faction, contingent.segment
    persons = contingent.men
    main = max(contingent.in_order(), key=lambda force: force.persons).place
    sector = segment.cells[0].sector
    eaten = min(1.0, contingent.store / persons / p.ration_knee)
    posture = sector.posture[faction.index]
    refuge, km = m.refuge_of(faction, segment)
    if refuge is not None and posture == Posture.EVADE:
        slip_away(m, contingent, persons, main, eaten, refuge, km)
    if refuge is not None and posture in (Posture.EVADE, Posture.BREAK_OUT):
        break_out(m, contingent, main, refuge)
    persons = contingent.men  # who is left
    hunger = max(0.0, 1.0 - eaten / p.hunger_ration)
    if hunger == 0.0 or persons == 0:
        return
    hazard = 2.0 * p.surrender_rate * hunger * (1.0 - sector.cohesion[faction.index])
    if neighbours_gave_in(m, contingent):
        hazard *= 1.0 + p.contagion
    margin = 1.0 - math.exp(-hazard) - m.random.random()
    if margin > 0.0:
        give_in(m, contingent, persons, main, margin)


def take(contingent: Contingent, n: int) -> None:
    """Take n out, as evenly as whole persons allow."""
    total, seen, taken = contingent.men, 0, 0
    for force in contingent.in_order():
        seen += force.persons
        due = n * seen // total
        if due > taken:
            force.leave(due - taken)
        taken = due


def slip_away(
    m: Any, contingent: Contingent, persons: int, main: Ground, eaten: float, refuge: Ground,
    km: float,
) -> None:  # fmt: skip
    n = whole(persons * m.p.exfiltrate_rate * (1.0 - eaten), m.random)
    if n == 0:
        return
    arrived = min(n, whole(n * math.exp(-km / m.p.breakout_km), m.random))
    faction = contingent.faction
    take(contingent, n)
    m.enter(faction, refuge, arrived, covert=True)
    faction.losses[BREAK_OUT] += n - arrived
    m.note("exfiltration", faction, None, main, n)


def break_out(m: Any, contingent: Contingent, main: Ground, refuge: Ground) -> None:
    p, random, faction = m.p, m.random, contingent.faction
    expected = contingent.men * p.breakout_share
    if expected < SMALLEST_PARTY or random.random() >= p.breakout_rate:
        return
    best, goal, ring, beyond = -1.0, None, 0.0, 0.0
    for cell in contingent.segment.cells:
        if cell.holder not in faction.friends:
            continue
        for j, km, _, _ in cell.ways:
            if j.holder not in faction.enemies:
                continue
            there = j.ready_might * km / j.front_km if j.front_km > 0.0 else 0.0
            away = m.refuge_of(faction, j.segment)[1]
            prospect = odds(1.0 / max(there, 1.0), p) * math.exp(-away / p.breakout_km)
            if prospect > best:
                best, goal, ring, beyond = prospect, j, there, away
    if goal is None:
        return
    party = whole(expected, random)
    men, might, _ = m.strength.get(main) or power(main)
    ratio = party * might / max(men, 1.0) / max(ring, 1.0)
    chance = odds(max(ratio, 1e-3), p) * math.exp(-beyond / p.breakout_km)
    margin = chance - random.random()
    fallen = party - int(party * (1.0 - p.breakout_loss))
    if margin > 0.0:
        fallen //= 10
        take(contingent, party)
        m.enter(faction, refuge, party - fallen, covert=True)
        kind = "break-out success"
    else:
        take(contingent, fallen)
        kind = "break-out failure"
    faction.losses[BREAK_OUT] += fallen
    m.note(kind, faction, goal.holder, goal, party, ratio, margin)


def neighbours_gave_in(m: Any, contingent: Contingent) -> bool:
    return any(
        0 < m.day - day <= CONTAGIOUS_DAYS
        for segment in contingent.segment.beside
        for faction, day in segment.surrendered_on.items()
        if faction in contingent.faction.friends
    )


def conqueror(contingent: Contingent) -> Faction | None:
    """The enemy with the longest border around the ground of f and its allies here."""
    faction = contingent.faction
    border: dict[Faction, float] = {}
    for cell in contingent.segment.cells:
        if cell.holder in faction.friends:
            for j, km, _, _ in cell.ways:
                if j.holder is not None and j.holder in faction.enemies:
                    border[j.holder] = border.get(j.holder, 0.0) + km
    return max(border, key=lambda f: (border[f], -f.index), default=None)


def give_in(m: Any, contingent: Contingent, persons: int, main: Ground, margin: float) -> None:
    """The stretch surrenders; where no enemy touches it there is nobody to surrender to."""
    faction, new = contingent.faction, conqueror(contingent)
    if new is None:
        return
    take(contingent, persons)
    faction.losses[SURRENDER] += persons
    contingent.segment.surrendered_on[faction] = m.day
    m.note("surrender", faction, new, main, persons, margin=margin)
    for cell in contingent.segment.cells:
        if cell.holder is faction:
            m.hand_over(cell, new, "surrender", margin=margin)
            for force in list(cell.troops.values()):
                if force.faction not in new.friends:
                    leave(m, force)
