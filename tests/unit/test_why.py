from __future__ import annotations

import json

import pytest
from result_kit import BLUE, RED, Happening, Move, result_of

from sim.errors import PlaceError, ResultError
from sim.result import DISCLAIMER, Result
from sim.state import Cause, Incident
from sim.why import why

SCRIPT = (
    Move(0, 4, 4, RED, Cause.ASSAULT, ratio=3.0, margin=0.3),
    Move(0, 6, 4, BLUE, Cause.ASSAULT, ratio=0.5, margin=0.02),
    Move(1, 5, 4, RED, Cause.CEDED, ratio=1.2, margin=0.4),
    Move(2, 9, 4, RED, Cause.SURRENDER),
)


def lines(result, place="Midway", run=None):
    return why(result, place, run).text().splitlines()


def test_one_run_is_told_as_a_chain_of_changes():
    told = lines(result_of(*SCRIPT, runs=4), run=0)
    assert told[:4] == [
        "Midway in run 0 of 'A strip of land'.",
        "At the start the Blues held it.",
        "On 17 August 2018 the Reds took it from the Blues by assault. The attackers had 3.0 times "
        "the defenders' combat power, which made success likely. Under way there: "
        "'Reds advance on Midway' [R1, R2] and 'Aircraft support the Reds' [R2, R3].",
        "On 19 August 2018 the Blues took it from the Reds by assault. The attackers had 0.5 times "
        "the defenders' combat power, so it succeeded against the odds, and it was a close thing. "
        "Under way there: 'Reds advance on Midway' [R1, R2] and "
        "'Aircraft support the Reds' [R2, R3].",
    ]
    assert told[4:-1] == [f"R{i}: claim of R{i} (a paper)" for i in (1, 2, 3)]


def test_the_ensemble_says_how_often_to_whom_when_and_how():
    told = lines(result_of(*SCRIPT, runs=4))
    assert told[:6] == [
        "Midway in 4 runs of 'A strip of land', 14 August 2018 to 23 August 2018.",
        "At the start the Blues held it.",
        "It changed hands in 3 of 4 runs (75 %).",
        "The Reds came to hold it in 3 of 4 runs (75 %), in half of these by 18 August 2018 and "
        "in most between 17 August 2018 and 22 August 2018. How: in 33 % of the cases by assault; "
        "in 33 % of the cases because the holder gave ground instead of fighting; in 33 % of the "
        "cases by surrender, as the defenders were cut off and short of food. Where it was fought "
        "for, the attackers typically had 1.2 times the defenders' combat power. Under way there "
        "at the time: 'Reds advance on Midway' [R1, R2] and 'Aircraft support the Reds' [R2, R3] "
        "(67 % of the cases).",
        "The Blues came to hold it in 1 of 4 runs (25 %), first on 19 August 2018. How: always "
        "by assault. Where it was fought for, the attackers typically had 0.5 times the "
        "defenders' combat power. Under way there at the time: 'Aircraft support the Reds' "
        "[R2, R3] and 'Reds advance on Midway' [R1, R2].",
        "On the last day it was held by the Blues in 2 runs and the Reds in 2 runs.",
    ]


@pytest.mark.parametrize("run", [None, 0])
def test_every_answer_ends_by_saying_what_it_is_not(run):
    assert lines(result_of(*SCRIPT, runs=3), run=run)[-1] == DISCLAIMER
    assert "not a forecast" in DISCLAIMER


def test_where_nothing_happened_it_says_so_and_why():
    told = lines(result_of(runs=3), "Eastend")
    assert told[2:-1] == [
        "It did not change hands in any run.",
        "Nobody began an operation against the Blues within 15 km.",
    ]


def test_a_place_that_was_attacked_and_held_is_told_apart():
    def begun(run, day):
        return Happening(run, day, Incident.OPERATION, RED, 5, 50, other=BLUE)

    result = result_of(runs=3, happenings=(begun(0, 2), begun(1, 2), begun(1, 5)))
    assert (
        "3 operations were begun against the Blues within 15 km in 2 of 3 runs (67 %), "
        "and the place was held." in lines(result, "Eastend")
    )
    assert "1 operation was begun against the Blues within 15 km, and the place was held." in lines(
        result, "Eastend", run=0
    )


