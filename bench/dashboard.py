"""How quick the dashboard is in a browser: opening, answering, changing pages, playing.

    python bench/dashboard.py --out bench/results

Prints a Markdown table with the machine and, with --out, keeps it with its date.  The runs are made
once and kept; then each cold figure comes from a server of its own, and each warm one from a window
of its own.  A headless Chromium shares the cores with the server, as it does in a classroom.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from playwright.sync_api import Browser, Page, WebSocket, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.browser import Server, dashboard, launch, map_drawn
from bench.machine import machine

SIZE = {"width": 1366, "height": 768}
SCENARIO = "syria-2018-08"
RUNS = {5: 100, 6: 100, 7: 20}
QUIET = 0.4  # seconds without a message after which an answer is taken as whole
PLAYED = 3.0  # seconds; at 60 days a second less than the calendar
RUN_S = 1200  # seconds within which an ensemble must have been made

# Notes, from before the page's first script, when a map first shows ground.
WATCH = """
window.badiaDrawn = null;
(function look() {
    const host = document.querySelector("[data-testid^=stBidiComponent]");
    const all = (node) => [...(node.shadowRoot ?? node).children].flatMap((c) => [c, ...all(c)]);
    if (host && all(host).some((element) => element.dataset?.ready)) {
        requestAnimationFrame(() => { window.badiaDrawn = performance.now(); });
    } else requestAnimationFrame(look);
})();
"""
PROBE = """() => {
    const all = (node) => [...(node.shadowRoot ?? node).children].flatMap((c) => [c, ...all(c)]);
    return all(document.body).map((element) => element.badiaMap).find(Boolean);
}"""


@dataclass
class Wire:
    """What goes over the page's connection: when something was sent, what came and when."""

    sent: float = 0.0
    last: float = 0.0
    received: int = 0
    sizes: list[int] = field(default_factory=list)

    def watch(self, socket: WebSocket) -> None:
        """Follow a connection."""
        socket.on("framesent", lambda _: self._out())
        socket.on("framereceived", self._in)

    def answered(self, page: Page) -> float:
        """Seconds from what was last sent to the last of what it brought; waits for quiet."""
        while time.perf_counter() - max(self.last, self.sent) < QUIET or self.last < self.sent:
            page.wait_for_timeout(20)
        return self.last - self.sent

    def _out(self) -> None:
        self.sent = time.perf_counter()

    def _in(self, frame: str | bytes) -> None:
        self.last = time.perf_counter()
        self.received += len(frame)
        self.sizes.append(len(frame))


@contextmanager
def opened(browser: Browser, server: Server, path: str = "/", **query: object) -> Iterator[Any]:
    """A page in a window of its own, with the wire it listens on."""
    context = browser.new_context(viewport=SIZE)
    page, wire = context.new_page(), Wire()
    page.add_init_script(WATCH)
    page.on("websocket", wire.watch)
    page.goto(f"{server.url}{path}?{urlencode(query)}")
    yield page, wire
    context.close()


def asked(resolution: int) -> dict[str, object]:
    """The setting that is measured."""
    return {"scenario": SCENARIO, "runs": RUNS[resolution], "seed": 1, "resolution": resolution}


def opening(page: Page) -> tuple[float, float]:
    """First paint and map drawn, ms after the address was entered."""
    page.wait_for_function("() => window.badiaDrawn", timeout=60_000)
    paint = page.evaluate(
        "() => performance.getEntriesByName('first-contentful-paint')[0].startTime"
    )
    return float(paint), float(page.evaluate("() => window.badiaDrawn"))


def frames(page: Page) -> float:
    """Frames a second while the map plays at its quickest."""
    page.wait_for_timeout(1500)
    return float(
        page.evaluate(
            f"""async () => {{
                const map = ({PROBE})();
                map.go(0); map.speed(60); map.play();
                await new Promise((r) => setTimeout(r, {1000 * PLAYED}));
                const rate = map.fps;
                map.pause();
                return rate;
            }}"""
        )
    )


def steps(page: Page, wire: Wire, times: int) -> list[float]:
    """Seconds of the answers to another day on the map: the part of the page that follows it."""
    found = []
    for _ in range(times):
        page.evaluate(f"() => {{ const map = ({PROBE})(); map.go(map.entry - 1); }}")
        page.wait_for_timeout(300)
        found.append(wire.answered(page))
    return found


def reruns(page: Page, wire: Wire, times: int) -> list[float]:
    """Seconds of the answers to a changed widget outside the map: the whole page."""
    found = []
    box = page.get_by_role("spinbutton", name="Runs")
    for n in range(times):
        box.fill(str(30 + n))
        box.press("Enter")
        page.wait_for_timeout(100)
        found.append(wire.answered(page))
    return found


