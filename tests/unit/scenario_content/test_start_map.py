"""Where things stood: the starting maps against what was published in mid-August 2018."""

import csv
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from sim.scenario import CompiledScenario, load_scenario

DATA = Path(__file__).parents[2] / "data"
GOVERNMENT = ("SAA", "HEZ", "IRN")
OPPOSITION_AND_TURKEY = ("HTS", "NLF", "TUR", "TANF")


@cache
def scenario(name: str, resolution: int | None = None) -> CompiledScenario:
    return load_scenario(name, resolution=resolution)


def table(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def holder_of(found: CompiledScenario, cell: int) -> str:
    holder = int(found.holder[cell])
    return found.faction_ids[holder] if holder >= 0 else "nobody"


def percent(found: CompiledScenario, *factions: str) -> float:
    area = found.theatre.mesh.area.astype(float)
    held = np.isin(found.holder, [found.faction_ids.index(f) for f in factions])
    return float(100 * area[held].sum() / area.sum())


@pytest.mark.parametrize("resolution", [5, 6, 7])
def test_at_least_95_percent_of_the_towns_stand_with_who_held_them(resolution: int) -> None:
    found = scenario("syria-2018-08", resolution)
    towns = table("towns_2018_08_15.csv")
    wrong = []
    for town in towns:
        place = found.theatre.gazetteer.find(town["town"])
        holder = holder_of(found, int(found.theatre.cells_of_place(place)[0]))
        allies = GOVERNMENT if "SAA" in town["holder"].split("/") else ()
        if holder not in (*town["holder"].split("/"), *allies):
            wrong.append(f"{town['town']}: {town['holder']} held it, not {holder}")
    assert len(towns) == 90
    assert len(wrong) <= 0.05 * len(towns), wrong


def test_every_town_is_right_at_the_resolution_of_the_scenario() -> None:
    found = scenario("syria-2018-08")
    for town in table("towns_2018_08_15.csv"):
        cell = found.theatre.cell_of(
            float(town["lon"]),
            float(town["lat"]),
            found.theatre.gazetteer.find(town["town"]).bank,
        )
        holder = holder_of(found, cell)
        assert holder in town["holder"].split("/"), f"{town['town']}: {holder}"


@pytest.mark.parametrize("resolution", [5, 6, 7])
@pytest.mark.parametrize(
    ("column", "factions"),
    [
        ("government", GOVERNMENT),
        ("sdf", ("SDF",)),
        ("opposition_and_turkey", OPPOSITION_AND_TURKEY),
        ("islamic_state", ("IS",)),
    ],
)
def test_area_shares_lie_within_three_points_of_each_published_figure(
    resolution: int, column: str, factions: tuple[str, ...]
) -> None:
    share = percent(scenario("syria-2018-08", resolution), *factions)
    for row in table("area_shares_2018_08.csv"):
        assert abs(share - float(row[column])) < 3, row["source"]


def test_area_shares_lie_inside_the_spread_of_the_sources() -> None:
    found = scenario("syria-2018-08")
    assert 59 < percent(found, *GOVERNMENT) < 61
    assert 26 < percent(found, "SDF") < 28
    assert 9 < percent(found, *OPPOSITION_AND_TURKEY) < 10.5
    assert 2 < percent(found, "IS") < 4
    assert not (found.holder < 0).any()


@pytest.mark.parametrize("name", ["syria-2018-08", "hajin-pocket"])
def test_hajin_is_besieged_on_its_bank_and_hamdan_stands_across_the_river(name: str) -> None:
    found = scenario(name)
    for place, faction in [
        ("Hajin", "IS"),
        ("As Susah", "IS"),
        ("Baghuz Fawqani", "IS"),
        ("Gharanij", "SDF"),
        ("Hamdan", "SAA"),
        ("Abu Kamal", "SAA"),
    ]:
        cell = int(found.theatre.cells_of_place(found.theatre.gazetteer.find(place))[0])
        assert holder_of(found, cell) == faction, place


def test_the_pocket_of_6_august_is_about_twice_that_of_14_august() -> None:
    """Claim S5: half of the pocket was gone when the article was written."""
    before, after = scenario("suweida-pocket", 6), scenario("syria-2018-08")

    def pocket(found: CompiledScenario) -> float:
        mesh = found.theatre.mesh
        held = (found.holder == found.faction_ids.index("IS")) & (mesh.lon < 38)
        return float(mesh.area[held].sum())

    assert 1.5 < pocket(before) / pocket(after) < 2.5


@pytest.mark.parametrize(
    ("name", "most_cells"),
    [("syria-2018-08", 6000), ("hajin-pocket", 2000), ("suweida-pocket", 2000)],
)
def test_a_scenario_stays_small_enough_to_run_often(name: str, most_cells: int) -> None:
    assert scenario(name).theatre.mesh.cells <= most_cells


@pytest.mark.parametrize("name", ["syria-2018-08", "hajin-pocket", "suweida-pocket"])
def test_who_holds_ground_has_men_in_the_open_and_cut_off_pockets_have_no_source(
    name: str,
) -> None:
    found = scenario(name)
    armed = {f.faction for f in found.forces if not f.covert}
    assert set(found.holder[found.holder >= 0].tolist()) <= armed
    islamic_state = found.faction_ids.index("IS")
    assert islamic_state not in found.source_faction.tolist()
    assert found.refuge[islamic_state].any()
