"""Rules are carried out together in one call, or one by one: it is the same day."""

from __future__ import annotations

import pytest

from sim.kept import kept
from sim.mechanisms import carry_out, every_mechanism, rules
from sim.mechanisms.base import Mechanism
from sim.mechanisms.rules import Doing
from sim.model import TerritoryModel
from tests.contract import wars


class Witness(Mechanism):
    """It changes nothing, and notes the day's losses so far."""

    name = "witness"
    reads = ("losses",)
    writes = ()

    def __init__(self):
        self.saw = []

    def apply(self, state, world):
        self.saw.append(int(state.losses.sum()))


@pytest.fixture
def calls(monkeypatch):
    """The rules of each call of compiled code, by name."""
    made = []
    day = rules.day

    def noted(doing, *inputs):
        made.append([name for name, yes in doing._asdict().items() if yes])
        day(doing, *inputs)

    monkeypatch.setattr(rules, "day", noted)
    return made


def test_the_rules_are_the_mechanisms_in_their_order():
    assert tuple(rule.name for rule in every_mechanism()) == Doing._fields


def test_rules_together_do_what_they_do_one_by_one():
    for scenario in wars.assorted(3):
        together, alone = (TerritoryModel(scenario, runs=2) for _ in range(2))
        for _ in range(15):
            together.step()
            alone.calendar.apply(alone.state, alone.world)
            alone.look()
            alone.agents.do("decide")
            for mechanism in alone.mechanisms:
                mechanism.apply(alone.state, alone.world)
            alone.state.day += 1
            assert together.state.digest() == alone.state.digest()


def test_a_day_is_one_call(two_valleys, calls):
    TerritoryModel(two_valleys).step()
    assert calls == [list(Doing._fields)]


def test_a_mechanism_of_somebody_else_acts_in_its_place(two_valleys, calls):
    model, witness = TerritoryModel(two_valleys, runs=4), Witness()
    first, rest = model.mechanisms[:5], model.mechanisms[5:]
    model.mechanisms = (*first, witness, *rest)
    for _ in range(20):
        model.step()
    assert calls[:2] == [list(Doing._fields[:5]), list(Doing._fields[5:])]
    plain = TerritoryModel(two_valleys, runs=4)
    for _ in range(20):
        plain.step()
    assert model.state.digest() == plain.state.digest()
    assert witness.saw[-1] > 0  # engagement comes before it


def test_rules_keep_the_order_in_which_they_are_given(two_valleys, calls):
    model = TerritoryModel(two_valleys)
    supply, movement, *_ = model.mechanisms
    carry_out((movement, supply, supply), model.state, model.world)
    assert calls == [["movement"], ["supply"], ["supply"]]


def test_a_rule_whose_work_somebody_replaced_is_not_done_behind_his_back(two_valleys, calls):
    model = TerritoryModel(two_valleys)
    siege = model.mechanisms[5]
    siege.apply = lambda state, world: None
    model.step()
    assert calls == [list(Doing._fields[:5]), list(Doing._fields[6:])]


def test_what_is_kept_is_worked_out_once_for_each_owner_and_question():
    class Owner:
        pass

    asked = []

    @kept
    def double(owner, number, *, plus=0):
        asked.append(number)
        return 2 * number + plus

    one, other = Owner(), Owner()
    assert [double(one, 4), double(one, 4), double(one, 4, plus=1), double(other, 4)] == [
        8,
        8,
        9,
        8,
    ]
    assert asked == [4, 4, 4]
