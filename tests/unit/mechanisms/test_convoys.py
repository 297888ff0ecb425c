from __future__ import annotations

import numpy as np
import pytest

from sim.mechanisms.convoys import Convoys
from sim.scenario.compiled import EventKind, Stance
from sim.state import Incident, Loss
from tests.reference import worlds
from tests.reference.convoys import convoys
from tests.reference.worlds import BLUE, GREEN, RED, event, grid_mesh, random_world, small

ACT = Convoys()
ORIGIN, ROUTE, TO = [0, 1], [8, 14, 20], [30, 31]


def march(*, runs=100, raiders=0, travel_days=3, persons=(100.0, 300.0), intercept=1.0):
    """RED sends buses across a map that it holds; BLUE's raiders may lie along the road."""
    mesh = grid_mesh(8, 6)
    buses = event(
        EventKind.TRANSFER,
        TO,
        name="buses",
        origin=ORIGIN,
        route=ROUTE,
        travel_days=travel_days,
        persons=persons,
    )
    world = small(mesh, [buses], runs=runs, day=10).with_parameters(
        intercept=intercept, intercept_loss=0.5
    )
    world.state.since[:] = 10
    world.state.holder[:] = RED
    world.state.fighters[:, ORIGIN, RED] = 400
    world.state.covert[:, ROUTE, BLUE] = raiders
    return world


def days(world, count):
    told = []
    for _ in range(count):
        world.state.incident_count[:] = 0
        ACT.apply(world.state, world.world)
        told.append(
            [
                world.state.incidents[r, : world.state.incident_count[r]].copy()
                for r in range(world.state.runs)
            ]
        )
        world.state.day += 1
    return told


@pytest.mark.parametrize("seed", range(40))
def test_the_kernel_agrees_with_its_slow_twin(seed):
    fast, slow = random_world(seed), random_world(seed)
    ACT.apply(fast.state, fast.world)
    convoys(slow.state, slow.world)
    worlds.assert_same(fast.state, slow.state)


@pytest.mark.parametrize("seed", range(20))
def test_it_does_what_it_declares_and_nobody_vanishes(seed):
    worlds.assert_contract(ACT, random_world(seed))


def test_an_undisturbed_convoy_arrives_whole_after_its_days():
    world = march()
    (told_out,) = days(world, 1)
    size = world.state.transit[:, 0].copy()
    assert ((size >= 100) & (size <= 300)).all()
    assert len(set(size)) > 20
    np.testing.assert_array_equal(800 - world.state.fighters[:, ORIGIN, RED].sum(axis=1), size)
    assert all([row["kind"].tolist() == [Incident.CONVOY_LEFT] for row in told_out])
    days(world, 2)
    assert (world.state.fighters[:, TO, RED] == 0).all()
    (told_in,) = days(world, 1)
    np.testing.assert_array_equal(world.state.fighters[:, TO, RED].sum(axis=1), size)
    assert (world.state.transit == 0).all()
    assert all([row["kind"].tolist() == [Incident.CONVOY_ARRIVED] for row in told_in])
    assert np.abs(np.diff(world.state.fighters[:, TO, RED], axis=1)).max() <= 1


def test_raiders_on_the_road_catch_it_and_more_raiders_more_often():
    lost = []
    for raiders in (0, 20, 300):
        world = march(raiders=raiders, intercept=0.5)
        told = days(world, 4)
        lost.append(world.state.losses[:, RED, Loss.CONVOY].mean())
        caught = [row for day in told for run in day for row in run if row["kind"] == 6]
        assert sum(row["persons"] for row in caught) == world.state.losses[:, RED, 7].sum()
        assert all(row["other"] == BLUE and row["margin"] > 0 for row in caught)
        assert all(row["cell"] in ROUTE for row in caught)
    assert lost[0] == 0 < lost[1] < lost[2]


def test_raiders_who_are_no_enemies_or_far_away_do_not_matter():
    world = march(raiders=300)
    world.state.stance[:, RED, BLUE] = world.state.stance[:, BLUE, RED] = Stance.TRUCE
    days(world, 4)
    assert world.state.losses.sum() == 0
    world = march()
    world.state.covert[:, 40, BLUE] = 500
    days(world, 4)
    assert world.state.losses.sum() == 0


def test_no_more_leave_than_are_there():
    world = march(persons=(5000.0, 6000.0))
    days(world, 1)
    assert (world.state.transit == 800).all()
    assert (world.state.fighters == 0).all()


def test_a_convoy_waits_on_the_road_until_its_side_holds_the_destination():
    world = march()
    world.state.holder[:, TO] = BLUE
    days(world, 10)
    size = world.state.transit[:, 0].copy()
    assert (size > 0).all()
    assert (world.state.fighters[:, TO, RED] == 0).all()
    world.state.holder[:, TO[0]] = GREEN
    world.state.stance[:, RED, GREEN] = world.state.stance[:, GREEN, RED] = Stance.ALLIED
    days(world, 1)
    np.testing.assert_array_equal(world.state.fighters[:, TO[0], RED], size)


def test_reinforcements_come_from_outside_once():
    mesh = grid_mesh(8, 6)
    world = small(
        mesh,
        [event(EventKind.REINFORCEMENT, TO, persons=(40.0, 60.0), weights=[1.0, 3.0])],
        runs=200,
        day=10,
    )
    world.state.since[:] = 10
    world.state.holder[:] = RED
    days(world, 5)
    came = world.state.fighters[:, :, RED].sum(axis=1)
    assert ((came >= 40) & (came <= 60)).all()
    np.testing.assert_array_equal(world.state.joined[:, RED], came)
    first, second = world.state.fighters[:, TO, RED].sum(axis=0)
    assert second == pytest.approx(3 * first, rel=0.05)


def test_the_size_of_a_convoy_hangs_on_its_name_and_not_on_the_day_it_leaves():
    early, late = march(), march()
    late.state.day = 17
    late.state.since[:] = 17
    days(early, 1)
    days(late, 1)
    np.testing.assert_array_equal(early.state.transit, late.state.transit)
