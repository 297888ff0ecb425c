from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from result_kit import (
    BLUE,
    DAYS,
    NOBODY,
    RED,
    Happening,
    LuckyModel,
    Move,
    lucky,
    result_of,
    strip_scenario,
)

import sim.result
from sim.ensemble import simulate
from sim.errors import PlaceError, ResultError
from sim.result import Result, quantiles
from sim.state import Incident

FILES = [
    "incidents.parquet",
    "ledger.parquet",
    "manifest.json",
    "scenario/cells.parquet",
    "scenario/pairs.parquet",
    "scenario/setting.json",
    "series.nc",
]


@pytest.fixture
def result():
    return simulate(strip_scenario(), runs=6, model=lucky)


@pytest.fixture
def saved(result, tmp_path):
    return result.save(tmp_path / "out")


def test_two_threads_are_never_in_netcdf_files_at_once(result, saved, tmp_path, monkeypatch):
    inside, most, barrier = [], [0], Barrier(6)

    def watched(real):
        def call(*args, **options):
            inside.append(1)
            most[0] = max(most[0], len(inside))
            time.sleep(0.005)  # lets go of Python's lock, as HDF5 does
            inside.pop()
            return real(*args, **options)

        return call

    monkeypatch.setattr(xr.Dataset, "to_netcdf", watched(xr.Dataset.to_netcdf))
    monkeypatch.setattr(xr, "open_dataset", watched(xr.open_dataset))

    def work(number):
        barrier.wait(20)
        return Result.load(saved) if number % 2 else result.save(tmp_path / str(number))

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(work, range(6)))
    assert most == [1]


def test_what_is_loaded_equals_what_was_saved(result, saved):
    loaded = Result.load(saved)
    xr.testing.assert_identical(result.dataset, loaded.dataset)
    pd.testing.assert_frame_equal(result.ledger, loaded.ledger)
    pd.testing.assert_frame_equal(result.incidents, loaded.incidents)
    assert loaded.manifest == result.manifest
    assert loaded.summary() == result.summary()
    assert [o.wkt for o in loaded.setting.outlines] == [o.wkt for o in result.setting.outlines]


def test_the_setting_comes_back_whole(result, saved):
    before, after = result.setting, Result.load(saved).setting
    for name, value in vars(before).items():
        if isinstance(value, np.ndarray):
            assert np.array_equal(value, getattr(after, name)), name
            assert value.dtype == getattr(after, name).dtype, name
        elif name not in ("_outlines", "outlines"):
            assert value == getattr(after, name), name


def test_a_result_in_which_nothing_happened_is_saved_and_loaded_too(tmp_path):
    result = result_of(events=(), questions=(), reports={})
    loaded = Result.load(result.save(tmp_path / "out"))
    pd.testing.assert_frame_equal(result.ledger, loaded.ledger)
    pd.testing.assert_frame_equal(result.incidents, loaded.incidents)
    xr.testing.assert_identical(result.dataset, loaded.dataset)


def test_the_folder_opens_in_plain_xarray_and_pandas(result, saved):
    with xr.open_dataset(saved / "series.nc") as plain:
        difference = abs(plain["probability"] - result.dataset["probability"]).max()
        assert float(difference) < 1e-6
        assert plain["probability"].attrs["units"] == "1"
    assert (
        pd.read_parquet(saved / "ledger.parquet")["cell"].tolist()
        == result.ledger["cell"].astype(str).tolist()
    )


def test_the_ledger_rebuilds_the_map_of_every_run_and_day():
    model = LuckyModel(strip_scenario(), np.arange(6))
    truth = [model.state.holder.copy()]
    for _ in range(DAYS):
        model.step()
        truth.append(model.state.holder.copy())
    result = simulate(strip_scenario(), runs=6, batch=4, model=lucky)
    rebuilt = np.stack([result.holder(run) for run in range(6)], axis=1)
    assert np.array_equal(rebuilt, np.stack(truth))
    assert np.array_equal(
        result.dataset["probability"].isel(faction=NOBODY).to_numpy(),
        (rebuilt == NOBODY).mean(axis=1, dtype=np.float64).astype(np.float32),
    )


def test_a_run_that_is_not_there_is_named(result):
    with pytest.raises(ResultError, match="no run 6; it has 0 to 5"):
        result.holder(6)


def test_shares_of_the_land_sum_to_one(result):
    assert np.allclose(result.dataset["share"].sum("faction"), 1.0)


