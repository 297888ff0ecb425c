"""Compiled code stays as much faster than plain NumPy as it was when this was last measured.

No test looks at an absolute time.  Kernel and NumPy take turns in one process and the fastest turn
of each counts, so a loaded machine slows both; a ratio may fall by a factor of three, which is far
more than noise and machines make, before the guard speaks.
"""

from __future__ import annotations

import pytest

from bench.speed import ratios
from bench.speed.ratios import Pair

pytestmark = pytest.mark.slow

TRIES = 3  # a machine that is busy elsewhere may spoil one
SLOWED = 12  # by so much that no speed-up since the last measurement hides it


@pytest.fixture(scope="module")
def pairs() -> dict[str, Pair]:
    found = {pair.name: pair for pair in ratios.pairs()}
    for pair in found.values():
        ratios.measured(pair, 2)  # compiles, and fills the caches
    return found


def verdict(pair: Pair) -> str:
    """What the guard says of a pair; empty where all is well."""
    said = ""
    for _ in range(TRIES):
        said = ratios.fell(pair.name, ratios.measured(pair)["ratio"])
        if not said:
            break
    return said


NAMES = tuple(ratios.AGAINST)


def test_every_ratio_that_is_kept_is_guarded(pairs: dict[str, Pair]) -> None:
    assert set(pairs) == set(NAMES) == set(ratios.kept("ratios")["ratios"])


@pytest.mark.parametrize("name", NAMES)
def test_a_kernel_and_its_twin_agree(name: str, pairs: dict[str, Pair]) -> None:
    pairs[name].same()


@pytest.mark.parametrize("name", NAMES)
def test_nothing_became_much_slower_against_numpy(name: str, pairs: dict[str, Pair]) -> None:
    said = verdict(pairs[name])
    assert not said, said


@pytest.mark.parametrize("name", NAMES)
def test_the_guard_sees_a_kernel_that_became_much_slower(name: str, pairs: dict[str, Pair]) -> None:
    slow = ratios.measured(pairs[name].slowed(SLOWED), repeats=3)
    said = ratios.fell(name, slow["ratio"])
    assert said.startswith(f"{name}: ")
    assert "much slower" in said


def test_the_guard_speaks_beyond_a_factor_of_three_and_not_before() -> None:
    kept = ratios.kept("ratios")["ratios"][NAMES[0]]["ratio"]
    assert not ratios.fell(NAMES[0], kept)
    assert not ratios.fell(NAMES[0], kept / 2.9)
    assert ratios.fell(NAMES[0], kept / 3.1)
