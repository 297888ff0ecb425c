"""Engagement: operations against stretches of front, their outcome, losses and ground.

An operation is one faction attacking into one segment.  Whether to begin is a decision (an order,
a counter-attack, or rare initiative at good perceived odds); who wins is one draw per operation,
with the shallow slope of the record of battles, and is kept until the operation ends by losses,
empty depots or time.  Ground is booked in km2.  (docs/design.md, "Operations".)
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from sim.kernels.chance import fold, round_by_chance, uniform
from sim.kernels.codes import (
    ATTACK,
    BRIDGE,
    CLOSED,
    EVADE,
    INCIDENT_OPERATION,
    LOSS_COMBAT,
)
from sim.kernels.compiler import inner, maker
from sim.kernels.front import enemies, friends
from sim.kernels.incidents import record
from sim.kernels.marks import marked, scratch
from sim.kernels.muster import ONE, enlist, heads, lowest, muster

Array = Any  # kernels are typed by numba

WINNING, LOSING = 1, 2  # State.op_phase
# Defender's power by terrain: desert, steppe, valley, mountain, urban, lava (docs/model.md).
COVER = np.array([1.0, 1.3, 1.5, 2.0, 2.2, 2.6])
MILITIA = 0.5  # power per km of front that no ground is ever without; keeps the ratio finite
BEGIN, NOISE_A, NOISE_B, OUTCOME, SEVERITY_A, SEVERITY_B, END, BREAK, DEAD = range(1, 10)  # slots


class Front(NamedTuple):
    """One segment's fronts as attackers see them; second axis: 0 all edges, 1 into ordered cells.

    km, power, resistance, men, supply  (F, 2)  float64  weighted by urgency where ordered
    counter  (F,)  bool   the segment holds ground that F lost lately
    place    (F,)  int32  first cell that F touches, -1 none
    """

    km: Array
    power: Array
    resistance: Array
    men: Array
    supply: Array
    counter: Array
    place: Array


@inner
def normal(key, slot_a, slot_b):
    """A standard normal draw from two slots of a key (Box & Muller 1958)."""
    u, v = uniform(fold(key, slot_a)), uniform(fold(key, slot_b))
    return math.sqrt(-2.0 * math.log(u)) * math.cos(2.0 * math.pi * v)


@inner
def chance_of_success(ratio, p):
    """Chance that an operation wins at a combat power ratio: the logistic fit to the record."""
    return 1.0 / (1.0 + math.exp(-(p.odds_intercept + p.odds_slope * math.log(ratio))))


@inner
def advance(terrain, p):
    """Ground won in a day on open front, km, by terrain."""
    if terrain == 0:
        return p.advance_desert
    if terrain == 1:
        return p.advance_steppe
    if terrain == 2:
        return p.advance_valley
    if terrain == 3:
        return p.advance_mountain
    if terrain == 4:
        return p.advance_urban
    return p.advance_lava


@inner
def pace(r, c, state, mesh, p):
    """Ground won in a day on open front in a cell as it is held now, km."""
    d = state.holder[r, c]
    evading = d >= 0 and state.posture[r, mesh.sector[c], d] == EVADE
    return advance(mesh.terrain[c], p) * (p.evade_speed if evading else 1.0)


@inner
def win_ground(r, c, f, km2, state):
    """Book ground that f has won in a cell, without an upper end; it begins anew after another."""
    if state.attacker[r, c] != f:
        state.attacker[r, c] = f
        state.progress[r, c] = 0.0
    state.progress[r, c] += km2


@inner
def engaged(ready, front_km, km, p):
    """Fighters on `km` of a cell's front: its share of those in reach, as far as space allows."""
    if ready <= 0.0:
        return 0.0
    return min(np.float64(ready) * km / front_km, p.front_force * km)


@inner
def support(r, c, f, state):
    """What air and artillery over a cell add to the combat power of f, which fights for it."""
    if f >= 0 and state.air_for[r, c] & (np.uint32(1) << np.uint32(f)):
        return np.float64(state.air[r, c])
    return 0.0


