"""Jobs: one ensemble at a time in the background, whoever looks; equal requests share one.

The engine uses every core, so a second ensemble beside the first would only delay both.  Its
threads have the priority of the pages' threads: with a lower one they were starved by whatever
else ran on the machine, and the pages with them, for they wait for Python's lock.
"""

from __future__ import annotations

import gc
import sys
import threading
import traceback
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Literal, Protocol

from dashboard.runs.compiled import compiled
from dashboard.runs.keys import engine, fingerprint, result_key
from dashboard.runs.lru import Lru
from dashboard.runs.memory import check_memory, free_bytes, lower
from dashboard.runs.pace import Pace
from dashboard.runs.request import Request
from dashboard.runs.store import Store, kept_folder
from dashboard.texts import say
from sim import BadiaError, CompiledScenario, Result, simulate

State = Literal["queued", "running", "done", "failed", "stopped"]

LIMIT = 1_500_000_000  # bytes of results held in memory
NOTED = 10_000  # keys of requests held in memory
SETTING = 10_000_000  # bytes of a loaded result besides its arrays and tables ...
SETTING_PER_CELL = 3_000  # ... and for each cell: outlines, names, neighbours (measured: 3.1 kB)
JOB = 10_000  # bytes of a job without a result


class Simulate(Protocol):
    """What the board needs of `sim.simulate`."""

    def __call__(
        self,
        scenario: CompiledScenario,
        *,
        runs: int,
        seed: int,
        progress: Callable[[int, int], None],
        stop: Callable[[], bool],
    ) -> Result:
        """Run an ensemble."""


@dataclass(frozen=True)
class Progress:
    """How far a job is, at one moment.

    share_done    0 to 1, by days simulated over all runs
    seconds_left  None while it cannot be told yet
    ahead         jobs that come before this one
    """

    state: State
    runs_done: int
    share_done: float
    seconds_left: float | None
    ahead: int


