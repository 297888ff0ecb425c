from __future__ import annotations

import numpy as np
import pytest

from sim.kernels.geometry import plane
from sim.mechanisms.deals import Deals
from sim.mechanisms.sectors import touching_sectors
from sim.scenario.compiled import NOBODY, EventKind, Stance
from sim.state import Cause, Incident, Loss
from tests.reference import worlds
from tests.reference.deals import deals
from tests.reference.worlds import BLUE, GREEN, RED, event, grid_mesh, random_world, small

ACT = Deals()
EVACUATION, RECONCILIATION = EventKind.EVACUATION_OFFER, EventKind.RECONCILIATION_OFFER


def all_open(mesh):
    """The same mesh without rivers."""
    return worlds.replace(mesh, crossing=np.zeros_like(mesh.crossing))


def pocket(kind=EVACUATION, *, runs=300, route=(), refuge=(), deal_rate=0.02, will=1.0):
    """BLUE holds the first two segments of a map that RED surrounds, and is offered terms."""
    mesh = all_open(grid_mesh(8, 6))
    area = np.flatnonzero(mesh.segment < 2)
    ground = np.zeros((4, mesh.cells), np.bool_)
    ground[BLUE, list(refuge)] = True
    offer = event(kind, area, faction=RED, other=BLUE, route=route)
    world = small(mesh, [offer], runs=runs, refuge=ground)
    world = world.with_parameters(deal_rate=deal_rate)
    state = world.state
    state.holder[:] = RED
    state.holder[:, area] = BLUE
    state.held_since[:] = -100
    state.fighters[:, :, RED] = np.where(np.isin(np.arange(mesh.cells), area), 0, 50)
    state.fighters[:, area, BLUE] = 80
    state.depot[:, :2, BLUE] = 1e6
    state.access[:] = 1.0
    state.will[:] = will
    return world, area


def accepted(world, days=1):
    """Share of the runs' stretches that took the offer."""
    for _ in range(days):
        ACT.apply(world.state, world.world)
        world.state.day += 1
    return (world.state.surrendered_on[:, :2, BLUE] >= 0).mean()


@pytest.mark.parametrize("seed", range(40))
def test_the_kernel_agrees_with_its_slow_twin(seed):
    fast, slow = random_world(seed), random_world(seed)
    ACT.apply(fast.state, fast.world)
    table = slow.world.scenario.theatre.mesh
    deals(slow.state, slow.world, plane(table.lon, table.lat))
    worlds.assert_same(fast.state, slow.state)


@pytest.mark.parametrize("seed", range(20))
def test_it_does_what_it_declares_and_nobody_vanishes(seed):
    worlds.assert_contract(ACT, random_world(seed))


def test_no_offer_no_deal():
    world, _ = pocket()
    quiet = world.without_events(EVACUATION)
    before = quiet.copy()
    ACT.apply(quiet.state, quiet.world)
    assert worlds.changed_fields(before.state, quiet.state) == set()


def test_hunger_encirclement_strength_and_support_press_for_a_deal():
    plain, area = pocket()
    hungry, cut_off, outnumbered, welcome = (plain.copy() for _ in range(4))
    hungry.state.depot[:] = 0.0
    cut_off.state.access[:, area] = 0.0
    outnumbered.state.fighters[:, :, RED] *= 10
    welcome.state.support[:, :, RED] = 0.6
    welcome.state.support[:, :, BLUE] = 0.1
    rate = accepted(plain)
    for pressed in (hungry, cut_off, outnumbered, welcome):
        assert accepted(pressed) > rate


@pytest.mark.parametrize("kind", [EVACUATION, RECONCILIATION])
def test_where_reconcilers_were_arrested_fewer_deals_are_struck(kind):
    willing, _ = pocket(kind, will=1.0, deal_rate=0.1)
    afraid, _ = pocket(kind, will=0.1, deal_rate=0.1)
    assert accepted(afraid) < 0.8 * accepted(willing)


def test_a_neighbours_surrender_is_contagious_for_two_weeks():
    rates = {}
    for ago in (0, 1, 14, 15):
        world, _ = pocket()
        world.state.day = 100
        world.state.surrendered_on[:, 4, BLUE] = 100 - ago  # south of the pocket's first stretch
        world.state.surrendered_on[:, 5, BLUE] = 100 - ago
        ACT.apply(world.state, world.world)
        rates[ago] = (world.state.surrendered_on[:, :2, BLUE] == 100).mean()
    assert rates[1] == rates[14] > 1.5 * rates[15]
    assert rates[0] == rates[15]


