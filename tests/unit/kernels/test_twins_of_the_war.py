from __future__ import annotations

import numpy as np
import pytest

from sim.kernels import control as control_kernels
from sim.mechanisms.control import Control
from sim.mechanisms.engagement import Engagement
from sim.mechanisms.movement import Movement
from sim.mechanisms.siege import Siege
from sim.scenario.compiled import Posture
from sim.state import Incident
from tests.reference.control import control, expel
from tests.reference.engagement import engagement
from tests.reference.movement import movement
from tests.reference.siege import siege
from tests.unit.kernels.busy import assert_alike, busy_world, draw_picture, looked

SEEDS = range(40)


@pytest.mark.parametrize("seed", SEEDS)
def test_fighters_march_alike(seed):
    fast, slow = busy_world(seed), busy_world(seed)
    before = fast.state.copy()
    for _ in range(2):  # forth and back
        draw_picture(fast)
        draw_picture(slow)
        Movement().apply(fast.state, fast.world)
        movement(slow.state, slow.world)
        assert_alike(fast.state, slow.state, before)
        fast.state.day = slow.state.day = fast.state.day + 1


@pytest.mark.parametrize("seed", SEEDS)
def test_operations_go_alike(seed):
    fast, slow = busy_world(seed), busy_world(seed)
    before = fast.state.copy()
    Engagement().apply(fast.state, fast.world)
    engagement(slow.state, slow.world)
    assert_alike(fast.state, slow.state, before)


def starved(seed):
    """A busy world in which much of the ground is cut off, hungry and looks for a way out."""
    world = looked(seed)
    rng = np.random.default_rng(seed)
    state = world.state
    state.depot *= rng.choice([0.0, 0.0, 0.1], state.depot.shape).astype(np.float32)
    state.posture[:] = rng.choice(
        [Posture.EVADE, Posture.BREAK_OUT, Posture.HOLD], state.posture.shape
    )
    state.cohesion *= 0.5
    world.world.parameters["breakout_km"] = rng.uniform(20, 200, state.runs)
    return world


@pytest.mark.parametrize("seed", SEEDS)
def test_pockets_end_alike(seed):
    fast, slow = starved(seed), starved(seed)
    before = fast.state.copy()
    Siege().apply(fast.state, fast.world)
    siege(slow.state, slow.world)
    assert_alike(fast.state, slow.state, before)


def test_the_pockets_of_these_tests_end_in_every_way():
    count = np.zeros(len(Incident), int)
    for seed in SEEDS:
        world = starved(seed)
        Siege().apply(world.state, world.world)
        for r, n in enumerate(world.state.incident_count):
            np.add.at(count, world.state.incidents["kind"][r, :n], 1)
    for kind in (
        Incident.EXFILTRATION,
        Incident.BREAK_OUT_SUCCESS,
        Incident.BREAK_OUT_FAILURE,
        Incident.SURRENDER,
    ):
        assert count[kind] > 20, kind.name


@pytest.mark.parametrize("seed", SEEDS)
def test_cells_change_hands_alike(seed):
    fast, slow = looked(seed), looked(seed)
    before = fast.state.copy()
    Control().apply(fast.state, fast.world)
    control(slow.state, slow.world)
    assert_alike(fast.state, slow.state, before)


@pytest.mark.parametrize("seed", SEEDS)
def test_guests_leave_alike_when_they_are_no_longer_welcome(seed):
    fast, slow = busy_world(seed), busy_world(seed)
    rng = np.random.default_rng(seed)
    for state in (fast.state, slow.state):  # friends fall out
        state.stance[:, 0, 1] = state.stance[:, 1, 0] = 0
        state.stance[:, 2, 3] = state.stance[:, 3, 2] = 2
    before = fast.state.copy()
    changed = rng.random(fast.state.runs) < 0.7
    keys = fast.world.draws(fast.state, "calendar")
    w = fast.world
    control_kernels.expel(fast.state.arrays(), w.mesh, w.factions.key, w.parameters, keys, changed)
    for r in np.flatnonzero(changed):
        expel(int(r), slow.state, slow.world, keys[r])
    assert_alike(fast.state, slow.state, before)


def test_the_worlds_of_these_tests_see_every_turn_of_a_war():
    """A twin that agrees where nothing happens proves nothing."""
    seen = {"begun": 0, "ended": 0, "fell": 0, "won": 0, "hid": 0, "cause": set()}
    for seed in SEEDS:
        world = looked(seed)
        before = world.state.copy()
        Engagement().apply(world.state, world.world)
        Control().apply(world.state, world.world)
        after = world.state
        seen["begun"] += int(after.incident_count.sum())
        seen["ended"] += int(((before.op_phase > 0) & (after.op_phase == 0)).sum())
        seen["fell"] += int(after.losses[:, :, 0].sum())
        seen["hid"] += int(after.covert.sum() - before.covert.sum())
        seen["won"] += int((after.holder != before.holder).sum())
        seen["cause"] |= set(np.unique(after.cause).tolist())
    assert seen.pop("cause") == {0, 1, 2, 3}
    assert all(count > 20 for count in seen.values()), seen
