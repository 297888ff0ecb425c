"""Policing and raids: the war against and by those who hold no ground.

R runs, C cells, F factions, S sectors, V events, N arrest campaigns.
Of five thousand cells a few hundred have hidden members or raiders: only those are looked at.
"""

from __future__ import annotations

import math

import numpy as np

from sim.kernels.chance import (
    draw,
    draw_slot,
    fold,
    put,
    room_for_lots,
    round_by_chance,
    round_by_draw,
    uniform,
)
from sim.kernels.codes import (
    CLOSED,
    HOSTILE,
    HUNT,
    INCIDENT_ARRESTS,
    LOSS_ARREST,
    LOSS_RAID,
    RAID,
    RIVAL,
)
from sim.kernels.compiler import inner, maker
from sim.kernels.front import allied
from sim.kernels.incidents import record
from sim.kernels.marks import marked, scratch
from sim.kernels.muster import ONE, conceal, enlist, heads, lowest, muster, place, residents
from sim.kernels.shares import portion

BLIND = 0.2  # intelligence where nobody supports the police; assumed
HUNTING = 2.0  # effort of police who hunt; assumed
RAID_MOST = 0.1  # largest share of those in reach that one cell's raiders hit in a day; assumed
HIT, CAUGHT, KILLED, SHARING = range(4)  # slots
UNKNOWN = -1.0  # a hazard that nobody has asked for today


@maker
def police(state, mesh, facts, faction_key, parameters, arrests, raids, campaigns):
    """A day of arrests, then of raids.

    facts        `sim.mechanisms.facts.Facts`
    faction_key  (F,)    uint64
    parameters   (R,)    records
    arrests      (R,)    uint64  today's draws; folded with cell and the network's faction
    raids        (R,)    uint64  today's draws; folded with the raiders' cell and faction, then slot
    campaigns    `Campaigns` against networks

    Writes fighters, covert, losses, incidents.
    """
    runs, cells, factions = state.covert.shape
    marks, found = scratch(cells)
    lots = room_for_lots(cells * factions)
    least = np.empty(len(lots.drawn))
    for r in range(runs):
        book = muster(r, state, mesh)
        arrest(
            book, state.displaced[r], state.support[r], state.stance[r], state.posture[r],
            state.losses[r], state.incidents[r], state.incident_count[r : r + 1], mesh.key,
            faction_key, parameters[r], arrests[r], state.active[r], campaigns,
            facts.arrest_weight, facts.watched, marks, found, lots,
        )  # fmt: skip
        raid(
            book, state.losses[r], state.posture[r], state.stance[r], mesh.key, mesh.indptr,
            mesh.indices, mesh.crossing, faction_key, parameters[r], raids[r], least, marks,
            found, lots,
        )  # fmt: skip


@maker
def raiding(posture):
    """Which factions raid: by sector, (S,), and anywhere; bit f is faction f's; posture (S, F)."""
    bits = np.zeros(len(posture), np.uint64)
    anywhere = np.uint64(0)
    for s in range(posture.shape[0]):
        for f in range(posture.shape[1]):
            if posture[s, f] == RAID:
                bits[s] |= ONE << np.uint64(f)
        anywhere |= bits[s]
    return bits, anywhere


@maker
def quarry(stance, raiders):
    """Whom each of the raiders strikes, (F,): bit f is faction f's; stance (F, F)."""
    bits = np.zeros(len(stance), np.uint64)
    while raiders:
        g = lowest(raiders)
        raiders &= raiders - ONE
        for f in range(len(stance)):
            if f != g and stance[g, f] == HOSTILE:
                bits[g] |= ONE << np.uint64(f)
    return bits


