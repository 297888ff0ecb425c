from __future__ import annotations

import time
from collections import defaultdict
from datetime import date

import numpy as np
import pandas as pd
import pytest

from dashboard.happenings import KINDS, happenings
from sim.state import Cause, Incident
from tests.unit.result_kit import BLUE, NOBODY, RED, Happening, Move, result_of


def told(result, entry, run=None, most=50):
    return [it.text for it in happenings(result, entry, run, most)]


def of_kind(result, entry, kind, run=None):
    return [it for it in happenings(result, entry, run, 50) if it.kind == kind]


# --- ground ---


@pytest.mark.parametrize(
    ("cause", "sentence"),
    [
        (Cause.ASSAULT, "The Reds took Midway from the Blues by assault."),
        (
            Cause.CEDED,
            "The Reds took Midway; the Blues gave ground instead of fighting for it.",
        ),
        (
            Cause.OCCUPIED,
            "The Reds moved into Midway, where the Blues had too few fighters to hold it.",
        ),
        (Cause.SURRENDER, "The Blues surrendered Midway to the Reds."),
        (
            Cause.EVACUATION,
            "The Blues left Midway under an evacuation deal, and the Reds took over.",
        ),
        (Cause.RECONCILIATION, "Midway went over from the Blues to the Reds on agreed terms."),
    ],
)
def test_a_place_that_falls_in_one_run_is_told_with_its_cause(cause, sentence):
    assert sentence in told(result_of(Move(0, 1, 4, RED, cause)), 1, run=0)


def test_the_ensemble_says_in_how_many_runs_a_place_fell():
    moves = [Move(run, 3, 4, RED) for run in (0, 2)]
    result = result_of(*moves, runs=4)
    assert "The Reds took Midway from the Blues by assault in 2 of 4 runs." in told(result, 3)
    moves = [Move(run, 3, 4, RED, Cause.SURRENDER) for run in range(4)]
    result = result_of(*moves, runs=4)
    assert "The Blues surrendered Midway to the Reds in all 4 runs." in told(result, 3)


def test_runs_that_differ_in_the_cause_are_told_without_one():
    result = result_of(Move(0, 3, 4, RED), Move(1, 3, 4, RED, Cause.SURRENDER))
    assert "The Reds took Midway from the Blues in all 2 runs." in told(result, 3)


def test_ground_that_nobody_held_or_holds_has_its_own_words():
    result = result_of(Move(0, 1, 6, NOBODY, Cause.NONE), Move(0, 2, 6, RED, Cause.OCCUPIED))
    assert "The Blues lost Eastend, and nobody took over." in told(result, 1, run=0)
    assert "The Reds moved into Eastend, which nobody held." in told(result, 2, run=0)


def test_cells_without_a_name_are_told_by_their_area_and_the_nearest_place():
    result = result_of(Move(0, 1, 5, RED), Move(1, 1, 5, RED), runs=4)
    text = "The Reds took about 20 km² around Midway from the Blues by assault in 2 of 4 runs."
    assert text in told(result, 1)
    assert "The Reds took 20 km² around Midway from the Blues by assault." in told(result, 1, 0)


def test_the_places_that_the_scenario_asks_about_come_first():
    result = result_of(*(Move(run, 1, 6, RED) for run in range(2)), Move(0, 1, 4, RED))
    assert [it.cell for it in of_kind(result, 1, "place")] == [4, 6]  # Midway is asked about


# --- incidents ---


def incident(kind, run=0, persons=40, cell=5, other=NOBODY, faction=BLUE):
    return Happening(run, 2, kind, faction, cell, persons, other)


@pytest.mark.parametrize(
    ("kinds", "came"),
    [
        (["SUCCESS"], "the attempt came through"),
        (["FAILURE"], "the attempt failed"),
        (["FAILURE"] * 2, "none of 2 attempts came through"),
        (["FAILURE", "SUCCESS"], "1 of 2 attempts came through"),
        (["SUCCESS"] * 2, "all 2 attempts came through"),
    ],
)
def test_break_outs_are_counted_in_singular_and_plural(kinds, came):
    happened = tuple(incident(Incident[f"BREAK_OUT_{kind}"]) for kind in kinds)
    text = f"The Blues tried to break out of encirclement around Midway; {came}."
    assert text in told(result_of(happenings=happened), 2, run=0)


