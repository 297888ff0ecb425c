from __future__ import annotations

import dataclasses
import datetime
import json
import math
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import xarray as xr
from result_kit import BLUE, DAYS, NOBODY, RED, Move, result_of

from sim.ensemble import simulate
from sim.errors import PlaceError, ResultError, ScenarioError
from sim.nulls import NULLS, adjacency, force_ratio, offensive_only, persistence
from sim.result import Result
from sim.scenario import load_scenario
from sim.scenario.new import new_scenario
from sim.scenario.observed import Target
from sim.score import (
    brier,
    crps_days,
    crps_sample,
    figure_of_merit,
    log_score,
    observed_from_run,
    score,
    score_targets,
    skill_interval,
)
from sim.state import State

START = datetime.date(2018, 8, 14)


def target(kind="place", cells=(4,), faction=RED, day=4, by=False, precision=0, **more):
    values = {
        "id": f"t{day}",
        "where": "Midway",
        "share": 0.0,
        "report": "R1",
        "date": START + datetime.timedelta(days=day),
    }
    return Target(
        kind=kind,
        cells=np.array(cells, np.int32),
        factions=(faction,) if isinstance(faction, int) else faction,
        day=day,
        by=by,
        precision_days=precision,
        **{**values, **more},
    )


def rows(result, *targets):
    return {row.target: row for row in score_targets(result, targets).rows}


# --- the figures, against sums done by hand ---


def test_brier_and_log_score_of_a_statement():
    assert brier(0.8, 1.0) == pytest.approx(0.04)
    assert log_score(0.8, True) == pytest.approx(-math.log(0.8))
    assert log_score(0.8, False) == pytest.approx(-math.log(0.2))
    assert log_score(0.0, True) == pytest.approx(-math.log(0.01))
    assert log_score(1.0, True) == 0.0


def test_the_error_of_a_day_counts_squared_chances_evening_by_evening():
    chance = [0.0, 0.25, 0.5, 1.0]
    assert crps_days(chance, 2, 2) == pytest.approx(0.0625 + 0.25)
    assert crps_days(chance, 9, 9) == pytest.approx(0.0625 + 0.25 + 1.0)  # censored: not in time
    assert crps_days(chance, 1, 3) == pytest.approx(0.0)  # days 1 and 2 may be either
    assert crps_days([0, 0, 0, 0], 1, 1) == 3.0


def test_a_sure_day_is_wrong_by_as_many_days_as_it_is_off():
    sure = (np.arange(20) >= 7).astype(float)
    for truth in range(3, 12):
        assert crps_days(sure, truth, truth) == abs(truth - 7)


def test_the_error_of_a_sample_agrees_with_its_definition():
    sample = np.array([0.1, 0.4, 0.35])
    pairs = np.abs(sample[:, None] - sample[None, :]).mean() / 2
    assert crps_sample(sample, 0.3) == pytest.approx(np.abs(sample - 0.3).mean() - pairs)
    assert crps_sample(np.array([0.5]), 0.2) == pytest.approx(0.3)


def test_the_figure_of_merit_is_the_share_of_changes_said_right():
    assert figure_of_merit(3, 1, 1, 1) == 0.5
    assert figure_of_merit(0, 0, 0, 0) is None


def test_a_model_has_no_skill_against_itself():
    assert skill_interval("abcd", [0.1, 0.5, 0.2, 0.3], [0.1, 0.5, 0.2, 0.3]) == (0.0, 0.0, 0.0)


def test_skill_lies_in_its_interval_and_is_the_same_every_time():
    own, null = [0.1, 0.2, 0.4, 0.1, 0.3], [0.5, 0.4, 0.3, 0.6, 0.2]
    skill, low, high = skill_interval("aabcd", own, null)
    assert skill == pytest.approx(1 - 1.1 / 2.0)
    assert low < skill < high
    assert skill_interval("aabcd", own, null) == (skill, low, high)


def test_few_places_give_no_interval_and_a_perfect_null_no_skill():
    assert skill_interval("aab", [0.1, 0.1, 0.1], [0.2, 0.2, 0.2]) == (0.5, None, None)
    assert skill_interval("abc", [0.1, 0.1, 0.1], [0.0, 0.0, 0.0]) == (None, None, None)


# --- a result against observations ---

QUARTER = (Move(0, 3, 4, RED),)  # of 4 runs one takes Midway on 16 August (evening 3)


def test_a_place_is_scored_on_its_date():
    result = result_of(*QUARTER, runs=4)
    row = rows(result, target(day=2), target(day=1, faction=BLUE))["places"]
    assert row.n == 2
    assert row.figures.brier == pytest.approx((0.75**2 + 0.0) / 2)
    assert row.figures.log == pytest.approx(-math.log(0.25) / 2)
    assert row.null["persistence"].brier == pytest.approx(0.5)
    assert row.skill == pytest.approx(1 - 0.28125 / 0.5)


