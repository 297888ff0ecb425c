"""`badia why`: what happened at a place and why, in words."""

from __future__ import annotations

from typing import Annotated

import typer

from sim.cli.console import print_json, stdout
from sim.cli.options import Json, ResultArg

WHY_HELP = """Tell what happened at a place and why, with the reports behind it.

\b
Examples:
  badia why results/demo --place Hajin
  badia why results/demo --place "Abu Kamal" --run 7
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(help=WHY_HELP)(why)


def why(
    result: ResultArg,
    place: Annotated[
        str,
        typer.Option(metavar="NAME", help="A town, by any of its names.", show_default=False),
    ],
    run: Annotated[
        int | None,
        typer.Option(min=0, help="One run, counted from 0.", show_default="all of them"),
    ] = None,
    as_json: Json = False,
) -> None:
    """Tell what happened at a place."""
    from sim.result import Result
    from sim.why import why as explain

    story = explain(Result.load(result), place, run)
    if as_json:
        print_json(story.as_dict())
    else:
        stdout().print(story.text(), markup=False)
