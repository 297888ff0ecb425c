from __future__ import annotations

import numpy as np
import pytest

from sim.kernels import front, geometry
from sim.mechanisms.supply import Supply
from tests.reference.front import look
from tests.reference.geometry import plane
from tests.reference.supply import supply
from tests.unit.kernels.busy import assert_alike, busy_world

SEEDS = range(30)


def test_degrees_become_the_same_kilometres():
    rng = np.random.default_rng(1)
    lon, lat = rng.uniform(35.6, 42.4, 500), rng.uniform(32.3, 37.3, 500)
    x, y = geometry.plane(lon, lat)
    slow_x, slow_y = plane(lon, lat)
    np.testing.assert_array_equal(x, slow_x)
    np.testing.assert_array_equal(y, slow_y)


@pytest.mark.parametrize("seed", SEEDS)
def test_everybody_sees_the_same_fronts(seed):
    fast, slow = busy_world(seed), busy_world(seed)
    w = fast.world
    yesterday = fast.state.copy()  # yesterday's picture must not shine through
    lost = np.random.default_rng(seed).random(yesterday.holder.shape) < (0.05, 0.5)[seed % 2]
    yesterday.holder[lost] = -1
    yesterday.stance[::2] = np.roll(yesterday.stance[::2], 1, axis=2)
    yesterday.fighters[lost] += 9
    front.look(yesterday.arrays(), w.mesh, w.factions.quality, w.parameters, True, w.picture)
    for array in slow.world.picture:
        array[:] = 77
    front.look(fast.state.arrays(), w.mesh, w.factions.quality, w.parameters, True, w.picture)
    look(slow.state, slow.world)
    assert_alike(fast.world.picture, slow.world.picture)


def test_no_fighter_is_counted_on_two_stretches_of_front():
    for seed in SEEDS:
        world = busy_world(seed).world
        state = busy_world(seed).state
        picture = world.picture
        front.look(
            state.arrays(), world.mesh, world.factions.quality, world.parameters, True, picture
        )
        in_reach = np.where(picture.spread_km > 0, picture.men, 0).sum(axis=1, dtype=np.float64)
        ready = picture.ready.sum(axis=1, dtype=np.float64)
        np.testing.assert_allclose(ready, in_reach, rtol=1e-6)


@pytest.mark.parametrize("seed", SEEDS)
def test_supply_takes_the_shortest_way_and_feeds_alike(seed):
    fast, slow = busy_world(seed), busy_world(seed)
    rng = np.random.default_rng(seed)
    today = fast.state.holder.copy()
    yesterday = np.where(rng.random(today.shape) < 0.1, rng.integers(-1, 4, today.shape), today)
    fast.state.supplied[:] = slow.state.supplied[:] = -2  # nothing was traced before
    for holder in (yesterday, today):
        fast.state.holder[:] = slow.state.holder[:] = holder
        before = fast.state.copy()
        Supply().apply(fast.state, fast.world)
        supply(slow.state, slow.world)
        assert_alike(fast.state, slow.state, before)


@pytest.mark.parametrize("seed", range(10))
def test_tracing_only_whom_it_concerns_is_as_good_as_tracing_everybody(seed):
    world = busy_world(seed)
    world.state.supplied[:] = -2
    Supply().apply(world.state, world.world)
    rng = np.random.default_rng(seed)
    for r in range(world.state.runs):  # a few cells change hands
        for c in rng.choice(world.state.holder.shape[1], 5, replace=False):
            world.state.holder[r, c] = rng.integers(-1, 4)
    thorough = world.copy()
    thorough.state.supplied[:] = -2
    Supply().apply(world.state, world.world)
    Supply().apply(thorough.state, thorough.world)
    np.testing.assert_array_equal(world.state.distance, thorough.state.distance)
    np.testing.assert_array_equal(world.state.access, thorough.state.access)
