"""People: displacement, support and recruits, cohesion and desertion."""

from __future__ import annotations

from typing import Any

from bench.peer_mesa.chance import comb, whole
from bench.peer_mesa.world import DESERTION, Ground, Sector
from sim.scenario.compiled import EventKind

TROUBLED = 0.25
LEAFLET_WILL = 0.5


def people(m: Any) -> None:
    displacement(m)
    for entry in m.in_force(EventKind.LEAFLETS):
        leaflets(m, entry)
    sway(m)
    steady(m)


def displacement(m: Any) -> None:
    p, random = m.p, m.random
    troubled = {cell.sector for cell in m.combat}
    fled: dict[Sector, int] = {}
    for cell, fight in m.combat.items():
        if cell.population:
            rate = p.flight
            if cell in m.suppressed:
                rate = max(rate, p.bomb_civilian)
            leave = min(cell.population, whole(cell.population * rate * fight, random))
            m.live(cell, -leave)
            fled[cell.sector] = fled.get(cell.sector, 0) + leave

    # returns are taken out before today's flight comes in, so that nobody moves twice a day
    quiet = [s for s in m.sectors if s not in troubled]
    places = {s: s.census - s.population for s in quiet if s.census > s.population}
    home: dict[Sector, int] = {}
    for sector in quiet:
        if sector.displaced == 0 or not places:
            continue
        leave = whole(sector.displaced * p.return_rate, random)
        if leave == 0:
            continue
        goals = list(places)
        weights = [
            (places[t] - home.get(t, 0)) / (p.flight_km + sector.apart[t.index]) for t in goals
        ]
        if not any(weights):
            continue
        for goal, come in zip(goals, comb(leave, weights, random), strict=True):
            come = min(come, places[goal] - home.get(goal, 0))
            home[goal] = home.get(goal, 0) + come
            sector.displaced -= come
    for sector, n in fled.items():
        if n:
            weights = [
                (TROUBLED if t in troubled else 1.0) / (p.flight_km + sector.apart[t.index])
                for t in m.sectors
            ]
            for goal, come in zip(m.sectors, comb(n, weights, random), strict=True):
                goal.displaced += come
    for sector, n in home.items():
        if n:
            cells = [c for c in sector.cells if c.census > c.population]
            empty = [c.census - c.population for c in cells]
            for cell, come in zip(cells, comb(n, empty, random), strict=True):
                m.live(cell, come)


def leaflets(m: Any, entry: Any) -> None:
    side, other = entry.faction, entry.other
    reached: dict[Sector, float] = {}
    for cell, weight in entry.weight_of.items():
        reached[cell.sector] = reached.get(cell.sector, 0.0) + weight * cell.population
    for sector, persons in reached.items():
        if persons == 0.0:
            continue
        effect = m.p.leaflet_effect * entry.intensity * persons / sector.population
        sector.will += min(1.0, LEAFLET_WILL * effect) * (1.0 - sector.will)
        if other is not None and other is not side:
            support = sector.support
            moved = min(support[other.index], effect, 1.0 - support[side.index])
            support[other.index] -= moved
            support[side.index] += moved


def sway(m: Any) -> None:
    """Support follows control, and supporters join."""
    p = m.p
    for sector in m.sectors:
        persons, support = sector.population, sector.support
        if persons == 0:
            continue
        for f, under in enumerate(sector.under[:-1]):
            support[f] += p.support_drift * (under / persons - support[f])
        total = sum(support)
        if total > 1.0:
            support[:] = [share / total for share in support]
        for faction in m.factions:
            recruits = whole(p.recruitment * support[faction.index] * persons, m.random)
            if recruits:
                own = [cell for cell in sector.cells if cell.holder is faction]
                if own:
                    home: Ground = max(own, key=lambda cell: cell.population)
                    m.enter(faction, home, recruits)
                    faction.joined += recruits


def steady(m: Any) -> None:
    """Cohesion mends with time and suffers from hunger; where it is low, fighters desert."""
    p = m.p
    hungry: dict[tuple[Sector, int], float] = {}
    for contingent in m.contingents.values():
        enough = contingent.men * p.ration_knee
        if contingent.store < enough:
            hunger = 1.0 - contingent.store / enough
            for force in contingent.forces.values():
                key = (force.place.sector, contingent.faction.index)
                hungry[key] = hungry.get(key, 0.0) + hunger * force.persons
    for sector in m.sectors:
        sector.cohesion = [c + p.cohesion_recovery * (1.0 - c) for c in sector.cohesion]
    for (sector, f), weight in hungry.items():
        left = sector.cohesion[f] - p.cohesion_hunger * weight / sector.strength[f]
        sector.cohesion[f] = max(0.0, left)
    for sector in m.sectors:
        sector.desertion = [p.desertion * (1.0 - c) * (1.0 - c) for c in sector.cohesion]
    for contingent in m.contingents.values():
        f = contingent.faction.index
        leave = whole(
            sum([o.persons * o.place.sector.desertion[f] for o in contingent.forces.values()]),
            m.random,
        )
        if leave:
            forces = contingent.in_order()
            weights = [o.persons * o.place.sector.desertion[f] for o in forces]
            for force, gone in zip(forces, comb(leave, weights, m.random), strict=True):
                force.lose(gone, DESERTION)