def test_evacuated_fighters_leave_whole_for_the_end_of_the_route():
    mesh = grid_mesh(8, 6)
    home = mesh.cells - 1
    world, area = pocket(route=[5, home], runs=50, deal_rate=0.2)
    world.state.holder[:, home] = BLUE
    world.state.fighters[:, home] = 0
    accepted(world, days=150)
    state = world.state
    assert (state.holder[:, area] == RED).all()
    assert (state.fighters[:, area, BLUE] == 0).all()
    assert (state.fighters[:, home, BLUE] == 80 * len(area)).all()
    assert state.losses.sum() == 0
    assert (state.depot[:, :2, BLUE] == 0).all()


def test_with_no_way_out_they_lay_down_arms_and_with_a_refuge_they_go_there():
    stuck, area = pocket(runs=30, deal_rate=0.2)
    accepted(stuck, days=150)
    assert (stuck.state.losses[:, BLUE, Loss.SURRENDER] == 80 * len(area)).all()
    far, near = 40, 20
    free, area = pocket(runs=30, deal_rate=0.2, refuge=[near, far])
    free.state.holder[:, [near, far]] = BLUE
    free.state.fighters[:, [near, far]] = 0
    accepted(free, days=150)
    assert free.state.losses.sum() == 0
    assert (free.state.fighters[:, [near, far], BLUE].sum(axis=1) == 80 * len(area)).all()


def test_reconciled_fighters_join_the_other_side_or_go_home():
    world, area = pocket(RECONCILIATION, runs=50, deal_rate=0.2, will=0.8)
    reds = world.state.fighters[:, :, RED].sum(axis=1)
    accepted(world, days=150)
    state = world.state
    assert (state.losses[:, BLUE, Loss.SURRENDER] == 80 * len(area)).all()
    assert state.joined[:, RED].mean() == pytest.approx(0.5 * 0.8 * 80 * len(area), rel=0.02)
    np.testing.assert_array_equal(
        state.fighters[:, :, RED].sum(axis=1), reds + state.joined[:, RED]
    )


@pytest.mark.parametrize(
    ("kind", "cause", "incident"),
    [
        (EVACUATION, Cause.EVACUATION, Incident.EVACUATION),
        (RECONCILIATION, Cause.RECONCILIATION, Incident.RECONCILIATION),
    ],
)
def test_the_ledger_learns_who_why_and_by_what_margin(kind, cause, incident):
    world, area = pocket(kind, runs=30, deal_rate=0.2)
    world.state.progress[:, area] = 3.0
    world.state.attacker[:, area] = GREEN
    world.state.fighters[:, area, BLUE] = 7
    before = world.copy().state
    ACT.apply(world.state, world.world)
    state = world.state
    taken = state.holder != before.holder
    assert taken.any()
    assert (state.cause[taken] == cause).all()
    assert (state.cause[~taken] == Cause.NONE).all()
    assert np.isnan(state.ratio[taken]).all()
    assert (state.margin[taken] > 0).all()
    assert (state.lost_by[taken] == BLUE).all()
    assert (state.lost_on[taken] == 10).all()
    assert (state.held_since[taken] == 10).all()
    assert (state.progress[taken] == 0).all()
    assert (state.attacker[taken] == NOBODY).all()
    for r in range(30):
        rows = state.incidents[r, : state.incident_count[r]]
        assert (rows["kind"] == incident).all()
        assert rows["persons"].sum() == 7 * taken[r].sum()


def test_a_deep_stretch_waits_until_the_line_reaches_it():
    world, _ = pocket(runs=200, deal_rate=0.2)
    mesh = world.world.mesh
    corner, next_to_it = mesh.segment == 0, np.isin(mesh.segment, [1, 4, 5])
    world.state.holder[:, next_to_it] = BLUE
    world.state.fighters[:, next_to_it] = 0
    world.state.depot[:] = 0.0
    ACT.apply(world.state, world.world)
    assert (world.state.holder[:, mesh.segment == 1] == RED).any()
    assert (world.state.holder[:, corner] == BLUE).all()
    world.state.day += 1
    ACT.apply(world.state, world.world)
    assert (world.state.holder[:, corner] == RED).any()


def test_offers_to_allies_are_void():
    world, _ = pocket(deal_rate=0.2)
    world.state.stance[:, RED, BLUE] = world.state.stance[:, BLUE, RED] = Stance.ALLIED
    assert accepted(world, days=20) == 0


def test_sectors_touch_each_other_both_ways_and_themselves():
    touching = touching_sectors(grid_mesh(9, 4))
    assert touching.diagonal().all()
    assert (touching == touching.T).all()
    assert touching[0, 1]
    assert not touching[0, 2]
