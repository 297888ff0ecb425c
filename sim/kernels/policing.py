"""Policing and raids: the war against and by those who hold no ground.

R runs, C cells, F factions, S sectors, V events, N arrest campaigns, B bands: factions that raid.
Both walk the rolls of people: of five thousand cells a few hundred have hidden members or raiders.
"""

from __future__ import annotations

import math

import numpy as np

from sim.kernels.campaigns import weights_by_cell
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
from sim.kernels.muster import FACTION, call, cell_of
from sim.kernels.residents import at_home, scratch
from sim.kernels.shares import portion

BLIND = 0.2  # intelligence where nobody supports the police; assumed
HUNTING = 2.0  # effort of police who hunt; assumed
RAID_MOST = 0.1  # largest share of those in reach that one cell's raiders hit in a day; assumed
UNKNOWN = -1.0  # a hazard that nobody has asked for today


@inner
def allied(stance, a, b):
    """Whether b is a itself or stands with it."""
    return a == b or stance[a, b] == ALLIED


@kernel
def police(
    holder,
    fighters,
    covert,
    roll,
    roll_count,
    covert_roll,
    covert_count,
    population,
    displaced,
    support,
    stance,
    posture,
    losses,
    incidents,
    incident_count,
    active,
    mesh,
    census,
    settled,
    faction_key,
    parameters,
    arrests,
    raids,
    campaigns,
    residents,
):
    """A day of arrests, then of raids.

    census       (C,)    int32   persons who belong to the cell
    settled      (S,)    int64   the same by sector
    faction_key  (F,)    uint64
    parameters   (R,)    records
    arrests      (R,)    uint64  today's draws; folded with cell and the network's faction
    raids        (R,)    uint64  today's draws; folded with the raiders' cell and faction, then slot
    campaigns    `Campaigns` against networks
    residents    (R, S)  int64   civilians at home, by sector; overwritten

    Writes fighters, covert, losses, incidents.
    """
    runs, cells, factions = covert.shape
    sectors = len(settled)
    marks, found = scratch(cells)
    weight = weights_by_cell(campaigns.start, campaigns.cells, campaigns.weights, cells)
    strength = np.empty((sectors, factions), np.int64)
    prey = np.empty((factions, cells), np.int32)
    raiders = np.empty(roll.shape[1] + 1, np.int32)
    for r in range(runs):
        at_home(population[r], census, mesh.sector, settled, marks, found, residents[r])
        band = bands(posture[r])
        hunts = quarry(stance[r], band)
        pairs = call(fighters[r], roll[r], roll_count[r])
        standing = muster(
            fighters[r], roll[r][:pairs], mesh.sector, posture[r], hunts, strength, prey, raiders
        )
        hidden = call(covert[r], covert_roll[r], covert_count[r])
        arrest(
            holder[r], covert[r], covert_roll[r][:hidden], displaced[r], support[r], stance[r],
            posture[r], losses[r], incidents[r], incident_count[r : r + 1], mesh.sector, mesh.key,
            faction_key, parameters[r], arrests[r], residents[r], strength, active[r],
            campaigns.event, campaigns.faction, campaigns.other, campaigns.intensity, weight,
        )  # fmt: skip
        if len(band) > 0:
            raid(
                fighters[r], covert[r], raiders[:standing], covert_roll[r][:hidden], losses[r],
                posture[r], mesh.sector, mesh.key, mesh.indptr, mesh.indices, mesh.crossing,
                faction_key, parameters[r], raids[r], band, hunts, prey,
            )  # fmt: skip


@inner
def bands(posture):
    """The factions that raid in some sector, ascending, (B,)."""
    sectors, factions = posture.shape
    found = np.empty(factions, np.int64)
    n = 0
    for g in range(factions):
        raiding = 0
        for s in range(sectors):
            raiding += posture[s, g] == RAID
        found[n] = g
        n += raiding > 0
    return found[:n]


@inner
def quarry(stance, band):
    """Whom each band strikes, 1 or 0; (B, F) int32."""
    hunts = np.zeros((len(band), len(stance)), np.int32)
    for b in range(len(band)):
        for f in range(len(stance)):
            hunts[b, f] = f != band[b] and stance[band[b], f] == HOSTILE
    return hunts


