from __future__ import annotations

import io
from dataclasses import replace

import pandas as pd
import pytest

from dashboard.reports import (
    NEAR_KM,
    feeds,
    grade_words,
    nearby,
    report_table,
    reports_csv,
    spot_markers,
    treatment,
    what,
)
from sim import CitedLine, gather_evidence, load_scenario

NAMES = {"SAA": "The army", "SDF": "The SDF", "IS": "Islamic State", "IRN": "Militias"}


@pytest.fixture(scope="module")
def hajin():
    return gather_evidence(load_scenario("hajin-pocket"))


def report(evidence, name):
    return next(one for one in evidence.reports if one.id == name)


def read(made):
    return pd.read_csv(io.BytesIO(made), encoding="utf-8-sig", keep_default_na=False)


def line(kind, **more):
    return CitedLine(kind, "somewhere", ("IS",), "scenario.yaml", 1, **more)


def test_a_report_says_in_which_parts_of_a_scenario_it_is_used(hajin):
    assert feeds(report(hajin, "S1")) == ("start", "strength", "event")
    assert feeds(report(hajin, "R60")) == ("score",)
    assert feeds(replace(report(hajin, "R60"), feeds=())) == ("nothing",)


def test_the_table_has_a_row_for_each_report_and_counts_further_uses(hajin):
    table = report_table(hajin, NAMES).set_index("id")
    assert len(table) == len(hajin.reports)
    assert table.loc["S1", "treatment"] == "Taken as given at the start. (and 3 more)"
    assert table.loc["S1", "factions"] == {"Islamic State", "The SDF"}


@pytest.mark.parametrize(
    ("use", "said"),
    [
        (line("control"), "Taken as given"),
        (line("force", persons=(1500, 3000)), "between 1,500 and 3,000"),
        (line("force", persons=(1500, 1500)), "Taken as given: 1,500 fighters"),
        (line("observed", detail="on"), "No run sees it"),
        (line("event", left_out=True), "go without it"),
    ],
)
def test_how_runs_treat_a_line_is_a_sentence(use, said):
    assert said in treatment(use)


def test_an_event_is_given_and_its_outcome_is_not(hajin):
    offensive = report(hajin, "R12").feeds[0]
    assert treatment(offensive) == (
        "Happens in every run from 10 September 2018 to 31 March 2019; "
        "what comes of it is left to the run."
    )
    once = replace(offensive, days=(offensive.days[0],) * 2)
    assert "in every run on 10 September 2018;" in treatment(once)
    drawn = replace(offensive, persons=(100, 300))
    assert "how many come, between 100 and 300" in treatment(drawn)
    some = replace(offensive, condition="share(IS) < 0.1")
    assert "only in runs where" in treatment(some)


@pytest.mark.parametrize(
    ("use", "said"),
    [
        (line("faction"), "What Islamic State is"),
        (line("control"), "Islamic State holds somewhere"),
        (line("force", detail="covert"), "Hidden fighters of Islamic State"),
        (line("support", share=0.08), "8 % of the people in somewhere"),
        (line("observed", detail="by"), "Islamic State came to hold somewhere"),
        (line("observed", detail="on", share=0.3), "Islamic State held 30 % of the map"),
        (line("observed", detail="held", share=0.5), "Islamic State held 50 % of somewhere"),
    ],
)
def test_what_a_line_says_is_told_in_words(use, said):
    assert said in what(use, NAMES)


def test_a_grade_is_two_judgements():
    assert grade_words("B6") == (
        "B6: the source is usually reliable; the claim is impossible to judge."
    )


def test_each_spot_has_one_marker_with_all_of_its_reports(hajin):
    markers = spot_markers(hajin)
    assert len({(marker.lon, marker.lat) for marker in markers}) == len(markers)
    at_hajin = next(marker for marker in markers if marker.id == "S1")
    assert [one.id for one in at_hajin.reports] == ["S1", "R12", "R13"]
    placed = sum(one.lon is not None for one in hajin.reports)
    assert sum(len(marker.reports) for marker in markers) == placed


def test_reports_from_around_a_point_come_nearest_first(hajin):
    s1 = report(hajin, "S1")
    found = nearby(hajin, s1.lon, s1.lat)
    assert [one.id for one in found[:3]] == ["S1", "R12", "R13"]
    # a degree of latitude is 111 km: just beyond the reach there is nothing of Hajin's
    beyond = nearby(hajin, s1.lon, s1.lat + (NEAR_KM + 0.5) / 111.2)
    assert "S1" not in [one.id for one in beyond]


def test_the_file_for_spreadsheets_has_a_row_for_each_use(hajin):
    table = read(reports_csv(hajin.reports, NAMES))
    assert len(table) == sum(max(len(one.feeds), 1) for one in hajin.reports)
    s1 = table[table["id"] == "S1"]
    assert list(s1["feeds"]) == ["control", "force", "force", "event"]
    assert set(s1["file"]) == {"scenario.yaml"}


def test_no_text_of_a_scenario_becomes_a_formula(hajin):
    bad = replace(report(hajin, "S1"), claim='=HYPERLINK("x")', source="@SUM(1)", feeds=())
    row = read(reports_csv([bad], NAMES)).iloc[0]
    assert row["claim"] == '\'=HYPERLINK("x")'
    assert row["source"] == "'@SUM(1)"
    assert row["feeds"] == "nothing"
