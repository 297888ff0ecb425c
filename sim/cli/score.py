"""`badia score`: how a result compares with what was observed, and with the null models."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.console import NOT_A_FORECAST, print_json, say, stdout
from sim.cli.options import Json, ResultArg

if TYPE_CHECKING:
    from sim.score import Figures, Score

SCORE_HELP = """Compare a result with what was observed, and with null models.

\b
Examples:
  badia score results/demo
  badia score results/demo --observed scenarios/syria-2018-08 --json
  badia score results/demo --log docs/validation-log.csv
"""
NONE = "\N{EN DASH}"
FIGURES = (
    ("Brier", "brier"),
    ("log", "log"),
    ("CRPS", "crps"),
    ("merit", "figure_of_merit"),
    ("error", "error"),
    ("in range", "coverage"),
)


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
    log: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Append a line for each row to this CSV."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Compare a result with what was observed."""
    from sim.result import Result
    from sim.score import append_log
    from sim.score import score as compare

    loaded = Result.load(result)
    found = compare(loaded, observed)
    if log is not None:
        append_log(log, loaded, found, datetime.now(UTC).date())
    if as_json:
        print_json(found.as_dict())
    else:
        _show(found)


def _show(found: Score) -> None:
    """Scores by target, skill against each null model, then the statements, for a person."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    console = stdout()
    if not found.rows:
        console.print("Nothing was observed within the days of this result.")
    else:
        said = {"ex_ante": "knowing only what was known at the start"}
        view = said.get(found.rows[0].view, "given later decisions of the actors")
        console.print(f"The runs against what was observed, {view}:")
    table = Table(box=SIMPLE_HEAD, header_style="bold", pad_edge=False)
    table.add_column("Target")
    for head in ("n", *(head for head, _ in FIGURES), "persistence"):
        table.add_column(head, justify="right")
    for row in found.rows:
        mine = [_figure(getattr(row.figures, name)) for _, name in FIGURES]
        null = row.null["persistence"]  # its Brier score, or CRPS where there is none
        still = null.crps if row.figures.brier is None else null.brier
        table.add_row(row.target, str(row.n), *mine, _figure(still))
    console.print(table)
    console.print("Skill against null models, with its 90 % interval: 1 is perfect, 0 no better:")
    skills = Table(box=SIMPLE_HEAD, header_style="bold", pad_edge=False)
    skills.add_column("Target")
    nulls = list(dict.fromkeys(name for row in found.rows for name in row.null))
    for name in nulls:
        skills.add_column(name.replace("_", " "), justify="right")
    for row in found.rows:
        skills.add_row(row.target, *(_skill(row.null.get(name)) for name in nulls))
    console.print(skills)
    if found.path:
        path = found.path
        console.print(
            f"What was observed differs from a run in {path.distance:.0%} of {path.statements} "
            f"statements, a run from others in {path.p10:.0%} to {path.p90:.0%}: rank "
            f"{path.rank:g} of {path.of}, the last being the farthest out."
        )
    missed = [place for place in found.panel if abs(place.probability - place.observed) > 0.5]
    if found.panel:
        right = len(found.panel) - len(missed)
        console.print(f"Of {len(found.panel)} statements of the panel most runs had {right} right.")
    for place in (*missed, *found.places):  # the rest of a panel is long and says little
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


def _figure(value: float | None) -> str:
    return NONE if value is None else f"{value:.3f}"


def _skill(null: Figures | None) -> str:
    """Skill against one null model, its interval in the line below."""
    if null is None or null.skill is None:
        return NONE
    if null.skill_low is None or null.skill_high is None:
        return f"{null.skill:.2f}"
    return f"{null.skill:.2f}\n{null.skill_low:.2f} to {null.skill_high:.2f}"
