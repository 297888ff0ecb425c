"""`badia run`: an ensemble of one scenario, its summary and its result folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.cache import compiled_kernels
from sim.cli.console import print_json, say
from sim.cli.options import Json, ScenarioArg, read_date, read_settings
from sim.cli.progress import progress

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
        say("Compiling kernels, once, a minute or two ...")
    with progress(compiled, runs) as tell:
        result = simulate(compiled, runs=runs, seed=seed, threads=threads, progress=tell)
    result.save(target)
    if as_json:
        print_json(result.summary())
    else:
        from sim.cli.summary import show

        show(result)
    if result.interrupted:
        say(f"Interrupted: {result.runs} of {runs} runs were done and are kept.")
        raise typer.Exit(130)