@inner
def attacker_worth(might, ready, crossing, air, p):
    """Combat power of one engaged attacker; air and artillery add to it, a bridge takes from it."""
    worth = might / ready * (1.0 + air)
    return worth * p.bridge_power if crossing == BRIDGE else worth


@inner
def defender_worth(might, ready, terrain, held_days, suppressed, evading, air, p):
    """Combat power of one engaged defender, with ground, trenches, bombs and his own air."""
    dug_in = 1.0 + p.entrench_gain * (1.0 - math.exp(-held_days / p.entrench_days))
    worth = might / ready * COVER[terrain] * dug_in * (1.0 - suppressed) * (1.0 + air)
    return worth * p.evade_power if evading else worth


@inner
def fallen_share(cost, opposite, own, p):
    """Share of `own` engaged who fall in a day to `opposite` enemies engaged on the same edge.

    cost  (1/day)  the share at equal numbers, and at any numbers if loss_ratio is 0

    (opposite / own)^loss_ratio: at 1 the number who fall is cost x opposite, Lanchester's aimed
    fire.  Nobody falls but to an enemy then.  A few who face a host cannot lose more than all of
    themselves, hence at most 1; this also bounds the power as `own` nears 0.
    """
    if p.loss_ratio == 0.0:
        return cost
    if opposite <= 0.0 or own <= 0.0:
        return 0.0
    return min(1.0, cost * math.exp(p.loss_ratio * math.log(opposite / own)))


@inner
def survey(r, g, day, state, mesh, picture, p, front):
    """Add up what each attacker could bring against a segment."""
    holder, stance = state.holder[r], state.stance[r]
    front_km, ready, might = picture.front_km[r], picture.ready[r], picture.ready_might[r]
    front.km[:], front.power[:], front.resistance[:] = 0.0, 0.0, 0.0
    front.men[:], front.supply[:] = 0.0, 0.0
    front.counter[:], front.place[:] = False, -1
    for c in range(mesh.segment_start[g], mesh.segment_start[g + 1]):
        if front_km[c] <= 0.0:
            continue
        d = holder[c]
        worth = 0.0
        if ready[c] > 0.0:
            evading = state.posture[r, mesh.sector[c], d] == EVADE
            days = day - state.held_since[r, c]
            worth = defender_worth(
                might[c], ready[c], mesh.terrain[c], days, state.suppressed[r, c], evading,
                support(r, c, d, state), p,
            )  # fmt: skip
        for e in range(mesh.indptr[c], mesh.indptr[c + 1]):
            a = mesh.indices[e]
            f = holder[a]
            if f < 0 or mesh.crossing[e] == CLOSED or not enemies(stance, f, d):
                continue
            bit = np.uint32(1) << np.uint32(f)
            if state.paused[r, c] & bit:
                continue
            km = mesh.border_km[e]
            men, power = engaged(ready[a], front_km[a], km, p), 0.0
            if men > 0.0:
                air = support(r, c, f, state)
                power = men * attacker_worth(might[a], ready[a], mesh.crossing[e], air, p)
            resistance = MILITIA * km + engaged(ready[c], front_km[c], km, p) * worth
            for kind in range(2 if state.ordered[r, c] & bit else 1):
                front.km[f, kind] += km * state.urge[r, c] if kind == 1 else km
                front.power[f, kind] += power
                front.resistance[f, kind] += resistance
                front.men[f, kind] += men
                front.supply[f, kind] += men * picture.ready_days[r, a]
            if front.place[f] < 0:
                front.place[f] = c
            if state.lost_by[r, c] == f and day - state.lost_on[r, c] < p.counter_days:
                front.counter[f] = True


