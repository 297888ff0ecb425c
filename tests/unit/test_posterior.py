from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from sim import load_scenario, simulate
from sim.chance import run_keys
from sim.posterior import Posterior, read_posterior, write_posterior

TABLE = Posterior(("leak", "tempo"), np.array([[0.1, 0.05], [0.2, 0.06], [0.3, 0.07]]), "d")


def keys(runs: int, seed: int = 1) -> np.ndarray:
    return run_keys(seed, np.arange(runs))


def test_a_run_takes_one_whole_row() -> None:
    drawn = TABLE.draw(keys(300))
    pairs = set(zip(drawn["leak"].tolist(), drawn["tempo"].tolist(), strict=True))
    assert pairs == {(0.1, 0.05), (0.2, 0.06), (0.3, 0.07)}


def test_all_rows_are_taken_about_equally_often() -> None:
    drawn = TABLE.draw(keys(3000))["leak"]
    shares = [float(np.mean(drawn == value)) for value in (0.1, 0.2, 0.3)]
    # Binomial: the standard error of a third of 3,000 is 0.0086; four of them.
    assert shares == pytest.approx([1 / 3] * 3, abs=0.035)


def test_a_runs_row_does_not_depend_on_the_other_runs() -> None:
    assert TABLE.draw(keys(50))["leak"][:7].tolist() == TABLE.draw(keys(7))["leak"].tolist()


def test_names_that_are_left_out_do_not_change_the_draw_of_the_others() -> None:
    assert TABLE.without({"leak"}).names == ("tempo",)
    assert (TABLE.without({"leak"}).draw(keys(20))["tempo"] == TABLE.draw(keys(20))["tempo"]).all()


def test_a_span_leaves_a_tenth_out_on_either_side() -> None:
    table = Posterior(("leak",), np.arange(21.0)[::-1, None] / 100, "d")
    assert table.span("leak") == (0.02, 0.18)
    assert table.span("tempo") is None


def test_what_is_written_is_read(tmp_path: Path) -> None:
    write_posterior(tmp_path / "p.csv", TABLE.names, TABLE.values)
    read = read_posterior(tmp_path / "p.csv")
    assert read.names == TABLE.names
    assert read.values.tolist() == TABLE.values.tolist()


@pytest.mark.parametrize("text", ["leek\n0.1\n", "leak\n7\n"])
def test_a_table_with_unknown_names_or_values_out_of_bounds_is_refused(
    tmp_path: Path, text: str
) -> None:
    (tmp_path / "p.csv").write_text(text)
    with pytest.raises(ValidationError):
        read_posterior(tmp_path / "p.csv")


def test_runs_draw_from_the_posterior_what_nobody_set() -> None:
    plain = load_scenario("two-valleys", calibrated=False)
    result = simulate(replace(plain, posterior=TABLE), runs=6, days=2)
    assert set(result.manifest["posterior"]["names"]) == {"leak", "tempo"}
    leak = result.dataset["drawn"].sel(parameter="leak").to_numpy()
    assert leak.tolist() == TABLE.draw(keys(6))["leak"].tolist()
    assert [result.parameter("leak", run) for run in range(6)] == leak.tolist()
    assert result.parameter("odds_slope", 3) == plain.parameters.odds_slope


def test_what_is_set_is_not_drawn_even_where_it_is_set_to_the_default() -> None:
    from sim.posterior import shipped

    table = shipped()
    if table is None:
        pytest.skip("this version ships no posterior")
    name = table.names[0]
    plain = load_scenario("two-valleys", calibrated=False)
    given = load_scenario("two-valleys", overrides={name: getattr(plain.parameters, name)})
    assert given.posterior is not None
    assert name not in given.posterior.names


def test_without_calibration_every_parameter_has_its_default() -> None:
    assert load_scenario("two-valleys", calibrated=False).posterior is None
