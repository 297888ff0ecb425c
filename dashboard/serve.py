"""Starts the dashboard's server in this process; it listens on loopback unless told otherwise."""

from __future__ import annotations

import errno
import gc
import os
import socket
import sys
import threading
import webbrowser
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final, NoReturn

from streamlit.starlette import App

from dashboard import shell, theme
from sim import BadiaError

APP: Final = Path(__file__).parent / "app.py"
LOOPBACK: Final = "127.0.0.1"
PORT: Final = 8501
PORTS: Final = 20  # tried one after the other where none is asked for
UPLOAD_MB: Final = 10  # a scenario is text; the largest one here has 0.3 MB

OPTIONS: Final[dict[str, Any]] = {
    "browser.gatherUsageStats": False,
    "client.showErrorDetails": "none",  # a viewer cannot act on a traceback
    "client.showErrorLinks": False,  # they lead to search engines
    "client.toolbarMode": "minimal",
    "logger.hideWelcomeMessage": True,
    "logger.level": "warning",
    "runner.magicEnabled": False,
    "runner.postScriptGC": False,  # beside the compiler it takes ten times as long as a page
    "server.enableWebsocketCompression": False,  # the map comes compressed
    "server.enableXsrfProtection": True,
    "server.fileWatcherType": "none",
    "server.headless": True,
    "server.maxUploadSize": UPLOAD_MB,
    "server.showEmailPrompt": False,
    **theme.OPTIONS,
}


def serve(address: str, port: int, ready: Callable[[str], None]) -> None:
    """Serve until interrupted; KeyboardInterrupt then.

    address  where to listen: loopback, or an address of this machine for a classroom
    port     a port that is free there, as `free_port` finds it
    ready    called once with the page's address, when it can be opened
    """
    url = f"http://{_shown(address)}:{port}"

    @asynccontextmanager
    async def started(_: App) -> AsyncGenerator[None, None]:
        _load()  # before anyone comes: beside a page that loads it would take twice as long
        ready(url)
        yield

    options = {**OPTIONS, "server.address": address, "server.port": port}
    if address == LOOPBACK:  # a page elsewhere cannot reach us under a name that points here
        options["server.allowedHosts"] = [LOOPBACK, "localhost"]
    sys.argv = [str(APP)]  # beside it Streamlit looks for what it is to add to the path
    app = App(
        APP,
        lifespan=started,
        routes=shell.routes(),
        middleware=shell.middleware(),
        on_script_error=_explain,
    )
    app.run(config=options)


def leave(status: int) -> NoReturn:
    """End this process at once with that exit status.

    Threads may still be in compiled code, building a page or running an ensemble.  Python's own end
    waits for some of them and crashes beside others: of 24 ends under load one hung, one aborted.
    """
    from dashboard.uploads import remove_uploads

    remove_uploads()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def free_port(address: str, port: int | None) -> int:
    """A port that is free there: the one asked for, any for 0, the first from 8501 for None.

    BadiaError says what to do where there is none, or where the address is not this machine's.
    """
    for tried in range(PORT, PORT + PORTS) if port is None else (port,):
        try:
            return _bound(address, tried)
        except OSError as error:
            foreign = error.errno in (errno.EADDRNOTAVAIL, errno.EINVAL)
            if foreign or isinstance(error, socket.gaierror):
                raise BadiaError(
                    f"{address} is no address of this machine. Leave --address away to show the "
                    "dashboard on this machine only, or give 0.0.0.0 for all of its addresses."
                ) from error
            if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                raise
    if port is None:
        taken = f"Ports {PORT} to {PORT + PORTS - 1} are all taken."
    else:
        taken = f"Port {port} is taken or not allowed."
    raise BadiaError(f"{taken} Choose another with --port, or --port 0 for any free one.")


def open_browser(url: str) -> None:
    """Show the page."""
    threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()


def network_address() -> str:
    """This machine's address on its network; its name where it has none.  Sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # an address for documentation; UDP, so no packet
        except OSError:
            return socket.gethostname()
        return str(probe.getsockname()[0])


def _bound(address: str, port: int) -> int:
    """The port that binding there gives; OSError if it cannot be had."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        if sys.platform != "win32":  # there it would allow a port that another one listens on
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((address, port))
        return int(probe.getsockname()[1])


def _shown(address: str) -> str:
    """The host as a browser wants it."""
    if address in ("0.0.0.0", "::"):
        return network_address()
    return f"[{address}]" if ":" in address else address


def _explain(error: Exception) -> bool:
    """Say what no page has caught as everything else is said; the terminal has the traceback."""
    from dashboard.problems import show_problem

    show_problem(error)
    return True


def _load() -> None:
    """Import the engine and the first page ahead of the first viewer."""
    from dashboard.page.situation import show  # noqa: F401
    from dashboard.runs import preload

    preload()
    gc.freeze()  # what is loaded now stays; looking through it again and again would take its time
