"""Deals, slowly: plain loops over one run at a time."""

from __future__ import annotations

import math

import numpy as np

from sim.chance import fold, uniform

ALLIED, CLOSED = 3, 2
EVACUATION_CAUSE, RECONCILIATION_CAUSE = 5, 6
EVACUATION_INCIDENT, RECONCILIATION_INCIDENT = 8, 9
SURRENDER_LOSS = 2


def whole(expected, key):
    low = math.floor(expected)
    return int(low) + (1 if float(uniform(key)) < expected - low else 0)


def deals(state, world, plane):
    for v, event in enumerate(world.scenario.events):
        if event.kind.name not in ("EVACUATION_OFFER", "RECONCILIATION_OFFER") or event.other < 0:
            continue
        for r in range(state.runs):
            if state.active[r, v] and not friend(state, r, event.faction, event.other):
                one_offer(r, event, state, world, plane)


def friend(state, r, a, b):
    return a == b or (b >= 0 and state.stance[r, a, b] == ALLIED)


def neighbours(mesh, c):
    for e in range(int(mesh.indptr[c]), int(mesh.indptr[c + 1])):
        yield int(mesh.indices[e]), int(mesh.crossing[e])


def one_offer(r, event, state, world, plane):
    mesh = world.mesh
    morning = state.fighters[r].copy()  # all stretches weigh the odds of the same morning
    for g in range(len(mesh.segment_key)):
        area = [int(c) for c in event.cells if mesh.segment[c] == g]
        held = [c for c in area if state.holder[r, c] == event.other]
        at_the_line = any(
            crossing != CLOSED
            and state.holder[r, j] >= 0
            and friend(state, r, event.faction, int(state.holder[r, j]))
            and state.held_since[r, j] != state.day
            for c in held
            for j, crossing in neighbours(mesh, c)
        )
        if not at_the_line:
            continue
        key = fold(
            fold(
                fold(world.draws(state, "deals")[r], mesh.segment_key[g]),
                world.factions.key[event.other],
            ),
            event.key,
        )
        hazard, will = weigh(r, g, area, held, event, state, world, morning)
        chance = 1.0 - math.exp(-hazard)
        u = float(uniform(key))
        if u < chance:
            accept(r, g, area, held, event, state, world, plane, key, will, chance - u)


def weigh(r, g, area, held, event, state, world, morning):
    mesh, p, a, b = world.mesh, world.parameters[r], event.faction, event.other
    cells = range(len(mesh.area))
    sectors = {int(mesh.sector[c]) for c in area}
    around = set(sectors)
    for c in cells:
        for j, _ in neighbours(mesh, c):
            if mesh.sector[c] in sectors:
                around.add(int(mesh.sector[j]))
    ours = theirs = 0.0
    for s in sorted(around):
        for f in range(len(world.factions.key)):
            persons = sum(int(morning[c, f]) for c in cells if mesh.sector[c] == s)
            if friend(state, r, a, f):
                ours += float(world.factions.quality[f]) * persons
            elif friend(state, r, b, f):
                theirs += float(world.factions.quality[f]) * persons
    power = 2.0 * ours / (ours + theirs) if ours > 0 else 0.0

    lean = will = 0.0
    for c in held:
        s = int(mesh.sector[c])
        mine = float(state.support[r, s, a])
        both = mine + float(state.support[r, s, b])
        lean += 2.0 * mine / both if both > 0 else 1.0
        will += float(state.will[r, s])
    will /= len(held)
    cut = sum(1 for c in held if state.access[r, c] == 0)
    stretch = range(int(mesh.segment_start[g]), int(mesh.segment_start[g + 1]))
    persons = sum(int(state.fighters[r, c, b]) for c in stretch)
    hunger = 0.0
    if persons:
        stock = float(state.depot[r, g, b]) / persons
        hunger = 1.0 - min(1.0, stock / float(p["ration_knee"]))
    open_to = will if event.kind.name == "RECONCILIATION_OFFER" else 0.5 + 0.5 * will
    hazard = float(p["deal_rate"]) * power * (1.0 + 2.0 * cut / len(held) + 2.0 * hunger)
    hazard *= lean / len(held) * open_to
    gave_up = {
        int(state.surrendered_on[r, mesh.segment[j], b])
        for c in stretch
        for j, _ in neighbours(mesh, c)
        if mesh.segment[j] != g
    }
    if any(state.day - 14 <= day < state.day for day in gave_up):
        hazard *= 1.0 + float(p["contagion"])
    return hazard, will


def accept(r, g, area, held, event, state, world, plane, key, will, margin):
    mesh, a, b = world.mesh, event.faction, event.other
    reconcile = event.kind.name == "RECONCILIATION_OFFER"
    state.surrendered_on[r, g, b] = state.day
    for c in held:
        state.holder[r, c] = a
        state.held_since[r, c] = state.lost_on[r, c] = state.day
        state.lost_by[r, c] = b
        state.progress[r, c] = 0
        state.attacker[r, c] = -1
        state.cause[r, c] = RECONCILIATION_CAUSE if reconcile else EVACUATION_CAUSE
        state.ratio[r, c] = np.nan
        state.margin[r, c] = margin
    stretch = range(int(mesh.segment_start[g]), int(mesh.segment_start[g + 1]))
    persons = 0
    for f in range(len(world.factions.key)):
        if friend(state, r, a, f):
            continue
        before = sum(int(state.fighters[r, c, f]) for c in stretch)
        gone = 0
        for c in area:
            n = int(state.fighters[r, c, f])
            if n == 0 or state.holder[r, c] != a:
                continue
            gone += n
            state.fighters[r, c, f] = 0
            if reconcile and f == b:
                state.losses[r, f, SURRENDER_LOSS] += n
                turned = whole(n * (0.5 * will), fold(key, mesh.key[c]))
                state.fighters[r, c, a] += turned
                state.joined[r, a] += turned
                continue
            to = way_out(r, f, event, state, world, plane, c)
            if to is None:
                state.losses[r, f, SURRENDER_LOSS] += n
            else:
                state.fighters[r, to, f] += n
        persons += gone
        if gone:
            state.depot[r, g, f] = (before - gone) / before * float(state.depot[r, g, f])
    kind = RECONCILIATION_INCIDENT if reconcile else EVACUATION_INCIDENT
    i = state.incident_count[r]
    if i < state.incidents.shape[1]:
        state.incidents[r, i] = (kind, a, b, held[0], persons, np.nan, margin)
    state.incident_count[r] += 1


def way_out(r, f, event, state, world, plane, c):
    if len(event.route):
        end = int(event.route[-1])
        if friend(state, r, f, int(state.holder[r, end])):
            return end
    x, y = plane
    open_ground = [
        j
        for j in range(len(x))
        if world.scenario.refuge[f, j] and friend(state, r, f, int(state.holder[r, j]))
    ]
    if not open_ground:
        return None

    def way(j):
        east, north = float(x[j]) - float(x[c]), float(y[j]) - float(y[c])
        return east * east + north * north

    return min(open_ground, key=lambda j: (way(j), j))
