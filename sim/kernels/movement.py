"""Movement: spare fighters walk toward the stretch of front that wants them most.

Every held cell has a want between 0 and 1, which fades along the way over friendly ground; fighters
follow the strongest pull at km/day set by road and terrain.
"""

from __future__ import annotations

import math

import numpy as np

from sim.kernels.chance import fold, round_by_chance, uniform
from sim.kernels.codes import CLOSED, EVADE, WITHDRAW
from sim.kernels.compiler import inner, kernel
from sim.kernels.engagement import engaged
from sim.kernels.front import enemies, friends
from sim.kernels.muster import arrive
from sim.kernels.ways import FAR, spread

FAINT = 0.01  # a pull below this is not felt
FULL_STRETCH = 30.0  # km of front whose whole demand, when missing, is half the strongest want
PACE = np.array([1.0, 1.0, 0.8, 0.5, 0.6, 0.35])  # of `move_km`, by terrain: desert ... lava
ROAD_PACE = np.array([1.0, 1.5, 2.0])  # by best road


@inner
def strength(missing, p):
    """How strongly missing fighters are wanted, 0 to 1."""
    return missing / (missing + FULL_STRETCH * p.front_force)


@inner
def survey_wants(r, state, mesh, picture, p, wanted):
    """Fill `wanted`, (C,) float64: how much more of the holder's fighters each cell wants, 0 to 1.

    Demand: as many as the enemy can engage, what an ordered attack has room for, and a garrison for
    the inhabitants.  A front cell calls for what is missing at all front within its reach: the many
    cells of a fine mesh must not call more faintly than the few of a coarse one.  Evaders want
    cover away from the enemy; who withdraws wants to be anywhere but at the front.
    """
    holder, stance = state.holder[r], state.stance[r]
    front_km, ready, men = picture.front_km[r], picture.ready[r], picture.men[r]
    lacking = np.zeros(len(wanted))
    for c in range(len(wanted)):
        h = holder[c]
        if h < 0:
            wanted[c] = 0.0
            continue
        threat, order = 0.0, 0.0
        if front_km[c] > 0.0:
            bit = np.uint32(1) << np.uint32(h)
            for e in range(mesh.indptr[c], mesh.indptr[c + 1]):
                b = mesh.indices[e]
                if mesh.crossing[e] == CLOSED or not enemies(stance, h, holder[b]):
                    continue
                km = mesh.border_km[e]
                threat += engaged(ready[b], front_km[b], km, p)
                if state.ordered[r, b] & bit:
                    order += state.urge[r, b] * p.front_force * km
        posture = state.posture[r, mesh.sector[c], h]
        if posture == EVADE:
            near = men[c] + threat
            wanted[c] = mesh.rough[c] * (1.0 - threat / near) if near > 0.0 else mesh.rough[c]
        elif posture == WITHDRAW and front_km[c] > 0.0:
            wanted[c] = 0.0
        else:
            demand = threat + order + p.garrison * state.population[r, c]
            lacking[c] = max(demand - (ready[c] if front_km[c] > 0.0 else men[c]), 0.0)
            wanted[c] = strength(lacking[c], p)
    for c in range(len(wanted)):
        if lacking[c] > 0.0 and front_km[c] > 0.0:
            near = 0.0
            for k in range(mesh.reach_indptr[c], mesh.reach_indptr[c + 1]):
                j = mesh.reach[k]
                if front_km[j] > 0.0 and friends(stance, holder[c], holder[j]):
                    near += lacking[j]
            wanted[c] = strength(near, p)


@inner
def march(c, toward, edge, edge_km, terrain, road, cell_key, move_km, key):
    """The cell to which somebody who sets out from c walks today.

    toward, edge  (C,)  int32  the next cell on the way and the edge to it; -1 at the goal

    A last edge that the day is too short for is walked by chance, so that the mean pace is kept at
    every resolution.
    """
    left = 1.0
    while toward[c] >= 0:
        j = toward[c]
        pace = move_km * PACE[terrain[j]] * ROAD_PACE[min(road[c], road[j])]
        days = edge_km[edge[c]] / pace
        left -= days
        if left < 0.0:
            return j if uniform(fold(key, cell_key[j])) < 1.0 + left / days else c
        c = j
    return c


@kernel
def flow(state, mesh, faction_key, parameters, picture, keys):
    """Move spare fighters one day toward the cell whose want they feel most.

    faction_key  (F,)  uint64
    keys         (R,)  uint64  today's draws of movement; folded with cell and faction

    A want is felt over friendly ground and falls with the way: pull = want x exp(-way / pull_km).
    So the strongest pull comes along a shortest way, with -pull_km x ln(want) as its start.  Of a
    cell's fighters the share mobile_share x (pull - want) sets out in a day.
    """
    runs, cells, factions = state.fighters.shape
    for r in range(runs):
        p = parameters[r]
        stance = state.stance[r]
        fighters = state.fighters[r]
        wanted = np.empty(cells)
        start = np.empty(cells, np.int32)
        cost = np.empty(cells, np.int32)
        toward = np.empty(cells, np.int32)
        edge = np.empty(cells, np.int32)
        origin = np.empty(cells * factions, np.int32)
        goal = np.empty(cells * factions, np.int32)
        faction = np.empty(cells * factions, np.int32)
        persons = np.empty(cells * factions, np.int32)
        survey_wants(r, state, mesh, picture, p, wanted)
        tenths = 10.0 * p.pull_km
        for c in range(cells):
            felt = wanted[c] >= FAINT
            start[c] = np.int32(-tenths * math.log(wanted[c])) if felt else FAR
        farthest = np.int32(-tenths * math.log(FAINT))
        spread(state.holder[r], stance, -1, mesh, start, farthest, cost, toward, edge)

        moves = 0  # decided for all cells first: nobody walks twice in a day
        for c in range(cells):
            if toward[c] < 0 or picture.men[r, c] == 0.0:
                continue
            share = p.mobile_share * (math.exp(-cost[c] / tenths) - wanted[c])
            if share <= 0.0:  # costs are whole numbers: a pull may lie a hair below the want
                continue
            key = fold(keys[r], mesh.key[c])
            to = -1
            for f in range(factions):
                n = fighters[c, f]
                going = round_by_chance(n * share, fold(key, faction_key[f])) if n else 0
                if going == 0:
                    continue
                if to < 0:
                    to = march(
                        c, toward, edge, mesh.edge_km, mesh.terrain, mesh.road, mesh.key,
                        p.move_km, key,
                    )  # fmt: skip
                if to != c and friends(stance, f, state.holder[r, to]):
                    origin[moves], goal[moves], faction[moves] = c, to, f
                    persons[moves] = min(n, going)
                    moves += 1
        for k in range(moves):
            c, j, f, n = origin[k], goal[k], faction[k], persons[k]
            here, there = mesh.segment[c], mesh.segment[j]
            fighters[c, f] -= n
            arrive(j, f, n, fighters, state.roll[r], state.roll_count[r])
            if here != there:
                carried = min(n * picture.stock[r, here, f], np.float64(state.depot[r, here, f]))
                state.depot[r, here, f] -= carried
                state.depot[r, there, f] += carried
