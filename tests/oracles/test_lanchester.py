"""Lanchester's and Deitchman's laws out of the real engagement kernel, at `loss_ratio` 1.

Casualties are whole persons, rounded by chance without bias; a step is a day of the kernel and
stands for any span of time, as rates are divided accordingly.
"""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest

from tests.oracles.oracles_kit import Duel
from tests.reference.worlds import BLUE, RED


def assert_mean(values, expected):
    """The mean over runs is as expected within four of its standard errors.

    Rounding to whole persons adds up to a quarter to the variance of a step, which here is all the
    chance there is; the thousandth is for what it adds to squares.
    """
    error = values.std(ddof=1) / math.sqrt(len(values))
    assert abs(values.mean() - expected) <= 4 * error + 0.001 * abs(expected), (
        values.mean(),
        expected,
        error,
    )


@pytest.mark.parametrize("exponent", [0.0, 0.3, 0.5, 1.0])
@pytest.mark.parametrize(("red", "blue"), [(1000, 1000), (4000, 1000), (500, 2000)])
def test_the_share_that_falls_goes_with_a_power_of_the_ratio_of_numbers(exponent, red, blue):
    duel = Duel(red, blue, runs=400, loss_attack=0.0123, loss_defence=0.0234, loss_ratio=exponent)
    duel.step()
    fallen = red - duel.red, blue - duel.blue
    wanted = 0.0123 * red * (blue / red) ** exponent, 0.0234 * blue * (red / blue) ** exponent
    for found, expected in zip(fallen, wanted, strict=True):
        assert set(np.unique(found)) <= {math.floor(expected), math.ceil(expected)}
        spread = math.sqrt((expected % 1) * (1 - expected % 1) / len(found))  # Bernoulli
        assert abs(found.mean() - expected) <= 4 * spread + 1e-9


def test_no_more_fall_than_there_are_however_many_they_face():
    duel = Duel(1_000_000, 3, runs=50, loss_attack=0.05, loss_defence=0.05)
    duel.step()
    assert (duel.blue == 0).all()
    left = duel.red.copy()
    duel.step(5)
    assert (duel.red == left).all()  # and nobody falls to an enemy who is not there


@pytest.mark.parametrize("attacker_is_strong", [True, False])
def test_aimed_fire_keeps_the_square_law(attacker_is_strong):
    """b x^2 - a y^2 is constant in the limit; a finite step shrinks it by (1 - a b) each time."""
    a, b = 0.0010, 0.0016
    x, y = (30_000, 20_000) if attacker_is_strong else (15_000, 25_000)
    duel = Duel(x, y, runs=200, loss_attack=a, loss_defence=b)
    start = b * x * x - a * y * y
    for stage in range(1, 6):
        duel.step(60)
        red, blue = duel.red.astype(float), duel.blue.astype(float)
        assert_mean(b * red**2 - a * blue**2, start * (1 - a * b) ** (60 * stage))
    assert 0 < duel.red.mean() < 0.9 * x
    assert 0 < duel.blue.mean() < 0.9 * y


def test_area_fire_on_both_sides_keeps_the_linear_law():
    """Each loses beta x y, with the smaller beta on more ground; alpha x - beta y stays."""
    ground = 30.0, 20.0
    duel = Duel(
        9000, 8000, runs=200, mutual=True, evading=(RED, BLUE), area=ground,
        loss_attack=0.0, loss_defence=0.02, area_density=1000.0,
    )  # fmt: skip
    red_rate, blue_rate = (0.02 / 1000.0 / km2 for km2 in ground)
    start = blue_rate * 9000 - red_rate * 8000
    x, y = 9000.0, 8000.0
    for _ in range(5):
        duel.step(80)
        for _ in range(80):
            x, y = x - red_rate * x * y, y - blue_rate * x * y
        assert_mean(duel.red, x)
        assert_mean(duel.blue, y)
        assert_mean(blue_rate * duel.red - red_rate * duel.blue, start)
    assert duel.red.mean() < 6000


IWO_JIMA = {"a": 0.0544, "b": 0.0106}  # US fallen per Japanese and day, Japanese per American
LANDED = {0: 54_000, 2: 6_000, 5: 13_000}  # Americans, by day
GARRISON = 21_500


