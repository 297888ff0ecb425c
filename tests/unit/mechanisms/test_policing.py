from __future__ import annotations

import numpy as np
import pytest

from sim.mechanisms.policing import Policing
from sim.scenario.compiled import EventKind, Posture, Stance
from sim.state import Incident, Loss
from tests.reference import worlds
from tests.reference.policing import policing
from tests.reference.worlds import BLUE, GREEN, GREY, RED, event, grid_mesh, random_world, small

ACT = Policing()
DAYS = 30


def occupied(*, police=20, support=0.5, posture=Posture.HOLD, events=(), runs=60):
    """BLUE holds everything with so many police a cell; RED has a network of 50 in each."""
    mesh = grid_mesh(6, 4)
    world = small(mesh, events, runs=runs)
    world.state.holder[:] = BLUE
    world.state.fighters[:, :, BLUE] = police
    world.state.covert[:, :, RED] = 50
    world.state.support[:, :, BLUE] = support
    world.state.posture[:, :, BLUE] = posture
    return world


def month(world):
    for _ in range(DAYS):
        ACT.apply(world.state, world.world)
        world.state.day += 1
    return world.state


def network(state):
    return state.covert[:, :, RED].sum(axis=1).mean()


@pytest.mark.parametrize("seed", range(25))
def test_the_kernel_agrees_with_its_slow_twin(seed):
    fast, slow = random_world(seed), random_world(seed)
    ACT.apply(fast.state, fast.world)
    policing(slow.state, slow.world)
    worlds.assert_same(fast.state, slow.state)


@pytest.mark.parametrize("seed", range(10))
def test_it_does_what_it_declares_and_nobody_vanishes(seed):
    worlds.assert_contract(ACT, random_world(seed))


def test_more_police_shrink_a_network_faster_and_no_ground_changes_hands():
    left = []
    for police in (0, 20, 80):
        world = occupied(police=police)
        holder = world.state.holder.copy()
        left.append(network(month(world)))
        np.testing.assert_array_equal(world.state.holder, holder)
    assert left[0] == 50 * 24
    assert left[0] > left[1] > left[2]


def test_police_whom_people_support_find_more():
    strangers = network(month(occupied(support=0.0)))
    supported = network(month(occupied(support=0.9)))
    assert supported < strangers < 50 * 24


def test_hunters_and_campaigns_of_arrests_find_more():
    plain = network(month(occupied()))
    hunting = network(month(occupied(posture=Posture.HUNT)))
    roundup = event(EventKind.ARRESTS, np.arange(24), faction=BLUE, other=RED, intensity=2.0)
    campaign = network(month(occupied(events=[roundup])))
    aimed_elsewhere = event(EventKind.ARRESTS, np.arange(24), faction=BLUE, other=GREEN)
    same = network(month(occupied(events=[aimed_elsewhere])))
    assert hunting < plain
    assert campaign < hunting
    assert same == plain


@pytest.mark.parametrize("stance", [Stance.TRUCE, Stance.ALLIED])
def test_police_leave_the_networks_of_friends_alone(stance):
    world = occupied()
    world.state.stance[:, RED, BLUE] = world.state.stance[:, BLUE, RED] = stance
    assert network(month(world)) == 50 * 24


def test_arrests_are_told_once_a_day_for_a_sector_and_add_up():
    world = occupied(police=80, runs=5)
    ACT.apply(world.state, world.world)
    state = world.state
    for r in range(5):
        rows = state.incidents[r, : state.incident_count[r]]
        sectors = world.world.mesh.sector[rows["cell"]]
        assert (rows["kind"] == Incident.ARRESTS).all()
        assert (rows["faction"] == BLUE).all()
        assert (rows["other"] == RED).all()
        assert len(set(sectors)) == len(rows)
        assert rows["persons"].sum() == state.losses[r, RED, Loss.ARREST]


def test_arrests_of_reconcilers_wear_the_will_down_only_where_the_police_rule():
    area = np.arange(24)
    terror = event(EventKind.ARRESTS, area, faction=BLUE, reconcilers=True, intensity=1.0)
    world = occupied(events=[terror], runs=2)
    lost = world.world.mesh.sector == 0
    world.state.holder[1, lost] = GREY
    world.state.fighters[1, lost] = 0
    month(world)
    assert (world.state.will[0] < 0.5).all()
    assert world.state.will[1, 0] == 1.0
    assert (world.state.will[1, 1:] < 0.5).all()
    quiet = occupied(events=[], runs=2)
    month(quiet)
    assert (quiet.state.will == 1).all()


def raiders(*, posture=Posture.RAID, covert=60, runs=60):
    """RED's network of so many sits in one cell among 300 of BLUE in each."""
    mesh = grid_mesh(6, 4)
    world = small(mesh, runs=runs).with_parameters(raid_rate=0.02, raid_cost=0.01, arrest_rate=0.0)
    world.state.holder[:] = BLUE
    world.state.fighters[:, :, BLUE] = 300
    world.state.covert[:, 9, RED] = covert
    world.state.posture[:, :, RED] = posture
    return world


def test_raiders_hurt_their_neighbourhood_and_pay_for_it():
    world = raiders(runs=400)
    ACT.apply(world.state, world.world)
    lost = world.state.losses[:, :, Loss.RAID].mean(axis=0)
    assert lost[BLUE] == pytest.approx(0.02 * 60, rel=0.15)
    assert lost[RED] == pytest.approx(0.01 * 60, rel=0.15)
    mesh = world.world.mesh
    near = {9, *mesh.indices[mesh.indptr[9] : mesh.indptr[10]]}
    far = [c for c in range(24) if c not in near]
    assert (world.state.fighters[:, far, BLUE] == 300).all()


def test_without_the_posture_nobody_raids():
    world = raiders(posture=Posture.HOLD)
    before = world.copy()
    month(world)
    assert worlds.changed_fields(before.state, world.state) == set()


def test_few_targets_bound_what_many_raiders_can_do():
    world = raiders(covert=3000, runs=200)
    world.state.fighters[:, :, BLUE] = 0
    world.state.fighters[:, 9, BLUE] = 100
    ACT.apply(world.state, world.world)
    assert world.state.losses[:, BLUE, Loss.RAID].mean() == pytest.approx(10, rel=0.05)


def test_raiders_who_are_nobody_s_enemy_pay_nothing_whatever_happens_in_other_runs():
    world = raiders(runs=3).with_parameters(raid_cost=0.5)
    world.state.stance[1] = np.where(np.eye(4), Stance.ALLIED, Stance.TRUCE)
    before = world.copy()
    ACT.apply(world.state, world.world)
    assert (world.state.losses[[0, 2], RED, Loss.RAID] > 0).all()
    assert not world.state.losses[1].any()
    np.testing.assert_array_equal(world.state.covert[1], before.state.covert[1])
