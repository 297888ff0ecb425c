"""Brown's exact stochastic duel: who wins when two small groups fight to the last, in the kernel.

Brown (1963): the side of x beats the side of y with P(x, y) = A P(x, y-1) + (1-A) P(x-1, y), where
A is the chance that the next to fall is one of the y.  Whole persons fall in the kernel too, so its
share of victories must be Brown's at small steps, not the certainty of the deterministic law.  In a
finite step one may fall on both sides; the recursion is told of that, and without it is Brown's.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.oracles.oracles_kit import Duel
from tests.reference.worlds import BLUE, RED

RUNS = 4000
STEP = 0.2  # persons expected to fall in a step, both sides together


def brown(x, y, chance, step=1e-9):
    """P(x, y); `chance(x, y)` is A, and `step` persons are expected to fall at a time."""
    wins = np.zeros((x + 1, y + 1))
    wins[1:, 0] = 1.0
    for i in range(1, x + 1):
        for j in range(1, y + 1):
            theirs = step * chance(i, j)
            ours = step - theirs
            wins[i, j] = (
                theirs * (1 - ours) * wins[i, j - 1]
                + ours * (1 - theirs) * wins[i - 1, j]
                + theirs * ours * wins[i - 1, j - 1]
            ) / (theirs + ours - theirs * ours)
    return wins[x, y]


def square(x, y):
    """Aimed fire, equal marksmen: each side fells as many as it counts."""
    return x / (x + y)


def linear(x, y):
    """Area fire, equal ground: shots times targets, the same for both."""
    return 0.5


def aimed(x, y):
    """RED attacks BLUE and both aim; the second value sets the length of each run's next step."""
    duel = Duel(x, y, runs=RUNS, loss_attack=0.0, loss_defence=0.0)

    def pace(red, blue):
        rate = STEP / (red + blue)
        duel.parameters["loss_attack"] = duel.parameters["loss_defence"] = rate

    return duel, pace


def at_an_area(x, y):
    """Each attacks the other and both evade: all fire is at an area."""
    density = 1e6  # at which area fire would be saturated
    duel = Duel(
        x, y, runs=RUNS, mutual=True, evading=(RED, BLUE),
        loss_attack=0.0, loss_defence=0.0, area_density=density,
    )  # fmt: skip

    def pace(red, blue):
        duel.parameters["loss_defence"] = density * STEP / 2 / np.maximum(red * blue, 1.0)

    return duel, pace


def victories(duel, pace):
    """The share of runs that RED wins.

    Who wins does not hang on the clock, so a step may be as long in a run as `STEP` allows it.
    """
    while ((duel.red > 0) & (duel.blue > 0)).any():
        pace(duel.red.astype(float), duel.blue.astype(float))
        duel.step()
    return float((duel.red > 0).mean())


@pytest.mark.slow  # up to ten seconds each
@pytest.mark.parametrize(
    ("make", "law", "x", "y", "known"),
    [
        (aimed, square, 60, 50, 0.951),
        (aimed, square, 20, 10, 0.999),
        (at_an_area, linear, 20, 10, 0.969),
    ],
)
def test_a_duel_is_won_as_often_as_brown_says(make, law, x, y, known):
    """Four standard errors of 4,000 runs; the finite step moves Brown's number by up to 0.01."""
    assert brown(x, y, law) == pytest.approx(known, abs=0.0006)
    exact = brown(x, y, law, STEP)
    assert exact == pytest.approx(known, abs=0.01)
    assert abs(victories(*make(x, y)) - exact) <= 4 * math.sqrt(exact * (1 - exact) / RUNS)
