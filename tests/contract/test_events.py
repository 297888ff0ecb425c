"""The calendar holds decisions and means, never outcomes: no event writes how a fight ends."""

from __future__ import annotations

import numpy as np
import pytest

from sim.model import TerritoryModel
from sim.scenario.compiled import EVENT_WRITES, EventKind, Posture, Stance
from sim.state import Loss
from tests.contract import wars
from tests.reference.worlds import changed_fields

CLASSES = {"orders", "stances", "assets", "supply", "opportunity"}
OUTCOMES = ("holder", "progress", "attacker", "held_since", "lost_by", "lost_on", "surrendered_on")
# What the calendar itself may write for each class; the rest it leaves to the mechanisms.
MARKS = {"active", "since"}
WIPED = {"suppressed", "combat", "cause", "incident_count"}  # yesterday's marks
ORDERS = {"ordered", "paused", "urge", "air", "air_for"}
WRITES = {
    "orders": ORDERS,
    "stances": {"stance", "supplied", "fighters", "covert", "losses"},  # guests must leave
    "assets": ORDERS,
    "supply": set(),
    "opportunity": set(),
}
DEALS = (EventKind.EVACUATION_OFFER, EventKind.RECONCILIATION_OFFER)
# Nothing but the event moves anybody in these wars.
QUIET = {"recruitment": 0.0, "desertion": 0.0, "raid_rate": 0.0, "raid_cost": 0.0}


def test_every_kind_of_event_belongs_to_one_class():
    assert set(EVENT_WRITES) == set(EventKind)
    assert set(EVENT_WRITES.values()) == CLASSES


@pytest.mark.parametrize("kind", EventKind, ids=lambda k: k.name)
def test_the_calendar_writes_no_outcome_whatever_the_event(kind):
    """In the midst of wars, each morning, with three events of the kind."""
    written = False
    for seed in range(8):
        scenario = wars.random_war(seed, sides=4, kinds=3 * (kind,))
        model = TerritoryModel(scenario, runs=2)
        for _ in range(12):
            before = model.state.copy()
            model.calendar.apply(model.state, model.world)
            changed = changed_fields(before, model.state)
            assert not changed & set(OUTCOMES)
            assert changed <= MARKS | WIPED | WRITES[EVENT_WRITES[kind]]
            if kind is EventKind.STANCE:
                fallen = model.state.losses - before.losses
                assert (fallen[:, :, [k for k in Loss if k is not Loss.SURRENDER]] == 0).all()
            written = written or bool(changed & MARKS)
            for field in changed & WIPED:
                assert not getattr(model.state, field).any()
            model.look()
            model.agents.do("decide")
            for mechanism in model.mechanisms:
                mechanism.apply(model.state, model.world)
            model.state.day += 1
    assert written


def calm_front(event, stance=Stance.TRUCE):
    """Two armies side by side, and one event of the first."""
    ground = wars.theatre("river")
    options = wars.front(ground)
    options["forces"] += [(1, np.flatnonzero(options["holder"] == 0)[:5], 200, True)]
    return wars.war(ground, stance=stance, events=event, parameters=QUIET, **options)


def events_of(kind):
    """Events of a kind over the whole map, as strong as they come."""
    cells = np.arange(wars.theatre("river").mesh.cells)
    more = {"intensity": 3.0, "persons": (300.0, 300.0), "other": 1, "end": 30}
    if kind is EventKind.TRANSFER:
        more |= {"origin": cells[:10], "travel_days": 2, "route": cells[3:6]}
    postures = Posture if kind is EventKind.POSTURE else [Posture.HOLD]
    return [
        [wars.event(kind, cells, posture=int(posture), stance=int(stance), **more)]
        for posture in postures
        for stance in ([Stance.RIVAL, Stance.ALLIED] if kind is EventKind.STANCE else [0])
    ]


@pytest.mark.parametrize(
    "kind", [k for k in EventKind if k not in (*DEALS, EventKind.ARRESTS)], ids=lambda k: k.name
)
def test_among_those_who_do_not_fight_no_event_takes_ground_or_lives(kind):
    for events in events_of(kind):
        scenario = calm_front(events)
        model = wars.run(scenario, 20)
        assert (model.state.holder == scenario.holder).all()
        assert not model.state.progress.any()
        assert not model.state.losses[:, :, [k for k in Loss if k != Loss.ARREST]].any()
        assert (model.state.surrendered_on == -1000).all()
        assert model.state.active.any()


