"""Movement, slowly: who is missing where, how far the call carries, who goes."""

from __future__ import annotations

import heapq
import math

from sim.chance import fold, uniform
from sim.kernels.codes import EVADE, NOBODY, WITHDRAW
from tests.reference.engagement import told
from tests.reference.front import hostile, ways, welcome, whole, within_reach

TERRAIN_PACE = {0: 1.0, 1: 1.0, 2: 0.8, 3: 0.5, 4: 0.6, 5: 0.35}
ROAD_PACE = {0: 1.0, 1: 1.5, 2: 2.0}
HALF_WANT_KM = 30.0
FAINT = 0.01


def movement(state, world):
    """One day of marches on this morning's picture."""
    keys = world.draws(state, "movement")
    for r in range(state.runs):
        march(r, state, world, keys[r])


def missing(r, c, state, world):
    """How many more fighters a cell can use; None where the posture wants something else."""
    mesh, picture, p = world.mesh, world.picture, world.parameters[r]
    h, posture = int(state.holder[r, c]), posture_in(r, c, state, world)
    at_front = float(picture.front_km[r, c]) > 0
    if posture == EVADE or (posture == WITHDRAW and at_front):
        return None
    most, room = float(p["front_force"]), 0.0
    for b, e in ways(mesh, c):
        if hostile(state, r, h, int(state.holder[r, b])) and told(state.ordered[r, b], h):
            room += float(state.urge[r, b]) * most * float(mesh.border_km[e])
    garrison = float(p["garrison"]) * int(state.population[r, c])
    here = float(picture.ready[r, c]) if at_front else float(picture.men[r, c])
    return max(0.0, threat(r, c, state, world) + room + garrison - here)


def threat(r, c, state, world):
    """How many the enemies around a cell could engage here."""
    mesh, picture, h = world.mesh, world.picture, int(state.holder[r, c])
    most, total = float(world.parameters[r]["front_force"]), 0.0
    for b, e in ways(mesh, c):
        k, km = int(state.holder[r, b]), float(mesh.border_km[e])
        if k != NOBODY and hostile(state, r, h, k):
            share = km / float(picture.front_km[r, b])
            total += min(float(picture.ready[r, b]) * share, most * km)
    return total


def posture_in(r, c, state, world):
    """The posture of a cell's holder."""
    return int(state.posture[r, world.mesh.sector[c], int(state.holder[r, c])])


def wants(r, state, world):
    """How much more of the holder's fighters are wanted in each cell, 0 to 1."""
    mesh, picture, cells = world.mesh, world.picture, range(state.holder.shape[1])
    full = HALF_WANT_KM * float(world.parameters[r]["front_force"])
    lack = {}
    for c in cells:
        if int(state.holder[r, c]) != NOBODY:
            lack[c] = missing(r, c, state, world)
    front = {c for c in cells if float(picture.front_km[r, c]) > 0}
    out = []
    for c in cells:
        want = 0.0
        if c in lack and lack[c] is None and posture_in(r, c, state, world) == EVADE:
            danger, men = threat(r, c, state, world), float(picture.men[r, c])
            pressed = danger / (men + danger) if men + danger else 0.0
            want = float(mesh.rough[c]) * (1.0 - pressed)
        elif lack.get(c):
            heard = [c]
            if c in front:
                h = int(state.holder[r, c])
                heard = [
                    j
                    for j in within_reach(mesh, c)
                    if j in front and welcome(state, r, h, int(state.holder[r, j]))
                ]
            total = sum(lack[j] or 0.0 for j in heard)
            want = total / (total + full)
        out.append(want)
    return out


def walk(start, goal, mesh, p, key):
    """Where a day's walk along the pull ends; an edge begun in the evening is finished by luck."""
    day, c = 1.0, start
    while c in goal:
        j, e = goal[c]
        pace = float(p["move_km"]) * TERRAIN_PACE[int(mesh.terrain[j])]
        pace *= ROAD_PACE[min(int(mesh.road[c]), int(mesh.road[j]))]
        needed = float(mesh.edge_km[e]) / pace
        if needed > day:
            return j if float(uniform(fold(key, mesh.key[j]))) < day / needed else c
        day -= needed
        c = j
    return c


def calls(r, want, state, world):
    """How each cell hears the strongest call: (tenths of km, next cell, edge) by Dijkstra."""
    mesh = world.mesh
    tenths = 10.0 * float(world.parameters[r]["pull_km"])
    heard, queue = {}, []
    for c, strength in enumerate(want):
        if strength >= FAINT:
            heapq.heappush(queue, (int(-tenths * math.log(strength)), -1, c, None))
    while queue:
        way, whence, c, e = heapq.heappop(queue)
        if c in heard or way > int(-tenths * math.log(FAINT)):
            continue
        heard[c] = (way, whence, e)
        for j, out in ways(mesh, c):
            if welcome(state, r, int(state.holder[r, j]), int(state.holder[r, c])):
                heapq.heappush(queue, (way + int(mesh.travel[out]), c, j, out))
    return heard


def march(r, state, world, run_key):
    mesh, p = world.mesh, world.parameters[r]
    factions = state.fighters.shape[2]
    tenths = 10.0 * float(p["pull_km"])
    want = wants(r, state, world)
    heard = calls(r, want, state, world)
    goal = {c: (whence, e) for c, (_, whence, e) in heard.items() if whence >= 0}

    leaving = []
    for c in sorted(goal):
        share = float(p["mobile_share"]) * (math.exp(-heard[c][0] / tenths) - want[c])
        if share <= 0:
            continue
        key = fold(run_key, mesh.key[c])
        j = walk(c, goal, mesh, p, key)
        for f in range(factions):
            n = int(state.fighters[r, c, f])
            if n and j != c and welcome(state, r, f, int(state.holder[r, j])):
                going = whole(n * share, fold(key, world.factions.key[f]))
                leaving.append((c, j, f, min(n, going)))
    for c, j, f, n in leaving:
        state.fighters[r, c, f] -= n
        state.fighters[r, j, f] += n
        here, there = int(mesh.segment[c]), int(mesh.segment[j])
        if here != there:
            depot = float(state.depot[r, here, f])
            load = min(depot, n * float(world.picture.stock[r, here, f]))
            state.depot[r, here, f] = depot - load
            state.depot[r, there, f] = float(state.depot[r, there, f]) + load
