"""`badia new`: a scenario folder to start from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.console import stdout

NEW_HELP = """Write a scenario folder to start from, with comments.

\b
Examples:
  badia new my-scenario
  badia new scenarios/my-scenario && badia check my-scenario
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(help=NEW_HELP)(new)


def new(
    folder: Annotated[
        Path,
        typer.Argument(metavar="DIR", help="A new or an empty folder.", show_default=False),
    ],
) -> None:
    """Write a scenario folder."""
    from sim.scenario.new import new_scenario

    console = stdout()
    for file in new_scenario(folder):
        console.print(str(file), markup=False, soft_wrap=True)
    console.print(f"Next: badia check {folder}", markup=False, soft_wrap=True)
