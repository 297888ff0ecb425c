"""Sets of parameters to run, and the running of them: many sets share an ensemble."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import qmc

from sim.calibration.outputs import Output, compare
from sim.calibration.priors import Prior
from sim.ensemble import simulate
from sim.model import TerritoryModel
from sim.scenario.compiled import CompiledScenario
from sim.scenario.observed import Target

Array = NDArray[Any]

TOGETHER = 256  # runs of one ensemble; bounds the memory that their daily series take

Told = Callable[[int], None]
"""Called with the number of runs that an ensemble has just ended."""


@dataclass(frozen=True)
class Period:
    """A scenario of the training, with what was observed in it."""

    scenario: CompiledScenario
    targets: Sequence[Target]


@dataclass(frozen=True)
class Trials:
    """What came of sets of parameters.

    shares   (N, K)     each set's place in the priors, 0 to 1
    values   (N, L, J)  outputs of each set in each of its L runs
    outputs  J of them, all periods after one another
    """

    shares: Array
    values: Array
    outputs: list[Output]

    @property
    def mean(self) -> Array:
        """Mean over the runs of a set; (N, J)."""
        return self.values.mean(axis=1)

    @property
    def chance(self) -> Array:
        """Variance between runs of one set, pooled over the sets; (J,)."""
        return self.values.var(axis=1, ddof=1).mean(axis=0)

    def join(self, other: Trials) -> Trials:
        """The sets of both; they must have the same number of runs each."""
        return Trials(
            np.concatenate([self.shares, other.shares]),
            np.concatenate([self.values, other.values]),
            self.outputs,
        )


def sobol(count: int, dimensions: int, skip: int = 0) -> Array:
    """Points that fill the unit cube evenly, (count, dimensions): a Sobol sequence from `skip` on.

    Not scrambled, so free of chance; moved half a step off the lower border.
    """
    filled = qmc.Sobol(dimensions, scramble=False).random_base2((skip + count - 1).bit_length())
    return np.clip(filled[skip : skip + count] + 2.0**-31, 0.0, 1.0)


def run_trials(
    periods: Sequence[Period],
    priors: Sequence[Prior],
    shares: Array,
    *,
    runs: int,
    seed: int,
    paired: bool = False,
    threads: int | None = None,
    told: Told | None = None,
) -> Trials:
    """Run every set of parameters on every period.

    shares   (N, K)  the sets, as places in the priors
    runs     of each set on each period, 2 or more to tell chance from parameters
    paired   all sets meet the same chance, which leaves the parameters' effect alone; otherwise
             each has its own
    """
    changes = {p.name: np.repeat(p.values(shares[:, k]), runs) for k, p in enumerate(priors)}
    outputs: list[Output] = []
    columns = []
    for period in periods:
        found, values = _run(period, changes, len(shares) * runs, runs, seed, paired, threads, told)
        outputs += found
        columns.append(values.reshape(len(shares), runs, -1))
    return Trials(shares, np.concatenate(columns, axis=2), outputs)


@dataclass(frozen=True)
class _Numbered:
    """Makes models whose runs count on from `first`, anew after every `again` runs."""

    first: int
    again: int | None

    def __call__(
        self,
        scenario: CompiledScenario,
        *,
        runs: Array,
        seed: int,
        changes: Mapping[str, Any] | None,
    ) -> TerritoryModel:
        numbers = runs + self.first
        if self.again is not None:
            numbers = numbers % self.again
        return TerritoryModel(scenario, runs=numbers, seed=seed, changes=changes)


def _run(
    period: Period,
    changes: dict[str, Array],
    total: int,
    runs: int,
    seed: int,
    paired: bool,
    threads: int | None,
    told: Told | None,
) -> tuple[list[Output], Array]:
    """All runs of a period, some at a time; its outputs and their values (total, J)."""
    outputs: list[Output] = []
    parts = []
    for first in range(0, total, TOGETHER):
        count = min(TOGETHER, total - first)

        part = {name: values[first : first + count] for name, values in changes.items()}
        result = simulate(
            period.scenario, runs=count, seed=seed, changes=part, threads=threads,
            model=_Numbered(first, runs if paired else None),
        )  # fmt: skip
        outputs, values = compare(result, period.targets)
        parts.append(values)
        if told is not None:
            told(count)
    return outputs, np.concatenate(parts)
