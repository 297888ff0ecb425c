"""What the benchmarks run is the war that they say it is."""

from __future__ import annotations

import numpy as np
import pytest

from bench.speed import growth, theatre
from bench.speed.kit import figure
from sim import TerritoryModel, load_scenario
from sim.scenario.compiled import Stance
from tests.reference.front import hostile, ways, within_reach


@pytest.mark.parametrize("parts", [2, 3])
def test_an_army_that_is_split_stays_as_strong_and_on_good_terms_with_itself(parts: int) -> None:
    whole = load_scenario("two-valleys")
    split = theatre.split(whole, parts)
    assert split.factions == parts * whole.factions == len(set(split.faction_ids))
    assert len(set(split.faction_keys.tolist())) == split.factions
    for f in range(whole.factions):
        mine = range(f, split.factions, whole.factions)
        assert (split.stance[np.ix_(mine, mine)] == Stance.ALLIED).all()
        assert sum(force.high for force in split.forces if force.faction in mine) == pytest.approx(
            sum(force.high for force in whole.forces if force.faction == f)
        )
        np.testing.assert_allclose(split.support[:, mine].sum(axis=1), whole.support[:, f])
    assert (split.stance == split.stance.T).all()

    before, after = TerritoryModel(whole, runs=2), TerritoryModel(split, runs=2)
    mesh = whole.theatre.mesh
    same_fronts = theatre.front_cells(before.state, mesh) == theatre.front_cells(after.state, mesh)
    assert same_fronts.all()
    for _ in range(3):
        after.step()


def test_active_cells_are_those_with_people_in_arms_or_a_front_within_reach() -> None:
    scenario = load_scenario("two-valleys")
    mesh = scenario.theatre.mesh
    model = TerritoryModel(scenario, runs=2)
    for _ in range(30):
        model.step()
    state = model.state
    for r in range(state.runs):
        fronts = {
            c
            for c in range(mesh.cells)
            for j, _ in ways(mesh, c)
            if hostile(state, r, int(state.holder[r, c]), int(state.holder[r, j]))
        }
        assert set(np.flatnonzero(theatre.front_cells(state, mesh)[r])) == fronts
        armed = state.fighters[r].sum(axis=1) + state.covert[r].sum(axis=1) > 0
        slow = [armed[c] or bool(fronts & {c, *within_reach(mesh, c)}) for c in range(mesh.cells)]
        np.testing.assert_array_equal(theatre.active(state, mesh)[r], slow)
        assert 0 < len(fronts) < mesh.cells


@pytest.mark.slow
def test_the_mixed_mesh_lies_between_the_coarse_and_the_fine_one() -> None:
    mixed = theatre.load(theatre.MIXED)
    assert mixed.theatre.label == "6+7"
    assert 10_000 < len(mixed.holder) < 25_000


def test_the_exponent_of_a_power_is_its_power() -> None:
    points = [{"size": n, "seconds": 3.0 * n**1.05} for n in (10, 100, 1000)]
    assert growth.exponent(points) == pytest.approx(1.05)
    assert growth.last_step(points) == pytest.approx(1.05)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0123, "0.0123"), (1.0, "1.00"), (84.96, "85.0"), (12345.6, "12,300"), (0, "0")],
)
def test_figures_have_three_digits(value: float, text: str) -> None:
    assert figure(value) == text
