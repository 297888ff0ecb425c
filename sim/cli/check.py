"""`badia check`: everything that is wrong with a scenario at once, and how much is in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import typer

from sim.cli.console import print_json, say, stdout
from sim.cli.options import Json, ScenarioArg

if TYPE_CHECKING:
    from sim.scenario.load import Loaded

CHECK_HELP = """Check a scenario and count what is in it.

Ends with exit status 2 if anything is wrong; warnings do not count as wrong.

\b
Examples:
  badia check syria-2018-08
  badia check my-scenario --json
"""
PLACE_KEYS = ("place", "places", "axes", "route")  # keys of a scenario under which places stand


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(help=CHECK_HELP)(check)


def check(scenario: ScenarioArg, as_json: Json = False) -> None:
    """Check a scenario."""
    from sim.doctrines import doctrine_names
    from sim.errors import ScenarioError
    from sim.scenario.load import read_scenario

    try:
        loaded = read_scenario(scenario, doctrines=doctrine_names())
    except ScenarioError as error:
        if not as_json:
            raise
        print_json(_report(scenario, None, None, [p.as_dict() for p in error.problems]))
        raise typer.Exit(2) from error
    observed = _observed(loaded)
    errors = loaded.problems.error().problems
    if as_json:
        print_json(_report(scenario, loaded, observed, [p.as_dict() for p in errors]))
    else:
        for problem in (*errors, *loaded.problems.warnings):
            say(f"{'warning: ' if problem in loaded.problems.warnings else ''}{problem}")
        _show(_report(scenario, loaded, observed, []))
    if errors:
        raise typer.Exit(2)


def _observed(loaded: Loaded) -> int:
    """How many outcomes observed.yaml holds; what is wrong with it joins the problems."""
    from sim.scenario.draft import read_list
    from sim.scenario.schema import Observation
    from sim.scenario.yaml_lines import read_yaml

    problems = loaded.problems.beside("observed.yaml")
    file = loaded.folder / "observed.yaml"
    if not file.exists():
        return 0
    problems.document = read_yaml(file, problems)
    if problems.document is None:
        return 0
    return len(read_list(problems.document, Observation, problems))


def _report(
    name: str, loaded: Loaded | None, observed: int | None, errors: list[dict[str, Any]]
) -> dict[str, Any]:
    """The object that `--json` prints; what is not known of a broken scenario is null."""
    draft = loaded.draft if loaded else None
    compiled = loaded.scenario if loaded else None
    count = {"reports": 0, "forces": 0, "events": 0, "questions": 0, "factions": 0}
    if draft:
        count = {section: len(getattr(draft, section)) for section in count}
    return {
        "scenario": compiled.name if compiled else name,
        "title": draft.title if draft else None,
        "digest": compiled.digest if compiled else None,
        "format": draft.whole.format if draft and draft.whole else None,
        "start": draft.start.isoformat() if draft and draft.start else None,
        "days": compiled.days if compiled else None,
        "cells": len(compiled.holder) if compiled else None,
        "places": len(set(_places(draft.whole.model_dump()))) if draft and draft.whole else None,
        **count,
        "observed": observed,
        "warnings": [p.as_dict() for p in loaded.problems.warnings] if loaded else [],
        "errors": errors,
    }


def _places(value: Any) -> Iterator[str]:
    """Every place that a scenario names."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in PLACE_KEYS and isinstance(inner, str):
                yield inner
            elif key in PLACE_KEYS and isinstance(inner, list | tuple):
                yield from (name for name in inner if isinstance(name, str))
            else:
                yield from _places(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _places(inner)


def _show(report: dict[str, Any]) -> None:
    """One line with what is in the scenario, for a person."""
    if report["digest"] is None:
        return
    stdout().print(
        f"{report['scenario']}: {report['title']}\n"
        f"{report['days']} days from {report['start']}, {report['cells']:,} cells, "
        f"{report['factions']} factions, {report['forces']} forces, {report['events']} events, "
        f"{report['questions']} questions, {report['reports']} reports, {report['places']} places, "
        f"{report['observed']} observed outcomes; digest {report['digest'][:8]}.",
        markup=False,
    )
