"""Start-up: what a user waits for a command, Python included; warm, and with nothing compiled."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.machine import ROOT
from bench.speed.kit import Data, main, table, told

REPEATS = 5
COLD = 1
COMMANDS = (
    ("--help",),
    ("run", "two-valleys", "--runs", "1"),
    ("run", "two-valleys"),
    ("run", "hajin-pocket", "--runs", "200"),
)
COLD_COMMAND = ("run", "two-valleys", "--runs", "1")


def badia(words: tuple[str, ...], cache: str | None = None) -> float:
    """Seconds of one command as a user gives it, its result going to a folder of its own."""
    script = Path(sys.executable).parent / "badia"
    start = [str(script)] if script.is_file() else [sys.executable, "-m", "sim.cli"]
    env = {**os.environ, **({"BADIA_KERNEL_CACHE": cache} if cache else {})}
    env.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program keeps its bytecode
    with tempfile.TemporaryDirectory() as folder:
        out = ("--out", str(Path(folder) / "result")) if words[0] == "run" else ()
        begin = time.perf_counter()
        subprocess.run([*start, *words, *out], cwd=ROOT, env=env, check=True, capture_output=True)
        return time.perf_counter() - begin


def measure(quick: bool) -> Data:
    found: Data = {"commands": []}
    commands = COMMANDS[:2] if quick else COMMANDS
    for words in commands:
        badia(words)  # fills the caches of the machine and of the kernels
        seconds = [badia(words) for _ in range(2 if quick else REPEATS)]
        found["commands"].append({"command": " ".join(words), "cold": False, "seconds": seconds})
        told(f"start-up: badia {' '.join(words)}: {statistics.median(seconds):.2f} s")
    if not quick:
        seconds = []
        for _ in range(COLD):
            with tempfile.TemporaryDirectory() as cache:
                seconds.append(badia(COLD_COMMAND, cache))
        found["commands"].append(
            {"command": " ".join(COLD_COMMAND), "cold": True, "seconds": seconds}
        )
        told(f"start-up, cold: {statistics.median(seconds):.1f} s")
    return found


def tables(data: Data) -> str:
    rows = [
        [
            f"`badia {one['command']}`" + (", nothing compiled" if one["cold"] else ""),
            f"{statistics.median(one['seconds']):.2f}",
            f"{min(one['seconds']):.2f}-{max(one['seconds']):.2f}",
            f"{len(one['seconds'])}",
        ]
        for one in data["commands"]
    ]
    return (
        "Wall seconds of the whole command, Python's start included; 200 runs where none are "
        "named. With nothing compiled the kernels' cache is an empty folder.\n\n"
        f"{table(['command', 'median, s', 'range, s', 'tries'], rows)}"
    )


if __name__ == "__main__":
    main("startup", __doc__, measure, tables)
