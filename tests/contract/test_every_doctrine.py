"""What every doctrine promises, ours and a user's; and that Mesa's tools work on the model."""

from __future__ import annotations

from dataclasses import dataclass

import mesa
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sim.doctrines as doctrines
from sim.doctrines import Doctrine, View, doctrine, doctrine_names, register
from sim.errors import BadiaError
from sim.model import Faction, TerritoryModel
from sim.scenario.compiled import EventKind, Posture
from tests.contract import wars

RUNS, SECTORS = 2, 5
SHARES = ("cut_off", "rough", "settled")
SIGNED = ("odds", "threat")


@pytest.fixture
def registry(monkeypatch):
    """The registry of doctrines, as it was before when the test is over."""
    monkeypatch.setattr(doctrines, "_registry", dict(doctrines._registry))


@st.composite
def views(draw):
    """Anything that a faction may see: often nothing, at times extremes."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    scale = draw(st.sampled_from([0.0, 1.0, 1e3, 1e7]))
    fields = {}
    for name in View._fields:
        values = rng.uniform(0, 1, (RUNS, SECTORS)) * (rng.random((RUNS, SECTORS)) < 0.6)
        if name in SIGNED:
            values = values * rng.choice([-30.0, -1.0, 1.0, 30.0], values.shape)
        elif name not in SHARES:
            values = values * scale
        fields[name] = values
    return View(**fields)


@pytest.mark.parametrize("name", doctrine_names())
@settings(max_examples=100, derandomize=True, deadline=None)
@given(view=views())
def test_a_doctrine_always_can_hold_and_never_says_nonsense(name, view):
    before = [array.copy() for array in view]
    utilities = doctrine(name).utilities(view)
    assert utilities.shape == (RUNS, SECTORS, len(Posture))
    assert utilities.dtype == np.float64
    assert (np.isfinite(utilities) | np.isneginf(utilities)).all()
    assert np.isfinite(utilities[:, :, Posture.HOLD]).all()
    for array, old in zip(view, before, strict=True):
        np.testing.assert_array_equal(array, old)


@pytest.mark.parametrize("name", doctrine_names())
def test_a_doctrine_judges_each_run_and_sector_by_itself(name):
    rng = np.random.default_rng(4)
    view = View(*(rng.uniform(0, 3, (RUNS, SECTORS)) for _ in View._fields))
    whole = doctrine(name).utilities(view)
    for r in range(RUNS):
        for s in range(SECTORS):
            one = doctrine(name).utilities(View(*(a[r : r + 1, s : s + 1] for a in view)))
            np.testing.assert_array_equal(one[0, 0], whole[r, s])


@dataclass(frozen=True)
class Flighty(Doctrine):
    """A user's doctrine: it withdraws from everywhere."""

    def utilities(self, view):
        utility = np.full((*view.fighters.shape, len(Posture)), -np.inf)
        utility[:, :, Posture.HOLD] = 0.0
        utility[:, :, Posture.WITHDRAW] = 100.0
        return utility


def test_a_user_s_doctrine_needs_no_change_to_the_package(registry):
    register("flighty", Flighty())
    assert "flighty" in doctrine_names()
    scenario = wars.random_war(1, kinds=())
    scenario = wars.war(
        scenario.theatre,
        doctrines=("flighty", "garrison"),
        **wars.front(scenario.theatre),
    )
    model = wars.run(scenario, 1)
    assert (model.state.posture[:, :, 0] == Posture.WITHDRAW).all()
    assert (model.state.posture[:, :, 1] == Posture.HOLD).all()


def test_a_doctrine_comes_in_by_an_entry_point_too(registry, monkeypatch):
    class Point:
        name = "from a package"

        def load(self):
            return Flighty

    monkeypatch.setattr(doctrines, "_entry_points_read", False)
    monkeypatch.setattr(doctrines, "entry_points", lambda group: [Point()])
    assert doctrine("from a package") == Flighty()


def test_what_is_no_doctrine_is_not_registered(registry):
    with pytest.raises(BadiaError, match="is no"):
        register("nothing", lambda view: view)


def test_an_unknown_doctrine_is_refused_with_the_known_ones():
    with pytest.raises(BadiaError, match=r"'brave'.*garrison"):
        doctrine("brave")


def test_one_run_is_an_ordinary_mesa_model(two_valleys):
    model = TerritoryModel(two_valleys)
    collector = mesa.DataCollector(
        model_reporters={"day": lambda m: m.state.day},
        agent_reporters={"area": "area", "fighters": "fighters", "name": "name"},
    )
    days = 30
    for _ in range(days):
        collector.collect(model)
        model.step()
    table = collector.get_agent_vars_dataframe()
    assert len(table) == days * len(two_valleys.faction_ids)
    assert set(table["name"]) == set(two_valleys.faction_names)
    area = table["area"].to_numpy().reshape(days, -1)
    total = two_valleys.theatre.mesh.area.sum()
    np.testing.assert_allclose(area.sum(axis=1), total, rtol=1e-6)
    assert (table["fighters"] >= 0).all()
    assert collector.get_model_vars_dataframe()["day"].tolist() == list(range(days))


def test_the_agents_are_the_factions_in_their_order(two_valleys):
    model = TerritoryModel(two_valleys)
    assert [type(agent) for agent in model.agents] == [Faction] * 3
    assert [agent.id for agent in model.agents] == list(two_valleys.faction_ids)


def test_the_order_in_which_factions_decide_does_not_matter():
    """All look at the same morning; Mesa's own chance may shuffle them."""
    scenario = wars.random_war(7, sides=4, kinds=tuple(EventKind))
    one, other = (TerritoryModel(scenario, runs=3) for _ in range(2))
    for _ in range(12):
        one.step()
        other.calendar.apply(other.state, other.world)
        other.look()
        other.agents.shuffle_do("decide")
        for mechanism in other.mechanisms:
            mechanism.apply(other.state, other.world)
        other.state.day += 1
    assert one.state.digest() == other.state.digest()
