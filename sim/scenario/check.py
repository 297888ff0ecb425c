"""What `badia check` tells about a scenario: its size, and everything wrong or doubtful in it."""

from __future__ import annotations

import datetime
import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from sim.errors import ScenarioError
from sim.scenario.load import REPORTS, Loaded, Override, read_scenario
from sim.scenario.messages import show
from sim.scenario.observed import OBSERVED, Target, read_observed
from sim.scenario.rules import area_refs, cited


def check_report(
    name_or_path: str | Path,
    *,
    resolution: int | None = None,
    overrides: Mapping[str, Override] | None = None,
    as_of: datetime.date | None = None,
    days: int | None = None,
    doctrines: Collection[str] | None = None,
) -> dict[str, Any]:
    """The object that `badia check --json` prints; arguments as in `load_scenario`.

    Keys: scenario, digest, format, start, days, cells, reports, places, forces, events, observed,
    warnings, errors.  With errors the digest is empty and the numbers are those of what is right.
    Never raises `ScenarioError`.
    """
    try:
        loaded = read_scenario(
            name_or_path, resolution=resolution, overrides=overrides, as_of=as_of, days=days,
            doctrines=doctrines,
        )  # fmt: skip
    except ScenarioError as unknown:
        return _report(str(name_or_path), None, [], unknown, [])
    problems = loaded.problems
    targets: list[Target] = []
    if loaded.scenario is not None:
        if os.path.exists(loaded.folder / OBSERVED):
            observed = problems.beside(OBSERVED)
            targets = read_observed(loaded.folder, loaded.scenario, observed)
        _warn_unused(loaded, {target.report for target in targets})
    error = problems.error() if problems.errors else ScenarioError([])
    warnings = ScenarioError(problems.warnings).problems  # in the order of files and lines
    return _report(loaded.folder.resolve().name, loaded, targets, error, warnings)


def _report(
    name: str, loaded: Loaded | None, targets: list[Target], error: ScenarioError, warnings: Any
) -> dict[str, Any]:
    draft = loaded.draft if loaded else None
    scenario = loaded.scenario if loaded and not error.problems else None
    whole_days = (draft.end - draft.start).days + 1 if draft and draft.start and draft.end else 0
    return {
        "scenario": name,
        "digest": scenario.digest if scenario else "",
        "format": 1,
        "start": draft.start.isoformat() if draft and draft.start else "",
        "days": scenario.days if scenario else whole_days,
        "cells": loaded.theatre.mesh.cells if loaded and loaded.theatre else 0,
        "reports": len(draft.reports) if draft else 0,
        "places": loaded.places if loaded else 0,
        "forces": len(draft.forces) if draft else 0,
        "events": len(draft.events) if draft else 0,
        "observed": len(targets),
        "warnings": [problem.as_dict() for problem in warnings],
        "errors": [problem.as_dict() for problem in error.problems],
    }


def _warn_unused(loaded: Loaded, observed: set[str]) -> None:
    """Warn of reports that nothing cites and areas that nothing uses."""
    draft, problems = loaded.draft, loaded.problems
    used = {citation.value for citation in cited(draft)} | observed
    reports = problems.beside(REPORTS)
    reports.document = loaded.reports
    for report in draft.reports:
        if report.value.id not in used:
            reports.add("report-unused", report.path, name=show(report.value.id))
    named = {ref.value for ref in area_refs(draft) if isinstance(ref.value, str)}
    for name in draft.areas:
        if name not in named:
            problems.add("area-unused", ("areas", name), name=show(name))
