from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from runs_kit import copy_of

from dashboard.runs.lru import Lru
from dashboard.runs.store import STALE, Store, kept_folder
from sim import Result

A, B, C, D = ("a" * 64, "b" * 64, "c" * 64, "d" * 64)


def size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def used(folder: Path, *keys: str) -> None:
    """Set the time of last use of results, in that order, some time ago."""
    for age, key in zip(range(len(keys), 0, -1), keys, strict=True):
        when = time.time() - 60 * age
        os.utime(folder / "results" / key, (when, when))


def test_a_result_is_found_by_another_process(tmp_path: Path, two_valleys_result: Result) -> None:
    assert Store(tmp_path).save(A, copy_of(two_valleys_result))
    other = Store(tmp_path)
    assert A in other
    found = other.load(A)
    assert found is not None
    mine = two_valleys_result.summary() | {"result": None}
    assert found.summary() | {"result": None} == mine


def test_what_was_used_longest_ago_goes_first(tmp_path: Path, two_valleys_result: Result) -> None:
    Store(tmp_path).save(A, copy_of(two_valleys_result))
    one = size(tmp_path / "results" / A)
    store = Store(tmp_path, limit=int(one * 3.5))
    store.save(B, copy_of(two_valleys_result))
    store.save(C, copy_of(two_valleys_result))
    used(tmp_path, A, B, C)
    assert store.load(A) is not None  # and so B is the one used longest ago
    store.save(D, copy_of(two_valleys_result))
    assert [key in store for key in (A, B, C, D)] == [True, False, True, True]
    assert size(tmp_path / "results") <= one * 3.5


def test_a_result_larger_than_the_store_is_not_kept(
    tmp_path: Path, two_valleys_result: Result
) -> None:
    store = Store(tmp_path, limit=1000)
    assert not store.save(A, copy_of(two_valleys_result))
    assert A not in store
    assert size(tmp_path / "results") == 0


@pytest.mark.parametrize("file", ["series.nc", "manifest.json", "ledger.parquet"])
def test_a_damaged_result_is_removed(
    tmp_path: Path, two_valleys_result: Result, file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    store = Store(tmp_path)
    store.save(A, copy_of(two_valleys_result))
    (tmp_path / "results" / A / file).write_bytes(b"what a full disk leaves")
    assert store.load(A) is None
    assert A not in store
    assert "removed" in capsys.readouterr().err


def test_a_result_that_was_never_kept_is_not_found(tmp_path: Path) -> None:
    store = Store(tmp_path)
    assert A not in store
    assert store.load(A) is None


def test_a_folder_that_cannot_be_written_costs_the_result_not_the_server(
    tmp_path: Path, two_valleys_result: Result, capsys: pytest.CaptureFixture[str]
) -> None:
    store = Store(tmp_path)
    (tmp_path / "results" / A).write_text("a file where the result would go")
    assert not store.save(A, copy_of(two_valleys_result))
    assert "could not be kept" in capsys.readouterr().err


def test_a_noted_key_survives_a_restart(tmp_path: Path) -> None:
    Store(tmp_path).note(B, A)
    assert Store(tmp_path).key_of(B) == A
    assert Store(tmp_path).key_of(C) is None


def test_a_note_that_is_no_key_is_not_believed(tmp_path: Path) -> None:
    store = Store(tmp_path)
    (tmp_path / "known" / B).write_text("../../elsewhere")
    assert store.key_of(B) is None


def test_what_interrupted_writes_left_is_swept_once_it_is_old(
    tmp_path: Path, two_valleys_result: Result
) -> None:
    store = Store(tmp_path)
    store.save(A, copy_of(two_valleys_result))
    store.note(B, A)
    store.note(C, D)  # D was kept once and is gone
    old, new = tmp_path / "results" / f".{D}.abc", tmp_path / "results" / f".{D}.xyz"
    old.mkdir()
    new.mkdir()
    long_ago = time.time() - STALE - 60
    for path in (old, tmp_path / "known" / B, tmp_path / "known" / C):
        os.utime(path, (long_ago, long_ago))
    again = Store(tmp_path)
    assert not old.exists()
    assert new.exists()  # another process may be writing it
    assert again.key_of(B) == A
    assert again.key_of(C) is None
    assert A in again


def test_results_are_kept_where_the_user_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BADIA_CACHE", str(tmp_path / "mine"))
    assert kept_folder() == tmp_path / "mine"


def test_a_home_that_cannot_be_written_falls_back_to_a_temporary_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("a folder cannot be made below a file")
    monkeypatch.setenv("BADIA_CACHE", str(tmp_path / "file" / "asked"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    folder = kept_folder()
    assert folder.parent == tmp_path
    assert folder.is_dir()


def test_memory_holds_at_most_its_limit_and_what_was_used_last() -> None:
    memory: Lru[str, int] = Lru(10, weigh=lambda value: value)
    memory.put("four", 4)
    memory.put("five", 5)
    assert memory.get("four") == 4  # and so five was used longest ago
    memory.put("six", 6)
    assert (memory.get("four"), memory.get("five"), memory.get("six")) == (4, None, 6)
    assert memory.weight == 10
    memory.put("eleven", 11)
    assert memory.get("eleven") is None
    assert memory.weight <= 10


def test_a_value_that_replaces_another_takes_its_weight() -> None:
    memory: Lru[str, int] = Lru(10, weigh=lambda value: value)
    memory.put("a", 9)
    memory.put("a", 3)
    memory.put("b", 7)
    assert (memory.get("a"), memory.get("b"), memory.weight) == (3, 7, 10)


def test_what_was_used_last_is_read_before_it_is_asked_for(
    tmp_path: Path, two_valleys_result: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(tmp_path)
    for key in (A, B):
        store.save(key, copy_of(two_valleys_result))
    os.utime(tmp_path / "results" / A, (2e9, 2e9))
    store.read_ahead()
    read: list[Path] = []
    load = Result.load
    monkeypatch.setattr(Result, "load", lambda path: read.append(path) or load(path))
    assert store.load(A) is not None
    assert read == []
    assert store.load(A) is not None
    assert len(read) == 1, "it is held for one question"


def test_what_was_read_ahead_is_let_go_with_the_first_question(
    tmp_path: Path, two_valleys_result: Result
) -> None:
    store = Store(tmp_path)
    store.save(A, copy_of(two_valleys_result))
    store.read_ahead()
    assert store.load(B) is None
    assert store._ahead is None


def test_an_empty_store_has_nothing_to_read_ahead(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.read_ahead()
    assert store.load(A) is None


def test_a_folder_that_goes_while_it_is_weighed_stops_nobody(
    tmp_path: Path, two_valleys_result: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(tmp_path)

    def gone(_: Path, __: str) -> list[Path]:
        raise FileNotFoundError("another process was quicker")

    store.save(A, copy_of(two_valleys_result))
    monkeypatch.setattr(Path, "rglob", gone)
    store._make_room()
    assert A in store
