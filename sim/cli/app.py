"""The `badia` command: its subcommands, its exit codes, and the one place where errors are shown.

Exit codes: 0 done; 1 a defect of ours (with a traceback); 2 something the user can put right;
130 interrupted.
"""

from __future__ import annotations

import os
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from sim.cli import calibrate, check, dashboard, doctor, export, new, run, scenarios, score, why
from sim.cli.console import NOT_A_FORECAST, say
from sim.errors import BadiaError


class Guarded(TyperGroup):
    """Turns what a user can put right into one message and exit status 2, without a traceback."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except BadiaError as error:
            say(str(error))
            raise typer.Exit(2) from error
        except BrokenPipeError:
            # The reader went away, as `badia ... | head` does; keep Python from complaining too.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(1) from None
        except OSError as error:
            if error.filename is None:
                raise
            say(f"{error.filename}: {error.strerror}.")
            raise typer.Exit(2) from error
        except KeyboardInterrupt:
            say("Stopped.")
            raise typer.Exit(130) from None


app = typer.Typer(
    name="badia",
    cls=Guarded,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Agent-based territorial simulation of Syria in 2018.\n\n" + NOT_A_FORECAST,
    epilog="Start with: badia run two-valleys",
)

for module in (scenarios, new, check, run, why, score, calibrate, export, dashboard, doctor):
    module.register(app)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"badia {version('badia')}")
        raise typer.Exit()


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Options that stand before the command."""
