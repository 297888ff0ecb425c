"""Measures how fast the engine is and writes docs/speed.md and the table of README.md.

python -m bench.speed.report                       measure everything, write both
python -m bench.speed.report throughput memory     measure these parts anew, write both
python -m bench.speed.report --only-page           write both from what was measured
python -m bench.speed.report --quick --out DIR     small settings, to try it; writes nothing else
"""

from __future__ import annotations

import argparse
import re
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from bench.machine import ROOT
from bench.speed import targets, throughput
from bench.speed.kit import RESULTS, Data, keep, kept, signature, table, told

PAGE = ROOT / "docs" / "speed.md"
README = ROOT / "README.md"
WORDS = Path(__file__).parent / "page.md"
SLOT = re.compile(r"^<!-- (\w+) -->$", re.MULTILINE)
NEVER = "Not measured yet."
FIRST, LAST = "<!-- generated: speed -->", "<!-- end of speed -->"

# In this order: what needs a quiet machine comes first.
PARTS = (
    "throughput", "growth", "profile", "ratios", "startup", "peer", "memory", "limit",
)  # fmt: skip


def measure(parts: list[str], quick: bool, folder: Path) -> list[str]:
    """Measure these parts and keep what they found; the names of those that failed."""
    failed = []
    for name in parts:
        began = time.monotonic()
        told(f"{name} ...")
        part = import_module(f"bench.speed.{name}")
        try:
            keep(name, part.measure(quick), part.tables, folder)
        except Exception as error:  # what the other parts found in an hour must not be lost
            failed.append(name)
            told(f"{name} failed: {str(error).splitlines()[:1]}")
        told(f"{name}: {time.monotonic() - began:.0f} s")
    return failed


def page() -> str:
    """docs/speed.md: its words, with what was measured in their places."""
    found = {name: kept(name) for name in PARTS}
    made: dict[str, Callable[[], str]] = {
        "stamps": lambda: stamps(found),
        "targets": lambda: scoreboard(found),
        "short": lambda: shortfalls(found),
    }

    def fill(slot: re.Match[str]) -> str:
        name = slot.group(1)
        if name in made:
            return made[name]().rstrip()
        if not found[name]:
            return NEVER
        part = import_module(f"bench.speed.{name}")
        return getattr(part, "brief", part.tables)(found[name]).rstrip()

    return SLOT.sub(fill, WORDS.read_text(encoding="utf-8"))


def stamps(found: dict[str, Data]) -> str:
    """With what it was measured; parts that were measured together share a line."""
    together: dict[str, list[str]] = {}
    for name, data in found.items():
        if data:
            together.setdefault(signature(data["stamp"]), []).append(name)
    if len(together) == 1:
        return next(iter(together))
    return "\n".join(f"- {', '.join(names)}: {line}" for line, names in together.items())


def scoreboard(found: dict[str, Data]) -> str:
    """What is meant to be reached, and whether it is."""
    rows = [
        [target.what, target.asked, target.measured, target.verdict] for target in targets.of(found)
    ]
    return table(["what", "meant", "measured", "reached"], rows, left=4)


def shortfalls(found: dict[str, Data]) -> str:
    """What falls short or was not measured, a line for each."""
    lines = [f"- {name}: not measured." for name, data in found.items() if not data]
    lines += [
        f"- {target.what[0].upper() + target.what[1:]}: {target.measured}, {target.asked}."
        for target in targets.of(found)
        if not target.met
    ]
    if not lines:
        return "Nothing falls short of what was meant."
    return "What falls short:\n\n" + "\n".join(lines)


def block() -> str:
    """The table of README.md."""
    found = {name: kept(name) for name in PARTS}
    measured = [data for data in found.values() if data]
    if not measured:
        return NEVER

    def said(key: str) -> str:
        return ", ".join(sorted({data["stamp"][key] for data in measured}))

    rows = [
        [target.what[0].upper() + target.what[1:], target.measured, target.asked, target.verdict]
        for target in targets.of(found)
    ]
    if found["throughput"]:
        rows += throughput.headline(found["throughput"])
    rows += [[name.capitalize(), NEVER, "", ""] for name, data in found.items() if not data]
    text = table(["what", "measured", "meant", "reached"], rows, left=4)
    return (
        f"{said('date')}, {said('machine')}, commit {said('commit')}; the table is written by "
        f"`make bench`. More in [docs/speed.md](docs/speed.md).\n\n{text}"
    )


def refreshed(text: str) -> str:
    """README.md with its table made anew; ValueError where the marks are missing."""
    if text.count(FIRST) != 1 or text.count(LAST) != 1:
        raise ValueError(f"README.md: expected '{FIRST}' and '{LAST}' once each.")
    before, after = text.split(FIRST)[0], text.split(LAST)[1]
    return f"{before}{FIRST}\n\n{block().rstrip()}\n\n{LAST}{after}"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="what to measure anew")
    parser.add_argument("--only-page", action="store_true", help="measure nothing")
    parser.add_argument("--quick", action="store_true", help="small settings; needs --out")
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder for the tables")
    options = parser.parse_args()
    if options.quick and options.out == RESULTS:
        parser.error("--quick needs --out: what is only tried replaces no measurement")
    failed: list[str] = []
    if not options.only_page:
        failed = measure(options.parts or list(PARTS), options.quick, options.out)
    if options.out == RESULTS:
        PAGE.write_text(page(), encoding="utf-8")
        README.write_text(refreshed(README.read_text(encoding="utf-8")), encoding="utf-8")
    if failed:
        raise SystemExit(f"Not measured: {', '.join(failed)}; the rest is kept.")


if __name__ == "__main__":
    main()
