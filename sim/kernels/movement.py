"""Movement: spare fighters walk toward the stretch of front that wants them most.

Every held cell has a want between 0 and 1, which fades along the way over friendly ground; fighters
follow the strongest pull at km/day set by road and terrain.
"""

from __future__ import annotations

import math

import numpy as np

from sim.kernels.chance import fold, round_by_chance, uniform
from sim.kernels.codes import CLOSED, EVADE, WITHDRAW
from sim.kernels.compiler import inner, maker
from sim.kernels.engagement import engaged
from sim.kernels.front import enemies, friends
from sim.kernels.marks import marked, scratch
from sim.kernels.muster import ONE, enlist, heads, lowest, muster
from sim.kernels.ways import edge_back, spread

FAINT = 0.01  # a pull below this is not felt
FULL_STRETCH = 30.0  # km of front whose whole demand, when missing, is half the strongest want
PACE = np.array([1.0, 1.0, 0.8, 0.5, 0.6, 0.35])  # of `move_km`, by terrain: desert ... lava
ROAD_PACE = np.array([1.0, 1.5, 2.0])  # by best road


@inner
def strength(missing, p):
    """How strongly missing fighters are wanted, 0 to 1."""
    return missing / (missing + FULL_STRETCH * p.front_force)


@inner
def want_behind(population, men, rough, posture, p):
    """How much more of the holder's fighters a cell without a front wants, 0 to 1.

    A garrison for the inhabitants; evaders want cover.
    """
    if posture == EVADE:
        return np.float64(rough)
    return strength(max(p.garrison * population - men, 0.0), p)


@inner
def survey_front(r, state, mesh, picture, p, wanted, lacking):
    """Say how much more of the holder's fighters each front cell wants, 0 to 1.

    wanted   (C,)  float64  overwritten at the front
    lacking  (C,)  float64  room to work in: zeros before and after

    Demand: as many as the enemy can engage, what an ordered attack has room for, and a garrison for
    the inhabitants.  A front cell calls for what is missing at all front within its reach: the many
    cells of a fine mesh must not call more faintly than the few of a coarse one.  Evaders want
    cover away from the enemy; who withdraws wants to be anywhere but at the front.
    """
    holder, stance, posture = state.holder[r], state.stance[r], state.posture[r]
    population, ordered, urge = state.population[r], state.ordered[r], state.urge[r]
    front_km, ready, men = picture.front_km[r], picture.ready[r], picture.men[r]
    front = picture.front[r, : picture.front_count[r]]
    indptr, indices, crossing, border_km = mesh.indptr, mesh.indices, mesh.crossing, mesh.border_km
    for c in front:
        wanted[c] = 0.0
        h = holder[c]
        if h < 0:
            continue
        threat, order = 0.0, 0.0
        bit = np.uint32(1) << np.uint32(h)
        for e in range(np.uint32(indptr[c]), np.uint32(indptr[c + 1])):
            b = np.uint32(indices[e])
            if holder[b] == h or crossing[e] == CLOSED or not enemies(stance, h, holder[b]):
                continue
            km = border_km[e]
            threat += engaged(ready[b], front_km[b], km, p)
            if ordered[b] & bit:
                order += urge[b] * p.front_force * km
        stand = posture[mesh.sector[c], h]
        if stand == EVADE:
            near = men[c] + threat
            wanted[c] = mesh.rough[c] * (1.0 - threat / near) if near > 0.0 else mesh.rough[c]
        elif stand != WITHDRAW:
            demand = threat + order + p.garrison * population[c]
            lacking[c] = max(demand - ready[c], 0.0)
    for c in front:
        if lacking[c] > 0.0:
            h = holder[c]
            near = 0.0
            for k in range(np.uint32(mesh.reach_indptr[c]), np.uint32(mesh.reach_indptr[c + 1])):
                j = np.uint32(mesh.reach[k])
                if lacking[j] > 0.0 and friends(stance, h, holder[j]):
                    near += lacking[j]
            wanted[c] = strength(near, p)
    for c in front:
        lacking[c] = 0.0


