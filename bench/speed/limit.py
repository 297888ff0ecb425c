"""The limit: what a day moves and computes, against what the machine can move and compute.

Three things are put side by side: the machine's measured speed (a triad a[i] = b[i] + s * c[i] over
arrays far larger than its caches, and chains of scalar arithmetic), what a day has to touch
(the sizes of the state's arrays, from what the mechanisms declare), and, where the program valgrind
is installed, what a day does touch: instructions and traffic of the compiled code, counted.
"""

from __future__ import annotations

import math
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numba import njit

from bench.machine import ROOT
from bench.speed import theatre
from bench.speed.kit import NATIONAL, Data, figure, fresh, main, table, told
from bench.speed.profile import one_pass
from sim import CompiledScenario, TerritoryModel
from sim.ensemble import batch_size

LARGE = 16_000_000  # doubles in each of three arrays: 384 MB
SMALL = 10_000  # ... 240 kB: inside the second cache
STEPS = 50_000_000
SHIFT = np.uint64(27)
CHAINS = 8  # independent ones, enough to hide the latency of an operation
REPEATS = 5
COUNTED_DAYS = (10, 30)  # the difference is twenty days without start-up
PROCESSOR = {"NUMBA_CPU_NAME": "haswell", "NUMBA_CPU_FEATURES": ""}  # what valgrind understands


@njit(nogil=True)
def triad(a, b, c, s, times):
    for _ in range(times):
        for i in range(len(a)):
            a[i] = b[i] + s * c[i]


@njit(nogil=True)
def whole_chain(steps, x):
    """Shift, exclusive or, add: nothing that a compiler could take apart."""
    m = np.uint64(0xBF58476D1CE4E5B9)
    for _ in range(steps):
        x = (x ^ (x >> SHIFT)) + m
    return x


@njit(nogil=True)
def whole_chains(steps, x):
    m, one = np.uint64(0xBF58476D1CE4E5B9), np.uint64(1)
    a = x
    b = a + one
    c = b + one
    d = c + one
    e = d + one
    f = e + one
    g = f + one
    h = g + one
    for _ in range(steps):
        a = (a ^ (a >> SHIFT)) + m
        b = (b ^ (b >> SHIFT)) + m
        c = (c ^ (c >> SHIFT)) + m
        d = (d ^ (d >> SHIFT)) + m
        e = (e ^ (e >> SHIFT)) + m
        f = (f ^ (f >> SHIFT)) + m
        g = (g ^ (g >> SHIFT)) + m
        h = (h ^ (h >> SHIFT)) + m
    return a ^ b ^ c ^ d ^ e ^ f ^ g ^ h


@njit(nogil=True)
def real_chain(steps, x):
    for _ in range(steps):
        x = x * 0.999 + 0.001
    return x


@njit(nogil=True)
def real_chains(steps, x):
    a, b, c, d, e, f, g, h = x, x + 1, x + 2, x + 3, x + 4, x + 5, x + 6, x + 7
    for _ in range(steps):
        a = a * 0.999 + 0.001
        b = b * 0.999 + 0.001
        c = c * 0.999 + 0.001
        d = d * 0.999 + 0.001
        e = e * 0.999 + 0.001
        f = f * 0.999 + 0.001
        g = g * 0.999 + 0.001
        h = h * 0.999 + 0.001
    return a + b + c + d + e + f + g + h


def fastest(work: Callable[[], Any], repeats: int) -> float:
    """Seconds of the fastest of several tries, after one that is not counted."""
    work()
    best = math.inf
    for _ in range(repeats):
        begin = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - begin)
    return best