def test_arrests_take_members_of_networks_and_no_ground():
    (events,) = events_of(EventKind.ARRESTS)
    scenario = calm_front(events, Stance.RIVAL)
    model = wars.run(scenario, 20)
    assert (model.state.holder == scenario.holder).all()
    assert (model.state.losses[:, 1, Loss.ARREST] > 0).all()
    model.state.losses[:, :, Loss.ARREST] = 0
    assert not model.state.losses.any()


@pytest.mark.parametrize("kind", DEALS, ids=lambda k: k.name)
def test_an_offer_that_nobody_takes_changes_nothing(kind):
    (events,) = events_of(kind)
    parameters = QUIET | {"deal_rate": 0.0}
    scenario = calm_front(events)
    model = wars.run(scenario, 20, changes=parameters)
    assert (model.state.holder == scenario.holder).all()
    assert not model.state.losses.any()


def test_an_order_to_attack_wins_nothing_by_itself():
    """Two hostile armies that cannot reach each other: the order stands, and nothing happens."""
    ground = wars.theatre("islands")
    holder = (ground.mesh.lat < ground.mesh.lat.mean()).astype(np.int8)
    cells = np.arange(ground.mesh.cells)
    scenario = wars.war(
        ground,
        holder=holder,
        forces=[(f, np.flatnonzero(holder == f), 2000) for f in (0, 1)],
        events=[wars.event(EventKind.OFFENSIVE, cells, faction=f) for f in (0, 1)],
        parameters=QUIET,
    )
    model = wars.run(scenario, 30)
    assert model.state.ordered.all()
    assert (model.state.holder == holder).all()
    assert not model.state.losses.any()


def test_guests_who_are_no_longer_welcome_go_home_and_lose_no_ground():
    ground = wars.theatre("river")
    options = wars.front(ground)
    holder = options["holder"]
    options["forces"] += [(1, np.flatnonzero(holder == 0), 900)]  # the east stands in the west too
    stance = wars.event(
        EventKind.STANCE, np.arange(3), other=1, stance=int(Stance.TRUCE), start=3, end=3
    )
    scenario = wars.war(ground, stance=Stance.ALLIED, events=[stance], parameters=QUIET, **options)
    model = wars.run(scenario, 3)
    assert (model.state.fighters[:, holder == 0, 1].sum(axis=1) > 0).all()
    before = wars.ever(model)
    model.step()
    assert (model.state.stance[:, 0, 1] == Stance.TRUCE).all()
    assert (model.state.fighters[:, holder == 0, 1] == 0).all()
    assert (model.state.holder == holder).all()
    np.testing.assert_array_equal(wars.ever(model), before)


@pytest.mark.parametrize("reverse", [False, True], ids=["the later begins first", "in order"])
def test_every_day_the_last_order_in_force_says_how_a_sector_stands(reverse):
    """Also when an order ends, or begins, on which a later one of the calendar lies."""
    cells = np.arange(wars.theatre("river").mesh.cells)
    orders = [
        wars.event(EventKind.POSTURE, cells, name=name, posture=int(posture), start=start, end=end)
        for name, posture, start, end in (
            ("first", Posture.BESIEGE, 6, 19),
            ("second", Posture.WITHDRAW, 3, 9),
            ("third", Posture.HUNT, 8, 12),
            ("fourth", Posture.EVADE, 15, 16),
        )
    ]
    orders = orders[::-1] if reverse else orders
    model = TerritoryModel(calm_front(orders), runs=2, changes={"decision_days": 10})
    sectors = np.unique(model.world.mesh.sector[cells])
    for day in range(20):
        model.step()
        in_force = [order.posture for order in orders if order.start <= day <= order.end]
        if in_force:
            assert (model.state.posture[:, sectors, 0] == in_force[-1]).all(), day
    assert (model.state.posture[:, sectors, 0] == Posture.BESIEGE).all()
