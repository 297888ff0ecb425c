"""Policing and raids, slowly: plain loops over one run at a time."""

from __future__ import annotations

import math

import numpy as np

from sim.chance import fold, uniform

HOSTILE, RIVAL, ALLIED = 0, 1, 3
RAID, HUNT = 3, 7
CLOSED = 2
ARREST_LOSS, RAID_LOSS = 4, 6
ARRESTS_INCIDENT = 4


def whole(expected, key):
    low = math.floor(expected)
    return int(low) + (1 if float(uniform(key)) < expected - low else 0)


def policing(state, world):
    for r in range(state.runs):
        before = {
            s: sum(
                int(state.population[r, c])
                for c in range(len(world.mesh.area))
                if world.mesh.sector[c] == s
            )
            for s in range(len(world.mesh.sector_key))
        }
        arrests(r, state, world, before)
        reconcilers(r, state, world, before)
        raids(r, state, world)


def friends(state, r, a):
    return [f for f in range(state.stance.shape[1]) if f == a or state.stance[r, a, f] == ALLIED]


def arrests(r, state, world, residents):
    mesh, p = world.mesh, world.parameters[r]
    run_key = world.draws(state, "arrests")[r]
    cells, factions = state.covert.shape[1:]
    tally = {}
    for c in range(cells):
        h = int(state.holder[r, c])
        if h == -1:
            continue
        s = int(mesh.sector[c])
        bloc = friends(state, r, h)
        officers = sum(
            int(state.fighters[r, j, f]) for j in range(cells) if mesh.sector[j] == s for f in bloc
        )
        if officers == 0:
            continue
        for g in range(factions):
            n = int(state.covert[r, c, g])
            if n == 0 or g == h or state.stance[r, h, g] not in (HOSTILE, RIVAL):
                continue
            inhabitants = residents[s] + int(state.displaced[r, s])
            density = 1.0
            if inhabitants:
                density = min(1.0, 1000.0 * officers / inhabitants / float(p["police_density"]))
            backing = 0.0
            for f in bloc:
                backing += float(state.support[r, s, f])
            effort = 1.0
            for v, event in enumerate(world.scenario.events):
                if (
                    event.kind.name == "ARRESTS"
                    and not event.reconcilers
                    and state.active[r, v]
                    and h in friends(state, r, event.faction)
                    and event.other in (-1, g)
                    and c in event.cells
                ):
                    weight = float(event.weights[list(event.cells).index(c)])
                    effort += float(event.intensity) * weight
            if state.posture[r, s, h] == HUNT:
                effort *= 2.0
            hazard = float(p["arrest_rate"]) * density * (0.2 + 0.8 * min(1.0, backing)) * effort
            key = fold(fold(run_key, mesh.key[c]), world.factions.key[g])
            taken = whole(n * (1.0 - math.exp(-hazard)), key)
            if taken:
                state.covert[r, c, g] -= taken
                state.losses[r, g, ARREST_LOSS] += taken
                tally.setdefault((s, g), []).append((taken, c))
    for s, g in sorted(tally):
        most = max(taken for taken, _ in tally[s, g])
        c = next(c for taken, c in tally[s, g] if taken == most)
        total = sum(taken for taken, _ in tally[s, g])
        note(state, r, (ARRESTS_INCIDENT, state.holder[r, c], g, c, total, np.nan, np.nan))


def note(state, r, row):
    i = state.incident_count[r]
    if i < state.incidents.shape[1]:
        state.incidents[r, i] = row
    state.incident_count[r] += 1


def reconcilers(r, state, world, residents):
    mesh, p = world.mesh, world.parameters[r]
    for v, event in enumerate(world.scenario.events):
        if event.kind.name != "ARRESTS" or not event.reconcilers or not state.active[r, v]:
            continue
        watched = {}
        for c, weight in zip(event.cells, event.weights, strict=True):
            if state.holder[r, c] in friends(state, r, event.faction):
                s = int(mesh.sector[c])
                watched[s] = watched.get(s, 0.0) + float(weight) * int(state.population[r, c])
        for s, persons in watched.items():
            if persons > 0:
                fear = float(p["arrest_chill"]) * float(event.intensity) * persons / residents[s]
                state.will[r, s] = max(0.0, float(state.will[r, s]) - fear)


def raids(r, state, world):
    mesh, p = world.mesh, world.parameters[r]
    run_key = world.draws(state, "raids")[r]
    cells, factions = state.covert.shape[1:]
    for c in range(cells):
        around = [c]
        for e in range(int(mesh.indptr[c]), int(mesh.indptr[c + 1])):
            if mesh.crossing[e] != CLOSED:
                around.append(int(mesh.indices[e]))
        for g in range(factions):
            if state.posture[r, mesh.sector[c], g] != RAID:
                continue
            enemies = [f for f in range(factions) if f != g and state.stance[r, g, f] == HOSTILE]
            covert, open_ = int(state.covert[r, c, g]), int(state.fighters[r, c, g])
            targets = sum(int(state.fighters[r, j, f]) for j in around for f in enemies)
            if covert + open_ == 0 or targets == 0:
                continue
            expected = min(float(p["raid_rate"]) * (covert + open_), 0.1 * targets)
            key = fold(fold(run_key, mesh.key[c]), world.factions.key[g])
            hit = whole(expected, fold(key, 0))
            offset, reached, mark = float(uniform(fold(key, 3))), 0, 0
            for j in around:
                for f in enemies:
                    reached += int(state.fighters[r, j, f])
                    last, mark = mark, min(hit, math.floor(hit * (reached / targets) + offset))
                    state.fighters[r, j, f] -= mark - last
                    state.losses[r, f, RAID_LOSS] += mark - last
            for where, n, slot in ((state.covert, covert, 1), (state.fighters, open_, 2)):
                own = whole(n * float(p["raid_cost"]), fold(key, slot))
                where[r, c, g] -= own
                state.losses[r, g, RAID_LOSS] += own
