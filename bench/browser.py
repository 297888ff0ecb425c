"""A Chromium without a window, and a dashboard to look at: for tests, timings and screenshots."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.request import urlopen

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
START_S = 60.0  # seconds within which it must answer
ROOT = Path(__file__).parents[1]
BADIA = (sys.executable, "-m", "sim.cli")


def find_chromium() -> str | None:
    """The path of a Chromium: the one BADIA_CHROMIUM names, or the first on the path."""
    named = os.environ.get("BADIA_CHROMIUM")
    found = (shutil.which(name) for name in ([named] if named else NAMES))
    return next((path for path in found if path), None)


def launch(playwright: Playwright) -> Browser:
    """Start it; FileNotFoundError where there is none."""
    path = find_chromium()
    if path is None:
        raise FileNotFoundError("no Chromium found; .ci/browser says how to get one")
    return playwright.chromium.launch(executable_path=path, args=list(FLAGS))


# Whether every map on the page shows ground: a few pixels of its largest canvas differ.
DRAWN = """(maps) => {
    const inside = (element) => [...(element.shadowRoot ?? element).children].flatMap((child) =>
        [child, ...inside(child)]);
    const area = (canvas) => canvas.width * canvas.height;
    const shows = (component) => {
        const canvas = inside(component).filter((element) => element.tagName === "CANVAS")
            .sort((a, b) => area(b) - area(a))[0];
        if (!canvas || canvas.width < 50 || canvas.height < 50) return false;
        const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        const colours = new Set();
        for (let i = 0; i < data.length; i += 4 * 997) {
            colours.add(`${data[i]},${data[i + 1]},${data[i + 2]},${data[i + 3]}`);
        }
        return colours.size >= 3;
    };
    const found = [...document.querySelectorAll("[data-testid^=stBidiComponent]")];
    return found.length >= maps && found.every(shows);
}"""


def map_drawn(page: Page, maps: int = 1, timeout_s: float = 60) -> None:
    """Wait until that many maps, or more, show ground; TimeoutError of Playwright otherwise."""
    page.wait_for_function(DRAWN, arg=maps, timeout=1000 * timeout_s, polling=50)


def map_plays(page: Page, timeout_s: float = 60) -> None:
    """Wait for the map of a finished ensemble: it has a button to play, the map of a start none."""
    page.get_by_role("button", name="Play").first.wait_for(timeout=1000 * timeout_s)
    map_drawn(page, timeout_s=timeout_s)


@dataclass(frozen=True)
class Server:
    """A running dashboard: its address, its process, and the file that holds what it says."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path

    def said(self) -> str:
        """Everything that it has printed so far."""
        return self.log.read_text(encoding="utf-8")


@contextmanager
def dashboard(
    folder: Path,
    *options: str,
    command: Sequence[str] = BADIA,
    cwd: Path = ROOT,
    env: Mapping[str, str] | None = None,
) -> Iterator[Server]:
    """`badia dashboard` on a free port, its cache and log in that folder, until the block ends.

    RuntimeError with what it printed if it does not start within a minute.
    """
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "dashboard.log"
    with log.open("wb") as sink:
        process = subprocess.Popen(
            [*command, "dashboard", "--no-browser", "--port", "0", *options],
            cwd=cwd,
            env={**os.environ, "BADIA_CACHE": str(folder / "cache"), **(env or {})},
            stdout=sink,
            stderr=subprocess.STDOUT,
        )
    try:
        yield Server(_address(process, log), process, log)
    finally:
        _end(process)


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    """What it says its address is, once it answers there."""
    until = time.monotonic() + START_S
    while process.poll() is None and time.monotonic() < until:
        told = re.search(r"http://\S+", log.read_text(encoding="utf-8"))
        if told and _answers(told.group()):
            return told.group()
        time.sleep(0.05)
    raise RuntimeError(f"the dashboard did not start:\n{log.read_text(encoding='utf-8')}")


def _answers(url: str) -> bool:
    try:
        with urlopen(f"{url}/_stcore/health", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _end(process: subprocess.Popen[bytes]) -> None:
    """As Ctrl-C would; by force if that does not help."""
    process.send_signal(signal.SIGINT)
    try:
        process.wait(timeout=15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
