"""What holds on every evening of every war, however it goes."""

from __future__ import annotations

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim import load_scenario
from sim.model import TerritoryModel
from sim.scenario.compiled import EventKind, Posture, Stance
from sim.state import Cause, Incident, Loss
from tests.contract import wars

FORTNIGHT = 15
MAY_BE_NAN = {"ratio", "margin"}  # nan: there was no fight
MAY_BE_NEGATIVE = {
    *("ratio", "margin", "op_margin", "op_bears"),
    *("holder", "attacker", "lost_by", "supplied", "distance", "since"),  # -1: nobody, none
    *("held_since", "lost_on", "surrendered_on", "op_days"),  # days before the start, rest left
    "incidents",
}


def check_evening(model, before, civilians):
    """Everything that must hold after any day; `before` and `civilians` as on the first morning."""
    state, factions = model.state, model.scenario.factions
    np.testing.assert_array_equal(wars.ever(model), before)
    np.testing.assert_array_equal(wars.civilians(state), civilians)
    for name in wars.ARRAYS:
        values = getattr(state, name)
        if name not in MAY_BE_NEGATIVE:
            assert (values >= 0).all(), name
        if values.dtype.kind == "f" and name not in MAY_BE_NAN:
            assert np.isfinite(values).all(), name
    for name in ("support", "cohesion", "will", "access", "suppressed", "combat"):
        values = getattr(state, name)
        assert ((values >= 0) & (values <= 1)).all(), name
    assert (state.support.sum(axis=2, dtype=np.float64) <= 1 + 1e-6).all()
    for name in ("holder", "attacker", "lost_by", "supplied"):
        values = getattr(state, name)
        assert ((values >= (-2 if name == "supplied" else -1)) & (values < factions)).all(), name
    assert (state.progress <= model.world.mesh.area).all()
    assert ((state.progress == 0) | (state.attacker >= 0)).all()
    assert ((state.posture >= 0) & (state.posture < len(Posture))).all()
    assert ((state.stance >= 0) & (state.stance < len(Stance))).all()
    np.testing.assert_array_equal(state.stance, state.stance.transpose(0, 2, 1))
    assert (np.diagonal(state.stance, axis1=1, axis2=2) == Stance.ALLIED).all()
    assert wars.strangers(state) == 0


def evenings(model, days):
    """Simulate day by day, checking every evening before it is told."""
    before, civilians = wars.ever(model), wars.civilians(model.state)
    for day in range(days):
        losses, joined = model.state.losses.copy(), model.state.joined.copy()
        model.step()
        check_evening(model, before, civilians)
        assert (model.state.losses >= losses).all()
        assert (model.state.joined >= joined).all()
        yield day


def fight(scenario, days, runs=3):
    """The model after some days, each of them checked."""
    model = TerritoryModel(scenario, runs=runs)
    for _ in evenings(model, days):
        pass
    return model


@settings(
    max_examples=200, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
@given(
    seed=st.integers(0, 2**32 - 1),
    kind=st.sampled_from(["river", "plain", "islands"]),
    sides=st.integers(2, 5),
    kinds=st.lists(st.sampled_from(list(EventKind)), max_size=20),
)
def test_nobody_is_lost_or_made_and_nothing_leaves_its_bounds(seed, kind, sides, kinds):
    fight(wars.random_war(seed, kind=kind, sides=sides, kinds=kinds), FORTNIGHT)


def test_it_holds_where_everything_that_can_happen_happens():
    """A promise that is kept where nothing happens proves nothing."""
    losses, causes, incidents = np.zeros(len(Loss), np.int64), set(), set()
    for scenario in wars.assorted(12):
        model = TerritoryModel(scenario, runs=3)
        for _ in evenings(model, 2 * FORTNIGHT):
            causes |= set(np.unique(model.state.cause).tolist())
            for r in range(3):
                kept = model.state.incidents[r, : model.state.incident_count[r]]
                incidents |= set(kept["kind"].tolist())
        losses += model.state.losses.sum(axis=(0, 1))
    assert (losses > 0).all(), losses
    assert causes >= set(Cause), causes
    assert incidents == set(Incident), incidents


def test_it_holds_in_the_two_valleys(two_valleys):
    model = fight(two_valleys, two_valleys.days, runs=8)
    assert (model.state.holder != two_valleys.holder).any()


def test_it_holds_in_the_country_of_august_2018():
    model = fight(load_scenario("syria-2018-08", resolution=5), 10, runs=2)
    assert model.state.losses.sum() > 0
