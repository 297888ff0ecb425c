"""Every message of the catalogue: provoked once, and written in docs/scenario.md."""

from __future__ import annotations

from pathlib import Path

import pytest
from scenario_kit import change, code_of, scenario_folder

from sim.errors import Problem, ScenarioError
from sim.scenario.check import check_report
from sim.scenario.load import load_scenario
from sim.scenario.messages import ERRORS, WARNINGS, message_table

DOCS = Path(__file__).parents[3] / "docs" / "scenario.md"

S, R, O = "scenario.yaml", "reports.yaml", "observed.yaml"  # noqa: E741
START = "start: 2030-03-01 # first simulated day"
BIRCH = "{id: birch, text: The Republic holds Birch by 29 April, place: Birch, faction: PLAINS"
ARRESTS = "{id: arrests, kind: arrests, faction: PLAINS, other: RING, area: plains"
COLUMN = "{id: column, kind: transfer, faction: HILLS, persons: [200, 300]"
BRIDGEHEAD = "bridgehead: {places: [Birch], radius_km: 7, bank: left}"

# code -> (file, text of the template, what takes its place, the path that the message names)
ONE_LINE: dict[str, tuple[str, str, str, str]] = {
    "format": (S, "format: 1", "format: 2", "format"),
    "key-unknown": (S, "cohesion: 0.9", "cohesionn: 0.9", "factions.PLAINS.cohesionn"),
    "key-missing": (S, "    doctrine: insurgent\n", "", "factions.RING"),
    "type": (S, "title: The ford at Alder", "title: 2030", "title"),
    "bounds": (S, "cohesion: 0.9", "cohesion: 9", "factions.PLAINS.cohesion"),
    "choice": (S, "spread: front", "spread: fromt", "forces[0].spread"),
    "length": (S, "between: [HILLS, RING]", "between: [HILLS]", "stances.pairs[0].between"),
    "name": (S, "id: plains-army", "id: '?'", "forces[0].id"),
    "colour": (S, "'#b8860b'".replace("'", '"'), "gold", "factions.PLAINS.colour"),
    "date": (S, "start: 2030-03-01", "start: 2030-02-30", "start"),
    "range": (S, "leak: [0.1, 0.2]", "leak: low", "parameters.leak"),
    "range-order": (S, "persons: [2500, 3500]", "persons: [3500, 2500]", "forces[0].persons"),
    "grade": (R, "grade: B2", "grade: G7", "[0].grade"),
    "area-nothing": (S, BRIDGEHEAD, "bridgehead: {bank: left}", "areas.bridgehead"),
    "one-of": (S, BIRCH, BIRCH + ", area: hills", "questions[0]"),
    "faction-unknown": (S, "other: RING", "other: RNIG", "events[2].other"),
    "area-unknown": (S, "{area: hills, faction: HILLS, since",
                     "{area: hils, faction: HILLS, since", "control[1].area"),
    "report-unknown": (S, "reports: [A1]\n  HILLS", "reports: [A9]\n  HILLS",
                       "factions.PLAINS.reports[0]"),
    "event-unknown": (S, "losses('PLAINS') > 400", "started('guns-') and day > 4",
                      "events[3].when"),
    "doctrine-unknown": (S, "doctrine: insurgent", "doctrine: insurgant", "factions.RING.doctrine"),
    "parameter-unknown": (S, "leak:", "leek:", "parameters.leek"),
    "place-unknown": (S, "place: Birch, faction", "place: Brich, faction", "questions[0].place"),
    "place-ambiguous": (S, "    Outpost: [5, 1]", "    Outpost: [5, 1]\n    OUTPOST: [5, 2]",
                        "factions.RING.refuge.places[0]"),
    "district-unknown": (S, "districts: [XXA]", "districts: [XXC]", "areas.plains.districts[0]"),
    "governorate-unknown": (S, "districts: [XXA]", "governorates: [XY]",
                            "areas.plains.governorates[0]"),
    "area-cycle": (S, BRIDGEHEAD, "bridgehead: {areas: [bridgehead]}", "areas.bridgehead"),
    "duplicate": (S, "id: plains-police", "id: plains-army", "forces[1].id"),
    "end-before-start": (S, START, "start: 2031-03-01", "end"),
    "too-long": (S, START, "start: 2003-03-01", "end"),
    "date-outside": (S, "by: 2030-04-29", "by: 2030-05-01", "questions[0].by"),
    "from-after-to": (S, "to: 2030-04-10", "to: 2030-03-02", "events[0].to"),
    "known-early": (R, "known: 2030-02-25", "known: 2030-02-10", "[0].known"),
    "theatre-key": (S, "name: grid", "name: grid\n  resolution: 6", "theatre.resolution"),
    "theatre-map": (S, "s s v v m m", "s s z v m m", "theatre"),
    "polygon": (S, BRIDGEHEAD, "bridgehead: {polygon: [[0, 0], [1, 1], [1, 0], [0, 1]]}",
                "areas.bridgehead.polygon"),
    "point-outside": (S, BRIDGEHEAD, "bridgehead: {polygon: [[0, 0], [40, 0], [0, -30]]}",
                      "areas.bridgehead.polygon[1]"),
    "geojson-path": (S, BRIDGEHEAD, "bridgehead: {geojson: ../x.geojson}",
                     "areas.bridgehead.geojson"),
    "geojson": (S, BRIDGEHEAD, "bridgehead: {geojson: README.md}", "areas.bridgehead.geojson"),
    "area-empty": (S, BRIDGEHEAD, "bridgehead: {areas: [hills], except: hills}",
                   "areas.bridgehead"),
    "colour-taken": (S, "#2e8b57", "#B8860B", "factions.HILLS.colour"),
    "stance-self": (S, "between: [HILLS, RING]", "between: [RING, RING]",
                    "stances.pairs[0].between"),
    "stance-twice": (S, "stance: rival}", "stance: rival}\n    - {between: [RING, HILLS], "
                     "stance: truce}", "stances.pairs[1].between"),
    "event-needs": (S, "other: RING, ", "", "events[2]"),
    "event-has": (S, "intensity: 0.5", "axes: [Ford]", "events[1].axes"),
    "event-self": (S, "other: RING", "other: PLAINS", "events[2].other"),
    "parameter-bounds": (S, "leak: [0.1, 0.2]", "leak: 12", "parameters.leak"),
    "force-homeless": (S, "area: plains, persons: 600", "area: hills, persons: 600",
                       "forces[1].area"),
    "support-sum": (S, "share: 0.05", "share: 0.5", "support[1].share"),
    "condition": (S, "> 400", ">> 400", "events[3].when"),
    "date-before": (O, "date: 2030-04-12", "date: 2029-04-12", "[0].date"),
    "yaml-syntax": (S, "title: The", "title: [The", ""),
    "yaml-documents": (S, "format: 1", "format: 1\n---\nformat: 1", ""),
    "yaml-tag": (S, "title: The", "title: !!python/name:os.system The", ""),
    "yaml-key": (S, "factions:\n", "factions:\n  2030-01-01: {}\n", ""),
    "yaml-duplicate": (S, "    cohesion: 0.9\n", "    cohesion: 0.9\n    cohesion: 0.8\n", ""),
    "yaml-anchor": (S, "title: The ford at Alder", "title: *ford", ""),
    "yaml-depth": (S, "title: The ford at Alder", "title: " + "[" * 40 + "]" * 40, ""),
    "file-character": (S, "title: The", "title: \x00The", ""),
    "file-empty": (R, "", "", ""),
    # warnings
    "report-unused": (R, "- id: A1", "- {id: Z, date: 2030-02-20, claim: x, source: y, grade: B2}\n"
                      "- id: A1", "[0]"),
    "report-weak": (R, "grade: C3", "grade: F3", ""),
    "area-unused": (S, BRIDGEHEAD, BRIDGEHEAD + "\n  spare: {all: true}", "areas.spare"),
    "faction-idle": (S, "  RING:", "  IDLE: {name: Idle, colour: '#000000', doctrine: regular}\n"
                     "  RING:", "factions.IDLE"),
    "faction-unsupplied": (S, "    sources:\n      - {place: Alder}\n", "", "factions.PLAINS"),
    "source-lost": (S, "{place: Alder}", "{place: Summit}", "factions.PLAINS.sources[0].place"),
    "event-hindsight": (S, "known: 2030-03-05", "known: 2030-04-01", "events[0]"),
    "event-early": (S, "known: 2030-03-05", "known: 2030-03-02", "events[0].known"),
    "no-front": (S, "area: plains, persons: 600, spread: population",
                 "area: {places: [Outpost]}, persons: 600, spread: front", "forces[1].area"),
    "no-roads": (S, "area: plains, persons: 600, spread: population",
                 "area: {places: [Outpost]}, persons: 600, spread: roads", "forces[1].area"),
    "no-people": (S, "population: 60000 ", "population: 0 ", "forces[3].area"),
    "axes-far": (S, "axes: [Ford, Birch]", "axes: [Outpost]", "events[0].axes"),
    "unpainted": (S, "{area: {all: true}, faction: PLAINS", "{area: plains, faction: PLAINS",
                  "control"),
}  # fmt: skip
ELSEWHERE = {
    "scenario-unknown", "file-missing", "file-unreadable", "file-too-large", "file-encoding",
    "yaml-values", "other", "place-outside", "days-outside", "theatre-resolution", "finer-area",
    "override", "more", "reports-missing", "no-questions", "area-depth", "area-work",
}  # fmt: skip