class Job:
    """One request on its way to a result.  Any thread may read it at any time.

    Whoever shows several of its fields together reads `progress()` once.
    """

    def __init__(self, key: str, request: Request, board: Board) -> None:
        self.key = key
        self.request = request
        self.runs = request.runs
        self._board = board
        self._now = Progress("queued", 0, 0.0, None, 0)  # replaced whole, never changed
        self._stop = threading.Event()
        self._ended = threading.Event()
        self._result: Result | None = None
        self._error: BadiaError | None = None

    def progress(self) -> Progress:
        """How far it is."""
        now = self._now
        return replace(now, ahead=self._board._before(self)) if now.state == "queued" else now

    @property
    def state(self) -> State:
        """Where it stands; done, failed and stopped are final."""
        return self._now.state

    @property
    def runs_done(self) -> int:
        """Runs that are simulated to their end."""
        return self._now.runs_done

    @property
    def share_done(self) -> float:
        """How much is simulated, 0 to 1."""
        return self._now.share_done

    @property
    def seconds_left(self) -> float | None:
        """An estimate; None while it cannot be told yet."""
        return self._now.seconds_left

    @property
    def ahead(self) -> int:
        """Jobs that come before it."""
        return self.progress().ahead

    @property
    def error(self) -> BadiaError | None:
        """Why there is no result, in words for the viewer."""
        return self._error

    @property
    def result(self) -> Result | None:
        """The result once it is done; if it was stopped, the runs that were done, if any."""
        return self._result

    def stop(self) -> None:
        """End it, for everybody who shares it: at once if it waits, else after the current day."""
        self._stop.set()
        self._board._leave_queue(self)

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it has ended; False if it has not within `timeout` seconds."""
        return self._ended.wait(timeout)

    # --- for the board, which alone changes it ---

    def _go(self, runs_done: int, share_done: float, seconds_left: float | None) -> None:
        self._now = Progress("running", runs_done, share_done, seconds_left, 0)

    def _finish(self, result: Result) -> None:
        self._result = result
        state: State = "stopped" if result.interrupted else "done"
        share = self._now.share_done if result.interrupted else 1.0
        self._now = Progress(state, result.runs, share, None, 0)
        self._ended.set()

    def _give_up(self, state: Literal["failed", "stopped"], error: BadiaError) -> None:
        self._error = error
        self._now = replace(self._now, state=state, seconds_left=None)
        self._ended.set()


class Board:
    """The jobs of this process: those under way, and those that ended lately with their results.

    store  finished results on disk; None keeps nothing there
    limit  bytes of results held in memory
    run    the engine
    free   bytes of memory that may be taken; None where that is not known
    """

    def __init__(
        self,
        store: Store | None,
        *,
        limit: int = LIMIT,
        run: Simulate = simulate,
        free: Callable[[], int | None] = free_bytes,
    ) -> None:
        self._store, self._run, self._free = store, run, free
        self._kept: Lru[str, Job] = Lru(limit, _weight)
        self._keys: Lru[str, str] = Lru(NOTED)
        self._reading = threading.Lock()
        self._change = threading.Condition()  # guards what follows
        self._live: dict[str, Job] = {}  # waits, runs, or is being written to disk
        self._queue: deque[tuple[Job, CompiledScenario]] = deque()
        self._worker: threading.Thread | None = None

    def find(self, request: Request) -> Job | None:
        """The job of a request: under way, ended lately, or kept on disk.  Never starts one.

        Raises ScenarioError where the scenario cannot be used.
        """
        key = self._key(request)
        with self._change:
            job = self._live.get(key)
        return job or self._kept.get(key) or self._read(key, request)

    def submit(self, request: Request) -> Job:
        """The job of a request: the one that `find` knows, or a new one.

        One that failed or was stopped is run again.  Raises ScenarioError where the scenario
        cannot be used.
        """
        job = self.find(request)
        if job is not None and job.state not in ("failed", "stopped"):
            return job
        scenario = compiled(request)
        key = result_key(scenario, request)
        with self._change:
            other = self._live.get(key) or self._kept.get(key)  # another viewer was faster
            if other is not None and other.state not in ("failed", "stopped"):
                return other
            job = Job(key, request, self)
            self._live[key] = job
            self._queue.append((job, scenario))
            if self._worker is None:
                self._worker = threading.Thread(target=self._work, name="runs", daemon=True)
                self._worker.start()
            self._change.notify()
        return job

    def read_ahead(self) -> None:
        """Read the result that was used last, before anyone asks for it."""
        if self._store is not None:
            self._store.read_ahead()

    # --- finding ---

    def _key(self, request: Request) -> str:
        """The key of a request's result, without loading the scenario if it was ever known."""
        name = fingerprint(request)
        key = self._keys.get(name)
        if key is None and self._store is not None:
            key = self._store.key_of(name)
        if key is None:
            key = result_key(compiled(request), request)
            if self._store is not None:
                self._store.note(name, key)
        self._keys.put(name, key)
        return key

    def _read(self, key: str, request: Request) -> Job | None:
        """The job of a result on disk; threads that ask for the same one read it once."""
        if self._store is None or key not in self._store:
            return None
        with self._reading:
            job = self._kept.get(key)
            if job is not None:
                return job
            result = self._store.load(key)
            if result is None:
                return None
            job = Job(key, request, self)
            job._finish(result)
            self._kept.put(key, job)
            return job

    # --- the queue ---

    def _before(self, job: Job) -> int:
        """How many jobs come before one that waits."""
        with self._change:
            waiting = [other for other, _ in self._queue]
            running = any(other.state == "running" for other in self._live.values())
            return waiting.index(job) + running if job in waiting else 0

    def _leave_queue(self, job: Job) -> None:
        """Stop a job that waits; one that runs asks for itself whether it is to stop."""
        with self._change:
            rest = deque(pair for pair in self._queue if pair[0] is not job)
            if len(rest) < len(self._queue):
                self._queue = rest
                del self._live[job.key]
                job._give_up("stopped", BadiaError(say("runs.error.stopped-early")))
                self._kept.put(job.key, job)

    def _work(self) -> None:
        """Run what waits, for as long as the process lives."""
        while True:
            with self._change:
                self._change.wait_for(lambda: self._queue)
                job, scenario = self._queue.popleft()
                job._go(0, 0.0, None)
            result = self._result(job, scenario)
            self._kept.put(job.key, job)
            if result is not None and not result.interrupted and self._store is not None:
                self._store.save(job.key, result)
            with self._change:
                if self._live.get(job.key) is job:  # else it was asked for again meanwhile
                    del self._live[job.key]
            del job, scenario, result  # what is no longer kept must not stay until the next job

    def _result(self, job: Job, scenario: CompiledScenario) -> Result | None:
        """Run one job to its end, good or bad."""
        request = job.request
        total = request.runs * scenario.days
        pace = Pace(total)
        try:
            self._make_room(scenario, request)
            result = self._run(
                scenario,
                runs=request.runs,
                seed=request.seed,
                progress=lambda runs, days: job._go(runs, days / total, pace.left(days)),
                stop=job._stop.is_set,
            )
        except BadiaError as error:
            if job._stop.is_set():
                job._give_up("stopped", BadiaError(say("runs.error.stopped-early")))
            else:
                job._give_up("failed", error)
        except MemoryError:
            job._give_up("failed", BadiaError(say("runs.error.memory-out", what=lower(scenario))))
        except BaseException as defect:  # also what a doctrine may raise: the queue goes on
            traceback.print_exc(file=sys.stderr)
            kind = type(defect).__name__
            job._give_up("failed", BadiaError(say("runs.error.defect", kind=kind)))
        else:
            job._finish(result)
            return result
        return None

    def _make_room(self, scenario: CompiledScenario, request: Request) -> None:
        """Raise BadiaError if memory is short even without the results that are held."""
        try:
            check_memory(scenario, request, self._free())
        except BadiaError:
            self._kept.clear()
            gc.collect()
            check_memory(scenario, request, self._free())


def _weight(job: Job) -> int:
    """Bytes of memory that a job takes with its result."""
    result = job.result
    if result is None:
        return JOB
    tables = sum(int(t.memory_usage(deep=True).sum()) for t in (result.ledger, result.incidents))
    setting = SETTING + SETTING_PER_CELL * result.setting.cells
    return int(result.dataset.nbytes) + tables + setting


_board: Board | None = None
_making = threading.Lock()


def board() -> Board:
    """The one board of this process."""
    global _board
    with _making:
        if _board is None:
            _board = Board(Store(kept_folder()))
        return _board


def preload() -> None:
    """Load what the first viewer would wait for; takes seconds, so call it while starting."""
    import_module("sim").TerritoryModel  # noqa: B018  # with it come the kernels
    engine()
    board().read_ahead()
