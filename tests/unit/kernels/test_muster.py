"""The books of who stands where are what counting everybody anew gives, on every evening."""

from __future__ import annotations

import numpy as np
import pytest

from sim import load_scenario
from sim.model import TerritoryModel
from sim.scenario.compiled import Stance
from sim.state import Cause, Incident, Loss
from tests.contract import wars

SCENARIOS = (
    ("two-valleys", 120),
    *(
        pytest.param(name, days, marks=pytest.mark.slow)
        for name, days in (("hajin-pocket", 60), ("syria-2018-08", 40), ("syria-2017-08", 40))
    ),
)
DAYS, WARS = 40, 12


def bits(there):
    """Bit f where there are people of faction f, by place; there (R, n, F)."""
    return ((there > 0) * (1 << np.arange(there.shape[2]))).sum(axis=2)


def counted(state, mesh):
    """Every book, made from the people alone."""
    runs, _, factions = state.fighters.shape
    persons = np.zeros((runs, len(mesh.segment_key), factions), np.int64)
    strength = np.zeros((runs, len(mesh.sector_key), factions), np.int64)
    ground = np.zeros((runs, len(mesh.sector_key), factions + 1, 2), np.int64)
    for r in range(runs):
        np.add.at(persons[r], mesh.segment, state.fighters[r])
        np.add.at(strength[r], mesh.sector, state.fighters[r])
        people = np.stack([state.population[r], np.ones_like(state.population[r])], axis=1)
        np.add.at(ground[r], (mesh.sector, state.holder[r]), people)  # nobody, -1, is the last
    return {
        "standing": bits(state.fighters),
        "hiding": bits(state.covert),
        "men": state.fighters.sum(axis=2),
        "garrison": bits(persons),
        "persons": persons,
        "strength": strength,
        "hidden": state.covert.sum(axis=1),
        "ground": ground,
    }


def check_books(state, mesh, *, what=""):
    """Every book of every run is right."""
    assert state.mustered.all()
    for name, wanted in counted(state, mesh).items():
        np.testing.assert_array_equal(getattr(state, name), wanted, err_msg=f"{what} {name}")


def check_rations(state, world, *, what=""):
    """Where it is said to be known what reaches the fighters, it is; returns where, (R, G)."""
    mesh = world.mesh
    where = np.argwhere(state.rationed & (state.garrison > 0))
    for r, g in where:
        wanted = np.zeros(state.fighters.shape[2])
        for c in range(mesh.segment_start[g], mesh.segment_start[g + 1]):
            if state.men[r, c]:
                assert state.distance[r, c] >= 0, (what, "what leaks in changes from day to day")
                rate = world.parameters["supply_rate"][r]
                wanted += state.fighters[r, c] * rate * np.float64(state.access[r, c])
        np.testing.assert_array_equal(state.inflow[r, g], wanted, err_msg=what)
    return where


def lived(model, days):
    """The model after each day, which of its books have been found right."""
    for _ in range(days):
        model.step()
        check_books(model.state, model.world.mesh, what=f"day {model.state.day}")
        check_rations(model.state, model.world, what=f"day {model.state.day}")
        yield model.state


@pytest.mark.parametrize(("name", "days"), SCENARIOS)
def test_the_books_of_a_campaign_are_right_on_every_evening(root, name, days):
    scenario = load_scenario(root / "scenarios" / name)
    for runs in (1, 3):
        for _ in lived(TerritoryModel(scenario, runs=runs), days):
            pass


def test_the_books_are_right_however_people_come_and_go():
    """In wars in which they fall, flee, hide, change sides, are caught, expelled and brought in."""
    losses, incidents, causes = np.zeros(len(Loss), int), np.zeros(len(Incident), int), set()
    hid, joined, thrown_out = 0, 0, 0
    for number, scenario in enumerate(wars.assorted(WARS)):
        model = TerritoryModel(scenario, runs=1 + number % 3)
        stances, covert = model.state.stance.copy(), model.state.covert.sum()
        for state in lived(model, DAYS):
            for r, n in enumerate(np.minimum(state.incident_count, state.incidents.shape[1])):
                np.add.at(incidents, state.incidents["kind"][r, :n], 1)
            causes |= set(np.unique(state.cause).tolist())
            hid += state.covert.sum() > covert
            thrown_out += int(((stances == Stance.ALLIED) & (state.stance != Stance.ALLIED)).sum())
            stances, covert = state.stance.copy(), state.covert.sum()
        losses += model.state.losses.sum(axis=(0, 1))
        joined += model.state.joined.sum()
    assert (losses > 0).all(), dict(zip(Loss, losses.tolist(), strict=True))
    assert (incidents > 0).all(), dict(zip(Incident, incidents.tolist(), strict=True))
    assert causes >= {int(cause) for cause in Cause if cause != Cause.CEDED}
    assert hid
    assert joined
    assert thrown_out


def test_what_reaches_the_fighters_is_known_of_most_segments_and_hangs_on_the_ways(two_valleys):
    """A check of what is nowhere known would prove nothing."""
    model = TerritoryModel(two_valleys, runs=3)
    known = 0
    for _ in lived(model, 30):
        known += len(check_rations(model.state, model.world))
    assert known > 100


def test_people_changed_by_hand_are_counted_anew_once_the_muster_is_forgotten(two_valleys):
    model = TerritoryModel(two_valleys, runs=2)
    for _ in lived(model, 5):
        pass
    state, mesh = model.state, model.world.mesh
    own = np.argwhere(state.holder >= 0)[::3]
    for r, c in own:
        state.fighters[r, c, state.holder[r, c]] += 11
        state.covert[r, c, 0] = 7
        state.population[r, c] += 3
        state.holder[r, c] = 0
    with pytest.raises(AssertionError):
        check_books(state, mesh)
    state.forget_muster()
    assert not state.mustered.any()
    model.look()
    check_books(state, mesh)


def test_a_copy_keeps_books_of_its_own(two_valleys):
    model = TerritoryModel(two_valleys, runs=2)
    for _ in lived(model, 5):
        pass
    before, people = model.state.copy(), model.state.fighters.copy()
    for _ in lived(model, 10):
        pass
    assert (model.state.fighters != people).any()
    check_books(before, model.world.mesh)
    np.testing.assert_array_equal(before.fighters, people)
    assert before.fighters.strides == model.state.fighters.strides
