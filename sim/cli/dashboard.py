"""`badia dashboard`: the map that plays, in a browser on this machine."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from sim.cli.console import NOT_A_FORECAST, say
from sim.errors import BadiaError

DASHBOARD_HELP = """Open the dashboard in the browser: maps, runs, what-ifs and their evidence.

Works without internet. Only this machine can open it, unless --address says otherwise.

\b
Examples:
  badia dashboard
  badia dashboard --port 8600 --no-browser
  badia dashboard --address 0.0.0.0        # for a classroom: others on the network can open it
"""
LOOPBACK = ("127.0.0.1", "localhost", "::1")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(help=DASHBOARD_HELP)(dashboard)


def dashboard(
    port: Annotated[
        int | None,
        typer.Option(
            min=0, max=65535, help="Port; 0 for any free one.", show_default="first free from 8501"
        ),
    ] = None,
    address: Annotated[
        str, typer.Option(help="Address to listen on; 0.0.0.0 lets others on the network in.")
    ] = LOOPBACK[0],
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Do not open a browser.")
    ] = False,
) -> None:
    """Serve the dashboard until Ctrl-C."""
    try:
        # The one place where sim knows of it.
        from dashboard.serve import free_port, leave, open_browser, serve
    except ModuleNotFoundError as error:
        package = (error.name or str(error)).split(".")[0]
        raise BadiaError(
            f"The dashboard needs the package '{package}', which is not installed here. "
            "Install Badia again with all that it needs: pip install badia"
        ) from error

    def ready(url: str) -> None:
        say(f"The dashboard is at {url}  (Ctrl-C ends it)")
        if address not in LOOPBACK:
            say("Anyone on this network can open it and start runs there; there is no password.")
        say(NOT_A_FORECAST)
        if not no_browser and _screen():
            open_browser(url)

    port = free_port(address, port)
    say("Starting ...")
    try:
        serve(address, port, ready)
    except KeyboardInterrupt:
        say("Stopped.")
        leave(130)


def _screen() -> bool:
    """Whether a browser could be shown: on Linux, whether there is a display."""
    if sys.platform != "linux":
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
