"""The summary of a result for a person at a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sim.cli.console import NOT_A_FORECAST, stdout

if TYPE_CHECKING:
    from sim.result import Result

DASH, ARROW = "\N{EN DASH}", "\N{RIGHTWARDS ARROW}"


def show(result: Result) -> None:
    """Print shares and losses of each faction, the answers to the questions, and where it lies."""
    from rich.markup import escape

    setting, manifest, summary = result.setting, result.manifest, result.summary()
    console = stdout()
    console.print(f"\n[bold]{escape(setting.title)}[/]")
    console.print(
        f"{setting.start:%-d %B %Y} {ARROW} {setting.evening(result.days):%-d %B %Y}, "
        f"{result.days} days, {result.runs} runs, {setting.cells:,} cells, seed "
        f"{manifest['seed']}, digest {setting.digest[:8]}"
    )
    console.print(factions_table(result, summary))
    if summary["outcomes"]:
        console.print(questions_table(summary["outcomes"]))
    console.print(
        f"{summary['changes']:.1f} cells change hands a day and run; "
        f"{summary['elapsed_s']:.1f} s, {summary['cell_days_per_s'] / 1e6:.1f} million cell-days/s."
    )
    for warning in summary["warnings"]:
        console.print(f"[yellow]{escape(warning)}[/]")
    if summary["result"]:
        console.print(f"Result: {escape(str(summary['result']))}", soft_wrap=True)
    console.print(f"[bold]{NOT_A_FORECAST}[/]")


def factions_table(result: Result, summary: dict[str, Any]) -> Any:
    """Area at the start and the end, and fighters lost, of each faction that is there."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, header_style="bold", pad_edge=False)
    table.add_column("Faction")  # the one column that gives way where the terminal is narrow
    for head in ("Area", f"{ARROW} p10", "median", "p90", "Losses p10", "median", "p90"):
        table.add_column(head, justify="right", no_wrap=True)
    data = result.dataset
    begin = data["share"].isel(day=0).mean("run").to_numpy()
    there = np.zeros(result.setting.factions, np.bool_)
    for name in ("share", "fighters", "covert"):
        there |= data[name].max(("run", "day")).to_numpy()[:-1] > 0
    for f in np.flatnonzero(there):
        id = result.setting.faction_ids[f]
        share, losses = summary["share"][id], summary["losses"][id]
        table.add_row(
            _swatch(result.setting.colours[f], id, result.setting.faction_names[f]),
            f"{begin[f]:.1%}",
            *(f"{share[q]:.1%}" for q in ("p10", "p50", "p90")),
            *(f"{losses[q]:,.0f}" for q in ("p10", "p50", "p90")),
        )
    return table


def questions_table(outcomes: list[dict[str, Any]]) -> Any:
    """How often each question is answered with yes, and when."""
    from rich.box import SIMPLE_HEAD
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, header_style="bold", pad_edge=False)
    table.add_column("To watch")
    table.add_column("Runs", justify="right")
    table.add_column(f"When: p10 {DASH} median {DASH} p90")
    for row in outcomes:
        chance = row["probability"]
        table.add_row(
            escape(row["text"]),
            f"runs end before {row['by']}" if chance is None else f"{chance:.0%}",
            _when(row),
        )
    return table


def _when(row: dict[str, Any]) -> str:
    """The dates of an outcome in words."""
    if row["day"]["p10"] is None:
        return "later or never"
    if row["day"]["p90"] == 0:
        return "from the start"
    return f" {DASH} ".join(row["date"][q] or "later or never" for q in ("p10", "p50", "p90"))


def _swatch(colour: str, id: str, name: str) -> Any:
    """A faction's colour, id and name; the outline keeps dark colours visible on a dark screen."""
    from rich.text import Text

    return Text.assemble(
        ("  ", f"on {colour}"), f" {id}  ", (name, "dim"), no_wrap=True, overflow="ellipsis"
    )
