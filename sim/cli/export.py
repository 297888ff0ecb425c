"""`badia export`: a result as tables, GeoJSON, a picture or a film."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from sim.cli.console import print_json, say, stdout
from sim.cli.options import Json, ResultArg
from sim.errors import ExportError

EXPORT_HELP = """Write a result as tables, GeoJSON, a picture or a film.

Without --out each export lies in the result's folder, under `exports`.

\b
Examples:
  badia export results/demo --to png
  badia export results/demo --to png --to gif
  badia export results/demo --to csv --out tables
"""


class Kind(StrEnum):
    """What a result can become."""

    csv = "csv"
    parquet = "parquet"
    geojson = "geojson"
    png = "png"
    gif = "gif"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(help=EXPORT_HELP)(export)


def export(
    result: ResultArg,
    to: Annotated[
        list[Kind],
        typer.Option("--to", help="What to write. May be repeated.", show_default=False),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="PATH",
            help="Where; with one --to only.",
            show_default="inside the result's folder",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Write a result as something else."""
    if out is not None and len(to) > 1:
        raise ExportError("--out names one place, so it goes with one --to.")
    from sim.export import EXPORTERS
    from sim.export import export as write
    from sim.result import Result

    loaded = Result.load(result)
    written = {}
    for kind in dict.fromkeys(to):
        path = out or result / "exports" / EXPORTERS[kind].name
        say(f"Writing {kind} ({EXPORTERS[kind].what}) ...")
        written[str(kind)] = str(write(loaded, kind, path))
    if as_json:
        print_json({"result": str(result), "written": written})
        return
    for place in written.values():
        stdout().print(place, soft_wrap=True, markup=False)
