"""The rank of the observed path, where the truth is a run of the model itself, or of another."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import numpy as np
import pytest

from sim import load_scenario, simulate
from sim.scenario.compiled import EventKind
from sim.scenario.observed import Target
from sim.score import score_targets

pytestmark = pytest.mark.slow

PLACES = ("Milltown", "Eastgate", "Bridgeton", "Hightown", "Saltmarsh")
GROUPS, RUNS, HIDDEN = 10, 40, 6  # ensembles, their runs, and the hidden runs ranked in each


@pytest.fixture(scope="module")
def war():
    return load_scenario("two-valleys")


@pytest.fixture(scope="module")
def hidden(war):
    return simulate(war, runs=GROUPS * HIDDEN, seed=4711)


def history(hidden, run):
    """Who held the places every tenth day of one run: the same questions for every run."""
    setting, holder = hidden.setting, hidden.holder(run)
    cells = [setting.find_place(name).cell for name in PLACES]
    return [
        Target(
            id=f"{name}-{day}", kind="place", where=name, cells=np.array([cell], np.int32),
            share=0.0, factions=(int(holder[day + 1, cell]),), day=day, by=False,
            date=setting.start + timedelta(days=day), precision_days=0, report="T1",
        )
        for name, cell in zip(PLACES, cells, strict=True)
        for day in range(9, hidden.days, 10)
    ]  # fmt: skip


def rank(result, targets):
    """The rank of what was observed, from 0 to 1."""
    path = score_targets(result, targets).path
    return (path.rank - 0.5) / path.of


def test_a_run_of_the_model_itself_has_any_rank(war, hidden):
    ranks = []
    for group in range(GROUPS):
        result = simulate(war, runs=RUNS, seed=100 + group)
        for run in range(group * HIDDEN, (group + 1) * HIDDEN):
            ranks.append(rank(result, history(hidden, run)))
    n = len(ranks)
    # Ranks that are uniform have mean 1/2 and variance 1/12; those of one ensemble hang together
    # through its runs, which widens the error of the mean by the root of 1 + HIDDEN / RUNS.
    error = np.sqrt((1 + HIDDEN / RUNS) / 12 / n)
    assert abs(np.mean(ranks) - 0.5) < 3 * error
    # Each third holds a third of them, within 3 standard errors of a binomial: 20 +- 11
    thirds = np.histogram(ranks, 3, (0, 1))[0]
    assert np.abs(thirds - n / 3).max() < 3 * np.sqrt(n * 2 / 9)


def test_a_run_of_another_war_is_an_outlier(war, hidden):
    """Had the Guard neither offensives nor siege, few runs would be as far out as what was."""
    peace = tuple(
        event
        for event in war.events
        if event.kind is not EventKind.OFFENSIVE and event.id != "siege"
    )
    wrong = simulate(dataclasses.replace(war, events=peace), runs=RUNS)
    ranks = [rank(wrong, history(hidden, run)) for run in range(HIDDEN)]
    # Six uniform ranks have such a mean once in 15,000 times; one peaceful run may be like a war.
    assert np.mean(ranks) > 0.9