def bandwidth(size: int, times: int, threads: int, repeats: int) -> float:
    """Bytes a second of the triad: two arrays read and one written, on so many threads."""
    parts = [tuple(np.ones(size // threads) for _ in range(3)) for _ in range(threads)]
    with ThreadPoolExecutor(threads) as pool:

        def work() -> None:
            list(pool.map(lambda part: triad(*part, 3.0, times), parts))

        return 24.0 * (size // threads) * threads * times / fastest(work, repeats)


def machine_speed(quick: bool) -> Data:
    """What this machine moves and computes."""
    steps, repeats = (STEPS // 50, 1) if quick else (STEPS, REPEATS)
    found: Data = {"bytes": {}, "operations": {}}
    for threads in (1, 2):
        large = LARGE // (10 if quick else 1)
        found["bytes"][f"memory, {threads} thread{'s'[: threads - 1]}"] = bandwidth(
            large, 1, threads, repeats
        )
    found["bytes"]["second cache, 1 thread"] = bandwidth(SMALL, 200, 1, repeats)
    for name, chain, start, operations in (
        ("whole numbers, each on the one before", whole_chain, np.uint64(1), 3),
        ("whole numbers, independent", whole_chains, np.uint64(1), 3 * CHAINS),
        ("real numbers, each on the one before", real_chain, 1.0, 2),
        ("real numbers, independent", real_chains, 1.0, 2 * CHAINS),
    ):
        seconds = fastest(lambda c=chain, s=start: c(steps, s), repeats)
        found["operations"][name] = operations * steps / seconds
    return found


def touched(scenario: CompiledScenario) -> Data:
    """Bytes of state a run and day, as the mechanisms declare: `once` and `each`.

    once  every array that some rule names is read once, and written once if some rule writes it:
          the least for an engine that sweeps the map once a day with everything else in registers
    each  every rule sweeps its own arrays: the most, if nothing stays in a cache between two rules

    A rule that leaves idle ground out touches less than either.
    """
    model = TerritoryModel(scenario, runs=1)
    model.step()

    def size(name: str) -> int:
        value = getattr(model.state, name)
        # the list of incidents is as long as the day was eventful; its fixed room is not touched
        return value.nbytes if isinstance(value, np.ndarray) and name != "incidents" else 0

    rules = [((), model.calendar.writes), *((m.reads, m.writes) for m in model.mechanisms)]
    rules.append((("holder", "fighters", "covert", "losses", "displaced"), ()))  # the record
    picture = sum(array.nbytes for array in model.world.picture)
    reads = {name for some, _ in rules for name in some}
    writes = {name for _, some in rules for name in some}
    once = sum(map(size, reads | writes)) + sum(map(size, writes)) + 2 * picture
    each = sum(size(name) for some, others in rules for name in (*some, *others)) + 2 * picture
    return {"once": once, "each": each}


def counted(runs: int) -> Data | None:
    """Instructions, accesses, traffic and time of a run-day; None where valgrind is not.

    The time is that of the same days and the same machine code without valgrind.
    """
    valgrind = shutil.which("valgrind")
    if valgrind is None:
        return None
    size, found, seconds = last_cache(), [], []
    with tempfile.TemporaryDirectory() as cache:
        env = {**os.environ, **PROCESSOR, "BADIA_KERNEL_CACHE": cache}
        for _ in range(1 + REPEATS):  # the first compiles
            spent = fresh("bench.speed.days", runs, COUNTED_DAYS[1], env=env)["seconds"]
            seconds.append(sum(spent[COUNTED_DAYS[0] :]))
        for days in COUNTED_DAYS:
            told(f"limit: counting the instructions of {days} days, a few minutes")
            done = subprocess.run(
                [
                    valgrind, "--tool=cachegrind", "--cache-sim=yes", f"--LL={size},16,64",
                    "--cachegrind-out-file=/dev/null",
                    sys.executable, "-m", "bench.speed.days", str(runs), str(days),
                ],
                cwd=ROOT, env=env, capture_output=True, text=True,
            )  # fmt: skip
            if done.returncode:
                told(f"limit: valgrind gave up: {done.stderr[-300:]}")
                return None
            found.append(_totals(done.stderr))
    run_days = runs * (COUNTED_DAYS[1] - COUNTED_DAYS[0])
    first, second = found
    return {
        "last_cache": size,
        "day": 1e6 * min(seconds) / run_days,
        # where a batch fits into the last cache, its misses differ by less than they waver
        **{name: max(0.0, second[name] - first[name]) / run_days for name in first},
    }


def last_cache() -> int:
    """Bytes of the last cache, as a power of two; 32 MB where the system does not tell."""
    file = Path("/sys/devices/system/cpu/cpu0/cache/index3/size")
    text = file.read_text().strip() if file.is_file() else "32768K"
    return 2 ** int(math.log2(int(text.removesuffix("K")) * 1024))


def _totals(text: str) -> dict[str, float]:
    """The totals that Cachegrind prints."""

    def number(label: str) -> float:
        match = re.search(rf"{label}:\s+([\d,]+)", text)
        if match is None:
            raise RuntimeError(f"Cachegrind did not tell '{label}'.")
        return float(match[1].replace(",", ""))

    return {
        "instructions": number(r"I\s+refs"),
        "accesses": number(r"D\s+refs"),
        "first_misses": number(r"D1\s+misses"),
        "last_misses": number(r"LLd misses"),
    }


def measure(quick: bool) -> Data:
    mesh, days = ("5", 8) if quick else ("6", 90)
    scenario = theatre.load(mesh)
    runs = batch_size(len(scenario.holder))
    speed = machine_speed(quick)
    told("limit: the machine's speed is known")
    day = statistics.median(
        one_pass(scenario, days, runs, False)["day"] for _ in range(1 if quick else 3)
    )
    return {
        "scenario": NATIONAL, "mesh": mesh, "cells": len(scenario.holder), "days": days,
        "runs": runs, "machine": speed, "day": day, "touched": touched(scenario),
        "counted": None if quick else counted(runs), "counted_days": COUNTED_DAYS,
    }  # fmt: skip


@dataclass(frozen=True)
class Bound:
    """What a run-day needs, in microseconds at the machine's speed, and what it takes."""

    what: str
    amount: float  # a run-day
    unit: str
    least: float  # microseconds
    taken: float


def bounds(data: Data) -> list[Bound]:
    speed, touch, day = data["machine"], data["touched"], data["day"]
    moved = speed["bytes"]["memory, 1 thread"] / 1e6  # bytes a microsecond
    done = speed["operations"]["whole numbers, independent"] / 1e6
    once, each = touch["once"], touch["each"]
    found = [
        Bound("state, each array swept once", once, " bytes", once / moved, day),
        Bound("state, swept by each rule anew", each, " bytes", each / moved, day),
    ]
    if count := data["counted"]:
        traffic, steps = 64 * count["last_misses"], count["instructions"]
        found += [
            Bound("counted: traffic with memory", traffic, " bytes", traffic / moved, count["day"]),
            Bound("counted: instructions", steps, "", steps / done, count["day"]),
        ]
    return found


def tables(data: Data) -> str:
    speed, cells = data["machine"], data["cells"]
    rows = [[name, f"{figure(value / 1e9)} GB/s"] for name, value in speed["bytes"].items()]
    rows += [
        [name, f"{figure(value / 1e9)} billion/s"] for name, value in speed["operations"].items()
    ]
    text = f"{table(['the machine', 'measured'], rows)}\n"
    rows = [
        [
            one.what,
            f"{figure(one.amount / cells)}{one.unit}",
            f"{one.least:,.1f}",
            f"{one.taken:,.0f}",
            f"{figure(one.taken / one.least, 2) if one.least > 0.05 else '-'}",
        ]
        for one in bounds(data)
    ]
    head = ["a day of the nation", "a cell-day", "µs at the machine's speed", "µs we take", "times"]
    text += (
        f"{table(head, rows)}\n`{data['scenario']}`, resolution {data['mesh']}, one thread: a "
        f"run-day takes {data['day']:,.0f} µs ({data['runs']} runs side by side, {data['days']} "
        f"days), {1000 * data['day'] / cells:.1f} ns a cell. Sweeps are taken from what the rules "
        "declare to read and write, with every cell touched; rules that leave idle ground out "
        "touch less. Memory is charged at the speed of one thread's triad, instructions at that of "
        "independent whole-number operations (shift, exclusive or, add); loads, stores and "
        "branches may be faster or slower.\n"
    )
    if count := data["counted"]:
        first, last = data["counted_days"]
        text += (
            f"\nCounted by Cachegrind over days {first + 1} to {last}, {data['runs']} runs side by "
            "side, in code for a processor of 2013, which valgrind understands: "
            f"{count['instructions'] / cells:,.0f} instructions "
            f"({count['instructions'] / count['day'] / 1e3:.1f} billion a second) and "
            f"{count['accesses'] / cells:,.0f} accesses to memory a cell-day, of which "
            f"{100 * count['first_misses'] / count['accesses']:.1f} % miss the first cache and "
            f"{100 * count['last_misses'] / count['accesses']:.2f} % the last, of "
            f"{count['last_cache'] / 2**20:.0f} MB.\n"
        )
    else:
        fits = data["day"] * speed["operations"]["whole numbers, independent"] / 1e6 / cells
        text += (
            "\nInstructions were not counted, as they are where the program valgrind is "
            f"installed. So only a bound can be given: {fits:,.0f} independent operations a "
            "cell-day fit into the measured time.\n"
        )
    return text


if __name__ == "__main__":
    main("limit", __doc__, measure, tables)