@maker
def arrest(
    book,
    displaced,
    support,
    stance,
    posture,
    losses,
    incidents,
    incident_count,
    cell_key,
    faction_key,
    p,
    run_key,
    active,
    campaigns,
    weight,
    watched,
    marks,
    found,
    lots,
):
    """Arrest members of covert networks for a day, in one run.

    book      the `Muster` of the run
    active    (V,)    bool     events in force
    campaigns `Campaigns` against networks
    weight    (N, C)  float64  theirs in every cell
    watched   (C,)    bool     whether any of them weighs there
    marks, found, lots         room to work in

    Hazard of arrest = arrest_rate x density x intelligence x effort.  Density: open fighters of the
    holder and its allies in the sector per 1,000 inhabitants (the displaced count), over
    police_density, at most 1 (Quinlivan 1995).  Intelligence: 0.2 + 0.8 x the people's support for
    the holder's side; what is not known cannot be arrested (Kress & Szechtman 2009).

    One incident a day for each sector and network, at the cell with most arrests.
    """
    holder, covert, hiding, sector = book.holder, book.covert, book.hiding, book.sector
    sectors, factions = book.strength.shape
    hazard = np.full((sectors, factions), UNKNOWN)  # at an effort of 1, by sector and holder
    share = np.full((sectors, factions), UNKNOWN)  # of a network that is arrested at that effort
    unwanted = outlaws(stance)
    for c in range(len(hiding)):
        marks[c] = hiding[c] != 0
    count = 0
    for i in range(marked(marks, found)):
        c = found[i]
        bits = np.uint64(hiding[c]) & unwanted[place(holder[c], factions)]
        while bits:
            g = lowest(bits)
            bits &= bits - ONE
            put(lots, count, c, g, cell_key[c], faction_key[g], np.float64(covert[c, g]))
            count += 1
    for i in range(count):
        c, g = lots.place[i], lots.faction[i]
        s, h = sector[c], holder[c]
        if hazard[s, h] == UNKNOWN:
            inhabitants = residents(book, s) + displaced[s]
            hazard[s, h] = police_hazard(h, s, stance, book.strength, support, inhabitants, p)
            plain = hazard[s, h] * HUNTING if posture[s, h] == HUNT else hazard[s, h]
            share[s, h] = 1.0 - math.exp(-plain)
        effort = 1.0
        for k in range(len(campaigns.event) if watched[c] else 0):
            if weight[k, c] == 0.0 or not active[campaigns.event[k]]:
                continue
            other = campaigns.other[k]
            if (other < 0 or other == g) and allied(stance, campaigns.faction[k], h):
                effort += campaigns.intensity[k] * weight[k, c]
        if effort == 1.0:
            lots.expected[i] *= share[s, h]
        else:
            effort *= HUNTING if posture[s, h] == HUNT else 1.0
            lots.expected[i] *= 1.0 - math.exp(-(hazard[s, h] * effort))
    draw(lots, count, run_key)
    arrested = np.zeros((sectors, factions), np.int64)
    most = np.zeros((sectors, factions), np.int64)
    where = np.empty((sectors, factions), np.int32)
    anybody = False
    for i in range(count):
        taken = round_by_draw(lots.expected[i], lots.drawn[i])
        if taken > 0:
            c, g = lots.place[i], lots.faction[i]
            s = sector[c]
            anybody = True
            conceal(book, c, g, -taken)
            losses[g, LOSS_ARREST] += taken
            arrested[s, g] += taken
            if taken > most[s, g]:
                most[s, g], where[s, g] = taken, c
    if anybody:
        for s in range(sectors):
            for g in range(factions):
                if arrested[s, g] > 0:
                    c = where[s, g]
                    record(
                        incidents, incident_count, 0, INCIDENT_ARRESTS, holder[c], g, c,
                        arrested[s, g], np.nan, np.nan,
                    )  # fmt: skip


@maker
def outlaws(stance):
    """Whose networks each holder, nobody last, does not suffer: (F+1,), bit f is faction f's."""
    bits = np.zeros(len(stance) + 1, np.uint64)
    for h in range(len(stance)):
        for g in range(len(stance)):
            if g != h and (stance[h, g] == HOSTILE or stance[h, g] == RIVAL):
                bits[h] |= ONE << np.uint64(g)
    return bits


@inner
def police_hazard(h, s, stance, strength, support, inhabitants, p):
    """Hazard of arrest by police of h in sector s at an effort of 1; (S, F) arrays of one run."""
    officers, backing = np.int64(0), 0.0
    for f in range(len(stance)):
        if allied(stance, h, f):
            officers += strength[s, f]
            backing += support[s, f]
    if officers == 0:
        return 0.0
    density = 1.0
    if inhabitants > 0:
        density = min(1.0, 1000.0 * officers / inhabitants / p.police_density)
    intelligence = BLIND + (1.0 - BLIND) * min(1.0, backing)
    return p.arrest_rate * density * intelligence


