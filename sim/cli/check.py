"""`badia check`: everything that is wrong with a scenario at once, and how much is in it."""

from __future__ import annotations

from typing import Any

import typer

from sim.cli.console import print_json, say, stdout
from sim.cli.options import Json, ScenarioArg

CHECK_HELP = """Check a scenario and count what is in it.

Ends with exit status 2 if anything is wrong; warnings do not count as wrong.

\b
Examples:
  badia check syria-2018-08
  badia check my-scenario --json
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(help=CHECK_HELP)(check)


def check(scenario: ScenarioArg, as_json: Json = False) -> None:
    """Check a scenario."""
    from sim.doctrines import doctrine_names
    from sim.scenario.check import check_report

    report = check_report(scenario, doctrines=doctrine_names())
    if as_json:
        print_json(report)
    else:
        _show(report)
    if report["errors"]:
        raise typer.Exit(2)


def _show(report: dict[str, Any]) -> None:
    """Problems on stderr, one a line; on stdout what is in the scenario."""
    from sim.errors import Problem

    for problem in report["warnings"]:
        say(f"warning: {Problem(**problem)}")
    for problem in report["errors"]:
        say(str(Problem(**problem)))
    if report["errors"]:
        return
    console = stdout()
    console.print(f"{report['scenario']} is right; digest {report['digest'][:8]}", markup=False)
    console.print(
        f"{report['days']} days from {report['start']}, {report['cells']:,} cells, "
        f"{report['places']} places, {report['forces']} forces, {report['events']} events, "
        f"{report['reports']} reports, {report['observed']} observed outcomes",
        markup=False,
    )