def test_a_day_of_capture_says_not_before_and_so_after():
    result = result_of(*QUARTER, runs=4)
    scored = score_targets(result, [target(day=4, by=True, precision=1)])
    said = [(p.date.isoformat(), p.observed, p.probability) for p in scored.places]
    assert said == [("2018-08-16", False, 0.25), ("2018-08-19", True, 0.25)]
    (day,) = scored.days
    assert (day.observed, day.p10, day.p50) == (
        datetime.date(2018, 8, 18),
        datetime.date(2018, 8, 16),
        None,
    )
    # evening 3: a quarter too soon; 4 and 5 may be either; from 6 to 10 three quarters are missing
    assert day.crps == pytest.approx(0.25**2 + 5 * 0.75**2)
    (row,) = [row for row in scored.rows if row.target == "days"]
    assert row.null["persistence"].crps == pytest.approx(5.0)


def test_a_report_that_is_not_precise_is_met_by_the_mean_of_its_evenings():
    result = result_of(Move(0, 5, 4, RED), runs=1)
    (row,) = score_targets(result, [target(day=4, precision=1)]).places
    assert row.probability == pytest.approx(2 / 3)  # evenings 4, 5, 6


def test_an_area_is_scored_cell_by_cell():
    result = result_of(Move(0, 2, 4, RED), Move(0, 2, 7, RED), Move(1, 2, 5, RED), runs=2)
    # observed: Reds hold 3 to 5.  Cell 3 stays theirs; 4 and 5 fall in one run of two each
    row = rows(result, target("area", (3, 4, 5), day=4))["cells"]
    assert row.n == 3
    assert row.figures.brier == pytest.approx((0.0 + 0.25 + 0.25) / 3)
    assert row.figures.figure_of_merit == pytest.approx(1.0 / 2.0)
    assert row.null["persistence"].figure_of_merit == 0.0


def test_false_alarms_and_wrong_hits_lower_the_figure_of_merit():
    result = result_of(Move(0, 2, 4, BLUE), Move(0, 2, 5, NOBODY), Move(0, 2, 6, RED), runs=1)
    row = rows(result, target("area", (5,), RED), target("area", (6,), BLUE))["cells"]
    assert row.figures.figure_of_merit == 0.0
    right = rows(
        result,
        target("area", (5,), NOBODY),  # a hit
        target("area", (6,), BLUE),  # a false alarm
        target("area", (4,), RED),  # a miss
        target("area", (5,), RED),  # a wrong hit
    )["cells"]
    assert right.figures.figure_of_merit == pytest.approx(1 / 4)


def test_a_national_share_is_scored_against_the_ensemble():
    result = result_of(Move(0, 2, 4, RED), runs=2)
    row = rows(result, target("share", (), share=0.5))["shares"]
    sample = np.array([100, 80]) / 180.5
    assert row.figures.crps == pytest.approx(crps_sample(sample, 0.5))
    assert row.figures.error == pytest.approx(0.5 - 80 / 180.5)
    assert row.null["persistence"].crps == pytest.approx(0.5 - 80 / 180.5)


def test_a_run_in_which_nothing_happens_has_no_skill_over_persistence():
    targets = [
        target(day=d, by=True, where=place, cells=(cell,), id=place)
        for place, cell, d in (("a", 4, 3), ("b", 5, 5), ("c", 6, 6))
    ]
    targets += [target("area", (4, 5), day=8), target("share", (), share=0.6)]
    scored = rows(result_of(runs=3), *targets)
    assert set(scored) == {"places", "days", "cells", "shares"}
    for row in scored.values():
        assert row.skill == pytest.approx(0.0)
        assert row.null["persistence"].skill == row.skill


def test_a_run_that_is_right_beats_every_null():
    moves = tuple(
        Move(run, day, cell, RED) for run in range(3) for cell, day in ((4, 4), (5, 7), (6, 9))
    )
    targets = [
        target(day=d - 1, by=True, where=p, cells=(c,), id=p)
        for p, c, d in (("a", 4, 4), ("b", 5, 7), ("c", 6, 9))
    ]
    scored = rows(result_of(*moves, runs=3), *targets)
    for row in scored.values():
        assert row.skill == 1.0
        nulls = (*NULLS, "uniform") if row.target == "days" else NULLS
        assert {name: null.skill for name, null in row.null.items()} == dict.fromkeys(nulls, 1.0)


