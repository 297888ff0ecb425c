from __future__ import annotations

import pytest

from dashboard.runs import Request
from sim import BadiaError


def test_the_order_in_which_settings_were_chosen_does_not_matter() -> None:
    one = Request("two-valleys", settings=(("leak", "0.3"), ("drill", "1")))
    other = Request("two-valleys", settings=(("drill", "1"), ("leak", "0.3")))
    assert one == other
    assert hash(one) == hash(other)


def test_a_parameter_set_twice_is_refused_by_name() -> None:
    with pytest.raises(BadiaError, match="leak is set twice"):
        Request("two-valleys", settings=(("leak", "0.3"), ("leak", "0.4")))


@pytest.mark.parametrize("runs", [0, -5])
def test_an_ensemble_without_runs_is_refused(runs: int) -> None:
    with pytest.raises(BadiaError, match="at least 1 run"):
        Request("two-valleys", runs=runs)


@pytest.mark.parametrize("seed", [-1, 2**63])
def test_a_seed_that_no_form_can_hold_is_refused(seed: int) -> None:
    with pytest.raises(BadiaError, match="from 0 to"):
        Request("two-valleys", seed=seed)
