"""Fronts, slowly: who touches whom, and who stands near.  Plain loops over one run at a time."""

from __future__ import annotations

import math

from sim.chance import uniform
from sim.kernels.codes import ALLIED, CLOSED, HOSTILE, NOBODY


def whole(expected, key):
    """Round persons up or down by chance."""
    low = math.floor(expected)
    return int(low) + (1 if float(uniform(key)) < expected - low else 0)


def hostile(state, r, a, b):
    """Whether holders a and b fight on sight.  Nobody's ground fights no nobody, yields to all."""
    if NOBODY in (a, b):
        return a != b
    return int(state.stance[r, a, b]) == HOSTILE


def welcome(state, r, f, owner):
    """Whether faction f's fighters may stand on ground that `owner` holds."""
    return NOBODY not in (f, owner) and int(state.stance[r, f, owner]) == ALLIED


def ways(mesh, c):
    """(neighbour, index of the pair) for every neighbour that can be reached from cell c."""
    for e in range(int(mesh.indptr[c]), int(mesh.indptr[c + 1])):
        if int(mesh.crossing[e]) != CLOSED:
            yield int(mesh.indices[e]), e


def within_reach(mesh, c):
    """Cells whose fighters can take part in a battle at cell c, itself included."""
    return [int(j) for j in mesh.reach[mesh.reach_indptr[c] : mesh.reach_indptr[c + 1]]]


def cells_of(mesh, g):
    """The cells of a segment."""
    return range(int(mesh.segment_start[g]), int(mesh.segment_start[g + 1]))


def look(state, world):
    """Draw the picture of every run."""
    for r in range(state.runs):
        look_at(r, state, world)


def look_at(r, state, world):
    mesh, picture, p = world.mesh, world.picture, world.parameters[r]
    cells, factions = state.fighters.shape[1:]
    floor, knee = float(p["effect_floor"]), float(p["ration_knee"])

    for g in range(len(mesh.segment_key)):
        for f in range(factions):
            persons = sum(int(state.fighters[r, c, f]) for c in cells_of(mesh, g))
            picture.stock[r, g, f] = float(state.depot[r, g, f]) / persons if persons else 0.0

    men, might, rations = {}, {}, {}
    for c in range(cells):
        men[c], might[c], rations[c] = 0, 0.0, 0.0
        for f in range(factions):
            n = int(state.fighters[r, c, f])
            stock = float(picture.stock[r, mesh.segment[c], f])
            fed = floor + (1.0 - floor) * min(1.0, stock / knee)
            morale = float(state.cohesion[r, mesh.sector[c], f])
            men[c] += n
            rations[c] += n * stock
            might[c] += n * float(world.factions.quality[f]) * morale * fed

    border = {}
    for c in range(cells):
        h = int(state.holder[r, c])
        border[c] = sum(
            float(mesh.border_km[e])
            for j, e in ways(mesh, c)
            if hostile(state, r, h, int(state.holder[r, j]))
        )

    answers = {}  # whoever is in cell j answers to these stretches of front
    for j in range(cells):
        answers[j] = [
            c
            for c in within_reach(mesh, j)  # reach is mutual
            if border[c] and welcome(state, r, state.holder[r, c], state.holder[r, j])
        ]
    spread = {j: sum(border[c] for c in answers[j]) for j in range(cells)}
    ready, ready_might = dict.fromkeys(range(cells), 0.0), dict.fromkeys(range(cells), 0.0)
    ready_rations = dict.fromkeys(range(cells), 0.0)
    for j in range(cells):
        for c in answers[j]:
            ready[c] += men[j] * border[c] / spread[j]
            ready_might[c] += might[j] * border[c] / spread[j]
            ready_rations[c] += rations[j] * border[c] / spread[j]

    fronts = [c for c in range(cells) if border[c]]
    picture.front[r, : len(fronts)] = fronts
    picture.front_count[r] = len(fronts)
    cut_off = [c for c in range(cells) if men[c] and int(state.distance[r, c]) < 0]
    near = [j for c in fronts for j in within_reach(mesh, c) if c in answers[j]]
    near = list(dict.fromkeys(near))  # each once, where the front finds it first
    picture.cut_off_count[r], picture.near_count[r] = len(cut_off), len(near)
    picture.cut_off[r, : len(cut_off)], picture.near[r, : len(near)] = cut_off, near
    listed: list[int] = []
    for i, c in enumerate(fronts):
        listed += [j for j in within_reach(mesh, c) if c in answers[j]]
        picture.answer_end[r, i] = len(listed)
    picture.answer[r, : len(listed)] = listed
    picture.seen[r], picture.seen_stance[r] = state.holder[r], state.stance[r]
    for c in range(cells):
        matters = spread[c] or int(state.distance[r, c]) < 0
        picture.men[r, c], picture.might[r, c] = men[c], might[c] if matters else 0.0
        picture.front_km[r, c], picture.spread_km[r, c] = border[c], spread[c]
        picture.ready[r, c], picture.ready_might[r, c] = ready[c], ready_might[c]
        picture.ready_days[r, c] = ready_rations[c] / ready[c] if ready[c] else 0.0
