from __future__ import annotations

import numpy as np
import pytest

from dashboard.place import place_story
from sim import explain
from sim.errors import ResultError
from sim.state import Cause
from tests.unit.result_kit import BLUE, NOBODY, RED, Move, result_of

MOVES = (
    Move(0, 4, 4, RED, ratio=3.0),
    Move(0, 6, 4, BLUE, ratio=0.5),
    Move(1, 5, 4, RED, Cause.SURRENDER),
)


@pytest.fixture(scope="module")
def result():
    return result_of(*MOVES, runs=4)


def test_it_is_named_as_people_name_it(result):
    assert place_story(result, 4).place == "Midway"
    assert place_story(result, 5).place == "5 km east of Midway"


def test_the_summary_says_who_held_it_first_and_last(result):
    assert place_story(result, 4).summary == (
        "Held by the Blues at the start; on 23 August 2018 by the Blues in 3 of 4 runs."
    )
    assert place_story(result, 0).summary == (
        "Held by the Reds at the start; on 23 August 2018 by the Reds in all 4 runs."
    )
    assert place_story(result, 4, 1).summary == (
        "Held by the Blues at the start; on 23 August 2018 by the Reds."
    )
    assert place_story(result, 7).summary.startswith("Held by nobody at the start")


@pytest.mark.parametrize("run", [None, 0, 1])
def test_the_reasons_are_those_of_the_command_line(result, run):
    story, why = place_story(result, 4, run), explain(result, "Midway", run)
    assert story.telling == why.telling[1:]
    assert story.notice == why.sentences[-1]
    assert [report.id for report in story.reports] == list(why.reports) == ["R1", "R2", "R3"]


def test_a_report_is_one_line_with_its_date_and_source(result):
    assert place_story(result, 4).reports[0].line == "R1: claim of R1 (2018-08-01, a paper)"


def test_in_one_run_the_holder_is_certain_on_every_day(result):
    story = place_story(result, 4, 0)
    held = story.chance.argmax(axis=1)
    assert held.tolist() == [BLUE] * 4 + [RED] * 2 + [BLUE] * 5
    assert (story.chance.sum(axis=1) == 1).all()


def test_the_runs_together_make_the_chances_of_all(result):
    for cell in range(8):
        mean = np.mean([place_story(result, cell, run).chance for run in range(4)], axis=0)
        np.testing.assert_allclose(place_story(result, cell).chance, mean, rtol=1e-6)


def test_nobody_is_a_holder_too():
    story = place_story(result_of(Move(0, 2, 6, NOBODY, Cause.NONE)), 6, 0)
    assert story.names[-1] == "nobody"
    assert story.chance[:, -1].tolist() == [0] * 2 + [1] * 9


def test_a_run_that_is_not_there_is_refused(result):
    with pytest.raises(ResultError, match="no run 9"):
        place_story(result, 4, 9)
