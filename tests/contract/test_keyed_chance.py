"""Chance hangs on names: whoever is added or moved in a list shifts nobody else's luck."""

from __future__ import annotations

import numpy as np
import pytest
import yaml

from sim import load_scenario
from sim.chance import uniform
from sim.mechanisms import Mechanism
from sim.model import TerritoryModel
from sim.scenario.compiled import EventKind
from sim.state import Loss
from sim.theatre import grid
from tests.contract import wars

RUNS, DAYS = 6, 90


@pytest.fixture(scope="module")
def document(root):
    """The two valleys as YAML, to be changed."""
    text = (root / "scenarios" / "two-valleys" / "scenario.yaml").read_text(encoding="utf-8")
    return yaml.safe_load(text)


@pytest.fixture
def altered(document, root, tmp_path):
    """Loads the two valleys after a change to their YAML."""

    def load(change):
        copy = yaml.safe_load(yaml.safe_dump(document, sort_keys=False))
        change(copy)
        folder = tmp_path / "two-valleys"
        folder.mkdir()
        text = yaml.safe_dump(copy, sort_keys=False, allow_unicode=True)
        (folder / "scenario.yaml").write_text(text, encoding="utf-8")
        reports = root / "scenarios" / "two-valleys" / "reports.yaml"
        (folder / "reports.yaml").write_bytes(reports.read_bytes())
        return load_scenario(folder)

    return load


def told(scenario, **options):
    """Who holds each cell each evening, and what each faction lost, all by name."""
    model = TerritoryModel(scenario, runs=RUNS, **options)
    ids = np.array(["", *scenario.faction_ids])
    cells = scenario.theatre.mesh.cell_id
    days, losses = [], []
    for _ in range(DAYS):
        model.step()
        days.append(ids[model.state.holder + 1])
        losses.append(model.state.losses.copy())
    return (
        {cell: np.array(days)[:, :, c] for c, cell in enumerate(cells)},
        {name: np.array(losses)[:, :, f] for f, name in enumerate(scenario.faction_ids)},
    )


@pytest.fixture(scope="module")
def baseline(two_valleys):
    return told(two_valleys)


def assert_told_alike(found, baseline):
    """All that the baseline tells of is in `found`, the same; there may be more."""
    for one, other in zip(found, baseline, strict=True):
        for name, values in other.items():
            np.testing.assert_array_equal(one[name], values, err_msg=name)


def test_the_baseline_is_a_war_of_chance(two_valleys, baseline):
    holders, losses = baseline
    assert sum((values != values[0]).any() for values in holders.values()) > 5
    assert len({losses["Guard"][-1, r].tobytes() for r in range(RUNS)}) == RUNS


@pytest.mark.parametrize("place", [0, 1, 3])
def test_a_faction_that_is_nowhere_and_nobody_s_enemy_changes_nothing(altered, baseline, place):
    def change(document):
        factions = list(document["factions"].items())
        stranger = {"name": "Far Company", "colour": "#123456", "doctrine": "regular"}
        factions.insert(place, ("Far", stranger))
        document["factions"] = dict(factions)
        for name in ("Guard", "League", "Brothers"):
            document["stances"]["pairs"].append({"between": ["Far", name], "stance": "truce"})

    assert_told_alike(told(altered(change)), baseline)


def test_the_order_of_factions_changes_nothing(altered, baseline):
    def change(document):
        document["factions"] = dict(reversed(document["factions"].items()))

    scenario = altered(change)
    assert scenario.faction_ids == ("Brothers", "League", "Guard")
    assert_told_alike(told(scenario), baseline)


@pytest.mark.parametrize("part", ["forces", "support", "events"])
def test_the_order_of_lines_changes_nothing(altered, baseline, part):
    def change(document):
        document[part].reverse()

    assert_told_alike(told(altered(change)), baseline)