def test_dates_are_evenings_and_the_start_is_the_evening_before(result):
    dates = result.dataset["date"].dt.strftime("%Y-%m-%d").to_numpy()
    assert dates[:3].tolist() == ["2018-08-13", "2018-08-14", "2018-08-15"]
    row = result.ledger.iloc[0]
    assert row["date"] == pd.Timestamp("2018-08-13") + pd.Timedelta(days=int(row["day"]))


def test_the_ledger_speaks_in_names():
    row = result_of(Move(0, 4, 4, RED)).ledger.iloc[0]
    assert (row["cell"], row["place"], row["cause"]) == ("cell4", "Midway", "assault")
    assert (row["from"], row["to"]) == ("BLUE", "RED")
    assert (row["events"], row["reports"]) == ("push;air", "R1;R2;R3")


def test_without_events_ground_changes_hands_with_no_reason_named():
    rows = result_of(Move(0, 4, 4, RED), Move(1, 5, 4, RED), events=(), questions=()).ledger
    assert rows["events"].tolist() == rows["reports"].tolist() == ["", ""]


@pytest.mark.parametrize("width", [0, 1, 3, 9])
@pytest.mark.parametrize("length", [0, 1, 200])
def test_rows_of_the_same_kind_are_equal_and_of_different_kinds_are_not(length, width):
    """Bytes are 0, 1 or 128, so that rows end in zeros and begin with them."""
    rows = np.random.default_rng(3).choice(np.array([0, 1, 128], np.uint8), (length, width))
    first, which = sim.result._kinds(rows)
    assert np.array_equal(rows[first][which], rows)
    assert len({row.tobytes() for row in rows}) == len(first)


def test_shares_of_the_runs_take_no_more_memory_than_they_fill():
    """They are the largest part of a result: at resolution 7 a second copy is 240 MB."""
    counts = np.ones((20, 5000, 10), np.uint16)
    tracemalloc.start()
    try:
        chances = sim.result._chances(counts, 7)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (chances == np.float32(1) / np.float32(7)).all()
    assert most < 1.1 * chances.nbytes  # a second copy makes it 2


def test_cells_are_named_after_the_nearest_place():
    setting = result_of().setting
    assert setting.place == (
        "Westford",
        "5 km east of Westford",
        "9 km west of Midway",
        "5 km west of Midway",
        "Midway",
        "5 km east of Midway",
        "Eastend",
        "5 km east of Eastend",
    )


@pytest.mark.parametrize("name", ["Midway", "al wasat", "الوسط", " MIDWAY ", "cell4"])
def test_a_place_is_found_by_any_of_its_names(name):
    assert result_of().setting.find_place(name).cell == 4


def test_an_unknown_place_gets_the_nearest_spelling():
    with pytest.raises(PlaceError, match="Did you mean 'Midway'"):
        result_of().setting.find_place("Midwey")


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (range(1, 11), (1, 5, 9)),
        ([7], (7, 7, 7)),
        ([1, 2, np.inf, np.inf], (1, 2, None)),
        ([np.inf], (None, None, None)),
    ],
)
def test_quantiles_are_values_that_occurred_and_never_is_none(values, expected):
    assert tuple(quantiles(np.array(list(values), float)).values()) == expected


def test_a_question_is_answered_by_who_holds_most_of_the_place_that_evening_and_since_when():
    moves = (Move(0, 5, 4, RED), Move(1, 6, 4, RED), Move(1, 7, 4, BLUE), Move(2, 3, 4, NOBODY))
    (answer,) = result_of(*moves, runs=4).outcomes()
    assert (answer["id"], answer["faction"], answer["by"]) == ("midway", "RED", "2018-08-18")
    assert answer["probability"] == 0.25  # run 0 on 18 August; run 1 a day late
    assert answer["day"] == {"p10": 5, "p50": 6, "p90": None}
    assert answer["date"] == {"p10": "2018-08-18", "p50": "2018-08-19", "p90": None}


def test_most_of_an_area_means_most_of_its_km2():
    result = result_of(Move(0, 2, 6, RED), Move(1, 2, 7, RED))
    cells = np.array([6, 7])  # 20 and 40.5 km2
    assert result.first_day(cells, RED).tolist() == [np.inf, 2]
    assert result.first_day(cells, NOBODY).tolist() == [0, 0]
    assert result.held_m2(cells, RED)[:, -1].tolist() == [20_000_000, 40_500_000]


def test_a_question_beyond_the_last_day_has_no_answer_yet():
    result = simulate(strip_scenario(), runs=2, days=3, model=lucky)
    assert result.outcomes()[0]["probability"] is None


