from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from result_kit import DAYS, LuckyModel, lucky, strip_scenario

from sim.ensemble import batch_size, batches, simulate
from sim.errors import BadiaError
from sim.parameters import Parameters
from sim.scenario import load_scenario
from sim.scenario.new import new_scenario


def run(**options):
    return simulate(strip_scenario(), model=lucky, **options)


@pytest.mark.parametrize("batch", [1, 3, 7, 20])
def test_the_size_of_the_batches_changes_no_bit(batch):
    one, other = run(runs=7, batch=7), run(runs=7, batch=batch)
    xr.testing.assert_identical(one.dataset, other.dataset)
    pd.testing.assert_frame_equal(one.ledger, other.ledger)
    pd.testing.assert_frame_equal(one.incidents, other.incidents)


def test_more_runs_leave_the_first_ones_as_they_were():
    few, many = run(runs=3), run(runs=9)
    assert (few.dataset["share"] == many.dataset["share"].isel(run=slice(3))).all()
    first = many.ledger[many.ledger["run"] < 3].reset_index(drop=True)
    assert (
        few.ledger[["day", "cell", "to"]]
        .astype(str)
        .equals(first[["day", "cell", "to"]].astype(str))
    )


def test_another_seed_is_another_history():
    assert not run(runs=4, seed=1).ledger.equals(run(runs=4, seed=2).ledger)


def test_batches_are_even_and_cover_every_run_once():
    split = batches(200, 32, threads=1)
    assert np.concatenate(split).tolist() == list(range(200))
    assert {len(part) for part in split} == {28, 29}
    assert len(batches(200, 32, threads=2)) == 8  # no thread waits for another's last batch
    assert len(batches(1, 32, threads=2)) == 1


def test_a_finer_theatre_gets_smaller_batches():
    assert batch_size(40) == 128
    assert batch_size(1336) == 74
    assert batch_size(4776) == 20
    assert batch_size(33_000) == 3
    assert batch_size(10**7) == 1


@pytest.mark.parametrize("runs", [10**12, 10**17])
def test_more_runs_than_any_memory_holds_get_one_message(two_valleys, runs):
    with pytest.raises(BadiaError, match="need more memory than this machine can give"):
        simulate(two_valleys, runs=runs)


def test_progress_counts_runs_and_days_to_the_whole():
    told = []
    run(runs=5, batch=2, threads=3, progress=lambda runs, days: told.append((runs, days)))
    assert told[-1] == (5, 5 * DAYS)
    assert [runs for runs, _ in told if runs] == sorted(runs for runs, _ in told if runs)
    assert [days for _, days in told] == sorted(days for _, days in told)
    assert len(told) == 3 * DAYS


def test_a_stop_keeps_the_batches_that_are_done():
    told = []
    result = run(
        runs=6,
        batch=2,
        threads=1,
        progress=lambda runs, days: told.append(days),
        stop=lambda: len(told) > DAYS + 3,
    )
    assert result.interrupted
    assert result.runs == 2
    assert result.manifest["runs"] == 2
    assert "2 of 6" in result.manifest["warnings"][0]
    kept = run(runs=2)
    xr.testing.assert_identical(result.dataset, kept.dataset)


def test_a_stop_on_a_batch_s_last_day_keeps_that_batch():
    told = []
    result = run(
        runs=4,
        batch=2,
        threads=1,
        progress=lambda r, d: told.append(d),
        stop=lambda: len(told) >= DAYS,
    )
    assert result.interrupted
    assert result.runs == 2


def test_ctrl_c_in_the_second_batch_keeps_the_first():
    class Interrupted(LuckyModel):
        def step(self):
            if 3 in self.runs and self.state.day == 4:
                raise KeyboardInterrupt
            super().step()

    def make(scenario, *, runs, seed, changes):
        return Interrupted(scenario, runs, seed, changes)

    result = simulate(strip_scenario(), runs=6, batch=3, threads=1, model=make)
    assert result.interrupted
    assert result.runs == 3
    with pytest.raises(KeyboardInterrupt):
        simulate(strip_scenario(), runs=6, batch=6, threads=1, model=make)


def test_stopped_before_anything_is_done_there_is_nothing_to_keep():
    with pytest.raises(BadiaError, match="nothing to keep"):
        run(runs=4, stop=lambda: True)


def test_a_finished_ensemble_is_not_interrupted():
    assert not run(runs=2, stop=lambda: False).interrupted


def test_each_run_gets_its_own_value_of_a_changed_parameter():
    values = np.linspace(0.3, 3.0, 5)
    result = run(runs=5, batch=2, changes={"odds_slope": values, "tempo": 0.1})
    drawn = result.dataset["drawn"]
    assert drawn["parameter"].to_numpy().tolist() == ["odds_slope"]
    assert drawn.sel(parameter="odds_slope").to_numpy().tolist() == values.tolist()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"runs": 0}, "at least 1 run"),
        ({"days": 11}, "1 to 10 days; 11"),
        ({"days": 0}, "1 to 10 days; 0"),
        ({"batch": 0}, "batch needs"),
        ({"threads": 0}, "1 thread"),
        ({"changes": {"odd_slope": 1}}, "no parameter 'odd_slope'. Did you mean 'odds_slope'"),
        ({"changes": {"odds_slope": [1, 2]}}, "each of the 3 runs"),
    ],
)
def test_what_cannot_be_run_is_refused_with_a_reason(options, message):
    with pytest.raises(BadiaError, match=message.replace("?", r"\?")):
        run(**{"runs": 3, **options})


def test_the_manifest_names_what_was_run_and_where():
    manifest = run(runs=2, days=4, seed=9).manifest
    assert (manifest["scenario"], manifest["digest"]) == ("strip", "d1gest")
    assert (manifest["seed"], manifest["runs"], manifest["days"]) == (9, 2, 4)
    assert manifest["parameters"] == Parameters().model_dump()
    assert manifest["cell_days_per_s"] > 0
    assert manifest["libraries"]["numpy"] == np.__version__
    assert manifest["machine"]["threads"] >= 1


def test_the_model_itself_gives_the_same_bits_in_any_batches(tmp_path):
    new_scenario(tmp_path / "valley")
    scenario = load_scenario(tmp_path / "valley")
    one = simulate(scenario, runs=5, batch=5, days=40)
    other = simulate(scenario, runs=5, batch=2, days=40)
    xr.testing.assert_identical(one.dataset, other.dataset)
    pd.testing.assert_frame_equal(one.ledger, other.ledger)
    pd.testing.assert_frame_equal(one.incidents, other.incidents)
    assert len(one.incidents) > 0
    assert one.dataset["drawn"].sel(parameter="leak").to_numpy().std() > 0
    assert np.array_equal(
        (np.stack([one.holder(run) for run in range(5)]) == 0).mean(axis=0).astype(np.float32),
        one.dataset["probability"].isel(faction=0).to_numpy(),
    )
