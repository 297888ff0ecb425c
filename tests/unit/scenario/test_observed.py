"""What really happened stays out of the loader's reach, and is read for scores alone."""

from __future__ import annotations

import builtins
import io
import os
from pathlib import Path
from typing import Any

import pytest
from scenario_kit import change, code_of, scenario_folder

from sim.errors import ScenarioError
from sim.scenario.check import check_report
from sim.scenario.load import load_scenario
from sim.scenario.observed import load_observed

O = "observed.yaml"  # noqa: E741


def test_loading_a_scenario_never_opens_what_was_observed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = scenario_folder(tmp_path / "mine")
    opened: list[str] = []

    def watch(function: Any) -> Any:
        def wrapper(file: Any, *args: Any, **options: Any) -> Any:
            opened.append(str(file))
            return function(file, *args, **options)

        return wrapper

    for module, name in ((builtins, "open"), (io, "open"), (os, "open")):
        monkeypatch.setattr(module, name, watch(getattr(module, name)))
    load_scenario(folder)
    assert any(name.endswith("scenario.yaml") for name in opened)
    assert not any("observed" in name for name in opened)


def test_poisoned_observations_change_no_bit(tmp_path: Path) -> None:
    folder = scenario_folder(tmp_path / "mine")
    clean = load_scenario(folder)
    for poison in (b"\0\xff", b"[" * 1000, None):
        (folder / O).unlink()
        if poison is not None:
            (folder / O).write_bytes(poison)
        scenario = load_scenario(folder)
        assert scenario.digest == clean.digest
        assert scenario.warnings == clean.warnings


def test_observations_become_targets_on_the_map(tmp_path: Path) -> None:
    folder = scenario_folder(tmp_path / "mine")
    with (folder / O).open("a") as stream:
        stream.write("- {id: a, area: bridgehead, faction: PLAINS, by: 2030-04-01, report: A4}\n")
        stream.write("- {id: b, share: 0.5, faction: nobody, date: 2030-07-01, report: A4}\n")
        stream.write(
            "- {id: c, area: {areas: [hills]}, faction: RING, by: 2030-04-01, report: A4}\n"
        )
    scenario = load_scenario(folder)
    place, area, share, inline = load_observed(scenario)
    assert (place.kind, place.where, place.day, place.by, place.factions) == (
        "place", "Birch", 42, False, (1,),
    )  # fmt: skip
    assert place.precision_days == 2
    assert place.cells.tolist() == scenario.theatre.cells_of_place("Birch").tolist()
    assert not place.panel
    assert (area.kind, area.by, area.day) == ("area", True, 31)
    assert area.cells.tolist() == scenario.areas["bridgehead"].tolist()
    assert (share.kind, share.share, share.factions, share.day) == ("share", 0.5, (-1,), 122)
    assert inline.cells.tolist() == scenario.areas["hills"].tolist()
    assert check_report(folder)["observed"] == 4


def test_an_observation_may_be_part_of_a_panel_that_was_chosen_by_rule(tmp_path: Path) -> None:
    folder = scenario_folder(tmp_path / "mine")
    change(folder / O, "report: A4", "report: A4, panel: true")
    (place,) = load_observed(load_scenario(folder))
    assert place.panel


def test_a_share_may_be_that_of_an_area_and_of_a_side(tmp_path: Path) -> None:
    folder = scenario_folder(tmp_path / "mine")
    change(folder / O, "place: Birch", "area: bridgehead, share: 0.5")
    change(folder / O, "faction: HILLS", "factions: [HILLS, RING]")
    scenario = load_scenario(folder)
    (held,) = load_observed(scenario)
    assert (held.kind, held.where, held.share) == ("held", "bridgehead", 0.5)
    assert [scenario.faction_ids[f] for f in held.factions] == ["HILLS", "RING"]
    assert held.cells.tolist() == scenario.areas["bridgehead"].tolist()


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("place: Birch, ", "", "one-of"),
        ("date: 2030-04-12", "date: 2030-04-12, by: 2030-04-12", "one-of"),
        ("place: Birch", "place: Brich", "place-unknown"),
        ("place: Birch", "area: brigdehead", "area-unknown"),
        ("place: Birch", "place: Birch, share: 0.5", "one-of"),
        ("faction: HILLS", "faction: HILS", "faction-unknown"),
        ("faction: HILLS", "factions: [HILLS, HILS]", "faction-unknown"),
        ("faction: HILLS", "factions: [HILLS, HILLS]", "duplicate"),
        ("faction: HILLS, ", "", "one-of"),
        ("faction: HILLS", "faction: HILLS, factions: [RING]", "one-of"),
        ("report: A4", "report: A5", "report-unknown"),
        ("date: 2030-04-12", "date: 2030-02-12", "date-before"),
        ("- {id: birch", "id: x\nx: {id: birch", "type"),
    ],
)
def test_a_wrong_observation_is_told_by_check_and_not_by_load(
    old: str, new: str, code: str, tmp_path: Path
) -> None:
    folder = scenario_folder(tmp_path / "mine")
    change(folder / O, old, new)
    scenario = load_scenario(folder)
    with pytest.raises(ScenarioError) as caught:
        load_observed(scenario)
    assert [code_of(p) for p in caught.value.problems] == [code]
    report = check_report(folder)
    assert [p["found"] for p in report["errors"]] == [caught.value.problems[0].found]


def test_a_scenario_without_observations_cannot_be_scored(tmp_path: Path) -> None:
    folder = scenario_folder(tmp_path / "mine")
    (folder / O).unlink()
    with pytest.raises(ScenarioError) as caught:
        load_observed(load_scenario(folder))
    assert code_of(caught.value.problems[0]) == "file-missing"
    assert check_report(folder)["errors"] == []
