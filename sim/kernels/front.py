"""Fronts: where enemies touch, and how many fighters stand near enough to take part.

The picture decides nothing.  Doctrines read it, movement answers it, engagement turns it into
battles.  R runs, C cells, F factions, G segments.
"""

from __future__ import annotations

import numpy as np

from sim.kernels.codes import ALLIED, CLOSED, HOSTILE
from sim.kernels.compiler import inner, kernel
from sim.kernels.muster import FACTION, SHIFT, call, cell_of


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
    runs, cells = state.holder.shape
    supply = np.empty(cells)  # person-days of stock of those in the cell
    place = np.empty(cells, np.int32)  # where a cell's last pair stands on the roll
    for r in range(runs):
        holder, stance = state.holder[r], state.stance[r]
        wipe(r, mesh.reach_indptr, mesh.reach, picture)
        trace(
            holder, stance, picture.seen[r], picture.seen_stance[r],
            mesh.indptr, mesh.indices, mesh.crossing, mesh.border_km,
            picture.front_km[r], picture.front[r], picture.front_count[r : r + 1],
        )  # fmt: skip
        count(r, state, mesh.segment, picture, place)
        announce(r, holder, stance, mesh.reach_indptr, mesh.reach, picture)
        weigh(r, state, mesh, quality, parameters[r], picture, place, supply)
        gather(r, holder, stance, mesh.reach_indptr, mesh.reach, picture, supply)


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
    front     (C,)  int32    cells with a front, ascending; overwritten
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
            for j in indices[indptr[c] : indptr[c + 1]]:
                front_km[j] = border(j, holder, stance, indptr, indices, crossing, border_km)
    seen[:] = holder
    n = 0
    for c in range(cells):
        front[n] = c
        n += front_km[c] > 0.0
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
def count(r, state, segment, picture, place):
    """Count the fighters of each cell and stretch, and the stretch's days of supply.

    place  (C,)  int32  overwritten where there are fighters

    The loop over the roll has no branches, at which a processor guesses wrong.
    """
    fighters, roll, depot, distance = (
        state.fighters[r], state.roll[r], state.depot[r], state.distance[r]
    )  # fmt: skip
    men, persons, stock = picture.men[r], picture.persons[r], picture.stock[r]
    stretch, cut_off = picture.stretch[r], picture.cut_off[r]
    for k in stretch[: picture.stretch_count[r]]:
        persons[cell_of(k), k & FACTION] = 0
        stock[cell_of(k), k & FACTION] = 0.0
    men[:] = 0.0
    listed, stretches, hungry = 0, 0, 0
    for pair in roll[: call(fighters, roll, state.roll_count[r])]:
        c, f = cell_of(pair), pair & FACTION
        g, n = segment[c], fighters[c, f]
        roll[listed] = pair  # those who have left are struck out in passing
        listed += n > 0
        place[c] = listed - 1
        stretch[stretches] = g << SHIFT | f
        stretches += persons[g, f] == 0 and n > 0
        cut_off[hungry] = c
        hungry += distance[c] < 0 and n > 0 and men[c] == 0.0
        persons[g, f] += n
        men[c] += n
    for k in stretch[:stretches]:
        g, f = cell_of(k), k & FACTION
        stock[g, f] = depot[g, f] / persons[g, f]
    state.roll_count[r, 0] = listed
    picture.stretch_count[r], picture.cut_off_count[r] = stretches, hungry


@inner
def announce(r, holder, stance, reach_indptr, reach, picture):
    """The front tells the fighters within reach how much of it there is."""
    front_km, men, spread_km = picture.front_km[r], picture.men[r], picture.spread_km[r]
    for c in picture.front[r, : picture.front_count[r]]:
        if holder[c] >= 0:
            for k in range(reach_indptr[c], reach_indptr[c + 1]):
                j = reach[k]
                if men[j] > 0.0 and friends(stance, holder[c], holder[j]):
                    spread_km[j] += front_km[c]


@inner
def weigh(r, state, mesh, quality, p, picture, place, supply):
    """Reckon the power and the supply of fighters within reach of a front, or cut off."""
    might, spread_km, roll = picture.might[r], picture.spread_km[r], state.roll[r]
    fighters, cohesion, stock = state.fighters[r], state.cohesion[r], picture.stock[r]
    might[:] = 0.0
    for c in picture.cut_off[r, : picture.cut_off_count[r]]:
        might[c], supply[c] = power(
            c, place[c], mesh.sector[c], mesh.segment[c], roll, fighters, cohesion, stock, quality,
            p.ration_knee, p.effect_floor,
        )  # fmt: skip
    for at in picture.front[r, : picture.front_count[r]]:
        for k in range(mesh.reach_indptr[at], mesh.reach_indptr[at + 1]):
            c = mesh.reach[k]
            if spread_km[c] > 0.0 and might[c] == 0.0:
                might[c], supply[c] = power(
                    c, place[c], mesh.sector[c], mesh.segment[c], roll, fighters, cohesion, stock,
                    quality, p.ration_knee, p.effect_floor,
                )  # fmt: skip


@inner
def power(c, place, s, g, roll, fighters, cohesion, stock, quality, knee, floor):
    """Combat power, and person-days of supply, of the fighters in cell c of sector s, segment g.

    place  of the cell's last pair on the roll
    """
    first = place
    while first > 0 and cell_of(roll[first - 1]) == c:
        first -= 1
    worth, days = 0.0, 0.0
    for pair in roll[first : place + 1]:
        f = pair & FACTION
        n = fighters[c, f]
        days += n * stock[g, f]
        worth += n * quality[f] * cohesion[s, f] * effect(stock[g, f], knee, floor)
    return worth, days


@inner
def gather(r, holder, stance, reach_indptr, reach, picture, supply):
    """Share the fighters of each cell among the stretches of front within reach of it."""
    front_km, men, spread_km = picture.front_km[r], picture.men[r], picture.spread_km[r]
    for c in picture.front[r, : picture.front_count[r]]:
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
