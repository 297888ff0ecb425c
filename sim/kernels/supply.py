"""Supply: which way it comes, how much arrives, and what is eaten.

Distance is travel cost over held and allied ground from the nearest source, not a straight line.
It is traced anew from zero when ground changed hands, and only for those whom it concerns: a field
that is relaxed from day to day leaves a cut-off pocket with ghost supply for weeks.
"""

from __future__ import annotations

import math

import numpy as np

from sim.kernels.codes import ALLIED, BESIEGE, HOSTILE
from sim.kernels.compiler import kernel
from sim.kernels.front import friends
from sim.kernels.ways import FAR, spread

NO_LIMIT = np.int32(2**30)


@kernel
def reach_out(state, mesh, source_cell, source_faction, source_strength, parameters):
    """Trace supply for every faction whose ground, or whose ally's ground, has changed.

    Writes `distance`, `access` and `supplied`.  access = strength x exp(-way / supply_km), the
    loss-of-strength gradient of Boulding (1962) along the road.
    """
    runs, cells, factions = state.fighters.shape
    for r in range(runs):
        holder = state.holder[r]
        stance = state.stance[r]
        seen = state.supplied[r]
        stale = np.zeros(factions, np.bool_)
        for c in range(cells):
            if holder[c] != seen[c]:
                for f in range(factions):
                    if (
                        seen[c] == -2
                        or friends(stance, f, holder[c])
                        or (seen[c] >= 0 and friends(stance, f, seen[c]))
                    ):
                        stale[f] = True
                seen[c] = holder[c]
                if holder[c] < 0:
                    state.distance[r, c] = -1
                    state.access[r, c] = 0.0
        if not stale.any():
            continue
        km = parameters[r].supply_km
        start = np.empty(cells, np.int32)
        distance = np.empty(cells, np.int32)
        previous = np.empty(cells, np.int32)
        edge = np.empty(cells, np.int32)
        for f in range(factions):
            if not stale[f]:
                continue
            start[:] = FAR
            for n in range(len(source_cell)):
                c = source_cell[n]
                if stance[f, source_faction[n]] == ALLIED and friends(stance, f, holder[c]):
                    weaker = np.int32(-10.0 * km * math.log(source_strength[n]))
                    start[c] = min(start[c], weaker)  # a weak source is like a distant one
            spread(holder, stance, f, mesh, start, NO_LIMIT, distance, previous, edge)
            for c in range(cells):
                if holder[c] == f:
                    if distance[c] == FAR:
                        state.distance[r, c] = -1
                        state.access[r, c] = 0.0
                    else:
                        state.distance[r, c] = distance[c]
                        state.access[r, c] = math.exp(-distance[c] / (10.0 * km))


@kernel
def feed(state, mesh, parameters):
    """Fill the depots and eat from them, one day.

    Each segment is a depot for each faction.  A fighter on connected ground draws supply_rate x
    access, a cut-off one what leaks in.  Below `ration_knee` days of stock people ration
    themselves: they eat stock / knee of a full ration.
    """
    runs, _cells, factions = state.fighters.shape
    for r in range(runs):
        p = parameters[r]
        stance = state.stance[r]
        for g in range(len(mesh.segment_key)):
            first, last = mesh.segment_start[g], mesh.segment_start[g + 1]
            for f in range(factions):
                persons, inflow = 0, 0.0
                for c in range(first, last):
                    n = state.fighters[r, c, f]
                    if n == 0:
                        continue
                    persons += n
                    if state.distance[r, c] >= 0:
                        inflow += n * p.supply_rate * state.access[r, c]
                    else:
                        leak = p.leak
                        for k in range(factions):
                            if (
                                stance[f, k] == HOSTILE
                                and state.posture[r, mesh.sector[c], k] == BESIEGE
                            ):
                                leak = p.leak * p.besiege_leak
                        inflow += n * leak
                if persons == 0:
                    state.depot[r, g, f] = 0.0
                    continue
                stock = state.depot[r, g, f] / persons
                eaten = persons * min(1.0, stock / p.ration_knee)
                depot = state.depot[r, g, f] + inflow - eaten
                state.depot[r, g, f] = min(max(depot, 0.0), persons * p.stock_full)


@kernel
def deliver(state, mesh, cells, faction, ration, active):
    """Bring `ration` a person to a faction's fighters in some cells, where active."""
    for r in range(len(active)):
        if active[r]:
            for c in cells:
                state.depot[r, mesh.segment[c], faction] += ration * state.fighters[r, c, faction]
