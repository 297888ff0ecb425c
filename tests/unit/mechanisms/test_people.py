from __future__ import annotations

import numpy as np
import pytest

from sim.kernels.geometry import plane
from sim.mechanisms.people import People
from sim.mechanisms.sectors import sector_ways
from sim.scenario.compiled import EventKind
from sim.state import Loss
from tests.reference import worlds
from tests.reference.people import people
from tests.reference.worlds import BLUE, GREEN, RED, event, grid_mesh, random_world, small

ACT = People()


def act(world, days=1):
    for _ in range(days):
        ACT.apply(world.state, world.world)
        world.state.day += 1
    return world.state


def held(by=BLUE, *, events=(), runs=40, **parameters):
    """A map held by one faction, with 100 fighters in each cell and full depots."""
    world = small(grid_mesh(9, 4), events, runs=runs).with_parameters(**parameters)
    world.state.holder[:] = by
    world.state.fighters[:, :, by] = 100
    world.state.depot[:] = 1e6
    return world


@pytest.mark.parametrize("seed", range(25))
def test_the_kernels_agree_with_their_slow_twin(seed):
    fast, slow = random_world(seed), random_world(seed)
    ACT.apply(fast.state, fast.world)
    table = slow.world.scenario.theatre.mesh
    people(slow.state, slow.world, plane(table.lon, table.lat))
    worlds.assert_same(fast.state, slow.state)


@pytest.mark.parametrize("seed", range(10))
def test_it_does_what_it_declares_and_nobody_vanishes(seed):
    worlds.assert_contract(ACT, random_world(seed))


def test_people_flee_the_fighting_to_near_and_quiet_districts():
    world = held(runs=200, flight=0.1)
    mesh, ways = world.world.mesh, sector_ways(world.world.scenario.theatre.mesh)
    world.state.combat[:, mesh.sector == 0] = 1.0
    neighbours = np.argsort(ways[0])[1:]
    troubled = neighbours[0]
    world.state.combat[:, np.flatnonzero(mesh.sector == troubled)[0]] = 0.001
    state = act(world)
    fled = state.displaced.sum(axis=1)
    start = world.world.scenario.theatre.mesh.population[mesh.sector == 0].sum()
    assert fled.mean() == pytest.approx(0.1 * start, rel=0.02)
    guests = state.displaced.mean(axis=0)
    weight = np.where(np.isin(np.arange(len(ways)), [0, troubled]), 0.25, 1.0) / (10 + ways[0])
    np.testing.assert_allclose(guests, fled.mean() * weight / weight.sum(), atol=1.0)


def test_bombs_drive_out_more_than_a_firefight_of_the_same_weight():
    fight = held(flight=0.01, bomb_civilian=0.05)
    fight.state.combat[:] = 0.5
    bombs = fight.copy()
    bombs.state.suppressed[:] = 0.2
    assert act(bombs).displaced.sum() > 3 * act(fight).displaced.sum()


def test_when_it_is_quiet_everybody_comes_home_to_the_cells_they_left():
    world = held(runs=3, flight=0.1, return_rate=0.05)
    world.state.combat[:, :20] = 1.0
    act(world, days=5)
    assert world.state.displaced.sum() > 0
    world.state.combat[:] = 0.0
    act(world, days=400)
    assert world.state.displaced.sum() == 0
    assert (world.state.population == world.world.scenario.theatre.mesh.population).all()


def test_nobody_returns_to_a_district_at_war():
    world = held(runs=3, flight=0.1, return_rate=0.05)
    world.state.combat[:] = 1.0
    act(world)
    before = world.state.displaced.sum()
    act(world, days=5)
    assert world.state.displaced.sum() > before


def test_a_district_without_cells_takes_nobody_in():
    mesh = grid_mesh(9, 4)
    table = worlds.replace(mesh, sector_key=worlds.keys_of("sector", mesh.sectors + 1))
    world = small(table, runs=5).with_parameters(flight=0.1)
    world.state.combat[:] = 1.0
    act(world, days=10)
    assert world.state.displaced[:, -1].sum() == 0
    assert (world.state.displaced[:, :-1] > 0).all()


def test_support_follows_control_and_the_shares_stay_shares():
    world = held(support_drift=0.05)
    world.state.support[:, :, RED] = 0.8
    world.state.support[:, :, BLUE] = 0.2
    state = act(world, days=30)
    assert (state.support[:, :, BLUE] > 0.7).all()
    assert (state.support[:, :, RED] < 0.3).all()
    assert (state.support.sum(axis=2) <= 1 + 1e-6).all()


def test_leaflets_move_support_and_will_in_their_area_only():
    mesh = grid_mesh(9, 4)
    area = np.flatnonzero(mesh.sector == 1)
    drop = event(EventKind.LEAFLETS, area, faction=RED, other=BLUE, intensity=1.0)
    world = held(events=[drop], support_drift=0.0, leaflet_effect=0.02)
    world.state.support[:, :, BLUE] = 0.5
    world.state.will[:] = 0.4
    state = act(world, days=10)
    assert state.support[:, 1, RED] == pytest.approx(0.2, abs=1e-5)
    assert state.support[:, 1, BLUE] == pytest.approx(0.3, abs=1e-5)
    assert (state.will[:, 1] > 0.42).all()
    others = np.arange(mesh.sectors) != 1
    assert (state.support[:, others, RED] == 0).all()
    assert (state.will[:, others] == np.float32(0.4)).all()


def test_supporters_join_at_the_largest_place_their_side_holds():
    world = held(recruitment=1e-4, support_drift=0.0, runs=200)
    world.state.support[:, :, BLUE] = 0.5
    world.state.support[:, :, GREEN] = 0.5
    state = act(world)
    table = world.world.scenario.theatre.mesh
    expected = 1e-4 * 0.5 * table.population.sum()
    assert state.joined[:, BLUE].mean() == pytest.approx(expected, rel=0.05)
    assert state.joined[:, GREEN].sum() == 0
    grew = np.flatnonzero((state.fighters[:, :, BLUE] > 100).any(axis=0))
    for c in grew:
        same = table.sector == table.sector[c]
        assert table.population[c] == table.population[same].max()


def test_hunger_breaks_cohesion_plenty_mends_it_and_the_broken_desert():
    hungry = held(cohesion_hunger=0.1, desertion=0.05)
    hungry.state.depot[:] = 0.0
    fed = held(cohesion_hunger=0.1, desertion=0.05)
    fed.state.cohesion[:] = 0.5
    falling, mending = act(hungry, days=20), act(fed, days=20)
    assert (falling.cohesion[:, :, BLUE] < 0.5).all()
    assert (mending.cohesion[:, :, BLUE] > 0.6).all()
    assert (
        falling.losses[:, BLUE, Loss.DESERTION].mean()
        > mending.losses[:, BLUE, Loss.DESERTION].mean()
    )
    whole = held(desertion=0.05)
    assert act(whole, days=20).losses.sum() == 0
