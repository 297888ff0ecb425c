"""What a layer shows of a cell and a day is what the result says of it."""

from __future__ import annotations

from copy import copy
from dataclasses import replace

import numpy as np
import pytest

from dashboard.map.blob import pack
from dashboard.map.layers import Layer, likely, one_run, probability, start
from sim import BadiaError, Result, ResultError
from tests.unit.result_kit import BLUE, CELLS, DAYS, NOBODY, RED, Move, result_of

# Cell 4 falls in both runs, cell 5 in one, cell 3 is given up in one.
MOVES = (Move(0, 2, 4, RED), Move(1, 5, 4, RED), Move(0, 3, 5, RED), Move(1, 4, 3, NOBODY))


@pytest.fixture(scope="module")
def result() -> Result:
    return result_of(*MOVES)


def test_the_most_likely_holder_is_shown_with_his_probability(two_valleys_result: Result) -> None:
    chances = two_valleys_result.dataset["probability"].to_numpy()
    frames = likely(two_valleys_result).frames
    for day, cell in np.ndindex(frames.shape):
        of_cell = chances[day, cell].tolist()
        holder, steps = frames[day, cell] & 15, frames[day, cell] >> 4
        assert holder == of_cell.index(max(of_cell))
        assert abs(steps / 15 - max(of_cell)) <= 0.5 / 15 + 1e-6


def test_of_two_equally_likely_holders_the_first_is_shown(result: Result) -> None:
    frames = likely(result).frames
    assert frames[2, 4] == RED | (8 << 4)  # one run of two; 7.5 steps round to 8
    assert frames[5, 4] == RED | (15 << 4)
    assert frames[DAYS, 5] == RED | (8 << 4)
    assert frames[0, 5] == BLUE | (15 << 4)


def test_ground_that_nobody_holds_is_the_last_faction_s(result: Result) -> None:
    assert likely(result).frames[0, 7] == 2 | (15 << 4)
    assert one_run(result, 1).frames[4, 3] == 2
    assert start(result.setting).frames[0, 7] == 2
    np.testing.assert_array_equal(probability(result, "nobody").frames[3:5, 3], [0, 50])


@pytest.mark.parametrize("id", ["Guard", "League", "Brothers", "nobody"])
def test_a_probability_is_the_dataset_s_to_half_a_percent(
    id: str, two_valleys_result: Result
) -> None:
    layer = probability(two_valleys_result, id)
    expected = two_valleys_result.dataset["probability"].sel(faction=id).to_numpy()
    np.testing.assert_allclose(layer.frames / 100, expected, atol=0.005 + 1e-6)
    assert layer.faction == two_valleys_result.setting.holders.index(id)


def test_one_run_is_that_run_s_map(two_valleys_result: Result) -> None:
    for run in (0, 11):
        layer = one_run(two_valleys_result, run)
        holder = two_valleys_result.holder(run)
        np.testing.assert_array_equal(layer.frames == 3, holder == NOBODY)
        np.testing.assert_array_equal(layer.frames[holder >= 0], holder[holder >= 0])
        of_run = two_valleys_result.dataset["share"].sel(run=run)
        np.testing.assert_allclose(layer.shares, of_run, rtol=1e-6)


def test_the_start_is_the_first_entry_of_every_run(two_valleys_result: Result) -> None:
    first, run = start(two_valleys_result.setting), one_run(two_valleys_result, 5)
    np.testing.assert_array_equal(first.frames, run.frames[:1])
    np.testing.assert_allclose(first.shares, run.shares[:1], rtol=1e-6)


def test_shares_are_means_of_the_runs_and_sum_to_one(two_valleys_result: Result) -> None:
    result = two_valleys_result
    mean = result.dataset["share"].mean("run")
    for layer in (likely(result), probability(result, "League")):
        np.testing.assert_allclose(layer.shares, mean, rtol=1e-6)
    for layer in (likely(result), probability(result, "League"), one_run(result, 2)):
        assert layer.shares.dtype == np.float32
        assert layer.shares.shape == (result.days + 1, result.setting.factions + 1)
        np.testing.assert_allclose(layer.shares.sum(axis=1), 1.0, rtol=1e-6)
    np.testing.assert_allclose(start(result.setting).shares.sum(), 1.0, rtol=1e-6)


def test_titles_say_what_is_seen_unless_the_page_says_it(result: Result) -> None:
    assert likely(result).title == "Most likely holder"
    assert probability(result, "BLUE").title == "How likely: the Blues"
    assert one_run(result, 1).title == "Run 1"
    assert one_run(result, 1, title="The worst").title == "The worst"


@pytest.mark.parametrize("days", [1, 2])
def test_one_run_of_a_day_or_two_can_be_shown(days: int) -> None:
    result = result_of(Move(0, 1, 4, RED), runs=1, days=days, reports={})
    layers = [likely(result), probability(result, "RED"), one_run(result, 0)]
    for layer in layers:
        assert layer.frames.shape == (days + 1, CELLS)
        assert pack(result.setting, [layer]).static
    assert layers[0].frames[:2, 4].tolist() == [BLUE | 15 << 4, RED | 15 << 4]
    assert layers[1].frames[:2, 4].tolist() == [0, 100]


def test_what_is_not_there_is_refused(result: Result) -> None:
    with pytest.raises(ValueError, match="GREEN"):
        probability(result, "GREEN")
    with pytest.raises(ResultError, match="no run 2"):
        one_run(result, 2)


def test_more_factions_than_can_be_told_apart_are_refused(result: Result) -> None:
    def crowd(count: int) -> Result:
        ids = tuple(f"F{i}" for i in range(count))
        many = copy(result)
        many.setting = replace(result.setting, faction_ids=ids)
        return many

    def shown(result: Result) -> list[Layer]:
        return [likely(result), one_run(result, 0), start(result.setting)]

    assert shown(crowd(15))
    for what in (
        lambda: likely(crowd(16)),
        lambda: one_run(crowd(16), 0),
        lambda: start(crowd(16).setting),
    ):
        with pytest.raises(BadiaError, match=r"15 factions .* has 16"):
            what()
