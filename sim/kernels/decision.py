"""Decisions: what a faction sees of each sector, and the draw from utilities to a posture.

R runs, C cells, S sectors, F factions, P postures.
"""

from __future__ import annotations

import math

import numpy as np

from sim.kernels.chance import fold, uniform
from sim.kernels.codes import CLOSED, EVADE, HOSTILE, RIVAL
from sim.kernels.compiler import kernel
from sim.kernels.engagement import (
    MILITIA,
    attacker_worth,
    defender_worth,
    engaged,
    normal,
    support,
)
from sim.kernels.front import enemies
from sim.kernels.muster import ONE, heads, lowest, muster

VALLEY, URBAN = 2, 4  # theatre.mesh.Terrain
SEES_ATTACK, SEES_THREAT, SEES = 1, 3, 7  # slots
FIGHTERS, STOCK, ROUGH, CUT_OFF, SETTLED = range(5)  # columns of sums


@kernel
def perceive(state, mesh, faction_key, parameters, picture, keys, day, view):
    """Fill `view` (doctrines.View arrays, all (R, S, F) float64) from this morning's picture.

    odds and threat are natural logs of the combat power ratio, with the commander's error; both are
    0 where there is no contact.  Shares are weighted by fighters and 0 where there are none.
    """
    runs, _cells, factions = state.fighters.shape
    sectors = len(mesh.sector_key)
    for r in range(runs):
        p = parameters[r]
        holder, stance = state.holder[r], state.stance[r]
        book = muster(r, state, mesh)
        covert, hiding = state.covert[r], state.hiding[r]
        ours = np.zeros((sectors, factions, 2))  # [0] our power where we would attack, [1] defend
        theirs = np.zeros((sectors, factions, 2))
        seen = np.zeros((sectors * factions, 5))  # sums over fighters, side by side
        for array in view:
            array[r, :, :] = 0.0
        for c in range(len(holder)):
            s, g, d = mesh.sector[c], mesh.segment[c], holder[c]
            bits = np.uint64(book.standing[c])
            while bits:
                f = lowest(bits)
                bits &= bits - ONE
                n, i = heads(book, c, f), s * factions + f
                seen[i, FIGHTERS] += n
                seen[i, STOCK] += n * min(picture.stock[r, g, f], 1e3)
                seen[i, ROUGH] += n * mesh.rough[c]
                if state.distance[r, c] < 0:
                    seen[i, CUT_OFF] += n
                if mesh.terrain[c] == VALLEY or mesh.terrain[c] == URBAN:
                    seen[i, SETTLED] += n
            bits = np.uint64(hiding[c])
            while bits:
                f = lowest(bits)
                bits &= bits - ONE
                view.covert[r, s, f] += covert[c, f]
                if d >= 0 and (stance[d, f] == HOSTILE or stance[d, f] == RIVAL):
                    view.hunted[r, s, d] += covert[c, f]
        for i in range(picture.front_count[r]):
            c = picture.front[r, i]
            s, d = mesh.sector[c], holder[c]
            worth = 0.0
            if picture.ready[r, c] > 0.0:  # what we could do if we stood and fought
                worth = defender_worth(
                    picture.ready_might[r, c], picture.ready[r, c], mesh.terrain[c],
                    day - state.held_since[r, c], state.suppressed[r, c], False,
                    support(r, c, d, state), p,
                )  # fmt: skip
            evading = d >= 0 and state.posture[r, s, d] == EVADE
            for e in range(mesh.indptr[c], mesh.indptr[c + 1]):
                a = mesh.indices[e]
                f = holder[a]
                if f < 0 or mesh.crossing[e] == CLOSED or not enemies(stance, f, d):
                    continue
                km = mesh.border_km[e]
                bit = np.uint32(1) << np.uint32(f)
                view.front_km[r, s, f] += km
                if state.ordered[r, c] & bit:
                    view.ordered_km[r, s, f] += km
                men, attack = engaged(picture.ready[r, a], picture.front_km[r, a], km, p), 0.0
                if men > 0.0:
                    air = support(r, c, f, state)
                    attack = men * attacker_worth(
                        picture.ready_might[r, a], picture.ready[r, a], mesh.crossing[e], air, p
                    )
                stand = engaged(picture.ready[r, c], picture.front_km[r, c], km, p) * worth
                ours[s, f, 0] += attack
                theirs[s, f, 0] += MILITIA * km + stand * (p.evade_power if evading else 1.0)
                if d >= 0:
                    if state.distance[r, c] < 0:
                        view.siege_km[r, s, f] += km
                    ours[s, d, 1] += MILITIA * km + stand
                    theirs[s, d, 1] += attack
        for s in range(sectors):
            for f in range(factions):
                sums = seen[s * factions + f]
                n = sums[FIGHTERS]
                if n:
                    view.fighters[r, s, f] = n
                    view.stock[r, s, f] = sums[STOCK] / n
                    view.rough[r, s, f] = sums[ROUGH] / n
                    view.cut_off[r, s, f] = sums[CUT_OFF] / n
                    view.settled[r, s, f] = sums[SETTLED] / n
                key = fold(fold(keys[r], mesh.sector_key[s]), faction_key[f])
                if ours[s, f, 0] > 0.0:
                    view.odds[r, s, f] = math.log(
                        ours[s, f, 0] / theirs[s, f, 0]
                    ) + p.perception_sd * normal(key, SEES_ATTACK, SEES_ATTACK + 1)
                if theirs[s, f, 1] > 0.0:
                    view.threat[r, s, f] = math.log(
                        theirs[s, f, 1] / ours[s, f, 1]
                    ) + p.perception_sd * normal(key, SEES_THREAT, SEES_THREAT + 1)


@kernel
def choose(utility, temperature, sector_key, faction_key, keys, due, posture):
    """Draw a posture for each sector by quantal response (McKelvey & Palfrey 1995).

    utility      (R, S, P)  float64  -inf where a posture is out of the question
    temperature  (R,)       float64  of the softmax, in units of utility
    faction_key             uint64   of the one who decides
    keys         (R,)       uint64   today's draws of decisions; folded with sector and faction
    due          (R,)       bool     runs that decide today
    posture      (R, S)     int8     written where due
    """
    runs, sectors, postures = utility.shape
    for r in range(runs):
        if not due[r]:
            continue
        weight = np.empty(postures)
        for s in range(sectors):
            best = utility[r, s, 0]
            for k in range(postures):
                best = max(best, utility[r, s, k])
            total = 0.0
            for k in range(postures):
                weight[k] = 0.0
                if utility[r, s, k] > -math.inf:
                    weight[k] = math.exp((utility[r, s, k] - best) / temperature[r])
                total += weight[k]
            key = fold(fold(keys[r], sector_key[s]), faction_key)
            mark = uniform(fold(key, SEES)) * total
            chosen, sum_so_far = 0, 0.0
            for k in range(postures):
                sum_so_far += weight[k]
                if weight[k] > 0.0:
                    chosen = k
                if mark < sum_so_far:
                    break
            posture[r, s] = chosen
