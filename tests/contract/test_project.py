"""The project as a whole: what its files may say, what the wheel carries, how it starts."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from tests.project_kit import ROOT, build_wheel, install, tracked


def texts() -> list[tuple[Path, str]]:
    found = []
    for path in tracked():
        try:
            found.append((path, path.read_text(encoding="utf-8")))
        except UnicodeDecodeError:
            continue  # pictures and Parquet
    return found


# Put together from pieces, so that this file does not contain what it looks for.
INDEX_HOSTS = ["py" + "pi.org", "python" + "hosted", "--" + "index-url", "--" + "find-links",
               "--" + "trusted-host", "file:" + "//"]  # fmt: skip
FOLDERS = "|".join(["wo" + "rk", "ro" + "ot", "ho" + "me", "Us" + "ers", "op" + "t"])
LOCAL_PATHS = re.compile(rf"(?<![\w.])/(?:{FOLDERS})/\w")


@pytest.mark.parametrize("word", INDEX_HOSTS)
def test_no_file_names_a_package_index(word: str) -> None:
    assert [str(p.relative_to(ROOT)) for p, text in texts() if word in text] == []


def test_no_file_names_a_path_of_one_machine() -> None:
    found = {
        str(path.relative_to(ROOT)): match.group()
        for path, text in texts()
        if (match := LOCAL_PATHS.search(text))
    }
    assert found == {}


def test_every_requirement_is_pinned_with_a_hash() -> None:
    lock = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    joined = lock.replace("\\\n", " ")
    lines = [
        line for line in joined.splitlines() if line.strip() and not line.lstrip().startswith("#")
    ]
    assert len(lines) > 50
    for line in lines:
        assert re.match(r"[\w.\-]+==\S+ ", line), line
        assert "--hash=sha256:" in line, line


def test_the_lock_holds_every_dependency_and_the_build_backend() -> None:
    lock = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    pinned = {normal(line.split("==")[0]) for line in lock.splitlines() if "==" in line}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = [*project["build-system"]["requires"], *project["project"]["dependencies"],
              *project["project"]["optional-dependencies"]["dev"]]  # fmt: skip
    names = {normal(re.split(r"[<>=!~\[; ]", need)[0]) for need in wanted}
    assert names <= pinned


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name.strip()).lower()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_wheel(tmp_path_factory.mktemp("wheel"))


def test_the_wheel_carries_scenarios_and_map_and_nothing_foreign(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for name in ("two-valleys", "syria-2018-08", "hajin-pocket", "suweida-pocket", "syria-2017-08"):
        assert f"sim/_scenarios/{name}/scenario.yaml" in names
        assert f"sim/_scenarios/{name}/reports.yaml" in names
    assert any(name.startswith("sim/theatre/data/") for name in names)
    assert any(name.startswith("sim/scenario/template/") for name in names)
    assert {name.split("/")[0] for name in names} == {"sim", "dashboard", "badia-0.1.0.dist-info"}
    assert not [name for name in names if "__pycache__" in name]


def test_the_wheel_carries_every_file_of_the_dashboard(wheel: Path) -> None:
    """Its scripts, styles, texts and icon as much as its modules."""
    carried = {n for n in zipfile.ZipFile(wheel).namelist() if n.startswith("dashboard/")}
    folder = ROOT / "dashboard"
    assert carried == {str(p.relative_to(ROOT)) for p in tracked() if p.is_relative_to(folder)}
    kinds = {Path(name).suffix for name in carried}
    assert kinds >= {".py", ".js", ".css", ".yaml", ".png"}


def test_scenarios_are_found_and_run_from_an_installed_wheel(wheel: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    found_there = install(wheel, site)
    code = (
        "import sys\n"
        "import sim; assert sim.__file__.startswith(sys.argv[1]), sim.__file__\n"
        "from sim import list_scenarios, load_scenario\n"
        "assert 'two-valleys' in list_scenarios()\n"
        "print(len(load_scenario('two-valleys').holder), load_scenario('hajin-pocket').title)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(site)],
        cwd=tmp_path, env={**os.environ, **found_there}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.startswith("40 ")


def test_the_public_names_exist_and_importing_sim_loads_no_engine() -> None:
    code = (
        "import sys, sim\n"
        "assert not {'numba', 'pandas', 'shapely'} & set(sys.modules)\n"
        "for name in sim.__all__: getattr(sim, name)\n"
        "assert set(sim.__all__) <= set(dir(sim))\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_a_name_that_is_not_public_is_refused() -> None:
    import sim

    with pytest.raises(AttributeError, match="has no attribute 'nonsense'"):
        _ = sim.nonsense


def test_every_target_of_the_makefile_does_something() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = re.search(r"^\.PHONY: (.*)$", text, re.MULTILINE)
    assert phony
    for target in phony.group(1).split():
        assert re.search(rf"^{target}:[^\n]*\n\t", text, re.MULTILINE) or re.search(
            rf"^{target}: \$\(READY\)", text, re.MULTILINE
        ), f"{target} has no recipe"


def test_ci_runs_the_tests_that_developers_run() -> None:
    script = ROOT / ".ci" / "run"
    assert script.stat().st_mode & 0o111
    lines = script.read_text(encoding="utf-8").splitlines()
    assert "set -euo pipefail" in lines
    assert lines[-1] == "make test"


def test_no_two_files_of_tests_have_one_name() -> None:
    """Side by side pytest cannot tell them apart."""
    names = [p.name for p in (ROOT / "tests").rglob("*.py") if p.name != "conftest.py"]
    assert sorted(name for name in set(names) if names.count(name) > 1) == []