@inner
def begins(ordered, counter, attacking, km, ratio, stock, p, key):
    """Whether an operation begins today.

    ordered    the calendar orders it; km of front, weighted by urgency, set the tempo
    counter    the ground was lost lately and the faction strikes back
    attacking  the faction's posture is to attack
    ratio      combat power ratio; seen with the commander's error
    stock      the attackers' supply, days
    """
    if ordered:
        rate = p.tempo * km
    else:
        rate = (p.initiative if attacking else 0.0) + (p.counter_rate if counter else 0.0)
    if rate == 0.0 or stock < p.start_stock:
        return False
    if uniform(fold(key, BEGIN)) >= 1.0 - math.exp(-rate):
        return False
    seen = math.log(ratio) + p.perception_sd * normal(key, NOISE_A, NOISE_B)
    wanted = p.ordered_odds if ordered or counter else p.initiative_odds
    return seen > math.log(wanted)


@inner
def begin(r, g, f, kind, ratio, state, front, p, key):
    """Draw an operation's outcome, severity and the losses it will bear, and put it on record."""
    chance = chance_of_success(ratio, p)
    draw = uniform(fold(key, OUTCOME))
    spread = p.severity_sd
    state.op_phase[r, g, f] = WINNING if draw < chance else LOSING
    state.op_days[r, g, f] = 0
    state.op_severity[r, g, f] = math.exp(
        spread * normal(key, SEVERITY_A, SEVERITY_B) - 0.5 * spread * spread
    )
    state.op_ratio[r, g, f] = ratio
    state.op_margin[r, g, f] = chance - draw
    state.op_bears[r, g, f] = -p.breakpoint * math.log(uniform(fold(key, BREAK)))
    place = front.place[f]
    record(
        state.incidents[r], state.incident_count, r, INCIDENT_OPERATION, f,
        state.holder[r, place], place, int(front.men[f, kind]), ratio, chance - draw,
    )  # fmt: skip


@inner
def conduct(r, g, f, ordered, cost_attack, cost_defence, state, mesh, picture, p, toll, burn):
    """One day of faction f's operation into segment g: its tolls, and its ground if it wins.

    Returns the share of its engaged fighters who fall.
    """
    holder, stance = state.holder[r], state.stance[r]
    front_km, ready = picture.front_km[r], picture.ready[r]
    bit = np.uint32(1) << np.uint32(f)
    winning = state.op_phase[r, g, f] == WINNING
    fought, fell = 0.0, 0.0
    for c in range(mesh.segment_start[g], mesh.segment_start[g + 1]):
        d = holder[c]
        if front_km[c] <= 0.0 or not enemies(stance, f, d) or state.paused[r, c] & bit:
            continue
        if ordered and not state.ordered[r, c] & bit:
            continue
        evading = d >= 0 and state.posture[r, mesh.sector[c], d] == EVADE
        strength, gain = 0.0, 0.0
        for e in range(mesh.indptr[c], mesh.indptr[c + 1]):
            a = mesh.indices[e]
            if holder[a] != f or mesh.crossing[e] == CLOSED or ready[a] <= 0.0:
                continue
            km = mesh.border_km[e]
            men = engaged(ready[a], front_km[a], km, p)
            defenders = engaged(ready[c], front_km[c], km, p)
            price = fallen_share(cost_attack, defenders, men, p)
            fought += men
            fell += men * price
            share = men / ready[a]
            strength += ready[a]
            gain += km
            toll[a] += price * share
            burn[a] += p.attack_use * share
            state.combat[r, a] = 1.0
            if ready[c] > 0.0:
                share = defenders / ready[c]
                price = cost_defence
                if evading:
                    price *= p.evade_loss * min(1.0, ready[c] / mesh.area[c] / p.area_density)
                toll[c] += fallen_share(price, men, defenders, p) * share
                burn[c] += p.defence_use * share
        if gain == 0.0:
            continue
        state.combat[r, c] = 1.0
        if winning and strength >= p.hold_density * mesh.area[c]:
            win_ground(r, c, f, gain * pace(r, c, state, mesh, p), state)
    if p.loss_ratio == 0.0 or fought == 0.0:
        return cost_attack
    return fell / fought