def test_the_summary_has_the_keys_of_the_command_line(result, saved):
    summary = result.summary()
    assert {
        "scenario", "digest", "version", "seed", "runs", "days", "cells", "factions", "elapsed_s",
        "cell_days_per_s", "share", "losses", "changes", "outcomes", "result",
    } <= set(summary)  # fmt: skip
    assert summary["losses"]["BLUE"] == {"p10": 30, "p50": 30, "p90": 30}
    assert summary["changes"] == len(result.ledger) / (6 * DAYS)
    assert summary["result"] == str(saved)
    json.dumps(summary, allow_nan=False)


# --- the folder ---


@pytest.mark.parametrize("name", FILES)
def test_a_damaged_file_is_named(saved, name):
    file = saved / name
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    with pytest.raises(ResultError, match=f"{name}.* is damaged"):
        Result.load(saved)


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_named(saved, name):
    (saved / name).unlink()
    with pytest.raises(ResultError, match=name):
        Result.load(saved)


def test_a_folder_that_is_not_there_or_no_result_is_said_to_be(tmp_path):
    with pytest.raises(ResultError, match="no result at"):
        Result.load(tmp_path / "nothing")
    with pytest.raises(ResultError, match="not a result"):
        Result.load(tmp_path)


def test_a_manifest_from_a_later_format_is_refused(saved):
    manifest = json.loads((saved / "manifest.json").read_text())
    manifest["format"] = 99
    manifest["seal"] = sim.result._seal(manifest)
    (saved / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(ResultError, match="format 99"):
        Result.load(saved)


def test_something_that_is_no_result_is_left_alone(result, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(ResultError, match="left alone"):
        result.save(tmp_path)
    with pytest.raises(ResultError, match="not a folder"):
        result.save(tmp_path / "notes.txt")
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_an_empty_folder_and_an_older_result_are_replaced(result, tmp_path):
    (tmp_path / "out").mkdir()
    result.save(tmp_path / "out")
    newer = result_of()
    newer.save(tmp_path / "out")
    assert Result.load(tmp_path / "out").runs == newer.runs == 2
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_a_write_that_fails_leaves_the_older_result_and_no_rubbish(result, saved, monkeypatch):
    def full(*_args, **_options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pd.DataFrame, "to_parquet", full)
    with pytest.raises(ResultError, match="No space left"):
        result_of().save(saved)
    assert Result.load(saved).runs == 6
    assert [p.name for p in saved.parent.iterdir()] == ["out"]


class Killed(BaseException):
    """Stands for the end of the process: nothing after it cleans up."""


STEPS = 9  # files and folders that a save forces to disk before it moves the folder


@pytest.mark.parametrize("step", range(STEPS + 1))
def test_killed_at_any_step_of_a_write_only_a_whole_result_loads(tmp_path, monkeypatch, step):
    flushed = []
    flush = sim.result._flush

    def dying(path):
        if len(flushed) == step:
            raise Killed
        flushed.append(path)
        flush(path)

    monkeypatch.setattr(sim.result, "_flush", dying)
    monkeypatch.setattr(shutil, "rmtree", lambda *_args, **_options: None)
    with pytest.raises(Killed):
        result_of().save(tmp_path / "out")
    assert (tmp_path / "out").exists() == (step == STEPS)
    for folder in tmp_path.iterdir():
        whole = step == STEPS or (folder / "manifest.json").exists()
        if whole:
            assert Result.load(folder).runs == 2
        else:
            with pytest.raises(ResultError):
                Result.load(folder)


def test_a_process_that_dies_while_writing_leaves_no_result(tmp_path):
    code = f"""
import os, sys
sys.path.insert(0, {os.path.dirname(__file__)!r})
import sim.result
from result_kit import result_of
sim.result._seal = lambda manifest: os._exit(9)
result_of().save({str(tmp_path / "out")!r})
"""
    ended = subprocess.run([sys.executable, "-c", code], cwd=os.getcwd(), check=False)
    assert ended.returncode == 9
    assert not (tmp_path / "out").exists()
    (draft,) = tmp_path.iterdir()
    with pytest.raises(ResultError, match="not a result"):
        Result.load(draft)


def test_a_copy_of_the_folder_loads_elsewhere(result, saved, tmp_path):
    shutil.copytree(saved, tmp_path / "copy")
    assert Result.load(tmp_path / "copy").summary()["share"] == result.summary()["share"]


def test_incidents_are_a_table_with_names():
    happening = Happening(1, 3, Incident.BREAK_OUT_FAILURE, BLUE, 5, 40)
    row = result_of(happenings=(happening,)).incidents.iloc[0]
    assert (row["run"], row["day"], row["kind"]) == (1, 3, "break-out-failure")
    assert (row["faction"], row["other"], row["place"]) == (
        "BLUE",
        "nobody",
        "5 km east of Midway",
    )
    assert row["persons"] == 40
