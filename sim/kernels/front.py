"""Fronts: where enemies touch, and how many fighters stand near enough to take part.

The picture decides nothing.  Doctrines read it, movement answers it, engagement turns it into
battles.  R runs, C cells, F factions, G segments.
"""

from __future__ import annotations

import numpy as np

from sim.kernels.codes import ALLIED, CLOSED, HOSTILE
from sim.kernels.compiler import inner, kernel
from sim.kernels.muster import FACTION, call, cell_of


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
    """Draw the picture of every run.

    quality     (F,)  float64  combat power of one fighter
    parameters  (R,)  records
    picture     the one drawn last, or an empty one; overwritten

    A cell's fighters are shared among the stretches of front within reach of it, by front km, so
    that each is counted once however fine the mesh is (docs/design.md, "Reach").
    """
    supply = np.empty(state.holder.shape[1])  # person-days of stock of those in the cell
    for r in range(len(state.holder)):
        wipe(r, mesh.reach_indptr, mesh.reach, picture)
        trace(
            state.holder[r], state.stance[r], picture.seen[r], picture.seen_stance[r],
            mesh.indptr, mesh.indices, mesh.crossing, mesh.border_km,
            picture.front_km[r], picture.front[r], picture.front_count[r : r + 1],
        )  # fmt: skip
        count(r, state, mesh, quality, parameters[r], picture, supply)
        gather(r, state.holder[r], state.stance[r], mesh.reach_indptr, mesh.reach, picture, supply)


@inner
def wipe(r, reach_indptr, reach, picture):
    """Take the forces from the fronts of the last picture."""
    for i in range(picture.front_count[r]):
        c = picture.front[r, i]
        picture.ready[r, c] = picture.ready_might[r, c] = picture.ready_days[r, c] = 0.0
        for k in range(reach_indptr[c], reach_indptr[c + 1]):
            picture.spread_km[r, reach[k]] = 0.0


@inner
def trace(
    holder, stance, seen, seen_stance, indptr, indices, crossing, border_km, front_km, front, count
):
    """Find the fronts of one run again where ground or stances have changed.

    front_km  (C,)  float32  overwritten where it changes
    front     (C,)  int32    cells with a front, ascending, then -1; overwritten
    count     (1,)  int32    how many
    """
    cells = len(holder)
    changed = 0
    for c in range(cells):
        changed += holder[c] != seen[c]
    turned = False
    for a in range(len(stance)):
        for b in range(len(stance)):
            turned = turned or stance[a, b] != seen_stance[a, b]
            seen_stance[a, b] = stance[a, b]
    if changed == 0 and not turned:
        return
    everywhere = turned or changed > cells // 8
    for c in range(cells):
        if everywhere:
            front_km[c] = border(c, holder, stance, indptr, indices, crossing, border_km)
        elif holder[c] != seen[c]:
            front_km[c] = border(c, holder, stance, indptr, indices, crossing, border_km)
            for e in range(indptr[c], indptr[c + 1]):
                j = indices[e]
                front_km[j] = border(j, holder, stance, indptr, indices, crossing, border_km)
        seen[c] = holder[c]
    n = 0
    for c in range(cells):
        front[n] = c
        n += front_km[c] > 0.0
    front[n:] = -1
    count[0] = n


@inner
def border(c, holder, stance, indptr, indices, crossing, border_km):
    """How long the border of a cell with enemies is that can be crossed, km."""
    km = 0.0
    h = holder[c]
    for e in range(indptr[c], indptr[c + 1]):
        if crossing[e] != CLOSED and enemies(stance, h, holder[indices[e]]):
            km += border_km[e]
    return km


@inner
def count(r, state, mesh, quality, p, picture, supply):
    """Count fighters and weigh their power and supply, by segment and by cell."""
    fighters, roll, segment = state.fighters[r], state.roll[r], mesh.segment
    persons, stock, depot = picture.persons[r], picture.stock[r], state.depot[r]
    men, might, cohesion = picture.men[r], picture.might[r], state.cohesion[r]
    pairs = roll[: call(fighters, roll, state.roll_count[r])]
    persons[:, :] = 0
    stock[:, :] = 0.0
    men[:] = 0.0
    might[:] = 0.0
    for pair in pairs:
        c, f = cell_of(pair), pair & FACTION
        persons[segment[c], f] += fighters[c, f]
    last, there, power, days = -1, 0.0, 0.0, 0.0
    for pair in pairs:  # without inner loops, at whose ends a processor guesses wrong
        c, f = cell_of(pair), pair & FACTION
        g, n = segment[c], fighters[c, f]
        if persons[g, f] == 0:
            continue
        stock[g, f] = depot[g, f] / persons[g, f]
        if c != last:
            last, there, power, days = c, 0.0, 0.0, 0.0
        there += n
        power += (
            n
            * quality[f]
            * cohesion[mesh.sector[c], f]
            * effect(stock[g, f], p.ration_knee, p.effect_floor)
        )
        days += n * stock[g, f]
        men[c], might[c], supply[c] = there, power, days


@inner
def gather(r, holder, stance, reach_indptr, reach, picture, supply):
    """Share the fighters of each cell among the stretches of front within reach of it."""
    front_km, men, spread_km = picture.front_km[r], picture.men[r], picture.spread_km[r]
    front, fronts = picture.front[r], picture.front_count[r]
    for i in range(fronts):  # the front tells those within reach how much of it there is
        c = front[i]
        if holder[c] >= 0:
            for k in range(reach_indptr[c], reach_indptr[c + 1]):
                j = reach[k]
                if men[j] > 0.0 and friends(stance, holder[c], holder[j]):
                    spread_km[j] += front_km[c]
    for i in range(fronts):
        c = front[i]
        if holder[c] >= 0:
            there, power, days = 0.0, 0.0, 0.0
            for k in range(reach_indptr[c], reach_indptr[c + 1]):
                j = reach[k]
                if spread_km[j] > 0.0 and friends(stance, holder[c], holder[j]):
                    share = front_km[c] / spread_km[j]
                    there += men[j] * share
                    power += picture.might[r, j] * share
                    days += supply[j] * share
            picture.ready[r, c], picture.ready_might[r, c] = there, power
            picture.ready_days[r, c] = days / there if there > 0.0 else 0.0