@pytest.mark.parametrize(
    ("happened", "sentence"),
    [
        (
            incident(Incident.SURRENDER, persons=1, other=RED),
            "1 fighter of the Blues surrendered to the Reds around Midway.",
        ),
        (
            incident(Incident.SURRENDER, persons=1234, other=RED),
            "1,234 fighters of the Blues surrendered to the Reds around Midway.",
        ),
        (
            incident(Incident.EVACUATION, faction=RED, other=BLUE),
            "40 fighters of the Blues left under a deal with the Reds around Midway.",
        ),
        (
            incident(Incident.RECONCILIATION, faction=RED, other=BLUE),
            "40 fighters of the Blues accepted terms from the Reds around Midway.",
        ),
        (
            incident(Incident.ARRESTS, persons=1, faction=RED, other=BLUE),
            "The Reds arrested 1 person of the hidden network of the Blues around Midway.",
        ),
        (
            incident(Incident.CONVOY_LEFT),
            "40 people set out in a convoy of the Blues around Midway.",
        ),
        (
            incident(Incident.CONVOY_CAUGHT, persons=2),
            "2 people were lost when a convoy of the Blues was attacked around Midway.",
        ),
        (
            incident(Incident.CONVOY_ARRIVED),
            "40 people arrived in a convoy of the Blues around Midway.",
        ),
        (
            incident(Incident.EXFILTRATION),
            "40 fighters of the Blues slipped out of encirclement around Midway.",
        ),
        (
            incident(Incident.OPERATION, faction=RED, other=BLUE),
            "The Reds attacked the Blues around Midway.",
        ),
    ],
)
def test_each_kind_of_incident_has_its_sentence(happened, sentence):
    assert sentence in told(result_of(happenings=(happened,)), 2, run=0)


def test_the_number_of_persons_over_the_runs_is_the_middle_one():
    happened = tuple(
        incident(Incident.SURRENDER, run=run, persons=n, other=RED)
        for run, n in enumerate((10, 30, 500))
    )
    text = "About 30 fighters of the Blues surrendered to the Reds around Midway in 3 of 4 runs."
    assert text in told(result_of(happenings=happened, runs=4), 2)


# --- the calendar ---


@pytest.mark.parametrize(
    ("entry", "line"),
    [
        (3, "From today: Reds advance on Midway"),
        (5, "Going on: Reds advance on Midway"),
        (9, "Until today: Reds advance on Midway"),
    ],
)
def test_the_calendar_says_what_begins_goes_on_and_ends(entry, line):
    result = result_of()
    assert line in told(result, entry)
    [event] = [it for it in happenings(result, entry) if it.text == line]
    assert event.reports == ("R1", "R2")
    assert result.setting.evening(3) == date(2018, 8, 16)  # two days after the start


def test_before_and_after_an_event_the_calendar_is_silent():
    assert told(result_of(), 2) == []
    assert told(result_of(), 10) == []


def test_nothing_has_happened_at_the_start():
    assert happenings(result_of(Move(0, 1, 4, RED)), 0) == ()


# --- all of it ---


def test_what_weighs_most_comes_first_and_the_list_is_bounded(two_valleys_result):
    for entry in range(two_valleys_result.days + 1):
        found = happenings(two_valleys_result, entry, None, 6)
        assert len(found) <= 6
        places = [KINDS.index(it.kind) for it in found]
        assert places == sorted(places)


@pytest.mark.parametrize("run", [None, 3])
def test_the_sentences_agree_with_a_plain_reading_of_the_ledger(two_valleys_result, run):
    result = two_valleys_result
    for entry in range(1, result.days + 1):
        rows = result.ledger[result.ledger["day"] == entry]
        if run is not None:
            rows = rows[rows["run"] == run]
        found = [it for it in happenings(result, entry, run, 99) if it.kind in ("place", "ground")]
        towns = {place.cell for place in result.setting.places}
        codes = result.ledger["cell"].cat.categories.get_indexer(rows["cell"])
        named, rest = defaultdict(set), defaultdict(set)
        for code, row in zip(codes, rows.to_dict("records"), strict=True):
            if code in towns:
                named[code, row["to"]].add(row["run"])
            else:
                district = result.setting.district[code]
                rest[district, row["from"], row["to"]].add(row["run"])
        ids = result.setting.holders
        assert {(it.cell, ids[it.faction]): it.runs for it in found if it.kind == "place"} == {
            key: len(runs) for key, runs in named.items()
        }
        assert sorted(it.runs for it in found if it.kind == "ground") == sorted(
            len(runs) for runs in rest.values()
        )


def test_the_incidents_of_a_day_are_all_counted(two_valleys_result):
    result = two_valleys_result
    for entry in range(1, result.days + 1, 7):
        rows = result.incidents[result.incidents["day"] == entry]
        plain = rows[~rows["kind"].str.startswith("break-out")]
        expected = plain.groupby(["kind", "faction", "other"], observed=True)["run"].nunique()
        found = [it for it in happenings(result, entry, None, 99) if it.kind in set(rows["kind"])]
        assert sorted(it.runs for it in found) == sorted(expected)


def test_to_tell_a_day_is_quicker_than_to_look_the_incidents_through(two_valleys_result):
    """Timed side by side, so that a slow machine slows both."""
    happenings(two_valleys_result, 1)
    many = pd.concat([two_valleys_result.incidents] * 200)  # as many as a national ensemble has
    told, searched = [], []
    for entry in range(1, two_valleys_result.days + 1):
        begun = time.perf_counter()
        happenings(two_valleys_result, entry, None, 11)
        told.append(time.perf_counter() - begun)
        begun = time.perf_counter()
        many[many["day"] == entry].groupby(["kind", "faction", "other"], observed=True).size()
        searched.append(time.perf_counter() - begun)
    assert np.median(told) < np.median(searched)
