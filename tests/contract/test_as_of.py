"""`--as-of`: what nobody knew yet on that day changes nothing."""

from __future__ import annotations

import shutil
from datetime import date

import pytest

from sim import load_scenario, simulate
from sim.model import TerritoryModel
from tests.contract.wars import prints

DAYS = 15
THEN = date(2018, 8, 15)  # the scenario begins on the 14th
REPORT = """
- {id: LATER, date: 2018-08-16, place: Hajin, grade: A1,
   claim: "The army and the SDF agree on Hajin.", source: "Planted by a test"}
"""
EVENTS = """
  - {id: planted-strikes, kind: bombardment, faction: SDF, other: IS,
     area: {places: [Hajin], radius_km: 40}, intensity: 5.0, from: 2018-08-16, known: 2018-08-16,
     reports: [LATER]}
  - {id: planted-truce, kind: stance, faction: SDF, other: IS, stance: truce, from: 2018-08-20,
     reports: [LATER]}
"""


@pytest.fixture(scope="module")
def folders(root, tmp_path_factory):
    """The scenario as it is, and with a report and two events of 16 August and later."""
    made = {}
    for name in ("plain", "planted"):
        # the same name of folder: a result carries it
        folder = tmp_path_factory.mktemp(name) / "syria-2018-08"
        made[name] = shutil.copytree(root / "scenarios" / "syria-2018-08", folder)
    reports, scenario = (made["planted"] / f"{name}.yaml" for name in ("reports", "scenario"))
    reports.write_text(reports.read_text(encoding="utf-8") + REPORT, encoding="utf-8")
    text = scenario.read_text(encoding="utf-8")
    assert text.count("\nevents:\n") == 1
    text = text.replace("\nevents:\n", "\nevents:\n" + EVENTS.lstrip("\n"))
    # and a line of the start that cites what was published later
    line = next(line for line in text.splitlines() if "since_days" in line and "reports: [" in line)
    text = text.replace(line, line.replace("reports: [", "reports: [LATER, "))
    scenario.write_text(text, encoding="utf-8")
    return made


def load(folder, as_of):
    return load_scenario(folder, resolution=5, days=DAYS, as_of=as_of)


def bits(scenario):
    """Everything about two runs, after the last day."""
    model = TerritoryModel(scenario, runs=2)
    for _ in range(DAYS):
        model.step()
    return prints(model)


@pytest.mark.parametrize("as_of", [date(2018, 8, 14), THEN], ids=str)
def test_what_was_not_known_changes_no_bit_of_a_run(folders, as_of):
    plain, planted = (load(folders[name], as_of) for name in ("plain", "planted"))
    assert [event.id for event in planted.events] == [event.id for event in plain.events]
    assert planted.reports == plain.reports
    assert bits(planted) == bits(plain)


def test_what_was_not_known_is_in_no_table_of_the_result(folders):
    plain, planted = (simulate(load(folders[name], THEN), runs=2) for name in ("plain", "planted"))
    assert planted.outcomes() == plain.outcomes()
    assert planted.dataset.equals(plain.dataset)
    assert planted.ledger.equals(plain.ledger)
    assert planted.incidents.equals(plain.incidents)


def test_without_a_day_of_knowledge_the_same_lines_change_the_runs(folders):
    """So the tests above would see a leak."""
    plain, planted = (load(folders[name], None) for name in ("plain", "planted"))
    assert planted.digest != plain.digest
    assert {event.id for event in planted.events} - {event.id for event in plain.events} == {
        "planted-strikes",
        "planted-truce",
    }
    assert bits(planted) != bits(plain)


def test_what_was_not_known_is_no_part_of_the_digest(folders):
    plain, planted = (load(folders[name], THEN) for name in ("plain", "planted"))
    assert planted.digest == plain.digest
