"""What docs/validation.md says is what was measured, and calibration saw the training alone."""

from __future__ import annotations

import csv
import json

from bench.validation import report
from bench.validation.scores import TRAINING, VALIDATION
from sim.posterior import FILE, shipped


def test_the_page_shows_what_was_measured() -> None:
    assert report.PAGE.read_text(encoding="utf-8") == report.page()
    assert "Not measured yet" not in report.page()


def test_the_posterior_that_ships_is_the_one_that_calibration_left() -> None:
    calibrated = report.CALIBRATION / "posterior.csv"
    assert FILE.read_bytes() == calibrated.read_bytes()
    told = json.loads((report.CALIBRATION / "calibration.json").read_text(encoding="utf-8"))
    posterior = shipped()
    assert posterior is not None
    assert [row["name"] for row in told["parameters"]] == list(posterior.names)
    assert len(posterior.names) <= 8


def test_calibration_read_the_training_periods_and_nothing_else() -> None:
    told = json.loads((report.CALIBRATION / "calibration.json").read_text(encoding="utf-8"))
    assert [period["scenario"] for period in told["periods"]] == list(TRAINING)
    assert not set(TRAINING) & set(VALIDATION)


def test_every_scoring_of_the_page_stands_in_the_log() -> None:
    with report.LOG.open(encoding="utf-8", newline="") as stream:
        scored = {row["scenario"] for row in csv.DictReader(stream)}
    assert {*TRAINING, *VALIDATION} <= scored
