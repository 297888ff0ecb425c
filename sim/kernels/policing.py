"""Policing and raids: the war against and by those who hold no ground.

R runs, C cells, F factions, S sectors, N arrest campaigns, n cells of their areas.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from sim.kernels.chance import fold, round_by_chance, uniform
from sim.kernels.codes import (
    ALLIED,
    CLOSED,
    HOSTILE,
    HUNT,
    INCIDENT_ARRESTS,
    LOSS_ARREST,
    LOSS_RAID,
    RAID,
    RIVAL,
)
from sim.kernels.compiler import inner, kernel
from sim.kernels.incidents import record
from sim.kernels.shares import portion

BLIND = 0.2  # intelligence where nobody supports the police; assumed
HUNTING = 2.0  # effort of police who hunt; assumed
RAID_MOST = 0.1  # largest share of those in reach that one cell's raiders hit in a day; assumed


class Campaigns(NamedTuple):
    """Arrest campaigns in force, as the kernel takes them.

    active     (R, N)  bool
    faction    (N,)    int64    who arrests
    other      (N,)    int64    whose network; -1 any
    intensity  (N,)    float64
    start      (N+1,)  int64    cells of campaign i are cells[start[i]:start[i+1]], ascending
    cells      (n,)    int32
    weights    (n,)    float64
    """

    active: Any
    faction: Any
    other: Any
    intensity: Any
    start: Any
    cells: Any
    weights: Any


@inner
def allied(stance, a, b):
    """Whether b is a itself or stands with it."""
    return a == b or stance[a, b] == ALLIED


@inner
def effort_of(active, faction, other, intensity, start, cells, weights, stance, c, h, g):
    """Effort of police of h against g in cell c: 1, and more by every campaign over the cell.

    The first seven are those of `Campaigns`, `active` (N,) of one run.
    """
    effort = 1.0
    for i in range(len(faction)):
        if not active[i] or not allied(stance, faction[i], h):
            continue
        if other[i] >= 0 and other[i] != g:
            continue
        low, high = start[i], start[i + 1]
        k = low + np.searchsorted(cells[low:high], c)
        if k < high and cells[k] == c:
            effort += intensity[i] * weights[k]
    return effort


@kernel
def police(state, mesh, faction_key, parameters, keys, residents, campaigns):
    """Arrest members of covert networks for a day.

    faction_key  (F,)    uint64
    parameters   (R,)    records
    keys         (R,)    uint64  today's draws; folded with cell and the network's faction
    residents    (R, S)  int64   civilians at home, by sector
    campaigns    `Campaigns`

    Hazard of arrest = arrest_rate x density x intelligence x effort.  Density: open fighters of the
    holder and its allies in the sector per 1,000 inhabitants (the displaced count), over
    police_density, at most 1 (Quinlivan 1995).  Intelligence: 0.2 + 0.8 x the people's support for
    the holder's side; what is not known cannot be arrested (Kress & Szechtman 2009).

    Writes covert, losses, incidents: one a day for each sector and network, at the cell with most
    arrests.
    """
    runs, cells, factions = state.covert.shape
    sectors = len(mesh.sector_key)
    for r in range(runs):
        p = parameters[r]
        stance = state.stance[r]
        strength = np.zeros((sectors, factions), np.int64)
        for c in range(cells):
            if state.holder[r, c] >= 0:
                for f in range(factions):
                    strength[mesh.sector[c], f] += state.fighters[r, c, f]
        arrested = np.zeros((sectors, factions), np.int64)
        most = np.zeros((sectors, factions), np.int64)
        where = np.full((sectors, factions), -1, np.int64)
        for c in range(cells):
            h = np.int64(state.holder[r, c])
            if h < 0:
                continue
            s = mesh.sector[c]
            for g in range(factions):
                n = np.int64(state.covert[r, c, g])
                if n == 0 or g == h or (stance[h, g] != HOSTILE and stance[h, g] != RIVAL):
                    continue
                officers, backing = np.int64(0), 0.0
                for f in range(factions):
                    if allied(stance, h, f):
                        officers += strength[s, f]
                        backing += state.support[r, s, f]
                if officers == 0:
                    continue
                inhabitants = residents[r, s] + state.displaced[r, s]
                density = 1.0
                if inhabitants > 0:
                    density = min(1.0, 1000.0 * officers / inhabitants / p.police_density)
                intelligence = BLIND + (1.0 - BLIND) * min(1.0, backing)
                effort = effort_of(
                    campaigns.active[r],
                    campaigns.faction,
                    campaigns.other,
                    campaigns.intensity,
                    campaigns.start,
                    campaigns.cells,
                    campaigns.weights,
                    stance,
                    c,
                    h,
                    g,
                )
                if state.posture[r, s, h] == HUNT:
                    effort *= HUNTING
                hazard = p.arrest_rate * density * intelligence * effort
                key = fold(fold(keys[r], mesh.key[c]), faction_key[g])
                taken = round_by_chance(n * (1.0 - math.exp(-hazard)), key)
                if taken > 0:
                    state.covert[r, c, g] -= taken
                    state.losses[r, g, LOSS_ARREST] += taken
                    arrested[s, g] += taken
                    if taken > most[s, g]:
                        most[s, g] = taken
                        where[s, g] = c
        for s in range(sectors):
            for g in range(factions):
                c = where[s, g]
                if c >= 0:
                    record(
                        state.incidents[r],
                        state.incident_count,
                        r,
                        INCIDENT_ARRESTS,
                        state.holder[r, c],
                        g,
                        c,
                        arrested[s, g],
                        np.nan,
                        np.nan,
                    )


@kernel
def chill(
    will,
    holder,
    stance,
    population,
    sector,
    parameters,
    residents,
    cells,
    weights,
    faction,
    intensity,
    active,
):
    """Arrest people who would reconcile: their sectors' will falls.

    residents  (R, S)  int64    civilians at home, by sector
    cells      (n,)    int32    the campaign's area; weights (n,) float64
    active     (R,)    bool     runs in which it is in force

    Only where the arresting side holds the cell.  The will falls by arrest_chill x intensity x the
    share of the sector's people who live there.  Writes will; draws no chance.
    """
    sectors = will.shape[1]
    for r in range(len(will)):
        if not active[r]:
            continue
        watched = np.zeros(sectors)
        for i in range(len(cells)):
            c = cells[i]
            h = holder[r, c]
            if h >= 0 and allied(stance[r], faction, h):
                watched[sector[c]] += weights[i] * population[r, c]
        for s in range(sectors):
            if watched[s] > 0.0:
                fear = parameters[r].arrest_chill * intensity * watched[s] / residents[r, s]
                will[r, s] = max(0.0, will[r, s] - fear)


@inner
def in_reach(fighters, stance, j, g):
    """Open fighters in cell j who are hostile to g; (C, F) and (F, F) of one run."""
    total = np.int64(0)
    for f in range(len(stance)):
        if f != g and stance[g, f] == HOSTILE:
            total += fighters[j, f]
    return total


@inner
def strike(fighters, losses, stance, j, g, hit, reached, targets, start):
    """Losses of g's enemies in cell j: their part of the `hit` among `targets` persons.

    reached  how many targets were passed before this cell; returned with those of this cell
    """
    for f in range(len(stance)):
        n = np.int64(fighters[j, f])
        if n > 0 and f != g and stance[g, f] == HOSTILE:
            before = reached / targets
            reached += n
            lost = min(n, portion(hit, before, reached / targets, start))
            fighters[j, f] -= lost
            losses[f, LOSS_RAID] += lost
    return reached


@kernel
def raid(
    fighters,
    covert,
    losses,
    posture,
    stance,
    sector,
    cell_key,
    indptr,
    indices,
    crossing,
    faction_key,
    parameters,
    keys,
):
    """Raids of a day: small losses on both sides, no ground.

    faction_key  (F,)  uint64
    parameters   (R,)  records
    keys         (R,)  uint64  today's draws; folded with the raiders' cell and faction, then slot

    Where a faction's posture is RAID, its covert members and open fighters strike hostile open
    fighters in their cell and its neighbours (not over a closed river): raid_rate a raider and day,
    at most a tenth of those in reach, shared out among them.  Raiders pay raid_cost wherever they
    found somebody.

    Cells are taken in order, so that who is hit first fights on with fewer; writes fighters, covert
    and losses.
    """
    runs, cells, factions = covert.shape
    for r in range(runs):
        p = parameters[r]
        open_r, lost_r, stance_r, posture_r = fighters[r], losses[r], stance[r], posture[r]
        raids = False
        for s in range(len(posture_r)):
            for g in range(factions):
                raids = raids or posture_r[s, g] == RAID
        if not raids:
            continue
        for c in range(cells):
            s = sector[c]
            for g in range(factions):
                if posture_r[s, g] != RAID:
                    continue
                hidden = np.int64(covert[r, c, g])
                standing = np.int64(open_r[c, g])
                if hidden + standing == 0:
                    continue
                targets = in_reach(open_r, stance_r, c, g)
                for e in range(indptr[c], indptr[c + 1]):
                    if crossing[e] != CLOSED:
                        targets += in_reach(open_r, stance_r, indices[e], g)
                if targets == 0:
                    continue
                expected = min(p.raid_rate * (hidden + standing), RAID_MOST * targets)
                key = fold(fold(keys[r], cell_key[c]), faction_key[g])
                hit = round_by_chance(expected, fold(key, np.uint64(0)))
                if hit > 0:
                    start = uniform(fold(key, np.uint64(3)))
                    reached = strike(
                        open_r, lost_r, stance_r, c, g, hit, np.int64(0), targets, start
                    )
                    for e in range(indptr[c], indptr[c + 1]):
                        if crossing[e] != CLOSED:
                            reached = strike(
                                open_r,
                                lost_r,
                                stance_r,
                                indices[e],
                                g,
                                hit,
                                reached,
                                targets,
                                start,
                            )
                caught = round_by_chance(hidden * p.raid_cost, fold(key, np.uint64(1)))
                killed = round_by_chance(standing * p.raid_cost, fold(key, np.uint64(2)))
                covert[r, c, g] -= caught
                open_r[c, g] -= killed
                lost_r[g, LOSS_RAID] += caught + killed
