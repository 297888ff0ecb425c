"""What is kept of each day: counts of holders, daily series, the ledger and the incidents.

The record watches a batch of runs and decides nothing.  It keeps no history of maps: per cell and
day only the number of runs in which each faction held it, per run only sums, and one row for each
change of control.  All that is summed is whole numbers (runs, persons, square metres), so that no
bit depends on how the runs were split into batches.

Entry 0 of a daily axis is the start; entry k is the evening of the k-th simulated day, whose date
is start + (k - 1).  R runs, C cells, F factions, V events, D days, K changes, N incidents.  The
axis of length F+1 holds the factions and then nobody, so that NOBODY (-1) indexes its last place.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.kernels.record import head_counts
from sim.scenario.compiled import NOBODY, CompiledScenario, EventKind
from sim.state import INCIDENT, Cause, Loss, State

Array = NDArray[Any]

CHANGE = np.dtype(
    [
        ("run", np.int32),
        ("day", np.int16),  # entry of the daily axis: 1 is the first simulated day
        ("cell", np.int32),
        ("from", np.int8),
        ("to", np.int8),
        ("cause", np.int8),
        ("ratio", np.float32),  # nan where no operation won the cell
        ("margin", np.float32),
    ]
)
FOUGHT = (int(Cause.ASSAULT), int(Cause.CEDED))  # the causes that have a ratio and a margin
SQUARE_METRES = 1_000_000  # in a km2


@dataclass(frozen=True)
class Record:
    """What was kept of some runs.  `Record.join` puts batches together.

    runs            (R,)           int32    numbers of the runs in the ensemble
    days            int                     days simulated, D
    held            (D+1, C, F+1)  uint16   number of runs in which each held the cell (uint32
                                            beyond 65,535 runs)
    area_m2         (R, D+1, F+1)  int64    m2 held
    fighters        (R, D+1, F)    int64    persons in the open
    covert          (R, D+1, F)    int64    members of hidden networks
    losses          (R, D+1, F)    int64    persons lost so far
    losses_by_cause (R, F, 8)      int64    ... by `Loss`, at the end
    displaced       (R, D+1)       int64    displaced civilians
    changes         (R, D+1)       int32    changes of control on the day
    start_fighters  (C, F)         int64    persons in the open on day 0, summed over runs
    ledger          (K,)           CHANGE   changes of control, ordered by run, day, cell
    in_force        (K, ceil(V/8)) uint8    the events in force on each, packed bits
    incidents       (N,)           INCIDENT ordered by run and day
    incident_run    (N,)           int32
    incident_day    (N,)           int16
    dropped         int                     incidents that a full day could not keep
    """

    runs: Array
    days: int
    held: Array
    area_m2: Array
    fighters: Array
    covert: Array
    losses: Array
    losses_by_cause: Array
    displaced: Array
    changes: Array
    start_fighters: Array
    ledger: Array
    in_force: Array
    incidents: Array
    incident_run: Array
    incident_day: Array
    dropped: int

    @staticmethod
    def join(records: list[Record], held: Array | None = None) -> Record:
        """One record of all batches, runs in ascending order; the batches must not overlap.

        held  the sum of their counts, where it was made before; those of the batches are not read
        """
        records = sorted(records, key=lambda record: int(record.runs[0]))
        first = records[0]
        if held is None:
            total = HeldSum(sum(len(record.runs) for record in records))
            for record in records:
                total.add(record.held)
            held = total.held
        if len(records) == 1:
            return replace(first, held=held)
        runs = np.concatenate([record.runs for record in records])
        start_fighters = np.zeros_like(first.start_fighters)
        for record in records:  # in their order: sums of floats depend on it
            start_fighters += record.start_fighters
        joined = {
            name: np.concatenate([getattr(record, name) for record in records])
            for name in (
                "area_m2", "fighters", "covert", "losses", "losses_by_cause", "displaced",
                "changes", "ledger", "in_force", "incidents", "incident_run", "incident_day",
            )
        }  # fmt: skip
        return Record(
            runs=runs,
            days=first.days,
            held=held,
            start_fighters=start_fighters,
            dropped=sum(record.dropped for record in records),
            **joined,
        )


class HeldSum:
    """Adds up the counts of batches as they end, so that only those under way take their room.

    held  (D+1, C, F+1)  uint16 (uint32 for more than 65,535 runs)

    Counts are whole, so the order in which batches end changes no bit.
    """

    def __init__(self, runs: int) -> None:
        self.held: Array = np.zeros((0, 0, 0), np.uint16 if runs <= 65_535 else np.uint32)
        self._lock = threading.Lock()

    def add(self, held: Array) -> None:
        """Add the counts of a batch; any thread may."""
        with self._lock:
            if self.held.size == 0:
                self.held = held.astype(self.held.dtype)
            else:
                self.held += held

    def take(self, record: Record) -> Record:
        """Add the counts of a batch; the same record without them."""
        self.add(record.held)
        return replace(record, held=np.zeros((0, 0, 0), record.held.dtype))


@dataclass
class _Events:
    """Where and for whom each event counts, to find those behind a change of control.

    here      (V, C)    bool  the cell lies in its area; an event without one is national
    concerns  (V, F+1)  bool  the faction acts in it or is its object
    """

    here: Array
    concerns: Array

    @classmethod
    def of(cls, scenario: CompiledScenario) -> _Events:
        cells, factions = len(scenario.holder), scenario.factions
        here = np.zeros((len(scenario.events), cells), np.bool_)
        concerns = np.zeros((len(scenario.events), factions + 1), np.bool_)
        for v, event in enumerate(scenario.events):
            if len(event.cells) == 0 or event.kind is EventKind.STANCE:
                here[v] = True
            else:
                here[v, event.cells] = True
            for faction in (event.faction, event.other):
                if faction != NOBODY:
                    concerns[v, faction] = True
        return cls(here, concerns)


@dataclass
class _Kept:
    """Rows of one batch, a list per day until the end."""

    ledger: list[Array] = field(default_factory=list)
    in_force: list[Array] = field(default_factory=list)
    incidents: list[Array] = field(default_factory=list)
    incident_run: list[Array] = field(default_factory=list)
    incident_day: list[Array] = field(default_factory=list)


class Recorder:
    """Watches one batch: made from the start, `day` after every day, `record` at the end.

    scenario  the scenario that runs
    state     the batch on day 0, before anything happened; read, never kept
    runs      (R,) the numbers of the runs in the whole ensemble; 0, 1, ... if not given
    days      days that will be simulated; the scenario's calendar if not given
    """

    def __init__(
        self,
        scenario: CompiledScenario,
        state: State,
        *,
        runs: Array | None = None,
        days: int | None = None,
    ) -> None:
        R, C = state.holder.shape
        F = scenario.factions
        D = scenario.days if days is None else days
        self._runs = np.arange(R, dtype=np.int32) if runs is None else runs.astype(np.int32)
        self._area = np.rint(scenario.theatre.mesh.area.astype(np.float64) * SQUARE_METRES)
        self._area = self._area.astype(np.int64)
        self._events = _Events.of(scenario)
        self._days = D
        self._entry = 0
        self._dropped = 0
        self._kept = _Kept()

        self._holder = state.holder.copy()
        self._now = np.zeros((C, F + 1), np.uint16)  # holders this evening, carried from day to day
        self._square_metres = np.zeros((R, F + 1), np.int64)
        for f in range(F + 1):
            here = self._holder == (NOBODY if f == F else f)
            self._now[:, f] = np.count_nonzero(here, axis=0)
            self._square_metres[:, f] = np.where(here, self._area, 0).sum(axis=1)

        self._held = np.zeros((D + 1, C, F + 1), np.uint16)
        self._area_m2 = np.zeros((R, D + 1, F + 1), np.int64)
        self._fighters = np.zeros((R, D + 1, F), np.int64)
        self._covert = np.zeros((R, D + 1, F), np.int64)
        self._losses = np.zeros((R, D + 1, F), np.int64)
        self._by_cause = np.zeros((R, F, len(Loss)), np.int64)
        self._displaced = np.zeros((R, D + 1), np.int64)
        self._changes = np.zeros((R, D + 1), np.int32)
        self._start_fighters = state.fighters.sum(axis=0, dtype=np.int64)
        self._sums(state)

    def day(self, state: State) -> None:
        """Keep one simulated day.

        Reads `cause`, `ratio`, `margin`, `active` and the incidents as that day left them, so it
        must be called before the next day begins.
        """
        self._entry += 1
        self._ledger(state)
        self._incidents(state)
        self._sums(state)

    def record(self) -> Record:
        """All that was kept, cut to the days that were simulated."""
        end = self._entry + 1
        kept = self._kept
        ledger = np.concatenate([np.zeros(0, CHANGE), *kept.ledger])
        width = (len(self._events.here) + 7) // 8
        in_force = np.concatenate([np.zeros((0, width), np.uint8), *kept.in_force])
        run = np.concatenate([np.zeros(0, np.int32), *kept.incident_run])
        day = np.concatenate([np.zeros(0, np.int16), *kept.incident_day])
        incidents = np.concatenate([np.zeros(0, INCIDENT), *kept.incidents])
        by_run = np.lexsort((ledger["cell"], ledger["day"], ledger["run"]))
        order = np.argsort(run, kind="stable")
        return Record(
            runs=self._runs,
            days=self._entry,
            held=self._held[:end],
            area_m2=self._area_m2[:, :end],
            fighters=self._fighters[:, :end],
            covert=self._covert[:, :end],
            losses=self._losses[:, :end],
            losses_by_cause=self._by_cause,
            displaced=self._displaced[:, :end],
            changes=self._changes[:, :end],
            start_fighters=self._start_fighters,
            ledger=ledger[by_run],
            in_force=in_force[by_run],
            incidents=incidents[order],
            incident_run=run[order],
            incident_day=day[order],
            dropped=self._dropped,
        )

    def _ledger(self, state: State) -> None:
        """Find today's changes and carry the counts over; the rest of the map is left alone."""
        row, cell = np.nonzero(state.holder != self._holder)
        if len(row) == 0:
            return
        before, after = self._holder[row, cell], state.holder[row, cell]
        self._holder[row, cell] = after
        np.subtract.at(self._now, (cell, before), 1)
        np.add.at(self._now, (cell, after), 1)
        np.subtract.at(self._square_metres, (row, before), self._area[cell])
        np.add.at(self._square_metres, (row, after), self._area[cell])
        self._changes[:, self._entry] = np.bincount(row, minlength=len(self._runs))

        rows = np.zeros(len(row), CHANGE)
        rows["run"], rows["day"], rows["cell"] = self._runs[row], self._entry, cell
        rows["from"], rows["to"], rows["cause"] = before, after, state.cause[row, cell]
        fought = np.isin(rows["cause"], FOUGHT)
        rows["ratio"] = np.where(fought, state.ratio[row, cell], np.nan)
        rows["margin"] = np.where(fought, state.margin[row, cell], np.nan)
        self._kept.ledger.append(rows)

        events = self._events
        in_force = state.active[row] & events.here[:, cell].T
        in_force &= events.concerns[:, before].T | events.concerns[:, after].T
        self._kept.in_force.append(np.packbits(in_force, axis=1))

    def _incidents(self, state: State) -> None:
        kept = np.minimum(state.incident_count, state.incidents.shape[1])
        self._dropped += int((state.incident_count - kept).sum())
        most = int(kept.max(initial=0))
        if most == 0:
            return
        there = np.arange(most) < kept[:, None]
        row = np.nonzero(there)[0]
        self._kept.incidents.append(state.incidents[:, :most][there])
        self._kept.incident_run.append(self._runs[row])
        self._kept.incident_day.append(np.full(len(row), self._entry, np.int16))

    def _sums(self, state: State) -> None:
        k = self._entry
        self._held[k] = self._now
        self._area_m2[:, k] = self._square_metres
        R, F = self._fighters.shape[0], self._fighters.shape[2]
        in_the_open, hidden = np.empty((R, F), np.int64), np.empty((R, F), np.int64)
        head_counts(state.fighters, state.covert, in_the_open, hidden)
        self._fighters[:, k], self._covert[:, k] = in_the_open, hidden
        self._by_cause[...] = state.losses
        self._losses[:, k] = state.losses.sum(axis=2)
        self._displaced[:, k] = state.displaced.sum(axis=1, dtype=np.int64)
