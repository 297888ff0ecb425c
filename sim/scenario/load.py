"""Load a scenario: from a folder to the arrays of a `CompiledScenario`, or everything wrong in it.

The loader opens scenario.yaml, reports.yaml and the GeoJSON files that areas name, and no other
file: what really happened (observed.yaml) is out of its reach.
"""

from __future__ import annotations

import datetime
import math
import os
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from sim.scenario.compile import Compiler, compile_draft
from sim.scenario.compiled import CompiledScenario
from sim.scenario.draft import Draft, read_draft, read_reports
from sim.scenario.find import FILE, find_scenario, label, named
from sim.scenario.ground import Ground, Shapes, build_theatre
from sim.scenario.messages import Collector, show
from sim.scenario.rules import check_parameters, check_rules
from sim.scenario.schema import MOST_FACTIONS
from sim.scenario.yaml_lines import Document, read_yaml
from sim.theatre import Theatre

REPORTS = "reports.yaml"
Override = float | str | tuple[float, float]
_SETTING = re.compile(r"\s*([-+.\deE]+?)\s*(?:\.\.\s*([-+.\deE]+)\s*)?")


@dataclass
class Loaded:
    """What was found in a scenario's folder; `problems` says what is wrong with it."""

    folder: Path
    draft: Draft
    problems: Collector
    scenario: CompiledScenario | None = None
    theatre: Theatre | None = None
    reports: Document | None = None
    places: int = 0  # how many different places it names


def load_scenario(
    name_or_path: str | Path,
    *,
    resolution: int | None = None,
    overrides: Mapping[str, Override] | None = None,
    as_of: datetime.date | None = None,
    days: int | None = None,
    doctrines: Collection[str] | None = None,
    calibrated: bool = True,
) -> CompiledScenario:
    """Load a scenario by name, or by the path of its folder.

    resolution  H3 resolution of the mesh instead of the scenario's own: 5, 6 or 7
    overrides   parameters instead of the scenario's own: a number, (low, high), or such as text,
                `0.2` or `0.1..0.3`
    as_of       leave out events and reports that were not known on that day
    days        simulate only so many days
    doctrines   names of the doctrines that exist, to check the scenario's; None leaves that out
    calibrated  runs draw the parameters that nobody set from the posterior, else all have defaults

    Raises `ScenarioError` with everything that is wrong.
    """
    loaded = read_scenario(
        name_or_path, resolution=resolution, overrides=overrides, as_of=as_of, days=days,
        doctrines=doctrines, calibrated=calibrated,
    )  # fmt: skip
    loaded.problems.stop_if_any()
    assert loaded.scenario is not None
    return loaded.scenario


def read_scenario(
    name_or_path: str | Path,
    *,
    resolution: int | None = None,
    overrides: Mapping[str, Override] | None = None,
    as_of: datetime.date | None = None,
    days: int | None = None,
    doctrines: Collection[str] | None = None,
    calibrated: bool = True,
) -> Loaded:
    """Like `load_scenario`, but what is wrong inside the folder is returned, not raised."""
    folder = find_scenario(name_or_path)
    problems = Collector(label(folder / FILE))
    document = read_yaml(folder / FILE, problems)
    problems.document = document
    draft = read_draft(document, problems)
    reports = problems.beside(REPORTS)
    if os.path.exists(folder / REPORTS):
        reports.document = read_yaml(folder / REPORTS, reports)
        read_reports(reports.document, draft, reports)
    else:
        reports.add("reports-missing")
    check_rules(draft, problems, reports, doctrines)
    if draft.whole is not None and not draft.questions:
        problems.add("no-questions", line=0)
    ranges = draft.parameters | read_overrides(overrides or {}, problems)
    if days is not None and draft.start and draft.end:
        most = (draft.end - draft.start).days + 1
        if not 1 <= days <= most:
            _settings("--days", problems).add("days-outside", value=days, most=most)
    shapes = Shapes(folder, draft, problems)
    theatre = build_theatre(draft, shapes, problems, resolution)
    loaded = Loaded(folder, draft, problems, theatre=theatre, reports=reports.document)
    if theatre is None or len(draft.faction_names) > MOST_FACTIONS:
        return loaded
    ground = Ground(draft, theatre, shapes, problems)
    compiler = Compiler(draft, ground, problems)
    compiler.warn_idle()
    loaded.places = len(ground.found)
    if not problems.errors:
        loaded.scenario = compile_draft(
            folder.resolve().name,
            named(folder),
            draft,
            compiler,
            shapes,
            ranges,
            as_of,
            days,
            calibrated,
        )
    return loaded


def read_overrides(
    overrides: Mapping[str, Override], problems: Collector
) -> dict[str, tuple[float, float]]:
    """Parameters given by a caller as (low, high), as far as they are right."""
    found: dict[str, tuple[float, float]] = {}
    for name, value in overrides.items():
        collector = _settings(f"--set {name}={value}", problems)
        numbers = _numbers(value)
        if numbers is None:
            collector.add("override", value=show(str(value)))
            continue
        low, high = numbers[0], numbers[-1]
        if low > high:
            collector.add("range-order", low=show(low), high=show(high))
            continue
        before = len(problems.errors)
        check_parameters({name: (low, high)}, collector)
        if len(problems.errors) == before:
            found[name] = (low, high)
    return found


def _settings(text: str, problems: Collector) -> Collector:
    """A collector for what a caller set: it has no file and no lines."""
    return Collector(text, None, problems.errors, problems.warnings, problems.dropped)


def _numbers(value: Override) -> list[float] | None:
    """The one or two finite numbers of a setting, or None."""
    parts: tuple[object, ...]
    if isinstance(value, str):
        found = _SETTING.fullmatch(value)
        parts = tuple(p for p in found.groups() if p is not None) if found else ()
    else:
        parts = value if isinstance(value, (tuple, list)) else (value,)
    try:
        numbers = [float(part) for part in parts]  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    right = 1 <= len(numbers) <= 2 and all(math.isfinite(number) for number in numbers)
    return numbers if right else None
