"""Movement: spare fighters walk toward the stretch of front that wants them most."""

from __future__ import annotations

import math
from heapq import heapify, heappop, heappush
from typing import Any

from bench.peer_mesa.chance import whole
from bench.peer_mesa.picture import engaged
from bench.peer_mesa.world import Ground
from sim.scenario.compiled import Posture

EVADE, WITHDRAW = int(Posture.EVADE), int(Posture.WITHDRAW)
FAINT = 0.01
FULL_STRETCH = 30.0
PACE = (1.0, 1.0, 0.8, 0.5, 0.6, 0.35)  # by terrain
ROAD_PACE = (1.0, 1.5, 2.0)
HERE = -1  # the pull comes from the cell itself


def movement(m: Any) -> None:
    """All moves are decided before anybody walks."""
    p, cells = m.p, m.cells
    want = wants(m)
    tenths = 10.0 * p.pull_km
    cost, toward = calls(m, want, tenths)
    moves = []
    for c, way in cost.items():
        if toward[c] == HERE:
            continue
        cell = cells[c]
        if not cell.troops:
            continue
        share = p.mobile_share * (math.exp(-way / tenths) - want.get(c, 0.0))
        if share <= 0.0:
            continue
        goal = None
        for force in cell.troops.values():
            going = whole(force.persons * share, m.random)
            if going == 0:
                continue
            if goal is None:
                goal = walk(m, cell, toward)
            if goal is not cell and goal.holder in force.faction.friends:
                moves.append((force, goal, min(force.persons, going)))
    for force, goal, n in moves:
        faction, contingent = force.faction, force.contingent
        if goal.segment is not force.place.segment:
            carried = min(n * contingent.stock, contingent.store)
            contingent.store -= carried
            m.contingent(goal.segment, faction).store += carried
        force.leave(n)
        m.enter(faction, goal, n)


def wants(m: Any) -> dict[int, float]:
    """How much more of the holder's fighters cells want, 0 to 1, by index; 0 is left out."""
    p = m.p
    garrison, full = p.garrison, FULL_STRETCH * p.front_force
    want: dict[int, float] = {}
    evaded = {sector for sector in m.sectors if EVADE in sector.posture}
    for cell in m.cells:  # behind the front
        if cell.front_km > 0.0:
            continue
        if cell.sector in evaded and cell.evading:
            want[cell.index] = cell.rough
        else:
            missing = garrison * cell.population - cell.men
            if missing > 0.0 and cell.holder is not None:
                want[cell.index] = missing / (missing + full)
    lacking: dict[Ground, float] = {}
    for cell in m.front:
        holder = cell.holder
        if holder is None:
            continue
        threat = order = 0.0
        for b, km, _ in cell.foes:
            threat += engaged(b.ready, b.front_km, km, p)
            if holder in b.ordered_for:
                order += b.urge * p.front_force * km
        posture = cell.sector.posture[holder.index]
        if posture == EVADE:
            near = cell.men + threat
            want[cell.index] = cell.rough * (1.0 - threat / near) if near else cell.rough
        elif posture != WITHDRAW:
            missing = threat + order + garrison * cell.population - cell.ready
            if missing > 0.0:
                lacking[cell] = missing
    for cell in lacking:  # calls for what is missing at all front within reach
        friends = cell.holder.friends
        near = sum([lacking[j] for j in cell.reach if j in lacking and j.holder in friends])
        want[cell.index] = near / (near + full)
    return want


def calls(m: Any, want: dict[int, float], tenths: float) -> tuple[dict[int, int], dict[int, int]]:
    """How far the strongest call is from each cell, and the next cell on the way there."""
    cells = m.cells
    farthest = int(-tenths * math.log(FAINT))
    heap = [
        (int(-tenths * math.log(strength)), HERE, c)
        for c, strength in want.items()
        if strength >= FAINT
    ]
    best = [farthest] * len(cells)
    for way, _, c in heap:
        best[c] = way
    heapify(heap)
    cost: dict[int, int] = {}
    toward: dict[int, int] = {}
    while heap:
        way, whence, c = heappop(heap)
        if c in cost:
            continue
        cost[c], toward[c] = way, whence
        for j, step in cells[c].roads:
            new = way + step
            if new <= best[j] and j not in cost:
                best[j] = new
                heappush(heap, (new, c, j))
    return cost, toward


def walk(m: Any, cell: Ground, toward: dict[int, int]) -> Ground:
    """Where a day's walk ends; the last edge, too long for the day, is walked by chance."""
    left, move_km = 1.0, m.p.move_km
    while (c := toward[cell.index]) != HERE:
        goal = m.cells[c]
        pace = move_km * PACE[goal.terrain] * ROAD_PACE[min(cell.road, goal.road)]
        days = cell.step_km[c] / pace
        left -= days
        if left < 0.0:
            return goal if m.random.random() < 1.0 + left / days else cell
        cell = goal
    return cell
