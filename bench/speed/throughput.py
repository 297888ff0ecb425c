"""Throughput: cell-days a second of the national scenario, by mesh, runs and threads.

Each figure comes from a process of its own.
"""

from __future__ import annotations

import statistics

from bench.speed.kit import NATIONAL, Data, figure, fresh, main, table, told

MESHES = ("5", "6", "7")
RUNS = (1, 16, 64, 256, 1000)
THREADS = (1, 2)
DAYS = 180
BUDGET = 20e6  # cell-days of one setting; larger ones get fewer days
FEWEST = 10
REPEATS = 1  # of a setting; there are thirty of them
WHOLE_REPEATS = 3
WHOLE = (("6", 1000), ("7", 100))  # always in full, on two threads: what users wait for


def days_of(cells: int, runs: int, budget: float = BUDGET) -> int:
    """The days that a setting gets."""
    return int(min(DAYS, max(FEWEST, budget // (runs * cells))))


def measure(quick: bool) -> Data:
    meshes, sizes, repeats = (MESHES, RUNS, REPEATS) if not quick else (("5",), (1, 16), 1)
    whole = WHOLE if not quick else (("5", 16),)
    budget = BUDGET if not quick else 5e5
    found: Data = {"scenario": NATIONAL, "meshes": {}, "settings": [], "whole": []}
    for mesh in meshes:
        share = fresh(
            "bench.speed.ensemble", "--mesh", mesh, "--active", "--days", DAYS if not quick else 11
        )
        found["meshes"][mesh] = share
        for runs in sizes:
            days = days_of(share["cells"], runs, budget)
            for threads in THREADS:
                found["settings"].append(_one(mesh, runs, days, threads, repeats))
    for mesh, runs in whole:
        found["whole"].append(_one(mesh, runs, DAYS, 2, repeats if quick else WHOLE_REPEATS))
    return found


def _one(mesh: str, runs: int, days: int, threads: int, repeats: int) -> Data:
    one = fresh(
        "bench.speed.ensemble", "--mesh", mesh, "--runs", runs, "--days", days,
        "--threads", threads, "--repeats", repeats,
    )  # fmt: skip
    told(
        f"throughput: resolution {mesh}, {runs} runs, {days} days, {threads} threads: "
        f"{rate(one) / 1e6:.1f} million cell-days/s"
    )
    return {"mesh": mesh, **one}


def rate(one: Data) -> float:
    """Cell-days a second, median of the repeats."""
    return one["runs"] * one["days"] * one["cells"] / statistics.median(one["seconds"])


def headline(data: Data) -> list[list[str]]:
    """Rows for a short table: what, and the figure."""
    rows = []
    for one in data["whole"]:
        active = rate(one) * data["meshes"][one["mesh"]]["active"]
        rows.append(
            [
                f"Cell-days a second, resolution {one['mesh']}, {one['runs']:,} runs",
                f"{figure(rate(one) / 1e6)} million, {figure(active / 1e6)} million active",
                "",
                "",
            ]
        )
    return rows


def tables(data: Data) -> str:
    active = {mesh: share["active"] for mesh, share in data["meshes"].items()}
    rows = []
    for mesh, share in data["meshes"].items():
        for runs in sorted({one["runs"] for one in data["settings"]}):
            pair = {
                one["threads"]: one
                for one in data["settings"]
                if one["mesh"] == mesh and one["runs"] == runs
            }
            single, double = pair[1], pair[2]
            rows.append(
                [
                    f"{mesh}, {share['cells']:,} cells",
                    f"{runs:,}",
                    f"{single['days']}",
                    f"{figure(rate(single) / 1e6)}",
                    f"{figure(rate(double) / 1e6)}",
                    f"{figure(rate(double) * active[mesh] / 1e6)}",
                    f"{rate(double) / rate(single):.2f}",
                ]
            )
    head = [
        "resolution", "runs", "days", "1 thread", "2 threads", "active, 2 threads",
        "2 threads against 1",
    ]  # fmt: skip
    text = (
        f"`{data['scenario']}`, millions of cell-days a second (runs x days x cells / seconds of "
        "the whole call of `simulate`), medians; the first days of the scenario where they are "
        f"fewer than {DAYS}.\n\n{table(head, rows)}\n"
    )
    shares = ", ".join(
        f"{100 * share:.0f} % at resolution {mesh}" for mesh, share in active.items()
    )
    text += (
        "Active cells have somebody under arms in them, in the open or hidden, or a front within "
        f"reach (9.3 km): {shares}, mean over {DAYS} days. The rest of the map counts in "
        "cell-days, and not in active ones.\n\n"
    )
    rows = []
    for one in data["whole"]:
        middle = statistics.median(one["seconds"])
        rows.append(
            [
                f"resolution {one['mesh']}, {one['runs']:,} runs, {one['days']} days",
                f"{middle:.1f}",
                f"{min(one['seconds']):.1f}-{max(one['seconds']):.1f}",
                figure(rate(one) / 1e6),
                f"{1e6 * middle * one['threads'] / one['runs'] / one['days']:,.0f}",
            ]
        )
    head = [
        "in full, two threads",
        "seconds",
        "range",
        "million cell-days/s",
        "µs a run-day and core",
    ]
    return text + table(head, rows)


if __name__ == "__main__":
    main("throughput", __doc__, measure, tables)
