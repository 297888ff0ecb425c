"""From YAML to arrays: who holds what, who stands where, and when."""

from __future__ import annotations

import datetime
from pathlib import Path

import numpy as np
import pytest
from scenario_kit import change, scenario_folder

from sim.chance import name_key
from sim.errors import ScenarioError
from sim.scenario.compiled import NOBODY, CompiledScenario, EventKind, Stance
from sim.scenario.load import load_scenario
from sim.theatre.mesh import Crossing, Road

S, R, O = "scenario.yaml", "reports.yaml", "observed.yaml"  # noqa: E741
PLAINS, HILLS, RING = 0, 1, 2


@pytest.fixture(scope="module")
def ford(tmp_path_factory: pytest.TempPathFactory) -> CompiledScenario:
    return load_scenario(scenario_folder(tmp_path_factory.mktemp("ford") / "mine"))


def load(folder: Path, *changes: tuple[str, str, str], **options: object) -> CompiledScenario:
    return load_scenario(scenario_folder(folder, *changes), **options)  # type: ignore[arg-type]


def test_later_paint_covers_earlier_paint(ford: CompiledScenario) -> None:
    hills = ford.theatre.cells_of_districts(["XXB"])
    assert (ford.holder[hills] == HILLS).all()
    assert (ford.held_days[hills] == 200).all()
    others = np.setdiff1d(np.arange(36), hills)
    assert (ford.holder[others] == PLAINS).all()
    assert (ford.held_days[others] == 400).all()


def test_unpainted_ground_belongs_to_nobody(tmp_path: Path) -> None:
    some = "{area: {all: true, except: {places: [Outpost]}}, faction: PLAINS"
    scenario = load(tmp_path / "mine", (S, "{area: {all: true}, faction: PLAINS", some))
    assert (scenario.holder == NOBODY).sum() == 1


def test_stances_hold_in_both_directions(ford: CompiledScenario) -> None:
    assert (ford.stance == ford.stance.T).all()
    assert (np.diag(ford.stance) == Stance.ALLIED).all()
    assert ford.stance[HILLS, RING] == Stance.RIVAL
    assert ford.stance[PLAINS, HILLS] == Stance.HOSTILE


def test_forces_are_spread_whole_over_ground_of_their_own(ford: CompiledScenario) -> None:
    for force in ford.forces:
        assert abs(force.weights.sum() - 1) < 1e-12
        assert (np.diff(force.cells) > 0).all()
        assert force.key == name_key(force.id)
        if not force.covert:
            assert (ford.holder[force.cells] == force.faction).all()
    army, police = ford.forces[:2]
    assert (army.low, army.high) == (2500, 3500)
    assert (police.low, police.high) == (600, 600)


def test_a_force_at_the_front_stands_where_its_enemy_is_near(ford: CompiledScenario) -> None:
    mesh, army = ford.theatre.mesh, ford.forces[0]
    km = np.zeros(mesh.cells)
    for cell in range(mesh.cells):
        for e in range(mesh.indptr[cell], mesh.indptr[cell + 1]):
            if ford.holder[mesh.indices[e]] == HILLS and mesh.crossing[e] != Crossing.CLOSED:
                km[cell] += mesh.border_km[e]
    km[ford.holder != PLAINS] = 0
    assert army.cells.tolist() == np.flatnonzero(km).tolist()
    np.testing.assert_allclose(army.weights, km[army.cells] / km.sum())


def test_other_spreads_follow_people_roads_and_ground(tmp_path: Path) -> None:
    old = "area: plains, persons: 600, spread: population"
    ford = load(tmp_path / "people")
    mesh, police = ford.theatre.mesh, ford.forces[1]
    people = mesh.population[police.cells] / mesh.population[police.cells].sum()
    np.testing.assert_allclose(police.weights, people)
    roads = load(tmp_path / "roads", (S, old, old.replace("population", "roads"))).forces[1]
    share = {Road.TRUNK: 1.0, Road.SECONDARY: 0.5}
    weights = np.array([share[Road(mesh.road[c])] for c in roads.cells])
    np.testing.assert_allclose(roads.weights, weights / weights.sum())
    even = load(tmp_path / "even", (S, old, old.replace("population", "even"))).forces[1]
    assert len(set(even.weights.tolist())) == 1