@inner
def muster(fighters, roll, sector, posture, hunts, strength, prey, raiders):
    """Count open fighters: all by sector and faction, and by cell those whom each band strikes.

    roll      the pairs in order; all of one run
    strength  (S, F)  int64  overwritten
    prey      (F, C)  int32  one row for each band; overwritten
    raiders   int32          room for a roll; overwritten with the pairs that raid, in order

    Returns how many raid.
    """
    strength[:, :] = 0
    raiding = 0
    for pair in roll:
        c, f = cell_of(pair), pair & FACTION
        s = sector[c]
        strength[s, f] += fighters[c, f]
        raiders[raiding] = pair
        raiding += posture[s, f] == RAID
    for b in range(len(hunts)):
        prey[b, :] = 0
        for pair in roll:
            c, f = cell_of(pair), pair & FACTION
            prey[b, c] += fighters[c, f] * hunts[b, f]
    return raiding


@inner
def arrest(
    holder,
    covert,
    covert_roll,
    displaced,
    support,
    stance,
    posture,
    losses,
    incidents,
    incident_count,
    sector,
    cell_key,
    faction_key,
    p,
    run_key,
    residents,
    strength,
    active,
    event,
    campaigner,
    other,
    intensity,
    weight,
):
    """Arrest members of covert networks for a day, in one run.

    strength  (S, F)  int64    open fighters
    active    (V,)    bool     events in force
    event     (N,)    int64    the campaigns' events; campaigner, other, intensity as `Campaigns`
    weight    (N, C)  float64  theirs in every cell

    Hazard of arrest = arrest_rate x density x intelligence x effort.  Density: open fighters of the
    holder and its allies in the sector per 1,000 inhabitants (the displaced count), over
    police_density, at most 1 (Quinlivan 1995).  Intelligence: 0.2 + 0.8 x the people's support for
    the holder's side; what is not known cannot be arrested (Kress & Szechtman 2009).

    One incident a day for each sector and network, at the cell with most arrests.
    """
    sectors, factions = strength.shape
    hazard = np.full((sectors, factions), UNKNOWN)  # at an effort of 1, by sector and holder
    share = np.full((sectors, factions), UNKNOWN)  # of a network that is arrested at that effort
    arrested = np.zeros((sectors, factions), np.int64)
    most = np.zeros((sectors, factions), np.int64)
    where = np.empty((sectors, factions), np.int32)
    anybody = False
    for pair in covert_roll:
        c, g = cell_of(pair), pair & FACTION
        n, h = np.int64(covert[c, g]), holder[c]
        if n == 0 or h < 0 or g == h or (stance[h, g] != HOSTILE and stance[h, g] != RIVAL):
            continue
        s = sector[c]
        if hazard[s, h] == UNKNOWN:
            inhabitants = residents[s] + displaced[s]
            hazard[s, h] = police_hazard(h, stance, strength[s], support[s], inhabitants, p)
            plain = hazard[s, h] * HUNTING if posture[s, h] == HUNT else hazard[s, h]
            share[s, h] = 1.0 - math.exp(-plain)
        if hazard[s, h] == 0.0:
            continue
        effort = 1.0
        for i in range(len(event)):
            if weight[i, c] == 0.0 or not active[event[i]] or not allied(stance, campaigner[i], h):
                continue
            if other[i] < 0 or other[i] == g:
                effort += intensity[i] * weight[i, c]
        taken_share = share[s, h]
        if effort != 1.0:
            effort *= HUNTING if posture[s, h] == HUNT else 1.0
            taken_share = 1.0 - math.exp(-(hazard[s, h] * effort))
        key = fold(fold(run_key, cell_key[c]), faction_key[g])
        taken = round_by_chance(n * taken_share, key)
        if taken > 0:
            anybody = True
            covert[c, g] -= taken
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


@inner
def police_hazard(h, stance, strength, support, inhabitants, p):
    """Hazard of arrest by police of h at an effort of 1; (F,) arrays of one run and sector."""
    officers, backing = np.int64(0), 0.0
    for f in range(len(strength)):
        if allied(stance, h, f):
            officers += strength[f]
            backing += support[f]
    if officers == 0:
        return 0.0
    density = 1.0
    if inhabitants > 0:
        density = min(1.0, 1000.0 * officers / inhabitants / p.police_density)
    intelligence = BLIND + (1.0 - BLIND) * min(1.0, backing)
    return p.arrest_rate * density * intelligence