@pytest.mark.parametrize(
    ("as_of", "view"),
    [(None, "given_later"), (START, "ex_ante"), (datetime.date(2018, 9, 1), "given_later")],
)
def test_the_view_is_ex_ante_only_where_nothing_later_was_known(as_of, view):
    assert rows(result_of(as_of=as_of), target())["places"].view == view


def test_what_lies_after_the_last_day_is_left_out_and_named():
    scored = score_targets(result_of(), [target(day=4), target(day=DAYS + 3)])
    assert scored.left_out == (f"t{DAYS + 3}",)
    assert len(scored.places) == 1


def test_a_capture_after_the_calendar_is_censored():
    scored = score_targets(result_of(runs=2), [target(day=DAYS + 30, by=True)])
    assert scored.days[0].observed is None
    assert scored.days[0].crps == 0.0


def test_the_score_is_plain_values_with_the_keys_of_the_command_line():
    scored = score_targets(result_of(*QUARTER, runs=4), [target(by=True), target("area", (4, 5))])
    plain = scored.as_dict()
    assert {"result", "scenario", "as_of", "rows", "places"} <= set(plain)
    assert {
        "view", "target", "n", "brier", "log", "crps", "figure_of_merit", "null", "skill",
        "skill_low", "skill_high",
    } <= set(plain["rows"][0])  # fmt: skip
    assert list(plain["rows"][0]["null"]) == [
        "persistence",
        "adjacency",
        "force_ratio",
        "offensive_only",
    ]
    assert {"place", "date", "faction", "probability", "observed"} <= set(plain["places"][0])
    json.dumps(plain, allow_nan=False)


# --- the null models ---

EVERY = np.arange(8)


def test_persistence_is_the_starting_map_for_ever():
    result = result_of(Move(0, 1, 4, RED))
    guess = persistence(result, EVERY)
    assert (guess.probability == guess.probability[0]).all()
    assert (guess.probability[0].argmax(axis=1) == [0, 0, 0, 0, 1, 1, 1, 2]).all()
    assert guess.share[-1] == pytest.approx([80 / 180.5, 60 / 180.5, 40.5 / 180.5])


def test_fronts_drift_as_a_voter_model_does():
    guess = adjacency(result_of(), EVERY, drift=0.1)
    assert guess.probability.sum(axis=2) == pytest.approx(1.0)
    # one neighbour of two is red: a tenth of a half on the first day
    assert guess.probability[1, 4] == pytest.approx([0.05, 0.95, 0.0])
    assert guess.probability[1, 1] == pytest.approx([1.0, 0.0, 0.0])
    assert guess.probability[2, 4, RED] == pytest.approx(0.9 * 0.05 + 0.1 * 0.95 / 2)
    assert (np.diff(guess.probability[:, 4, RED]) > 0).all()


def test_the_closed_river_stops_the_drift():
    result = result_of()
    setting = result.setting
    dry = adjacency(result, EVERY).probability[-1, 4, RED]
    across = (setting.pair_from == 4) & (setting.pair_to == 3)
    setting.pair_open[across] = False
    assert dry > 0
    assert adjacency(result, EVERY).probability[-1, 4, RED] == 0


def test_the_numbers_decide_where_enemies_meet():
    result = result_of()
    # 100 in each cell: cell 4 has 200 Blues in and beside it and 100 Reds beside it
    guess = force_ratio(result, EVERY)
    assert guess.probability[0, 4].tolist() == [0, 1, 0]
    assert guess.probability[1, 4] == pytest.approx([1 / 3, 2 / 3, 0])
    assert guess.probability[1, 0].tolist() == [1, 0, 0]
    assert guess.probability[1, 7].tolist() == [0, 0, 1]


def test_ordered_ground_falls_at_a_fixed_speed_from_the_front():
    # Reds are ordered into 4 and 5 from calendar day 2, 5 km a cell
    guess = offensive_only(result_of(), EVERY, speed_km=2.5)
    assert guess.probability[:, 4, RED].tolist() == [0] * 4 + [1] * 7
    assert guess.probability[:, 5, RED].tolist() == [0] * 6 + [1] * 5
    assert (guess.probability[:, 6, BLUE] == 1).all()
    assert guess.share[-1, RED] == pytest.approx(120 / 180.5)


def test_an_order_that_has_ended_takes_nothing_more():
    guess = offensive_only(result_of(), EVERY, speed_km=1.2)
    assert guess.probability[-1, 4, RED] == 1  # 4.2 days after day 2: within the order
    assert guess.probability[-1, 5, RED] == 0


def test_a_null_speaks_only_of_what_it_watched():
    guess = persistence(result_of(), np.array([3, 4]))
    with pytest.raises(ValueError, match="not watched"):
        guess.holds(np.array([5]), (RED,), np.ones(8, np.int64))


# --- what a run would have left behind ---


