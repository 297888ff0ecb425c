"""Many viewers on one server: simulated clients that speak Streamlit's own protocol.

Start the server (`badia dashboard --no-browser --port 8613`), then
`python bench/viewers.py --url http://127.0.0.1:8613 --pid PID`.  One viewer opens the page first
and waits for the run to end, so that it is kept; then all open at once; then each thinks for a
while (5 s on average), acts, and waits for the answer: another day on the map, another place,
another page.

An answer is timed from sending until the server says that its script has finished.  Like a browser
a viewer keeps large messages, tells the server which, and does not get them again; unlike one it
draws nothing and loads no static files, so this measures the server alone.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import json
import os
import random
import statistics
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from engine import machine
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

MAP = "badia_map"
PATIENCE = 60.0  # seconds after which an answer counts as an error
FIRST_RUN = 600.0  # seconds for the ensemble itself, in which kernels may be compiled
ACTIONS = {"day": 0.6, "place": 0.2, "page": 0.2}
FINISHED = (
    ForwardMsg.FINISHED_SUCCESSFULLY,
    ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY,
)


@dataclass(frozen=True)
class Run:
    """What a viewer must know of the run on its map to move about in it."""

    entries: int
    cells: int


@dataclass
class Shown:
    """A map on the page."""

    id: str
    fragment: str
    run: Run
    state: dict[str, int | None] = field(default_factory=dict)


@dataclass
class Sheet:
    """What all viewers write down."""

    answers: dict[str, list[float]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    received: int = 0
    maps: int = 0  # bytes of maps
    runs: dict[bytes, Run] = field(default_factory=dict)  # by the start of their packed part

    def note(self, what: str, seconds: float) -> None:
        self.answers.setdefault(what, []).append(seconds)

    def run_of(self, data: bytes) -> Run:
        """The run inside a map's packet, unpacked once for all viewers."""
        packed = data[4 + int.from_bytes(data[:4], "little") :]
        mark = packed[:2000]
        if mark not in self.runs:
            whole = gzip.decompress(packed)
            length = int.from_bytes(whole[:4], "little")
            header = json.loads(whole[4 : 4 + length])
            self.runs[mark] = Run(len(header["dates"]), header["mesh"]["cells"])
        return self.runs[mark]


