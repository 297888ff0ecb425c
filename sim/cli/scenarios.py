"""`badia scenarios`: what there is to run."""

from __future__ import annotations

import typer

from sim.cli.console import print_json, stdout
from sim.cli.options import Json

SCENARIOS_HELP = """List the scenarios: title, dates, factions, cells.

\b
Examples:
  badia scenarios
  badia scenarios --json
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(help=SCENARIOS_HELP)(scenarios)


def scenarios(as_json: Json = False) -> None:
    """List the scenarios; one that cannot be loaded is listed with its first problem."""
    from sim.errors import BadiaError
    from sim.scenario import list_scenarios, load_scenario

    rows: list[dict[str, object]] = []
    for name, folder in list_scenarios().items():
        try:
            found = load_scenario(folder)
        except BadiaError as error:
            rows.append({"name": name, "error": str(error).splitlines()[0]})
            continue
        rows.append(
            {
                "name": name,
                "title": found.title,
                "start": found.start.isoformat(),
                "days": found.days,
                "factions": list(found.faction_ids),
                "cells": len(found.holder),
                "folder": str(folder),
            }
        )
    if as_json:
        print_json({"scenarios": rows})
        return
    _show(rows)


def _show(rows: list[dict[str, object]]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, header_style="bold", pad_edge=False)
    for head in ("Name", "Title", "Start"):
        table.add_column(head)
    for head in ("Days", "Cells"):
        table.add_column(head, justify="right")
    table.add_column("Factions")
    for row in rows:
        if "error" in row:
            table.add_row(str(row["name"]), f"[red]{escape(str(row['error']))}[/]")
            continue
        factions = row["factions"]
        assert isinstance(factions, list)
        table.add_row(
            str(row["name"]),
            escape(str(row["title"])),
            str(row["start"]),
            str(row["days"]),
            f"{row['cells']:,}",
            ", ".join(factions),
        )
    stdout().print(table)
