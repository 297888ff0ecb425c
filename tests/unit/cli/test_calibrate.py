from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sim.cli.app import app

QUICK = ["--sets", "32", "--runs", "2", "--waves", "1", "--trajectories", "2", "--fitted", "2"]


def calibrate(*words: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, ["calibrate", *words])
    return done.exit_code, done.stdout, done.stderr


@pytest.mark.slow
def test_a_calibration_tells_what_became_of_the_parameters(tmp_path: Path) -> None:
    code, out, _ = calibrate("two-valleys", *QUICK, "--out", str(tmp_path / "c"), "--json")
    assert code == 0
    told = json.loads(out)
    assert len(told["parameters"]) == 2
    assert told["plan"]["sets"] == 32
    assert (tmp_path / "c" / "posterior.csv").is_file()
    again = ["--screening", str(tmp_path / "c" / "screening.csv"), "--out", str(tmp_path / "d")]
    code, out, _ = calibrate("two-valleys", *QUICK, *again)
    assert code == 0
    assert "Wave 1 left" in out
    assert (tmp_path / "d" / "posterior.csv").read_bytes() == (
        tmp_path / "c" / "posterior.csv"
    ).read_bytes()


def test_a_table_that_is_no_screening_gets_one_message(tmp_path: Path) -> None:
    (tmp_path / "wrong.csv").write_text("a,b\n1,2\n")
    code, _, err = calibrate("two-valleys", "--screening", str(tmp_path / "wrong.csv"))
    assert code == 2
    assert "wrong.csv is no table of a screening" in err
    assert len(err.strip().splitlines()) == 1


def test_an_unknown_scenario_gets_its_nearest_name() -> None:
    code, _, err = calibrate("two-valeys")
    assert code == 2
    assert "two-valleys" in err
