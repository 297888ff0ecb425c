"""Decisions, slowly: what factions see of sectors, and the draw of a posture."""

from __future__ import annotations

import math

from sim.chance import fold, named, uniform
from sim.kernels.codes import HOSTILE, NOBODY, RIVAL
from tests.reference.engagement import (
    MILITIA_PER_KM,
    attack,
    bell,
    contacts,
    defence,
    evades,
    told,
)

VALLEY, URBAN = 2, 4
ATTACK_NOISE, THREAT_NOISE, CHOICE = (1, 2), (3, 4), 7


def perceive(state, world, view):
    """Overwrite the view of every faction on every sector."""
    keys = named(world.keys, state.day, "perception")
    runs, sectors, factions = view.fighters.shape
    for array in view:
        array[:] = 0.0
    for r in range(runs):
        for s in range(sectors):
            for f in range(factions):
                troops(r, s, f, state, world, view)
        key = {
            (s, f): fold(fold(keys[r], world.mesh.sector_key[s]), world.factions.key[f])
            for s in range(sectors)
            for f in range(factions)
        }
        fronts(r, state, world, view, key)


def troops(r, s, f, state, world, view):
    """How many of faction f are in a sector, how they live, and whom it could hunt there."""
    mesh = world.mesh
    cells = [c for c in range(len(mesh.area)) if int(mesh.sector[c]) == s]
    n = {c: int(state.fighters[r, c, f]) for c in cells}
    total = sum(n.values())
    view.fighters[r, s, f] = total
    if total:

        def mean(of):
            return sum(n[c] * of(c) for c in cells) / total

        stock = world.picture.stock
        view.stock[r, s, f] = mean(lambda c: min(1000.0, float(stock[r, mesh.segment[c], f])))
        view.rough[r, s, f] = mean(lambda c: float(mesh.rough[c]))
        view.cut_off[r, s, f] = mean(lambda c: int(state.distance[r, c]) < 0)
        view.settled[r, s, f] = mean(lambda c: int(mesh.terrain[c]) in (VALLEY, URBAN))
    view.covert[r, s, f] = sum(int(state.covert[r, c, f]) for c in cells)
    for g in range(state.stance.shape[1]):
        if int(state.stance[r, f, g]) in (HOSTILE, RIVAL):
            view.hunted[r, s, f] += sum(
                int(state.covert[r, c, g]) for c in cells if int(state.holder[r, c]) == f
            )


def fronts(r, state, world, view, key):
    """Kilometres of front, and the odds of attacking and of being attacked."""
    mesh, p = world.mesh, world.parameters[r]
    offence, offence_faces, stand, stand_faces = {}, {}, {}, {}

    def add(sums, at, amount):
        sums[at] = sums.get(at, 0.0) + amount

    for g in range(len(mesh.segment_key)):
        for c, a, e, f in contacts(r, g, state, world):
            s, d, km = int(mesh.sector[c]), int(state.holder[r, c]), float(mesh.border_km[e])
            view.front_km[r, s, f] += km
            if told(state.ordered[r, c], f):
                view.ordered_km[r, s, f] += km
            power = attack(r, c, a, e, state, world)
            against = defence(r, c, e, state, world)
            add(offence, (s, f), power)
            add(offence_faces, (s, f), against)
            if d == NOBODY:
                continue
            if int(state.distance[r, c]) < 0:
                view.siege_km[r, s, f] += km
            if evades(r, c, state, world):  # what it could do if it stood and fought
                militia = MILITIA_PER_KM * km
                against = militia + (against - militia) / float(p["evade_power"])
            add(stand, (s, d), against)
            add(stand_faces, (s, d), power)

    sd = float(p["perception_sd"])
    for at, power in offence.items():
        if power > 0:
            ratio = power / offence_faces[at]
            view.odds[r][at] = math.log(ratio) + sd * bell(key[at], *ATTACK_NOISE)
    for at, power in stand_faces.items():
        if power > 0:
            ratio = power / stand[at]
            view.threat[r][at] = math.log(ratio) + sd * bell(key[at], *THREAT_NOISE)


def choose(utility, temperature, sector_keys, faction_key, key):
    """The postures that one run's faction takes, by quantal response; a list over sectors."""
    chosen = []
    for utilities, sector_key in zip(utility, sector_keys, strict=True):
        best = max(float(u) for u in utilities)
        weights = [math.exp((float(u) - best) / float(temperature)) for u in utilities]
        mark = float(uniform(fold(fold(fold(key, sector_key), faction_key), CHOICE)))
        total = 0.0
        for weight in weights:
            total += weight
        running, choice = 0.0, None
        for posture, weight in enumerate(weights):
            running += weight
            if running > mark * total:
                choice = posture
                break
        chosen.append(choice)
    return chosen