def island_war(islet):
    """A river valley at war, with an islet far to the south of it or without.

    The islet stands first among cells, segments and districts, and a garrison of the west holds it.
    """
    maps = {
        "terrain": ["s s d s d m", " m v s d s m", "s d s d d s", " l s d s v s"],
        "districts": ["B B B C C C", "B B B C C C", "D D D C C C", "D D D E E E"],
        "segments": ["1 1 2 3 3 4", "1 1 2 3 3 4", "5 5 2 6 6 4", "5 5 7 7 6 4"],
        "population": ["1 1 4 5 0 0", "0 4 9 4 1 0", "1 3 3 0 0 1", "0 1 4 9 3 1"],
    }
    if islet:
        letters = {"terrain": "v", "districts": "A", "segments": "0", "population": "2"}
        for name, rows in maps.items():
            gap = ". . . . . ." if name == "terrain" else "0 0 0 0 0 0"
            maps[name] = [*rows, *[gap] * 8, f"{letters[name]} {gap[2:]}"]
    ground = grid(**{name: "\n".join(rows) for name, rows in maps.items()})
    mesh = ground.mesh
    mainland = np.flatnonzero([int(name[1:3]) < 4 for name in mesh.cell_id])
    west = np.array([int(name[4:6]) < 3 for name in mesh.cell_id])
    holder = np.where(west, 0, 1).astype(np.int8)
    homes = [mainland[holder[mainland] == f] for f in (0, 1)]
    forces = [(f, homes[f], (2000, 5000)) for f in (0, 1)]
    forces += [(f, homes[1 - f], 200, True) for f in (0, 1)]
    forces += [(0, np.setdiff1d(np.arange(mesh.cells), mainland), 300)] if islet else []
    attacks = [wars.event(EventKind.OFFENSIVE, mainland, name=f"{f}", faction=f) for f in (0, 1)]
    return wars.war(
        ground,
        holder=holder,
        forces=forces,
        events=attacks,
        parameters={"raid_rate": 0.02, "arrest_rate": 0.05, "tempo": 0.2, "ordered_odds": 0.2},
        source_faction=np.array([0, 1], np.int8),
        source_cell=np.array([homes[0][0], homes[1][-1]], np.int32),
        source_strength=np.ones(2),
        support=np.full((mesh.sectors, 2), 0.3),
    )


def test_an_islet_that_no_way_leads_to_changes_nothing_on_the_mainland():
    """With a district, people, a stretch and a garrison of its own, all first in their lists."""
    without, with_islet = island_war(False), island_war(True)
    assert with_islet.theatre.mesh.cell_id[0] == "r12c00"
    assert with_islet.theatre.mesh.indptr[1] == 0
    holders, losses = told(without)
    found, found_losses = told(with_islet)
    assert sum((values != values[0]).any() for values in holders.values()) > 5
    assert losses["BLUE"][-1, :, Loss.ARREST].min() > 0
    assert_told_alike((found, found_losses), (holders, {"BLUE": losses["BLUE"]}))


class Dice(Mechanism):
    """A rule that draws chance for every cell and keeps it to itself."""

    name = "dice"
    reads = ()
    writes = ()

    def __init__(self) -> None:
        self.total = 0.0

    def apply(self, state, world):
        keys = world.draws(state, self.name)
        self.total += float(uniform(keys).sum())


@pytest.mark.parametrize("place", [0, 4, 10])
def test_a_rule_that_draws_chance_shifts_nobody_s_luck(two_valleys, place):
    one, other = (TerritoryModel(two_valleys, runs=RUNS) for _ in range(2))
    dice = Dice()
    other.mechanisms = (*one.mechanisms[:place], dice, *one.mechanisms[place:])
    for _ in range(40):
        one.step()
        other.step()
    assert dice.total > 0
    assert one.state.digest() == other.state.digest()


def test_more_runs_change_nothing_in_the_first(two_valleys):
    few, many = (wars.run(two_valleys, 30, runs=runs) for runs in (3, 8))
    assert wars.prints(few) == wars.prints(many)[:3]