def switches(page: Page, times: int) -> tuple[list[float], list[float]]:
    """Seconds from a click to the Evidence page's heading, and back to a drawn map."""
    there, back = [], []
    for _ in range(times):
        begin = time.perf_counter()
        page.get_by_role("link", name="Evidence").click()
        page.get_by_role("heading", name="Evidence").first.wait_for()
        there.append(time.perf_counter() - begin)
        page.wait_for_timeout(1500)
        begin = time.perf_counter()
        page.get_by_role("link", name="Situation").click()
        page.locator(".badia-card").first.wait_for()
        map_drawn(page)
        back.append(time.perf_counter() - begin)
        page.wait_for_timeout(1500)
    return there, back


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--cache", type=Path, help="where results are kept; a temporary folder")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary, sync_playwright() as playwright:
        text = measure(launch(playwright), options.cache or Path(temporary), options.repeats)
    print(text)
    if options.out:
        name = f"dashboard-{datetime.now(UTC):%Y-%m-%d}.md"
        (options.out / name).write_text(text + "\n", encoding="utf-8")


def measure(browser: Browser, cache: Path, repeats: int) -> str:
    """Everything, as a Markdown table."""
    rows: list[tuple[str, str, str]] = []

    def row(what: str, values: list[float], unit: str, aim: str = "") -> None:
        middle = statistics.median(values)
        spread = f" ({min(values):.0f}-{max(values):.0f})" if len(values) > 1 else ""
        rows.append((what, f"{middle:.0f} {unit}{spread}", aim))
        print(f"{what}: {middle:.0f} {unit}{spread}", file=sys.stderr)

    with dashboard(cache) as server:  # makes the runs that are then kept
        for resolution in RUNS:
            with opened(browser, server, **asked(resolution)) as (page, _):
                page.locator(".badia-card").first.wait_for(timeout=1000 * RUN_S)

    cold = []
    for _ in range(repeats):
        with dashboard(cache) as server, opened(browser, server, **asked(6)) as (page, _):
            cold.append(opening(page))
    row("first paint, cold server", [paint for paint, _ in cold], "ms")
    row("map drawn, cold server, run kept", [drawn for _, drawn in cold], "ms", "2,500")

    with dashboard(cache) as server:
        with opened(browser, server, **asked(6)) as (page, _):
            opening(page)
        warm = []
        for _ in range(repeats):
            with opened(browser, server, **asked(6)) as (page, _):
                warm.append(opening(page))
        row("first paint, warm server, new browser", [paint for paint, _ in warm], "ms")
        row("map drawn, warm server, new browser", [drawn for _, drawn in warm], "ms", "700")

        with opened(browser, server, **asked(6)) as (page, wire):
            opening(page)
            page.wait_for_timeout(2000)
            row("another day: the map's part of the page", ms(steps(page, wire, 9)), "ms", "250")
            row("rerun of the whole page", ms(reruns(page, wire, 9)), "ms", "250")
            before = wire.received
            steps(page, wire, 5)
            row("bytes of an answer to another day", [(wire.received - before) / 5], "B")
            there, back = switches(page, repeats)
            row("to the Evidence page", ms(there), "ms")
            row("back to a drawn map, page open", ms(back), "ms", "700")

        for resolution in RUNS:
            with opened(browser, server, **asked(resolution)) as (page, wire):
                opening(page)
                row(f"payload of the map, resolution {resolution}", [max(wire.sizes) / 1000], "kB")
                aim = "50" if resolution == 6 else ""
                row(f"frames a second, resolution {resolution}", [frames(page)], "", aim)
        with opened(browser, server, "/what-if", **asked(6), **{"try": "tempo=0.12"}) as (page, _):
            page.wait_for_function("() => window.badiaDrawn", timeout=1000 * RUN_S)
            row("frames a second, two maps, resolution 6", [frames(page)], "")

    head = f"{machine()}, {datetime.now(UTC):%Y-%m-%d}; {SCENARIO}, 1366 x 768"
    lines = [
        f"# The dashboard in a browser\n\n{head}. Medians, with the range of {repeats} tries.\n"
    ]
    lines += ["| what | measured | at most (frames: at least) |", "|---|---|---|"]
    lines += [f"| {what} | {value} | {aim} |" for what, value, aim in rows]
    return "\n".join(lines)


def ms(seconds: list[float]) -> list[float]:
    return [1000 * s for s in seconds]


if __name__ == "__main__":
    main()
