from __future__ import annotations

import pytest

from sim import load_scenario, memory_needed


@pytest.fixture(scope="module")
def valleys():
    return load_scenario("two-valleys")


def test_more_runs_or_days_need_more_memory_and_more_batches_at_once_do_too(valleys):
    least = memory_needed(valleys, 200, threads=1, days=20)
    assert memory_needed(valleys, 300, threads=1, days=20) > least
    assert memory_needed(valleys, 200, threads=1, days=30) > least
    assert memory_needed(valleys, 200, threads=2, days=20) > least


def test_where_no_days_are_named_the_whole_calendar_is_meant(valleys):
    whole = memory_needed(valleys, 200, threads=1)
    assert whole == memory_needed(valleys, 200, threads=1, days=valleys.days)
