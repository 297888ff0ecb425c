"""What a run is compared with the record by: one number for each thing that was observed.

The targets are those of `badia score`.  A day of capture is one output.  Statements about dates are
too coarse one by one (a run is right or wrong), so the share of them that a run gets right is one
output for each group.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.result import Result, area_m2
from sim.scenario.observed import Target

Array = NDArray[Any]

# How far the best parameters may stay from the record because the model is a model: standard
# deviations, assumed before anything was calibrated.
DAYS = 0.10  # of the calendar: three weeks in eight months
STATEMENTS = 0.05  # share of statements about dates
SHARES = 0.02  # of the country; published maps of one month differ by 0.01 to 0.02


@dataclass(frozen=True)
class Output:
    """One number that a run has and that was observed.

    group     outputs of one group count as one piece of evidence
    observed  the record's value
    sd        standard deviation of the record's error and of the model's own
    """

    name: str
    group: str
    observed: float
    sd: float


def compare(result: Result, targets: Sequence[Target]) -> tuple[list[Output], Array]:
    """The outputs of a scenario, J of them, and their values in each run, (R, J).

    A day of capture is a share of the calendar; what a run does not see in time has the value 1.
    Targets that lie behind the last simulated day are left out.
    """
    where, days = result.setting.name, result.days
    outputs: list[Output] = []
    values: list[Array] = []
    right: dict[str, list[Array]] = {"places": [], "panel": []}
    for target in targets:
        entry = target.day + 1
        if target.kind in ("share", "held"):
            if entry <= days:
                group = f"{where} {target.kind}"
                outputs.append(Output(f"{where} {target.id}", group, target.share, SHARES))
                values.append(_share(result, target)[:, entry])
        elif target.by:
            held = _held(result, target)
            took = np.where(held.any(axis=1), held.argmax(axis=1), days) / days
            sd = float(np.hypot(DAYS, target.precision_days / days))
            seen = min(entry, days) / days
            outputs.append(Output(f"{where} {target.id}", f"{where} days", seen, sd))
            values.append(took)
        elif entry <= days:
            group = "panel" if target.panel else "places"
            right[group].append(_held(result, target)[:, entry])
    for group, held_by in right.items():
        if held_by:
            outputs.append(Output(f"{where} {group}", f"{where} {group}", 1.0, STATEMENTS))
            values.append(np.mean(np.array(held_by), axis=0))
    return outputs, np.array(values).T


def _held(result: Result, target: Target) -> Array:
    """Whether the target's factions together hold most of its cells; (R, days+1) bool."""
    return _m2(result, target) * 2 > int(area_m2(result.setting)[target.cells].sum())


def _share(result: Result, target: Target) -> Array:
    """The share that they hold of the theatre or of the cells; (R, days+1)."""
    if target.kind == "share":
        series = result.dataset["share"].to_numpy()[:, :, list(target.factions)]
        return np.asarray(series.sum(axis=2))
    return np.asarray(_m2(result, target) / int(area_m2(result.setting)[target.cells].sum()))


def _m2(result: Result, target: Target) -> Array:
    held = [result.held_m2(target.cells, faction) for faction in target.factions]
    return np.asarray(np.sum(held, axis=0))
