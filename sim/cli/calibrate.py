"""`badia calibrate`: what the record of training periods says of the parameters."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.console import print_json, say, stderr, stdout
from sim.cli.options import Json

if TYPE_CHECKING:
    from sim.calibration.study import Calibration, Teller

CALIBRATE_HELP = """Find the parameters that the record of training periods leaves standing.

Screens all parameters, runs many sets of the strongest ones on every scenario named, and keeps the
sets under which the record is plausible.  What is named here is read with its observed.yaml, so
name only what the model may learn from, never what it is to be judged by.

\b
Examples:
  badia calibrate syria-2017-08 syria-2018-04 --out results/calibration
  badia calibrate two-valleys --sets 64 --runs 2 --trajectories 2
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(help=CALIBRATE_HELP)(calibrate)


def calibrate(
    scenarios: Annotated[
        list[str],
        typer.Argument(
            metavar="SCENARIO...", help="Scenarios that have an observed.yaml.", show_default=False
        ),
    ],
    fitted: Annotated[int, typer.Option(min=1, max=20, help="Parameters to fit.")] = 8,
    sets: Annotated[int, typer.Option(min=32, help="Sets of parameters in a wave.")] = 384,
    waves: Annotated[int, typer.Option(min=1, max=10, help="Waves.")] = 2,
    runs: Annotated[int, typer.Option(min=2, help="Runs of each set on each scenario.")] = 3,
    trajectories: Annotated[int, typer.Option(min=2, help="Trajectories of the screening.")] = 8,
    kept: Annotated[int, typer.Option(min=1, help="Sets to keep.")] = 200,
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same result.")] = 1,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder to write.")] = Path(
        "results/calibration"
    ),
    screening: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Use the screening.csv of an earlier calibration.",
            show_default="screen anew",
        ),
    ] = None,
    threads: Annotated[
        int | None,
        typer.Option(min=1, help="Batches to run at once.", show_default="all cores"),
    ] = None,
    as_json: Json = False,
) -> None:
    """Calibrate the model."""
    from sim.calibration import study
    from sim.calibration.designs import Period
    from sim.doctrines import doctrine_names
    from sim.scenario import load_scenario
    from sim.scenario.observed import load_observed

    plan = study.Plan(
        fitted=fitted, trajectories=trajectories, sets=sets, waves=waves, runs=runs, kept=kept,
        seed=seed, threads=threads,
    )  # fmt: skip
    screened = study.read_screening(screening) if screening else None
    periods = []
    for name in scenarios:
        scenario = load_scenario(name, doctrines=doctrine_names(), calibrated=False)
        periods.append(Period(scenario, load_observed(scenario)))
    with _bar() as teller:
        found = study.calibrate(periods, plan, teller, screened)
    study.write(found, periods, out)
    if as_json:
        print_json(study.summary(found))
    else:
        _show(found)
        say(f"Calibration: {out}")


def _show(found: Calibration) -> None:
    """The fitted parameters and what became of them, for a person."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    from sim.calibration.study import narrowing, ties

    console = stdout()
    table = Table(box=SIMPLE_HEAD, title="Fitted parameters", title_justify="left")
    for name in ("parameter", "rests on", "prior", "10 %", "median", "90 %", "narrower by"):
        table.add_column(name, justify="left" if name in ("parameter", "rests on") else "right")
    for row in narrowing(found):
        low, high = row["prior"]
        table.add_row(
            row["name"], row["grade"], f"{low:g} to {high:g}",
            *(f"{row[q]:.3g}" for q in ("p10", "p50", "p90")), f"{row['narrower']:.0%}",
        )  # fmt: skip
    console.print(table)
    for number, wave in enumerate(found.waves, start=1):
        console.print(
            f"Wave {number} left {wave.standing:.1%} of the prior standing, within "
            f"{wave.bound:.1f} standard deviations of the record."
        )
    for pair in ties(found):
        console.print(
            f"Known only together: {pair['first']} and {pair['second']} "
            f"(correlation {pair['correlation']:+.2f})."
        )


@contextmanager
def _bar() -> Iterator[Teller]:
    """A bar for each step on stderr; a line for each where it is a file."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as Left

    console = stderr()
    if not console.is_terminal:
        yield _Lines()
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Left())
    with Progress(*columns, console=console) as progress:
        yield _Bars(progress)


class _Bars:
    """A bar for each step."""

    def __init__(self, progress: Any) -> None:
        self._progress, self._task = progress, None

    def start(self, title: str, total: int) -> None:
        """A step of so many runs begins."""
        self._task = self._progress.add_task(title, total=total)

    def advance(self, count: int) -> None:
        """So many runs have ended."""
        self._progress.advance(self._task, count)


class _Lines:
    """A line at each twentieth of a step."""

    def __init__(self) -> None:
        self._title, self._total, self._done, self._told = "", 0, 0, 0

    def start(self, title: str, total: int) -> None:
        """A step of so many runs begins."""
        self._title, self._total, self._done, self._told = title, total, 0, 0
        say(f"{title}: {total:,} runs")

    def advance(self, count: int) -> None:
        """So many runs have ended."""
        self._done += count
        part = 20 * self._done // self._total
        if part > self._told:
            self._told = part
            say(f"{self._title}: {self._done:,} of {self._total:,} runs")