@maker
def survey_behind(r, state, mesh, picture, p, wanted, marks, found):
    """Say what the cells without a front want that may call, and list them; returns how many.

    wanted  (C,)  float64  overwritten in those cells
    marks, found           from `scratch`; the list is in found
    """
    holder, posture = state.holder[r], state.posture[r]
    population, men = state.population[r], picture.men[r]
    factions = posture.shape[1]
    # a hair less than makes a want FAINT: those found are looked at exactly
    least = 0.99 * FAINT / (1.0 - FAINT) * FULL_STRETCH * p.front_force
    garrison = p.garrison
    evade = np.uint64(0)  # bit f + 1: whether f evades anywhere; then its want is told exactly
    for f in range(factions):
        for s in range(len(posture)):
            evade |= np.uint64(posture[s, f] == EVADE) << np.uint64(f + 1)
    for c in range(len(holder)):
        short = garrison * population[c] - men[c] > least
        marks[c] = short | ((evade >> np.uint64(holder[c] + 1)) & ONE)
    kept = 0
    for i in range(marked(marks, found)):
        c = found[i]
        if holder[c] >= 0 and picture.front_km[r, c] == 0.0:
            stand = posture[mesh.sector[c], holder[c]]
            wanted[c] = want_behind(population[c], men[c], mesh.rough[c], stand, p)
            found[kept] = c
            kept += 1
    return kept


@inner
def set_out(
    r, book, state, mesh, faction_key, p, picture, key, wanted, start, cost, pull, marks, found,
    leaving, side, persons,
):  # fmt: skip
    """Say who sets out, by cell and faction; returns how many such pairs there are.

    start, cost  (C,)    int32  with which a cell calls, and what it hears; equal where it calls
                                 louder than it hears, or hears nothing
    pull         float64  how strongly a want is felt over a way of each cost; 0 not worked out yet
    marks, found         from `scratch`; overwritten
    leaving, side, persons  (C*F,)  int32  overwritten: which cell, whose, how many; by cell
    """
    holder, posture = state.holder[r], state.posture[r]
    population, men, front_km = state.population[r], picture.men[r], picture.front_km[r]
    tenths = 10.0 * p.pull_km
    pairs = 0
    for c in range(len(cost)):
        marks[c] = (cost[c] < start[c]) & (men[c] > 0.0)
    for i in range(marked(marks, found)):
        c = found[i]
        want = wanted[c]
        if front_km[c] == 0.0:  # few of those who hear a call have made one
            stand = posture[mesh.sector[c], holder[c]]
            want = want_behind(population[c], men[c], mesh.rough[c], stand, p)
        if pull[cost[c]] == 0.0:
            pull[cost[c]] = math.exp(-cost[c] / tenths)
        share = p.mobile_share * (pull[cost[c]] - want)
        if share <= 0.0:  # costs are whole numbers: a pull may lie a hair below the want
            continue
        cell_key = fold(key, mesh.key[c])
        bits = np.uint64(book.standing[c])
        while bits:
            f = lowest(bits)
            bits &= bits - ONE
            n = heads(book, c, f)
            going = round_by_chance(n * share, fold(cell_key, faction_key[f]))
            if going:
                leaving[pairs], side[pairs], persons[pairs] = c, f, min(n, going)
                pairs += 1
    return pairs


@inner
def march(
    c, holder, stance, start, cost, indptr, indices, travel, crossing, edge_km, terrain, road,
    cell_key, move_km, key,
):  # fmt: skip
    """The cell to which somebody who sets out from c walks today.

    start, cost  (C,)  int32  as in `set_out`; a way ends where they are equal

    A last edge that the day is too short for is walked by chance, so that the mean pace is kept at
    every resolution.
    """
    left = 1.0
    while cost[c] < start[c]:
        e = edge_back(c, holder, stance, indptr, indices, travel, crossing, cost)
        j = indices[e]
        pace = move_km * PACE[terrain[j]] * ROAD_PACE[min(road[c], road[j])]
        days = edge_km[e] / pace
        left -= days
        if left < 0.0:
            return j if uniform(fold(key, cell_key[j])) < 1.0 + left / days else c
        c = j
    return c