def test_a_hidden_run_can_be_written_as_what_was_observed():
    result = result_of(Move(1, 4, 4, RED), Move(1, 8, 4, BLUE))
    written = observed_from_run(result, 1, ["Midway", "Eastend"], report="H1")
    assert [(o["place"], o.get("by") or o.get("date"), o["faction"]) for o in written] == [
        ("Midway", datetime.date(2018, 8, 17), "RED"),
        ("Midway", datetime.date(2018, 8, 18), "RED"),
        ("Eastend", datetime.date(2018, 8, 18), "BLUE"),
        ("Midway", datetime.date(2018, 8, 23), "BLUE"),
        ("Eastend", datetime.date(2018, 8, 23), "BLUE"),
    ]
    assert [o["id"] for o in written] == ["o01", "o02", "o03", "o04", "o05"]
    assert {o["report"] for o in written} == {"H1"}
    assert "by" in written[0]
    assert "date" in written[1]


def test_the_run_that_was_written_scores_perfectly_against_itself():
    moves = (Move(0, 4, 4, RED), Move(0, 6, 5, RED))
    result = result_of(*moves, runs=1)
    targets = []
    for o in observed_from_run(result, 0, ["Midway", "Eastend", "Westford"], report="H1"):
        day = ((o.get("by") or o.get("date")) - START).days
        targets.append(
            target(
                cells=(result.setting.find_place(o["place"]).cell,),
                faction=result.setting.holders.index(o["faction"]),
                day=day,
                by="by" in o,
                id=o["id"],
                where=o["place"],
            )
        )
    for row in score_targets(result, targets).rows:
        assert row.figures.brier in (0.0, None)
        assert row.figures.crps in (0.0, None)


def test_a_hidden_run_needs_a_run_and_a_place_that_exist():
    with pytest.raises(ResultError, match="no run 5"):
        observed_from_run(result_of(), 5, ["Midway"], report="H1")
    with pytest.raises(PlaceError, match="Midway"):
        observed_from_run(result_of(), 0, ["Midwai"], report="H1")


# --- a scenario's folder ---


class Still:
    """A model of any scenario in which nothing happens."""

    def __init__(self, scenario, *, runs, seed, changes):
        mesh = scenario.theatre.mesh
        self.state = State.empty(
            len(runs), mesh.cells, scenario.factions, mesh.segments, mesh.sectors,
            len(scenario.events),
        )  # fmt: skip
        self.state.holder[:] = scenario.holder
        self.world = SimpleNamespace(parameters=scenario.parameters.table(len(runs)))

    def step(self):
        self.state.day += 1


@pytest.fixture
def folder(tmp_path):
    new_scenario(tmp_path / "valley")
    return tmp_path / "valley"


@pytest.fixture
def still(folder, tmp_path):
    result = simulate(load_scenario(folder), runs=3, model=Still)
    return Result.load(result.save(tmp_path / "out"))


def test_a_loaded_result_finds_what_was_observed_in_its_scenario_s_folder(still, folder):
    scored = score(still)
    assert [row.id for row in scored.places] == ["birch-april"]
    assert scored == score(still, folder) == score(still, folder / "observed.yaml")
    assert scored.result == str(still.path)
    assert scored.warnings == ()


def test_a_result_is_scored_from_another_working_folder_too(tmp_path, monkeypatch):
    monkeypatch.chdir(Path(__file__).parents[2])
    result = simulate(load_scenario("two-valleys"), runs=2)
    assert not Path(result.setting.folder).is_absolute()
    here = score(result).as_dict()
    monkeypatch.chdir(tmp_path)
    assert score(result).as_dict() == here


def test_scoring_says_when_the_scenario_has_changed_since(still, folder):
    file = folder / "scenario.yaml"
    text = file.read_text()
    file.write_text(text.replace("leak: ", "besiege_leak: 0.5\n  leak: "))
    assert "another digest" in score(still).warnings[0]


def test_a_result_is_not_scored_on_another_map(still, folder):
    setting = dataclasses.replace(still.setting, cell_id=still.setting.cell_id[:-1])
    still.setting = setting
    with pytest.raises(ResultError, match="another map"):
        score(still)


def test_without_observations_there_is_nothing_to_score(still, folder):
    (folder / "observed.yaml").unlink()
    with pytest.raises(ScenarioError, match="observed"):
        score(still)


def test_what_was_observed_changes_no_bit_of_a_result(folder):
    before = simulate(load_scenario(folder), runs=2, model=Still)
    (folder / "observed.yaml").unlink()
    after = simulate(load_scenario(folder), runs=2, model=Still)
    assert before.setting.digest == after.setting.digest
    xr.testing.assert_identical(before.dataset, after.dataset)
