"""People: who flees and returns, whom they support, who joins and who deserts.

R runs, C cells, F factions, G segments, S sectors, n cells of a campaign's area.  Arrays that a
docstring does not list are those of `State` and `Mesh` with their axes.

Most ground is quiet and most people are at home: the loops look for the few cells where it is
otherwise (`marks`), and read how many fighters there are off the muster (`muster`).
"""

from __future__ import annotations

import numpy as np

from sim.kernels.chance import (
    draw,
    fold,
    put,
    room_for_lots,
    round_by_chance,
    round_by_draw,
    uniform,
)
from sim.kernels.codes import LOSS_DESERTION
from sim.kernels.compiler import inner, maker
from sim.kernels.marks import marked, scratch
from sim.kernels.muster import ONE, enlist, heads, house, lowest, muster, residents
from sim.kernels.shares import portion
from sim.kernels.supply import PLENTY

TROUBLED = 0.25  # Flee's weight of a refuge that is itself in conflict
LEAFLET_WILL = 0.5  # of a leaflet's effect on support, on the will to reconcile; assumed


@maker
def displace(state, mesh, facts, parameters, keys):
    """Flight and return of a day; every civilian stays counted, at home or as a guest.

    facts       `sim.mechanisms.facts.Facts`
    parameters  (R,)    records
    keys        (R,)    uint64   today's draws; folded with cell or sector, then slot

    Flight: flight x combat of the people of a cell leave it, bomb_civilian x combat if that is more
    and the cell is bombarded today.  Refuge: the weight of a sector is score / (flight_km + way);
    the score is 1, in a sector with combat 0.25.  Return: return_rate of the guests of a quiet
    sector set out for quiet sectors that miss people, weight missing / (flight_km + way); there
    each cell receives by what it misses.  All after Flee (Groen 2016, flee/moving.py), except that
    people move in one step between sectors; rivers are no bar to them.

    Writes population and displaced.
    """
    census, apart, sectors = facts.census, facts.apart, len(mesh.sector_key)
    marks, found = scratch(len(census))
    fled, missing = np.empty(sectors, np.int64), np.empty(sectors, np.int64)
    home, quiet = np.empty(sectors, np.int64), np.empty(sectors, np.bool_)
    for r in range(len(parameters)):
        p, book = parameters[r], muster(r, state, mesh)
        combat, displaced = state.combat[r], state.displaced[r]
        for c in range(len(census)):
            marks[c] = combat[c] > 0.0
        fighting = found[: marked(marks, found)]
        flee(book, combat, state.suppressed[r], fighting, mesh.key, p, keys[r], fled, quiet)
        for c in range(len(census)):
            marks[c] = book.population[c] != census[c]
        short = found[: marked(marks, found)]
        missing[:] = 0
        for c in short:  # of quiet sectors alone is it asked how many they miss
            missing[book.sector[c]] += max(0, census[c] - book.population[c])
        # returns are taken out before today's flight comes in, so that nobody moves twice a day
        going = set_out(displaced, quiet, missing, mesh.sector_key, apart, p, keys[r], home)
        take_refuge(displaced, fled, quiet, mesh.sector_key, apart, p, keys[r])
        if going:
            come_home(book, census, short, mesh.sector_key, keys[r], home, missing)


@inner
def flee(book, combat, suppressed, fighting, cell_key, p, run_key, fled, quiet):
    """Flight from the cells with combat, of one run.

    book      the `Muster` of the run
    fighting  those cells, ascending
    fled      (S,)  int64  who left a cell of the sector; overwritten
    quiet     (S,)  bool   whether it has no combat; overwritten
    """
    fled[:] = 0
    quiet[:] = True
    for c in fighting:
        s = book.sector[c]
        quiet[s] = False
        fight = np.float64(combat[c])
        people = np.int64(book.population[c])
        rate = p.flight
        if suppressed[c] > 0.0:
            rate = max(rate, p.bomb_civilian)
        if people > 0:
            leave = round_by_chance(people * (rate * fight), fold(run_key, cell_key[c]))
            leave = min(people, leave)
            house(book, c, -leave)
            fled[s] += leave


@maker
def set_out(displaced, quiet, missing, sector_key, apart, p, run_key, home):
    """Let guests of quiet sectors set out for home, in one run; whether anybody does.

    missing  (S,)  int64  persons whom the sectors' cells lack
    home     (S,)  int64  who comes home to the sector; overwritten
    """
    sectors = len(sector_key)
    weight = np.empty(sectors)
    open_to_all = np.empty(sectors, np.int64)
    n = 0
    for t in range(sectors):
        home[t] = 0
        open_to_all[n] = t
        n += quiet[t] and missing[t] > 0
    if n == 0:
        return False
    going = False
    for s in range(sectors):
        if not quiet[s] or displaced[s] == 0:
            continue
        key = fold(run_key, sector_key[s])
        leave = round_by_chance(displaced[s] * p.return_rate, key)
        if leave == 0:
            continue
        total = 0.0
        for i in range(n):
            t = open_to_all[i]
            weight[i] = (missing[t] - home[t]) / (p.flight_km + apart[s, t])
            total += weight[i]
        if total == 0.0:
            continue
        start = uniform(fold(key, np.uint64(1)))
        reached = 0.0
        for i in range(n):
            if weight[i] > 0.0:
                t = open_to_all[i]
                before = reached
                reached += weight[i]
                come = portion(leave, before / total, reached / total, start)
                come = min(come, missing[t] - home[t])
                home[t] += come
                displaced[s] -= come
                going = going or come > 0
    return going