@maker
def flow(state, mesh, shift, faction_key, parameters, picture, keys):
    """Move spare fighters one day toward the cell whose want they feel most.

    shift        from `ways.bucket_width`
    faction_key  (F,)  uint64
    keys         (R,)  uint64  today's draws of movement; folded with cell and faction

    Every held cell has a want.  It is felt over friendly ground and falls with the way:
    pull = want x exp(-way / pull_km).  So the strongest pull comes along a shortest way, with
    -pull_km x ln(want) as its start.  Of a cell's fighters the share mobile_share x (pull - want)
    sets out in a day.

    Few cells want enough to be felt, few others feel them, and few fighters leave; so wants, ways
    and marches are worked out for those only.
    """
    runs, cells, factions = state.fighters.shape
    wanted, lacking = np.empty(cells), np.zeros(cells)
    start, cost = np.empty(cells, np.int32), np.empty(cells, np.int32)
    marks, found = scratch(cells)
    calling = np.empty(len(found), np.int32)
    room = cells + len(mesh.indices)
    entry_cell, entry_next = np.empty(room, np.int32), np.empty(room, np.int32)
    leaving, side = np.empty(cells * factions, np.int32), np.empty(cells * factions, np.int32)
    persons = np.empty(cells * factions, np.int32)
    pull, pull_km = np.empty(0), math.nan
    for r in range(runs):
        p, holder, stance = parameters[r], state.holder[r], state.stance[r]
        book, depot = muster(r, state, mesh), state.depot[r]
        survey_front(r, state, mesh, picture, p, wanted, lacking)
        count = survey_behind(r, state, mesh, picture, p, wanted, marks, calling)
        for c in picture.front[r, : picture.front_count[r]]:
            calling[count] = c
            count += 1
        tenths = 10.0 * p.pull_km
        farthest = np.int32(-tenths * math.log(FAINT))
        start[:] = cost[:] = farthest + 1  # beyond what anybody hears
        if p.pull_km != pull_km:
            pull, pull_km = np.zeros(farthest + 1), p.pull_km
        begun = 0
        for i in range(count):
            c = calling[i]
            if wanted[c] >= FAINT:
                start[c] = cost[c] = np.int32(-tenths * math.log(wanted[c]))
                calling[begun] = c
                begun += 1
        spread(
            holder, stance, mesh.indptr, mesh.indices, mesh.travel, mesh.crossing, shift, farthest,
            calling, begun, cost, entry_cell, entry_next,
        )  # fmt: skip

        # who sets out is settled for all cells before anybody moves: nobody walks twice in a day
        pairs = set_out(
            r, book, state, mesh, faction_key, p, picture, keys[r], wanted, start, cost, pull,
            marks, found, leaving, side, persons,
        )  # fmt: skip
        c = -1
        for i in range(pairs):
            n, f = persons[i], side[i]
            if leaving[i] != c:  # all who leave a cell go the same way
                c = leaving[i]
                j = march(
                    c, holder, stance, start, cost, mesh.indptr, mesh.indices, mesh.travel,
                    mesh.crossing, mesh.edge_km, mesh.terrain, mesh.road, mesh.key, p.move_km,
                    fold(keys[r], mesh.key[c]),
                )  # fmt: skip
            if j == c or not friends(stance, f, holder[j]):
                continue
            here, there = mesh.segment[c], mesh.segment[j]
            enlist(book, c, f, -n)
            enlist(book, j, f, n)
            if here != there:
                carried = min(n * picture.stock[r, here, f], np.float64(depot[here, f]))
                depot[here, f] -= carried
                depot[there, f] += carried
