"""Movement: spare fighters flow toward the stretch of front that wants them most.

Every held cell has a want between 0 and 1; the pull of a want fades along the way; fighters follow
the pull over their own and allied ground, at km/day set by road and terrain.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from sim.kernels.chance import fold, round_by_chance
from sim.kernels.codes import CLOSED, EVADE, WITHDRAW
from sim.kernels.compiler import kernel
from sim.kernels.front import enemies, friends

FULL_STRETCH = 10.0  # km of front whose whole demand, when missing, is half of the strongest want
PACE = np.array([1.0, 1.0, 0.8, 0.5, 0.6, 0.35])  # of `move_km`, by terrain: desert ... lava
ROAD_PACE = np.array([1.0, 1.5, 2.0])  # by best road


@njit(cache=True)
def want(r, c, state, mesh, picture, p):
    """How much more of the holder's fighters are wanted in cell c, 0 to 1.

    Demand: as many as the enemy can engage, what an ordered attack has room for, and a garrison for
    the inhabitants.  What is met pulls nobody; what is missing pulls the more the more it is.
    Evaders want cover away from the enemy; who withdraws wants to be anywhere but at the front.
    """
    h = state.holder[r, c]
    posture = state.posture[r, mesh.sector[c], h]
    threat, order = 0.0, 0.0
    if picture.front_km[r, c] > 0.0:
        bit = np.uint32(1) << np.uint32(h)
        for e in range(mesh.indptr[c], mesh.indptr[c + 1]):
            b = mesh.indices[e]
            k = state.holder[r, b]
            if mesh.crossing[e] == CLOSED or not enemies(state.stance[r], h, k):
                continue
            km = mesh.border_km[e]
            if k >= 0 and picture.front_km[r, b] > 0.0:
                threat += min(picture.ready[r, b] * km / picture.front_km[r, b], p.front_force * km)
            if state.ordered[r, b] & bit:
                order += state.urge[r, b] * p.front_force * km
    if posture == EVADE:
        near = picture.men[r, c] + threat
        return mesh.rough[c] * (1.0 - (threat / near if near > 0.0 else 0.0))
    if posture == WITHDRAW and picture.front_km[r, c] > 0.0:
        return 0.0
    demand = threat + order + p.garrison * state.population[r, c]
    here = picture.ready[r, c] if picture.front_km[r, c] > 0.0 else picture.men[r, c]
    missing = max(demand - here, 0.0)
    return missing / (missing + FULL_STRETCH * p.front_force)


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
        origin_of = np.empty(cells * factions, np.int32)
        faction_of = np.empty(cells * factions, np.int32)
        persons = np.empty(cells * factions, np.int32)
        for c in range(cells):
            wanted[c] = want(r, c, state, mesh, picture, p) if holder[c] >= 0 else 0.0
        for i in range(cells):
            c = i if day % 2 == 0 else cells - 1 - i
            best, origin = wanted[c], -1
            if holder[c] >= 0:
                for e in range(mesh.indptr[c], mesh.indptr[c + 1]):
                    j = mesh.indices[e]
                    if pull[j] > best and friends(stance, holder[c], holder[j]):
                        felt = pull[j] / (1.0 + mesh.travel[e] * fade)
                        if felt > best and mesh.crossing[e] != CLOSED:
                            best, origin = felt, e
            pull[c] = best
            source[c] = origin

        moves = 0  # decided for all cells first: nobody walks twice in a day
        for c in range(cells):
            e = source[c]
            if e < 0 or picture.men[r, c] == 0.0:
                continue
            j = mesh.indices[e]
            pace = p.move_km * PACE[mesh.terrain[j]] * ROAD_PACE[min(mesh.road[c], mesh.road[j])]
            share = p.mobile_share * (1.0 - wanted[c] / pull[c])
            share *= min(1.0, pace / mesh.edge_km[e])
            key = fold(keys[r], mesh.key[c])
            for f in range(factions):
                n = fighters[c, f]
                if n and friends(stance, f, holder[j]):
                    going = min(n, round_by_chance(n * share, fold(key, faction_key[f])))
                    if going:
                        origin_of[moves], faction_of[moves], persons[moves] = c, f, going
                        moves += 1
        for k in range(moves):
            c, f, n = origin_of[k], faction_of[k], persons[k]
            j = mesh.indices[source[c]]
            here, there = mesh.segment[c], mesh.segment[j]
            fighters[c, f] -= n
            fighters[j, f] += n
            if here != there:
                carried = min(n * picture.stock[r, here, f], np.float64(state.depot[r, here, f]))
                state.depot[r, here, f] -= carried
                state.depot[r, there, f] += carried