@maker
def raid(
    book, losses, posture, stance, cell_key, indptr, indices, crossing, faction_key, p, run_key,
    least, marks, found, lots,
):  # fmt: skip
    """Raids of a day in one run: small losses on both sides, no ground.

    book          the `Muster` of the run
    least, marks, found, lots  room to work in

    Where a faction's posture is RAID, its covert members and open fighters strike hostile open
    fighters in their cell and its neighbours (not over a closed river): raid_rate a raider and day,
    at most a tenth of those in reach, shared out among them.  Raiders pay raid_cost wherever they
    found somebody.

    Cells are taken in order, so that who is hit first fights on with fewer.  On most days most
    raiders neither hit nor pay, whomever they find: of those nobody asks whom they would find.
    """
    raiders, anywhere = raiding(posture)
    if not anywhere:
        return
    hunts = quarry(stance, anywhere)
    for g in range(len(hunts)):  # who is nobody's enemy strikes nobody
        if not hunts[g]:
            anywhere &= ~(ONE << np.uint64(g))
    for c in range(len(book.hiding)):
        marks[c] = (book.hiding[c] | book.standing[c]) & anywhere != 0
    count = 0
    for i in range(marked(marks, found)):
        c = found[i]
        bits = np.uint64(book.hiding[c] | book.standing[c]) & raiders[book.sector[c]] & anywhere
        while bits:
            g = lowest(bits)
            bits &= bits - ONE
            hidden, standing = band(book, c, g)
            put(lots, count, c, g, cell_key[c], faction_key[g], np.float64(hidden + standing))
            count += 1
    draw_slot(lots, count, run_key, HIT)
    for i in range(count):
        caught, killed = uniform(fold(lots.key[i], CAUGHT)), uniform(fold(lots.key[i], KILLED))
        least[i] = min(caught, killed)
    for i in range(count):
        most = lots.expected[i]  # a band does not grow in a day
        if lots.drawn[i] >= p.raid_rate * most and least[i] >= p.raid_cost * most:
            continue
        c, g, key = lots.place[i], lots.faction[i], lots.key[i]
        first, last = indptr[c], indptr[c + 1]
        hidden, standing = band(book, c, g)
        targets = prey(book, c, hunts[g])
        for e in range(first, last):
            if crossing[e] != CLOSED:
                targets += prey(book, indices[e], hunts[g])
        if targets == 0 or hidden + standing == 0:
            continue
        expected = min(p.raid_rate * (hidden + standing), RAID_MOST * targets)
        hit = round_by_draw(expected, lots.drawn[i])
        if hit > 0:
            start = uniform(fold(key, SHARING))
            reached = strike(c, hit, np.int64(0), targets, start, hunts[g], book, losses)
            for e in range(first, last):
                if crossing[e] != CLOSED:
                    reached = strike(
                        indices[e], hit, reached, targets, start, hunts[g], book, losses
                    )
        if hidden > 0:
            caught = round_by_chance(hidden * p.raid_cost, fold(key, CAUGHT))
            if caught > 0:
                conceal(book, c, g, -caught)
                losses[g, LOSS_RAID] += caught
        if standing > 0:
            killed = round_by_chance(standing * p.raid_cost, fold(key, KILLED))
            if killed > 0:
                enlist(book, c, g, -killed)
                losses[g, LOSS_RAID] += killed


@inner
def band(book, c, g):
    """Those of faction g who raid from cell c: (hidden, in the open)."""
    standing = np.int64(0)
    if book.standing[c] & (ONE << np.uint64(g)):
        standing = np.int64(heads(book, c, g))
    return np.int64(book.covert[c, g]), standing


@inner
def prey(book, c, hunted):
    """The open fighters in cell c of the factions whose bits are set in `hunted`."""
    bits = np.uint64(book.standing[c]) & hunted
    n = np.int64(0)
    while bits:
        n += heads(book, c, lowest(bits))
        bits &= bits - ONE
    return n


@inner
def strike(c, hit, reached, targets, start, hunted, book, losses):
    """Losses in cell c of those whose bits are set in `hunted`: their part of the `hit` among
    `targets`.

    reached  how many targets were passed before this cell; returned with those of this cell
    """
    bits = np.uint64(book.standing[c]) & hunted
    while bits:
        f = lowest(bits)
        bits &= bits - ONE
        n = np.int64(heads(book, c, f))
        before = reached / targets
        reached += n
        lost = min(n, portion(hit, before, reached / targets, start))
        if lost > 0:
            enlist(book, c, f, -lost)
            losses[f, LOSS_RAID] += lost
    return reached


@maker
def chill(state, mesh, parameters, campaigns):
    """Arrest people who would reconcile: their sectors' will falls.

    campaigns  `Campaigns` of such arrests, in the order of the calendar

    Only where the arresting side holds the cell.  The will falls by arrest_chill x intensity x the
    share of the sector's people who live there.  Writes will; draws no chance.
    """
    watched = np.empty(len(mesh.sector_key))
    for k in range(len(campaigns.event)):
        faction, intensity = campaigns.faction[k], campaigns.intensity[k]
        for r in range(len(parameters)):
            if not state.active[r, campaigns.event[k]]:
                continue
            book, stance, will = muster(r, state, mesh), state.stance[r], state.will[r]
            watched[:] = 0.0
            for i in range(campaigns.start[k], campaigns.start[k + 1]):
                c = campaigns.cells[i]
                h = book.holder[c]
                if h >= 0 and allied(stance, faction, h):
                    watched[book.sector[c]] += campaigns.weights[i] * book.population[c]
            for s in range(len(will)):
                if watched[s] > 0.0:
                    fear = parameters[r].arrest_chill * intensity * watched[s] / residents(book, s)
                    will[s] = max(0.0, will[s] - fear)
