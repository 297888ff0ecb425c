"""The siege of Deir ez-Zor: what the scenario says, and that it does not say how it ended."""

import datetime
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from sim.model import TerritoryModel
from sim.scenario import CompiledScenario, load_scenario
from sim.scenario.check import check_report

FOLDER = Path(__file__).parents[3] / "scenarios" / "deir-ezzor-siege"
CITY, AIRBASE = "Deir ez-Zor", "Deir ez-Zor airbase"


@cache
def read(file: str = "scenario.yaml") -> Any:
    return yaml.safe_load((FOLDER / file).read_text(encoding="utf-8"))


@cache
def siege() -> CompiledScenario:
    return load_scenario(FOLDER)


def reports() -> dict[str, Any]:
    return {report["id"]: report for report in read("reports.yaml")}


def lines() -> list[dict[str, Any]]:
    content = read()
    return [
        *content["factions"].values(),
        *content["stances"]["pairs"],
        *(line for key in ("control", "forces", "support", "events") for line in content[key]),
    ]


def test_it_is_free_of_errors() -> None:
    assert check_report(FOLDER)["errors"] == []


def test_every_line_cites_reports_and_every_report_is_cited() -> None:
    cited = {report for line in lines() for report in line["reports"]}
    cited |= {line["report"] for line in read("observed.yaml")}
    assert cited == set(reports())


def test_nothing_is_known_before_its_reports_and_no_report_of_the_start_is_later() -> None:
    def known(report: str) -> datetime.date:
        found = reports()[report]
        day = found.get("known", found["date"])
        assert isinstance(day, datetime.date)
        return day

    start = read()["start"]
    for line in lines():
        for report in line["reports"]:
            assert known(report) <= line.get("known", start), line
    assert all(event["known"] <= event["from"] for event in read()["events"])


def test_it_sets_no_parameter_and_its_orders_do_not_end_with_what_came_of_them() -> None:
    content = read()
    assert "parameters" not in content
    assert all(event["to"] == content["end"] for event in content["events"] if "to" in event)
    turns = {line[key] for line in read("observed.yaml") for key in ("by", "date") if key in line}
    assert not turns & {event["from"] for event in content["events"]}


def test_what_is_dropped_is_18_to_23_percent_of_a_ration() -> None:
    """3,300 t in the 280 days to 15 January 2017; a full ration is 0.55 kg a head and day."""
    days = (datetime.date(2017, 1, 15) - datetime.date(2016, 4, 10)).days
    low, high = (3.3e6 / days / people / 0.55 for people in (120_000, 93_500))
    assert (round(low, 2), round(high, 2)) == (0.18, 0.23)
    drop = next(event for event in read()["events"] if event["id"] == "airdrop")
    assert low < drop["intensity"] < high


def test_as_of_the_start_nobody_knows_of_the_relief() -> None:
    early = load_scenario(FOLDER, as_of=datetime.date(2017, 1, 15))
    late = {event.id for event in siege().events} - {event.id for event in early.events}
    assert late == {"column", "relief", "relief-air"}


def test_the_garrison_is_one_enclave_amid_the_besiegers_ground() -> None:
    found = siege()
    mesh, army = found.theatre.mesh, found.faction_ids.index("SAA")
    held = set(np.flatnonzero(found.holder == army).tolist())
    start = int(found.theatre.cells_of_place(CITY)[0])
    reached, edge = {start}, [start]
    while edge:
        cell = edge.pop()
        around = mesh.indices[mesh.indptr[cell] : mesh.indptr[cell + 1]].tolist()
        edge += [c for c in around if c in held and c not in reached]
        reached |= held & set(around)
    assert int(found.theatre.cells_of_place(AIRBASE)[0]) in reached
    assert 80 < mesh.area[sorted(reached)].sum() < 140  # km2
    assert int(found.theatre.cells_of_place("Tadmur")[0]) not in held


@pytest.mark.slow
def test_the_garrison_numbers_4000_to_7000_and_is_cut_off() -> None:
    model = TerritoryModel(siege(), runs=8)
    mesh, army = siege().theatre.mesh, siege().faction_ids.index("SAA")
    forces = [force for force in siege().forces if force.id.startswith("garrison")]
    cells = np.unique(np.concatenate([force.cells for force in forces]))
    garrison = model.state.fighters[:, cells, army].sum(axis=1)
    assert ((garrison >= 4000) & (garrison <= 7000)).all()
    assert mesh.area[cells].sum() < 140
    model.step()
    assert (model.state.distance[:, cells] == -1).all()
