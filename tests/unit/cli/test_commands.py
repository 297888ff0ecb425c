"""What a person meets at the terminal."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from sim.cli.app import app
from sim.cli.console import NOT_A_FORECAST
from sim.result import Result

RUN_KEYS = {
    "scenario", "digest", "version", "seed", "runs", "days", "cells", "factions", "elapsed_s",
    "cell_days_per_s", "share", "losses", "changes", "outcomes", "result",
}  # fmt: skip
CHECK_KEYS = {
    "scenario", "digest", "format", "start", "days", "cells", "reports", "places", "forces",
    "events", "observed", "warnings", "errors",
}  # fmt: skip
COMMANDS = (
    "scenarios", "new", "check", "run", "why", "score", "calibrate", "export", "dashboard",
    "doctor",
)  # fmt: skip


@pytest.fixture(autouse=True)
def in_the_project(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("NO_COLOR", "1")


def badia(*words: str | Path) -> Any:
    return CliRunner().invoke(app, [str(word) for word in words])


def one_object(result: Any) -> dict[str, Any]:
    """The one JSON object that stdout holds, and nothing else."""
    value = json.loads(result.stdout)
    assert isinstance(value, dict)
    return value


def test_help_lists_every_command_and_says_what_this_is_not() -> None:
    shown = badia("--help")
    assert shown.exit_code == 0
    assert set(COMMANDS) <= set(re.findall(r"\w+", shown.stdout))
    assert "not a forecast" in " ".join(shown.stdout.split())


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_each_command_has_examples(command: str) -> None:
    shown = badia(command, "--help")
    assert shown.exit_code == 0
    assert "Examples:" in shown.stdout
    assert f"badia {command}" in shown.stdout.split("Examples:")[1]


def test_the_scenarios_are_listed_with_their_size() -> None:
    rows = {row["name"]: row for row in one_object(badia("scenarios", "--json"))["scenarios"]}
    assert rows["two-valleys"]["cells"] == 40
    assert rows["syria-2018-08"]["start"] == "2018-08-14"
    assert "two-valleys" in badia("scenarios").stdout


def test_a_broken_scenario_is_listed_with_its_first_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "scenarios" / "broken"
    broken.mkdir(parents=True)
    (broken / "scenario.yaml").write_text("format: 7\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    rows = {row["name"]: row for row in one_object(badia("scenarios", "--json"))["scenarios"]}
    assert "scenario.yaml:1" in rows["broken"]["error"]
    assert badia("scenarios").exit_code == 0


def test_a_run_prints_a_summary_and_leaves_a_result_that_loads(tmp_path: Path) -> None:
    done = badia("run", "two-valleys", "--runs", 4, "--days", 20, "--out", tmp_path / "r")
    assert done.exit_code == 0
    assert NOT_A_FORECAST in done.stdout
    assert "Guard" in done.stdout
    loaded = Result.load(tmp_path / "r")
    assert (loaded.runs, loaded.days, loaded.manifest["seed"]) == (4, 20, 1)


def test_run_json_has_the_keys_of_the_contract(tmp_path: Path) -> None:
    value = one_object(badia("run", "two-valleys", "--runs", 3, "--out", tmp_path, "--json"))
    assert set(value) >= RUN_KEYS
    assert set(value["share"]["Guard"]) == {"p10", "p50", "p90"}
    assert set(value["outcomes"][0]) >= {"id", "place", "faction", "by", "probability", "day"}
    assert Path(value["result"]) == tmp_path


def test_without_out_the_folder_is_named_after_scenario_digest_and_seed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, root: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = root / "scenarios" / "two-valleys"
    value = one_object(badia("run", folder, "--runs", 1, "--days", 3, "--seed", 9, "--json"))
    assert Path(value["result"]).parent.name == "results"
    assert Path(value["result"]).name == f"two-valleys-{value['digest'][:8]}-s9"


def test_the_seed_decides_and_the_same_seed_repeats(tmp_path: Path) -> None:
    def share(seed: int, name: str) -> Any:
        badia("run", "two-valleys", "--runs", 6, "--seed", seed, "--out", tmp_path / name)
        return Result.load(tmp_path / name).dataset["fighters"].to_numpy().tobytes()

    assert share(5, "a") == share(5, "b") != share(6, "c")


def test_a_set_parameter_reaches_every_run_and_a_range_differs_by_run(tmp_path: Path) -> None:
    done = badia(
        "run", "two-valleys", "--runs", 5, "--days", 2, "--out", tmp_path,
        "--set", "leak=0.3", "--set", "stock_full=14..28",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    loaded = Result.load(tmp_path)
    assert loaded.manifest["parameters"]["leak"] == 0.3
    stock = loaded.dataset["drawn"].sel(parameter="stock_full").to_numpy()
    assert len(set(stock)) == 5
    assert 14 <= stock.min() <= stock.max() <= 28


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["run", "two-vallies"], "Did you mean 'two-valleys'?"),
        (["run", "two-valleys", "--set", "leek=0.3"], "Did you mean 'leak'?"),
        (["run", "two-valleys", "--set", "leak"], "--set leak: expected KEY=VALUE"),
        (["run", "two-valleys", "--set", "leak=much"], "--set leak=much"),
        (["run", "two-valleys", "--set", "leak=0.3..0.1"], "--set leak=0.3..0.1"),
        (["run", "two-valleys", "--set", "leak=7"], "0 to 0.8"),
        (["run", "two-valleys", "--set", "leak=0.1", "--set", "leak=0.2"], "set twice"),
        (["run", "two-valleys", "--as-of", "soon"], "--as-of soon: expected a date"),
        (["run", "two-valleys", "--days", "9999"], "--days"),
        (["run", "two-valleys", "--runs", "0"], "--runs"),
        (["run", "two-valleys", "--resolution", "6"], "resolution"),
        (["check", "nowhere"], "no scenario named 'nowhere'"),
        (["why", "nowhere", "--place", "Milltown"], "There is no result at"),
        (["score", "nowhere"], "There is no result at"),
        (["export", "nowhere", "--to", "png"], "There is no result at"),
        (["export", "nowhere", "--to", "doc"], "doc"),
        (["nonsense"], "nonsense"),
    ],
)
def test_a_mistake_gets_one_message_on_stderr_and_exit_status_2(
    words: list[str], told: str
) -> None:
    done = badia(*words)
    assert done.exit_code == 2
    assert told in " ".join(done.stderr.split())
    assert done.stdout == ""
    assert "Traceback" not in done.stderr


def test_check_counts_what_is_in_a_scenario() -> None:
    value = one_object(badia("check", "two-valleys", "--json"))
    assert set(value) >= CHECK_KEYS
    assert value["cells"] == 40
    assert value["errors"] == []
    assert badia("check", "two-valleys").exit_code == 0


def test_check_reports_all_errors_and_exits_2(tmp_path: Path, root: Path) -> None:
    text = (root / "scenarios/two-valleys/scenario.yaml").read_text(encoding="utf-8")
    (tmp_path / "scenario.yaml").write_text(
        text.replace("title:", "titel:", 1).replace("start: ", "start: x", 1), encoding="utf-8"
    )
    done = badia("check", tmp_path, "--json")
    assert done.exit_code == 2
    errors = one_object(done)["errors"]
    assert {"file", "line", "path", "found", "expected", "suggestion"} == set(errors[0])
    assert len(errors) >= 2
    plain = badia("check", tmp_path)
    assert plain.exit_code == 2
    assert "Did you mean 'title'?" in plain.stderr


def test_a_new_scenario_passes_the_check_and_is_not_overwritten(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    assert badia("new", folder).exit_code == 0
    assert one_object(badia("check", folder, "--json"))["errors"] == []
    again = badia("new", folder)
    assert again.exit_code == 2
    assert "no empty folder" in again.stderr


def test_why_tells_of_a_place_by_any_run(two_valleys_result: Result) -> None:
    folder = two_valleys_result.path
    assert folder is not None
    assert "Milltown" in badia("why", folder, "--place", "Milltown").stdout
    value = one_object(badia("why", folder, "--place", "Milltown", "--run", 3, "--json"))
    assert value["run"] == 3
    assert badia("why", folder, "--place", "Miltown").stderr.count("Did you mean") == 1


def test_score_shows_targets_and_null_models(
    two_valleys_result: Result, root: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "two-valleys"
    shutil.copytree(root / "scenarios" / "two-valleys", folder)
    (folder / "observed.yaml").write_text(
        "- {id: o1, place: Milltown, by: 2000-05-01, precision_days: 2, faction: Guard,\n"
        "   report: T1}\n",
        encoding="utf-8",
    )
    result = two_valleys_result.path
    assert result is not None
    value = one_object(badia("score", result, "--observed", folder, "--json"))
    assert set(value) >= {"result", "scenario", "as_of", "rows", "places"}
    assert {row["target"] for row in value["rows"]} >= {"places", "days"}
    assert set(value["rows"][0]["null"]) >= {"persistence", "adjacency"}
    shown = badia("score", result, "--observed", folder)
    assert NOT_A_FORECAST in shown.stdout
    assert "Milltown, 2000-05-03: Guard held it" in shown.stdout
    for word in ("force ratio", "uniform", "in range", "2 statements"):
        assert word in shown.stdout


def test_score_lists_of_a_panel_only_what_most_runs_missed(
    two_valleys_result: Result, root: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "two-valleys"
    shutil.copytree(root / "scenarios" / "two-valleys", folder)
    (folder / "observed.yaml").write_text(
        "- {id: a, place: Saltmarsh, date: 2000-05-15, faction: Guard, panel: true, report: T1}\n"
        "- {id: b, place: Hightown, date: 2000-05-15, faction: Guard, panel: true, report: T1}\n",
        encoding="utf-8",
    )
    result = two_valleys_result.path
    assert result is not None
    shown = badia("score", result, "--observed", folder).stdout
    assert "Of 2 statements of the panel most runs had 1 right." in shown
    assert "Hightown, 2000-05-15: Guard held it; 0% of the runs say it would" in shown
    assert "Saltmarsh" not in shown


def test_score_appends_to_a_log(two_valleys_result: Result, tmp_path: Path) -> None:
    result, log = two_valleys_result.path, tmp_path / "log.csv"
    assert result is not None
    for _ in range(2):
        one_object(badia("score", result, "--log", log, "--json"))
    header, *lines = log.read_text(encoding="utf-8").splitlines()
    assert header.startswith("date,version,scenario,digest,")
    assert lines[:2] == lines[2:]
    refused = badia("score", result, "--log", tmp_path / "no" / "log.csv")
    assert refused.exit_code == 2
    assert "cannot be written" in refused.stderr


def test_export_writes_beside_the_result_or_where_it_is_told(
    two_valleys_result: Result, tmp_path: Path
) -> None:
    folder = two_valleys_result.path
    assert folder is not None
    done = badia("export", folder, "--to", "geojson", "--out", tmp_path / "m.geojson", "--json")
    assert one_object(done)["written"] == {"geojson": str(tmp_path / "m.geojson")}
    assert badia("export", folder, "--to", "parquet").exit_code == 0
    assert (folder / "exports" / "parquet" / "ledger.parquet").is_file()
    Result.load(folder)  # what lies beside it does not disturb it
    both = badia("export", folder, "--to", "png", "--to", "gif", "--out", tmp_path / "x")
    assert both.exit_code == 2
    assert "goes with one --to" in both.stderr


def test_a_foreign_address_is_refused_with_what_to_do() -> None:
    done = badia("dashboard", "--no-browser", "--address", "192.0.2.1")
    assert done.exit_code == 2
    assert "192.0.2.1 is no address of this machine" in done.stderr
    assert "--address" in done.stderr


def test_doctor_tells_versions_cores_and_the_kernel_cache() -> None:
    value = one_object(badia("doctor", "--json"))
    assert value["cores"] >= 1
    assert value["packages"]["numba"]
    assert Path(value["kernel_cache"]).is_dir()
    assert badia("doctor").exit_code == 0


def test_doctor_says_how_to_get_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    from importlib.metadata import PackageNotFoundError

    from sim.cli import doctor

    real = doctor.version

    def without_shapely(name: str) -> str:
        if name == "shapely":
            raise PackageNotFoundError
        return real(name)

    monkeypatch.setattr(doctor, "version", without_shapely)
    assert one_object(badia("doctor", "--json"))["missing"] == {"shapely": "pip install shapely"}
    assert "pip install shapely" in badia("doctor").stdout
