"""The map of mid-April 2018, and that its calendar holds decisions only."""

import csv
import datetime
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from sim.scenario import CompiledScenario, load_scenario

NAME = "syria-2018-04"
FOLDER = Path(__file__).parents[3] / "scenarios" / NAME
TOWNS = Path(__file__).parents[2] / "data" / "towns_2018_04_15.csv"
GOVERNMENT = ("SAA", "HEZ", "IRN")
OPPOSITION_AND_TURKEY = ("HTS", "REB", "SOUTH", "TUR", "TANF")
# Counts that were published after the start, and a supply road told of later; the README tells
# them apart.
LATER = {"R09", "R10", "R16", "R17", "R18", "R19", "R20", "R21", "R23", "R26", "R93"}
# Seats that the panel leaves out; the README says why.
NO_SEAT = {"SY0301", "SY1402", "SY0800", "SY0802"}


@cache
def scenario(resolution: int | None = None) -> CompiledScenario:
    return load_scenario(NAME, resolution=resolution)


@cache
def read(file: str = "scenario.yaml") -> Any:
    return yaml.safe_load((FOLDER / file).read_text(encoding="utf-8"))


@cache
def reports() -> dict[str, Any]:
    return {report["id"]: report for report in read("reports.yaml")}


def known(report: str) -> datetime.date:
    day = reports()[report].get("known", reports()[report]["date"])
    assert isinstance(day, datetime.date)
    return day


def start_lines() -> list[dict[str, Any]]:
    content = read()
    return [
        *content["factions"].values(),
        *content["stances"]["pairs"],
        *content["control"],
        *content["forces"],
        *content["support"],
    ]


def holder(place: str, resolution: int | None = None) -> str:
    found = scenario(resolution)
    cell = int(found.theatre.cells_of_place(found.theatre.gazetteer.find(place))[0])
    return found.faction_ids[int(found.holder[cell])]


def percent(*factions: str) -> float:
    found = scenario()
    area = found.theatre.mesh.area.astype(float)
    held = np.isin(found.holder, [found.faction_ids.index(f) for f in factions])
    return float(100 * area[held].sum() / area.sum())


@pytest.mark.parametrize("resolution", [5, 6])
def test_at_least_85_of_89_towns_stand_with_who_held_them(resolution: int) -> None:
    with TOWNS.open(encoding="utf-8", newline="") as file:
        towns = list(csv.DictReader(file))
    assert len(towns) == 89
    wrong = [
        f"{town['town']}: {town['holder']} held it, not {found}"
        for town in towns
        if (found := holder(town["town"], resolution)) not in town["holder"].split("/")
    ]
    assert len(wrong) <= 4, wrong
    assert resolution != 6 or not wrong, wrong


@pytest.mark.parametrize(
    ("published", "factions"),
    [(55.1, GOVERNMENT), (12.2, OPPOSITION_AND_TURKEY), (24.9, ("SDF",)), (7.8, ("IS",))],
)
def test_area_shares_lie_within_two_points_of_those_of_30_april(
    published: float, factions: tuple[str, ...]
) -> None:
    """Jusoor for Studies, 1 May 2018; two points are about what its months differ from others'."""
    assert abs(percent(*factions) - published) < 2


def test_the_whole_country_has_a_holder_and_stays_small_enough_to_run_often() -> None:
    found = scenario()
    assert not (found.holder < 0).any()
    assert found.theatre.mesh.cells <= 6000


@pytest.mark.parametrize("resolution", [5, 6])
@pytest.mark.parametrize(
    ("place", "faction"),
    [
        ("Damascus", "SAA"),
        ("Yarmouk", "IS"),
        ("Al-Hajar al-Aswad", "IS"),
        ("Yalda", "REB"),
        ("Babbila", "REB"),
        ("Ar Ruhaybah", "REB"),
        ("Jayrud", "REB"),
        ("Taldou", "REB"),
        ("Foah", "SAA"),
        ("Ash Shajarah", "IS"),
        ("Dashisha", "IS"),
    ],
)
def test_the_small_pockets_are_on_the_map(place: str, faction: str, resolution: int) -> None:
    assert holder(place, resolution) == faction


def test_who_holds_ground_has_men_in_the_open() -> None:
    found = scenario()
    armed = {force.faction for force in found.forces if not force.covert}
    assert set(found.holder.tolist()) <= armed


def test_every_line_cites_reports_and_every_report_is_cited() -> None:
    lines = [*start_lines(), *read()["events"]]
    assert all(line.get("reports") for line in lines)
    cited = {report for line in lines for report in line["reports"]}
    cited |= {line["report"] for line in read("observed.yaml")}
    assert set(reports()) == cited


def test_what_the_start_says_was_known_within_a_week_but_for_what_the_readme_names() -> None:
    week = read()["start"] + datetime.timedelta(days=8)
    later = {r for line in start_lines() for r in line["reports"] if known(r) > week}
    assert later == LATER
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert all(report in readme for report in later)


def test_events_are_decisions_known_on_their_first_day() -> None:
    for event in read()["events"]:
        assert event["known"] <= event["from"], event["id"]
        assert all(event["known"] >= known(report) for report in event["reports"]), event["id"]


def test_orders_and_offers_do_not_end_on_the_day_on_which_they_came_true() -> None:
    end = read()["end"]
    turns = {line["by"] for line in read("observed.yaml") if "by" in line}
    for event in read()["events"]:
        long = event["kind"] in ("offensive", "air-support", "evacuation-offer")
        if (long and event["faction"] != "IS") or event["kind"] == "reconciliation-offer":
            assert event["to"] == end, event["id"]
        assert event.get("to") not in turns, event["id"]


def test_the_scenario_brings_no_parameters_of_its_own() -> None:
    assert "parameters" not in read()


@pytest.mark.parametrize("day", [datetime.date(2018, 6, 15), datetime.date(2018, 8, 15)])
def test_the_panel_is_the_seat_of_every_district_that_has_one(day: datetime.date) -> None:
    theatre = scenario().theatre
    seats = [
        theatre.gazetteer.find(line["place"]).district
        for line in read("observed.yaml")
        if line.get("panel") and line["date"] == day
    ]
    divided = {"SY1200"} if day < datetime.date(2018, 7, 12) else set()  # the town of Daraa
    codes = {district.pcode for district in theatre.districts}
    assert len(seats) == len(set(seats))
    assert set(seats) == codes - NO_SEAT - divided