class Viewer:
    """One browser tab, as far as the server can tell."""

    def __init__(self, url: str, query: str, sheet: Sheet, luck: random.Random) -> None:
        self._address = f"ws://{urlsplit(url).netloc}/_stcore/stream"
        self._query, self._sheet, self._luck = query, sheet, luck
        self._socket: ClientConnection | None = None
        self._kept: dict[str, tuple[ForwardMsg, int]] = {}  # large messages, and when last seen
        self._oldest = 2  # scripts after which a large message that is not used is dropped
        self._scripts = 0
        self._page, self.pages = "", list[str]()
        self.maps: dict[str, Shown] = {}
        self._clocks: dict[str, asyncio.Task[None]] = {}  # fragments that rerun by themselves

    async def open(self, until_map: bool = False) -> None:
        """Open the page; with `until_map`, wait until a map that can be played is on it."""
        self._socket = await connect(
            self._address, subprotocols=["streamlit"], max_size=None, compression=None,
            open_timeout=PATIENCE,
        )  # fmt: skip
        await self._ask(query=self._query)
        await self._answer()
        end = time.monotonic() + FIRST_RUN
        while until_map and not self._playable():
            if self._sheet.errors or time.monotonic() > end:
                raise SystemExit(f"No map that can be played. {'; '.join(self._sheet.errors)}")
            await self._answer()

    async def close(self) -> None:
        self._stop_clocks(list(self._clocks))
        if self._socket:
            await self._socket.close()

    async def live(self, think: float, seconds: float) -> None:
        """Think, act, wait for the answer, for so long."""
        end = time.monotonic() + seconds
        while True:
            pause = self._luck.expovariate(1 / think)
            if time.monotonic() + pause > end:
                return
            await asyncio.sleep(pause)
            await self._act()

    async def _act(self) -> None:
        what = self._luck.choices(list(ACTIONS), list(ACTIONS.values()))[0]
        playable = self._playable()
        if not playable:  # a page without a map that plays
            what = "page"
        start = time.monotonic()
        if what == "page":
            others = [page for page in self.pages if page != self._page]
            self.maps.clear()
            await self._ask(page=self._luck.choice(others or self.pages))
        else:
            shown = self._luck.choice(playable)
            if what == "day":
                shown.state["entry"] = self._luck.randrange(shown.run.entries)
            else:
                shown.state["cell"] = self._luck.randrange(shown.run.cells)
            await self._ask(page=self._page, map=shown)
        await self._answer()
        self._sheet.note(what, time.monotonic() - start)

    def _playable(self) -> list[Shown]:
        return [shown for shown in self.maps.values() if shown.run.entries > 1]

    # --- the protocol ---

    async def _ask(
        self, *, query: str = "", page: str = "", map: Shown | None = None, fragment: str = ""
    ) -> None:
        """Ask for a rerun, as the browser does: with the state of what is on the page."""
        message = BackMsg()
        ask = message.rerun_script
        ask.query_string, ask.page_script_hash = query, page
        ask.cached_message_hashes.extend(self._kept)
        ask.fragment_id = map.fragment if map else fragment
        ask.is_auto_rerun = bool(fragment)
        for shown in self.maps.values():
            if shown.state:
                widget = ask.widget_states.widgets.add()
                widget.id, widget.json_value = shown.id, json.dumps(shown.state)
        assert self._socket
        await self._socket.send(message.SerializeToString())

    async def _answer(self) -> None:
        """Read until the script that was asked for has finished."""
        assert self._socket
        begun = False
        while True:
            limit = PATIENCE if not self._clocks else FIRST_RUN
            data = await asyncio.wait_for(self._socket.recv(), limit)
            assert isinstance(data, bytes)
            self._sheet.received += len(data)
            message = ForwardMsg.FromString(data)
            kind = message.WhichOneof("type")
            if kind == "new_session":
                begun = True
                self._begin(message.new_session, list(message.metadata.run.fragment_ids))
            elif kind == "script_finished":
                if message.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
                    raise RuntimeError("the page's script does not compile")
                if begun and message.script_finished in FINISHED:
                    if message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                        self._age()
                    return
            else:
                self._take(message)

    def _begin(self, session: Any, fragments: list[str]) -> None:
        """A script begins; one of the whole page ends what reran by itself."""
        if session.HasField("config"):
            self._oldest = session.config.max_cached_message_age or self._oldest
        self._page = session.page_script_hash or self._page
        if not fragments:
            self._stop_clocks(list(self._clocks))

    def _take(self, message: ForwardMsg) -> None:
        kind = message.WhichOneof("type")
        if kind == "ref_hash":
            if message.ref_hash not in self._kept:
                self._sheet.errors.append("a message was left out that this viewer does not have")
                return
            kept = self._kept[message.ref_hash][0]
            self._kept[message.ref_hash] = (kept, self._scripts)
            message = kept
        else:
            self._sheet.maps += len(message.delta.new_element.bidi_component.bytes)
            if message.metadata.cacheable:
                self._kept[message.hash] = (message, self._scripts)
        kind = message.WhichOneof("type")
        if kind == "navigation":
            self.pages = [page.page_script_hash for page in message.navigation.app_pages]
            self._page = message.navigation.page_script_hash or self._page
        elif kind == "auto_rerun":
            self._rerun_by_itself(message.auto_rerun.fragment_id, message.auto_rerun.interval)
        elif kind == "stop_auto_rerun":
            self._stop_clocks(list(message.stop_auto_rerun.fragment_ids))
        elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            self._element(message.delta)

    def _element(self, delta: Any) -> None:
        element = delta.new_element
        kind = element.WhichOneof("type")
        if kind == "exception":
            self._sheet.errors.append(f"{element.exception.type}: {element.exception.message}")
        elif kind == "bidi_component" and MAP in element.bidi_component.component_name:
            found = element.bidi_component
            if found.id not in self.maps:
                run = self._sheet.run_of(found.bytes)
                self.maps[found.id] = Shown(found.id, delta.fragment_id, run)

    def _rerun_by_itself(self, fragment: str, interval: float) -> None:
        async def tick() -> None:
            while True:
                await asyncio.sleep(interval)
                await self._ask(page=self._page, fragment=fragment)

        if fragment not in self._clocks:
            self._clocks[fragment] = asyncio.create_task(tick())

    def _stop_clocks(self, fragments: list[str]) -> None:
        for fragment in fragments:
            if clock := self._clocks.pop(fragment, None):
                clock.cancel()

    def _age(self) -> None:
        """Drop large messages that no script has used lately, as the browser does."""
        self._scripts += 1
        self._kept = {
            name: (message, seen)
            for name, (message, seen) in self._kept.items()
            if self._scripts - seen <= self._oldest
        }


async def open_all(viewers: list[Viewer], sheet: Sheet) -> float:
    """Open all at once; seconds until the last one has its page."""
    begin = time.monotonic()

    async def one(viewer: Viewer) -> None:
        await told(viewer.open(), sheet)
        sheet.note("open", time.monotonic() - begin)

    await asyncio.gather(*(one(viewer) for viewer in viewers))
    return time.monotonic() - begin


