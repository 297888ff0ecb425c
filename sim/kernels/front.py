"""Fronts: where enemies touch, and how many fighters stand near enough to take part.

The picture decides nothing.  Doctrines read it, movement answers it, engagement turns it into
battles.  R runs, C cells, F factions, G segments.
"""

from __future__ import annotations

import numpy as np

from sim.kernels.codes import ALLIED, CLOSED, HOSTILE
from sim.kernels.compiler import inner, kernel


@inner
def enemies(stance, a, b):
    """Whether holder a and holder b fight on sight; ground that nobody holds resists nobody."""
    if a < 0 or b < 0:
        return a != b
    return stance[a, b] == HOSTILE


@inner
def friends(stance, a, b):
    """Whether fighters of a may stand and move on ground held by b."""
    return a >= 0 and b >= 0 and stance[a, b] == ALLIED


@inner
def effect(stock, knee, floor):
    """Effectiveness of a force with `stock` days of supply, floor to 1."""
    return floor + (1.0 - floor) * min(1.0, stock / knee)


@kernel
def look(state, mesh, quality, parameters, picture):
    """Fill the picture for every run.

    quality     (F,)  float64  combat power of one fighter
    parameters  (R,)  records
    picture     overwritten

    A cell's fighters are shared among the stretches of front within reach of it, by front km, so
    that each is counted once however fine the mesh is (docs/design.md, "Reach").
    """
    runs, cells, factions = state.fighters.shape
    for r in range(runs):
        p = parameters[r]
        holder = state.holder[r]
        stance = state.stance[r]
        fighters = state.fighters[r]
        front_km = picture.front_km[r]
        men = picture.men[r]
        might = picture.might[r]
        ready = picture.ready[r]
        ready_might = picture.ready_might[r]
        ready_days = picture.ready_days[r]
        spread_km = picture.spread_km[r]
        persons = picture.persons[r]
        stock = picture.stock[r]
        supply = np.zeros(cells)  # person-days of stock of those in the cell

        for g in range(len(mesh.segment_key)):
            first, last = mesh.segment_start[g], mesh.segment_start[g + 1]
            for f in range(factions):
                persons[g, f] = 0
            for c in range(first, last):
                for f in range(factions):
                    persons[g, f] += fighters[c, f]
            for f in range(factions):
                stock[g, f] = state.depot[r, g, f] / persons[g, f] if persons[g, f] else 0.0
            for c in range(first, last):
                count, power = 0.0, 0.0
                for f in range(factions):
                    n = fighters[c, f]
                    if n:
                        count += n
                        supply[c] += n * stock[g, f]
                        power += (
                            n
                            * quality[f]
                            * state.cohesion[r, mesh.sector[c], f]
                            * effect(stock[g, f], p.ration_knee, p.effect_floor)
                        )
                men[c], might[c] = count, power

        for c in range(cells):
            km = 0.0
            h = holder[c]
            for e in range(mesh.indptr[c], mesh.indptr[c + 1]):
                if mesh.crossing[e] != CLOSED and enemies(stance, h, holder[mesh.indices[e]]):
                    km += mesh.border_km[e]
            front_km[c] = km
            ready[c] = ready_might[c] = ready_days[c] = spread_km[c] = 0.0

        for c in range(cells):  # the front tells those within reach how much of it there is
            if front_km[c] > 0.0 and holder[c] >= 0:
                for k in range(mesh.reach_indptr[c], mesh.reach_indptr[c + 1]):
                    j = mesh.reach[k]
                    if men[j] > 0.0 and friends(stance, holder[c], holder[j]):
                        spread_km[j] += front_km[c]
        for c in range(cells):
            if front_km[c] > 0.0 and holder[c] >= 0:
                count, power, days = 0.0, 0.0, 0.0
                for k in range(mesh.reach_indptr[c], mesh.reach_indptr[c + 1]):
                    j = mesh.reach[k]
                    if spread_km[j] > 0.0 and friends(stance, holder[c], holder[j]):
                        share = front_km[c] / spread_km[j]
                        count += men[j] * share
                        power += might[j] * share
                        days += supply[j] * share
                ready[c], ready_might[c] = count, power
                ready_days[c] = days / count if count > 0.0 else 0.0
