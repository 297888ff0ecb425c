"""Supply, slowly: the ways by Dijkstra and a heap, the depots by plain loops."""

from __future__ import annotations

import heapq
import math

from sim.kernels.codes import ALLIED, BESIEGE, HOSTILE, NOBODY
from tests.reference.front import cells_of, ways, welcome


def supply(state, world):
    """One day: trace the ways anew where ground changed hands, fill the depots, eat, deliver."""
    for r in range(state.runs):
        trace(r, state, world)
        feed(r, state, world)
        for v, event in enumerate(world.scenario.events):
            if event.kind.name == "SUPPLY" and state.active[r, v]:
                for c in event.cells:
                    persons = int(state.fighters[r, c, event.faction])
                    g = world.mesh.segment[c]
                    state.depot[r, g, event.faction] += float(event.intensity) * persons


def concerned(r, state):
    """The factions whose supply may have changed: their or their friends' ground won or lost."""
    factions = state.stance.shape[1]
    touched = set()
    for c in range(state.holder.shape[1]):
        now, then = int(state.holder[r, c]), int(state.supplied[r, c])
        if now == then:
            continue
        for f in range(factions):
            if then == -2 or welcome(state, r, f, now) or welcome(state, r, f, then):
                touched.add(f)
    return touched


def shortest(r, f, state, world):
    """Cell -> tenths of km from the nearest source of f or its allies, over friendly ground."""
    mesh, scenario = world.mesh, world.scenario
    km = float(world.parameters[r]["supply_km"])
    queue, found = [], {}
    for c, owner, strength in zip(
        scenario.source_cell, scenario.source_faction, scenario.source_strength, strict=True
    ):
        if state.stance[r, f, owner] == ALLIED and welcome(state, r, f, int(state.holder[r, c])):
            head_start = int(-10.0 * km * math.log(float(strength)))
            heapq.heappush(queue, (head_start, int(c)))
    while queue:
        way, c = heapq.heappop(queue)
        if c in found:
            continue
        found[c] = way
        for j, e in ways(mesh, c):
            if welcome(state, r, f, int(state.holder[r, j])):
                heapq.heappush(queue, (way + int(mesh.travel[e]), j))
    return found


def trace(r, state, world):
    km = float(world.parameters[r]["supply_km"])
    cells = range(state.holder.shape[1])
    anew = concerned(r, state)
    for f in sorted(anew):
        found = shortest(r, f, state, world)
        for c in cells:
            if int(state.holder[r, c]) == f:
                state.distance[r, c] = found.get(c, -1)
                state.access[r, c] = math.exp(-found[c] / (10.0 * km)) if c in found else 0.0
    for c in cells:
        if int(state.holder[r, c]) == NOBODY and int(state.supplied[r, c]) != NOBODY:
            state.distance[r, c] = -1
            state.access[r, c] = 0.0
        state.supplied[r, c] = state.holder[r, c]


def feed(r, state, world):
    mesh, p = world.mesh, world.parameters[r]
    factions = state.stance.shape[1]
    for g in range(len(mesh.segment_key)):
        for f in range(factions):
            persons, comes = 0, 0.0
            for c in cells_of(mesh, g):
                n = int(state.fighters[r, c, f])
                persons += n
                if int(state.distance[r, c]) >= 0:
                    comes += n * float(p["supply_rate"]) * float(state.access[r, c])
                else:
                    besieged = any(
                        int(state.stance[r, f, k]) == HOSTILE
                        and int(state.posture[r, mesh.sector[c], k]) == BESIEGE
                        for k in range(factions)
                    )
                    comes += n * float(p["leak"]) * (float(p["besiege_leak"]) if besieged else 1.0)
            if persons == 0:
                state.depot[r, g, f] = 0.0
                continue
            depot = float(state.depot[r, g, f])
            ration = min(1.0, depot / persons / float(p["ration_knee"]))
            left = max(0.0, depot + comes - ration * persons)
            state.depot[r, g, f] = min(left, persons * float(p["stock_full"]))
