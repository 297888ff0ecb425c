"""Ensembles: many runs of one scenario, in batches, as one result.

A run belongs to its number, not to its batch: splitting an ensemble differently, or stopping and
asking for fewer runs, changes no bit of the runs that are done.
"""

from __future__ import annotations

import os
import platform
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from importlib import metadata
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from sim.errors import BadiaError, StoppedError
from sim.record import Record, Recorder, Series
from sim.result import Result
from sim.scenario.compiled import CompiledScenario
from sim.setting import Setting
from sim.state import State
from sim.workers import free_cores, work_through

if TYPE_CHECKING:
    from sim.mechanisms.base import World

Array = NDArray[Any]

BATCH_CELLS = 100_000  # runs x cells that one thread holds: 19 runs at resolution 6
LARGEST_BATCH = 128  # keeps the first progress report and a clean stop near on small theatres
SMALL = 500_000  # cell-days that one thread does in a few hundredths of a second
LIBRARIES = ("numpy", "numba", "mesa", "xarray", "pandas", "h3", "shapely")


class Model(Protocol):
    """What an ensemble needs of a model: `sim.model.TerritoryModel` is one."""

    @property
    def state(self) -> State:
        """The batch as it stands."""

    @property
    def world(self) -> World:
        """What never changes; its parameters have one record for each run."""

    def step(self) -> None:
        """Simulate one day."""


class ModelFactory(Protocol):
    """Makes the model of one batch: `TerritoryModel`, or a class derived from it."""

    def __call__(
        self,
        scenario: CompiledScenario,
        *,
        runs: Array,
        seed: int,
        changes: Mapping[str, Any] | None,
    ) -> Model:
        """A model of the runs with these numbers on day 0."""


Progress = Callable[[int, int], None]
"""Called after every day of a batch with (runs finished, days simulated over all runs).

Batches run on threads, so it may be called from any of them, one call at a time.
"""


class _Tally:
    """Adds up what the batches have done and passes it on to `progress`."""

    def __init__(self, days: int, progress: Progress | None) -> None:
        self._days, self._progress = days, progress
        self._lock = threading.Lock()
        self._runs = self._run_days = 0

    def day_done(self, runs: int, day: int) -> None:
        """Count one day of a batch of `runs`."""
        with self._lock:
            self._run_days += runs
            self._runs += runs if day == self._days else 0
            if self._progress is not None:
                self._progress(self._runs, self._run_days)


def simulate(
    scenario: CompiledScenario,
    *,
    runs: int = 200,
    seed: int = 1,
    days: int | None = None,
    batch: int | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
    changes: Mapping[str, Any] | None = None,
    stop: Callable[[], bool] | None = None,
    model: ModelFactory | None = None,
) -> Result:
    """Run an ensemble.

    runs      number of runs, 1 or more; their numbers are 0 to runs - 1
    seed      with the scenario and the version it names the result
    days      days to simulate; the scenario's whole calendar if not given
    batch     runs simulated side by side; chosen by the size of the theatre if not given
    threads   batches simulated at once; if not given, one for each core that is free, and one only
              where the work is small
    progress  told how far it is; `runs * days` days make the whole
    changes   parameters by name: one value for all runs, or one for each run, (runs,)
    stop      asked after every day; when true the ensemble ends
    model     makes the model of a batch; `TerritoryModel` if not given

    Stopped, or interrupted with Ctrl-C, it keeps the batches that are done and says so in
    `Result.interrupted`.  Raises BadiaError where there is nothing to keep or nothing to run;
    Ctrl-C before the first batch is done stays KeyboardInterrupt.
    """
    days = scenario.days if days is None else days
    cells = len(scenario.holder)
    if threads is None:
        threads = free_cores() if runs * days * cells > SMALL else 1
    _check(scenario, runs=runs, days=days, batch=batch, threads=threads, changes=changes)
    make = model if model is not None else _territory_model()
    halt = threading.Event()
    tally = _Tally(days, progress)
    size = batch or batch_size(cells)
    clock = time.perf_counter()
    series = _room(scenario, runs, days)

    def work(numbers: Array) -> tuple[Record, dict[str, Array]] | None:
        return _batch(
            make,
            scenario,
            numbers,
            seed,
            series.part(numbers[0], numbers[-1] + 1),
            _slice(changes, numbers),
            lambda day: tally.day_done(len(numbers), day),
            lambda: halt.is_set() or (stop is not None and stop()),
        )

    results, interrupted = work_through(batches(runs, size, threads), work, threads, halt=halt)
    finished = [pair for pair in results if pair is not None]
    if not finished:
        if interrupted:
            raise KeyboardInterrupt
        raise StoppedError("Stopped before the first runs were done: there is nothing to keep.")
    records = [record for record, _ in finished]
    drawn = [parameters for _, parameters in finished]
    done = sum(len(record.runs) for record in records)
    elapsed = time.perf_counter() - clock
    record = Record.join(records)
    names = _differing(scenario, changes)
    parameters = {name: np.concatenate([part[name] for part in drawn]) for name in names}
    manifest = {
        "scenario": scenario.name,
        "title": scenario.title,
        "digest": scenario.digest,
        "as_of": scenario.as_of.isoformat() if scenario.as_of else None,
        "start": scenario.start.isoformat(),
        "seed": seed,
        "runs": done,
        "runs_asked": runs,
        "days": days,
        "cells": cells,
        "parameters": scenario.parameters.model_dump(),
        "ranges": {name: list(pair) for name, pair in sorted(scenario.ranges.items())},
        "posterior": _posterior(scenario),
        "changes": {name: _plain(value) for name, value in sorted((changes or {}).items())},
        "interrupted": done < runs,
        "warnings": _warnings(record, runs, done),
        "elapsed_s": elapsed,
        "cell_days_per_s": done * days * cells / elapsed if elapsed else 0.0,
        **environment(threads),
    }
    return Result.of(record, Setting.of(scenario), manifest, parameters)


