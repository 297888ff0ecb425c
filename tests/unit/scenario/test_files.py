"""Files that nobody should have to fear: too large, wrongly encoded, malicious, missing."""

from __future__ import annotations

import datetime
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import pytest
from pydantic import Field, TypeAdapter, ValidationError
from scenario_kit import code_of, scenario_folder

import sim
from sim.errors import BadiaError, Problem, ScenarioError
from sim.scenario.check import check_report
from sim.scenario.draft import report_form
from sim.scenario.find import find_scenario, list_scenarios
from sim.scenario.load import load_scenario
from sim.scenario.messages import Collector
from sim.scenario.new import FILES, new_scenario
from sim.scenario.schema import Scenario

S, R = "scenario.yaml", "reports.yaml"
BRIDGEHEAD = "bridgehead: {places: [Birch], radius_km: 7, bank: left}"


@contextmanager
def quickly(tmp_path: Path, times: float = 300) -> Iterator[None]:
    """What is done inside costs at most so many times what loading a right scenario costs here.

    Measured: less than once for most, 28 and 32 times for the two dearest, and 120 times once
    beside another busy worker.
    """
    right = scenario_folder(tmp_path / "right")
    efforts = []
    for _ in range(3):
        start = time.process_time()
        load_scenario(right)
        efforts.append(time.process_time() - start)
    start = time.process_time()
    yield
    assert time.process_time() - start < times * min(efforts)


def problems_of(folder: Path, **options: object) -> list[Problem]:
    with pytest.raises(ScenarioError) as caught:
        load_scenario(folder, **options)  # type: ignore[arg-type]
    assert str(caught.value) == "\n".join(str(p) for p in caught.value.problems)
    return caught.value.problems


def only(folder: Path, code: str, **options: object) -> Problem:
    problems = problems_of(folder, **options)
    assert len(problems) == 1, [str(p) for p in problems]
    assert code_of(problems[0]) == code, str(problems[0])
    return problems[0]


@pytest.mark.parametrize(
    ("code", "raw", "line"),
    [
        ("file-too-large", b"a" * 10_000_000, 0),
        ("file-encoding", "format: 1\ntitle: x".encode("utf-16"), 0),
        ("file-encoding", "format: 1\ntitle: x".encode("utf-16-le"), 0),
        ("file-encoding", "format: 1\ntitle: Süwaida".encode("latin-1"), 2),
        ("file-character", b"format: 1\n\ntitle: \0", 3),
        ("file-empty", b"", 0),
        ("file-empty", b"  \n\n", 0),
        ("file-empty", b"# only a comment\n", 0),
        ("yaml-syntax", b"format: 1\ntitle: [1", 2),
        ("yaml-syntax", b"format: 1\n\ttitle: x", 2),
        ("yaml-documents", b"format: 1\n---\nformat: 1", 2),
        ("yaml-depth", b"[" * 100_000, 1),
        ("yaml-depth", b"- " * 100_000, 1),
        ("yaml-depth", b"? " * 100_000, 1),
        ("yaml-values", b"a: [" + b"1," * 200_000 + b"]", 1),
        ("yaml-anchor", b"a: *a", 1),
        ("type", b"just text", 1),
        ("type", b"- a\n- list", 1),
        ("type", b"7", 1),
        ("type", b"null", 1),
    ],
)  # fmt: skip
def test_a_hopeless_file_gives_one_message_at_once(
    code: str, raw: bytes, line: int, tmp_path: Path
) -> None:
    folder = scenario_folder(tmp_path / "mine")
    (folder / S).write_bytes(raw)
    (folder / R).write_text("[]")
    with quickly(tmp_path):
        problem = only(folder, code)
    assert problem.file.endswith(S)
    assert problem.line in (line, line + 1 if code == "yaml-syntax" else line)


def test_an_alias_bomb_dies_early(tmp_path: Path) -> None:
    folder = scenario_folder(tmp_path / "mine")
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 12)]
    (folder / S).write_text("\n".join(lines))
    with quickly(tmp_path):
        problem = only(folder, "yaml-values")
    assert problem.line <= 6


def test_a_modest_alias_is_welcome(tmp_path: Path) -> None:
    folder = scenario_folder(
        tmp_path / "mine",
        (S, "reports: [A1]\n  HILLS", "reports: &gazette [A1]\n  HILLS"),
        (S, "reports: [A1]\n  RING", "reports: *gazette\n  RING"),
    )
    plain = load_scenario(scenario_folder(tmp_path / "plain"))
    assert load_scenario(folder).digest == plain.digest


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    folder = scenario_folder(
        tmp_path / "mine",
        (S, "title: The ford at Alder", "titel: The ford at Alder"),
        (S, "colour: \"#2e8b57\"", "colour: green"),
        (S, "persons: [1800, 2600]", "persons: [2600, 1800]"),
        (S, "place: Birch, faction: PLAINS", "place: Brich, faction: PLANES"),
        (S, "cohesion: 0.9\n", "cohesion: 0.9\n    cohesion: 0.8\n"),
        (R, "grade: C3", "grade: Z"),
    )  # fmt: skip
    problems = problems_of(folder)
    wanted = {"key-missing", "key-unknown", "colour", "range-order", "place-unknown",
              "faction-unknown", "yaml-duplicate", "grade"}  # fmt: skip
    assert {code_of(p) for p in problems} == wanted
    assert [(p.file, p.line) for p in problems] == sorted((p.file, p.line) for p in problems)


