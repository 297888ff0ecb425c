from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from dashboard.charts.evidence import COLUMNS, disagreements, strength_chart, strength_table
from dashboard.charts.score import (
    NULLS,
    capture_chart,
    capture_table,
    reliability_chart,
    reliability_table,
    score_table,
    skill_table,
    statements,
    verdicts,
)
from sim import Score, gather_evidence, load_scenario, score_result
from sim.score import DayRow, Figures, Row, reliability

PALE, DARK = "#E8D140", "#212422"


def fields(chart):
    """The columns that any layer of a chart shows."""
    found = set()
    for layer in chart["layer"]:
        if "data" in layer:
            continue
        for channel in layer["encoding"].values():
            for entry in channel if isinstance(channel, list) else [channel]:
                found.add(entry["field"])
    return found


def score_of(*days, rows=()):
    return Score(
        result=None, scenario="s", as_of=None, rows=tuple(rows), places=(), days=days, left_out=()
    )


def captured(place, observed, p10, p50, p90):
    return DayRow(place, place, "B", observed, p10, p50, p90, crps=1.0, report="R1", inside=True)


def skilled(skill, low, high):
    figures = Figures(brier=0.2, log=0.6)
    null = {name: Figures(brier=0.4, log=0.9, skill=skill) for name in NULLS}
    return Row("given_later", "places", 9, figures, null, skill, low, high)


@pytest.fixture(scope="module")
def strengths():
    return gather_evidence(load_scenario("hajin-pocket"))


NAMES = {"SAA": "The army", "SDF": "The SDF", "IS": "Islamic State", "IRN": "Militias"}
COLOURS = {"SAA": "#DC0E2E", "SDF": PALE, "IS": DARK, "IRN": "#B76ED2"}


# --- strengths ---


def test_the_strongest_faction_stands_first_and_its_reports_below_it(strengths):
    table = strength_table(strengths, NAMES, COLOURS)
    drawn = table[table["kind"] == "drawn"]
    assert list(drawn["label"]) == ["The army", "The SDF", "Islamic State", "Militias"]
    assert list(table["row"]) == sorted(table["row"])
    sdf = table[table["faction"] == "The SDF"]
    assert list(sdf["kind"]) == ["drawn", "report"]
    assert list(sdf["said"]) == ["44,000 to 68,000", "55,000 to 80,000"]


def test_one_faction_shows_each_of_its_forces(strengths):
    table = strength_table(strengths, NAMES, COLOURS, "IS")
    drawn = table[table["kind"] == "drawn"]
    assert list(drawn["label"]) == ["Islamic State", "is-hajin", "is-cells-left", "is-cells-right"]
    assert set(table["colour"]) == {DARK}


def test_a_range_is_as_wide_as_the_scenario_says(strengths):
    table = strength_table(strengths, NAMES, COLOURS, "IS").set_index("label")
    assert (table.loc["is-hajin", "low"], table.loc["is-hajin", "high"]) == (2000, 8000)


def test_bars_have_their_factions_colour_and_an_outline_and_no_legend(strengths):
    chart = strength_chart(strength_table(strengths, NAMES, COLOURS))
    bar = chart["layer"][0]
    assert bar["encoding"]["color"] == {
        "field": "colour", "type": "nominal", "scale": None, "legend": None,
    }  # fmt: skip
    assert bar["mark"]["stroke"]
    assert fields(chart) <= set(COLUMNS)
    assert chart["description"]


def test_every_row_of_the_chart_has_its_label(strengths):
    table = strength_table(strengths, NAMES, COLOURS)
    chart = strength_chart(table)
    expression = chart["layer"][0]["encoding"]["y"]["axis"]["labelExpr"]
    assert expression.startswith('["The army", ')
    assert expression.count('"') == 2 * table["row"].nunique()


def test_no_forces_give_an_empty_chart_that_still_is_one(strengths):
    table = strength_table(strengths, NAMES, COLOURS, "nobody")
    assert table.empty
    assert strength_chart(table)["height"] > 0


def test_the_widest_disagreement_is_told_first(strengths):
    found = disagreements(strengths)
    assert found[0] == ("SAA", "", pytest.approx(5.0))  # 35,000 against 175,000
    assert [times for _, _, times in found] == sorted((f[2] for f in found), reverse=True)


# --- scores ---


def test_scores_stand_beside_those_of_all_null_models(two_valleys_result):
    score = score_result(two_valleys_result)
    table = score_table(score)
    assert list(table.columns) == ["asked", "measure", "n", "runs", *NULLS]
    assert list(table["measure"]) == [
        "Brier score", "Log score", "CRPS (days)", "Days in the range",
    ]  # fmt: skip
    assert table["runs"].tolist() == [
        score.rows[0].figures.brier, score.rows[0].figures.log, score.rows[1].figures.crps,
        score.rows[1].figures.coverage,
    ]  # fmt: skip
    assert table["persistence"].notna().all()


def test_skill_stands_with_its_interval(two_valleys_result):
    score = score_result(two_valleys_result)
    table = skill_table(score)
    assert table["persistence"].tolist() == [row.skill for row in score.rows]
    assert table["low"].iloc[0] == score.rows[0].skill_low


