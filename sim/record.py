"""What is kept of each day: counts of holders, daily series, the ledger and the incidents.

The record watches a batch of runs and decides nothing.  It keeps no history of maps: per run only
sums, and one row for each change of control, from which follows how many runs held a cell on a day.
All that is summed is whole numbers (runs, persons, square metres), so that no bit depends on how
the runs were split into batches.

Entry 0 of a daily axis is the start; entry k is the evening of the k-th simulated day, whose date
is start + (k - 1).  R runs, C cells, F factions, V events, D days, K changes, N incidents.  The
axis of length F+1 holds the factions and then nobody, so that NOBODY (-1) indexes its last place.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.kept import kept
from sim.kernels.record import keep_day
from sim.scenario.compiled import NOBODY, CompiledScenario, EventKind
from sim.state import INCIDENT, Loss, State

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
SQUARE_METRES = 1_000_000  # in a km2


@dataclass(frozen=True)
class Record:
    """What was kept of some runs.  `Record.join` puts batches together.

    runs            (R,)           int32    numbers of the runs in the ensemble
    days            int                     days simulated, D
    start           (C, F+1)       int64    number of runs in which each held the cell on day 0
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
    start: Array
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

    @property
    def held(self) -> Array:
        """Number of runs in which each held the cell, (D+1, C, F+1) uint16 (uint32 for more than
        65,535 runs): the start, and every evening what the ledger moved.  Added up anew each time:
        it is large, and needed once.
        """
        kind = np.uint16 if len(self.runs) <= 65_535 else np.uint32
        held = np.zeros((self.days + 1, *self.start.shape), kind)
        held[0] = self.start
        day, cell = self.ledger["day"], self.ledger["cell"]
        np.add.at(held, (day, cell, self.ledger["to"]), 1)
        np.subtract.at(held, (day, cell, self.ledger["from"]), 1)  # below zero it wraps, and back
        for yesterday, today in pairwise(held):
            today += yesterday
        return held

    @staticmethod
    def join(records: list[Record]) -> Record:
        """One record of all batches, runs in ascending order; the batches must not overlap."""
        if len(records) == 1:
            return records[0]
        records = sorted(records, key=lambda record: int(record.runs[0]))
        joined = {
            name: _end_to_end([getattr(record, name) for record in records])
            for name in (
                "runs", "area_m2", "fighters", "covert", "losses", "losses_by_cause", "displaced",
                "changes", "ledger", "in_force", "incidents", "incident_run", "incident_day",
            )
        }  # fmt: skip
        return Record(
            days=records[0].days,
            start=np.sum([record.start for record in records], axis=0),
            start_fighters=np.sum([record.start_fighters for record in records], axis=0),
            dropped=sum(record.dropped for record in records),
            **joined,
        )


def _end_to_end(parts: list[Array]) -> Array:
    """Arrays one after the other: where they lie so in memory, without a copy.  Records are joined
    as plain bytes: NumPy would copy them field by field, which takes many times as long.
    """
    kind, whole = parts[0].dtype, parts[0].base
    if whole is not None and _lie_end_to_end(parts, whole):
        return whole
    if kind.names is None:
        return np.concatenate(parts)
    return np.concatenate([part.view((np.void, kind.itemsize)) for part in parts]).view(kind)


def _lie_end_to_end(parts: list[Array], whole: Array) -> bool:
    """Whether the parts are all of `whole`, in its order."""
    at = whole.ctypes.data
    for part in parts:
        if part.base is not whole or part.ctypes.data != at or not part.flags.c_contiguous:
            return False
        at += part.nbytes
    return at == whole.ctypes.data + whole.nbytes


class Fixed(NamedTuple):
    """What the kernel must know to keep a day.

    runs      (R,)      int32  numbers of the runs in the ensemble
    area_m2   (C,)      int64
    here      (V, C)    bool   the cell lies in the event's area; one without an area is national
    concerns  (V, F+1)  bool   the faction acts in the event or is its object
    holder    (R, C)    int8   the last map that was kept
    """

    runs: Array
    area_m2: Array
    here: Array
    concerns: Array
    holder: Array


class Series(NamedTuple):
    """Sums of every evening, and of the start; fields as in `Record`."""

    area_m2: Array
    fighters: Array
    covert: Array
    losses: Array
    losses_by_cause: Array
    displaced: Array
    changes: Array
    start: Array
    start_fighters: Array

    @classmethod
    def empty(cls, scenario: CompiledScenario, runs: int, days: int) -> Series:
        """Room for the sums of so many runs."""
        R, D, C, F = runs, days, len(scenario.holder), scenario.factions
        return cls(
            area_m2=np.zeros((R, D + 1, F + 1), np.int64),
            fighters=np.zeros((R, D + 1, F), np.int64),
            covert=np.zeros((R, D + 1, F), np.int64),
            losses=np.zeros((R, D + 1, F), np.int64),
            losses_by_cause=np.zeros((R, F, len(Loss)), np.int64),
            displaced=np.zeros((R, D + 1), np.int64),
            changes=np.zeros((R, D + 1), np.int32),
            start=np.zeros((C, F + 1), np.int64),
            start_fighters=np.zeros((C, F), np.int64),
        )

    @property
    def days(self) -> int:
        """Days for which there is room."""
        return self.displaced.shape[1] - 1

    def part(self, first: int, last: int) -> Series:
        """The room of the runs from `first` to before `last`; sums over runs begin anew."""
        of_runs = [array[first:last] for array in self[:-2]]
        return Series._make([*of_runs, *map(np.zeros_like, self[-2:])])


