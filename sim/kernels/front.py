"""Fronts: where enemies touch, and how many fighters stand near enough to take part.

The picture decides nothing.  Doctrines read it, movement answers it, engagement turns it into
battles.  R runs, C cells, F factions, G segments.
"""

from __future__ import annotations

import numpy as np

from sim.kernels.codes import ALLIED, CLOSED, HOSTILE
from sim.kernels.compiler import inner, kernel, maker
from sim.kernels.marks import marked, scratch
from sim.kernels.muster import ONE, heads, lowest, muster


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
def allied(stance, a, b):
    """Whether faction b is a itself or stands with it; both are somebody."""
    return a == b or stance[a, b] == ALLIED


@inner
def effect(stock, knee, floor):
    """Effectiveness of a force with `stock` days of supply, floor to 1."""
    return floor + (1.0 - floor) * min(1.0, stock / knee)


@kernel
def look(state, mesh, quality, parameters, power, picture):
    """Draw the picture of every run; see `draw`."""
    draw(state, mesh, quality, parameters, power, picture)


@maker
def draw(state, mesh, quality, parameters, power, picture):
    """Draw the picture of every run.

    quality     (F,)  float64  combat power of one fighter
    parameters  (R,)  records
    power       whether anybody will ask for combat power and supply; if not, `might`, `ready_might`
                and `ready_days` are not drawn
    picture     the one drawn last, or an empty one; overwritten

    A cell's fighters are shared among the stretches of front within reach of it, by front km, so
    that each is counted once however fine the mesh is (docs/design.md, "Reach").
    """
    runs, cells = state.holder.shape
    marks, found = scratch(cells)
    supply = np.empty(cells)  # person-days of stock of those in the cell
    for r in range(runs):
        holder, stance = state.holder[r], state.stance[r]
        changed = found[: ground_changed(holder, picture.seen[r], marks, found)]
        turned = stances_changed(stance, picture.seen_stance[r])
        if turned or len(changed) > 0:
            wipe(r, picture)
            if r > 0 and same_ground(r, state):
                copy_fronts(r, picture)
            else:
                trace(r, holder, stance, turned, changed, mesh, picture, marks)
                announce(r, holder, stance, mesh.reach_indptr, mesh.reach, picture)
        book = muster(r, state, mesh)
        count(r, book, state.depot[r], state.distance[r], picture, marks)
        if power:
            weigh(r, book, state.cohesion[r], quality, parameters[r], picture, supply)
        gather(r, power, picture, supply)


@inner
def ground_changed(holder, seen, marks, found):
    """List the cells of one run with another holder than was last seen; returns how many.

    marks, found  from `scratch`; overwritten
    """
    for c in range(len(holder)):
        marks[c] = holder[c] != seen[c]
    return marked(marks, found)


@inner
def stances_changed(stance, seen):
    """Whether stances are others than were last seen, (F, F), of one run; updates those seen."""
    turned = False
    for a in range(len(stance)):
        for b in range(len(stance)):
            turned = turned or stance[a, b] != seen[a, b]
            seen[a, b] = stance[a, b]
    return turned


@inner
def same_ground(r, state):
    """Whether run r's ground and stances are those of the run before, as on a first morning."""
    for c in range(state.holder.shape[1]):
        if state.holder[r, c] != state.holder[r - 1, c]:
            return False
    for a in range(state.stance.shape[1]):
        for b in range(state.stance.shape[1]):
            if state.stance[r, a, b] != state.stance[r - 1, a, b]:
                return False
    return True


@inner
def copy_fronts(r, picture):
    """Give run r the fronts of the run before."""
    front, near, answer = picture.front, picture.near, picture.answer
    picture.front_count[r] = picture.front_count[r - 1]
    picture.near_count[r] = picture.near_count[r - 1]
    for c in range(picture.seen.shape[1]):
        picture.seen[r, c] = picture.seen[r - 1, c]
        picture.front_km[r, c] = picture.front_km[r - 1, c]
        picture.spread_km[r, c] = picture.spread_km[r - 1, c]
    answers = 0
    for i in range(picture.front_count[r]):
        front[r, i] = front[r - 1, i]
        answers = picture.answer_end[r - 1, i]
        picture.answer_end[r, i] = answers
    for i in range(picture.near_count[r]):
        near[r, i] = near[r - 1, i]
    for i in range(answers):
        answer[r, i] = answer[r - 1, i]


@inner
def wipe(r, picture):
    """Take the forces from the fronts of the last picture: it has new ones."""
    for c in picture.front[r, : picture.front_count[r]]:
        picture.ready[r, c] = picture.ready_might[r, c] = picture.ready_days[r, c] = 0.0
    for c in picture.near[r, : picture.near_count[r]]:
        picture.spread_km[r, c] = picture.might[r, c] = 0.0


