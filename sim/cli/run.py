"""`badia run`: an ensemble of one scenario, its summary and its result folder."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.cache import compiled_kernels
from sim.cli.console import print_json, say, stderr
from sim.cli.options import Json, ScenarioArg, read_date, read_settings

if TYPE_CHECKING:
    from sim.scenario.compiled import CompiledScenario

SECONDS = 2.0  # between two lines of progress in a log
RUN_HELP = """Run an ensemble of one scenario and write its result folder.

Ctrl-C stops; the runs that are done are kept.

\b
Examples:
  badia run two-valleys
  badia run syria-2018-08 --runs 50 --days 60
  badia run syria-2018-08 --set leak=0.3 --set odds_slope=0.6..1.0
  badia run hajin-pocket --as-of 2018-09-10 --json
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(help=RUN_HELP)(run)


def run(
    scenario: ScenarioArg,
    runs: Annotated[int, typer.Option(min=1, help="Runs of the ensemble.")] = 200,
    days: Annotated[
        int | None,
        typer.Option(min=1, help="Days to simulate.", show_default="to the scenario's end"),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same result.")] = 1,
    resolution: Annotated[
        int | None,
        typer.Option(
            min=5,
            max=7,
            help="H3 resolution of the cells: 5, 6 or 7.",
            show_default="the scenario's",
        ),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="KEY=VALUE",
            help="A parameter, or a range LOW..HIGH from which each run draws. May be repeated.",
            show_default=False,
        ),
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option(
            metavar="DATE",
            help="Use only what was known on that date.",
            show_default="everything",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Result folder; a result that stands there is replaced.",
            show_default="results/SCENARIO-DIGEST-sSEED",
        ),
    ] = None,
    threads: Annotated[
        int | None,
        typer.Option(min=1, help="Batches to run at once.", show_default="all cores"),
    ] = None,
    defaults: Annotated[
        bool,
        typer.Option(
            "--defaults", help="Leave the calibrated draws out: every parameter at its default."
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Run an ensemble."""
    changes = read_settings(settings or [])
    known = read_date(as_of, "--as-of")
    from sim.doctrines import doctrine_names
    from sim.ensemble import simulate
    from sim.scenario import load_scenario

    compiled = load_scenario(
        scenario,
        resolution=resolution,
        overrides=changes,
        as_of=known,
        days=days,
        doctrines=doctrine_names(),
        calibrated=not defaults,
    )
    target = out or Path("results") / f"{compiled.name}-{compiled.digest[:8]}-s{seed}"
    if compiled_kernels() == 0:
        say("Compiling kernels, once, about two minutes ...")
    with progress_bar(compiled, runs) as progress:
        result = simulate(compiled, runs=runs, seed=seed, threads=threads, progress=progress)
    result.save(target)
    if as_json:
        print_json(result.summary())
    else:
        from sim.cli.summary import show

        show(result)
    if result.interrupted:
        say(f"Interrupted: {result.runs} of {runs} runs were done and are kept.")
        raise typer.Exit(130)


@contextmanager
def progress_bar(scenario: CompiledScenario, runs: int) -> Iterator[Callable[[int, int], None]]:
    """A bar on stderr with runs, days and the time left; a line now and then where it is a file."""
    console = stderr()
    if not console.is_terminal:
        yield _lines(runs)
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=None),
        TextColumn("{task.fields[done]}/{task.fields[runs]} runs"),
        TextColumn("{task.completed:,.0f}/{task.total:,.0f} days"),
        TimeRemainingColumn(),
        console=console,
        transient=True,
    )
    with bar:
        task = bar.add_task(scenario.name, total=runs * scenario.days, done=0, runs=runs)

        def tell(done: int, days: int) -> None:
            bar.update(task, completed=days, done=done)

        yield tell


def _lines(runs: int) -> Callable[[int, int], None]:
    """Says how many runs are done, at most every SECONDS."""
    told, when = 0, -SECONDS

    def tell(done: int, days: int) -> None:
        nonlocal told, when
        now = time.monotonic()
        if done > told and now - when >= SECONDS:
            say(f"{done} of {runs} runs done")
            told, when = done, now

    return tell