@maker
def take_refuge(displaced, fled, quiet, sector_key, apart, p, run_key):
    """Spread those who fled today over the sectors that take them in, in one run."""
    sectors = len(sector_key)
    weight = np.empty(sectors)
    for s in range(sectors):
        if fled[s] == 0:
            continue
        total = 0.0
        for t in range(sectors):
            weight[t] = (1.0 if quiet[t] else TROUBLED) / (p.flight_km + apart[s, t])
            total += weight[t]
        start = uniform(fold(fold(run_key, sector_key[s]), np.uint64(2)))
        reached = 0.0
        for t in range(sectors):
            before = reached
            reached += weight[t]
            displaced[t] += portion(fled[s], before / total, reached / total, start)


@maker
def come_home(book, census, short, sector_key, run_key, home, missing):
    """Share out those who came home to a sector among its cells, in one run.

    book   the `Muster` of the run
    short  cells where not as many live as the census counted, ascending
    """
    filled = np.zeros(len(home), np.int64)
    for c in short:
        s = book.sector[c]
        places = census[c] - np.int64(book.population[c])
        if home[s] > 0 and places > 0:
            start = uniform(fold(fold(run_key, sector_key[s]), np.uint64(3)))
            before = filled[s] / missing[s]
            filled[s] += places
            house(book, c, portion(home[s], before, filled[s] / missing[s], start))


@maker
def persuade(state, mesh, parameters, campaigns):
    """A day of leaflets: support moves from `other` to `faction`, and the will to reconcile grows.

    campaigns  `Campaigns` of leaflets, in the order of the calendar

    The effect is leaflet_effect x intensity x the share of the sector's people reached.  Writes
    support and will; draws no chance.
    """
    reached = np.empty(len(mesh.sector_key))
    for k in range(len(campaigns.event)):
        faction, other = campaigns.faction[k], campaigns.other[k]
        for r in range(len(parameters)):
            if not state.active[r, campaigns.event[k]]:
                continue
            book, support, will = muster(r, state, mesh), state.support[r], state.will[r]
            strength = parameters[r].leaflet_effect * campaigns.intensity[k]
            reached[:] = 0.0
            for i in range(campaigns.start[k], campaigns.start[k + 1]):
                c = campaigns.cells[i]
                reached[book.sector[c]] += campaigns.weights[i] * book.population[c]
            for s in range(len(will)):
                if reached[s] == 0.0:
                    continue
                effect = strength * reached[s] / residents(book, s)
                now = np.float64(will[s])
                will[s] = now + min(1.0, LEAFLET_WILL * effect) * (1.0 - now)
                if other >= 0 and other != faction:
                    moved = min(np.float64(support[s, other]), effect)
                    moved = min(moved, 1.0 - np.float64(support[s, faction]))
                    support[s, other] = np.float64(support[s, other]) - moved
                    support[s, faction] = np.float64(support[s, faction]) + moved


@maker
def settle(state, mesh, facts, faction_key, parameters, support_keys, cohesion_keys):
    """Support follows control and supporters join; then forces mend, and some desert.

    facts         `sim.mechanisms.facts.Facts`
    faction_key   (F,)      uint64
    parameters    (R,)      records
    support_keys  (R,)      uint64   today's draws; folded with sector and faction
    cohesion_keys (R,)      uint64   today's draws; folded with segment and faction

    Writes support, joined, fighters, cohesion, losses.
    """
    lots = room_for_lots(len(mesh.segment_key) * len(faction_key))
    marks, found = scratch(len(mesh.segment_key) * len(faction_key))
    for r in range(len(parameters)):
        book = muster(r, state, mesh)
        sway(
            book, state.joined[r], state.support[r], mesh.sector_key, faction_key,
            facts.sector_start, facts.sector_cells, parameters[r], support_keys[r],
        )  # fmt: skip
        mend(
            book, state.depot[r], state.cohesion[r], mesh.segment_start, parameters[r], marks, found
        )
        steady(
            book, state.cohesion[r], state.losses[r], facts.main, facts.strays,
            mesh.segment_start, mesh.segment_key, faction_key, parameters[r], cohesion_keys[r],
            lots,
        )  # fmt: skip