def test_a_faction_that_is_wrong_in_form_still_counts_as_a_name(tmp_path: Path) -> None:
    folder = scenario_folder(tmp_path / "mine", (S, 'colour: "#2e8b57"', "colour: green"))
    only(folder, "colour")


def test_beyond_a_hundred_problems_the_rest_is_counted(tmp_path: Path) -> None:
    forces = "\n".join(
        f"  - {{id: f{i}, faction: NONE{i}, area: hills, persons: 1}}" for i in range(3000)
    )
    folder = scenario_folder(tmp_path / "mine", (S, "forces:\n", "forces:\n" + forces + "\n"))
    with quickly(tmp_path, times=500):
        problems = problems_of(folder)
    assert len(problems) == 101
    assert code_of(problems[0]) == "more"
    assert "2900" in problems[0].found


def test_a_folder_without_a_scenario_is_named_with_what_there_is(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ScenarioError) as caught:
        find_scenario("two-vallies")
    assert code_of(caught.value.problems[0]) == "scenario-unknown"
    assert only(tmp_path / "empty", "file-missing")
    for name in ("", "\0", "x" * 5000, "../nowhere"):
        with pytest.raises(BadiaError):
            load_scenario(name)


def test_where_there_are_no_scenarios_at_all_one_line_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sim, "__file__", str(tmp_path / "sim" / "__init__.py"))
    assert list_scenarios() == {}
    with pytest.raises(ScenarioError, match=r"'two-valleys': there is none in ./scenarios") as told:
        find_scenario("two-valleys")
    assert "\n" not in str(told.value)


def test_a_scenario_is_found_in_the_current_folder_by_name_and_by_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = scenario_folder(tmp_path / "scenarios" / "mine")
    monkeypatch.chdir(tmp_path)
    assert "mine" in list_scenarios()
    scenario = load_scenario("mine")
    assert scenario.name == "mine"
    assert scenario.folder == "scenarios/mine"
    for way in (folder, str(folder), folder / S, "scenarios/mine"):
        assert load_scenario(way).digest == scenario.digest
    assert check_report("mien")["errors"][0]["suggestion"] == "mine"


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="everything is readable to root")
def test_an_unreadable_file_says_so(tmp_path: Path) -> None:
    folder = scenario_folder(tmp_path / "mine")
    (folder / S).chmod(0)
    only(folder, "file-unreadable")


def test_a_file_that_cannot_be_opened_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = scenario_folder(tmp_path / "mine")
    opening = Path.open

    def locked(path: Path, *args: object, **options: object) -> object:
        if path.name == S:
            raise PermissionError(13, "Permission denied")
        return opening(path, *args, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", locked)
    assert code_of(problems_of(folder)[0]) == "file-unreadable"


def test_settings_of_the_caller_are_checked_like_lines(tmp_path: Path) -> None:
    folder = scenario_folder(tmp_path / "mine")
    only(folder, "override", overrides={"leak": "much"})
    only(folder, "override", overrides={"leak": "0.1..x"})
    only(folder, "override", overrides={"leak": float("nan")})
    only(folder, "range-order", overrides={"leak": "0.3..0.1"})
    only(folder, "parameter-bounds", overrides={"leak": 7})
    assert only(folder, "parameter-unknown", overrides={"lek": 0.1}).suggestion == "leak"
    only(folder, "days-outside", days=61)
    only(folder, "days-outside", days=0)
    only(folder, "theatre-resolution", resolution=7)


def test_a_geojson_file_may_not_leave_the_folder(tmp_path: Path) -> None:
    outside = tmp_path / "outside.geojson"
    outside.write_text("{}")
    for name in ("../outside.geojson", str(outside), "link.geojson", "a/../../outside.geojson"):
        folder = scenario_folder(
            tmp_path / f"mine{len(name)}", (S, BRIDGEHEAD, f"bridgehead: {{geojson: {name}}}")
        )
        (folder / "link.geojson").symlink_to(outside)
        only(folder, "geojson-path")


@pytest.mark.parametrize(
    "content",
    ["{", "[]", "1", '{"type": "Point", "coordinates": [0, 0]}', '{"type": "FeatureCollection"}',
     '{"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]}',
     '{"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [NaN, 0], [0, 0]]]}',
     '{"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}',
     '{"type": "MultiPolygon", "coordinates": 3}', '{"a":' * 5000, "[" * 100_000,
     '{"type": "Polygon", "coordinates": [[[1' + "0" * 400 + ', 0], [1, 1], [1, 0], [0, 0]]]}'],
)  # fmt: skip
def test_unusable_geojson_gives_one_message(content: str, tmp_path: Path) -> None:
    change = (S, BRIDGEHEAD, "bridgehead: {geojson: x.geojson}")
    folder = scenario_folder(tmp_path / "mine", change)
    (folder / "x.geojson").write_text(content)
    only(folder, "geojson")


def test_a_missing_reports_file_is_a_warning_if_nothing_cites_it(tmp_path: Path) -> None:
    folder = scenario_folder(tmp_path / "mine")
    text = (folder / S).read_text()
    for citation in ("[A1]", "[A2]", "[A3]"):
        text = text.replace(citation, "[]")
    start = text.index("# What to watch")
    (folder / S).write_text(text[:start])
    (folder / R).unlink()
    (folder / "observed.yaml").unlink()
    warnings = load_scenario(folder).warnings
    assert {code_of(p) for p in warnings} == {"reports-missing", "no-questions"}


def test_a_place_where_no_cell_is_gives_no_source(tmp_path: Path) -> None:
    # The middle of a district in two parts lies between them, here in a hole of the map.
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / S).write_text("""
format: 1
title: Two islands
start: 2030-01-01
end: 2030-01-02
theatre: {name: grid, terrain: "s . . . . . . . s"}
factions:
  A: {name: A, colour: "#000000", doctrine: regular, sources: [{place: District A}]}
control: [{area: {all: true}, faction: A}]
""")
    problem = only(folder, "place-outside")
    assert problem.path == "factions.A.sources[0].place"


