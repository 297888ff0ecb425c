"""Convoys, slowly: plain loops over one run at a time."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np

from sim.chance import fold, named, uniform

HOSTILE, ALLIED = 0, 3
CONVOY_LOSS = 7
LEFT, CAUGHT, ARRIVED = 5, 6, 7


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


def note(state, r, row):
    i = state.incident_count[r]
    if i < state.incidents.shape[1]:
        state.incidents[r, i] = row
    state.incident_count[r] += 1


def convoys(state, world):
    inputs = named(world.keys, -1, "convoys")
    today = world.draws(state, "convoys")
    for v, event in enumerate(world.scenario.events):
        if event.kind.name in ("TRANSFER", "REINFORCEMENT"):
            for r in range(state.runs):
                size = float(uniform(fold(inputs[r], event.key)))
                one_convoy(r, v, event, state, world, fold(today[r], event.key), size)


def one_convoy(r, v, event, state, world, key, size):
    f = event.faction
    if state.since[r, v] == state.day:
        low, high = (float(n) for n in event.persons)
        persons = math.floor(low + (high - low) * size + 0.5)
        if event.kind.name == "REINFORCEMENT":
            state.joined[r, f] += persons
            first = event.cells[0]
        else:
            present = [int(state.fighters[r, c, f]) for c in event.origin]
            persons = min(persons, sum(present))
            first = event.origin[0]
            if persons:
                for c, go in zip(event.origin, split(persons, present, key), strict=True):
                    state.fighters[r, c, f] -= go
        state.transit[r, v] += persons
        if persons:
            note(state, r, (LEFT, f, -1, first, persons, np.nan, np.nan))
    persons = int(state.transit[r, v])
    if persons == 0:
        return
    elapsed = state.day - int(state.since[r, v])
    if elapsed < event.travel_days:
        if len(event.route):
            on_the_road(r, v, event, state, world, key, persons, elapsed)
        return
    homes, weights = [], []
    for c, weight in zip(event.cells, event.weights, strict=True):
        h = int(state.holder[r, c])
        if h == f or (h >= 0 and state.stance[r, f, h] == ALLIED):
            homes.append(int(c))
            weights.append(float(weight))
    if not any(weights):
        return
    for c, come in zip(homes, split(persons, weights, fold(key, 3)), strict=True):
        state.fighters[r, c, f] += come
    state.transit[r, v] = 0
    main = homes[weights.index(max(weights))]
    note(state, r, (ARRIVED, f, -1, main, persons, np.nan, np.nan))


def on_the_road(r, v, event, state, world, key, persons, elapsed):
    mesh, p, f = world.mesh, world.parameters[r], event.faction
    midday = (2 * elapsed + 1) * len(event.route) // (2 * event.travel_days)
    c = int(event.route[midday])
    near = [int(j) for j in mesh.reach[mesh.reach_indptr[c] : mesh.reach_indptr[c + 1]]]
    counts = {}
    for g in range(len(world.factions.key)):
        if g != f and state.stance[r, f, g] == HOSTILE:
            counts[g] = sum(int(state.fighters[r, j, g]) + int(state.covert[r, j, g]) for j in near)
    total = sum(counts.values())
    chance = float(p["intercept"]) * total / (total + 100.0)
    u = float(uniform(fold(key, 1)))
    if u < chance:
        strongest = max(counts, key=lambda g: (counts[g], -g))
        lost = min(persons, whole(persons * float(p["intercept_loss"]), fold(key, 2)))
        state.transit[r, v] -= lost
        state.losses[r, f, CONVOY_LOSS] += lost
        note(state, r, (CAUGHT, f, strongest, c, lost, np.nan, chance - u))
