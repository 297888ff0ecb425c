"""Movement: spare fighters flow toward the stretch of front that wants them most.

Every held cell has a want between 0 and 1; the pull of a want fades along the way; fighters follow
the pull over their own and allied ground, at km/day set by road and terrain.
"""

from __future__ import annotations

import numpy as np

from sim.kernels.chance import fold, round_by_chance, uniform
from sim.kernels.codes import CLOSED, EVADE, WITHDRAW
from sim.kernels.compiler import inner, kernel
from sim.kernels.engagement import engaged
from sim.kernels.front import enemies, friends

FULL_STRETCH = 10.0  # km of front whose whole demand, when missing, is half of the strongest want
PACE = np.array([1.0, 1.0, 0.8, 0.5, 0.6, 0.35])  # of `move_km`, by terrain: desert ... lava
ROAD_PACE = np.array([1.0, 1.5, 2.0])  # by best road


@inner
def unmet(demand, here, p):
    """How strongly missing fighters are wanted, 0 to 1; what is met pulls nobody."""
    missing = max(demand - here, 0.0)
    return missing / (missing + FULL_STRETCH * p.front_force)


@inner
def survey_wants(r, state, mesh, picture, p, wanted):
    """Fill `wanted`, (C,) float64: how much more of the holder's fighters each cell wants, 0 to 1.

    Demand: as many as the enemy can engage, what an ordered attack has room for, and a garrison for
    the inhabitants.  Evaders want cover away from the enemy; who withdraws wants to be anywhere but
    at the front.
    """
    holder, stance = state.holder[r], state.stance[r]
    front_km, ready, men = picture.front_km[r], picture.ready[r], picture.men[r]
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
            wanted[c] = unmet(demand, ready[c] if front_km[c] > 0.0 else men[c], p)


@inner
def march(c, source, indices, edge_km, terrain, road, cell_key, move_km, key):
    """The cell to which somebody who sets out from c walks today, along the pull.

    A last edge that the day is too short for is walked by chance, so that the mean pace is kept at
    every resolution.
    """
    left = 1.0
    while source[c] >= 0:
        e = source[c]
        j = indices[e]
        days = edge_km[e] / (move_km * PACE[terrain[j]] * ROAD_PACE[min(road[c], road[j])])
        left -= days
        if left < 0.0:
            return j if uniform(fold(key, cell_key[j])) < 1.0 + left / days else c
        c = j
    return c


@kernel
def flow(state, mesh, faction_key, parameters, picture, keys, day):
    """Renew the pull of every cell and move spare fighters one day along it.

    faction_key  (F,)  uint64
    keys         (R,)  uint64  today's draws of movement; folded with cell and faction

    The pull falls by 1 / (1 + way / pull_km) per edge; products of such steps approach
    exp(-way / pull_km) without an exponential per edge.  One sweep a day over the cells, forth and
    back in turn: a front's call travels far in two days, and a silenced one fades within days.
    """
    runs, cells, factions = state.fighters.shape
    for r in range(runs):
        p = parameters[r]
        holder = state.holder[r]
        stance = state.stance[r]
        fighters = state.fighters[r]
        pull = state.pull[r]
        fade = 1.0 / (10.0 * p.pull_km)
        wanted = np.empty(cells)
        source = np.empty(cells, np.int32)
        origin = np.empty(cells * factions, np.int32)
        goal = np.empty(cells * factions, np.int32)
        faction = np.empty(cells * factions, np.int32)
        persons = np.empty(cells * factions, np.int32)
        survey_wants(r, state, mesh, picture, p, wanted)
        for i in range(cells):
            c = i if day % 2 == 0 else cells - 1 - i
            best, edge = wanted[c], -1
            if holder[c] >= 0:
                for e in range(mesh.indptr[c], mesh.indptr[c + 1]):
                    j = mesh.indices[e]
                    if pull[j] > best and friends(stance, holder[c], holder[j]):
                        felt = pull[j] / (1.0 + mesh.travel[e] * fade)
                        if felt > best and mesh.crossing[e] != CLOSED:
                            best, edge = felt, e
            pull[c] = best
            source[c] = edge

        moves = 0  # decided for all cells first: nobody walks twice in a day
        for c in range(cells):
            if source[c] < 0 or picture.men[r, c] == 0.0:
                continue
            share = p.mobile_share * (1.0 - wanted[c] / pull[c])
            key = fold(keys[r], mesh.key[c])
            to = -1
            for f in range(factions):
                n = fighters[c, f]
                going = round_by_chance(n * share, fold(key, faction_key[f])) if n else 0
                if going == 0:
                    continue
                if to < 0:
                    to = march(
                        c, source, mesh.indices, mesh.edge_km, mesh.terrain, mesh.road, mesh.key,
                        p.move_km, key,
                    )  # fmt: skip
                if to != c and friends(stance, f, holder[to]):
                    origin[moves], goal[moves], faction[moves] = c, to, f
                    persons[moves] = min(n, going)
                    moves += 1
        for k in range(moves):
            c, j, f, n = origin[k], goal[k], faction[k], persons[k]
            here, there = mesh.segment[c], mesh.segment[j]
            fighters[c, f] -= n
            fighters[j, f] += n
            if here != there:
                carried = min(n * picture.stock[r, here, f], np.float64(state.depot[r, here, f]))
                state.depot[r, here, f] -= carried
                state.depot[r, there, f] += carried
