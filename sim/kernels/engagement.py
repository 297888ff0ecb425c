"""Engagement: operations against stretches of front, their outcome, losses and ground.

An operation is one faction attacking into one segment.  Whether to begin is a decision (an order,
a counter-attack, or rare initiative at good perceived odds); who wins is one draw per operation,
with the shallow slope of the record of battles, and is kept until the operation ends by losses,
empty depots or time.  Ground is booked in km2.  (docs/design.md, "Operations".)
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from sim.kernels.chance import fold, round_by_chance, uniform
from sim.kernels.codes import (
    ATTACK,
    BRIDGE,
    CLOSED,
    EVADE,
    INCIDENT_OPERATION,
    LOSS_COMBAT,
)
from sim.kernels.compiler import kernel
from sim.kernels.front import enemies, friends
from sim.kernels.incidents import record

WINNING, LOSING = 1, 2  # State.op_phase
# Defender's power by terrain: desert, steppe, valley, mountain, urban, lava (docs/model.md).
COVER = np.array([1.0, 1.3, 1.5, 2.0, 2.2, 2.6])
MILITIA = 0.5  # power per km of front that no ground is ever without; keeps the ratio finite
BEGIN, NOISE_A, NOISE_B, OUTCOME, SEVERITY_A, SEVERITY_B, END, BREAK, DEAD = range(1, 10)  # slots


@njit(cache=True)
def normal(key, slot_a, slot_b):
    """A standard normal draw from two slots of a key (Box & Muller 1958)."""
    u, v = uniform(fold(key, slot_a)), uniform(fold(key, slot_b))
    return math.sqrt(-2.0 * math.log(u)) * math.cos(2.0 * math.pi * v)


@njit(cache=True)
def chance_of_success(ratio, p):
    """Chance that an operation wins at a combat power ratio: the logistic fit to the record."""
    return 1.0 / (1.0 + math.exp(-(p.odds_intercept + p.odds_slope * math.log(ratio))))


@njit(cache=True)
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


@njit(cache=True)
def engaged(r, c, e, mesh, picture, p):
    """Fighters that cell c has on edge e: its share of those in reach, as far as space allows."""
    km = mesh.border_km[e]
    if picture.ready[r, c] <= 0.0:
        return 0.0
    return min(picture.ready[r, c] * km / picture.front_km[r, c], p.front_force * km)


@njit(cache=True)
def attack_power(r, c, a, e, state, mesh, picture, p):
    """Combat power that cell a brings over edge e against cell c."""
    men = engaged(r, a, e, mesh, picture, p)
    if men <= 0.0:
        return 0.0
    power = men * picture.ready_might[r, a] / picture.ready[r, a]
    if mesh.crossing[e] == BRIDGE:
        power *= p.bridge_power
    if state.air_for[r, c] & (np.uint32(1) << np.uint32(state.holder[r, a])):
        power *= 1.0 + state.air[r, c]
    return power


@njit(cache=True)
def defence_power(r, c, e, day, state, mesh, picture, p):
    """Combat power with which cell c stands against an attack over edge e."""
    power = MILITIA * mesh.border_km[e]
    men = engaged(r, c, e, mesh, picture, p)
    if men <= 0.0:
        return power
    dug_in = 1.0 + p.entrench_gain * (
        1.0 - math.exp(-(day - state.held_since[r, c]) / p.entrench_days)
    )
    strength = men * picture.ready_might[r, c] / picture.ready[r, c]
    strength *= COVER[mesh.terrain[c]] * dug_in * (1.0 - state.suppressed[r, c])
    if state.posture[r, mesh.sector[c], state.holder[r, c]] == EVADE:
        strength *= p.evade_power
    return power + strength


@njit(cache=True)
def begins(r, g, f, day, ordered, counter, km, ratio, stock, state, mesh, p, key):
    """Whether faction f begins an operation against segment g today."""
    sector = mesh.sector[mesh.segment_start[g]]
    if ordered:
        rate = p.tempo * km
    else:
        rate = p.initiative if state.posture[r, sector, f] == ATTACK else 0.0
        if counter:
            rate += p.counter_rate
    if rate == 0.0 or stock < p.start_stock:
        return False
    if uniform(fold(key, BEGIN)) >= 1.0 - math.exp(-rate):
        return False
    seen = math.log(ratio) + p.perception_sd * normal(key, NOISE_A, NOISE_B)
    wanted = p.ordered_odds if ordered or counter else p.initiative_odds
    return seen > math.log(wanted)


@kernel
def fight(state, mesh, faction_key, parameters, picture, keys, day):
    """Begin, conduct and end the day's operations; take losses and supplies; book ground.

    keys  (R,)  uint64  today's draws of engagement; folded with segment or cell, faction and slot

    Losses are those of the fighters engaged and are shared by all who stood ready in reach.
    Evaders lose by area fire: in proportion to their density (Deitchman 1962).
    """
    runs, cells, factions = state.fighters.shape
    for r in range(runs):
        p = parameters[r]
        holder = state.holder[r]
        stance = state.stance[r]
        toll = np.zeros(cells)  # share of those ready at this stretch who fall today
        burn = np.zeros(cells)  # rations they use on top of eating
        any_fight = False
        km = np.empty((factions, 2))  # [f, 1] over edges into ordered cells, [f, 0] over all
        power = np.empty((factions, 2))
        resistance = np.empty((factions, 2))
        men = np.empty((factions, 2))
        stock = np.empty((factions, 2))
        counter = np.empty(factions, np.bool_)
        place = np.empty(factions, np.int32)

        for g in range(len(mesh.segment_key)):
            first, last = mesh.segment_start[g], mesh.segment_start[g + 1]
            contact = False
            for c in range(first, last):
                contact = contact or picture.front_km[r, c] > 0.0
            if not contact:
                for f in range(factions):
                    state.op_phase[r, g, f] = 0
                    state.op_days[r, g, f] = min(state.op_days[r, g, f] + 1, 0)
                continue
            km[:], power[:], resistance[:], men[:], stock[:] = 0.0, 0.0, 0.0, 0.0, 0.0
            counter[:] = False
            place[:] = -1
            for c in range(first, last):
                if picture.front_km[r, c] <= 0.0:
                    continue
                for e in range(mesh.indptr[c], mesh.indptr[c + 1]):
                    a = mesh.indices[e]
                    f = holder[a]
                    if f < 0 or mesh.crossing[e] == CLOSED or not enemies(stance, f, holder[c]):
                        continue
                    bit = np.uint32(1) << np.uint32(f)
                    if state.paused[r, c] & bit:
                        continue
                    attackers = engaged(r, a, e, mesh, picture, p)
                    might = attack_power(r, c, a, e, state, mesh, picture, p)
                    against = defence_power(r, c, e, day, state, mesh, picture, p)
                    supply = attackers * picture.stock[r, mesh.segment[a], f]
                    ordered = 1 if state.ordered[r, c] & bit else 0
                    for kind in range(ordered + 1):
                        weight = state.urge[r, c] if kind == 1 else 1.0
                        km[f, kind] += mesh.border_km[e] * weight
                        power[f, kind] += might
                        resistance[f, kind] += against
                        men[f, kind] += attackers
                        stock[f, kind] += supply
                    if place[f] < 0:
                        place[f] = c
                    if state.lost_by[r, c] == f and day - state.lost_on[r, c] < p.counter_days:
                        counter[f] = True

            for f in range(factions):
                phase = state.op_phase[r, g, f]
                kind = 1 if km[f, 1] > 0.0 else 0
                if men[f, kind] < 1.0:
                    state.op_phase[r, g, f] = 0
                    state.op_days[r, g, f] = min(state.op_days[r, g, f] + 1, 0)
                    continue
                key = fold(fold(keys[r], mesh.segment_key[g]), faction_key[f])
                days_of_supply = stock[f, kind] / men[f, kind]
                if phase == 0:
                    if state.op_days[r, g, f] < 0:
                        state.op_days[r, g, f] += 1
                        continue
                    ratio = max(power[f, kind], 1e-3) / resistance[f, kind]
                    strikes_back = (
                        counter[f] and state.posture[r, mesh.sector[place[f]], f] != EVADE
                    )
                    if not begins(
                        r, g, f, day, kind == 1, strikes_back, km[f, kind], ratio,
                        days_of_supply, state, mesh, p, key,
                    ):  # fmt: skip
                        continue
                    chance = chance_of_success(ratio, p)
                    draw = uniform(fold(key, OUTCOME))
                    phase = WINNING if draw < chance else LOSING
                    spread = p.severity_sd
                    state.op_phase[r, g, f] = phase
                    state.op_days[r, g, f] = 0
                    state.op_severity[r, g, f] = math.exp(
                        spread * normal(key, SEVERITY_A, SEVERITY_B) - 0.5 * spread * spread
                    )
                    state.op_ratio[r, g, f] = ratio
                    state.op_margin[r, g, f] = chance - draw
                    state.op_worn[r, g, f] = 0.0
                    record(
                        state.incidents[r], state.incident_count, r, INCIDENT_OPERATION, f,
                        holder[place[f]], place[f], int(men[f, kind]), ratio, chance - draw,
                    )  # fmt: skip

                severity = np.float64(state.op_severity[r, g, f])
                cost_attack = p.loss_attack * severity * (p.loss_loser if phase == LOSING else 1.0)
                cost_defence = (
                    p.loss_defence * severity * (p.loss_loser if phase == WINNING else 1.0)
                )
                any_fight = True
                for c in range(first, last):
                    if picture.front_km[r, c] <= 0.0:
                        continue
                    d = holder[c]
                    bit = np.uint32(1) << np.uint32(f)
                    if kind == 1 and not state.ordered[r, c] & bit:
                        continue
                    evading = d >= 0 and state.posture[r, mesh.sector[c], d] == EVADE
                    strength, gain = 0.0, 0.0
                    for e in range(mesh.indptr[c], mesh.indptr[c + 1]):
                        a = mesh.indices[e]
                        if holder[a] != f or mesh.crossing[e] == CLOSED:
                            continue
                        if not enemies(stance, f, d):
                            continue
                        attackers = engaged(r, a, e, mesh, picture, p)
                        if attackers <= 0.0:
                            continue
                        strength += picture.ready[r, a]
                        gain += mesh.border_km[e]
                        toll[a] += cost_attack * attackers / picture.ready[r, a]
                        burn[a] += p.attack_use * attackers / picture.ready[r, a]
                        state.combat[r, a] = 1.0
                        defenders = engaged(r, c, e, mesh, picture, p)
                        if defenders > 0.0:
                            share = defenders / picture.ready[r, c]
                            price = cost_defence
                            if evading:
                                density = picture.ready[r, c] / mesh.area[c]
                                price *= p.evade_loss * min(1.0, density / p.area_density)
                            toll[c] += price * share
                            burn[c] += p.defence_use * share
                    if gain > 0.0:
                        state.combat[r, c] = 1.0
                    if (
                        phase == WINNING
                        and gain > 0.0
                        and strength >= p.hold_density * mesh.area[c]
                    ):
                        gain *= advance(mesh.terrain[c], p)
                        if evading:
                            gain *= p.evade_speed
                        if state.attacker[r, c] != f:
                            state.attacker[r, c] = f
                            state.progress[r, c] = 0.0
                        state.progress[r, c] += gain
                state.op_days[r, g, f] += 1
                state.op_worn[r, g, f] += cost_attack
                limit = -p.breakpoint * math.log(
                    uniform(fold(fold(key, BREAK), day - state.op_days[r, g, f]))
                )
                tired = uniform(fold(key, END)) < 1.0 / p.pulse_days
                if tired or state.op_worn[r, g, f] > limit or days_of_supply < p.stop_stock:
                    state.op_phase[r, g, f] = 0
                    state.op_days[r, g, f] = -int(p.rest_days)

        if any_fight:
            suffer(r, state, mesh, faction_key, picture, p, keys[r], toll, burn)


@njit(cache=True)
def suffer(r, state, mesh, faction_key, picture, p, key, toll, burn):
    """Share the losses and the supplies of each stretch of front among those who stood ready there.

    toll  (C,)  float64  share of those ready at the stretch who fall
    burn  (C,)  float64  rations a head that they use
    """
    holder, stance = state.holder[r], state.stance[r]
    sectors, factions = state.cohesion.shape[1], state.cohesion.shape[2]
    present = np.zeros((sectors, factions))
    lost = np.zeros((sectors, factions))
    for c in range(len(toll)):
        if picture.men[r, c] <= 0.0:
            continue
        for f in range(factions):
            present[mesh.sector[c], f] += state.fighters[r, c, f]
        if picture.spread_km[r, c] <= 0.0:
            continue
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
        for f in range(factions):
            n = state.fighters[r, c, f]
            if n == 0:
                continue
            g = mesh.segment[c]
            state.depot[r, g, f] = max(state.depot[r, g, f] - n * rations, 0.0)
            dead = min(n, round_by_chance(n * share, fold(fold(place, faction_key[f]), DEAD)))
            state.fighters[r, c, f] -= dead
            state.losses[r, f, LOSS_COMBAT] += dead
            lost[mesh.sector[c], f] += dead
    for s in range(sectors):
        for f in range(factions):
            if lost[s, f] > 0.0:
                left = state.cohesion[r, s, f] - p.cohesion_loss * lost[s, f] / present[s, f]
                state.cohesion[r, s, f] = max(left, 0.0)
