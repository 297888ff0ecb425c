"""People, slowly: plain loops over one run at a time."""

from __future__ import annotations

import math
from itertools import pairwise

from sim.chance import fold, uniform

DESERTION_LOSS = 3


def whole(expected, key):
    low = math.floor(expected)
    return int(low) + (1 if float(uniform(key)) < expected - low else 0)


def split(total, weights, key):
    """Whole persons for each weight: a comb with one random offset laid over the running share."""
    whole_weight = 0
    for weight in weights:
        whole_weight += weight
    offset = float(uniform(key))
    marks, running = [math.floor(offset)], 0
    for weight in weights:
        running += weight
        marks.append(min(total, math.floor(total * (running / whole_weight) + offset)))
    return [b - a for a, b in pairwise(marks)]


def ways(mesh_table, plane):
    """Straight ways between sectors' centres over land, as a list of lists."""
    x, y = plane
    centres = []
    for s in range(len(mesh_table.sector_key)):
        area = east = north = 0.0
        for c in range(len(mesh_table.area)):
            if mesh_table.sector[c] == s:
                a = float(mesh_table.area[c])
                area += a
                east += a * float(x[c])
                north += a * float(y[c])
        centres.append((east / area, north / area) if area else None)
    return [
        [
            math.inf
            if a is None or b is None or t not in mainland(mesh_table, s)
            else math.sqrt((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2)
            for t, b in enumerate(centres)
        ]
        for s, a in enumerate(centres)
    ]


def mainland(mesh_table, s):
    """The sectors that a chain of neighbours joins to sector s, itself included."""
    found = {s}
    while True:
        more = {
            int(mesh_table.sector[d])
            for c in range(len(mesh_table.area))
            if mesh_table.sector[c] in found
            for d in mesh_table.indices[mesh_table.indptr[c] : mesh_table.indptr[c + 1]]
        }
        if more <= found:
            return found
        found |= more


def people(state, world, plane):
    apart = ways(world.scenario.theatre.mesh, plane)
    for r in range(state.runs):
        displacement(r, state, world, apart)
        leaflets(r, state, world)
        support(r, state, world)
        cohesion(r, state, world)


def cells_of(mesh, s):
    return [c for c in range(len(mesh.area)) if mesh.sector[c] == s]


def displacement(r, state, world, apart):
    mesh, p = world.mesh, world.parameters[r]
    census = world.scenario.theatre.mesh.population
    run_key = world.draws(state, "displacement")[r]
    sectors = range(len(mesh.sector_key))
    fled, quiet, missing = {}, {}, {}
    for s in sectors:
        cells = cells_of(mesh, s)
        quiet[s] = not any(state.combat[r, c] > 0 for c in cells)
        missing[s] = sum(max(0, int(census[c]) - int(state.population[r, c])) for c in cells)
        fled[s] = 0
        for c in cells:
            if state.combat[r, c] > 0 and state.population[r, c] > 0:
                rate = float(p["flight"])
                if state.suppressed[r, c] > 0:
                    rate = max(rate, float(p["bomb_civilian"]))
                n = int(state.population[r, c])
                expected = n * (rate * float(state.combat[r, c]))
                leave = min(n, whole(expected, fold(run_key, mesh.key[c])))
                state.population[r, c] -= leave
                fled[s] += leave

    home = dict.fromkeys(sectors, 0)
    for s in sectors:
        if not quiet[s]:
            continue
        key = fold(run_key, mesh.sector_key[s])
        leave = whole(int(state.displaced[r, s]) * float(p["return_rate"]), key)
        weights = [
            (missing[t] - home[t]) / (float(p["flight_km"]) + apart[s][t]) if quiet[t] else 0.0
            for t in sectors
        ]
        if leave == 0 or sum(weights) == 0:
            continue
        for t, come in zip(sectors, split(leave, weights, fold(key, 1)), strict=True):
            come = min(come, missing[t] - home[t])
            home[t] += come
            state.displaced[r, s] -= come
    for s in sectors:
        if fled[s]:
            weights = [
                (1.0 if quiet[t] else 0.25) / (float(p["flight_km"]) + apart[s][t]) for t in sectors
            ]
            key = fold(fold(run_key, mesh.sector_key[s]), 2)
            for t, come in zip(sectors, split(fled[s], weights, key), strict=True):
                state.displaced[r, t] += come
    for s in sectors:
        if home[s]:
            cells = [c for c in cells_of(mesh, s) if census[c] > state.population[r, c]]
            places = [int(census[c]) - int(state.population[r, c]) for c in cells]
            key = fold(fold(run_key, mesh.sector_key[s]), 3)
            for c, come in zip(cells, split(home[s], places, key), strict=True):
                state.population[r, c] += come


def leaflets(r, state, world):
    mesh, p = world.mesh, world.parameters[r]
    for v, event in enumerate(world.scenario.events):
        if event.kind.name != "LEAFLETS" or not state.active[r, v]:
            continue
        for s in range(len(mesh.sector_key)):
            reached = 0.0
            for c, weight in zip(event.cells, event.weights, strict=True):
                if mesh.sector[c] == s:
                    reached += float(weight) * int(state.population[r, c])
            if reached == 0:
                continue
            inhabitants = sum(int(state.population[r, c]) for c in cells_of(mesh, s))
            effect = float(p["leaflet_effect"]) * float(event.intensity) * reached / inhabitants
            will = float(state.will[r, s])
            state.will[r, s] = will + min(1.0, 0.5 * effect) * (1.0 - will)
            if event.other in (-1, event.faction):
                continue
            theirs = float(state.support[r, s, event.other])
            ours = float(state.support[r, s, event.faction])
            moved = min(theirs, effect, 1.0 - ours)
            state.support[r, s, event.other] = theirs - moved
            state.support[r, s, event.faction] = ours + moved


def support(r, state, world):
    mesh, p = world.mesh, world.parameters[r]
    run_key = world.draws(state, "support")[r]
    factions = range(len(world.factions.key))
    for s in range(len(mesh.sector_key)):
        cells = cells_of(mesh, s)
        inhabitants = sum(int(state.population[r, c]) for c in cells)
        if inhabitants == 0:
            continue
        total = 0.0
        for f in factions:
            under = sum(int(state.population[r, c]) for c in cells if state.holder[r, c] == f)
            now = float(state.support[r, s, f])
            now += float(p["support_drift"]) * (under / inhabitants - now)
            total += now
            state.support[r, s, f] = now
        for f in factions:
            if total > 1.0:
                state.support[r, s, f] = float(state.support[r, s, f]) / total
            own = [c for c in cells if state.holder[r, c] == f]
            if own:
                c = max(own, key=lambda c: (int(state.population[r, c]), -c))
                expected = float(p["recruitment"]) * float(state.support[r, s, f]) * inhabitants
                key = fold(fold(run_key, mesh.sector_key[s]), world.factions.key[f])
                recruits = whole(expected, key)
                state.fighters[r, c, f] += recruits
                state.joined[r, f] += recruits


def cohesion(r, state, world):
    mesh, p = world.mesh, world.parameters[r]
    run_key = world.draws(state, "cohesion")[r]
    factions = range(len(world.factions.key))
    stretches = [
        range(int(mesh.segment_start[g]), int(mesh.segment_start[g + 1]))
        for g in range(len(mesh.segment_key))
    ]
    for f in factions:
        there, hungry = {}, {}
        for g, cells in enumerate(stretches):
            persons = sum(int(state.fighters[r, c, f]) for c in cells)
            if persons == 0:
                continue
            stock = float(state.depot[r, g, f]) / persons
            hunger = 1.0 - min(1.0, stock / float(p["ration_knee"]))
            for c in cells:
                s, n = int(mesh.sector[c]), int(state.fighters[r, c, f])
                there[s] = there.get(s, 0) + n
                hungry[s] = hungry.get(s, 0.0) + hunger * n
        for s in range(len(mesh.sector_key)):
            now = float(state.cohesion[r, s, f])
            now += float(p["cohesion_recovery"]) * (1.0 - now)
            if there.get(s, 0):
                now -= float(p["cohesion_hunger"]) * hungry[s] / there[s]
            state.cohesion[r, s, f] = min(1.0, max(0.0, now))
    for f in factions:
        for g, cells in enumerate(stretches):
            weights = []
            for c in cells:
                missing = 1.0 - float(state.cohesion[r, mesh.sector[c], f])
                n = int(state.fighters[r, c, f])
                weights.append(float(p["desertion"]) * missing * missing * n)
            expected = 0.0
            for weight in weights:
                expected += weight
            key = fold(fold(run_key, mesh.segment_key[g]), world.factions.key[f])
            leave = whole(expected, key)
            if leave == 0:
                continue
            for c, gone in zip(cells, split(leave, weights, fold(key, 1)), strict=True):
                state.fighters[r, c, f] -= gone
                state.losses[r, f, DESERTION_LOSS] += gone
