"""A mechanism changes only what it declares to write, and needs only what it declares to read."""

from __future__ import annotations

from dataclasses import fields

import pytest

from sim.calendar import Calendar
from sim.mechanisms import every_mechanism
from sim.model import TerritoryModel
from sim.state import State
from tests.contract import wars
from tests.reference.worlds import Small, bits, changed_fields, scrambled

MECHANISMS = every_mechanism()
RULES = (Calendar(), *MECHANISMS)
FIELDS = {f.name for f in fields(State)}


def hours(days, count):
    """Every step of every day of many wars: (rule, model just before it)."""
    for scenario in wars.assorted(count):
        model = TerritoryModel(scenario, runs=2)
        for _ in range(days):
            yield model.calendar, model
            model.calendar.apply(model.state, model.world)
            model.look()
            model.agents.do("decide")
            for mechanism in model.mechanisms:
                yield mechanism, model
                mechanism.apply(model.state, model.world)
            model.state.day += 1


def done(rule, model):
    """Fields that a rule would change now; the model stays as it is."""
    after = model.state.copy()
    kept = [array.copy() for array in model.world.picture]
    rule.apply(after, model.world)
    for array, old in zip(model.world.picture, kept, strict=True):
        array[:] = old
    return changed_fields(model.state, after)


@pytest.fixture(scope="module")
def changes():
    """Fields that each rule, by name, was seen to change in many wars.

    After the first wars only rules are watched that have not yet shown all that they declare.
    """
    seen = {rule.name: set() for rule in RULES}
    for rule, model in hours(days=10, count=4):
        seen[rule.name] |= done(rule, model)
    for rule, model in hours(days=30, count=40):
        if set(rule.writes) - seen[rule.name]:
            seen[rule.name] |= done(rule, model)
    return seen


@pytest.mark.parametrize("rule", RULES, ids=lambda m: m.name)
def test_a_rule_changes_only_what_it_declares(rule, changes):
    assert changes[rule.name] <= set(rule.writes)


@pytest.mark.parametrize("rule", RULES, ids=lambda m: m.name)
def test_a_rule_declares_only_what_it_does_change_at_times(rule, changes):
    assert set(rule.writes) <= changes[rule.name]


@pytest.mark.parametrize("mechanism", MECHANISMS, ids=lambda m: m.name)
def test_what_a_mechanism_declares_are_fields_of_the_state(mechanism):
    assert set(mechanism.reads) | set(mechanism.writes) <= FIELDS


def test_a_mechanism_needs_only_what_it_declares():
    """The same comes out where everything else is garbage; the picture of the day stays."""
    for mechanism, model in hours(days=15, count=6):
        if mechanism.name == Calendar.name:
            continue
        knowing, ignorant = (Small(model.state.copy(), model.world) for _ in range(2))
        ignorant = scrambled(ignorant, mechanism)
        kept = [array.copy() for array in model.world.picture]
        for each in (knowing, ignorant):
            mechanism.apply(each.state, each.world)
            for array, old in zip(model.world.picture, kept, strict=True):
                array[:] = old
        for name in mechanism.writes:
            wanted = bits(getattr(knowing.state, name))
            assert bits(getattr(ignorant.state, name)) == wanted, (mechanism.name, name)
