"""Deals: stretches that give themselves up by agreement, to leave or to change sides.

R runs, C cells, F factions, G segments, S sectors, n cells of the offer's area.
"""

from __future__ import annotations

import math

import numpy as np

from sim.kernels.chance import fold, round_by_chance, uniform
from sim.kernels.codes import (
    ALLIED,
    CAUSE_EVACUATION,
    CAUSE_RECONCILIATION,
    CLOSED,
    INCIDENT_EVACUATION,
    INCIDENT_RECONCILIATION,
    LOSS_SURRENDER,
)
from sim.kernels.compiler import inner, maker
from sim.kernels.control import pass_to
from sim.kernels.front import allied
from sim.kernels.incidents import record
from sim.kernels.muster import enlist, muster

CUT_OFF = 2.0  # what encirclement adds to the pressure; assumed
STARVING = 2.0  # what hunger adds to the pressure; assumed
STAYS_OPEN = 0.5  # of the will to reconcile that an evacuation does not need; assumed
JOIN = 0.5  # share of the reconciled who take up arms for the other side, at full will; assumed
RECENT_DAYS = 14  # how long a neighbour's surrender is contagious (Lehmann & Zhukov 2019)


@inner
def touches(holder, held_since, stance, indptr, indices, crossing, stretch, faction, other, day):
    """Whether the stretch's cells held by `other` border ground of the faction's side.

    Ground taken today does not count: neighbours answer tomorrow, whatever their order.
    """
    for c in stretch:
        if holder[c] != other:
            continue
        for e in range(indptr[c], indptr[c + 1]):
            j = indices[e]
            h = holder[j]
            if crossing[e] == CLOSED or h < 0 or held_since[j] == day:
                continue
            if allied(stance, faction, h):
                return True
    return False


@inner
def infected(surrendered_on, segment, segment_start, indptr, indices, g, other, day):
    """Whether a neighbouring stretch of `other` gave up in the last two weeks, today excluded."""
    for c in range(segment_start[g], segment_start[g + 1]):
        for e in range(indptr[c], indptr[c + 1]):
            g2 = segment[indices[e]]
            if g2 != g:
                ago = day - np.int64(surrendered_on[g2, other])
                if 0 < ago <= RECENT_DAYS:
                    return True
    return False


@inner
def odds(stance, quality, sector, stretch, near, faction, other, strength):
    """Offerer's power against the other's in the stretch's districts and theirs around: 0 to 2."""
    sectors, factions = strength.shape
    ours, theirs = 0.0, 0.0
    for t in range(sectors):
        counts = False
        for c in stretch:
            counts = counts or near[sector[c], t]
        if counts:
            for f in range(factions):
                if allied(stance, faction, f):
                    ours += quality[f] * strength[t, f]
                elif allied(stance, other, f):
                    theirs += quality[f] * strength[t, f]
    return 2.0 * ours / (ours + theirs) if ours > 0.0 else 0.0


@inner
def way_out(holder, stance, f, refuge, route_end, x, y, c):
    """Where evacuees of f go from cell c: the end of the route, else the nearest refuge; -1 none.

    Only ground that f or an ally holds takes them in.
    """
    if route_end >= 0:
        h = holder[route_end]
        if h >= 0 and allied(stance, f, h):
            return np.int64(route_end)
    best, nearest = np.int64(-1), np.inf
    for j in range(len(x)):
        h = holder[j]
        if refuge[f, j] and h >= 0 and allied(stance, f, h):
            way = (x[j] - x[c]) * (x[j] - x[c]) + (y[j] - y[c]) * (y[j] - y[c])
            if way < nearest:
                best, nearest = np.int64(j), way
    return best


@maker
def deal(state, mesh, facts, factions, parameters, keys, day, offers):
    """One day of every offer, in the order of the calendar.

    facts      `sim.mechanisms.facts.Facts`
    factions   `FactionArrays`
    parameters (R,)    records
    keys       (R,)    uint64   today's draws; folded with segment, other, event, then cell, faction
    offers     `sim.mechanisms.events.Offers`

    Writes holder, held_since, lost_by, lost_on, progress, attacker, cause, ratio, margin, fighters,
    depot, losses, joined, surrendered_on, incidents.
    """
    for i in range(len(offers.event)):
        faction, other = offers.faction[i], offers.other[i]
        for r in range(len(keys)):
            if (
                state.active[r, offers.event[i]]
                and faction != other
                and state.stance[r, faction, other] != ALLIED
            ):
                put_to(r, i, offers, state, mesh, facts, factions, parameters[r], keys[r], day)