@pytest.mark.parametrize(
    ("skill", "low", "high", "said"),
    [
        (0.5, 0.1, 0.8, 'better than "nothing changes"'),
        (-0.5, -0.8, -0.1, 'worse than "nothing changes"'),
        (0.1, -0.2, 0.3, "chance alone"),
        (0.5, None, None, "too few places"),
    ],
)
def test_a_skill_is_put_into_words(skill, low, high, said):
    lines = verdicts(skill_table(score_of(rows=[skilled(skill, low, high)])))
    assert len(lines) == 1
    assert said in lines[0]


def test_guesses_that_did_better_than_the_runs_are_named():
    better = verdicts(skill_table(score_of(rows=[skilled(-0.5, -0.8, -0.1)])))[0]
    assert '"nothing changes", "fronts drift"' in better
    assert "smaller error" not in verdicts(skill_table(score_of(rows=[skilled(0.5, 0.1, 0.8)])))[0]


def test_a_null_model_that_was_perfect_gives_no_verdict():
    assert verdicts(skill_table(score_of(rows=[skilled(None, None, None)]))) == []


def test_every_statement_is_listed(two_valleys_result):
    score = score_result(two_valleys_result)
    table = statements(score)
    assert len(table) == len(score.places) > 0
    assert table["probability"].between(0, 1).all()


# --- reliability ---


def test_what_was_said_is_counted_against_what_happened():
    pairs = [(0.05, False)] * 9 + [(0.15, True)] + [(0.9, True)] * 3 + [(1.0, True)]
    table = reliability_table(reliability(pairs))
    assert table["n"].tolist() == [10, 4]
    assert table["said"].tolist() == pytest.approx([0.06, 0.925])
    assert table["share"].tolist() == pytest.approx([0.1, 1.0])
    assert table["inside"].tolist() == [True, True]


def test_a_sure_statement_that_fails_is_outside_what_chance_allows():
    table = reliability_table(reliability([(1.0, True), (1.0, False)]))
    assert table["inside"].tolist() == [False]
    assert table["low"].iloc[0] == table["high"].iloc[0] == 1.0


def test_the_band_is_that_of_tossed_coins():
    table = reliability_table(reliability([(0.5, k < 5) for k in range(10)]))
    # of ten tosses of a fair coin 2 to 8 heads come nine times out of ten
    assert (table["low"].iloc[0], table["high"].iloc[0]) == (0.2, 0.8)


def test_no_statements_give_no_groups():
    assert reliability_table([]).empty


def test_the_reliability_chart_shows_what_the_table_has():
    table = reliability_table(reliability([(0.3, True), (0.9, True)]))
    chart = reliability_chart(table)
    assert fields(chart) <= {*table.columns, "verdict"}
    assert "2 statements" in chart["description"]


# --- days of capture ---

END = date(2018, 12, 31)


def test_places_stand_in_the_order_in_which_they_were_taken():
    score = score_of(
        captured("Late", date(2018, 11, 1), date(2018, 9, 1), date(2018, 9, 5), date(2018, 9, 9)),
        captured("Never", None, None, None, None),
        captured("Early", date(2018, 10, 1), date(2018, 9, 1), date(2018, 9, 5), None),
    )
    table = capture_table(score, {"B": DARK}, END)
    assert list(table["place"]) == ["Early", "Late", "Never"]
    assert capture_chart(table)["layer"][0]["encoding"]["y"]["sort"] == list(table["label"])


def test_a_place_that_few_runs_take_is_drawn_up_to_the_end_and_said_so():
    score = score_of(captured("P", date(2018, 10, 1), date(2018, 9, 1), None, None))
    row = capture_table(score, {"B": DARK}, END).iloc[0]
    assert row["open"]
    assert row["last"] == "2018-12-31"
    assert "fewer than nine in ten" in row["runs"]


def test_a_place_that_hardly_a_run_takes_has_no_bar():
    row = capture_table(
        score_of(captured("P", date(2018, 10, 1), None, None, None)), {"B": DARK}, END
    ).iloc[0]
    assert row["first"] is None
    assert row["last"] is None


def test_the_chart_of_captures_has_a_bar_a_tick_and_a_dot_in_the_factions_colour():
    score = score_of(captured("P", END, date(2018, 9, 1), date(2018, 9, 5), date(2018, 9, 9)))
    table = capture_table(score, {"B": PALE}, END)
    chart = capture_chart(table)
    assert [layer["mark"]["type"] for layer in chart["layer"]] == ["bar", "tick", "point"]
    assert table["colour"].iloc[0] == PALE
    assert chart["layer"][0]["mark"]["stroke"]
    assert fields(chart) <= set(table.columns)


@pytest.mark.parametrize("chart", ["strength", "reliability", "capture"])
def test_no_chart_offers_to_open_an_editor_on_the_internet(chart, strengths):
    made = {
        "strength": strength_chart(strength_table(strengths, NAMES, COLOURS)),
        "reliability": reliability_chart(reliability_table(reliability([(0.5, True)]))),
        "capture": capture_chart(pd.DataFrame(columns=["label"])),
    }[chart]
    assert made["usermeta"]["embedOptions"]["actions"]["editor"] is False
    assert "http" not in str(made)
