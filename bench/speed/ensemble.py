"""One ensemble, timed in the process that it is run in; prints JSON.

    python -m bench.speed.ensemble --mesh 6 --runs 100 --days 30 --threads 2 --repeats 3
    python -m bench.speed.ensemble --mesh 6 --runs 100 --memory

Timed is the whole call of `simulate`: the first morning, decisions, rules, recording, and putting
the batches together.  Not timed are loading the scenario and, by a short ensemble before it,
compiling or loading the kernels.  With --memory nothing is warmed up, the result is saved as a user
would save it, and the peak of the process is told.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from bench.speed import theatre
from bench.speed.kit import NATIONAL, Data
from sim import CompiledScenario, memory_needed, simulate

ENOUGH = 3.0  # seconds after which an ensemble is not repeated more often than asked for
MOST_REPEATS = 15
WARM_DAYS = 8  # every rhythm of decisions and most events come up


def resident() -> tuple[int, int]:
    """Bytes of memory that the process holds, and the most it ever held.

    Not `getrusage`: on Linux its maximum counts what the parent process held when it started us.
    """
    status = Path("/proc/self/status")
    if status.is_file():
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
        return tuple(int(lines[key].split()[0]) * 1024 for key in ("VmRSS", "VmHWM"))  # type: ignore[return-value]
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most, most * (1 if sys.platform == "darwin" else 1024)


def timed(
    scenario: CompiledScenario, *, runs: int, days: int, threads: int, repeats: int
) -> list[float]:
    """Seconds of each repeat, after a warm-up with as many threads; short ones get more repeats."""
    simulate(scenario, runs=2 * threads, days=min(days, WARM_DAYS), threads=threads)
    seconds: list[float] = []
    while len(seconds) < repeats or (sum(seconds) < ENOUGH and len(seconds) < MOST_REPEATS):
        begin = time.perf_counter()
        simulate(scenario, runs=runs, days=days, threads=threads)
        seconds.append(time.perf_counter() - begin)
    return seconds


def remembered(scenario: CompiledScenario, *, runs: int, days: int, threads: int) -> Data:
    """Memory before, at the peak and as estimated, of an ensemble that is simulated and saved."""
    before, _ = resident()
    with tempfile.TemporaryDirectory() as folder:
        result = simulate(scenario, runs=runs, days=days, threads=threads)
        _, simulated = resident()
        result.save(Path(folder) / "result")
    return {
        "before": before,
        "simulated": simulated,
        "peak": resident()[1],
        "estimate": memory_needed(scenario, runs, threads, days),
    }


def active_share(scenario: CompiledScenario, days: int, runs: int = 4, every: int = 10) -> float:
    """The mean share of cells that are active (see `theatre.active`), over runs and days."""
    from sim import TerritoryModel

    model = TerritoryModel(scenario, runs=runs)
    mesh, shares = scenario.theatre.mesh, []
    for day in range(days):
        if day % every == 0:
            shares.append(float(np.mean(theatre.active(model.state, mesh))))
        model.step()
    return float(np.mean(shares))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--scenario", default=NATIONAL)
    parser.add_argument("--mesh", default="6", help="5, 6, 7, 6+7 or own")
    parser.add_argument("--runs", type=int, default=16)
    parser.add_argument("--days", type=int, default=180)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--memory", action="store_true")
    parser.add_argument("--active", action="store_true", help="only the share of active cells")
    asked = parser.parse_args()
    scenario = theatre.load(asked.mesh, asked.scenario)
    found: Data = {"cells": len(scenario.holder), "factions": scenario.factions}
    size = {"runs": asked.runs, "days": asked.days, "threads": asked.threads}
    if asked.active:
        found["active"] = active_share(scenario, asked.days)
    elif asked.memory:
        found |= size | remembered(scenario, **size)
    else:
        found |= size | {"seconds": timed(scenario, repeats=asked.repeats, **size)}
    print(json.dumps(found))


if __name__ == "__main__":
    main()
