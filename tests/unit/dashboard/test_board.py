from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from runs_kit import PATIENCE, Engine, own_scenario, valleys

from dashboard.runs import Board, Job, Request, compiled
from dashboard.runs.memory import check_memory, free_bytes
from dashboard.runs.pace import Pace
from dashboard.runs.store import Store
from sim import BadiaError, Result, memory_needed, simulate

PLENTY = 10**12


def board_of(engine: Engine, store: Store | None = None, **options: object) -> Board:
    return Board(store, run=engine, free=lambda: PLENTY, **options)  # type: ignore[arg-type]


@contextmanager
def many(count: int, work: object) -> Iterator[None]:
    barrier = threading.Barrier(count)

    def begin() -> None:
        barrier.wait(PATIENCE)
        work()  # type: ignore[operator]

    threads = [threading.Thread(target=begin) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    yield


def ended(job: Job) -> Job:
    assert job.wait(PATIENCE), f"still {job.state}"
    return job


def under_way(engine: Engine) -> None:
    assert engine.begun.acquire(timeout=PATIENCE), "no run began"


# --- sharing ---


def test_thirty_viewers_who_ask_for_the_same_runs_share_one_ensemble(
    root: Path, two_valleys_result: Result
) -> None:
    engine = Engine(two_valleys_result, open=False)
    board, jobs = board_of(engine), []
    with many(30, lambda: jobs.append(board.submit(valleys(root)))):
        under_way(engine)
        assert {id(job) for job in jobs} == {id(jobs[0])}
        engine.gate.set()
    assert ended(jobs[0]).state == "done"
    assert len(jobs) == 30
    assert engine.calls == [1]
    assert board.submit(valleys(root)) is jobs[0]
    assert engine.calls == [1]


def test_looking_for_a_run_never_starts_one(root: Path, two_valleys_result: Result) -> None:
    engine = Engine(two_valleys_result)
    board = board_of(engine)
    assert board.find(valleys(root)) is None
    ended(board.submit(valleys(root, seed=2)))
    assert engine.calls == [2]


def test_one_ensemble_runs_at_a_time_and_the_others_know_their_place(
    root: Path, two_valleys_result: Result
) -> None:
    engine = Engine(two_valleys_result, open=False)
    board = board_of(engine)
    jobs = [board.submit(valleys(root, seed=seed)) for seed in (1, 2, 3)]
    under_way(engine)
    assert [job.state for job in jobs] == ["running", "queued", "queued"]
    assert [job.ahead for job in jobs] == [0, 1, 2]
    assert jobs[0].progress().share_done == 0.5
    assert board.find(valleys(root, seed=3)) is jobs[2]
    engine.gate.set()
    assert [ended(job).state for job in jobs] == ["done"] * 3
    assert engine.calls == [1, 2, 3]


# --- stopping ---


def test_a_waiting_run_stops_at_once_and_is_never_run(
    root: Path, two_valleys_result: Result
) -> None:
    engine = Engine(two_valleys_result, open=False)
    board = board_of(engine)
    first, second, third = (board.submit(valleys(root, seed=seed)) for seed in (1, 2, 3))
    under_way(engine)
    second.stop()
    assert second.state == "stopped"
    assert second.result is None
    assert third.ahead == 1
    engine.gate.set()
    ended(first)
    ended(third)
    assert engine.calls == [1, 3]


def test_a_stopped_run_shows_what_was_done_and_is_not_taken_for_the_whole(
    root: Path, two_valleys_result: Result, tmp_path: Path
) -> None:
    engine = Engine(two_valleys_result, open=False)
    engine.runs_when_stopped = 3
    board = board_of(engine, Store(tmp_path))
    request = valleys(root)
    job = board.submit(request)
    under_way(engine)
    job.stop()
    engine.gate.set()
    ended(job)
    assert (job.state, job.runs_done) == ("stopped", 3)
    assert job.result is not None
    assert job.result.runs == 3
    assert board.find(request) is job
    again = ended(board.submit(request))
    assert again is not job
    assert again.state == "done"
    assert engine.calls == [1, 1]
    ended(board.submit(valleys(root, seed=2)))  # begins when the one before is on disk
    assert job.key in Store(tmp_path)


def test_a_stopped_run_is_not_kept_on_disk(
    root: Path, two_valleys_result: Result, tmp_path: Path
) -> None:
    engine = Engine(two_valleys_result, open=False)
    engine.runs_when_stopped = 3
    board = board_of(engine, Store(tmp_path))
    job, after = board.submit(valleys(root)), board.submit(valleys(root, seed=2))
    under_way(engine)
    job.stop()
    engine.gate.set()
    ended(after)  # the next run begins when all is done with the one before
    assert job.key not in Store(tmp_path)


def test_a_run_stopped_before_anything_was_done_says_so(
    root: Path, two_valleys_result: Result
) -> None:
    engine = Engine(two_valleys_result, open=False)
    job = board_of(engine).submit(valleys(root))
    under_way(engine)
    job.stop()
    engine.gate.set()
    ended(job)
    assert (job.state, job.result) == ("stopped", None)
    assert "nothing to show" in str(job.error)


# --- failing ---


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (BadiaError("The sector lies abroad."), "The sector lies abroad."),
        (ZeroDivisionError("in a mechanism"), "inside the program"),
        (MemoryError(), "ran out of memory"),
        (SystemExit(3), "inside the program"),
    ],
)
def test_a_run_that_fails_says_what_to_do_and_does_not_hold_up_the_next(
    root: Path,
    two_valleys_result: Result,
    failure: BaseException,
    words: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    engine = Engine(two_valleys_result)
    engine.failures[1] = failure
    board = board_of(engine)
    bad, good = board.submit(valleys(root)), board.submit(valleys(root, seed=2))
    ended(bad)
    assert (bad.state, bad.result) == ("failed", None)
    assert isinstance(bad.error, BadiaError)
    assert words in str(bad.error)
    assert ended(good).state == "done"
    shown = capsys.readouterr().err
    assert ("Traceback" in shown) == (words == "inside the program")


def test_a_failed_run_is_remembered_and_may_be_tried_again(
    root: Path, two_valleys_result: Result
) -> None:
    engine = Engine(two_valleys_result)
    engine.failures[1] = ValueError("once")
    board = board_of(engine)
    bad, after = board.submit(valleys(root)), board.submit(valleys(root, seed=2))
    ended(after)
    assert board.find(valleys(root)) is bad
    engine.failures.clear()
    assert ended(board.submit(valleys(root))).state == "done"


# --- keeping ---


def test_a_restarted_server_finds_the_run_without_loading_its_scenario(
    root: Path, two_valleys_result: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = Engine(two_valleys_result)
    board = board_of(engine, Store(tmp_path))
    job, after = board.submit(valleys(root)), board.submit(valleys(root, seed=2))
    ended(after)

    def refuse(request: Request) -> None:
        raise AssertionError("the scenario was loaded")

    monkeypatch.setattr(import_module("dashboard.runs.board"), "compiled", refuse)
    found = board_of(engine, Store(tmp_path)).find(valleys(root))
    assert found is not None
    assert (found.key, found.state, found.runs_done) == (job.key, "done", two_valleys_result.runs)
    assert found.result is not None
    np.testing.assert_array_equal(
        found.result.dataset["probability"], two_valleys_result.dataset["probability"]
    )


def test_viewers_of_a_restarted_server_read_a_kept_run_once(
    root: Path, two_valleys_result: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = Engine(two_valleys_result)
    first = board_of(engine, Store(tmp_path))
    ended(first.submit(valleys(root)))
    ended(first.submit(valleys(root, seed=2)))
    store, reads = Store(tmp_path), []
    load = store.load
    monkeypatch.setattr(store, "load", lambda key: reads.append(key) or load(key))
    board, found = board_of(engine, store), []
    with many(12, lambda: found.append(board.find(valleys(root)))):
        pass
    assert len(reads) == 1
    assert len({id(job.result) for job in found if job}) == 1
    assert len(found) == 12


def test_a_damaged_kept_run_is_run_again(
    root: Path, two_valleys_result: Result, tmp_path: Path
) -> None:
    engine = Engine(two_valleys_result)
    first = board_of(engine, Store(tmp_path))
    job, after = first.submit(valleys(root)), first.submit(valleys(root, seed=2))
    ended(after)
    (tmp_path / "results" / job.key / "series.nc").write_bytes(b"half a file")
    board = board_of(engine, Store(tmp_path))
    assert board.find(valleys(root)) is None
    assert ended(board.submit(valleys(root))).state == "done"
    assert engine.calls == [1, 2, 1]


def test_results_beyond_the_limit_leave_memory(root: Path, two_valleys_result: Result) -> None:
    engine = Engine(two_valleys_result)
    board = board_of(engine, limit=25_000_000)  # two results of this size, not three
    jobs = [ended(board.submit(valleys(root, seed=seed))) for seed in (1, 2, 3, 4)]
    ended(jobs[-1])
    assert board.find(valleys(root, seed=1)) is None
    assert board.find(valleys(root, seed=4)) is jobs[-1]


def test_a_changed_scenario_is_not_shown_an_old_run(
    root: Path, two_valleys_result: Result, tmp_path: Path
) -> None:
    folder = own_scenario(root, tmp_path)
    request = Request(str(folder), runs=4)
    engine = Engine(two_valleys_result)
    board = board_of(engine, Store(tmp_path / "cache"))
    ended(board.submit(request))
    assert board.find(request) is not None
    file = folder / "scenario.yaml"
    title = compiled(request).title
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace(title, "Another title"), encoding="utf-8")
    assert board.find(request) is None


# --- the real engine ---


def test_the_numbers_are_those_of_simulate_with_the_same_seed(root: Path, tmp_path: Path) -> None:
    request = valleys(root, runs=6, days=25, seed=9, settings=(("leak", "0.2..0.4"),))
    job = ended(Board(Store(tmp_path)).submit(request))
    assert job.state == "done", job.error
    assert job.result is not None
    direct = simulate(compiled(request), runs=6, seed=9)
    timing = {"elapsed_s": 0, "cell_days_per_s": 0, "result": None}
    assert job.result.summary() | timing == direct.summary() | timing
    for name, values in direct.dataset.data_vars.items():
        np.testing.assert_array_equal(job.result.dataset[name], values, str(name))


# --- memory ---


def test_a_run_that_would_not_fit_into_memory_says_what_to_lower(
    root: Path, two_valleys_result: Result
) -> None:
    engine = Engine(two_valleys_result)
    board = Board(None, run=engine, free=lambda: 300_000_000)
    job = ended(board.submit(Request("hajin-pocket", runs=200_000)))
    assert job.state == "failed"
    assert "GB of memory" in str(job.error)
    assert "300 MB free" in str(job.error)
    assert "lower resolution, fewer runs or fewer days" in str(job.error)
    assert engine.calls == []


def test_the_coarsest_map_is_not_told_to_lower_its_resolution(root: Path) -> None:
    request = valleys(root)
    with pytest.raises(BadiaError, match=r"Choose fewer runs or fewer days\."):
        check_memory(compiled(request), request, free=1)


def test_results_in_memory_make_room_for_a_run_that_needs_it(
    root: Path, two_valleys_result: Result, tmp_path: Path
) -> None:
    engine = Engine(two_valleys_result)
    answers = iter([PLENTY, 1, PLENTY])
    board = Board(Store(tmp_path), run=engine, free=lambda: next(answers))
    first = ended(board.submit(valleys(root)))
    assert ended(board.submit(valleys(root, seed=2))).state == "done"
    found = board.find(valleys(root))
    assert found is not None
    assert found is not first  # it left memory and came back from disk


def test_what_cannot_be_known_stops_nobody(root: Path) -> None:
    check_memory(compiled(valleys(root)), valleys(root), free=None)


def test_more_of_anything_needs_more_memory(root: Path) -> None:
    small, large = compiled(valleys(root, days=None)), compiled(Request("hajin-pocket"))
    assert memory_needed(small, 50) < memory_needed(large, 50) < memory_needed(large, 500)


def test_a_container_s_limit_counts_when_it_is_the_lower_one(tmp_path: Path) -> None:
    (tmp_path / "meminfo").write_text("MemTotal: 9000000 kB\nMemAvailable:    8000000 kB\n")
    group = tmp_path / "group"
    group.mkdir()
    assert free_bytes(tmp_path, group) == 8_000_000 * 1024
    (group / "memory.max").write_text("max\n")
    assert free_bytes(tmp_path, group) == 8_000_000 * 1024
    (group / "memory.max").write_text("1000000000\n")
    (group / "memory.current").write_text("900000000\n")
    (group / "memory.stat").write_text("anon 1\ninactive_file 300000000\n")
    assert free_bytes(tmp_path, group) == 400_000_000
    assert free_bytes(tmp_path / "nowhere", tmp_path / "nowhere") is None


# --- time left ---


def test_time_left_follows_the_pace_and_leaves_out_what_came_before_the_first_day() -> None:
    now = 100.0  # compiling took that long
    pace = Pace(1000, clock=lambda: now)
    assert pace.left(10) is None
    now = 101.0
    assert pace.left(20) is None  # too early to tell
    now = 110.0
    assert pace.left(110) == pytest.approx(89.0)


def test_time_left_forgets_how_fast_it_once_was() -> None:
    now = 0.0
    pace = Pace(10_000, clock=lambda: now)
    for done in range(0, 5_000, 100):  # 100 a second
        pace.left(done)
        now += 1.0
    for done in range(5_000, 5_600, 10):  # then 10 a second
        left = pace.left(done)
        now += 1.0
    assert left == pytest.approx((10_000 - 5_590) / 10, rel=0.05)
