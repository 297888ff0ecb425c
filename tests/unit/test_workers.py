"""Threads are shared: no ensemble takes cores that another one uses, and none outlives an error."""

from __future__ import annotations

import os
import sys
import threading
import time
from types import SimpleNamespace

import pytest

from sim import BadiaError
from sim.workers import cores, free_cores, work_through


def square(k):
    time.sleep(0.001 * (k % 3))  # they end in another order than they began
    return k * k


@pytest.mark.parametrize("threads", [1, 2, 5, 50])
def test_answers_come_in_the_order_of_the_jobs(threads):
    done, interrupted = work_through(range(20), square, threads, halt=threading.Event())
    assert done == [k * k for k in range(20)]
    assert not interrupted


def test_no_more_threads_work_at_once_than_were_asked_for():
    there, most = set(), []

    def note(k):
        there.add(k)
        most.append(len(there))
        time.sleep(0.002)
        there.discard(k)

    work_through(range(12), note, 3, halt=threading.Event())
    assert max(most) <= 3


def test_one_thread_is_the_callers_own_and_threads_are_used_again():
    def mine(_):
        return threading.get_ident()

    assert work_through(range(3), mine, 1, halt=threading.Event())[0] == [threading.get_ident()] * 3
    before = threading.active_count()
    for _ in range(5):
        work_through(range(8), square, 2, halt=threading.Event())
    assert threading.active_count() <= before + 2


def test_an_ensemble_leaves_to_others_what_it_uses(monkeypatch):
    monkeypatch.setenv("BADIA_THREADS", "6")
    assert free_cores() == 6
    seen, _ = work_through(range(4), lambda _: free_cores(), 4, halt=threading.Event())
    assert seen == [2, 2, 2, 2]
    assert free_cores() == 6
    seen, _ = work_through(range(9), lambda _: free_cores(), 9, halt=threading.Event())
    assert set(seen) == {1}


def test_a_task_of_dask_takes_one_core(monkeypatch):
    def nobody():
        raise ValueError("no worker found")

    monkeypatch.setenv("BADIA_THREADS", "6")
    monkeypatch.setitem(sys.modules, "distributed.worker", SimpleNamespace(get_worker=nobody))
    assert free_cores() == 6
    monkeypatch.setitem(sys.modules, "distributed.worker", SimpleNamespace(get_worker=object))
    assert free_cores() == 1


@pytest.mark.parametrize("asked", ["0", "-1", "two", "1.5", "99999", "²"])
def test_a_number_of_threads_that_is_none_is_refused(monkeypatch, asked):
    monkeypatch.setenv("BADIA_THREADS", asked)
    with pytest.raises(BadiaError, match="BADIA_THREADS"):
        cores()


@pytest.mark.parametrize("threads", [1, 2])
def test_an_error_ends_the_work_and_gives_the_threads_back(monkeypatch, threads):
    monkeypatch.setenv("BADIA_THREADS", "6")
    began = []

    def fail(k):
        began.append(k)
        if k == 3:
            raise BadiaError("no")
        time.sleep(0.002)

    with pytest.raises(BadiaError, match="no"):
        work_through(range(1000), fail, threads, halt=threading.Event())
    assert len(began) < 100
    assert free_cores() == 6


@pytest.mark.parametrize("threads", [1, 2])
def test_ctrl_c_keeps_what_is_done(threads):
    def interrupt(k):
        if k == 5:
            raise KeyboardInterrupt
        return k

    done, interrupted = work_through(range(1000), interrupt, threads, halt=threading.Event())
    assert interrupted
    assert done[:5] == [0, 1, 2, 3, 4]
    assert len(done) < 1000


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_makes_threads_of_its_own():
    work_through(range(4), square, 2, halt=threading.Event())
    child = os.fork()
    if child == 0:
        done, _ = work_through(range(4), square, 2, halt=threading.Event())
        os._exit(0 if done == [0, 1, 4, 9] else 1)
    for _ in range(500):
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            break
        time.sleep(0.01)
    else:
        os.kill(child, 9)
        os.waitpid(child, 0)
        pytest.fail("the child waits for threads that it does not have")
    assert os.waitstatus_to_exitcode(status) == 0
