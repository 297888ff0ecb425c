"""Movement, slowly: who is missing where, how far the call carries, who goes."""

from __future__ import annotations

from sim.chance import fold, uniform
from sim.kernels.codes import EVADE, NOBODY, WITHDRAW
from tests.reference.engagement import told
from tests.reference.front import hostile, ways, welcome, whole

TERRAIN_PACE = {0: 1.0, 1: 1.0, 2: 0.8, 3: 0.5, 4: 0.6, 5: 0.35}
ROAD_PACE = {0: 1.0, 1: 1.5, 2: 2.0}
HALF_WANT_KM = 10.0


def movement(state, world):
    """One day of marches on this morning's picture."""
    keys = world.draws(state, "movement")
    for r in range(state.runs):
        march(r, state, world, keys[r])


def wanted(r, c, state, world):
    """How much more of the holder's fighters are wanted in a cell, 0 to 1."""
    mesh, picture, p = world.mesh, world.picture, world.parameters[r]
    h = int(state.holder[r, c])
    if h == NOBODY:
        return 0.0
    most = float(p["front_force"])
    threat, room = 0.0, 0.0
    for b, e in ways(mesh, c):
        k, km = int(state.holder[r, b]), float(mesh.border_km[e])
        if not hostile(state, r, h, k):
            continue
        if k != NOBODY:
            share = km / float(picture.front_km[r, b])
            threat += min(float(picture.ready[r, b]) * share, most * km)
        if told(state.ordered[r, b], h):
            room += float(state.urge[r, b]) * most * km
    at_front = float(picture.front_km[r, c]) > 0
    posture = int(state.posture[r, mesh.sector[c], h])
    men = float(picture.men[r, c])
    if posture == EVADE:
        pressed = threat / (men + threat) if men + threat else 0.0
        return float(mesh.rough[c]) * (1.0 - pressed)
    if posture == WITHDRAW and at_front:
        return 0.0
    garrison = float(p["garrison"]) * int(state.population[r, c])
    here = float(picture.ready[r, c]) if at_front else men
    missing = max(0.0, threat + room + garrison - here)
    return missing / (missing + HALF_WANT_KM * most)


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


def march(r, state, world, run_key):
    mesh, p = world.mesh, world.parameters[r]
    cells, factions = state.fighters.shape[1:]
    want = [wanted(r, c, state, world) for c in range(cells)]
    goal = {}
    order = range(cells) if state.day % 2 == 0 else reversed(range(cells))
    for c in order:  # who comes later hears what the earlier have heard today
        heard, whence = want[c], None
        for j, e in ways(mesh, c):
            if welcome(state, r, int(state.holder[r, c]), int(state.holder[r, j])):
                km = int(mesh.travel[e]) / 10.0
                call = float(state.pull[r, j]) / (1.0 + km / float(p["pull_km"]))
                if call > heard:
                    heard, whence = call, (j, e)
        state.pull[r, c] = heard
        if whence:
            goal[c] = whence

    leaving = []
    for c in sorted(goal):
        key = fold(run_key, mesh.key[c])
        j = walk(c, goal, mesh, p, key)
        share = float(p["mobile_share"]) * (1.0 - want[c] / float(state.pull[r, c]))
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
