"""Where scenarios are: by name beside the package or in the current folder, or by path."""

from __future__ import annotations

import os
from pathlib import Path

import sim
from sim.errors import Problem, ScenarioError
from sim.scenario.messages import Collector, show

FILE = "scenario.yaml"


def scenario_roots() -> list[Path]:
    """Folders that hold scenarios: `scenarios/` here, then the one that came with the package.

    A wheel carries them inside the package (`hatch_build.py`); a checkout has them beside it.
    """
    package = Path(sim.__file__).resolve().parent
    inside = package / "_scenarios"
    own = inside if inside.is_dir() else package.parent / "scenarios"
    here = Path.cwd() / "scenarios"
    return [root for root in dict.fromkeys((here, own)) if os.path.isdir(root)]


def list_scenarios() -> dict[str, Path]:
    """The folders of all scenarios that can be named, by name; the current folder's come first."""
    found: dict[str, Path] = {}
    for root in scenario_roots():
        for folder in sorted(root.iterdir()):
            if os.path.isfile(folder / FILE):
                found.setdefault(folder.name, folder)
    return dict(sorted(found.items()))


def find_scenario(name_or_path: str | Path) -> Path:
    """The folder of a scenario, by name or by the path of it or of its scenario.yaml.

    Raises `ScenarioError` with the nearest known name, or saying that there is none.
    """
    text = str(name_or_path)
    problems = Collector(text[:200])
    try:
        path = Path(text)
        if path.name == FILE and path.is_file():
            return path.parent
        known = list_scenarios()
        is_name = "/" not in text and "\\" not in text
        if is_name and text in known:
            return known[text]
        if path.is_dir() and (not is_name or (path / FILE).is_file()):
            return path
    except (OSError, ValueError) as error:  # a name too long for the system, a NUL in it
        problems.add("file-unreadable", reason=str(error))
        raise problems.error() from None
    if not known:
        found = f"no scenario named {show(text)}: there is none in ./scenarios or with the program."
        expected = "Give the path of a scenario's folder; `badia new FOLDER` begins one."
        raise ScenarioError([Problem("scenario", 0, "", found, expected)])
    problems = Collector("scenario")
    problems.add("scenario-unknown", name=show(text), wrong=text, known=known)
    raise problems.error()


def label(path: Path) -> str:
    """A path as messages show it: from the current folder if below it, else from the package's."""
    resolved = path.resolve()
    for base in (Path.cwd(), Path(sim.__file__).resolve().parent.parent):
        if resolved.is_relative_to(base):
            return resolved.relative_to(base).as_posix()
    return path.as_posix()


def named(folder: Path) -> str:
    """A path by which the folder is found again from here: relative if it is below."""
    resolved = folder.resolve()
    here = Path.cwd()
    return (resolved.relative_to(here) if resolved.is_relative_to(here) else resolved).as_posix()
