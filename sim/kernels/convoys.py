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
from sim.kernels.compiler import inner, kernel
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


@kernel
def convoy(
    state,
    mesh,
    joined,
    since,
    parameters,
    keys,
    inputs,
    day,
    v,
    faction,
    event_key,
    low,
    high,
    from_outside,
    origin,
    route,
    travel_days,
    cells,
    weights,
):
    """One day of one transfer or reinforcement: departure, the road, arrival.

    joined      (R, F)  int64    `state.joined`
    since       (R, V)  int16    `state.since`; it leaves on the first day in force
    parameters  (R,)    records
    keys        (R,)    uint64   today's draws; folded with the event
    inputs      (R,)    uint64   draws that belong to no day; the number of persons
    day, v      today and the event's index
    low, high   persons asked for; each run draws
    from_outside         whether they come from abroad and not from `origin`
    origin      (m,)    int32    cells it leaves, ascending
    route       (k,)    int32    places on its way, in order; may be empty
    travel_days          days on the road
    cells       (n,)    int32    where it goes, ascending; weights (n,) float64

    No more leave than stand in the origin.  Each day on the road it is near one place of the route,
    by the share of the time that has passed, and enemies within reach catch it with the chance
    intercept x n / (n + 100); then intercept_loss of it is lost.  After travel_days it enters the
    cells that its side holds, by weight; while there are none it waits, out of reach.

    Writes fighters, transit, losses, joined, incidents.  The margin of CONVOY_CAUGHT is the chance
    minus the draw: positive, since the raiders succeeded.
    """
    for r in range(state.holder.shape[0]):
        p, book = parameters[r], muster(r, state, mesh)
        key = fold(keys[r], event_key)
        if since[r, v] == day:
            u = uniform(fold(inputs[r], event_key))
            persons = np.int64(math.floor(low + (high - low) * u + 0.5))
            if from_outside:
                joined[r, faction] += persons
                start_cell = cells[0]
            else:
                persons = set_out(book, faction, origin, persons, key)
                start_cell = origin[0]
            state.transit[r, v] += persons
            if persons > 0:
                record(
                    state.incidents[r],
                    state.incident_count,
                    r,
                    INCIDENT_CONVOY_LEFT,
                    faction,
                    NOBODY,
                    start_cell,
                    persons,
                    np.nan,
                    np.nan,
                )
        persons = np.int64(state.transit[r, v])
        if persons == 0:
            continue
        elapsed = day - np.int64(since[r, v])
        if elapsed < travel_days:
            if len(route) == 0:
                continue
            c = route[((2 * elapsed + 1) * len(route)) // (2 * travel_days)]
            within = mesh.reach[mesh.reach_indptr[c] : mesh.reach_indptr[c + 1]]
            enemies, strongest = enemies_near(
                state.fighters[r], state.covert[r], state.stance[r], within, faction
            )
            chance = p.intercept * enemies / (enemies + HALF_PRESENCE)
            u = uniform(fold(key, np.uint64(1)))
            if u < chance:
                lost = min(
                    persons, round_by_chance(persons * p.intercept_loss, fold(key, np.uint64(2)))
                )
                state.transit[r, v] -= lost
                state.losses[r, faction, LOSS_CONVOY] += lost
                record(
                    state.incidents[r],
                    state.incident_count,
                    r,
                    INCIDENT_CONVOY_CAUGHT,
                    faction,
                    strongest,
                    c,
                    lost,
                    np.nan,
                    chance - u,
                )
            continue
        total, main, heaviest = 0.0, -1, 0.0
        for i in range(len(cells)):
            if welcomes(state.holder[r], state.stance[r], cells[i], faction):
                total += weights[i]
                if weights[i] > heaviest:
                    heaviest, main = weights[i], cells[i]
        if main < 0:
            continue
        start = uniform(fold(key, np.uint64(3)))
        reached = 0.0
        for i in range(len(cells)):
            c = cells[i]
            if welcomes(state.holder[r], state.stance[r], c, faction):
                before = reached / total
                reached += weights[i]
                come = portion(persons, before, reached / total, start)
                enlist(book, c, faction, come)
        state.transit[r, v] = 0
        record(
            state.incidents[r],
            state.incident_count,
            r,
            INCIDENT_CONVOY_ARRIVED,
            faction,
            NOBODY,
            main,
            persons,
            np.nan,
            np.nan,
        )
