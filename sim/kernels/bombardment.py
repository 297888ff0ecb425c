"""Bombardment: what campaigns from the air or with artillery do to their areas in a day.

It costs open fighters, holds down those who defend, puts the cells into the day's fighting and
turns people against the side that bombs.  Who flees is left to `people`.
R runs, C cells, F factions, S sectors, V events.
"""

from __future__ import annotations

import numpy as np

from sim.kernels.chance import fold, round_by_chance
from sim.kernels.codes import HOSTILE, LOSS_BOMBARDMENT
from sim.kernels.compiler import inner, maker
from sim.kernels.muster import ONE, enlist, heads, lowest, muster, residents

COVER = 0.7  # share of the losses that the roughest ground spares; assumed
MOST_SUPPRESSED = 0.95  # however heavy the fire, some power is left; assumed


@inner
def is_target(stance, faction, other, f):
    """Whether a campaign of `faction` against `other` (-1: all its enemies) strikes faction f."""
    return f != faction and stance[faction, f] == HOSTILE and (other < 0 or f == other)


@maker
def bombard(state, mesh, faction_key, parameters, keys, campaigns):
    """Carry out one day of every campaign in force, in the order of the calendar.

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
    bombed = np.empty(len(mesh.sector_key))
    for r in range(len(parameters)):
        p, book = parameters[r], muster(r, state, mesh)
        for i in range(len(campaigns.event)):
            if not state.active[r, campaigns.event[i]]:
                continue
            first, last = campaigns.start[i], campaigns.start[i + 1]
            faction = campaigns.faction[i]
            bombed[:] = 0.0
            strike(
                state.holder[r], book, state.population[r],
                state.suppressed[r], state.combat[r], state.stance[r], state.losses[r],
                mesh.rough, mesh.key, faction_key, p, keys[r], campaigns.cells[first:last],
                campaigns.weights[first:last], faction, campaigns.other[i],
                campaigns.intensity[i], campaigns.key[i], bombed,
            )  # fmt: skip
            for s in range(len(bombed)):
                if bombed[s] > 0.0:
                    left = state.support[r, s, faction]
                    left -= p.bomb_support * bombed[s] / residents(book, s)
                    state.support[r, s, faction] = max(0.0, left)


@inner
def strike(
    holder,
    book,
    population,
    suppressed,
    combat,
    stance,
    losses,
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

    book     the `Muster` of the run
    cells    (n,)  int32    its area, ascending; weights (n,) float64
    bombed   (S,)  float64  civilians under the bombs, by their force; added to
    """
    targets = np.uint64(0)
    for f in range(len(stance)):
        if is_target(stance, faction, other, f):
            targets |= ONE << np.uint64(f)
    for i in range(len(cells)):
        c = cells[i]
        force = intensity * weights[i]
        h = holder[c]
        struck = h >= 0 and is_target(stance, faction, other, h)
        bits = np.uint64(book.standing[c]) & targets
        if force <= 0.0 or not (struck or bits):
            continue
        share = min(1.0, p.bomb_loss * force * (1.0 - COVER * np.float64(rough[c])))
        while bits:
            f = lowest(bits)
            bits &= bits - ONE
            key = fold(fold(fold(run_key, cell_key[c]), faction_key[f]), event_key)
            lost = round_by_chance(heads(book, c, f) * share, key)
            if lost > 0:
                enlist(book, c, f, -lost)
                losses[f, LOSS_BOMBARDMENT] += lost
        held_down = min(MOST_SUPPRESSED, p.suppression * force)
        suppressed[c] = max(np.float64(suppressed[c]), held_down)
        combat[c] = max(np.float64(combat[c]), min(1.0, force))
        bombed[book.sector[c]] += force * population[c]
