"""Profile of a day: what share each mechanism, the decisions, the calendar and the record take.

The parts of a model are wrapped with a clock from outside and the model is stepped as always, so
the order of the day is the model's own.  Clocks run in processor time.  A plain day, without
clocks, is measured beside it.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

from bench.speed import theatre
from bench.speed.kit import NATIONAL, Data, main, table, told
from sim import CompiledScenario, TerritoryModel
from sim.ensemble import batch_size
from sim.record import Recorder

DAYS = 180
REPEATS = 3
REST = "the rest of a step"


class Clock:
    """Seconds by part."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def wrap(self, name: str, inner: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*given: Any, **named: Any) -> Any:
            begin = time.process_time()
            try:
                return inner(*given, **named)
            finally:
                spent = time.process_time() - begin
                self.seconds[name] = self.seconds.get(name, 0.0) + spent

        return timed

    def watch(self, model: TerritoryModel) -> None:
        """Put a clock on every part of a model's day; methods of these objects alone."""
        model.calendar.apply = self.wrap("calendar", model.calendar.apply)  # type: ignore[method-assign]
        model.look = self.wrap("morning's picture", model.look)  # type: ignore[method-assign]
        for faction in model.agents:
            faction.decide = self.wrap("decisions", faction.decide)
        for mechanism in model.mechanisms:
            mechanism.apply = self.wrap(mechanism.name, mechanism.apply)  # type: ignore[method-assign]


def one_pass(scenario: CompiledScenario, days: int, runs: int, watched: bool) -> dict[str, float]:
    """Microseconds a run-day by part; `day` is the whole."""
    model = TerritoryModel(scenario, runs=runs)
    recorder = Recorder(scenario, model.state, days=days)
    clock = Clock()
    if watched:
        clock.watch(model)
    step, record = (
        clock.wrap("step", model.step),
        clock.wrap("recording", recorder.day),
    )
    for day in range(days):
        if day == 1:  # the first day loads the kernels
            clock.seconds.clear()
        step()
        record(model.state)
    spent = {name: 1e6 * s / runs / (days - 1) for name, s in clock.seconds.items()}
    whole = spent.pop("step")
    parts = sum(s for name, s in spent.items() if name != "recording")
    spent[REST] = whole - parts
    spent["day"] = whole + spent["recording"]
    return spent


def measure(quick: bool) -> Data:
    days, mesh, repeats = (12, "5", 1) if quick else (DAYS, "6", REPEATS)
    scenario = theatre.load(mesh)
    runs = batch_size(len(scenario.holder))
    watched: list[dict[str, float]] = []
    plain: list[float] = []
    for _ in range(repeats):
        watched.append(one_pass(scenario, days, runs, True))
        plain.append(one_pass(scenario, days, runs, False)["day"])
        told(f"profile: {plain[-1]:,.0f} us a run-day, {watched[-1]['day']:,.0f} with clocks")
    names = watched[0]
    return {
        "scenario": NATIONAL, "mesh": mesh, "runs": runs, "days": days,
        "plain": statistics.median(plain),
        "parts": {name: statistics.median(one[name] for one in watched) for name in names},
    }  # fmt: skip


def tables(data: Data) -> str:
    parts = dict(data["parts"])
    day = parts.pop("day")
    rest = parts.pop(REST)
    ordered = [*sorted(parts.items(), key=lambda item: -item[1]), (REST, rest)]
    rows = [[name, f"{spent:,.1f}", f"{100 * spent / day:.1f} %"] for name, spent in ordered]
    rows.append(["**a day**", f"{day:,.1f}", "100 %"])
    return (
        f"`{data['scenario']}`, resolution {data['mesh']}, one thread, {data['runs']} runs side by "
        f"side, {data['days']} days, processor time, medians. Decisions count the "
        "choice of postures; what factions perceive is part of the morning's picture, and the "
        "picture that is drawn again before the fighting part of engagement. With clocks each rule "
        "is a call of its own; without them all are carried out in one, and a day takes "
        f"{data['plain']:,.0f} µs.\n\n{table(['part', 'µs a run-day', 'share'], rows)}"
    )


if __name__ == "__main__":
    main("profile", __doc__, measure, tables)
