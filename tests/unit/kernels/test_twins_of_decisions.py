from __future__ import annotations

import numpy as np
import pytest

from sim.chance import named
from sim.doctrines import View
from sim.kernels import decision
from tests.reference.decision import choose, perceive
from tests.unit.kernels.busy import RUNS, assert_alike, looked


def seen(world, day):
    """The view that the kernel draws of a world."""
    w, state = world.world, world.state
    view = View.empty(state.runs, len(w.mesh.sector_key), state.stance.shape[1])
    for array in view:
        array[:] = 77.0  # yesterday's view must not shine through
    decision.perceive(
        state.arrays(),
        w.mesh,
        w.factions.key,
        w.parameters,
        w.picture,
        named(w.keys, day, "perception"),
        day,
        view,
    )
    return view


@pytest.mark.parametrize("seed", range(30))
def test_commanders_see_the_same(seed):
    world = looked(seed)
    fast = seen(world, world.state.day)
    slow = View(*(array.copy() for array in fast))
    perceive(world.state, world.world, slow)
    # logs of ratios near 1 are near 0: what is lost there is lost of the ratio, which is near 1
    for name in ("odds", "threat"):
        left, right = getattr(fast, name), getattr(slow, name)
        np.testing.assert_allclose(left, right, rtol=1e-6, atol=1e-6, err_msg=name)
        right[:] = left
    assert_alike(fast, slow)


@pytest.mark.parametrize("seed", range(30))
def test_they_choose_alike_and_only_when_it_is_time(seed):
    rng = np.random.default_rng(seed)
    sectors, postures = 5, 8
    utility = rng.normal(0, 2, (RUNS, sectors, postures))
    utility[rng.random(utility.shape) < 0.5] = -np.inf
    utility[:, :, 0] = 0.0
    temperature = rng.uniform(0.05, 3, RUNS)
    sector_key, keys = (rng.integers(0, 2**63, n).astype(np.uint64) for n in (sectors, RUNS))
    due = np.array([True, False, True])
    posture = np.full((RUNS, sectors), 99, np.int8)
    decision.choose(utility, temperature, sector_key, np.uint64(5), keys, due, posture)
    for r in range(RUNS):
        wanted = [99] * sectors
        if due[r]:
            wanted = choose(utility[r], temperature[r], sector_key, np.uint64(5), keys[r])
        assert posture[r].tolist() == wanted


def test_a_posture_is_chosen_as_often_as_its_utility_says():
    runs = 200_000
    utility = np.tile(np.array([0.0, 1.0, -np.inf, 0.5]), (runs, 1, 1))
    posture = np.empty((runs, 1), np.int8)
    decision.choose(
        utility,
        np.full(runs, 0.5),
        np.array([7], np.uint64),
        np.uint64(5),
        np.arange(runs, dtype=np.uint64),
        np.ones(runs, np.bool_),
        posture,
    )
    weights = np.array([1.0, np.e**2, 0.0, np.e])
    share = np.bincount(posture[:, 0], minlength=4) / runs
    np.testing.assert_allclose(share, weights / weights.sum(), atol=0.004)
    assert share[2] == 0
