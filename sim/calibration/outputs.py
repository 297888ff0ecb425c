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

from sim.result import Result
from sim.scenario.observed import Target
from sim.score.targets import entry_of, first_day, holds, share_held

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
        entry = entry_of(target)
        if target.kind in ("share", "held"):
            if entry <= days:
                group = f"{where} {target.kind}"
                outputs.append(Output(f"{where} {target.id}", group, target.share, SHARES))
                values.append(share_held(result, target))
        elif target.by:
            took = np.minimum(first_day(holds(result, target)), days) / days
            sd = float(np.hypot(DAYS, target.precision_days / days))
            seen = min(entry, days) / days
            outputs.append(Output(f"{where} {target.id}", f"{where} days", seen, sd))
            values.append(took)
        elif entry <= days:
            group = "panel" if target.panel else "places"
            right[group].append(holds(result, target)[:, entry])
    for group, held_by in right.items():
        if held_by:
            outputs.append(Output(f"{where} {group}", f"{where} {group}", 1.0, STATEMENTS))
            values.append(np.mean(np.array(held_by), axis=0))
    return outputs, np.array(values).T
