"""The scores of the model on the training periods and on what calibration never read.

Each scenario is scored twice: `ex ante`, knowing only what was known when it began (the headline),
and given the actors' later decisions, though never their outcomes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sim import CompiledScenario, Result, load_scenario, simulate
from sim.doctrines import doctrine_names
from sim.score import Score, score

TRAINING = ("syria-2017-08", "syria-2018-04")
VALIDATION = ("hajin-pocket", "suweida-pocket")
RUNS = 200
SEED = 1


@dataclass(frozen=True)
class Scored:
    """One scenario, seen one way."""

    scenario: str
    early: bool  # only what was known at the start
    result: Result
    score: Score


def load(name: str, *, early: bool = False, calibrated: bool = True) -> CompiledScenario:
    """A scenario as it is scored; `early` knows only what was known when it began."""
    whole = load_scenario(name, doctrines=doctrine_names(), calibrated=calibrated)
    if not early:
        return whole
    return load_scenario(name, doctrines=doctrine_names(), calibrated=calibrated, as_of=whole.start)


def measure(
    names: Sequence[str],
    *,
    runs: int = RUNS,
    seed: int = SEED,
    calibrated: bool = True,
) -> list[Scored]:
    """Both views of each scenario, the early one first."""
    found = []
    for name in names:
        for early in (True, False):
            result = simulate(load(name, early=early, calibrated=calibrated), runs=runs, seed=seed)
            found.append(Scored(name, early, result, score(result)))
    return found


def table(head: Sequence[str], rows: Sequence[Sequence[str]], left: int = 1) -> str:
    """A Markdown table whose first `left` columns hold words and the others numbers."""
    rule = [" --- " if i < left else " --: " for i in range(len(head))]
    lines = [f"| {' | '.join(head)} |", f"|{'|'.join(rule)}|"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)]) + "\n"
