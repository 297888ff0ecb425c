"""The kernels beside their twins through a campaign: states that came about, not drawn ones."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sim.doctrines import View
from sim.model import TerritoryModel
from sim.picture import Picture
from tests.reference import (
    bombardment,
    control,
    convoys,
    deals,
    decision,
    engagement,
    front,
    geometry,
    movement,
    people,
    policing,
    siege,
    supply,
)
from tests.unit.kernels.busy import assert_alike


def plane(world):
    """Where the cells lie, km."""
    mesh = world.scenario.theatre.mesh
    return tuple(np.array(axis) for axis in geometry.plane(mesh.lon, mesh.lat))


TWINS = {
    "supply": supply.supply,
    "movement": movement.movement,
    "convoys": convoys.convoys,
    "bombardment": bombardment.bombardment,
    "engagement": engagement.engagement,
    "siege": siege.siege,
    "deals": lambda state, world: deals.deals(state, world, plane(world)),
    "policing": policing.policing,
    "people": lambda state, world: people.people(state, world, plane(world)),
    "control": control.control,
}


def beside(picture):
    """A copy of a picture, for the twin to draw over."""
    return Picture(*(array.copy() for array in picture))


def test_every_rule_agrees_with_its_twin_on_every_day(two_valleys):
    """Each evening the twin starts again from the kernel's state: roundings do not add up."""
    hungry = {"leak": 0.0, "hunger_ration": 0.6, "surrender_rate": 0.2, "cohesion_hunger": 0.1}
    model = TerritoryModel(two_valleys, runs=4, seed=1, changes=hungry)
    assert [m.name for m in model.mechanisms] == list(TWINS)
    world, state = model.world, model.state
    busy_days = dict.fromkeys(TWINS, 0)
    for _ in range(60):
        model.calendar.apply(state, world)
        model.look()
        aside = replace(world, picture=beside(world.picture))
        front.look(state, aside)
        if not model.thinking:  # then nobody asks for these, and the kernel does not draw them
            for name in ("might", "ready_might", "ready_days"):
                getattr(aside.picture, name)[:] = getattr(world.picture, name)
        assert_alike(world.picture, aside.picture, what=f"day {state.day}")
        if model.due.any():
            view = View(*(np.empty_like(array) for array in model.view))
            decision.perceive(state, world, view)
            for fast, slow in zip(model.view, view, strict=True):
                np.testing.assert_allclose(fast, slow, rtol=1e-6, atol=1e-6)
        model.agents.do("decide")
        for mechanism in model.mechanisms:
            before, slow = state.copy(), state.copy()
            aside = replace(world, picture=beside(world.picture))
            mechanism.apply(state, world)
            TWINS[mechanism.name](slow, aside)
            assert_alike(state, slow, before, what=f"{mechanism.name}, day {state.day},")
            busy_days[mechanism.name] += before.digest() != state.digest()
        state.day += 1
    assert all(busy_days.values()), busy_days  # a rule that never acts agrees with anything