@inner
def trace(r, holder, stance, turned, changed, mesh, picture, marks):
    """Find the fronts of one run again, after a change of ground or stances.

    turned   whether stances have changed
    changed  cells that have another holder
    marks    from `scratch`; overwritten
    """
    front_km, seen = picture.front_km[r], picture.seen[r]
    indptr, indices, crossing, border_km = mesh.indptr, mesh.indices, mesh.crossing, mesh.border_km
    if turned or len(changed) > len(holder) // 8:
        for c in range(len(holder)):
            front_km[c] = border(c, holder, stance, indptr, indices, crossing, border_km)
    else:
        for c in changed:
            front_km[c] = border(c, holder, stance, indptr, indices, crossing, border_km)
            for j in indices[indptr[c] : indptr[c + 1]]:
                front_km[j] = border(j, holder, stance, indptr, indices, crossing, border_km)
    for c in range(len(holder)):
        seen[c] = holder[c]
        marks[c] = front_km[c] > 0.0
    picture.front_count[r] = marked(marks, picture.front[r])


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
def count(r, book, depot, distance, picture, marks):
    """Note the fighters of each cell, the days of supply of each stretch, and who is cut off.

    depot     (G, F)  float32;  distance  (C,)  int32
    marks     from `scratch`; overwritten
    """
    for c in picture.cut_off[r, : picture.cut_off_count[r]]:  # of the last picture
        picture.might[r, c] = 0.0
    men = picture.men[r]
    for c in range(len(men)):
        men[c] = book.men[c]
        marks[c] = (book.men[c] > 0) & (distance[c] < 0)
    picture.cut_off_count[r] = marked(marks, picture.cut_off[r])
    stock, stored = picture.stock[r].reshape(-1), depot.reshape(-1)
    persons = book.persons.reshape(-1)
    for i in range(len(stock)):  # without a branch, and in single floats: many at a time
        days = stored[i] / np.float32(max(persons[i], np.int32(1)))
        stock[i] = days if persons[i] > 0 else np.float32(0.0)


@inner
def announce(r, holder, stance, reach_indptr, reach, picture):
    """The front tells the friendly ground within reach how much of it there is.

    Writes spread_km, near, answer and answer_end of one run.
    """
    front_km, spread_km = picture.front_km[r], picture.spread_km[r]
    near, answer = picture.near[r], picture.answer[r]
    answers, nearby = 0, 0
    for i in range(picture.front_count[r]):
        c = picture.front[r, i]
        h = holder[c]
        if h >= 0:
            first, sides = answers, 0  # bit f + 1: whether f is a friend; bit 0 is nobody's
            for f in range(len(stance)):
                sides |= (stance[h, f] == ALLIED) << (f + 1)
            for k in range(reach_indptr[c], reach_indptr[c + 1]):  # without branches
                answer[answers] = reach[k]
                answers += (sides >> (holder[reach[k]] + 1)) & 1
            for k in range(first, answers):
                j = answer[k]
                near[nearby] = j
                nearby += spread_km[j] == 0.0
                spread_km[j] += front_km[c]
        picture.answer_end[r, i] = answers
    picture.near_count[r] = nearby


@inner
def weigh(r, book, cohesion, quality, p, picture, supply):
    """Reckon the power and the supply of fighters within reach of a front, or cut off.

    supply  (C,)  float64  overwritten there
    """
    might, stock = picture.might[r], picture.stock[r]
    knee, floor = p.ration_knee, p.effect_floor
    for c in picture.cut_off[r, : picture.cut_off_count[r]]:
        might[c], supply[c] = power(c, book, cohesion, stock, quality, knee, floor)
    for c in picture.near[r, : picture.near_count[r]]:
        might[c], supply[c] = power(c, book, cohesion, stock, quality, knee, floor)


@inner
def power(c, book, cohesion, stock, quality, knee, floor):
    """Combat power, and person-days of supply, of the fighters in cell c."""
    s, g = book.sector[c], book.segment[c]
    worth, days = 0.0, 0.0
    bits = np.uint64(book.standing[c])
    while bits:
        f = lowest(bits)
        bits &= bits - ONE
        n = heads(book, c, f)
        days += n * stock[g, f]
        worth += n * quality[f] * cohesion[s, f] * effect(stock[g, f], knee, floor)
    return worth, days


@inner
def gather(r, power, picture, supply):
    """Share the fighters of each cell among the stretches of front that it answers to.

    power   whether `weigh` has reckoned their power and their supply, or only numbers are asked for
    supply  from `weigh`
    """
    front_km, men, spread_km = picture.front_km[r], picture.men[r], picture.spread_km[r]
    might, answer, first = picture.might[r], picture.answer[r], 0
    for i in range(picture.front_count[r]):
        c, end = picture.front[r, i], picture.answer_end[r, i]
        there, strength, days = 0.0, 0.0, 0.0
        for k in range(first, end):
            j = answer[k]
            share = front_km[c] / spread_km[j]
            there += men[j] * share
            if power:
                strength += might[j] * share
                days += supply[j] * share
        first = end
        picture.ready[r, c] = there
        if power:
            picture.ready_might[r, c] = strength
            picture.ready_days[r, c] = days / there if there > 0.0 else 0.0