class Rows(NamedTuple):
    """Rows of one batch as they come, with room for more; fields as in `Record`.

    used  (3,) int64  rows of the ledger, incidents, and incidents that were dropped
    """

    ledger: Array
    in_force: Array
    incidents: Array
    incident_run: Array
    incident_day: Array
    used: Array


def _room(changes: int, width: int, incidents: int) -> Rows:
    """Room for so many rows.  Memory that nothing was written to is not taken."""
    return Rows(
        ledger=np.empty(changes, CHANGE),
        in_force=np.empty((changes, width), np.uint8),
        incidents=np.empty(incidents, INCIDENT),
        incident_run=np.empty(incidents, np.int32),
        incident_day=np.empty(incidents, np.int16),
        used=np.zeros(3, np.int64),
    )


@kept
def _where_events_count(scenario: CompiledScenario) -> tuple[Array, Array]:
    """Where and for whom each event counts: `here` and `concerns` of `Fixed`."""
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
    return here, concerns


class Recorder:
    """Watches one batch: made from the start, `day` after every day, `record` at the end.

    scenario  the scenario that runs
    state     the batch on day 0, before anything happened; read, never kept
    runs      (R,) the numbers of the runs in the whole ensemble; 0, 1, ... if not given
    days      days that will be simulated; the scenario's calendar if not given
    series    where to write the sums, room for as many runs and days; its own if not given
    """

    def __init__(
        self,
        scenario: CompiledScenario,
        state: State,
        *,
        runs: Array | None = None,
        days: int | None = None,
        series: Series | None = None,
    ) -> None:
        R, C = state.holder.shape
        if series is None:
            series = Series.empty(scenario, R, scenario.days if days is None else days)
        area = scenario.theatre.mesh.area.astype(np.float64)
        here, concerns = _where_events_count(scenario)
        self._entry = 0
        self._fixed = Fixed(
            runs=np.arange(R, dtype=np.int32) if runs is None else runs.astype(np.int32),
            area_m2=np.rint(area * SQUARE_METRES).astype(np.int64),
            here=here,
            concerns=concerns,
            holder=state.holder.copy(),
        )
        self._series = series
        self._in_a_day = R * C, R * state.incidents.shape[1]  # most rows that one day can bring
        self._rows = self._more_room()
        keep_day(0, state.arrays(), self._fixed, self._series, self._rows)

    def day(self, state: State) -> None:
        """Keep one simulated day.

        Reads `cause`, `ratio`, `margin`, `active` and the incidents as that day left them, so it
        must be called before the next day begins.
        """
        self._entry += 1
        rows, (changes, incidents) = self._rows, self._in_a_day
        if rows.used[0] + changes > len(rows.ledger) or rows.used[1] + incidents > len(
            rows.incidents
        ):
            self._rows = self._more_room(rows)
        keep_day(self._entry, state.arrays(), self._fixed, self._series, self._rows)

    def _more_room(self, rows: Rows | None = None) -> Rows:
        """Room for twice the rows that are there and for two days more."""
        width = (len(self._fixed.here) + 7) // 8
        changes, incidents = self._in_a_day
        if rows is None:
            return _room(2 * changes, width, 2 * incidents)
        a, b, _ = rows.used.tolist()
        more = _room(2 * (a + changes), width, 2 * (b + incidents))
        for old, new, n in zip(rows, more, (a, a, b, b, b, 3), strict=True):
            new[:n] = old[:n]
        return more

    def record(self) -> Record:
        """All that was kept, cut to the days that were simulated."""
        end = self._entry + 1
        rows, series = self._rows, self._series
        changes, incidents, dropped = rows.used.tolist()
        ledger = rows.ledger[:changes]
        by_run = np.lexsort((ledger["cell"], ledger["day"], ledger["run"]))
        order = np.argsort(rows.incident_run[:incidents], kind="stable")
        return Record(
            runs=self._fixed.runs,
            days=self._entry,
            start=series.start,
            area_m2=series.area_m2[:, :end],
            fighters=series.fighters[:, :end],
            covert=series.covert[:, :end],
            losses=series.losses[:, :end],
            losses_by_cause=series.losses_by_cause,
            displaced=series.displaced[:, :end],
            changes=series.changes[:, :end],
            start_fighters=series.start_fighters,
            ledger=ledger[by_run],
            in_force=rows.in_force[by_run],
            incidents=rows.incidents[order],
            incident_run=rows.incident_run[order],
            incident_day=rows.incident_day[order],
            dropped=dropped,
        )
