"""Bombardment: what campaigns from the air or with artillery do to their areas in a day.

It costs open fighters, holds down those who defend, puts the cells into the day's fighting and
turns people against the side that bombs.  Who flees is left to `people`.
R runs, C cells, F factions, S sectors, V events.
"""

from __future__ import annotations

import numpy as np

from sim.kernels.chance import fold, round_by_chance
from sim.kernels.codes import HOSTILE, LOSS_BOMBARDMENT
from sim.kernels.compiler import inner, kernel
from sim.kernels.residents import at_home, scratch

COVER = 0.7  # share of the losses that the roughest ground spares; assumed
MOST_SUPPRESSED = 0.95  # however heavy the fire, some power is left; assumed


@inner
def is_target(stance, faction, other, f):
    """Whether a campaign of `faction` against `other` (-1: all its enemies) strikes faction f."""
    return f != faction and stance[faction, f] == HOSTILE and (other < 0 or f == other)


@kernel
def bombard(
    holder,
    fighters,
    population,
    suppressed,
    combat,
    support,
    stance,
    losses,
    active,
    sector,
    rough,
    cell_key,
    census,
    settled,
    faction_key,
    parameters,
    keys,
    campaigns,
):
    """Carry out one day of every campaign in force, in the order of the calendar.

    active       (R, V)  bool     events in force
    census       (C,)    int32    persons who belong to the cell
    settled      (S,)    int64    the same by sector
    faction_key  (F,)    uint64
    parameters   (R,)    records
    keys         (R,)    uint64   today's draws; folded with cell, faction struck, event
    campaigns    `Campaigns`

    A cell is struck where its holder is a target or a target's fighters stand in it.  Losses are
    an area-fire share of those present (Deitchman 1962): rough ground spares up to 70 %.  Support
    is lost in proportion to the share of the sector's people who live under the bombs.

    Writes fighters, losses, suppressed, combat, support.  The draws do not depend on the order of
    campaigns.
    """
    marks, found = scratch(len(census))
    residents, bombed = np.empty(len(settled), np.int64), np.empty(len(settled))
    for r in range(len(holder)):
        p = parameters[r]
        counted = False
        for i in range(len(campaigns.event)):
            if not active[r, campaigns.event[i]]:
                continue
            if not counted:
                at_home(population[r], census, sector, settled, marks, found, residents)
                counted = True
            first, last = campaigns.start[i], campaigns.start[i + 1]
            faction = campaigns.faction[i]
            bombed[:] = 0.0
            strike(
                holder[r], fighters[r], population[r], suppressed[r], combat[r], stance[r],
                losses[r], sector, rough, cell_key, faction_key, p, keys[r],
                campaigns.cells[first:last], campaigns.weights[first:last], faction,
                campaigns.other[i], campaigns.intensity[i], campaigns.key[i], bombed,
            )  # fmt: skip
            for s in range(len(bombed)):
                if bombed[s] > 0.0:
                    left = support[r, s, faction] - p.bomb_support * bombed[s] / residents[s]
                    support[r, s, faction] = max(0.0, left)


@inner
def strike(
    holder,
    fighters,
    population,
    suppressed,
    combat,
    stance,
    losses,
    sector,
    rough,
    cell_key,
    faction_key,
    p,
    run_key,
    cells,
    weights,
    faction,
    other,
    intensity,
    event_key,
    bombed,
):
    """Strike the cells of one campaign, in one run.

    cells    (n,)  int32    its area, ascending; weights (n,) float64
    bombed   (S,)  float64  civilians under the bombs, by their force; added to
    """
    for i in range(len(cells)):
        c = cells[i]
        force = intensity * weights[i]
        if force <= 0.0:
            continue
        h = holder[c]
        struck = h >= 0 and is_target(stance, faction, other, h)
        share = min(1.0, p.bomb_loss * force * (1.0 - COVER * np.float64(rough[c])))
        for f in range(len(stance)):
            n = np.int64(fighters[c, f])
            if n > 0 and is_target(stance, faction, other, f):
                struck = True
                key = fold(fold(fold(run_key, cell_key[c]), faction_key[f]), event_key)
                lost = round_by_chance(n * share, key)
                fighters[c, f] -= lost
                losses[f, LOSS_BOMBARDMENT] += lost
        if struck:
            held_down = min(MOST_SUPPRESSED, p.suppression * force)
            suppressed[c] = max(np.float64(suppressed[c]), held_down)
            combat[c] = max(np.float64(combat[c]), min(1.0, force))
            bombed[sector[c]] += force * population[c]
