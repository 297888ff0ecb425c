"""Growth: how time grows with cells, days, runs and factions; fitted exponents.

One process and one thread; the points of a series are measured in turns, several times over, and
the fastest of each counts, in processor time, so that what else the machine does falls on no point
alone.  The exponent is the slope of a straight line through the logarithms (least squares); since
the fixed costs of a call flatten it, the slope of the last step, from the second largest point to
the largest, stands beside it.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

from bench.speed import theatre
from bench.speed.kit import NATIONAL, Data, figure, main, table, told
from sim import CompiledScenario, simulate

REPEATS = 3


@dataclass(frozen=True)
class Point:
    """One ensemble of a series; `size` is what varies."""

    label: str
    size: float
    scenario: CompiledScenario
    runs: int
    days: int


def series(quick: bool) -> dict[str, list[Point]]:
    """The series, each with its points from small to large."""
    few = 2 if quick else 1
    national = theatre.load("5" if quick else "6")
    meshes = [theatre.load(mesh) for mesh in (("5", "6") if quick else ("5", "6", "6+7", "7"))]
    sizes = sorted(meshes, key=lambda one: len(one.holder))
    halves = {k: theatre.split(national, k) for k in (1, 2, 3)}
    return {
        "cells": [
            Point(f"resolution {one.theatre.label}", len(one.holder), one, 8 // few**2, 30 // few)
            for one in sizes
        ],
        "days": [
            Point("", days, national, 8 // few, days)
            for days in ((8, 16) if quick else (15, 30, 60, 120, 230))
        ],
        "runs": [
            Point("", runs, national, runs, 15 // few)
            for runs in ((2, 8) if quick else (8, 32, 128, 512))
        ],
        "factions": [
            Point(f"each army in {k}" if k > 1 else "as they are", one.factions, one, 8 // few, 30)
            for k, one in halves.items()
        ],
    }


def measure(quick: bool) -> Data:
    found: Data = {"scenario": NATIONAL, "series": {}}
    for name, points in series(quick).items():
        for point in points:  # every shape and rule once, not timed
            simulate(point.scenario, runs=2, days=min(8, point.days), threads=1)
        best = [math.inf] * len(points)
        for _ in range(1 if quick else REPEATS):
            for i, point in enumerate(points):
                begin = time.process_time()
                simulate(point.scenario, runs=point.runs, days=point.days, threads=1)
                best[i] = min(best[i], time.process_time() - begin)
        found["series"][name] = [
            {
                "label": point.label, "size": point.size, "seconds": seconds,
                "cells": len(point.scenario.holder), "factions": point.scenario.factions,
                "runs": point.runs, "days": point.days,
            }
            for point, seconds in zip(points, best, strict=True)
        ]  # fmt: skip
        told(f"growth with {name}: exponent {exponent(found['series'][name]):.2f}")
    return found


def exponent(points: list[Data]) -> float:
    """The slope of log seconds over log size, least squares."""
    x = [math.log(point["size"]) for point in points]
    y = [math.log(point["seconds"]) for point in points]
    mx, my = sum(x) / len(x), sum(y) / len(y)
    across = sum((a - mx) * (b - my) for a, b in zip(x, y, strict=True))
    return across / sum((a - mx) ** 2 for a in x)


def last_step(points: list[Data]) -> float:
    """The slope between the two largest points."""
    return exponent(points[-2:])


def tables(data: Data) -> str:
    rows, all_points = [], []
    for name, points in data["series"].items():
        first = points[0]
        fixed = {
            "cells": f"{first['runs']} runs, {first['days']} days",
            "days": f"{first['cells']:,} cells, {first['runs']} runs",
            "runs": f"{first['cells']:,} cells, {first['days']} days",
            "factions": f"{first['cells']:,} cells, {first['runs']} runs, {first['days']} days",
        }[name]
        rows.append([name, fixed, f"{exponent(points):.2f}", f"{last_step(points):.2f}"])
        for point in points:
            label = f" ({point['label']})" if point["label"] else ""
            all_points.append([name, f"{point['size']:,}{label}", figure(point["seconds"])])
    head = ["time against", "with", "exponent", "last step"]
    return (
        f"`{data['scenario']}`, one thread, the whole call of `simulate`, processor time, fastest "
        "of several. Fixed costs of a call flatten an exponent; the last step, between the "
        "two largest points, has least of them. Days are those of the war, which has "
        "more fronts on some than on others. For factions every army is split "
        "into allied armies of equal strength: the same people in more armies.\n\n"
        f"{table(head, rows, left=2)}\n{table(['series', 'size', 'seconds'], all_points, left=1)}"
    )


if __name__ == "__main__":
    main("growth", __doc__, measure, tables)