@inner
def raid(
    fighters,
    covert,
    raiders,
    covert_roll,
    losses,
    posture,
    sector,
    cell_key,
    indptr,
    indices,
    crossing,
    faction_key,
    p,
    run_key,
    band,
    hunts,
    prey,
):
    """Raids of a day in one run: small losses on both sides, no ground.

    raiders      pairs of open fighters who raid, in order
    covert_roll  pairs of covert members, in order
    band   (B,)    int64  factions that raid
    hunts  (B, F)  int32  1 where they strike, else 0
    prey   (F, C)  int32  open fighters whom each band strikes, a row for each; kept up to date

    Where a faction's posture is RAID, its covert members and open fighters strike hostile open
    fighters in their cell and its neighbours (not over a closed river): raid_rate a raider and day,
    at most a tenth of those in reach, shared out among them.  Raiders pay raid_cost wherever they
    found somebody.

    Cells are taken in order, so that who is hit first fights on with fewer.
    """
    row = np.zeros(fighters.shape[1], np.int64)
    for b in range(len(band)):
        row[band[b]] = b
    for pair in gathered(raiders, raiding(covert_roll, posture, sector)):
        c, g = cell_of(pair), pair & FACTION
        hidden, standing = np.int64(covert[c, g]), np.int64(fighters[c, g])
        if hidden + standing == 0:
            continue
        b, first, last = row[g], indptr[c], indptr[c + 1]
        targets = np.int64(prey[b, c])
        for e in range(first, last):
            targets += prey[b, indices[e]] * (crossing[e] != CLOSED)
        if targets == 0:
            continue
        expected = min(p.raid_rate * (hidden + standing), RAID_MOST * targets)
        key = fold(fold(run_key, cell_key[c]), faction_key[g])
        hit = round_by_chance(expected, fold(key, np.uint64(0)))
        if hit > 0:
            start = uniform(fold(key, np.uint64(3)))
            mine = hunts[b]
            reached = strike(
                fighters, losses, hunts, mine, prey, c, hit, np.int64(0), targets, start
            )
            for e in range(first, last):
                if crossing[e] != CLOSED:
                    reached = strike(
                        fighters, losses, hunts, mine, prey, indices[e], hit, reached, targets,
                        start,
                    )  # fmt: skip
        if hidden > 0:
            caught = round_by_chance(hidden * p.raid_cost, fold(key, np.uint64(1)))
            covert[c, g] -= caught
            losses[g, LOSS_RAID] += caught
        if standing > 0:
            killed = round_by_chance(standing * p.raid_cost, fold(key, np.uint64(2)))
            lose(fighters, losses, hunts, prey, c, g, killed)


@inner
def raiding(roll, posture, sector):
    """Those pairs of a roll whose posture is to raid, in order."""
    found = np.empty(len(roll) + 1, np.int32)
    n = 0
    for pair in roll:
        found[n] = pair
        n += posture[sector[cell_of(pair)], pair & FACTION] == RAID
    return found[:n]


@inner
def gathered(a, b):
    """The pairs of two rolls in order, each once."""
    both = np.empty(len(a) + len(b), np.int32)
    i = k = n = 0
    while i < len(a) or k < len(b):
        if k == len(b) or (i < len(a) and a[i] <= b[k]):
            if k < len(b) and a[i] == b[k]:
                k += 1
            both[n] = a[i]
            i += 1
        else:
            both[n] = b[k]
            k += 1
        n += 1
    return both[:n]


@inner
def strike(fighters, losses, hunts, mine, prey, j, hit, reached, targets, start):
    """Losses in cell j of those whom a band strikes: their part of the `hit` among `targets`.

    mine     (F,)  int32  the band's row of hunts
    reached  how many targets were passed before this cell; returned with those of this cell
    """
    for f in range(len(mine)):
        n = np.int64(fighters[j, f])
        if n > 0 and mine[f]:
            before = reached / targets
            reached += n
            lost = min(n, portion(hit, before, reached / targets, start))
            lose(fighters, losses, hunts, prey, j, f, lost)
    return reached


@inner
def lose(fighters, losses, hunts, prey, c, f, n):
    """Faction f loses n fighters in cell c to a raid."""
    fighters[c, f] -= n
    losses[f, LOSS_RAID] += n
    for b in range(len(hunts)):
        prey[b, c] -= n * hunts[b, f]


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
