"""Threads that simulate batches: one pool for the whole process, shared by all ensembles.

A thread that waits costs nothing, so the pool stays; ensembles that run at the same time share the
cores instead of each taking all of them.  None of this changes a bit of a result.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import TypeVar

from sim.errors import BadiaError

Job = TypeVar("Job")
Done = TypeVar("Done")

VARIABLE = "BADIA_THREADS"
MOST = 1024  # threads of the pool; it starts one only when a batch waits and none is idle

_lock = threading.Lock()
_busy = 0  # threads that ensembles under way have asked for
_pool: ThreadPoolExecutor | None = None


def _forget() -> None:
    """A forked child has none of its parent's threads."""
    global _lock, _busy, _pool
    _lock, _busy, _pool = threading.Lock(), 0, None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)


def cores() -> int:
    """Cores that this process may use: BADIA_THREADS where set, else what the system allows it."""
    asked = os.environ.get(VARIABLE, "").strip()
    if asked:
        if not asked.isascii() or not asked.isdigit() or not 1 <= int(asked) <= MOST:
            raise BadiaError(f"{VARIABLE}={asked}: expected a number of threads, 1 to {MOST}.")
        return int(asked)
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def free_cores() -> int:
    """Cores that no other ensemble of this process uses, at least 1.

    A task of Dask gets 1: its worker already runs as many tasks at once as it has threads.
    """
    return 1 if _in_a_dask_task() else max(1, cores() - _busy)


def _in_a_dask_task() -> bool:
    dask = sys.modules.get("distributed.worker")
    if dask is None:
        return False
    try:
        dask.get_worker()
    except ValueError:  # this thread belongs to no worker
        return False
    return True


def work_through(
    jobs: Sequence[Job],
    work: Callable[[Job], Done],
    threads: int,
    *,
    halt: threading.Event,
) -> tuple[list[Done], bool]:
    """Do all jobs, at most `threads` at once: what they returned, in order, and whether Ctrl-C
    ended them early.

    With one thread the caller's own does them, else it waits.  The first error sets `halt` and is
    raised when all have ended.
    """
    done: dict[int, Done] = {}
    left = iter(range(len(jobs)))
    take = threading.Lock()

    def lane() -> None:
        while not halt.is_set():
            with take:
                k = next(left, None)
            if k is None:
                return
            done[k] = work(jobs[k])

    threads = min(threads, len(jobs))
    with _lent(threads):
        interrupted = _alone(lane) if threads == 1 else _together(lane, threads, halt)
    return [done[k] for k in sorted(done)], interrupted


def _alone(lane: Callable[[], None]) -> bool:
    try:
        lane()
    except KeyboardInterrupt:
        return True
    return False


def _together(lane: Callable[[], None], threads: int, halt: threading.Event) -> bool:
    """Run as many lanes; whether Ctrl-C ended them early.  One lane's error ends all of them."""
    futures: list[Future[None]] = [_workers().submit(lane) for _ in range(threads)]
    try:
        wait(futures, return_when=FIRST_EXCEPTION)
    except KeyboardInterrupt:
        halt.set()
        wait(futures)
        return True
    except BaseException:
        halt.set()
        wait(futures)
        raise
    errors = [error for future in futures if future.done() and (error := future.exception())]
    if not errors:
        return False
    halt.set()
    wait(futures)
    if isinstance(errors[0], KeyboardInterrupt):
        return True
    raise errors[0]


def _workers() -> ThreadPoolExecutor:
    global _pool
    with _lock:
        if _pool is None:
            _pool = ThreadPoolExecutor(MOST, thread_name_prefix="badia")
        return _pool


@contextmanager
def _lent(threads: int) -> Iterator[None]:
    """Count these threads as busy."""
    global _busy
    with _lock:
        _busy += threads
    try:
        yield
    finally:
        with _lock:
            _busy -= threads