def test_too_many_factions_give_one_message(tmp_path: Path) -> None:
    many = "".join(
        f"  F{i}: {{name: F{i}, colour: '#{i:06x}', doctrine: regular}}\n" for i in range(200)
    )
    folder = scenario_folder(tmp_path / "mine", (S, "factions:\n", "factions:\n" + many))
    assert only(folder, "length").path == "factions"


def test_a_finer_resolution_than_the_scenarios_own_swallows_its_finer_areas(tmp_path: Path) -> None:
    folder = scenario_folder(tmp_path / "mine")
    (folder / S).write_text("""
format: 1
title: Hajin
start: 2018-09-10
end: 2018-09-12
theatre:
  name: syria
  resolution: 5
  finer: [{area: {polygon: [[40.8, 34.5], [41, 34.5], [41, 34.7], [40.8, 34.7]]}, resolution: 6}]
factions: {IS: {name: IS, colour: "#000000", doctrine: insurgent}}
control: [{area: {all: true}, faction: IS}]
""")
    assert load_scenario(folder).theatre.label == "5+6"
    assert load_scenario(folder, resolution=6).theatre.label == "6"
    text = (folder / S).read_text()
    (folder / S).write_text(text.replace("resolution: 5", "resolution: 6"))
    only(folder, "theatre-map")


def test_what_pydantic_says_beyond_the_catalogue_is_passed_on() -> None:
    problems = Collector("x.yaml")
    adapter = TypeAdapter(Annotated[int, Field(multiple_of=2)])
    with pytest.raises(ValidationError) as caught:
        adapter.validate_python(3)
    report_form(caught.value, 3, (), Scenario, problems)
    assert code_of(problems.errors[0]) == "other"


def test_a_finer_mesh_needs_a_drawn_area(tmp_path: Path) -> None:
    grid = scenario_folder(tmp_path / "mine")
    text = (grid / S).read_text()
    start, end = text.index("\ntheatre:") + 1, text.index("# Names for areas")
    syria = "theatre: {name: syria, finer: [{area: {districts: [SY0702]}, resolution: 7}]}\n"
    (grid / S).write_text(text[:start] + syria + text[end:])
    only(grid, "finer-area")


def test_new_writes_a_scenario_without_problems_and_spares_what_is_there(tmp_path: Path) -> None:
    written = new_scenario(tmp_path / "a" / "mine")
    assert sorted(path.name for path in written) == sorted(FILES)
    report = check_report(tmp_path / "a" / "mine", doctrines={"regular", "insurgent"})
    assert report["errors"] == report["warnings"] == []
    assert (report["cells"], report["days"], report["observed"]) == (36, 60, 1)
    for target in (tmp_path / "a" / "mine", tmp_path / "a", written[0], "/dev/null/x"):
        with pytest.raises(BadiaError):
            new_scenario(target)


def test_dates_and_numbers_are_read_as_the_format_says(tmp_path: Path) -> None:
    folder = scenario_folder(
        tmp_path / "mine",
        (S, "start: 2030-03-01", 'start: "2030-03-01"'),
        (S, "RING:", "NO:"),
        (S, "[HILLS, RING]", "[HILLS, NO]"),
        (S, "faction: RING, area", "faction: NO, area"),
        (S, "faction: RING, share", "faction: NO, share"),
        (S, "other: RING", "other: NO"),
    )
    scenario = load_scenario(folder)
    assert scenario.start == datetime.date(2030, 3, 1)
    assert scenario.faction_ids == ("PLAINS", "HILLS", "NO")
