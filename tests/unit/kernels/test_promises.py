"""What the rules of war promise, tried where much happens at once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.mechanisms.control import Control
from sim.mechanisms.engagement import Engagement
from sim.mechanisms.movement import Movement
from sim.mechanisms.siege import Siege
from sim.mechanisms.supply import Supply
from sim.picture import Picture
from tests.reference import worlds
from tests.unit.kernels.busy import looked

RULES = (Supply(), Movement(), Engagement(), Siege(), Control())
each_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
each_world = pytest.mark.parametrize("seed", range(12))


def acted(rule, world):
    """The state after a day of a rule."""
    rule.apply(world.state, world.world)
    return world.state


@each_rule
@each_world
def test_a_rule_writes_and_needs_only_what_it_declares(rule, seed):
    before, after = looked(seed).state, acted(rule, looked(seed))
    assert worlds.changed_fields(before, after) <= set(rule.writes)
    ignorant = acted(rule, worlds.scrambled(looked(seed), rule))
    for name in rule.writes:
        assert worlds.bits(getattr(ignorant, name)) == worlds.bits(getattr(after, name)), name


@each_rule
@each_world
def test_a_run_fares_alone_as_it_does_in_a_batch(rule, seed):
    together = acted(rule, looked(seed))
    for r in range(together.runs):
        world = looked(seed)
        single = world.run_alone(r)
        picture = Picture(*(array[r : r + 1] for array in world.world.picture))
        alone = acted(rule, worlds.Small(single.state, replace(single.world, picture=picture)))
        for name in rule.writes:
            left, right = getattr(alone, name)[0], getattr(together, name)[r]
            assert worlds.bits(left) == worlds.bits(right), name


@each_rule
@each_world
def test_nobody_vanishes_or_stands_where_he_is_not_welcome(rule, seed):
    before, after = looked(seed), looked(seed)
    acted(rule, after)
    np.testing.assert_array_equal(worlds.persons(before), worlds.persons(after))
    assert worlds.strangers(after.state) == 0
    for name in ("fighters", "covert", "depot", "progress"):
        assert (getattr(after.state, name) >= 0).all(), name
    for name in ("cohesion", "access", "combat"):
        values = getattr(after.state, name)
        assert (values >= 0).all(), name
        assert (values <= 1).all(), name
