"""What is kept of the two valleys, to notice when results move: small plain tables."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from sim.ensemble import simulate
from sim.scenario import load_scenario
from sim.state import Loss

FOLDER = Path(__file__).parent
SCENARIO = FOLDER.parents[1] / "scenarios" / "two-valleys"
RUNS = 32
STEP = 10  # days between rows


def tables():
    """The tables by the name of their file: who holds what, what each side has, what it lost."""
    result = simulate(load_scenario(SCENARIO), runs=RUNS)
    data = result.dataset
    days = np.arange(0, int(data["day"][-1]) + 1, STEP)
    holder = data["probability"].sel(day=days[::3]).to_series().rename("probability")
    sides = pd.DataFrame(
        {
            name: data[name].sel(day=days).astype(float).mean("run").to_series()
            for name in ("share", "fighters", "covert", "losses")
        }
    )
    causes = data["losses_by_cause"].astype(float).mean("run").to_series().rename("persons")
    assert len(data["losses_by_cause"]["loss"]) == len(Loss)
    return {
        "holder.csv": holder[holder > 0].reset_index(),
        "sides.csv": sides.reset_index(),
        "losses.csv": causes[causes > 0].reset_index(),
    }


def write(folder=FOLDER):
    """Write the tables into a folder."""
    for name, table in tables().items():
        table.round(6).to_csv(folder / name, index=False, lineterminator="\n")
