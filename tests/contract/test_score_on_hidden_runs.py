"""The score, where the truth is known: hidden runs of the invented war stand in for history."""

from __future__ import annotations

import dataclasses
import shutil

import numpy as np
import pytest
import yaml

from sim import load_scenario, simulate
from sim.scenario.compiled import EventKind
from sim.score import observed_from_run, score

pytestmark = pytest.mark.slow

HIDDEN = 40
PLACES = ("Milltown", "Eastgate", "Bridgeton", "Hightown", "Saltmarsh")


@pytest.fixture(scope="module")
def right():
    return simulate(load_scenario("two-valleys"), runs=200)


@pytest.fixture(scope="module")
def wrong():
    """The same war without the Guard's offensive and without the siege."""
    scenario = load_scenario("two-valleys")
    peace = tuple(
        event
        for event in scenario.events
        if event.kind is not EventKind.OFFENSIVE and event.id != "siege"
    )
    return simulate(dataclasses.replace(scenario, events=peace), runs=200)


@pytest.fixture(scope="module")
def histories(tmp_path_factory, root):
    """What each of the hidden runs would have left: scenario folders with an observed.yaml."""
    folder = tmp_path_factory.mktemp("histories")
    hidden = simulate(load_scenario("two-valleys"), runs=HIDDEN, seed=4711)
    paths = []
    for run in range(HIDDEN):
        rows = observed_from_run(hidden, run, PLACES, report="T1")
        copy = shutil.copytree(root / "scenarios" / "two-valleys", folder / str(run))
        paths.append(copy / "observed.yaml")
        paths[-1].write_text(yaml.safe_dump(rows), encoding="utf-8")
    return paths


def briers(result, histories):
    """The Brier score of the places against each history."""
    scores = []
    for path in histories:
        rows = score(result, observed_path=path).as_dict()["rows"]
        scores.append(next(row["brier"] for row in rows if row["target"] == "places"))
    return np.array(scores)


def surprise(result, path):
    """How often the Guard held the places at the fixed dates, less how often the result says so.

    A target names whoever did hold the place, so what is said of another is turned round first.
    """
    places = score(result, observed_path=path).as_dict()["places"]
    ends = [p for p in places if p["date"] in ("2000-05-15", "2000-06-29")]
    assert len(ends) >= 2 * len(PLACES)
    said = [p["probability"] if p["faction"] == "Guard" else 1.0 - p["probability"] for p in ends]
    return np.mean([p["faction"] == "Guard" for p in ends]) - np.mean(said)


def test_a_right_model_is_calibrated_on_its_own_hidden_runs(right, wrong, histories):
    """Of the places said to be held with chance p a share p is held: within 3 standard errors."""
    off = np.array([surprise(right, path) for path in histories])
    assert abs(off.mean()) < 3 * off.std(ddof=1) / np.sqrt(HIDDEN)
    astray = np.array([surprise(wrong, path) for path in histories])
    assert abs(astray.mean()) > 3 * astray.std(ddof=1) / np.sqrt(HIDDEN)


def test_a_right_model_beats_a_wrong_one_on_hidden_runs(right, wrong, histories):
    better, worse = briers(right, histories), briers(wrong, histories)
    assert better.mean() < 0.75 * worse.mean()
    assert (better < worse).mean() > 0.8


def test_the_shipped_history_is_scored_better_by_the_right_scenario(right, wrong):
    def brier(result):
        rows = score(result).as_dict()["rows"]
        return next(row["brier"] for row in rows if row["target"] == "places")

    assert brier(right) < brier(wrong)