@pytest.mark.parametrize(
    ("move", "sentence"),
    [
        (Move(0, 1, 7, RED, Cause.OCCUPIED), "the Reds moved in; nobody held it."),
        (
            Move(0, 1, 6, RED, Cause.OCCUPIED),
            "the Reds moved in; the Blues had too few fighters there to hold it.",
        ),
        (
            Move(0, 1, 6, RED, Cause.SURRENDER),
            "the Blues, cut off and short of food, surrendered it, and the Reds took over.",
        ),
        (
            Move(0, 1, 6, RED, Cause.EVACUATION),
            "the Blues left under an evacuation deal, and the Reds took over.",
        ),
        (
            Move(0, 1, 6, RED, Cause.RECONCILIATION),
            "the Blues accepted terms, and it went over to the Reds.",
        ),
    ],
)
def test_each_cause_has_its_own_words(move, sentence):
    told = lines(result_of(move), f"cell{move.cell}", run=0)
    assert f"On 14 August 2018 {sentence}" in told


@pytest.mark.parametrize(
    ("ratio", "words"),
    [(3.0, "made success likely"), (1.2, "odds about even"), (0.5, "against the odds")],
)
def test_the_balance_of_forces_is_put_in_words(ratio, words):
    told = lines(result_of(Move(0, 1, 6, RED, ratio=ratio)), "Eastend", run=0)
    assert words in told[2]


@pytest.mark.parametrize(
    ("kinds", "words"),
    [
        (["SUCCESS"], "1 attempt to break out (it came through)"),
        (["FAILURE"], "1 attempt to break out (it failed)"),
        (["FAILURE"] * 2, "2 attempts to break out (none came through)"),
        (["FAILURE", "SUCCESS"], "2 attempts to break out (1 came through)"),
        (["SUCCESS"] * 2, "2 attempts to break out (all came through)"),
    ],
)
def test_break_outs_nearby_are_counted_in_singular_and_plural(kinds, words):
    happenings = tuple(Happening(0, 2, Incident[f"BREAK_OUT_{k}"], BLUE, 5, 40) for k in kinds)
    told = lines(result_of(happenings=happenings), "Midway", run=0)
    assert f"Within 15 km: {words}." in told


def test_what_happens_far_away_is_no_part_of_the_story():
    happening = Happening(0, 2, Incident.SURRENDER, BLUE, 0, 40)
    assert not [line for line in lines(result_of(happenings=(happening,))) if "surrender" in line]


def test_several_kinds_of_happening_are_listed():
    happenings = (
        Happening(0, 2, Incident.SURRENDER, BLUE, 5, 40),
        Happening(1, 2, Incident.SURRENDER, BLUE, 5, 40),
        Happening(1, 3, Incident.CONVOY_CAUGHT, BLUE, 4, 4),
    )
    told = lines(result_of(happenings=happenings))
    assert "Within 15 km over 2 runs: 2 surrenders and 1 attack on a convoy." in told


def test_a_place_or_run_that_is_not_there_is_refused():
    result = result_of()
    with pytest.raises(PlaceError, match="Did you mean 'Midway'"):
        why(result, "Midwaj")
    with pytest.raises(ResultError, match="no run 7"):
        why(result, "Midway", run=7)


def test_a_loaded_result_gives_the_same_answer(tmp_path):
    result = result_of(*SCRIPT, runs=4)
    loaded = Result.load(result.save(tmp_path / "out"))
    assert why(loaded, "Midway") == why(result, "Midway")
    assert why(loaded, "Midway", 1) == why(result, "Midway", 1)


def test_the_answer_is_also_plain_values():
    plain = why(result_of(*SCRIPT, runs=4), "Midway").as_dict()
    assert plain["end"] == {"BLUE": 2, "RED": 2}
    assert plain["unchanged"] == 1
    assert plain["takers"][0]["causes"] == {"assault": 1, "ceded": 1, "surrender": 1}
    assert plain["changes"][0]["date"] == "2018-08-17"
    assert plain["reports"] == ("R1", "R2", "R3")
    json.dumps(plain, allow_nan=False)


def test_what_is_told_comes_apart_from_the_reports_and_the_notice():
    story = why(result_of(*SCRIPT, runs=4), "Midway")
    assert story.sentences[: len(story.telling)] == story.telling
    rest = story.sentences[len(story.telling) :]
    assert [line.split(":")[0] for line in rest[:-1]] == ["R1", "R2", "R3"]


def test_a_place_that_falls_in_every_run_is_told_without_percentages():
    moves = tuple(Move(run, 5, 6, RED, Cause.SURRENDER) for run in range(3))
    told = lines(result_of(*moves, runs=3), "Eastend")
    assert told[2:5] == [
        "It changed hands in all 3 runs.",
        "The Reds came to hold it in all 3 runs, first on 18 August 2018. How: always by "
        "surrender, as the defenders were cut off and short of food.",
        "On the last day it was held by the Reds in all 3 runs.",
    ]
