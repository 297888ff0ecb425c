from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from sim import load_scenario
from sim.calibration.designs import Period, run_trials, sobol
from sim.calibration.outputs import compare
from sim.calibration.priors import MEASURED, priors
from sim.calibration.screen import effects, trajectories
from sim.calibration.study import Plan, calibrate, narrowing, write
from sim.ensemble import simulate
from sim.parameters import Parameters
from sim.posterior import read_posterior
from sim.scenario.observed import load_observed


class Silent:
    def __init__(self) -> None:
        self.total = self.done = 0

    def start(self, title: str, total: int) -> None:
        self.total += total

    def advance(self, count: int) -> None:
        self.done += count


@pytest.fixture(scope="module")
def period() -> Period:
    scenario = load_scenario("two-valleys", calibrated=False)
    return Period(scenario, load_observed(scenario))


def test_priors_lie_within_the_bounds_of_parameters_and_go_both_ways() -> None:
    shares = np.linspace(0.0, 1.0, 11)
    for prior in priors():
        values = prior.values(shares)
        Parameters(**{prior.name: float(values[0])})
        Parameters(**{prior.name: float(values[-1])})
        assert prior.shares(values) == pytest.approx(shares)


def test_where_a_source_gives_an_error_the_prior_is_narrower_than_the_bounds() -> None:
    for prior in priors(sorted(MEASURED)):
        field = Parameters.model_fields[prior.name]
        extra = field.json_schema_extra
        assert isinstance(extra, dict)
        low, high = extra["range"]  # type: ignore[misc]
        assert prior.high - prior.low < high - low


def test_a_set_of_trials_equals_the_same_parameters_run_alone(period: Period) -> None:
    chosen = priors(["leak", "tempo"])
    shares = sobol(3, 2)
    trials = run_trials([period], chosen, shares, runs=2, seed=5, paired=True)
    for i, row in enumerate(shares):
        changes = {p.name: float(p.values(row[k])) for k, p in enumerate(chosen)}
        alone = simulate(period.scenario, runs=2, seed=5, changes=changes)
        assert trials.values[i].tolist() == compare(alone, period.targets)[1].tolist()


def test_sets_meet_chances_of_their_own_unless_they_are_paired(period: Period) -> None:
    chosen = priors(["leak"])
    same = np.full((4, 1), 0.5)
    paired = run_trials([period], chosen, same, runs=2, seed=5, paired=True).values
    apart = run_trials([period], chosen, same, runs=2, seed=5).values
    assert (paired == paired[0]).all()
    assert not (apart == apart[0]).all()


def test_outputs_are_shares_of_the_calendar_and_of_statements(period: Period) -> None:
    result = simulate(period.scenario, runs=5)
    outputs, values = compare(result, period.targets)
    assert values.shape == (5, len(outputs))
    assert ((values >= 0) & (values <= 1)).all()
    days = [o for o in outputs if o.group.endswith("days")]
    assert len(days) == sum(t.by for t in period.targets)


@pytest.mark.slow
def test_screening_finds_the_parameter_that_matters(period: Period) -> None:
    chosen = priors(["deal_rate", "hunger_ration", "temperature"])
    points = trajectories(chosen, 4)
    trials = run_trials([period], chosen, points, runs=4, seed=1, paired=True)
    assert effects(chosen, trials)[0].name == "deal_rate"  # one target is an accepted deal


@pytest.mark.slow
def test_a_calibration_writes_what_it_promises(period: Period, tmp_path: Path) -> None:
    plan = Plan(fitted=3, trajectories=2, sets=64, waves=2, runs=2, kept=20)
    teller = Silent()
    found = calibrate([period], plan, teller)
    assert teller.done == teller.total
    write(found, [period], tmp_path)
    table = read_posterior(tmp_path / "posterior.csv")
    assert table.values.shape == (20, 3)
    told = json.loads((tmp_path / "calibration.json").read_text())
    assert [row["name"] for row in told["parameters"]] == list(table.names)
    assert told["periods"][0]["digest"] == period.scenario.digest
    with (tmp_path / "trials.csv").open() as stream:
        assert len(list(csv.DictReader(stream))) == 128
    assert all(row["narrower"] <= 1 for row in narrowing(found))


@pytest.mark.slow
def test_the_same_calibration_twice_is_the_same(period: Period) -> None:
    plan = Plan(fitted=2, trajectories=2, sets=32, waves=1, runs=2, kept=10)
    first, again = calibrate([period], plan, Silent()), calibrate([period], plan, Silent())
    assert first.posterior.tolist() == again.posterior.tolist()
