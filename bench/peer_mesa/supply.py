"""Supply: ways from sources, what flows into depots, what is eaten."""

from __future__ import annotations

import math
from heapq import heapify, heappop, heappush
from typing import Any

from bench.peer_mesa.world import NEVER, Faction, Force
from sim.scenario.compiled import EventKind, Posture


def supply(m: Any) -> None:
    """One day: trace ways where ground changed hands, fill the depots, eat, deliver."""
    trace(m)
    feed(m)
    for entry in m.in_force(EventKind.SUPPLY):
        for cell in entry.cells:
            force = cell.troops.get(entry.faction)
            if force is not None:
                force.contingent.store += entry.intensity * force.persons


def trace(m: Any) -> None:
    if not m.to_trace:
        return
    stale: dict[Faction, None] = {}
    for cell in m.to_trace:
        holder, before = cell.holder, cell.traced
        for faction in m.factions:
            friends = faction.friends
            if before == NEVER or holder in friends or before in friends:
                stale[faction] = None
        if holder is None:
            cell.distance, cell.access = -1, 0.0
        cell.traced = holder
    m.to_trace.clear()
    scale = 10.0 * m.p.supply_km
    known: dict[tuple[Faction, ...], dict[int, int]] = {}  # the same for allies of one bloc
    for faction in stale:
        bloc = tuple(faction.bloc)
        if bloc not in known:
            known[bloc] = shortest(m, faction, scale)
        ways = known[bloc]
        for cell in m.cells:
            if cell.holder is faction:
                way = ways.get(cell.index)
                cell.distance = -1 if way is None else way
                cell.access = 0.0 if way is None else math.exp(-way / scale)
    m.severed = [cell for cell in m.cells if cell.distance < 0 and cell.holder is not None]


def shortest(m: Any, faction: Faction, scale: float) -> dict[int, int]:
    """Index of a cell: cost of the way from the nearest source, over friendly ground."""
    friends, cells = faction.friends, m.cells
    heap = [
        (int(-scale * math.log(strength)), cell.index)
        for cell, owner, strength in m.sources
        if owner in friends and cell.holder in friends
    ]
    heapify(heap)
    best: dict[int, int] = {}
    for way, c in heap:
        best[c] = min(way, best.get(c, way))
    found: dict[int, int] = {}
    while heap:
        way, c = heappop(heap)
        if c in found:
            continue
        found[c] = way
        for j, cost in cells[c].roads:
            new = way + cost
            old = best.get(j)
            if (old is None or new < old) and cells[j].holder in friends:
                best[j] = new
                heappush(heap, (new, j))
    return found


def feed(m: Any) -> None:
    p = m.p
    rate, knee, most = p.supply_rate, p.ration_knee, p.stock_full
    empty = []
    for key, contingent in m.contingents.items():
        n = contingent.persons
        if n == 0:
            empty.append(key)
            continue
        inflow = 0.0
        for force in contingent.forces.values():
            cell = force.place
            if cell.distance >= 0:
                inflow += force.persons * rate * cell.access
            else:
                leak = p.leak * p.besiege_leak if besieged(force) else p.leak
                inflow += force.persons * leak
        eaten = n * min(1.0, contingent.store / n / knee)
        contingent.store = min(max(contingent.store + inflow - eaten, 0.0), n * most)
    for key in empty:
        del m.contingents[key]


def besieged(force: Force) -> bool:
    """Whether an enemy besieges the sector."""
    posture = force.place.sector.posture
    return any(
        enemy is not None and posture[enemy.index] == Posture.BESIEGE
        for enemy in force.faction.enemies
    )
