"""How fast the engine is: `syria-2018-08`, a cold start and the full ensemble.

Prints a Markdown table with the machine and the medians and, with --out, keeps it with its date.
Each figure comes from a process of its own, so that memory and compilation are those of a user.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

MEASURE = """
import json, resource, sys, time
begin = time.perf_counter()
from sim import load_scenario, simulate
scenario = load_scenario("syria-2018-08")
ready = time.perf_counter()
first = []
result = simulate(scenario, runs=int(sys.argv[1]), days=int(sys.argv[2]),
                  progress=lambda done, days: first or first.append(time.perf_counter()))
print(json.dumps({
    "load_s": ready - begin,
    "first_day_s": first[0] - begin,
    "elapsed_s": result.manifest["elapsed_s"],
    "cell_days_per_s": result.manifest["cell_days_per_s"],
    "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    "cells": result.setting.cells,
    "digest": result.setting.digest[:8],
    "version": result.manifest["version"],
}))
"""


def measure(runs: int, days: int, cache: str | None = None) -> dict[str, float]:
    """One process: its times and its memory."""
    env = dict(os.environ)
    if cache:
        env["BADIA_KERNEL_CACHE"] = cache
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(runs), str(days)],
        env=env, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return json.loads(done.stdout)


def machine() -> str:
    name = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                name = line.split(":", 1)[1].strip()
                break
    return (
        f"{name}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--days", type=int, default=230)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as cache:
        cold = measure(1, 1, cache)
    warm = [measure(options.runs, options.days) for _ in range(options.repeats)]

    def middle(key: str) -> float:
        return statistics.median(one[key] for one in warm)

    today = datetime.now(UTC).date().isoformat()
    lines = [
        f"# Engine, {today}",
        "",
        f"{machine()}. Badia {warm[0]['version']}, scenario digest {warm[0]['digest']}, "
        f"{warm[0]['cells']:,} cells. Medians of {options.repeats}.",
        "",
        "| what | figure |",
        "|---|---|",
        f"| cold start, kernels compiled: first day after | {cold['first_day_s']:.1f} s |",
        f"| warm start: first day after | {middle('first_day_s'):.1f} s |",
        f"| {options.runs} runs x {options.days} days | {middle('elapsed_s'):.1f} s |",
        f"| cell-days a second | {middle('cell_days_per_s') / 1e6:.1f} million |",
        f"| peak memory | {middle('memory_mb'):,.0f} MB |",
    ]
    print("\n".join(lines))
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        target = options.out / f"engine-{today}.md"
        target.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