def iwo_jima_in_the_limit():
    """Day on which the Japanese are spent, and the Americans left, of the exact solution."""
    a, b = IWO_JIMA["a"], IWO_JIMA["b"]
    pace = math.sqrt(a * b)
    us, japan = 0.0, float(GARRISON)
    days = sorted(LANDED)
    for day, following in zip(days, [*days[1:], None], strict=True):
        us += LANDED[day]
        if following is None:
            break
        c, s = math.cosh(pace * (following - day)), math.sinh(pace * (following - day))
        us, japan = us * c - japan * math.sqrt(a / b) * s, japan * c - us * math.sqrt(b / a) * s
    end = days[-1] + math.atanh(japan / us * math.sqrt(a / b)) / pace
    return end, math.sqrt(us**2 - a / b * japan**2)


def iwo_jima(steps_a_day, runs=60):
    """Americans and Japanese left after 36 days in steps of a fraction of a day."""
    duel = Duel(
        0, GARRISON, runs=runs,
        loss_attack=IWO_JIMA["a"] / steps_a_day, loss_defence=IWO_JIMA["b"] / steps_a_day,
    )  # fmt: skip
    for day in range(36):
        duel.reinforce(LANDED.get(day, 0))
        duel.step(steps_a_day)
    return duel.red.copy(), duel.blue.copy()


def test_iwo_jima_ends_as_engel_reckoned():
    """Engel 1954: the battle in which Lanchester's law was first tried on daily returns.

    A step of a day overstates the casualties, as nobody falls in the course of it; the error halves
    with the step, and the limit is the exact solution.
    """
    end, survivors = iwo_jima_in_the_limit()
    assert 35 < end < 36
    assert survivors == pytest.approx(52_797, abs=1)
    short = []
    for steps_a_day in (1, 2, 4, 8, 16, 32):
        americans, japanese = iwo_jima(steps_a_day)
        assert (japanese == 0).all()
        short.append(survivors - americans.mean())
    assert short[0] == pytest.approx(512, abs=5)  # 1 % of those who are left, 2.5 % of the fallen
    for coarse, fine in pairwise(short):
        assert fine == pytest.approx(coarse / 2, abs=6)  # sixty runs: a few persons of chance
    assert abs(short[-1]) < 0.001 * survivors


REGULARS, AIMED = 20_000, 0.1  # C0; a: regulars shot by a guerrilla in a step


def guerrilla_war(share, ratio=10.0, runs=60):
    """Guerrillas at a share of the number at which Deitchman's law has them win; a duel and b.

    The ratio of numbers at that threshold sets how deadly area fire is: b = 2 a / (ratio C0).
    """
    threshold = REGULARS / ratio
    deadly = 2 * AIMED * threshold / REGULARS**2
    ground = 400.0
    duel = Duel(
        REGULARS, round(share * threshold), runs=runs, evading=(BLUE,), area=(1.0, ground),
        loss_attack=AIMED, loss_defence=0.5, area_density=0.5 / deadly / ground,
    )  # fmt: skip
    assert duel.parameters["area_density"][0] > 2 * threshold / ground  # never saturated
    return duel, deadly


@pytest.mark.parametrize("share", [0.5, 0.9, 1.1, 1.5])
def test_guerrillas_win_above_deitchman_s_threshold_and_lose_below_it(share):
    """Deitchman 1962: ambushers aim, the ambushed fire at an area; G0 = (b / 2a) C0^2.

    Here one guerrilla is worth ten regulars.  Who is left is what the law a G - (b / 2) C^2 leaves:
    to two per cent of who came, for the finite step and the rounding of some 2,000 guerrillas.
    The last of the losers fall slowly, since area fire rarely finds a few.
    """
    threshold = REGULARS / 10
    duel, _ = guerrilla_war(share)
    duel.step(1500)
    if share > 1:
        assert (duel.red == 0).all()
        assert duel.blue.mean() == pytest.approx((share - 1) * threshold, abs=0.02 * threshold)
        assert (duel.blue > 0).all()
    else:
        assert (duel.blue < 0.005 * threshold).all()
        left = REGULARS * math.sqrt(1 - share)
        assert duel.red.mean() == pytest.approx(left, abs=0.02 * REGULARS)
        assert (duel.red > 0).all()


@pytest.mark.parametrize("share", [0.8, 1.0, 1.2])
def test_the_guerrilla_war_keeps_the_mixed_law(share):
    """a G - (b / 2) C^2 stays on every day of it; the finite step loses half a per cent."""
    duel, deadly = guerrilla_war(share)

    def law():
        return AIMED * duel.blue.astype(float) - deadly / 2 * duel.red.astype(float) ** 2

    kept, scale = law()[0], AIMED * duel.blue[0]
    for _ in range(5):
        duel.step(60)
        assert abs(law().mean() - kept) < 0.01 * scale
    assert duel.red.mean() < 0.6 * REGULARS