@inner
def sway(
    book, joined, support, sector_key, faction_key, sector_start, sector_cells, p, run_key
):  # fmt: skip
    """Support follows control, and supporters join; of one run.

    Support goes support_drift of the way toward the share of the sector's people who live under the
    faction (control makes collaboration: Kalyvas 2006); the rows stay within 1.  Recruits =
    recruitment x support x people; they take up arms in the faction's own cell of the sector with
    most people, and nowhere if it holds none.  Recruits stay civilians too in the count of people:
    they are too few to matter there.
    """
    factions = len(faction_key)
    for s in range(len(sector_key)):
        people = residents(book, s)
        if people == 0:
            continue
        total = 0.0
        for f in range(factions):
            now = np.float64(support[s, f])
            now += p.support_drift * (book.ground[s, f, 0] / people - now)
            total += now
            support[s, f] = now
        key = fold(run_key, sector_key[s])
        for f in range(factions):
            if total > 1.0:
                support[s, f] = support[s, f] / total
            if book.ground[s, f, 1] > 0:
                expected = p.recruitment * support[s, f] * people
                recruits = round_by_chance(expected, fold(key, faction_key[f]))
                if recruits > 0:
                    cells = sector_cells[sector_start[s] : sector_start[s + 1]]
                    c = seat(book.holder, book.population, cells, f)
                    enlist(book, c, f, recruits)
                    joined[f] += recruits


@inner
def seat(holder, population, cells, f):
    """The cell with most people of those that f holds, the first of equals."""
    best = -1
    for c in cells:
        if holder[c] == f and (best < 0 or population[c] > population[best]):
            best = c
    return best


@maker
def steady(
    book, cohesion, losses, main, strays, segment_start, segment_key, faction_key, p, run_key, lots
):  # fmt: skip
    """Where cohesion is low, fighters desert; one run.

    main, strays  of `Facts`: but for strays, all of a faction in a segment have one hazard

    Desertion = desertion x (1 - cohesion)^2 of the open fighters: few leave a force that holds
    together, and the hazard grows as others go (form: Koehler et al. 2016).  One draw for a stretch
    and faction, shared out to its cells.
    """
    hazard = np.empty(cohesion.shape)
    for s in range(hazard.shape[0]):
        for f in range(hazard.shape[1]):
            missing = 1.0 - np.float64(cohesion[s, f])
            hazard[s, f] = p.desertion * missing * missing
    extra = np.zeros(len(faction_key))
    count, stray = 0, 0
    for g in range(len(segment_key)):
        while stray < len(strays) and strays[stray] < segment_start[g + 1]:
            c = strays[stray]
            stray += 1
            bits = np.uint64(book.standing[c])
            while bits:
                f = lowest(bits)
                bits &= bits - ONE
                more = hazard[book.sector[c], f] - hazard[main[g], f]
                if more != 0.0:  # it mostly is 0, and to fetch the heads is what takes time
                    extra[f] += more * heads(book, c, f)
        bits = np.uint64(book.garrison[g])
        while bits:
            f = lowest(bits)
            bits &= bits - ONE
            expected = max(0.0, hazard[main[g], f] * book.persons[g, f] + extra[f])
            extra[f] = 0.0
            put(lots, count, g, f, segment_key[g], faction_key[f], expected)
            count += 1
    draw(lots, count, run_key)
    for i in range(count):
        leave = round_by_draw(lots.expected[i], lots.drawn[i])
        if leave > 0:
            g, f = lots.place[i], lots.faction[i]
            desert(
                book, f, leave, lots.expected[i], hazard, losses, segment_start[g],
                segment_start[g + 1], lots.key[i],
            )  # fmt: skip


@inner
def desert(book, f, leave, expected, hazard, losses, first, last, key):
    """Share out `leave` deserters of f among the cells first to last - 1 by their hazard.

    hazard  (S, F)  float64;  expected  how many were to be expected
    """
    start, reached = uniform(fold(key, np.uint64(1))), 0.0
    for c in range(first, last):
        before = reached
        reached += hazard[book.sector[c], f] * book.fighters[c, f]
        gone = portion(leave, before / expected, reached / expected, start)
        if gone > 0:
            enlist(book, c, f, -gone)
            losses[f, LOSS_DESERTION] += gone


@maker
def mend(book, depot, cohesion, segment_start, p, marks, found):
    """Cohesion of a day, in one run: it mends with time and suffers from hunger.

    marks, found  from `scratch`, G x F places

    Hunger of a stretch is 1 - stock / ration_knee, not below 0; a sector's is the mean over its
    fighters.
    """
    hungry, factions = np.zeros(cohesion.shape), cohesion.shape[1]
    stored, persons, enough = depot.reshape(-1), book.persons.reshape(-1), PLENTY * p.ration_knee
    for i in range(len(stored)):
        marks[i] = (persons[i] > 0) & (stored[i] < enough * persons[i])
    for i in range(marked(marks, found)):
        g, f = found[i] // factions, found[i] % factions
        hunger = 1.0 - min(1.0, depot[g, f] / book.persons[g, f] / p.ration_knee)
        if hunger > 0.0:
            for c in range(segment_start[g], segment_start[g + 1]):
                hungry[book.sector[c], f] += hunger * book.fighters[c, f]
    for s in range(cohesion.shape[0]):
        for f in range(factions):
            now = np.float64(cohesion[s, f])
            now += p.cohesion_recovery * (1.0 - now)
            if hungry[s, f] > 0.0:
                now -= p.cohesion_hunger * hungry[s, f] / book.strength[s, f]
            cohesion[s, f] = max(0.0, min(1.0, now))
