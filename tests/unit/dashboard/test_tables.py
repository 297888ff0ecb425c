from __future__ import annotations

import gc
import threading
import weakref

import numpy as np
import pytest

from dashboard.kept import Recalled, kept
from dashboard.tables import QUANTITIES, displaced, quantiles, standing
from sim import Result, simulate


def test_on_the_last_day_the_page_says_what_the_command_line_says(two_valleys_result):
    summary = two_valleys_result.summary()
    for one in standing(two_valleys_result, two_valleys_result.days):
        for name in ("p10", "p50", "p90"):
            assert getattr(one.share, name) == summary["share"][one.id][name]
            assert getattr(one.losses, name) == summary["losses"][one.id][name]


@pytest.mark.parametrize("entry", [0, 1, 17, 60])
def test_every_number_of_a_day_is_that_of_a_run(two_valleys_result, entry):
    data = two_valleys_result.dataset.isel(day=entry)
    area = float(two_valleys_result.setting.area_km2.sum())
    for f, one in enumerate(standing(two_valleys_result, entry)):
        for spread, values in (
            (one.share, data["share"][:, f]),
            (one.fighters, data["fighters"][:, f]),
            (one.losses, data["losses"][:, f]),
        ):
            expected = np.quantile(values, (0.1, 0.5, 0.9), method="inverted_cdf")
            assert (spread.p10, spread.p50, spread.p90) == tuple(expected)
        assert one.area_km2.p50 == pytest.approx(area * one.share.p50)
    middle = np.quantile(data["displaced"], 0.5, method="inverted_cdf")
    assert displaced(two_valleys_result, entry).p50 == middle


def test_nobody_has_gained_or_lost_at_the_start(two_valleys_result):
    assert [one.change for one in standing(two_valleys_result, 0)] == [0.0, 0.0, 0.0]


def test_what_one_gains_is_the_change_of_its_middle_share(two_valleys_result):
    now, then = standing(two_valleys_result, 60), standing(two_valleys_result, 0)
    for late, early in zip(now, then, strict=True):
        assert late.change == late.share.p50 - early.share.p50
        assert late.most_share >= max(late.share.p50, early.share.p50)
    assert any(late.change for late in now)


@pytest.mark.parametrize("quantity", QUANTITIES.values())
def test_shared_quantiles_cannot_be_changed_by_mistake(two_valleys_result, quantity):
    with pytest.raises(ValueError, match="read-only"):
        quantiles(two_valleys_result, quantity.series)[:] = 0


# --- what is kept of a result ---


class Counter:
    def __init__(self):
        self.asked = []

    def answer(self, most):
        @kept(most=most)
        def answer(result, number):
            self.asked.append(number)
            return [number]

        return answer


def short(two_valleys):
    return simulate(two_valleys, runs=1, days=2)


def test_an_answer_is_worked_out_once(two_valleys):
    result, counter = short(two_valleys), Counter()
    answer = counter.answer(most=2)
    assert answer(result, 1) is answer(result, 1)
    assert counter.asked == [1]


def test_the_answer_that_was_longest_not_asked_for_is_dropped(two_valleys):
    result, counter = short(two_valleys), Counter()
    answer = counter.answer(most=2)
    for number in (1, 2, 1, 3, 1, 2):
        answer(result, number)
    assert counter.asked == [1, 2, 3, 2]


def test_two_results_do_not_share_answers(two_valleys):
    counter = Counter()
    answer = counter.answer(most=2)
    one, two = short(two_valleys), short(two_valleys)
    answer(one, 1)
    answer(two, 1)
    assert counter.asked == [1, 1]


def test_a_result_that_nobody_holds_is_let_go_with_all_that_was_made_of_it(two_valleys):
    from dashboard.charts.fan import panels
    from dashboard.happenings import happenings
    from dashboard.place import place_story

    result = short(two_valleys)
    standing(result, 1)
    happenings(result, 1)
    panels(result, "area")
    place_story(result, 0)
    gone = weakref.ref(result)
    del result
    gc.collect()
    assert gone() is None


def test_threads_that_ask_at_once_all_get_an_answer(two_valleys):
    result, counter = short(two_valleys), Counter()
    answer, found = counter.answer(most=3), []
    threads = [
        threading.Thread(target=lambda n=n: found.append(answer(result, n % 5)[0] == n % 5))
        for n in range(50)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 50


def test_a_saved_result_is_recalled_from_disk_when_it_was_let_go(two_valleys, tmp_path):
    result = short(two_valleys)
    result.save(tmp_path / "kept")
    recalled, summary = Recalled(result), result.summary()
    assert recalled() is result
    del result
    gc.collect()
    assert isinstance(recalled(), Result)
    assert recalled().summary() == summary


def test_a_result_that_lies_nowhere_is_not_let_go(two_valleys):
    recalled = Recalled(short(two_valleys))
    gc.collect()
    assert recalled().runs == 1
