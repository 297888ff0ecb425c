"""Bombardment, slowly: plain loops over one run at a time."""

from __future__ import annotations

import math

from sim.chance import fold, uniform

HOSTILE = 0
BOMBARDMENT_LOSS = 1


def whole(expected, key):
    low = math.floor(expected)
    return int(low) + (1 if float(uniform(key)) < expected - low else 0)


def bombardment(state, world):
    mesh = world.mesh
    keys = world.draws(state, "bombardment")
    people = {
        (r, s): sum(
            int(state.population[r, c]) for c in range(len(mesh.area)) if mesh.sector[c] == s
        )
        for r in range(state.runs)
        for s in range(len(mesh.sector_key))
    }
    for v, event in enumerate(world.scenario.events):
        if event.kind.name != "BOMBARDMENT":
            continue
        for r in range(state.runs):
            if state.active[r, v]:
                one_campaign(r, event, state, world, keys[r], people)


def one_campaign(r, event, state, world, run_key, people):
    mesh, p = world.mesh, world.parameters[r]
    factions = state.fighters.shape[2]
    targets = [
        f
        for f in range(factions)
        if f != event.faction
        and state.stance[r, event.faction, f] == HOSTILE
        and event.other in (-1, f)
    ]
    harm = {}
    for c, weight in zip(event.cells, event.weights, strict=True):
        force = float(event.intensity) * float(weight)
        if force <= 0:
            continue
        present = [f for f in targets if state.fighters[r, c, f] > 0]
        if state.holder[r, c] not in targets and not present:
            continue
        share = min(1.0, float(p["bomb_loss"]) * force * (1.0 - 0.7 * float(mesh.rough[c])))
        for f in present:
            key = fold(fold(fold(run_key, mesh.key[c]), world.factions.key[f]), event.key)
            lost = whole(int(state.fighters[r, c, f]) * share, key)
            state.fighters[r, c, f] -= lost
            state.losses[r, f, BOMBARDMENT_LOSS] += lost
        pinned = min(0.95, float(p["suppression"]) * force)
        if pinned > state.suppressed[r, c]:
            state.suppressed[r, c] = pinned
        if min(1.0, force) > state.combat[r, c]:
            state.combat[r, c] = min(1.0, force)
        s = int(mesh.sector[c])
        harm[s] = harm.get(s, 0.0) + force * int(state.population[r, c])
    for s, suffered in harm.items():
        if suffered > 0:
            now = float(state.support[r, s, event.faction])
            now -= float(p["bomb_support"]) * suffered / people[r, s]
            state.support[r, s, event.faction] = max(0.0, now)
