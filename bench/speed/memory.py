"""Memory: the most that a process holds, by runs and mesh, against `badia.memory_needed`."""

from __future__ import annotations

from bench.speed.kit import NATIONAL, Data, fresh, main, table, told

SETTINGS = (("6", 24), ("6", 200), ("6", 1000), ("5", 1000), ("7", 24), ("7", 100))
DAYS = 180
THREADS = 2


def measure(quick: bool) -> Data:
    settings, days = ((("5", 4), ("5", 64)), 10) if quick else (SETTINGS, DAYS)
    found: Data = {"scenario": NATIONAL, "ensembles": []}
    for mesh, runs in settings:
        one = fresh(
            "bench.speed.ensemble", "--mesh", mesh, "--runs", runs, "--days", days,
            "--threads", THREADS, "--memory",
        )  # fmt: skip
        found["ensembles"].append({"mesh": mesh, **one})
        told(f"memory: resolution {mesh}, {runs} runs: {one['peak'] / 2**20:,.0f} MB")
    return found


def per_run(data: Data) -> list[tuple[str, int, int, float]]:
    """For each mesh with several sizes: bytes that one run more takes, from the largest two."""
    found = []
    for mesh in sorted({one["mesh"] for one in data["ensembles"]}):
        some = [one for one in data["ensembles"] if one["mesh"] == mesh]
        if len(some) > 1:
            a, b = sorted(some, key=lambda one: one["runs"])[-2:]
            found.append(
                (mesh, a["runs"], b["runs"], (b["peak"] - a["peak"]) / (b["runs"] - a["runs"]))
            )
    return found


def tables(data: Data) -> str:
    rows = []
    for one in data["ensembles"]:
        grown = one["peak"] - one["before"]
        rows.append(
            [
                f"{one['mesh']}, {one['cells']:,} cells",
                f"{one['runs']:,}",
                f"{one['peak'] / 2**20:,.0f}",
                f"{grown / 2**20:,.0f}",
                f"{grown / one['runs'] / 1024:,.0f}",
                f"{grown / one['runs'] / one['cells']:,.0f}",
                f"{one['estimate'] / 2**20:,.0f}",
                f"{one['estimate'] / grown:.2f}",
            ]
        )
    head = [
        "resolution", "runs", "peak, MB", "of it the ensemble, MB", "a run, kB",
        "a run and cell, bytes", "estimate, MB", "estimate against measured",
    ]  # fmt: skip
    first = data["ensembles"][0]
    text = (
        f"`{data['scenario']}`, {first['days']} days, {first['threads']} threads, the result "
        "saved; each ensemble in a process of its own. The ensemble's part is the growth over the "
        "process with the scenario loaded, machine code included; a run's part "
        "falls with the number of runs, since only the batches under way hold their state. The "
        "estimate is `memory_needed`, which is asked before a run starts."
        f"\n\n{table(head, rows)}"
    )
    for mesh, few, many, each in per_run(data):
        text += (
            f"\nFrom {few:,} to {many:,} runs at resolution {mesh} each run more takes "
            f"{each / 1024:,.0f} kB.\n"
        )
    return text


if __name__ == "__main__":
    main("memory", __doc__, measure, tables)