@maker
def fight(state, mesh, faction_key, parameters, picture, keys, day):
    """Begin, conduct and end the day's operations; take losses and supplies; book ground.

    keys  (R,)  uint64  today's draws of engagement; folded with segment or cell, faction and slot

    Losses are those of the fighters engaged and are shared by all who stood ready in reach; how far
    they follow the enemy's numbers is `loss_ratio`.
    Evaders lose by area fire: in proportion to their density (Deitchman 1962).
    """
    runs, cells, factions = state.fighters.shape
    marks, found = scratch(cells)
    toll = np.zeros(cells)  # share of those ready at this stretch who fall today
    burn = np.zeros(cells)  # rations they use on top of eating
    front = Front(
        np.empty((factions, 2)),
        np.empty((factions, 2)),
        np.empty((factions, 2)),
        np.empty((factions, 2)),
        np.empty((factions, 2)),
        np.empty(factions, np.bool_),
        np.empty(factions, np.int32),
    )
    for r in range(runs):
        p = parameters[r]
        fighting = False
        at, fronts, beyond = 0, picture.front_count[r], 0
        phase, days = state.op_phase[r].reshape(-1), state.op_days[r].reshape(-1)
        attackers, at_front = eager(state.posture[r]), picture.front[r]
        ordered, lost_by, lost_on = state.ordered[r], state.lost_by[r], state.lost_on[r]
        while at < fronts:
            first, g = at, mesh.segment[at_front[at]]
            while at < fronts and at_front[at] < mesh.segment_start[g + 1]:
                at += 1
            if quiet(
                day, at_front, first, at, phase, g * factions, (g + 1) * factions, attackers,
                mesh.sector, ordered, lost_by, lost_on, p.counter_days,
            ):  # fmt: skip
                continue
            stand_down(phase, days, beyond * factions, g * factions)
            beyond = g + 1
            survey(r, g, day, state, mesh, picture, p, front)
            for f in range(factions):
                kind = 1 if front.km[f, 1] > 0.0 else 0
                if front.men[f, kind] < 1.0:
                    stand_down(phase, days, g * factions + f, g * factions + f + 1)
                    continue
                key = fold(fold(keys[r], mesh.segment_key[g]), faction_key[f])
                stock = front.supply[f, kind] / front.men[f, kind]
                if state.op_phase[r, g, f] == 0:
                    if state.op_days[r, g, f] < 0:
                        state.op_days[r, g, f] += 1
                        continue
                    ratio = max(front.power[f, kind], 1e-3) / front.resistance[f, kind]
                    posture = state.posture[r, mesh.sector[front.place[f]], f]
                    counter = front.counter[f] and posture != EVADE
                    attacking = posture == ATTACK
                    km = front.km[f, kind]
                    if not begins(kind == 1, counter, attacking, km, ratio, stock, p, key):
                        continue
                    begin(r, g, f, kind, ratio, state, front, p, key)

                fighting = True
                winning = state.op_phase[r, g, f] == WINNING
                severity = np.float64(state.op_severity[r, g, f])
                cost_attack = p.loss_attack * severity * (1.0 if winning else p.loss_loser)
                cost_defence = p.loss_defence * severity * (p.loss_loser if winning else 1.0)
                wear = conduct(
                    r, g, f, kind == 1, cost_attack, cost_defence,
                    state, mesh, picture, p, toll, burn,
                )  # fmt: skip
                state.op_days[r, g, f] += 1
                state.op_bears[r, g, f] -= wear
                tired = uniform(fold(key, END)) < 1.0 / p.pulse_days
                if tired or state.op_bears[r, g, f] < 0.0 or stock < p.stop_stock:
                    state.op_phase[r, g, f] = 0
                    state.op_days[r, g, f] = -int(p.rest_days)
        stand_down(phase, days, beyond * factions, len(phase))
        if fighting:
            suffer(r, state, mesh, faction_key, picture, p, keys[r], toll, burn, marks, found)
            for i in range(fronts):  # only stretches of front have a toll
                toll[picture.front[r, i]] = burn[picture.front[r, i]] = 0.0


@maker
def eager(posture):
    """Whether anybody's posture in a sector is to attack; posture (S, F), answer (S,) bool."""
    attackers = np.zeros(len(posture), np.bool_)
    for s in range(posture.shape[0]):
        for f in range(posture.shape[1]):
            attackers[s] |= posture[s, f] == ATTACK
    return attackers


