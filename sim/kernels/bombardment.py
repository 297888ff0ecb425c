"""Bombardment: what one campaign from the air or with artillery does to an area in a day.

It costs open fighters, holds down those who defend, puts the cells into the day's fighting and
turns people against the side that bombs.  Who flees is left to `people`.
R runs, C cells, F factions, S sectors, n cells of the campaign's area.
"""

from __future__ import annotations

import numpy as np

from sim.kernels.chance import fold, round_by_chance
from sim.kernels.codes import HOSTILE, LOSS_BOMBARDMENT
from sim.kernels.compiler import inner, kernel

COVER = 0.7  # share of the losses that the roughest ground spares; assumed
MOST_SUPPRESSED = 0.95  # however heavy the fire, some power is left; assumed


@inner
def is_target(stance, faction, other, f):
    """Whether a campaign of `faction` against `other` (-1: all its enemies) strikes faction f."""
    return f != faction and stance[faction, f] == HOSTILE and (other < 0 or f == other)


@kernel
def bombard(
    state,
    mesh,
    faction_key,
    parameters,
    keys,
    residents,
    cells,
    weights,
    faction,
    other,
    intensity,
    event_key,
    active,
):
    """Carry out one day of one campaign.

    faction_key  (F,)    uint64
    parameters   (R,)    records
    keys         (R,)    uint64   today's draws; folded with cell, faction struck, event
    residents    (R, S)  int64    civilians at home, by sector
    cells        (n,)    int32    the area, ascending
    weights      (n,)    float64  0 to 1
    faction, other, intensity, event_key   of the event
    active       (R,)    bool     runs in which it is in force

    A cell is struck where its holder is a target or a target's fighters stand in it.  Losses are
    an area-fire share of those present (Deitchman 1962): rough ground spares up to 70 %.  Support
    is lost in proportion to the share of the sector's people who live under the bombs.

    Writes fighters, losses, suppressed, combat, support.  Campaigns follow one another in the order
    of the calendar; the draws do not depend on that order.
    """
    runs, _, factions = state.fighters.shape
    sectors = len(mesh.sector_key)
    for r in range(runs):
        if not active[r]:
            continue
        p = parameters[r]
        stance = state.stance[r]
        bombed = np.zeros(sectors)
        for i in range(len(cells)):
            c = cells[i]
            force = intensity * weights[i]
            if force <= 0.0:
                continue
            h = state.holder[r, c]
            struck = h >= 0 and is_target(stance, faction, other, h)
            share = min(1.0, p.bomb_loss * force * (1.0 - COVER * np.float64(mesh.rough[c])))
            for f in range(factions):
                n = np.int64(state.fighters[r, c, f])
                if n > 0 and is_target(stance, faction, other, f):
                    struck = True
                    key = fold(fold(fold(keys[r], mesh.key[c]), faction_key[f]), event_key)
                    lost = round_by_chance(n * share, key)
                    state.fighters[r, c, f] -= lost
                    state.losses[r, f, LOSS_BOMBARDMENT] += lost
            if struck:
                held_down = min(MOST_SUPPRESSED, p.suppression * force)
                state.suppressed[r, c] = max(np.float64(state.suppressed[r, c]), held_down)
                state.combat[r, c] = max(np.float64(state.combat[r, c]), min(1.0, force))
                bombed[mesh.sector[c]] += force * state.population[r, c]
        for s in range(sectors):
            if bombed[s] > 0.0:
                left = state.support[r, s, faction] - p.bomb_support * bombed[s] / residents[r, s]
                state.support[r, s, faction] = max(0.0, left)