@maker
def put_to(r, i, offers, state, mesh, facts, factions, p, run_key, day):
    """Put the i-th offer to every stretch in its area, in one run: each may accept it.

    Only stretches that border the offerer's side are asked.  Hazard a day = deal_rate x odds x
    plight x lean x will x contagion.  odds: 2A / (A + B) of the combat power in the districts
    around, 1 when even.  plight: 1 + 2 x share of the cells that are cut off + 2 x hunger
    (1 - stock / ration_knee).  lean: twice the offerer's share of the support that the two have,
    1 when even.  will: the people's will to reconcile; an evacuation needs half of it.  contagion:
    1 + contagion if a neighbouring stretch of `other` gave up in the last 14 days, before today.
    Lehmann & Zhukov 2019 for contagion; the form is otherwise assumed.

    Evacuation: fighters go, on the same day, to the route's end, else to the nearest refuge that
    their side holds; with nowhere to go they lay down arms.  Reconciliation: half of them x will
    join the offerer, the rest lay down arms; allies who stood with them and are no friends of the
    offerer are evacuated.  Covert networks stay.  The stretch's supply of those who left is lost.
    """
    stance, holder, book = state.stance[r], state.holder[r], muster(r, state, mesh)
    faction, other, reconcile = offers.faction[i], offers.other[i], offers.reconcile[i]
    cells = offers.cells[offers.start[i] : offers.start[i + 1]]
    strength = book.strength.copy()  # all stretches weigh the odds of the same hour
    last = 0
    while last < len(cells):
        first = last
        g = mesh.segment[cells[first]]
        held, cut, lean, will = 0, 0.0, 0.0, 0.0
        while last < len(cells) and mesh.segment[cells[last]] == g:
            c = cells[last]
            last += 1
            if holder[c] != other:
                continue
            s = mesh.sector[c]
            held += 1
            if state.access[r, c] == 0.0:
                cut += 1.0
            ours = np.float64(state.support[r, s, faction])
            both = ours + np.float64(state.support[r, s, other])
            lean += 2.0 * ours / both if both > 0.0 else 1.0
            will += state.will[r, s]
        if held == 0 or not touches(
            holder, state.held_since[r], stance, mesh.indptr, mesh.indices, mesh.crossing,
            cells[first:last], faction, other, day,
        ):  # fmt: skip
            continue
        stretch = book.persons[g, other]
        hunger = 0.0
        if stretch > 0:
            hunger = 1.0 - min(1.0, state.depot[r, g, other] / stretch / p.ration_knee)
        will /= held
        openness = will if reconcile else STAYS_OPEN + (1.0 - STAYS_OPEN) * will
        power = odds(
            stance, factions.quality, mesh.sector, cells[first:last], facts.near, faction, other,
            strength,
        )  # fmt: skip
        hazard = p.deal_rate * power * (1.0 + CUT_OFF * cut / held + STARVING * hunger)
        hazard *= lean / held * openness
        if infected(
            state.surrendered_on[r], mesh.segment, mesh.segment_start, mesh.indptr, mesh.indices, g,
            other, day,
        ):  # fmt: skip
            hazard *= 1.0 + p.contagion
        chance = 1.0 - math.exp(-hazard)
        key = fold(fold(fold(run_key, mesh.segment_key[g]), factions.key[other]), offers.key[i])
        u = uniform(key)
        if u >= chance:
            continue

        state.surrendered_on[r, g, other] = day
        main = np.int64(-1)
        for c in cells[first:last]:  # the ground first: nobody flees within the stretch
            if holder[c] == other:
                if main < 0:
                    main = c
                cause = CAUSE_RECONCILIATION if reconcile else CAUSE_EVACUATION
                pass_to(r, c, faction, cause, np.nan, chance - u, day, book, state)
        persons = np.int64(0)
        for f in range(len(stance)):
            before, gone = np.int64(book.persons[g, f]), np.int64(0)
            for c in cells[first:last]:
                n = np.int64(state.fighters[r, c, f])
                if n == 0 or holder[c] != faction or allied(stance, faction, f):
                    continue
                enlist(book, c, f, -n)
                gone += n
                if reconcile and f == other:
                    state.losses[r, f, LOSS_SURRENDER] += n
                    turned = round_by_chance(n * (JOIN * will), fold(key, mesh.key[c]))
                    enlist(book, c, faction, turned)
                    state.joined[r, faction] += turned
                    continue
                to = way_out(
                    holder, stance, f, facts.refuge, offers.route_end[i], facts.x, facts.y, c
                )
                if to >= 0:
                    enlist(book, to, f, n)
                else:
                    state.losses[r, f, LOSS_SURRENDER] += n
            persons += gone
            if gone > 0:
                stays = np.float64(before - gone) / before
                state.depot[r, g, f] = stays * state.depot[r, g, f]
        kind = INCIDENT_RECONCILIATION if reconcile else INCIDENT_EVACUATION
        record(
            state.incidents[r], state.incident_count, r, kind, faction, other, main, persons,
            np.nan, chance - u,
        )  # fmt: skip
