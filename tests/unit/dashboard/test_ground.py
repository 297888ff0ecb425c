"""The still part of a map is made once and kept, and what is kept is never trusted blindly."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest

from dashboard.map import ground as module
from dashboard.map.ground import Ground, ground, survey
from sim import Result, Setting


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, in memory and on disk."""
    monkeypatch.setattr(module, "kept_folder", lambda: tmp_path)
    module._kept.clear()
    yield tmp_path / "ground"
    module._kept.clear()


@pytest.fixture
def setting(two_valleys_result: Result) -> Setting:
    return two_valleys_result.setting


def same(one: Ground, two: Ground) -> bool:
    arrays = ("vertices", "rings", "ring_cell")
    return all(np.array_equal(getattr(one, name), getattr(two, name)) for name in arrays) and all(
        a.kind == b.kind and np.array_equal(a.points, b.points)
        for a, b in zip(one.lines, two.lines, strict=True)
    )


def test_a_new_server_reads_what_another_made(
    folder: Path, setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = ground(setting)
    module._kept.clear()  # as in a new process

    def never(_: Setting) -> Ground:
        raise AssertionError("it was made again")

    monkeypatch.setattr(module, "survey", never)
    assert same(ground(setting), made)


@pytest.mark.parametrize("damage", [b"", b"no pickle", pickle.dumps("no ground")])
def test_what_is_damaged_is_made_again(folder: Path, setting: Setting, damage: bytes) -> None:
    ground(setting)
    (file,) = folder.iterdir()
    file.write_bytes(damage)
    module._kept.clear()
    assert same(ground(setting), survey(setting))
    assert isinstance(pickle.loads(file.read_bytes()), Ground)


def test_where_nothing_can_be_kept_it_is_made_all_the_same(folder: Path, setting: Setting) -> None:
    folder.write_text("a file stands in the way")
    assert same(ground(setting), survey(setting))
