from __future__ import annotations

import csv
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
from sim.parameters import Parameters
from sim.result import Result
from sim.scenario import load_scenario
from sim.scenario.new import new_scenario
from sim.scenario.observed import Target
from sim.score import (
    Bin,
    append_log,
    brier,
    covers,
    crps_days,
    crps_sample,
    figure_of_merit,
    log_score,
    middle_rank,
    observed_from_run,
    path_distances,
    reliability,
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
        factions=more.pop("factions", (faction,)),
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


@pytest.mark.parametrize(
    ("first", "last", "inside"),
    [
        (1, 1, False),  # one in ten has it on evening 2
        (2, 2, True),
        (4, 4, True),  # nine in ten on evening 4
        (5, 5, False),
        (0, 2, True),  # a report that is not precise enough to be outside
        (4, 9, True),
        (6, 6, False),  # not in time, where nine in ten were
    ],
)
def test_the_range_of_days_holds_what_eight_runs_in_ten_say(first, last, inside):
    assert covers(np.array([0.0, 0.05, 0.1, 0.5, 0.9, 0.95]), first, last) is inside


def test_what_is_not_in_time_comes_after_the_last_day():
    half, never = np.array([0.0, 0.2, 0.5]), np.array([0.0, 0.0, 0.05])
    assert covers(half, 1, 1)
    assert covers(half, 40, 40)  # the other half of the runs is not in time either
    assert not covers(half, 0, 0)
    assert covers(never, 3, 3)  # evening 2 is the last
    assert not covers(never, 2, 2)
    assert covers(never, 1, 3)


def test_reliability_counts_what_came_true_by_what_was_said():
    bins = reliability([(0.0, False), (0.1, True), (0.2, False), (1.0, True), (0.8, False)])
    assert bins == (
        Bin(0.0, 0.2, said=0.05, happened=1, n=2),
        Bin(0.2, 0.4, said=0.2, happened=0, n=1),
        Bin(0.8, 1.0, said=0.9, happened=1, n=2),
    )


def test_a_path_is_as_far_out_as_it_differs_from_the_others():
    runs = np.array([[1, 1, 0, 0], [1, 1, 0, 1], [1, 0, 0, 0]])
    away = path_distances(runs, np.array([0, 0, 1, 0]))
    # the truth differs from the runs in 3, 4 and 2 of 4 statements; the first run from the others
    # in 1 and 1, and so on
    assert away == pytest.approx([9 / 12, (3 + 1 + 1) / 12, (4 + 1 + 2) / 12, (2 + 1 + 2) / 12])
    assert middle_rank(away[0], away[1:]) == 4
    assert middle_rank(2.0, np.array([1.0, 2.0, 2.0, 3.0])) == 3  # in the middle of 2, 3 and 4


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


def test_days_are_scored_against_any_day_of_the_calendar():
    result = result_of(*QUARTER, runs=4)
    row = rows(result, target(day=1, by=True), target(day=DAYS + 5, by=True, id="late"))["days"]
    # said 0.1 on evening 1, 0.2 on evening 2 and so on; truth: evening 2, and not in time
    early = 0.1**2 + math.fsum((k / 10 - 1) ** 2 for k in range(2, 11))
    late = math.fsum((k / 10) ** 2 for k in range(11))
    assert row.null["uniform"].crps == pytest.approx((early + late) / 2)
    # a quarter of the runs has it from evening 3 on
    mine = (1.0 + 8 * 0.75**2 + 8 * 0.25**2) / 2
    assert row.figures.crps == pytest.approx(mine)
    assert row.null["uniform"].skill == pytest.approx(1 - 2 * mine / (early + late))


def test_the_coverage_is_the_share_of_days_in_the_range_of_the_runs():
    result = result_of(*QUARTER, runs=4)  # from evening 3 to not in time
    scored = score_targets(
        result,
        [target(day=d, by=True, id=f"d{d}") for d in (1, 2, 8, DAYS + 5)],
    )
    assert [day.inside for day in scored.days] == [False, True, True, True]
    (row,) = [row for row in scored.rows if row.target == "days"]
    assert row.figures.coverage == 0.75
    assert row.null["persistence"].coverage == 0.25  # never, so only what was not in time


def test_a_panel_is_a_row_of_its_own():
    result = result_of(*QUARTER, runs=4)
    chosen, seat = target(day=4), target(day=4, faction=BLUE, cells=(6,), panel=True, where="Seat")
    scored = score_targets(result, [chosen, seat])
    found = {row.target: row for row in scored.rows}
    assert (found["places"].n, found["panel"].n) == (1, 1)
    assert found["places"].figures.brier == pytest.approx(0.75**2)
    assert found["panel"].figures.brier == 0.0
    assert [row.place for row in scored.places] == ["Midway"]
    assert [row.place for row in scored.panel] == ["Seat"]
    assert scored.reliability == {
        "places": (Bin(0.2, 0.4, said=0.25, happened=1, n=1),),
        "panel": (Bin(0.8, 1.0, said=1.0, happened=1, n=1),),
    }


def test_the_observed_path_is_ranked_among_the_runs_by_all_statements():
    # Run 0 takes Midway and Eastend, run 1 Midway, runs 2 and 3 nothing; in truth both were taken
    moves = (Move(0, 3, 4, RED), Move(0, 3, 6, RED), Move(1, 3, 4, RED))
    result = result_of(*moves, runs=4)
    seat = target(day=6, cells=(6,), where="Eastend", panel=True)
    path = score_targets(result, [target(day=6), seat]).path
    assert (path.statements, path.of) == (2, 5)
    assert path.distance == pytest.approx((0 + 1 + 2 + 2) / 8)
    # the runs: 5/8 as well, (1 + 1 + 1 + 1)/8, and (2 + 1 + 0 + 2)/8 twice: four are as far out
    assert path.rank == 1 + 1 + 3 / 2
    assert (path.p10, path.p90) == pytest.approx((4 / 8, 5 / 8))


def test_an_observed_path_that_no_run_took_is_the_last():
    result = result_of(runs=4)
    path = score_targets(result, [target(day=6)]).path
    assert (path.rank, path.of) == (5, 5)
    assert score_targets(result, []).path is None


def test_a_place_may_be_held_by_a_side():
    result = result_of(Move(0, 2, 4, RED), Move(1, 2, 4, NOBODY), runs=4)
    row = rows(result, target(day=4, factions=(RED, NOBODY)))["places"]
    assert row.figures.brier == pytest.approx(0.5**2)
    said = score_targets(result, [target(day=4, factions=(RED, NOBODY))]).places
    assert said[0].faction == "RED + nobody"


def test_skill_has_an_interval_against_every_null():
    targets = [target(day=d, id=p, where=p) for d, p in ((2, "a"), (4, "b"), (6, "c"), (8, "d"))]
    row = rows(result_of(*QUARTER, runs=4), *targets)["places"]
    for null in row.null.values():
        assert null.skill_low <= null.skill <= null.skill_high
    reference = row.null["persistence"]
    assert (row.skill, row.skill_low, row.skill_high) == (
        reference.skill, reference.skill_low, reference.skill_high,
    )  # fmt: skip


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


def test_the_share_of_a_side_is_the_sum_of_its_factions():
    result = result_of(Move(0, 2, 4, RED), runs=2)
    side = rows(result, target("share", (), factions=(RED, NOBODY), share=0.7))["shares"]
    sample = np.array([100 + 40.5, 80 + 40.5]) / 180.5
    assert side.figures.crps == pytest.approx(crps_sample(sample, 0.7))
    assert side.null["persistence"].crps == pytest.approx(0.7 - 120.5 / 180.5)
    everyone = rows(result, target("share", (), factions=(RED, BLUE, NOBODY), share=1.0))
    assert everyone["shares"].figures.crps == pytest.approx(0.0, abs=1e-7)  # shares are float32


def test_part_of_an_area_is_scored_like_a_share():
    # cells 4 to 7 have 100.5 km2; the Reds take 20 of them in one run of two, 40 in the other
    result = result_of(Move(0, 2, 4, RED), Move(1, 2, 4, RED), Move(1, 2, 5, RED), runs=2)
    row = rows(result, target("held", (4, 5, 6, 7), share=0.5))["held"]
    sample = np.array([20, 40]) / 100.5
    assert row.figures.crps == pytest.approx(crps_sample(sample, 0.5))
    assert row.figures.error == pytest.approx(0.5 - 20 / 100.5)
    assert row.null["persistence"].crps == pytest.approx(0.5)
    assert row.null["offensive_only"].crps < 0.5
    late = score_targets(result, [target("held", (4,), share=0.5, day=DAYS + 1, by=True)])
    assert (late.rows, late.left_out) == ((), (f"t{DAYS + 1}",))


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
    assert {
        "result", "scenario", "as_of", "rows", "places", "panel", "days", "reliability", "path",
    } <= set(plain)  # fmt: skip
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


# --- the log ---


def test_a_log_has_its_header_once_and_a_line_for_each_row(tmp_path):
    result = result_of(*QUARTER, runs=4, as_of=START)
    scored = score_targets(result, [target(day=4, by=True), target("share", (), share=0.6)])
    for day in (1, 2):
        assert append_log(tmp_path / "log.csv", result, scored, datetime.date(2026, 1, day)) == 3
    with (tmp_path / "log.csv").open(encoding="utf-8", newline="") as stream:
        lines = list(csv.DictReader(stream))
    assert [line["target"] for line in lines] == ["places", "days", "shares"] * 2
    assert [line["date"] for line in lines] == ["2026-01-01"] * 3 + ["2026-01-02"] * 3
    first = lines[0]
    assert (first["scenario"], first["digest"], first["as_of"], first["view"], first["runs"]) == (
        "strip", "d1gest", "2018-08-14", "ex_ante", "4",
    )  # fmt: skip
    row = scored.rows[0]
    assert float(first["brier"]) == pytest.approx(row.figures.brier, rel=1e-5)
    assert float(first["adjacency_skill"]) == pytest.approx(row.null["adjacency"].skill, rel=1e-5)
    assert (first["crps"], first["uniform_skill"]) == ("", "")
    assert lines[1]["uniform_skill"] != ""


def test_a_log_tells_runs_with_other_parameters_apart(tmp_path):
    results = [result_of(), result_of(), result_of(parameters=Parameters(leak=0.5))]
    for result in results:
        append_log(tmp_path / "log.csv", result, score_targets(result, [target()]), START)
    with (tmp_path / "log.csv").open(encoding="utf-8", newline="") as stream:
        same, again, other = [line["parameters"] for line in csv.DictReader(stream)]
    assert same == again != other


def test_nothing_is_appended_to_a_file_that_is_no_such_log(tmp_path):
    result = result_of()
    scored = score_targets(result, [target()])
    (tmp_path / "notes.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(ResultError, match="other columns"):
        append_log(tmp_path / "notes.csv", result, scored, START)
    assert (tmp_path / "notes.csv").read_text(encoding="utf-8") == "a,b\n1,2\n"
    with pytest.raises(ResultError, match="cannot be written"):
        append_log(tmp_path / "no" / "log.csv", result, scored, START)


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
