"""A variant is its baseline until its change bites, and differs only where the change can reach."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.model import TerritoryModel
from sim.scenario.compiled import EventKind, Stance
from sim.state import Loss
from sim.theatre import grid
from tests.contract import wars

DAYS, RUNS = 40, 8
ATTACK = EventKind.OFFENSIVE


def evenings(scenario, days=DAYS, runs=RUNS, **options):
    """The bits of all runs each evening, (days, runs) lists, without what is known of events."""
    model = TerritoryModel(scenario, runs=runs, **options)
    told = []
    for _ in range(days):
        model.step()
        told.append(wars.prints(model, without=("active", "since", "transit")))
    return told


def first_difference(one, other):
    """The first evening that differs in any run, counted from 0; days if none does."""
    differs = [a != b for a, b in zip(one, other, strict=True)]
    return differs.index(True) if any(differs) else len(differs)


def differing(one, other):
    """How many runs differ on the last evening."""
    return sum(a != b for a, b in zip(one[-1], other[-1], strict=True))


RASH = {"tempo": 0.1, "ordered_odds": 0.4}  # attacks begin although the armies are equal


@pytest.fixture(scope="module")
def baseline():
    """Two armies on a plain; the west attacks in the north."""
    ground = wars.theatre("plain")
    north = np.flatnonzero(ground.mesh.lat > np.median(ground.mesh.lat))
    order = wars.event(ATTACK, north, name="north", start=2, end=60)
    return wars.war(ground, events=[order], parameters=RASH, **wars.front(ground))


LATER = {
    "offensive": {"kind": ATTACK, "faction": 1},
    "pause": {"kind": EventKind.PAUSE, "faction": 0},
    "bombardment": {"kind": EventKind.BOMBARDMENT, "other": 1},
    "air support": {"kind": EventKind.AIR_SUPPORT, "faction": 0, "intensity": 2.0},
    "stance": {"kind": EventKind.STANCE, "other": 1, "stance": int(Stance.TRUCE)},
    "leaflets": {"kind": EventKind.LEAFLETS, "other": 1},
    "offer": {"kind": EventKind.EVACUATION_OFFER, "other": 1},
    "reinforcement": {"kind": EventKind.REINFORCEMENT, "persons": (500.0, 500.0)},
    "supply": {"kind": EventKind.SUPPLY, "faction": 1, "intensity": 3.0},
    "posture": {"kind": EventKind.POSTURE, "faction": 1, "posture": 4},
}


@pytest.mark.parametrize("name", LATER)
@pytest.mark.parametrize("day", [1, 17])
def test_a_variant_is_bit_for_bit_its_baseline_until_the_day_of_its_change(baseline, name, day):
    change = dict(LATER[name])
    cells = np.arange(baseline.theatre.mesh.cells)
    event = wars.event(change.pop("kind"), cells, name="new", start=day, end=60, **change)
    for events in ((*baseline.events, event), (event, *baseline.events)):
        variant = replace(baseline, events=events)
        one, other = evenings(baseline), evenings(variant)
        assert first_difference(one, other) >= day
        assert differing(one, other) > 0


def test_an_event_that_never_comes_into_force_changes_nothing(baseline):
    event = wars.event(ATTACK, [0], faction=1, name="never", start=DAYS, end=60)
    variant = replace(baseline, events=(*baseline.events, event))
    assert evenings(variant) == evenings(baseline)


def test_a_parameter_matters_from_the_day_on_which_it_is_needed(baseline):
    """The advance in the desert matters to nobody before a fight there has been won."""
    one, other = evenings(baseline), evenings(baseline, changes={"advance_desert": 6.0})
    model = TerritoryModel(baseline, runs=RUNS)
    begun = 0
    while begun < DAYS and not model.state.progress.any():
        model.step()
        begun += 1
    assert 2 < begun < DAYS
    assert first_difference(one, other) >= begun - 1
    assert differing(one, other) > 0


def test_a_parameter_that_nothing_needs_changes_nothing(baseline):
    """Nobody is arrested, besieged or offered a deal in this war."""
    idle = {"arrest_rate": 0.09, "deal_rate": 0.2, "intercept": 1.0, "leaflet_effect": 0.1}
    assert evenings(baseline, changes=idle) == evenings(baseline)


def test_only_runs_in_which_the_change_mattered_differ(baseline):
    """A small order in a corner: the same runs, most of them untouched at first."""
    corner = np.flatnonzero(baseline.holder == 1)[-2:]
    event = wars.event(ATTACK, corner, name="corner", start=5, end=60)
    variant = replace(baseline, events=(*baseline.events, event))
    one, other = evenings(baseline, 12), evenings(variant, 12)
    changed = [model.state.holder for model in (wars.run(s, 12) for s in (baseline, variant))]
    assert first_difference(one, other) >= 5
    assert (changed[0] == changed[1]).mean() > 0.9


@pytest.fixture(scope="module")
def archipelago():
    """A war on each of two islands: two factions in the north, two others in the south."""
    ground = wars.theatre("islands")
    mesh = ground.mesh
    north = mesh.lat > mesh.lat.mean()
    east = mesh.lon > mesh.lon.mean()
    holder = np.where(north, 0, 2) + east
    everywhere = np.arange(mesh.cells)
    source = [int(np.flatnonzero(holder == f)[0]) for f in range(4)]

    def make(doctrines):
        forces = [(f, np.flatnonzero(holder == f), (500, 3000)) for f in range(4)]
        forces += [(f, np.flatnonzero(holder == (f ^ 1)), 100, True) for f in range(4)]
        return wars.war(
            ground,
            sides=4,
            holder=holder,
            forces=forces,
            events=[wars.event(ATTACK, everywhere, faction=f) for f in range(4)],
            doctrines=doctrines,
            parameters={"tempo": 0.1, "arrest_rate": 0.05, "initiative": 0.05},
            source_faction=np.arange(4, dtype=np.int8),
            source_cell=np.array(source, np.int32),
            source_strength=np.ones(4),
            support=np.full((mesh.sectors, 4), 0.2),
        )

    return north, make


def on_the_island(model, cells, factions):
    """Everything about some cells and factions."""
    state, mesh = model.state, model.world.mesh
    sectors, segments = np.unique(mesh.sector[cells]), np.unique(mesh.segment[cells])
    return [
        *(getattr(state, n)[:, cells].tobytes() for n in ("holder", "progress", "population")),
        *(getattr(state, n)[:, cells][:, :, factions].tobytes() for n in ("fighters", "covert")),
        *(
            getattr(state, n)[:, segments][:, :, factions].tobytes()
            for n in ("depot", "op_phase", "op_margin")
        ),
        *(
            getattr(state, n)[:, sectors][:, :, factions].tobytes()
            for n in ("posture", "support", "cohesion")
        ),
        state.displaced[:, sectors].tobytes(),
        state.losses[:, factions].tobytes(),
    ]


def test_another_doctrine_in_the_north_leaves_the_cut_off_south_alone(archipelago):
    north, make = archipelago
    one, other = (
        TerritoryModel(make((rule, "militia", "regular", "insurgent")), runs=RUNS)
        for rule in ("garrison", "insurgent")
    )
    south = np.flatnonzero(~north)
    for _ in range(60):
        one.step()
        other.step()
        assert on_the_island(one, south, [2, 3]) == on_the_island(other, south, [2, 3])
    there = np.flatnonzero(north)
    assert on_the_island(one, there, [0, 1]) != on_the_island(other, there, [0, 1])
    assert (one.state.holder[:, south] != one.scenario.holder[south]).any()


@pytest.mark.parametrize("stance", [Stance.TRUCE, Stance.ALLIED, Stance.RIVAL])
@pytest.mark.parametrize("seed", range(5))
def test_without_hostility_nothing_changes_hands(stance, seed):
    """Whatever the orders, and in spite of bombs and hunger; offers aside.  Ground that nobody
    holds may be taken, at a price.
    """
    kinds = [
        *(EventKind.OFFENSIVE, EventKind.BOMBARDMENT, EventKind.AIR_SUPPORT, EventKind.POSTURE),
        *(EventKind.ARRESTS, EventKind.TRANSFER, EventKind.REINFORCEMENT, EventKind.SUPPLY),
    ]
    scenario = wars.random_war(seed, stances=[stance] * 3, kinds=2 * kinds)
    held = scenario.holder >= 0
    model = wars.run(scenario, DAYS)
    assert (model.state.holder[:, held] == scenario.holder[held]).all()
    fallen = model.state.losses[:, :, [Loss.BOMBARDMENT, Loss.SURRENDER, Loss.RAID, Loss.CONVOY]]
    assert not fallen.any()
    if held.all():
        assert not model.state.losses[:, :, Loss.COMBAT].any()


def mirror_war():
    """A field that is its own mirror image from west to east, and two equal sides."""
    rows = [
        ("s d s s s d s", "A A A B C C C", "0 0 1 2 3 4 4"),
        (" v m d d m v", "A A A C C C", "0 0 1 3 4 4"),
        ("u v d d d v u", "A A A B C C C", "5 5 6 2 7 8 8"),
        (" v m d d m v", "A A A C C C", "5 5 6 7 8 8"),
        ("s d s s s d s", "A A A B C C C", "5 5 6 2 7 8 8"),
    ]
    terrain, districts, segments = ("\n".join(row[k] for row in rows) for k in range(3))
    ground = grid(terrain, districts=districts, segments=segments, hexagon_km=5.0)
    mesh = ground.mesh
    middle = (mesh.lon.min() + mesh.lon.max()) / 2
    image = np.array(
        [
            np.argmin((mesh.lon - (2 * middle - x)) ** 2 + (mesh.lat - y) ** 2)
            for x, y in zip(mesh.lon, mesh.lat, strict=True)
        ]
    )
    holder = np.where(np.abs(mesh.lon - middle) < 1e-9, -1, mesh.lon > middle)
    towns = np.flatnonzero(mesh.terrain == 4)
    orders = [
        wars.event(ATTACK, np.arange(mesh.cells), faction=f, name=f"attack {f}") for f in (0, 1)
    ]
    scenario = wars.war(
        ground,
        holder=holder,
        forces=[(f, np.flatnonzero(holder == f), (1500, 2500)) for f in (0, 1)],
        events=orders,
        parameters={"tempo": 0.1},
        source_faction=holder[towns].astype(np.int8),
        source_cell=towns.astype(np.int32),
        source_strength=np.ones(2),
    )
    return scenario, image


def test_a_war_of_equals_on_a_mirror_field_favours_neither():
    """Four standard errors of a fair coin, for who holds more and for every cell."""
    scenario, image = mirror_war()
    assert (image[image] == np.arange(len(image))).all()
    runs = 400
    holder = wars.run(scenario, 60, runs=runs).state.holder
    more = np.sign((holder == 0).sum(axis=1) - (holder == 1).sum(axis=1))
    west, east = int((more > 0).sum()), int((more < 0).sum())
    assert west + east > runs / 2
    assert abs(west - east) <= 4 * np.sqrt(west + east)
    for cell, twin in enumerate(image):
        ours, theirs = holder[:, cell] == 0, holder[:, twin] == 1
        only_ours, only_theirs = int((ours & ~theirs).sum()), int((theirs & ~ours).sum())
        assert abs(only_ours - only_theirs) <= 4 * np.sqrt(only_ours + only_theirs + 1), cell
