"""What the record keeps of a day: who took which cell, what happened, and the sums of the evening.

R runs, C cells, F factions, S sectors, V events, D days.
"""

from __future__ import annotations

import numpy as np

from sim.kernels.codes import CAUSE_ASSAULT, CAUSE_CEDED
from sim.kernels.compiler import inner, kernel
from sim.kernels.front import ground_changed
from sim.kernels.marks import scratch
from sim.kernels.muster import place


@kernel
def keep_day(k, state, fixed, series, rows):
    """Keep one evening of a batch: entry k of the daily axis.

    state   `StateArrays`, read only
    fixed   `sim.record.Fixed`; `holder` is yesterday's map and becomes today's
    series  `sim.record.Series`; entry k is written, entry k - 1 read
    rows    `sim.record.Rows`, with room for every row that one day can bring
    """
    runs, cells = state.holder.shape
    marks, found = scratch(cells)
    for r in range(runs):
        if k == 0:
            take_stock(r, state, fixed, series)
        else:
            series.area_m2[r, k] = series.area_m2[r, k - 1]
            keep_changes(r, k, state, fixed, series, rows, marks, found)
            keep_incidents(r, k, state, fixed, rows)
        head_count(r, state, series.fighters[r, k], series.covert[r, k])
        series.displaced[r, k] = 0
        for s in range(state.displaced.shape[1]):
            series.displaced[r, k] += state.displaced[r, s]
        for f in range(state.losses.shape[1]):
            series.losses[r, k, f] = 0
            for cause in range(state.losses.shape[2]):
                series.losses[r, k, f] += state.losses[r, f, cause]
                series.losses_by_cause[r, f, cause] = state.losses[r, f, cause]


@inner
def take_stock(r, state, fixed, series):
    """Add up whose ground is whose, and who stands where, in run r before anything happened."""
    cells, factions = state.fighters.shape[1:]
    for c in range(cells):
        owner = place(state.holder[r, c], factions)
        series.area_m2[r, 0, owner] += fixed.area_m2[c]
        series.start[c, owner] += 1
    for f in range(factions):
        for c in range(cells):
            if state.fighters[r, c, f]:  # most places are empty
                series.start_fighters[c, f] += state.fighters[r, c, f]


@inner
def keep_changes(r, k, state, fixed, series, rows, marks, found):
    """Write down the cells of run r that changed hands; arguments as in `keep_day`."""
    before, after, active = fixed.holder[r], state.holder[r], state.active[r]
    factions = series.area_m2.shape[2] - 1
    for c in found[: ground_changed(after, before, marks, found)]:
        loser, taker = before[c], after[c]
        gave, took = place(loser, factions), place(taker, factions)
        before[c] = taker
        series.area_m2[r, k, gave] -= fixed.area_m2[c]
        series.area_m2[r, k, took] += fixed.area_m2[c]
        series.changes[r, k] += 1
        n = rows.used[0]
        rows.used[0] = n + 1
        row, cause = rows.ledger[n], state.cause[r, c]
        row["run"], row["day"], row["cell"] = fixed.runs[r], k, c
        row["from"], row["to"], row["cause"] = loser, taker, cause
        fought = cause in (CAUSE_ASSAULT, CAUSE_CEDED)
        row["ratio"] = state.ratio[r, c] if fought else np.float32(np.nan)
        row["margin"] = state.margin[r, c] if fought else np.float32(np.nan)
        in_force = rows.in_force[n]
        in_force[:] = 0
        for v in range(len(active)):
            concerned = fixed.concerns[v, gave] or fixed.concerns[v, took]
            if active[v] and fixed.here[v, c] and concerned:
                in_force[v >> 3] |= np.uint8(128 >> (v & 7))  # as np.packbits does


@inner
def keep_incidents(r, k, state, fixed, rows):
    """Write down today's incidents of run r; arguments as in `keep_day`."""
    count = state.incident_count[r]
    kept = min(count, state.incidents.shape[1])
    n = rows.used[1]
    for i in range(kept):
        rows.incidents[n + i] = state.incidents[r, i]
        rows.incident_run[n + i] = fixed.runs[r]
        rows.incident_day[n + i] = k
    rows.used[1] = n + kept
    rows.used[2] += count - kept


@inner
def head_count(r, state, open_fighters, hidden):
    """Add up the people of each faction in run r.

    open_fighters, hidden  (F,)  int64  overwritten
    """
    open_fighters[:] = hidden[:] = 0
    if state.mustered[r]:
        for s in range(state.strength.shape[1]):
            for f in range(len(open_fighters)):
                open_fighters[f] += state.strength[r, s, f]
        for f in range(len(hidden)):
            hidden[f] = state.hidden[r, f]
        return
    for f in range(len(hidden)):  # in the order in which people lie in memory
        for c in range(state.covert.shape[1]):
            open_fighters[f] += state.fighters[r, c, f]
            hidden[f] += state.covert[r, c, f]