def test_open_forces_may_stand_on_an_allys_ground(tmp_path: Path) -> None:
    guests = "area: hills, persons: 600, spread: population"
    allied = "pairs:\n    - {between: [PLAINS, HILLS], stance: allied}"
    scenario = load(
        tmp_path / "mine",
        (S, "area: plains, persons: 600, spread: population", guests),
        (S, "pairs:", allied),
    )
    assert (scenario.holder[scenario.forces[1].cells] == HILLS).all()


def test_support_counts_by_inhabitants(tmp_path: Path, ford: CompiledScenario) -> None:
    assert ford.support[0, [PLAINS, RING]].tolist() == [0.6, 0.05]
    assert ford.support[1, HILLS] == 0.7
    town = "{area: {places: [Alder]}, faction: RING, share: 0.05}"
    part = load(tmp_path / "mine", (S, "{area: plains, faction: RING, share: 0.05}", town))
    mesh = part.theatre.mesh
    alder = part.theatre.cells_of_place("Alder")
    in_town = mesh.population[alder].sum() / mesh.population[mesh.sector == 0].sum()
    assert part.support[0, RING] == pytest.approx(0.05 * in_town)


def test_axes_have_priority(ford: CompiledScenario) -> None:
    attack = ford.events[0]
    assert attack.kind is EventKind.OFFENSIVE
    assert (attack.start, attack.end, attack.known) == (4, 40, 4)
    places = [ford.theatre.gazetteer.find(name) for name in ("Ford", "Birch")]
    near = ford.theatre.cells_near_line([(place.lon, place.lat) for place in places], 10)
    assert attack.weights.tolist() == [1.0 if c in near else 0.5 for c in attack.cells]


def test_events_last_as_long_as_the_format_says(ford: CompiledScenario) -> None:
    events = {event.id: event for event in ford.events}
    assert (events["arrests"].start, events["arrests"].end) == (9, 59)
    column = events["column"]
    assert (column.start, column.end, column.travel_days) == (11, 11, 2)
    assert column.persons == (200, 300)
    assert column.origin.tolist() == ford.theatre.cells_of_place("Summit").tolist()
    assert column.route.tolist() == ford.theatre.cells_of_place("Birch").tolist()
    assert events["second-thoughts"].when is not None


def test_as_of_leaves_out_what_was_not_known(tmp_path: Path) -> None:
    folder = scenario_folder(tmp_path / "mine")
    first = load_scenario(folder, as_of=datetime.date(2030, 3, 4))
    assert first.events == ()
    assert sorted(first.reports) == ["A1", "A2"]
    later = load_scenario(folder, as_of=datetime.date(2030, 3, 10))
    assert [event.id for event in later.events] == ["over-the-bridge", "guns", "arrests"]
    cited = [id for item in (*later.events, *later.forces) for id in item.reports]
    assert set(cited) <= set(later.reports)
    assert first.digest != later.digest != load_scenario(folder).digest


def test_a_condition_on_an_event_that_is_left_out_never_holds(tmp_path: Path) -> None:
    swap = (S, "losses('PLAINS') > 400 and holder('Birch') == 'HILLS'", "started('column')")
    folder = scenario_folder(tmp_path / "mine", swap)
    change(folder / S, "travel_days: 2, from: 2030-03-12", "travel_days: 2, from: 2030-03-20")
    pause = load_scenario(folder, as_of=datetime.date(2030, 3, 16)).events[-1]
    assert pause.id == "second-thoughts"
    assert pause.when is not None
    assert pause.when.evaluate(lambda *_: np.array([5, 5])).tolist() == [False, False]
    whole = load_scenario(folder).events[3]
    assert whole.when is not None
    assert whole.when.evaluate(lambda *_: np.array([1, 0])).tolist() == [True, False]


def test_an_event_is_known_from_its_first_report_unless_it_says_otherwise(tmp_path: Path) -> None:
    scenario = load(
        tmp_path / "mine",
        (S, "known: 2030-03-05 # a run", "# a run"),
        (R, "known: 2030-02-25", "known: 2030-03-20"),
        (S, "to: 2030-04-10\n", "to: 2030-04-10\n"),
        (S, "reports: [A3]\n    text: The Rep", "reports: [A1]\n    text: The Rep"),
    )
    assert scenario.events[0].known == 19
    assert scenario.events[2].known == scenario.events[2].start


def test_fewer_days_cut_the_calendar_and_the_questions(tmp_path: Path) -> None:
    scenario = load(tmp_path / "mine", days=10)
    assert scenario.days == 10
    assert scenario.questions == ()
    assert [event.id for event in scenario.events] == ["over-the-bridge", "guns", "arrests"]
    assert all(event.end == 9 for event in scenario.events)


