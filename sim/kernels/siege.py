"""Siege: what becomes of fighters whom no supply reaches: they slip away, break out or give in."""

from __future__ import annotations

import math

import numpy as np

from sim.kernels.chance import fold, round_by_chance, uniform
from sim.kernels.codes import (
    ALLIED,
    BREAK_OUT,
    CAUSE_SURRENDER,
    CLOSED,
    EVADE,
    HOSTILE,
    INCIDENT_BREAK_OUT_FAILURE,
    INCIDENT_BREAK_OUT_SUCCESS,
    INCIDENT_EXFILTRATION,
    INCIDENT_SURRENDER,
    LOSS_BREAK_OUT,
    LOSS_SURRENDER,
    NOBODY,
)
from sim.kernels.compiler import inner, maker
from sim.kernels.control import leave, pass_to
from sim.kernels.engagement import chance_of_success
from sim.kernels.front import enemies, friends
from sim.kernels.incidents import record
from sim.kernels.muster import ONE, conceal, enlist, lowest, muster

SLIP, SLIP_THROUGH, TRY, PARTY, OUTCOME, FALLEN, GIVE_IN = range(1, 8)  # slots
CONTAGIOUS_DAYS = 14  # how long a neighbour's surrender is fresh
SMALLEST_PARTY = 10  # persons: fewer do not fight their way out


@inner
def take(g, f, n, book, segment_start):
    """Take n of a faction's fighters out of a segment, as evenly as whole persons allow."""
    total = np.int64(book.persons[g, f])
    seen, taken = 0, 0
    for c in range(segment_start[g], segment_start[g + 1]):
        seen += book.fighters[c, f]
        due = n * seen // total
        enlist(book, c, f, taken - due)
        taken = due


@inner
def way_out(r, g, f, state, mesh, faction, picture, p):
    """The enemy cell through which a party has the best prospect; (cell, enemy power, km beyond).

    The prospect falls with the power at the stretch and with what lies between it and the refuge.
    The cell is -1 where no enemy touches the segment.
    """
    cell, power, beyond, best = -1, 0.0, 0.0, 0.0
    for c in range(mesh.segment_start[g], mesh.segment_start[g + 1]):
        if not friends(state.stance[r], f, state.holder[r, c]):
            continue
        for e in range(mesh.indptr[c], mesh.indptr[c + 1]):
            j = mesh.indices[e]
            if mesh.crossing[e] == CLOSED or not enemies(state.stance[r], f, state.holder[r, j]):
                continue
            km = picture.front_km[r, j]
            ring = picture.ready_might[r, j] * mesh.border_km[e] / km if km > 0.0 else 0.0
            away = faction.refuge_km[f, mesh.segment[j]]
            prospect = chance_of_success(1.0 / max(ring, 1.0), p) * math.exp(-away / p.breakout_km)
            if cell < 0 or prospect > best:
                cell, power, beyond, best = j, ring, away, prospect
    return cell, power, beyond


@inner
def neighbours_gave_in(r, g, f, day, state, mesh):
    """Whether a friendly stretch next to this one surrendered in the last days."""
    for c in range(mesh.segment_start[g], mesh.segment_start[g + 1]):
        for e in range(mesh.indptr[c], mesh.indptr[c + 1]):
            s = mesh.segment[mesh.indices[e]]
            for k in range(state.stance.shape[1]):
                ago = day - state.surrendered_on[r, s, k]  # today's is not yet known
                if 0 < ago <= CONTAGIOUS_DAYS and s != g and state.stance[r, f, k] == ALLIED:
                    return True
    return False


@inner
def conqueror(r, g, f, state, mesh):
    """The enemy with the longest border around the ground of f and its allies in a segment.

    NOBODY if no enemy touches it.
    """
    factions = state.stance.shape[1]
    best, longest = NOBODY, 0.0
    for k in range(factions):
        if state.stance[r, f, k] != HOSTILE:
            continue
        km = 0.0
        for c in range(mesh.segment_start[g], mesh.segment_start[g + 1]):
            if friends(state.stance[r], f, state.holder[r, c]):
                for e in range(mesh.indptr[c], mesh.indptr[c + 1]):
                    if mesh.crossing[e] != CLOSED and state.holder[r, mesh.indices[e]] == k:
                        km += mesh.border_km[e]
        if km > longest:
            best, longest = k, km
    return best


