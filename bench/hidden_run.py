"""Write `scenarios/two-valleys/observed.yaml`: what one run that nobody is shown would have left.

The invented war has no history, so one of its own runs stands in for it: on it the scores of a
right model can be seen.  `python -m bench.hidden_run` writes the file again.
"""

from __future__ import annotations

from pathlib import Path

import yaml

from sim import load_scenario, simulate
from sim.score import observed_from_run

SEED = 7001  # used for nothing else
PLACES = ("Milltown", "Eastgate", "Bridgeton", "Hightown", "Saltmarsh")
REPORT = "T1"
HEADER = """# What happened in the valleys: one run of this scenario, with a seed of its own.
# Written by `python -m bench.hidden_run`.  The loader of the scenario never opens this file.
"""


def main() -> None:
    """Run the hidden history and write down what it left."""
    folder = Path(__file__).parents[1] / "scenarios" / "two-valleys"
    result = simulate(load_scenario(str(folder)), runs=1, seed=SEED)
    rows = observed_from_run(result, 0, PLACES, report=REPORT)
    text = yaml.safe_dump(rows, sort_keys=False, allow_unicode=True)
    (folder / "observed.yaml").write_text(HEADER + text, encoding="utf-8")


if __name__ == "__main__":
    main()