def test_settings_take_the_place_of_the_scenarios_own(tmp_path: Path) -> None:
    folder = scenario_folder(tmp_path / "mine")
    plain = load_scenario(folder)
    assert plain.ranges == {"leak": (0.1, 0.2)}
    assert plain.parameters.leak == pytest.approx(0.15)
    single = load_scenario(folder, overrides={"leak": "0.3"})
    assert (single.ranges, single.parameters.leak) == ({}, 0.3)
    drawn = load_scenario(folder, overrides={"odds_slope": "0.6..1.0", "leak": (0.1, 0.3)})
    assert drawn.ranges == {"leak": (0.1, 0.3), "odds_slope": (0.6, 1.0)}
    assert plain.digest == single.digest == drawn.digest


def test_the_digest_follows_the_content_and_nothing_else(tmp_path: Path) -> None:
    folder = scenario_folder(tmp_path / "mine")
    digest = load_scenario(folder).digest
    change(folder / S, "format: 1", "# a comment\n\nformat: 1")
    change(folder / S, "cohesion: 0.9\n    stock_days: 20", "stock_days: 20\n    cohesion: 0.90")
    change(folder / S, "quality: 1.0 ", "# the default ")
    change(folder / O, "HILLS", "PLAINS")
    (folder / "README.md").unlink()
    assert load_scenario(folder).digest == digest
    seen = {digest}
    for file, old, new in (
        (S, "stock_days: 20", "stock_days: 21"), (R, "precision_days: 5", "precision_days: 6"),
        (S, "    Outpost: [5, 1]", "    Outpost: [5, 2]"), (S, "hexagon_km: 6", "hexagon_km: 7"),
    ):  # fmt: skip
        change(folder / file, old, new)
        seen.add(load_scenario(folder).digest)
    assert len(seen) == 5


def test_a_geojson_area_equals_the_polygon_it_draws(tmp_path: Path) -> None:
    old = "bridgehead: {places: [Birch], radius_km: 7, bank: left}"
    ring = "[[0.1, -0.2], [0.4, -0.2], [0.4, 0.0], [0.1, 0.0], [0.1, -0.2]]"
    drawn = load(tmp_path / "drawn", (S, old, f"bridgehead: {{polygon: {ring}, bank: left}}"))
    folder = scenario_folder(
        tmp_path / "mine", (S, old, "bridgehead: {geojson: maps/a.geojson, bank: left}")
    )
    (folder / "maps").mkdir()
    geometry = f'{{"type": "Polygon", "coordinates": [{ring}]}}'
    file = folder / "maps" / "a.geojson"
    file.write_text(f'{{"type": "Feature", "properties": {{}}, "geometry": {geometry}}}')
    scenario = load_scenario(folder)
    assert scenario.areas["bridgehead"].tolist() == drawn.areas["bridgehead"].tolist()
    file.write_text(geometry.replace("0.4", "0.41"))
    assert load_scenario(folder).digest != scenario.digest


def test_areas_subtract_and_keep_to_a_bank(ford: CompiledScenario, tmp_path: Path) -> None:
    old = "bridgehead: {places: [Birch], radius_km: 7, bank: left}"
    new = "bridgehead: {areas: [hills], except: {places: [Birch]}, bank: left}"
    scenario = load(tmp_path / "mine", (S, old, new))
    mesh, hills = scenario.theatre.mesh, scenario.areas["hills"]
    birch = scenario.theatre.cells_of_place("Birch")
    wanted = [c for c in hills if mesh.bank[c] == 1 and c not in birch]
    assert scenario.areas["bridgehead"].tolist() == wanted


def test_the_starting_map_does_not_depend_on_the_order_of_unrelated_lines(tmp_path: Path) -> None:
    lines = (
        "  - {id: plains-police, faction: PLAINS, area: plains, persons: 600, spread: population}\n"
    )
    folder = scenario_folder(tmp_path / "mine")
    before = {force.id: force for force in load_scenario(folder).forces}
    change(folder / S, lines, "")
    change(folder / S, "  - {id: ring-cells", lines + "  - {id: ring-cells")
    after = {force.id: force for force in load_scenario(folder).forces}
    assert {k: f.key for k, f in before.items()} == {k: f.key for k, f in after.items()}


def test_unknown_ids_stop_the_load(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError):
        load(tmp_path / "mine", (S, "other: RING", "other: NONE"))
