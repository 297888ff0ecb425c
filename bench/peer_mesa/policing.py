"""Policing and raids: networks that hold no ground, those who hunt them, and what they do."""

from __future__ import annotations

import math
from typing import Any

from bench.peer_mesa.chance import comb, whole
from bench.peer_mesa.world import ARREST, RAID, Faction, Force, Ground, Sector
from sim.scenario.compiled import EventKind, Posture

BLIND = 0.2
HUNTING = 2.0
RAIDING = int(Posture.RAID)
RAID_MOST = 0.1


def policing(m: Any) -> None:
    campaigns = [entry for entry in m.in_force(EventKind.ARRESTS)]
    arrests(m, [entry for entry in campaigns if not entry.event.reconcilers])
    for entry in campaigns:
        if entry.event.reconcilers:
            chill(m, entry)
    raids(m)


def arrests(m: Any, campaigns: list[Any]) -> None:
    if not m.networks:
        return
    p = m.p
    known: dict[tuple[Sector, Faction], float] = {}  # hazard before effort
    taken_in: dict[tuple[Sector, Faction], tuple[int, int, Ground]] = {}
    for force in list(m.networks):
        cell = force.place
        holder, sector = cell.holder, cell.sector
        if holder is None or force.faction not in holder.hunts:
            continue
        base = known.get((sector, holder))
        if base is None:
            base = known[sector, holder] = p.arrest_rate * grip(m, sector, holder)
        if base == 0.0:
            continue
        effort = 1.0
        for entry in campaigns:
            if holder in entry.faction.friends and entry.other in (None, force.faction):
                effort += entry.intensity * entry.weight_of.get(cell, 0.0)
        if sector.posture[holder.index] == Posture.HUNT:
            effort *= HUNTING
        taken = whole(force.persons * (1.0 - math.exp(-base * effort)), m.random)
        if taken:
            force.lose(taken, ARREST)
            key = (sector, force.faction)
            total, most, where = taken_in.get(key, (0, 0, cell))
            if taken > most:
                most, where = taken, cell
            taken_in[key] = (total + taken, most, where)
    for (_, network), (total, _, where) in taken_in.items():
        m.note("arrests", where.holder, network, where, total)


def grip(m: Any, sector: Sector, holder: Faction) -> float:
    """Police density x intelligence of a holder's side in a sector; 0 without police."""
    officers = sum(sector.strength[f.index] for f in holder.bloc)
    if officers == 0:
        return 0.0
    inhabitants = sector.population + sector.displaced
    density = 1.0
    if inhabitants:
        density = min(1.0, 1000.0 * officers / inhabitants / m.p.police_density)
    backing = sum(sector.support[f.index] for f in holder.bloc)
    return density * (BLIND + (1.0 - BLIND) * min(1.0, backing))


def chill(m: Any, entry: Any) -> None:
    """Arrests of people who would reconcile lower the will to do so."""
    watched: dict[Sector, float] = {}
    for cell, weight in entry.weight_of.items():
        if cell.holder in entry.faction.friends:
            watched[cell.sector] = watched.get(cell.sector, 0.0) + weight * cell.population
    for sector, persons in watched.items():
        if persons > 0.0:
            fear = m.p.arrest_chill * entry.intensity * persons / sector.population
            sector.will = max(0.0, sector.will - fear)


def raids(m: Any) -> None:
    """Who is hit first fights on with fewer, so cells are taken in order."""
    raiders: dict[tuple[int, int], tuple[Ground, Faction]] = {}
    for sector in m.sectors:
        if RAIDING in sector.posture:
            for faction in m.factions:
                if sector.posture[faction.index] == RAIDING:
                    for cell in sector.cells:
                        if faction in cell.networks or faction in cell.troops:
                            raiders[cell.index, faction.index] = (cell, faction)
    for key in sorted(raiders):
        raid(m, *raiders[key])


def raid(m: Any, cell: Ground, faction: Faction) -> None:
    p, random = m.p, m.random
    hidden, standing = cell.networks.get(faction), cell.troops.get(faction)
    targets: list[Force] = [
        force
        for j in (cell, *cell.near)
        for force in j.troops.values()
        if force.faction in faction.enemies
    ]
    in_reach = sum(force.persons for force in targets)
    raiders = sum(force.persons for force in (hidden, standing) if force is not None)
    if in_reach == 0 or raiders == 0:
        return
    hit = whole(min(p.raid_rate * raiders, RAID_MOST * in_reach), random)
    if hit:
        shares = comb(hit, [force.persons for force in targets], random)
        for force, lost in zip(targets, shares, strict=True):
            force.lose(lost, RAID)
    for force in (hidden, standing):
        if force is not None:
            force.lose(whole(force.persons * p.raid_cost, random), RAID)
