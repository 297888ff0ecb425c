"""Two theatres that share nothing but their factions do not influence each other; a reserve does.

Two islands in one mesh, the same two enemies on both.  No front, no fighters, no reserve and no air
is shared, so whatever is changed on the northern island, every bit of the southern one stays.  A
transfer of fighters from one to the other is a shared reserve, and there a change travels.
(`tests/property/test_variants.py` has islands of different factions, and a change of doctrine.)
"""

from __future__ import annotations

import re
from dataclasses import fields

import numpy as np
import pytest

from sim.model import TerritoryModel
from sim.scenario.compiled import EventKind
from sim.state import INDEXES, State
from tests.contract import wars
from tests.reference.worlds import bits

RUNS, DAYS = 6, 60
GROUND = wars.theatre("islands")
MESH = GROUND.mesh
NORTH = np.flatnonzero(MESH.lat > MESH.lat.mean())
SOUTH = np.flatnonzero(MESH.lat < MESH.lat.mean())
WEST = MESH.lon < MESH.lon.mean()
HOLDER = np.where(WEST, 0, 1)
ORDERS = 4  # events that every one of these wars has
LEAVES, ARRIVES = 20, 26  # the transfer, where there is one
# The axes of every array, as the docstring of State tells them.
AXES = {
    name: [axis.strip() for axis in axes.split(",") if axis.strip()]
    for names, axes in re.findall(r"^    ([a-z_, ]+?) +\((R,[^)]*)\)", State.__doc__, re.MULTILINE)
    for name in names.split(", ")
}
OF_ALL_GROUND = {"losses", "joined", "incident_count"}  # sums over both islands


def home(faction, island):
    """The faction's ground on an island."""
    return island[HOLDER[island] == faction]


def everywhere(kind, island, **more):
    """An event about all of an island."""
    return wars.event(kind, island, end=DAYS, **more)


def war(*events, north=2000, south=2000):
    """Both islands at war, with so many fighters a side on each, and these events on top."""
    forces = [
        (faction, home(faction, island), (count, count + 400))
        for island, count in ((NORTH, north), (SOUTH, south))
        for faction in (0, 1)
    ]
    forces += [(faction, home(1 - faction, island), 60, True)
               for island in (NORTH, SOUTH) for faction in (0, 1)]  # fmt: skip
    orders = [
        everywhere(EventKind.OFFENSIVE, island, faction=faction)
        for island in (NORTH, SOUTH)
        for faction in (0, 1)
    ]
    depots = [int(home(f, island)[0]) for island in (NORTH, SOUTH) for f in (0, 1)]
    return wars.war(
        GROUND,
        holder=HOLDER,
        forces=forces,
        events=[*orders, *events],
        parameters={
            **{"tempo": 0.1, "ordered_odds": 0.4},  # equals attack each other, too
            **{"arrest_rate": 0.05, "initiative": 0.05, "recruitment": 1e-5},
        },
        source_faction=np.array([0, 1, 0, 1], np.int8),
        source_cell=np.array(depots, np.int32),
        source_strength=np.ones(4),
        support=np.full((MESH.sectors, 2), 0.2),
    )


def evenings(scenario, days=DAYS):
    """Every bit of each island each evening: {island: list of {field: bytes}}."""
    model = TerritoryModel(scenario, runs=RUNS)
    places = {
        island: {
            "C": cells,
            "G": np.unique(MESH.segment[cells]),
            "S": np.unique(MESH.sector[cells]),
            "V": np.arange(ORDERS),
        }
        for island, cells in (("north", NORTH), ("south", SOUTH))
    }
    told = {island: [] for island in places}
    for _ in range(days):
        model.step()
        for island, here in places.items():
            told[island].append(of_the_island(model.state, here))
    return told


def of_the_island(state, here):
    """The bytes of each array where it concerns the island."""
    told = {}
    for name, axes in AXES.items():
        if name in OF_ALL_GROUND or name in INDEXES:
            continue
        values = getattr(state, name)
        if name == "incidents":
            rows = [values[r, : state.incident_count[r]] for r in range(state.runs)]
            told[name] = b"|".join(bits(row[np.isin(row["cell"], here["C"])]) for row in rows)
            continue
        for number, axis in enumerate(axes):
            if axis in here:
                values = np.take(values, here[axis], axis=number)
        told[name] = bits(np.ascontiguousarray(values))
    return told


def first_difference(one, other):
    """The first evening that differs, and in which fields; (DAYS, set()) if none does."""
    for day, (a, b) in enumerate(zip(one, other, strict=True)):
        if a != b:
            return day, {name for name in a if a[name] != b[name]}
    return len(one), set()


@pytest.fixture(scope="module")
def baseline():
    return evenings(war())


def test_the_islands_share_no_way_no_district_and_no_stretch():
    for c in range(MESH.cells):
        neighbours = MESH.indices[MESH.indptr[c] : MESH.indptr[c + 1]]
        assert np.isin(neighbours, NORTH if c in NORTH else SOUTH).all()
    for of_cell in (MESH.sector, MESH.segment):
        assert not set(of_cell[NORTH]) & set(of_cell[SOUTH])
    assert set(AXES) == {f.name for f in fields(State)} - {"day"}


def test_there_is_war_on_both_islands(baseline):
    for told in baseline.values():
        assert told[0]["holder"] != told[-1]["holder"]


CHANGES = {
    "more fighters": lambda: war(north=3500),
    "a reinforcement": lambda: war(
        everywhere(EventKind.REINFORCEMENT, home(0, NORTH), persons=(900.0, 900.0))
    ),
    "an airdrop": lambda: war(everywhere(EventKind.SUPPLY, NORTH, faction=1, intensity=3.0)),
    "air support": lambda: war(everywhere(EventKind.AIR_SUPPORT, NORTH, faction=0, intensity=2.0)),
    "bombs": lambda: war(everywhere(EventKind.BOMBARDMENT, NORTH, other=1, intensity=2.0)),
    "a pause": lambda: war(everywhere(EventKind.PAUSE, NORTH, faction=0)),
    "arrests": lambda: war(everywhere(EventKind.ARRESTS, NORTH, faction=0, other=1)),
    "leaflets": lambda: war(everywhere(EventKind.LEAFLETS, NORTH, other=1)),
    "an offer": lambda: war(everywhere(EventKind.EVACUATION_OFFER, NORTH, other=1)),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_changed_in_one_theatre_leaves_every_bit_of_the_other(baseline, change):
    changed = evenings(CHANGES[change]())
    assert first_difference(baseline["south"], changed["south"]) == (DAYS, set())
    day, _ = first_difference(baseline["north"], changed["north"])
    assert day < DAYS, "a change that changes nothing proves nothing"


def reserve(persons):
    """Fighters of the first faction taken out of the north and sent to the south."""
    return wars.event(
        EventKind.TRANSFER,
        home(0, SOUTH),
        name="reserve",
        faction=0,
        start=LEAVES,
        end=LEAVES + 1,
        origin=home(0, NORTH),
        travel_days=ARRIVES - LEAVES,
        persons=(float(persons), float(persons)),
    )


def test_a_change_of_a_shared_reserve_travels_with_it_and_no_faster(baseline):
    none, small, large = baseline, evenings(war(reserve(600))), evenings(war(reserve(1800)))
    for one, other in ((none, small), (small, large)):
        assert first_difference(one["north"], other["north"])[0] == LEAVES
        day, what = first_difference(one["south"], other["south"])
        assert day == ARRIVES
        assert "fighters" in what
        days = zip(one["south"], other["south"], strict=True)
        assert any(a["holder"] != b["holder"] for a, b in days)
