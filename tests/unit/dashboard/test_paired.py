"""Two ensembles of the same luck are compared run by run."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.paired import paired
from sim import BadiaError, load_scenario, simulate


@pytest.fixture(scope="module")
def hasty(two_valleys):
    changed = load_scenario("two-valleys", overrides={"tempo": "0.3"})
    return simulate(changed, runs=12, days=60)


def test_a_scenario_beside_itself_differs_in_no_run(two_valleys_result) -> None:
    for pair in paired(two_valleys_result, two_valleys_result, 60):
        assert pair.first == pair.second
        assert (pair.difference.p10, pair.difference.p50, pair.difference.p90) == (0, 0, 0)
        assert pair.larger == 0


def test_differences_are_taken_run_by_run_and_not_between_the_middles(
    two_valleys_result, hasty
) -> None:
    one, two = (
        r.dataset["share"].isel(day=60).to_numpy().astype(float)
        for r in (two_valleys_result, hasty)
    )
    for f, pair in enumerate(paired(two_valleys_result, hasty, 60)):
        gaps = sorted(two[run, f] - one[run, f] for run in range(12))
        assert pair.difference.p50 == gaps[5]  # the smallest that half of twelve do not exceed
        assert pair.difference.p90 == gaps[10]
        assert pair.larger == sum(gap > 0 for gap in gaps) / 12
    assert any(np.any(one[:, f] != two[:, f]) for f in range(3)), "the change did something"


def test_ensembles_of_different_sizes_are_no_pairs(two_valleys_result, two_valleys) -> None:
    fewer = simulate(two_valleys, runs=3, days=60)
    with pytest.raises(BadiaError, match="number of runs"):
        paired(two_valleys_result, fewer, 60)
