"""Time the peer beside the engine, and test whether both give the same outcomes.

Engine and peer take turns, so that both meet the same machine; the engine is warm.  A run-day of
the engine is the wall time of `simulate` over runs x days, results and tables included; of the peer
it is the wall time of making a model, stepping it and adding its map to the counts of holders.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from bench.machine import stamp
from bench.peer_mesa.agreement import THRESHOLD, Outcomes, agrees, compare, of_engine, of_peer
from bench.peer_mesa.model import PeerModel
from bench.peer_mesa.world import Atlas
from sim import CompiledScenario, load_scenario, simulate


class Plan(NamedTuple):
    """How much to run in each of some rounds."""

    scenario: str
    days: int | None  # all if None
    rounds: int
    engine_runs: int
    peer_runs: int


FULL = (
    Plan("two-valleys", None, 6, 512, 100),
    Plan("hajin-pocket", None, 6, 256, 40),
)
QUICK = (
    Plan("two-valleys", None, 2, 64, 20),
    Plan("hajin-pocket", 40, 2, 8, 2),
)


def measure(plan: Plan) -> dict[str, Any]:
    scenario = load_scenario(plan.scenario)
    days = plan.days or scenario.days
    atlas = Atlas(scenario)
    for threads in (1, 2):  # compiled and warm
        simulate(scenario, runs=4, days=days, threads=threads)
    engine_parts, peer_parts = [], []
    seconds: dict[str, list[float]] = {"one": [], "two": [], "peer": []}
    for turn in range(plan.rounds):
        for name, threads in (("one", 1), ("two", 2)):
            begin = time.perf_counter()
            result = simulate(
                scenario, runs=plan.engine_runs, days=days, threads=threads, seed=turn + 1
            )
            seconds[name].append((time.perf_counter() - begin) / plan.engine_runs / days)
        engine_parts.append(of_engine(result))
        begin = time.perf_counter()
        models = ensemble(scenario, atlas, days, plan.peer_runs, first=turn * plan.peer_runs)
        seconds["peer"].append((time.perf_counter() - begin) / plan.peer_runs / days)
        peer_parts += [of_peer(model) for model in models]
        told(f"{plan.scenario}: round {turn + 1} of {plan.rounds}")
    engine, peer = Outcomes.join(engine_parts), Outcomes.join(peer_parts)
    rows = compare(engine, peer, result.setting.cell_id)
    one, two, other = seconds["one"], seconds["two"], seconds["peer"]
    return {
        "cells": len(scenario.holder),
        "days": days,
        "runs": {"engine": len(engine.ends), "peer": len(peer.ends)},
        "engine_s_per_run_day": statistics.median(one),
        "engine_two_threads_s_per_run_day": statistics.median(two),
        "peer_s_per_run_day": statistics.median(other),
        "ratio_one_thread": ratio(other, one),
        "ratio_two_threads": ratio(other, two),
        "ratio_one_thread_range": [min(map(divide, other, one)), max(map(divide, other, one))],
        "agrees": agrees(rows),
        "agreement": rows,
    }


def ensemble(
    scenario: CompiledScenario, atlas: Atlas, days: int, runs: int, first: int = 0
) -> list[PeerModel]:
    """Runs of the peer; they add up who held what on each evening, as an engine's record does."""
    held = np.zeros((days + 1, len(scenario.holder), scenario.factions + 1), np.uint16)
    cells = np.arange(len(scenario.holder))
    models = []
    for number in range(first, first + runs):
        model = PeerModel(scenario, atlas, seed=number + 1)
        for _ in range(days):
            model.step()
        table = model.datacollector.tables["changes"]
        ids = [*scenario.faction_ids, None]
        now, row = scenario.holder.copy(), 0
        for day in range(days + 1):
            while row < len(table["day"]) and table["day"][row] < day:
                now[table["cell"][row]] = ids.index(table["to"][row])
                row += 1
            held[day, cells, now] += 1
        models.append(model)
    return models


def divide(a: float, b: float) -> float:
    return a / b


def ratio(peer: list[float], engine: list[float]) -> float:
    """Median over the rounds."""
    return statistics.median(map(divide, peer, engine))


def told(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def page(data: dict[str, Any]) -> str:
    """The tables as Markdown."""
    lines = [
        "| scenario | cells | engine, us per run-day, 1 thread | 2 threads | "
        "peer, us per run-day | ratio per core | to 2 threads | same outcomes |",
        "| --- | --: | --: | --: | --: | --: | --: | --- |",
    ]
    for name, one in data.items():
        low, high = one["ratio_one_thread_range"]
        lines.append(
            f"| `{name}` | {one['cells']:,} | {one['engine_s_per_run_day'] * 1e6:,.1f} | "
            f"{one['engine_two_threads_s_per_run_day'] * 1e6:,.1f} | "
            f"{one['peer_s_per_run_day'] * 1e6:,.0f} | "
            f"{one['ratio_one_thread']:,.0f} ({low:,.0f} to {high:,.0f}) | "
            f"{one['ratio_two_threads']:,.0f} | {'yes' if one['agrees'] else '**no**'} |"
        )
    lines += [
        "",
        "Medians of rounds in which engine and peer took turns. The peer runs on one core, as Mesa "
        "does, so the ratio to one thread is the ratio per core.",
    ]
    for name, one in data.items():
        runs = one["runs"]
        lines += [
            "",
            f"**`{name}`**: {runs['engine']:,} runs of the engine, {runs['peer']:,} of the "
            f"peer, {one['days']} days. They agree if no p-value, corrected after Holm, is below "
            f"{THRESHOLD}; the smallest is {min(r['p_holm'] for r in one['agreement']):.2f}.",
            "",
            "| measure | engine | peer | difference, standard errors | p, distribution | p, mean | "
            "p, corrected |",
            "| --- | --: | --: | --: | --: | --: | --: |",
        ]
        for row in one["agreement"]:
            p_mean = f"{row['p_mean']:.3f}" if "p_mean" in row else ""
            lines.append(
                f"| {row['measure']} | {row['engine']:,.4g} | {row['peer']:,.4g} | "
                f"{row['difference_se']:+.1f} | {row['p_distribution']:.3f} | {p_mean} | "
                f"{row['p_holm']:.2f} |"
            )
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print data instead of tables")
    parser.add_argument("--quick", action="store_true", help="little of everything, for tests")
    parser.add_argument("--out", type=Path, help="also write peer.json and peer.md there")
    options = parser.parse_args()
    data = {plan.scenario: measure(plan) for plan in (QUICK if options.quick else FULL)}
    mark = stamp()
    libraries = ", ".join(f"{name} {number}" for name, number in mark["libraries"].items())
    sheet = (
        f"{mark['date']}, Badia {mark['version']}, commit {mark['commit']}, {mark['machine']}, "
        f"{libraries}.\n\n{page(data)}"
    )
    print(json.dumps(data, indent=1) if options.json else sheet)
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"stamp": mark, "peer": data}, indent=1, sort_keys=True)
        (options.out / "peer.json").write_text(text + "\n", encoding="utf-8")
        (options.out / "peer.md").write_text(sheet, encoding="utf-8")


if __name__ == "__main__":
    main()