@maker
def starve(state, mesh, faction, parameters, picture, keys, day):
    """One day of every stretch that is wholly cut off.

    faction  FactionArrays
    keys     (R,)  uint64  today's draws of siege; folded with segment, faction and slot

    Evaders slip away as food runs out, in small groups: the share that arrives falls with the way
    through enemy ground.  They, and those who want to break out, also try it in strength where the
    prospect is best; who gets through goes into hiding in the refuge.  The record of an attempt
    names the enemy cell it struck, and its holder, as that of an operation does.  Who eats less
    than `hunger_ration` may give in, sooner where cohesion is low and where neighbours did.
    """
    runs = len(keys)
    hungry = np.empty(len(mesh.segment_key), np.bool_)
    for r in range(runs):
        p = parameters[r]
        if picture.cut_off_count[r] == 0:
            continue
        book = muster(r, state, mesh)
        hungry[:] = False
        for c in picture.cut_off[r, : picture.cut_off_count[r]]:
            hungry[mesh.segment[c]] = True
        for g in range(len(mesh.segment_key)):
            if not hungry[g]:
                continue
            first, last = mesh.segment_start[g], mesh.segment_start[g + 1]
            sector = mesh.sector[first]
            bits = np.uint64(book.garrison[g])
            while bits:
                f = lowest(bits)
                bits &= bits - ONE
                persons, cell, most, fed = book.persons[g, f], -1, 0, False
                if persons == 0:  # they left when their allies gave in
                    continue
                for c in range(first, last):
                    n = book.fighters[c, f]
                    if n > most:
                        cell, most = c, n
                    fed = fed or (n > 0 and state.distance[r, c] >= 0)
                if fed:
                    continue
                key = fold(fold(keys[r], mesh.segment_key[g]), faction.key[f])
                eaten = min(1.0, state.depot[r, g, f] / persons / p.ration_knee)
                posture = state.posture[r, sector, f]
                refuge = faction.refuge_cell[f, g]

                if posture == EVADE and refuge >= 0:
                    n = round_by_chance(
                        persons * p.exfiltrate_rate * (1.0 - eaten), fold(key, SLIP)
                    )
                    if n > 0:
                        through = math.exp(-faction.refuge_km[f, g] / p.breakout_km)
                        arrived = min(n, round_by_chance(n * through, fold(key, SLIP_THROUGH)))
                        take(g, f, n, book, mesh.segment_start)
                        persons -= n
                        conceal(book, refuge, f, arrived)
                        state.losses[r, f, LOSS_BREAK_OUT] += n - arrived
                        record(
                            state.incidents[r], state.incident_count, r, INCIDENT_EXFILTRATION,
                            f, NOBODY, cell, n, math.nan, math.nan,
                        )  # fmt: skip

                goal, ring, beyond = -1, 0.0, 0.0
                if (
                    posture in (BREAK_OUT, EVADE)
                    and refuge >= 0
                    and persons * p.breakout_share >= SMALLEST_PARTY
                    and uniform(fold(key, TRY)) < p.breakout_rate
                ):
                    goal, ring, beyond = way_out(r, g, f, state, mesh, faction, picture, p)
                if goal >= 0:
                    party = round_by_chance(persons * p.breakout_share, fold(key, PARTY))
                    own = party * picture.might[r, cell] / max(picture.men[r, cell], 1.0)
                    ratio = own / max(ring, 1.0)
                    chance = chance_of_success(max(ratio, 1e-3), p)
                    chance *= math.exp(-beyond / p.breakout_km)
                    draw = uniform(fold(key, OUTCOME))
                    fallen = party - int(party * (1.0 - p.breakout_loss))
                    kind = INCIDENT_BREAK_OUT_FAILURE
                    gone = fallen
                    if draw < chance:  # a tenth of the loss of a failure is paid all the same
                        kind, gone, fallen = INCIDENT_BREAK_OUT_SUCCESS, party, fallen // 10
                        conceal(book, refuge, f, party - fallen)
                    take(g, f, gone, book, mesh.segment_start)
                    persons -= gone
                    state.losses[r, f, LOSS_BREAK_OUT] += fallen
                    record(
                        state.incidents[r], state.incident_count, r, kind, f,
                        state.holder[r, goal], goal, party, ratio, chance - draw,
                    )  # fmt: skip

                hunger = max(0.0, 1.0 - eaten / p.hunger_ration)
                if hunger == 0.0 or persons == 0:
                    continue
                hazard = 2.0 * p.surrender_rate * hunger * (1.0 - state.cohesion[r, sector, f])
                if neighbours_gave_in(r, g, f, day, state, mesh):
                    hazard *= 1.0 + p.contagion
                draw = uniform(fold(key, GIVE_IN))
                margin = 1.0 - math.exp(-hazard) - draw
                if margin > 0.0:
                    give_in(r, g, f, persons, cell, margin, day, book, state, mesh, faction, p, key)
                    hungry[g + 1 :] = True  # their allies fell back: look everywhere


@inner
def give_in(r, g, f, persons, cell, margin, day, book, state, mesh, faction, p, key):
    """A stretch surrenders: its fighters are taken, its cells go to the strongest besieger.

    Where no enemy touches it there is nobody to surrender to: it starves on, and deserts.
    """
    new = conqueror(r, g, f, state, mesh)
    if new == NOBODY:
        return
    take(g, f, persons, book, mesh.segment_start)
    state.losses[r, f, LOSS_SURRENDER] += persons
    state.surrendered_on[r, g, f] = day
    record(
        state.incidents[r], state.incident_count, r, INCIDENT_SURRENDER, f, new, cell,
        persons, math.nan, margin,
    )  # fmt: skip
    for c in range(mesh.segment_start[g], mesh.segment_start[g + 1]):
        if state.holder[r, c] == f:
            pass_to(r, c, new, CAUSE_SURRENDER, math.nan, margin, day, book, state)
            for k in range(state.stance.shape[1]):
                if not friends(state.stance[r], k, new):
                    leave(r, c, k, book, state, mesh, faction.key, p, fold(key, mesh.key[c]))
