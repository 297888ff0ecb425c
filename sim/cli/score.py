"""`badia score`: how a result compares with what was observed, and with the null models."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.console import NOT_A_FORECAST, print_json, say, stdout
from sim.cli.options import Json, ResultArg

if TYPE_CHECKING:
    from sim.score import Score

SCORE_HELP = """Compare a result with what was observed, and with null models.

\b
Examples:
  badia score results/demo
  badia score results/demo --observed scenarios/syria-2018-08 --json
"""
NONE = "\N{EN DASH}"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(help=SCORE_HELP)(score)


def score(
    result: ResultArg,
    observed: Annotated[
        Path | None,
        typer.Option(
            metavar="PATH",
            help="A scenario's folder, or its observed.yaml.",
            show_default="the scenario's own",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Compare a result with what was observed."""
    from sim.result import Result
    from sim.score import score as compare

    found = compare(Result.load(result), observed)
    if as_json:
        print_json(found.as_dict())
    else:
        _show(found)


def _show(found: Score) -> None:
    """Scores by target, then the places, for a person."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    console = stdout()
    if not found.rows:
        console.print("Nothing was observed within the days of this result.")
    table = Table(box=SIMPLE_HEAD, header_style="bold", pad_edge=False)
    table.add_column("Target")
    for head in ("n", "Brier", "log", "CRPS", "persistence", "skill", "90 %"):
        table.add_column(head, justify="right")
    for row in found.rows:
        mine, null = row.figures, row.null["persistence"]
        brier = mine.brier is not None
        interval = NONE
        if row.skill_low is not None and row.skill_high is not None:
            interval = f"{row.skill_low:.2f} to {row.skill_high:.2f}"
        table.add_row(
            f"{row.target} ({row.view.replace('_', ' ')})",
            str(row.n),
            *(_figure(value) for value in (mine.brier, mine.log, mine.crps)),
            _figure(null.brier if brier else null.crps),
            _figure(row.skill),
            interval,
        )
    console.print(table)
    for place in found.places:
        seen = "held it" if place.observed else "did not hold it"
        console.print(
            f"{place.place}, {place.date}: {place.faction} {seen}; "
            f"{place.probability:.0%} of the runs say it would",
            markup=False,
        )
    if found.left_out:
        console.print(f"After the last simulated day, not scored: {', '.join(found.left_out)}")
    for warning in found.warnings:
        say(warning)
    console.print(f"[bold]{NOT_A_FORECAST}[/]")


def _figure(value: Any) -> str:
    return NONE if value is None else f"{value:.3f}"
