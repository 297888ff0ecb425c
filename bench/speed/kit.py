"""What every benchmark shares: a process of its own, medians, tables, and where figures are kept.

A benchmark is a module with

    measure(quick) -> dict    plain data, as JSON has it
    tables(data) -> str       what stands in docs/speed.md, made from that data alone
    brief(data) -> str        what stands there instead, where the tables are too long for a page

and is run with `python -m bench.speed.NAME`.  Its data go to bench/results/speed/NAME.json, with
machine, versions, commit and date, and its tables beside them as NAME.md.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.machine import ROOT, stamp

RESULTS = ROOT / "bench" / "results" / "speed"
NATIONAL = "syria-2018-08"

Data = dict[str, Any]


def fresh(module: str, *words: object, env: Mapping[str, str] | None = None) -> Data:
    """What a module prints as JSON when it is run in a process of its own."""
    command = [sys.executable, "-m", module, *(str(word) for word in words)]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **(env or {})}, stdout=subprocess.PIPE, text=True
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(command[1:])} failed")
    return json.loads(done.stdout)


def told(text: str) -> None:
    """A line of progress."""
    print(text, file=sys.stderr, flush=True)


def keep(name: str, data: Data, tables: Callable[[Data], str], folder: Path = RESULTS) -> None:
    """Write what was measured, and its tables."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"stamp": stamp(), **data}, indent=1, ensure_ascii=False)
    (folder / f"{name}.json").write_text(text + "\n", encoding="utf-8")
    (folder / f"{name}.md").write_text(sheet(kept(name, folder), tables), encoding="utf-8")


def kept(name: str, folder: Path = RESULTS) -> Data:
    """What was measured; empty where it never was."""
    file = folder / f"{name}.json"
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}


def sheet(data: Data, tables: Callable[[Data], str]) -> str:
    """The tables under the line that says with what they were measured."""
    return f"{signature(data['stamp'])}\n\n{tables(data)}"


def signature(mark: Data) -> str:
    """Date, version, commit, machine and libraries in one line."""
    libraries = ", ".join(f"{name} {number}" for name, number in mark["libraries"].items())
    return (
        f"{mark['date']}, Badia {mark['version']}, commit {mark['commit']}, {mark['machine']}, "
        f"{libraries}."
    )


def table(head: Sequence[str], rows: Sequence[Sequence[str]], left: int = 1) -> str:
    """A Markdown table whose first `left` columns hold words and the others numbers."""
    rule = [" --- " if i < left else " --: " for i in range(len(head))]
    lines = [f"| {' | '.join(head)} |", f"|{'|'.join(rule)}|"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)]) + "\n"


def figure(value: float, digits: int = 3) -> str:
    """A number rounded to so many significant digits."""
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    places = digits - 1 - math.floor(math.log10(abs(value)))
    return f"{round(value, places):,.{max(0, places)}f}"


def main(
    name: str, doc: str, measure: Callable[[bool], Data], tables: Callable[[Data], str]
) -> None:
    """The command of a benchmark."""
    parser = argparse.ArgumentParser(
        description=doc, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="small settings, to try the benchmark")
    parser.add_argument("--out", type=Path, help="folder for the tables; bench/results/speed")
    options = parser.parse_args()
    folder = options.out or RESULTS
    if options.quick and options.out is None:  # what is only tried replaces no measurement
        print(sheet({"stamp": stamp(), **measure(True)}, tables))
        return
    keep(name, measure(options.quick), tables, folder)
    print((folder / f"{name}.md").read_text(encoding="utf-8"))