@inner
def quiet(
    day, front, first, last, phase, begin, end, attackers, sector, ordered, lost_by, lost_on,
    counter_days,
):  # fmt: skip
    """Whether nothing can happen on a stretch: no operation, no order, no wish to attack, no loss
    to avenge.  Cheaper than a survey, and true of most fronts on most days.

    front  cells with a front; first to last - 1 are those of the stretch
    phase  of all operations; begin to end - 1 are those of the stretch
    """
    for i in range(begin, end):
        if phase[i] != 0:
            return False
    for i in range(first, last):
        c = front[i]
        lately = lost_by[c] >= 0 and day - lost_on[c] < counter_days
        if ordered[c] or lately or attackers[sector[c]]:
            return False
    return True


@inner
def stand_down(phase, days, first, last):
    """Out of contact there is no operation; rest goes on.  Of the operations first to last - 1."""
    for i in range(first, last):
        phase[i] = 0
        days[i] = min(days[i] + 1, 0)


@maker
def suffer(r, state, mesh, faction_key, picture, p, key, toll, burn, marks, found):
    """Share the losses and the supplies of each stretch of front among those who stood ready there.

    toll  (C,)  float64  share of those ready at the stretch who fall
    burn  (C,)  float64  rations a head that they use
    marks, found         from `scratch`; marks of 0 before and after
    """
    holder, stance, book = state.holder[r], state.stance[r], muster(r, state, mesh)
    sectors, factions = state.cohesion.shape[1], state.cohesion.shape[2]
    lost, stretch, gone = np.zeros((sectors, factions)), -1, np.zeros(factions, np.int64)
    for i in range(struck(r, book, mesh, picture, burn, marks, found)):
        c = found[i]
        marks[c] = 0
        if mesh.segment[c] != stretch:
            stretch = mesh.segment[c]
            gone[:] = 0
        share, rations = 0.0, 0.0
        for k in range(mesh.reach_indptr[c], mesh.reach_indptr[c + 1]):
            j = mesh.reach[k]
            if burn[j] > 0.0 and friends(stance, holder[j], holder[c]):
                part = picture.front_km[r, j] / picture.spread_km[r, c]
                share += part * toll[j]
                rations += part * burn[j]
        if rations == 0.0:
            continue
        share = min(share, 1.0)
        place = fold(key, mesh.key[c])
        g = mesh.segment[c]
        bits = np.uint64(book.standing[c])
        while bits:
            f = lowest(bits)
            bits &= bits - ONE
            n = heads(book, c, f)
            left = np.float64(state.depot[r, g, f])
            persons = book.persons[g, f] + gone[f]  # those of this morning
            bread = min(left, p.stop_stock * persons)  # nobody fires that
            state.depot[r, g, f] = max(left - n * rations, bread)
            dead = min(n, round_by_chance(n * share, fold(fold(place, faction_key[f]), DEAD)))
            if dead > 0:
                enlist(book, c, f, -dead)
                gone[f] += dead
                state.losses[r, f, LOSS_COMBAT] += dead
                lost[mesh.sector[c], f] += dead
    if not lost.any():
        return
    for s in range(sectors):
        for f in range(factions):
            if lost[s, f] > 0.0:
                present = lost[s, f] + book.strength[s, f]
                left = state.cohesion[r, s, f] - p.cohesion_loss * lost[s, f] / present
                state.cohesion[r, s, f] = max(left, 0.0)


@inner
def struck(r, book, mesh, picture, burn, marks, found):
    """List the cells with fighters in reach of a stretch that was fought for, ascending, and leave
    their marks set; returns how many.
    """
    for c in picture.front[r, : picture.front_count[r]]:
        if burn[c] > 0.0:
            for k in range(mesh.reach_indptr[c], mesh.reach_indptr[c + 1]):
                j = mesh.reach[k]
                marks[j] |= (picture.spread_km[r, j] > 0.0) & (book.men[j] > 0)
    return marked(marks, found)
