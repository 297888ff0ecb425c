"""People: who flees and returns, whom they support, who joins and who deserts.

R runs, C cells, F factions, G segments, S sectors, n cells of a campaign's area.  Arrays that a
docstring does not list are those of `State` and `Mesh` with their axes; kernels take the few they
need, since unpacking whole states took most of the time to compile such short loops.
"""

from __future__ import annotations

import numpy as np

from sim.kernels.chance import fold, round_by_chance, uniform
from sim.kernels.codes import LOSS_DESERTION
from sim.kernels.compiler import kernel
from sim.kernels.muster import arrive
from sim.kernels.shares import portion

TROUBLED = 0.25  # Flee's weight of a refuge that is itself in conflict
LEAFLET_WILL = 0.5  # of a leaflet's effect on support, on the will to reconcile; assumed


@kernel
def count_residents(population, sector, out):
    """Add up civilians at home by sector.

    population  (R, C)  int32;  sector (C,) int16
    out         (R, S)  int64   overwritten
    """
    for r in range(len(population)):
        for s in range(out.shape[1]):
            out[r, s] = 0
        for c in range(len(sector)):
            out[r, sector[c]] += population[r, c]


@kernel
def displace(
    population,
    displaced,
    combat,
    suppressed,
    sector,
    cell_key,
    sector_key,
    census,
    apart,
    parameters,
    keys,
):
    """Flight and return of a day; every civilian stays counted, at home or as a guest.

    census      (C,)    int32    persons who belong to the cell
    apart       (S, S)  float64  km between sectors' centres
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
    runs, cells = population.shape
    sectors = len(sector_key)
    for r in range(runs):
        p = parameters[r]
        fled = np.zeros(sectors, np.int64)
        quiet = np.ones(sectors, np.bool_)
        missing = np.zeros(sectors, np.int64)
        for c in range(cells):
            s = sector[c]
            fight = np.float64(combat[r, c])
            people = np.int64(population[r, c])
            if fight > 0.0:
                quiet[s] = False
                rate = p.flight
                if suppressed[r, c] > 0.0:
                    rate = max(rate, p.bomb_civilian)
                if people > 0:
                    leave = round_by_chance(people * (rate * fight), fold(keys[r], cell_key[c]))
                    leave = min(people, leave)
                    population[r, c] -= leave
                    fled[s] += leave
            elif people < census[c]:
                missing[s] += census[c] - people

        # returns are taken out before today's flight comes in, so that nobody moves twice a day
        weight = np.empty(sectors)
        home = np.zeros(sectors, np.int64)
        for s in range(sectors):
            if not quiet[s] or displaced[r, s] == 0:
                continue
            key = fold(keys[r], sector_key[s])
            leave = round_by_chance(displaced[r, s] * p.return_rate, key)
            if leave == 0:
                continue
            total = 0.0
            for t in range(sectors):
                open_places = missing[t] - home[t] if quiet[t] else 0
                weight[t] = open_places / (p.flight_km + apart[s, t])
                total += weight[t]
            if total == 0.0:
                continue
            start = uniform(fold(key, np.uint64(1)))
            reached = 0.0
            for t in range(sectors):
                if weight[t] > 0.0:
                    before = reached
                    reached += weight[t]
                    come = portion(leave, before / total, reached / total, start)
                    come = min(come, missing[t] - home[t])
                    home[t] += come
                    displaced[r, s] -= come

        for s in range(sectors):
            if fled[s] == 0:
                continue
            total = 0.0
            for t in range(sectors):
                weight[t] = (1.0 if quiet[t] else TROUBLED) / (p.flight_km + apart[s, t])
                total += weight[t]
            start = uniform(fold(fold(keys[r], sector_key[s]), np.uint64(2)))
            reached = 0.0
            for t in range(sectors):
                before = reached
                reached += weight[t]
                displaced[r, t] += portion(fled[s], before / total, reached / total, start)

        going = False
        for s in range(sectors):
            going = going or home[s] > 0
        if not going:
            continue
        filled = np.zeros(sectors, np.int64)
        for c in range(cells):
            s = sector[c]
            places = census[c] - np.int64(population[r, c])
            if home[s] > 0 and places > 0:
                start = uniform(fold(fold(keys[r], sector_key[s]), np.uint64(3)))
                before = filled[s] / missing[s]
                filled[s] += places
                come = portion(home[s], before, filled[s] / missing[s], start)
                population[r, c] += come


@kernel
def sway(
    holder,
    population,
    fighters,
    roll,
    roll_count,
    joined,
    support,
    sector,
    sector_key,
    faction_key,
    parameters,
    keys,
):
    """Support follows control, and supporters join.

    faction_key  (F,)  uint64
    parameters   (R,)  records
    keys         (R,)  uint64  today's draws; folded with sector and faction

    Support goes support_drift of the way toward the share of the sector's people who live under the
    faction (control makes collaboration: Kalyvas 2006); the rows stay within 1.  Recruits =
    recruitment x support x people; they take up arms in the faction's own cell of the sector with
    most people, and nowhere if it holds none.  Recruits stay civilians too in the count of people:
    they are too few to matter there.  Writes support, fighters and joined.
    """
    runs, cells = population.shape
    factions = len(faction_key)
    sectors = len(sector_key)
    for r in range(runs):
        p = parameters[r]
        people = np.zeros(sectors, np.int64)
        under = np.zeros((sectors, factions), np.int64)
        largest = np.full((sectors, factions), -1, np.int64)
        for c in range(cells):
            s = sector[c]
            n = np.int64(population[r, c])
            people[s] += n
            h = holder[r, c]
            if h >= 0:
                under[s, h] += n
                best = largest[s, h]
                if best < 0 or n > population[r, best]:
                    largest[s, h] = c
        for s in range(sectors):
            if people[s] == 0:
                continue
            total = 0.0
            for f in range(factions):
                now = np.float64(support[r, s, f])
                now += p.support_drift * (under[s, f] / people[s] - now)
                total += now
                support[r, s, f] = now
            for f in range(factions):
                if total > 1.0:
                    support[r, s, f] = support[r, s, f] / total
                c = largest[s, f]
                if c >= 0:
                    expected = p.recruitment * support[r, s, f] * people[s]
                    key = fold(fold(keys[r], sector_key[s]), faction_key[f])
                    recruits = round_by_chance(expected, key)
                    arrive(c, f, recruits, fighters[r], roll[r], roll_count[r])
                    joined[r, f] += recruits


@kernel
def persuade(
    support,
    will,
    population,
    sector,
    parameters,
    residents,
    cells,
    weights,
    faction,
    other,
    intensity,
    active,
):
    """A day of leaflets: support moves from `other` to `faction`, and the will to reconcile grows.

    residents  (R, S)  int64    civilians at home, by sector
    cells      (n,)    int32    the area; weights (n,) float64
    active     (R,)    bool     runs in which the campaign is in force

    The effect is leaflet_effect x intensity x the share of the sector's people reached.  Writes
    support and will; draws no chance.
    """
    sectors = support.shape[1]
    for r in range(len(support)):
        if not active[r]:
            continue
        reached = np.zeros(sectors)
        for i in range(len(cells)):
            c = cells[i]
            reached[sector[c]] += weights[i] * population[r, c]
        for s in range(sectors):
            if reached[s] == 0.0:
                continue
            effect = parameters[r].leaflet_effect * intensity * reached[s] / residents[r, s]
            now = np.float64(will[r, s])
            will[r, s] = now + min(1.0, LEAFLET_WILL * effect) * (1.0 - now)
            if other >= 0 and other != faction:
                moved = min(np.float64(support[r, s, other]), effect)
                moved = min(moved, 1.0 - np.float64(support[r, s, faction]))
                support[r, s, other] = np.float64(support[r, s, other]) - moved
                support[r, s, faction] = np.float64(support[r, s, faction]) + moved


@kernel
def steady(
    holder,
    fighters,
    depot,
    cohesion,
    losses,
    sector,
    segment_start,
    segment_key,
    faction_key,
    parameters,
    keys,
):
    """Cohesion mends with time and suffers from hunger; where it is low, fighters desert.

    faction_key  (F,)  uint64
    parameters   (R,)  records
    keys         (R,)  uint64  today's draws; folded with segment and faction

    Hunger of a stretch is 1 - stock / ration_knee, not below 0; a sector's is the mean over its
    fighters.  Desertion = desertion x (1 - cohesion)^2 of the open fighters: few leave a force that
    holds together, and the hazard grows as others go (form: Koehler et al. 2016).  One draw for a
    stretch and faction, shared out to its cells.  Writes cohesion, fighters, losses.
    """
    runs, _, factions = fighters.shape
    segments = len(segment_key)
    sectors = cohesion.shape[1]
    for r in range(runs):
        p = parameters[r]
        persons = np.zeros((segments, factions), np.int64)
        there = np.zeros((sectors, factions), np.int64)
        hungry = np.zeros((sectors, factions))
        for g in range(segments):
            first, last = segment_start[g], segment_start[g + 1]
            for c in range(first, last):
                if holder[r, c] >= 0:
                    for f in range(factions):
                        persons[g, f] += fighters[r, c, f]
            for f in range(factions):
                if persons[g, f] == 0:
                    continue
                stock = depot[r, g, f] / persons[g, f]
                hunger = 1.0 - min(1.0, stock / p.ration_knee)
                for c in range(first, last):
                    n = np.int64(fighters[r, c, f])
                    there[sector[c], f] += n
                    hungry[sector[c], f] += hunger * n
        for s in range(sectors):
            for f in range(factions):
                now = np.float64(cohesion[r, s, f])
                now += p.cohesion_recovery * (1.0 - now)
                if there[s, f] > 0:
                    now -= p.cohesion_hunger * hungry[s, f] / there[s, f]
                cohesion[r, s, f] = max(0.0, min(1.0, now))
        for g in range(segments):
            first, last = segment_start[g], segment_start[g + 1]
            for f in range(factions):
                if persons[g, f] == 0:
                    continue
                expected = 0.0
                for c in range(first, last):
                    missing = 1.0 - np.float64(cohesion[r, sector[c], f])
                    expected += p.desertion * missing * missing * fighters[r, c, f]
                if expected == 0.0:
                    continue
                key = fold(fold(keys[r], segment_key[g]), faction_key[f])
                leave = round_by_chance(expected, key)
                if leave == 0:
                    continue
                start = uniform(fold(key, np.uint64(1)))
                reached = 0.0
                for c in range(first, last):
                    missing = 1.0 - np.float64(cohesion[r, sector[c], f])
                    before = reached
                    reached += p.desertion * missing * missing * fighters[r, c, f]
                    gone = portion(leave, before / expected, reached / expected, start)
                    fighters[r, c, f] -= gone
                    losses[r, f, LOSS_DESERTION] += gone