def found(report: dict[str, object]) -> list[Problem]:
    return [Problem(**p) for p in [*report["errors"], *report["warnings"]]]  # type: ignore


def test_every_message_has_a_test() -> None:
    assert set(ONE_LINE) | ELSEWHERE == set(ERRORS) | set(WARNINGS)


@pytest.mark.parametrize("code", ONE_LINE)
def test_one_wrong_line_gives_its_message_at_its_place(code: str, tmp_path: Path) -> None:
    file, old, new, path = ONE_LINE[code]
    folder = scenario_folder(tmp_path / "mine")
    if code == "no-people":
        change(folder / S, "area: plains, persons: [50, 200]", "area: hills, persons: [50, 200]")
        change(folder / S, "population: 25000", "population: 0")
    if code == "unpainted":
        some = "{area: {places: [Birch, Summit]}, faction: HILLS, since"
        change(folder / S, "{area: hills, faction: HILLS, since", some)
    if code == "file-empty":
        (folder / file).write_text("\n# nothing but a comment\n")
    change(folder / file, old, new)
    report = check_report(folder, doctrines={"regular", "insurgent"})
    fitting = [p for p in found(report) if code_of(p) == code]
    assert fitting, f"{code} is not among {[str(p) for p in found(report)]}"
    assert path in {p.path for p in fitting}
    assert all(p.file.endswith(file) for p in fitting if p.path == path)
    if code in WARNINGS:
        assert not report["errors"]


def test_the_docs_list_every_message() -> None:
    text = DOCS.read_text(encoding="utf-8")
    assert message_table(ERRORS) in text
    assert message_table(WARNINGS) in text


def test_a_wrong_name_is_answered_with_the_nearest_right_one(tmp_path: Path) -> None:
    wrong = "  - {area: hills, faction: HIILS, since_days: 200, reports: [A1]}"
    swap = (S, wrong.replace("HIILS", "HILLS"), wrong)
    folder = scenario_folder(tmp_path / "mine", swap)
    line = 1 + (folder / S).read_text().split("\n").index(wrong)
    with pytest.raises(ScenarioError) as caught:
        load_scenario(folder)
    assert str(caught.value).split("\n")[0] == (
        f"{folder.as_posix()}/scenario.yaml:{line}: control[1].faction: no faction named 'HIILS'. "
        "This scenario defines 'PLAINS', 'HILLS', 'RING'. Did you mean 'HILLS'?"
    )
