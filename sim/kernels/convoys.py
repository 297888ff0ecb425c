"""Convoys: forces that leave one area and reach another, days later, if nobody stops them.

R runs, C cells, F factions, V events.
"""

from __future__ import annotations

import math

import numpy as np

from sim.kernels.chance import fold, round_by_chance, uniform
from sim.kernels.codes import (
    ALLIED,
    HOSTILE,
    INCIDENT_CONVOY_ARRIVED,
    INCIDENT_CONVOY_CAUGHT,
    INCIDENT_CONVOY_LEFT,
    LOSS_CONVOY,
    NOBODY,
)
from sim.kernels.compiler import inner, maker
from sim.kernels.incidents import record
from sim.kernels.muster import enlist, muster
from sim.kernels.shares import portion

HALF_PRESENCE = 100.0  # enemies within reach at which half of the full risk is there; assumed


@inner
def set_out(book, faction, origin, asked, key):
    """Take up to `asked` open fighters out of the cells of origin, in proportion; who came.

    book  the `Muster` of the run
    """
    there = np.int64(0)
    for c in origin:
        there += book.fighters[c, faction]
    asked = min(asked, there)
    if asked == 0:
        return asked
    start = uniform(key)
    reached = np.int64(0)
    for c in origin:
        before = reached / there
        reached += book.fighters[c, faction]
        enlist(book, c, faction, -portion(asked, before, reached / there, start))
    return asked


@inner
def enemies_near(fighters, covert, stance, within, faction):
    """Enemies of the faction in the cells `within`, open and hidden, and the strongest of them."""
    total, most, strongest = np.int64(0), np.int64(0), NOBODY
    for f in range(len(stance)):
        if f == faction or stance[faction, f] != HOSTILE:
            continue
        n = np.int64(0)
        for j in within:
            n += fighters[j, f]
            n += covert[j, f]
        total += n
        if n > most:
            most, strongest = n, f
    return total, strongest


@inner
def welcomes(holder, stance, c, faction):
    """Whether cell c is held by the faction or an ally; (C,) and (F, F) of one run."""
    h = holder[c]
    return h >= 0 and (h == faction or stance[faction, h] == ALLIED)


@maker
def convoy(state, mesh, parameters, keys, inputs, day, moves):
    """One day of every transfer and reinforcement that leaves or is under way.

    parameters  (R,)    records
    keys        (R,)    uint64   today's draws; folded with the event
    inputs      (R,)    uint64   draws that belong to no day; the number of persons
    moves       `sim.mechanisms.events.Moves`, in the order of the calendar

    No more leave than stand in the origin.  Each day on the road it is near one place of the route,
    by the share of the time that has passed, and enemies within reach catch it with the chance
    intercept x n / (n + 100); then intercept_loss of it is lost.  After travel_days it enters the
    cells that its side holds, by weight; while there are none it waits, out of reach.

    Writes fighters, transit, losses, joined, incidents.  The margin of CONVOY_CAUGHT is the chance
    minus the draw: positive, since the raiders succeeded.
    """
    for i in range(len(moves.event)):
        v = moves.event[i]
        for r in range(len(keys)):
            leaves = state.since[r, v] == day  # on the first day in force
            if not leaves and state.transit[r, v] == 0:
                continue
            book, key = muster(r, state, mesh), fold(keys[r], moves.key[i])
            if leaves:
                depart(r, i, v, moves, book, state, key, fold(inputs[r], moves.key[i]))
            if state.transit[r, v] == 0:
                continue
            elapsed = day - np.int64(state.since[r, v])
            if elapsed < moves.travel_days[i]:
                travel(r, i, v, elapsed, moves, state, mesh, parameters[r], key)
            else:
                arrive(r, i, v, moves, book, state, key)


@inner
def depart(r, i, v, moves, book, state, key, size_key):
    """The i-th move sets out, in one run; size_key draws how many were asked for."""
    faction, low, high = moves.faction[i], moves.low[i], moves.high[i]
    origin = moves.origin[moves.origin_start[i] : moves.origin_start[i + 1]]
    persons = np.int64(math.floor(low + (high - low) * uniform(size_key) + 0.5))
    if moves.from_outside[i]:
        state.joined[r, faction] += persons
        begins = moves.cells[moves.start[i]]
    else:
        persons = set_out(book, faction, origin, persons, key)
        begins = origin[0]
    state.transit[r, v] += persons
    if persons > 0:
        record(
            state.incidents[r], state.incident_count, r, INCIDENT_CONVOY_LEFT, faction, NOBODY,
            begins, persons, np.nan, np.nan,
        )  # fmt: skip


@inner
def travel(r, i, v, elapsed, moves, state, mesh, p, key):
    """The i-th move is on the road, in one run, since `elapsed` days, and may be caught."""
    faction, persons = moves.faction[i], np.int64(state.transit[r, v])
    route = moves.route[moves.route_start[i] : moves.route_start[i + 1]]
    if len(route) == 0:
        return
    c = route[((2 * elapsed + 1) * len(route)) // (2 * moves.travel_days[i])]
    within = mesh.reach[mesh.reach_indptr[c] : mesh.reach_indptr[c + 1]]
    enemies, strongest = enemies_near(
        state.fighters[r], state.covert[r], state.stance[r], within, faction
    )
    chance = p.intercept * enemies / (enemies + HALF_PRESENCE)
    u = uniform(fold(key, np.uint64(1)))
    if u < chance:
        lost = min(persons, round_by_chance(persons * p.intercept_loss, fold(key, np.uint64(2))))
        state.transit[r, v] -= lost
        state.losses[r, faction, LOSS_CONVOY] += lost
        record(
            state.incidents[r], state.incident_count, r, INCIDENT_CONVOY_CAUGHT, faction,
            strongest, c, lost, np.nan, chance - u,
        )  # fmt: skip


@inner
def arrive(r, i, v, moves, book, state, key):
    """The i-th move enters the cells of its goal that its side holds, in one run, if there are."""
    faction, persons = moves.faction[i], np.int64(state.transit[r, v])
    cells = moves.cells[moves.start[i] : moves.start[i + 1]]
    weights = moves.weights[moves.start[i] : moves.start[i + 1]]
    total, main, heaviest = 0.0, -1, 0.0
    for k in range(len(cells)):
        if welcomes(state.holder[r], state.stance[r], cells[k], faction):
            total += weights[k]
            if weights[k] > heaviest:
                heaviest, main = weights[k], cells[k]
    if main < 0:
        return
    start = uniform(fold(key, np.uint64(3)))
    reached = 0.0
    for k in range(len(cells)):
        c = cells[k]
        if welcomes(state.holder[r], state.stance[r], c, faction):
            before = reached / total
            reached += weights[k]
            enlist(book, c, faction, portion(persons, before, reached / total, start))
    state.transit[r, v] = 0
    record(
        state.incidents[r], state.incident_count, r, INCIDENT_CONVOY_ARRIVED, faction, NOBODY,
        main, persons, np.nan, np.nan,
    )  # fmt: skip