async def told(work: Any, sheet: Sheet) -> None:
    """Wait for it; what goes wrong is written down."""
    try:
        await work
    except (OSError, ConnectionClosed, TimeoutError, RuntimeError) as error:
        sheet.errors.append(f"{type(error).__name__}: {error}")


async def memory(pid: int | None, seen: list[float]) -> None:
    """Write down the server's resident memory, MB, twice a second."""
    while pid is not None:
        seen.append(resident(pid))
        await asyncio.sleep(0.5)


def resident(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return float("nan")


def processor(pid: int) -> float:
    """Seconds of processor time that a process has taken so far."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def measure(options: argparse.Namespace) -> list[str]:
    """The whole trial; the lines of its table."""
    luck = random.Random(options.seed)
    seen: list[float] = []
    watch = asyncio.create_task(memory(options.pid, seen))
    scout_sheet, sheet = Sheet(), Sheet()
    scout = Viewer(options.url, options.query, scout_sheet, luck)
    begin = time.monotonic()
    await scout.open(until_map=True)
    ready = time.monotonic() - begin
    await scout.close()
    before = resident(options.pid) if options.pid else None
    viewers = [
        Viewer(options.url, options.query, sheet, random.Random(luck.random()))
        for _ in range(options.viewers)
    ]
    opened = await open_all(viewers, sheet)
    first_bytes, first_maps = sheet.received, sheet.maps
    with_map = sum(1 for viewer in viewers if viewer._playable())
    taken = processor(options.pid) if options.pid else 0.0
    living = [told(viewer.live(options.think, options.seconds), sheet) for viewer in viewers]
    await asyncio.gather(*living)
    taken = processor(options.pid) - taken if options.pid else 0.0
    await asyncio.gather(*(told(viewer.close(), sheet) for viewer in viewers))
    watch.cancel()

    lines = [
        f"{machine()}; server and viewers on the same machine. {options.viewers} viewers, "
        f"{options.think:g} s think time, {options.seconds:g} s, `{options.query}`.",
        "",
        "| what | number | p50 s | p95 s | max s |",
        "|---|---|---|---|---|",
    ]
    acted = [seconds for what in ACTIONS for seconds in sheet.answers.get(what, [])]
    rows = [("all open at once", sheet.answers.get("open", [])), ("any answer", acted)]
    rows += [(f"another {what}", sheet.answers.get(what, [])) for what in ACTIONS]
    lines += [row(what, times) for what, times in rows]
    lines += [
        "",
        "| what | figure |",
        "|---|---|",
        f"| first viewer, until the run can be played | {ready:.1f} s |",
        f"| all {options.viewers} at once, until the last has its page | {opened:.2f} s |",
        f"| of them with a map that plays | {with_map} |",
        f"| received by a viewer who opens the page | {first_bytes / options.viewers / 1e3:,.0f} kB"
        f" (map {first_maps / options.viewers / 1e3:,.0f} kB) |",
        f"| received by all | {sheet.received / 1e6:,.1f} MB |",
        f"| errors | {len(sheet.errors) + len(scout_sheet.errors)} |",
    ]
    if before is not None:
        lines.append(
            f"| server's memory before, after, at its peak | {before:,.0f}, "
            f"{resident(options.pid):,.0f}, {max(seen):,.0f} MB |"
        )
        lines.append(
            f"| server's processor time an answer | {1000 * taken / max(1, len(acted)):.0f} ms |"
        )
    problems = sorted({*scout_sheet.errors, *sheet.errors})
    return lines + [f"- {problem}" for problem in problems]


def row(what: str, times: list[float]) -> str:
    if not times:
        return f"| {what} | 0 | | | |"
    cuts = statistics.quantiles(times, n=20, method="inclusive") if len(times) > 1 else times * 19
    return f"| {what} | {len(times)} | {cuts[9]:.2f} | {cuts[18]:.2f} | {max(times):.2f} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8501")
    parser.add_argument("--query", default="scenario=hajin-pocket&runs=200")
    parser.add_argument("--viewers", type=int, default=30)
    parser.add_argument("--think", type=float, default=5.0, help="seconds, on average")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pid", type=int, help="of the server, to watch its memory")
    parser.add_argument("--out", type=Path, help="folder for the table, such as bench/results")
    options = parser.parse_args()
    today = datetime.now(UTC).date().isoformat()
    lines = [f"# Viewers, {today}", "", *asyncio.run(measure(options))]
    print("\n".join(lines))
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        target = options.out / f"viewers-{today}.md"
        target.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