def _room(scenario: CompiledScenario, runs: int, days: int) -> Series:
    """Room for the daily sums of all runs: batches write theirs side by side."""
    try:
        return Series.empty(scenario, runs, days)
    except (MemoryError, ValueError) as error:  # more than there is; more than there are addresses
        raise BadiaError(
            f"{runs:,} runs of {days} days need more memory than this machine can give: "
            "ask for fewer."
        ) from error


def batch_size(cells: int) -> int:
    """Runs to simulate side by side on a theatre of that many cells."""
    return max(1, min(LARGEST_BATCH, BATCH_CELLS // max(cells, 1)))


def batches(runs: int, size: int, threads: int) -> list[Array]:
    """The run numbers of each batch: no larger than `size`, even, with work for every thread."""
    count = -(-runs // size)
    count = min(runs, -(-count // threads) * threads)
    return np.array_split(np.arange(runs, dtype=np.int32), count)


def environment(threads: int) -> dict[str, Any]:
    """Version, machine and libraries, as a manifest names them; no host or user name."""
    return {
        "version": version(),
        "python": platform.python_version(),
        "libraries": {name: metadata.version(name) for name in LIBRARIES},
        "machine": {
            "system": platform.system(),
            "processor": platform.processor() or platform.machine(),
            "cores": os.cpu_count(),
            "threads": threads,
        },
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def version() -> str:
    """The installed version of Badia."""
    try:
        return metadata.version("badia")
    except metadata.PackageNotFoundError:
        return "0+unknown"


def _batch(
    make: ModelFactory,
    scenario: CompiledScenario,
    numbers: Array,
    seed: int,
    series: Series,
    changes: Mapping[str, Any] | None,
    told: Callable[[int], None],
    stop: Callable[[], bool],
) -> tuple[Record, dict[str, Array]] | None:
    """Run one batch to its end: its record and its parameters; None if it was stopped."""
    if stop():
        return None
    model = make(scenario, runs=numbers, seed=seed, changes=changes)
    recorder = Recorder(scenario, model.state, runs=numbers, series=series)
    for day in range(1, series.days + 1):
        model.step()
        recorder.day(model.state)
        told(day)
        if day < series.days and stop():
            return None
    table = model.world.parameters
    done = recorder.record(), {name: table[name].copy() for name in table.dtype.names or ()}
    getattr(model, "release", lambda: None)()  # a model of a user's own need not have it
    return done


def _check(
    scenario: CompiledScenario,
    *,
    runs: int,
    days: int,
    batch: int | None,
    threads: int,
    changes: Mapping[str, Any] | None,
) -> None:
    if runs < 1:
        raise BadiaError(f"An ensemble needs at least 1 run; {runs} were asked for.")
    if not 1 <= days <= scenario.days:
        raise BadiaError(
            f"{scenario.name} can run for 1 to {scenario.days} days; {days} were asked for."
        )
    if batch is not None and batch < 1:
        raise BadiaError(f"A batch needs at least 1 run; {batch} were asked for.")
    if threads < 1:
        raise BadiaError(f"At least 1 thread is needed; {threads} were asked for.")
    known = type(scenario.parameters).model_fields
    for name, value in (changes or {}).items():
        if name not in known:
            from rapidfuzz import process

            near = process.extractOne(name, list(known), score_cutoff=60)
            hint = f" Did you mean '{near[0]}'?" if near else ""
            raise BadiaError(f"The model has no parameter '{name}'.{hint}")
        if np.ndim(value) and np.shape(value) != (runs,):
            raise BadiaError(
                f"The parameter '{name}' has values of shape {np.shape(value)}; "
                f"expected one value, or one for each of the {runs} runs."
            )


def _slice(changes: Mapping[str, Any] | None, numbers: Array) -> dict[str, Any] | None:
    """The changes of the runs of one batch."""
    if changes is None:
        return None
    return {
        name: np.asarray(value)[numbers] if np.ndim(value) else value
        for name, value in changes.items()
    }


def _differing(scenario: CompiledScenario, changes: Mapping[str, Any] | None) -> list[str]:
    """Names of the parameters that may differ from run to run, in order."""
    changed = {name for name, value in (changes or {}).items() if np.ndim(value)}
    fixed = {name for name, value in (changes or {}).items() if not np.ndim(value)}
    drawn = set(scenario.ranges) | set(scenario.posterior.names if scenario.posterior else ())
    return sorted((drawn | changed) - fixed)


def _posterior(scenario: CompiledScenario) -> dict[str, Any] | None:
    """Which draws of which parameters the runs took: the digest of the table, and the names."""
    if scenario.posterior is None:
        return None
    return {"digest": scenario.posterior.digest, "names": list(scenario.posterior.names)}


def _plain(value: Any) -> Any:
    return np.asarray(value).tolist()


def _warnings(record: Record, asked: int, done: int) -> list[str]:
    """What the reader of a result must know."""
    warnings = []
    if done < asked:
        warnings.append(f"Stopped early: {done} of {asked} runs were done and kept.")
    if record.dropped:
        warnings.append(
            f"{record.dropped} incidents were not kept: more happened in a day than a run can "
            "record. Maps, series and the ledger are complete."
        )
    return warnings


def _territory_model() -> ModelFactory:
    """The model itself, imported late: with it come the kernels, which take time to load."""
    from sim.model import TerritoryModel

    return TerritoryModel
