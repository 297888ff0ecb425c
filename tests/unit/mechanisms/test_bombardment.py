from __future__ import annotations

import numpy as np
import pytest

from sim.mechanisms.bombardment import Bombardment
from sim.scenario.compiled import EventKind, Stance
from sim.state import Loss
from tests.reference import worlds
from tests.reference.bombardment import bombardment
from tests.reference.worlds import BLUE, GREEN, RED, event, grid_mesh, random_world, small

ACT = Bombardment()


def bombed(*, runs=40, intensity=1.0, other=-1, stance=Stance.HOSTILE, area=None, seed=1):
    """RED bombs ground that BLUE holds with 200 fighters a cell; before and after."""
    mesh = grid_mesh(4, 4)
    area = np.arange(mesh.cells) if area is None else area
    world = small(
        mesh,
        [event(EventKind.BOMBARDMENT, area, intensity=intensity, other=other)],
        runs=runs,
        seed=seed,
    ).with_parameters(bomb_loss=0.02, bomb_support=0.05)
    world.state.holder[:] = BLUE
    world.state.fighters[:, :, BLUE] = 200
    world.state.support[:] = 0.2
    world.state.stance[:, RED, BLUE] = world.state.stance[:, BLUE, RED] = stance
    before = world.copy()
    ACT.apply(world.state, world.world)
    return before.state, world.state, mesh


@pytest.mark.parametrize("seed", range(25))
def test_the_kernel_agrees_with_its_slow_twin(seed):
    fast, slow = random_world(seed), random_world(seed)
    ACT.apply(fast.state, fast.world)
    bombardment(slow.state, slow.world)
    worlds.assert_same(fast.state, slow.state)


@pytest.mark.parametrize("seed", range(10))
def test_it_does_what_it_declares_and_nobody_vanishes(seed):
    worlds.assert_contract(ACT, random_world(seed))


def test_rough_ground_spares_fighters_and_open_ground_costs_the_stated_share():
    before, after, mesh = bombed(runs=300)
    lost = (before.fighters - after.fighters)[:, :, BLUE].mean(axis=0)
    expected = 200 * 0.02 * (1 - 0.7 * mesh.rough)
    np.testing.assert_allclose(lost, expected, atol=0.15)
    assert after.losses[:, BLUE, Loss.BOMBARDMENT].sum() == before.fighters.sum() - (
        after.fighters.sum()
    )


def test_only_the_area_and_only_enemies_are_struck():
    _, after, _ = bombed(area=[3, 4])
    outside = np.setdiff1d(np.arange(16), [3, 4])
    assert (after.fighters[:, outside, BLUE] == 200).all()
    assert (after.suppressed[:, outside] == 0).all()
    assert (after.suppressed[:, [3, 4]] > 0).all()
    for stance in (Stance.RIVAL, Stance.TRUCE, Stance.ALLIED):
        before, after, _ = bombed(stance=stance)
        assert worlds.changed_fields(before, after) == set()


def test_a_campaign_against_one_enemy_spares_another():
    before, after, _ = bombed(other=GREEN)
    assert worlds.changed_fields(before, after) == set()


def test_heavier_fire_kills_more_holds_down_more_and_costs_more_support():
    _, light, _ = bombed(intensity=0.3)
    _, heavy, _ = bombed(intensity=1.5)
    assert heavy.losses.sum() > light.losses.sum()
    assert (heavy.suppressed > light.suppressed).all()
    assert (heavy.combat == 1).all()
    assert (heavy.support[:, :, RED] < light.support[:, :, RED]).all()
    assert (light.support[:, :, RED] < 0.2).all()
    assert (light.support[:, :, BLUE] == np.float32(0.2)).all()


def test_another_campaign_elsewhere_shifts_nobodys_luck():
    mesh = grid_mesh(4, 4)
    here = event(EventKind.BOMBARDMENT, [8, 9], name="here")
    there = event(EventKind.BOMBARDMENT, [0, 1], name="there")
    losses = []
    for events in ([here], [there, here]):
        world = small(mesh, events, runs=20).with_parameters(bomb_loss=0.05)
        world.state.holder[:] = BLUE
        world.state.fighters[:, :, BLUE] = 130
        ACT.apply(world.state, world.world)
        losses.append(130 - world.state.fighters[:, [8, 9], BLUE])
    np.testing.assert_array_equal(*losses)
    assert losses[0].sum() > 0
