"""Supply: which way it comes, how much arrives, and what is eaten.

Distance is travel cost over held and allied ground from the nearest source, not a straight line.
A field that is relaxed from day to day leaves a cut-off pocket with ghost supply for weeks; so ways
are always exactly those of today's ground (`kernels.detours`).
"""

from __future__ import annotations

import math

import numpy as np

from sim.kernels.codes import ALLIED, BESIEGE, HOSTILE
from sim.kernels.compiler import inner, maker
from sim.kernels.detours import anew, reroute
from sim.kernels.front import friends, ground_changed
from sim.kernels.marks import scratch
from sim.kernels.muster import ONE, heads, lowest, muster
from sim.kernels.ways import FAR

PLENTY = 1.0 + 1e-9  # a hair above 1: who is surely not short of rations
ANEW = -2  # State.supplied: supply must be traced anew


@maker
def reach_out(state, mesh, shift, facts, parameters):
    """Trace supply for every faction whose ground, or whose ally's ground, has changed.

    shift  from `ways.bucket_width`
    facts  `sim.mechanisms.facts.Facts`

    Writes `distance`, `access` and `supplied`.  access = strength x exp(-way / supply_km), the
    loss-of-strength gradient of Boulding (1962) along the road.
    """
    source_cell, source_faction = facts.source_cell, facts.source_faction
    runs, cells = state.holder.shape
    room = cells + len(mesh.indices)
    entry_cell, entry_next = np.empty(room, np.int32), np.empty(room, np.int32)
    start = np.full(cells, FAR, np.int32)
    weakness = np.empty(len(source_cell))
    for n in range(len(source_cell)):
        weakness[n] = -math.log(facts.source_strength[n])
    marks, found = scratch(cells)
    for r in range(runs):
        holder, stance, seen = state.holder[r], state.stance[r], state.supplied[r]
        changed = found[: ground_changed(holder, seen, marks, found)]
        if len(changed) == 0:
            continue
        # after a change of stances other sources count, and everybody's ways are traced anew
        known = state.way_known[r] and seen[changed[0]] != ANEW
        state.way_known[r] = True
        stale = concerned(holder, stance, seen, changed)
        tenths = 10.0 * parameters[r].supply_km
        for f in range(len(stale)):
            if known and not stale[f]:
                continue
            for n in range(len(source_cell)):
                c = source_cell[n]
                if stance[f, source_faction[n]] == ALLIED and friends(stance, f, holder[c]):
                    # a weak source is like a distant one
                    start[c] = min(start[c], np.int32(tenths * weakness[n]))
            way, passable = state.way[r, f], state.passable[r, f]
            if known:
                touched = reroute(
                    f, holder, stance, start, mesh.indptr, mesh.indices, mesh.travel,
                    mesh.crossing, changed, way, passable,
                )  # fmt: skip
                for c in touched:
                    if holder[c] == f:
                        arrive_by(r, c, way[c], tenths, state, mesh)
            else:
                anew(
                    f, holder, stance, start, mesh.indptr, mesh.indices, mesh.travel,
                    mesh.crossing, shift, way, passable, entry_cell, entry_next,
                )  # fmt: skip
            start[source_cell] = FAR
        if not known:
            found[:cells] = np.arange(cells)
            changed = found[:cells]
        for c in changed:
            way = state.way[r, holder[c], c] if holder[c] >= 0 else FAR
            arrive_by(r, c, way, tenths, state, mesh)
            seen[c] = holder[c]


@maker
def concerned(holder, stance, seen, changed):
    """Which factions' ground, or friends' ground, has changed; (F,) bool.

    seen     (C,)  int8  holders when supply was last traced, or ANEW
    changed  cells that have another holder now
    """
    stale = np.zeros(len(stance), np.bool_)
    for c in changed:
        for f in range(len(stale)):
            before = seen[c] >= 0 and friends(stance, f, seen[c])
            if seen[c] == ANEW or before or friends(stance, f, holder[c]):
                stale[f] = True
    return stale


@inner
def arrive_by(r, c, way, tenths, state, mesh):
    """Note what reaches the holder of a cell over a way of that cost; tenths = 10 x supply_km."""
    state.rationed[r, mesh.segment[c]] = False
    state.distance[r, c] = -1 if way == FAR else way
    state.access[r, c] = 0.0 if way == FAR else math.exp(-way / tenths)


@inner
def leaking(f, s, stance, posture, p):
    """What leaks in to a fighter of f cut off in sector s, rations a day; less under siege."""
    for k in range(len(stance)):
        if stance[f, k] == HOSTILE and posture[s, k] == BESIEGE:
            return p.leak * p.besiege_leak
    return p.leak


@inner
def reckon(r, book, state, segment_start, p):
    """Say what reaches the segments where somebody came or left, or the way became another one.

    What leaks into a pocket hangs on the besiegers' postures too, so pockets are reckoned daily.
    """
    inflow, distance, access = state.inflow[r], state.distance[r], state.access[r]
    stance, posture = state.stance[r], state.posture[r]
    for g in range(len(book.rationed)):
        if book.rationed[g]:
            continue
        book.rationed[g] = True
        inflow[g, :] = 0.0
        for c in range(segment_start[g], segment_start[g + 1]):
            bits = np.uint64(book.standing[c])
            while bits:
                f = lowest(bits)
                bits &= bits - ONE
                n = heads(book, c, f)
                if distance[c] >= 0:
                    inflow[g, f] += n * p.supply_rate * access[c]
                else:
                    inflow[g, f] += n * leaking(f, book.sector[c], stance, posture, p)
                    book.rationed[g] = False


@inner
def feed_stretch(persons, inflow, depot, knee, full):
    """What is left of a depot, person-days, after a day on which `persons` drew on it.

    Below `knee` days of stock people ration themselves: they eat stock / knee of a full ration.
    No more is kept than `full` days of stock.
    """
    eaten = np.float64(persons)
    if depot < PLENTY * knee * persons:  # else nobody need divide to know that all eat their fill
        eaten *= min(1.0, depot / persons / knee)
    return min(max(depot + inflow - eaten, 0.0), persons * full)


@maker
def feed(state, mesh, parameters):
    """Fill the depots and eat from them, one day.

    Each segment is a depot for each faction.  A fighter on connected ground draws supply_rate x
    access, a cut-off one what leaks in.
    """
    for r in range(len(state.holder)):
        p = parameters[r]
        book = muster(r, state, mesh)
        reckon(r, book, state, mesh.segment_start, p)
        knee, full = p.ration_knee, p.stock_full
        depot, inflow = state.depot[r], state.inflow[r]
        stored, persons = depot.reshape(-1), book.persons.reshape(-1)
        for i in range(len(stored)):  # without a branch: many at a time
            stored[i] = stored[i] if persons[i] > 0 else np.float32(0.0)
        for g in range(len(depot)):
            bits = np.uint64(book.garrison[g])
            while bits:
                f = lowest(bits)
                bits &= bits - ONE
                depot[g, f] = feed_stretch(
                    book.persons[g, f], inflow[g, f], depot[g, f], knee, full
                )


@inner
def deliver(state, mesh, deliveries):
    """Bring supply to a faction's fighters in some cells, from outside.

    deliveries  `Campaigns`; their intensity is in days of a full ration for each
    """
    for i in range(len(deliveries.event)):
        f, ration = deliveries.faction[i], deliveries.intensity[i]
        for r in range(len(state.active)):
            if state.active[r, deliveries.event[i]]:
                for c in deliveries.cells[deliveries.start[i] : deliveries.start[i + 1]]:
                    state.depot[r, mesh.segment[c], f] += ration * state.fighters[r, c, f]
