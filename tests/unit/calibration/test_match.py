"""History matching on a known world: outputs are formulas of the parameters, plus chance."""

from __future__ import annotations

import numpy as np
import pytest

from sim.calibration.designs import Trials, sobol
from sim.calibration.match import Match, candidates, emulate, resample
from sim.calibration.outputs import Output
from sim.chance import fold, name_key, uniform

NOISE = 0.1  # width of the chance of one run, uniform
SETS, RUNS = 256, 3


def world(shares: np.ndarray) -> np.ndarray:
    """Two outputs of three parameters; the third parameter does nothing."""
    x, y = shares[:, 0], shares[:, 1]
    return np.array([0.2 + 0.6 * x**2, 0.8 * y - 0.4 * x * y]).T


def luck(shape: tuple[int, ...], name: str) -> np.ndarray:
    count = int(np.prod(shape))
    drawn = uniform(fold(np.uint64(name_key(name)), np.arange(count, dtype=np.uint64)))
    return NOISE * (drawn.reshape(shape) - 0.5)


def trials(truth: np.ndarray, name: str = "record") -> Trials:
    shares = sobol(SETS, 3)
    values = world(shares)[:, None, :] + luck((SETS, RUNS, 2), "runs")
    seen = world(truth[None, :])[0] + luck((2,), name)
    outputs = [Output(n, n, float(v), 0.02) for n, v in zip("ab", seen, strict=True)]
    return Trials(shares, values, outputs)


@pytest.fixture(scope="module")
def pool() -> np.ndarray:
    return candidates(3)[::8]


def posterior(truth: np.ndarray, pool: np.ndarray, name: str = "record") -> np.ndarray:
    found = trials(truth, name)
    match = Match(emulate(found), found)
    distance = match.distance(pool)
    weight = np.where(match.plausible(distance), match.weight(distance), 0.0)
    return resample(pool, weight, 400)


def test_emulators_foretell_what_they_were_not_shown() -> None:
    found = emulate(trials(np.array([0.5, 0.5, 0.5])))
    assert [e.skill > 0.9 for e in found] == [True, True]


def test_the_truth_is_never_ruled_out_and_most_else_is(pool: np.ndarray) -> None:
    truth = np.array([0.7, 0.4, 0.5])
    found = trials(truth)
    match = Match(emulate(found), found)
    assert match.plausible(match.distance(truth[None, :]))[0]
    # Two outputs and the rule of the second largest: one alone must be close.
    assert match.plausible(match.distance(pool)).mean() < 0.9


def test_what_the_record_tells_becomes_narrow_and_what_it_cannot_tell_stays(
    pool: np.ndarray,
) -> None:
    kept = posterior(np.array([0.7, 0.4, 0.5]), pool)
    widths = np.quantile(kept, 0.9, axis=0) - np.quantile(kept, 0.1, axis=0)
    assert widths[0] < 0.3
    assert widths[1] < 0.4
    # The third does nothing: 0.8 is the width of its prior, and 400 draws know it to about 0.03.
    assert widths[2] == pytest.approx(0.8, abs=0.08)


def test_stated_ranges_hold_the_truth_as_often_as_they_say(pool: np.ndarray) -> None:
    truths = sobol(40, 3, skip=1)
    inside = []
    for i, truth in enumerate(truths):
        kept = posterior(truth, pool, f"record {i}")
        low, high = np.quantile(kept, 0.1, axis=0), np.quantile(kept, 0.9, axis=0)
        inside.append((low <= truth) & (truth <= high))
    # 80 % are meant; the emulator's error and the bounded chance of this world make the ranges a
    # little wide, so only too narrow ones are a fault.  Standard error over 80 cases: 0.045.
    assert np.mean(inside, axis=0)[:2].mean() > 0.8 - 3 * 0.045


def test_resampling_keeps_proportions() -> None:
    drawn = resample(np.array([[0.0], [1.0], [2.0]]), np.array([1.0, 0.0, 3.0]), 100)
    assert [(drawn == value).sum() for value in (0.0, 1.0, 2.0)] == [25, 0, 75]
