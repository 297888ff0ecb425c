"""History matching: emulators of the outputs, and how implausible a set of parameters is.

An emulator says what mean an output would have at parameters that were not run, and how sure it is
of that (a cubic polynomial with Bayesian ridge regression, scikit-learn).  A set of parameters is
implausible where the record lies far from that mean, measured by all that may part them: the
emulator's error, chance (the record is one history), the record's error and the model's own.
Craig, Goldstein, Seheult & Smith 1997; Vernon, Goldstein & Bower 2010.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import BayesianRidge
from sklearn.model_selection import KFold, cross_val_predict
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler

from sim.calibration.designs import Trials, sobol
from sim.calibration.screen import group_weights
from sim.chance import fold, name_key

Array = NDArray[Any]

DEGREE = 3
FOLDS = 5
IMPLAUSIBLE = 3.0  # Pukelsheim 1994: 95 % of any one-peaked distribution lies within three sd
LEAST = 0.005  # share of the prior that is left standing even where all of it is implausible
CANDIDATES = 2**16
PIECE = 2**13  # candidates judged at a time; bounds the memory of the polynomial's terms


@dataclass(frozen=True)
class Emulator:
    """What the mean of one output would be.

    model    takes places in the priors (N, K)
    skill    share of the variance of the sets' means that it foretells of sets it was not shown
    error    standard deviation of what it gets wrong there, with the chance in those means
    """

    model: Pipeline
    skill: float
    error: float


def emulate(trials: Trials) -> list[Emulator]:
    """One emulator for each output; what an output never varies is its constant."""
    found = []
    folds = KFold(FOLDS)  # in their order: every stretch of a Sobol sequence fills the cube
    for j in range(len(trials.outputs)):
        mean = trials.mean[:, j]
        model = make_pipeline(
            StandardScaler(), PolynomialFeatures(DEGREE, include_bias=False), BayesianRidge()
        )
        told = cross_val_predict(model, trials.shares, mean, cv=folds)
        spread, error = float(mean.var()), float(np.mean((mean - told) ** 2))
        skill = 1.0 - error / spread if spread > 0 else 1.0
        found.append(Emulator(model.fit(trials.shares, mean), skill, error**0.5))
    return found


@dataclass(frozen=True)
class Match:
    """How the record judges sets of parameters.

    emulators  one for each output
    trials     what they learnt from
    """

    emulators: list[Emulator]
    trials: Trials

    def distance(self, shares: Array) -> Array:
        """How far the record lies from what sets of parameters would give; (N, J), in sd.

        The emulator's error contains the chance left in means over few runs, which makes the
        judgement a little milder than it need be.
        """
        parts = []
        for first in range(0, len(shares), PIECE):
            piece = shares[first : first + PIECE]
            columns = []
            for j, (output, emulator) in enumerate(
                zip(self.trials.outputs, self.emulators, strict=True)
            ):
                variance = emulator.error**2 + self.trials.chance[j] + output.sd**2
                away = emulator.model.predict(piece) - output.observed
                columns.append(np.abs(away) / variance**0.5)
            parts.append(np.array(columns).T)
        return np.concatenate(parts)

    def bound(self, distance: Array) -> float:
        """How far the record may lie: IMPLAUSIBLE, or more where that would leave next to nothing.

        More says that the model cannot meet the record as closely as `outputs.py` supposes.
        """
        return max(IMPLAUSIBLE, float(np.quantile(second_largest(distance), LEAST)))

    def plausible(self, distance: Array) -> Array:
        """Which sets are not ruled out; (N,)."""
        return np.asarray(second_largest(distance) <= self.bound(distance))

    def weight(self, distance: Array) -> Array:
        """Relative credibility of sets, (N,): a normal likelihood in which each group of outputs
        counts as one observation, since outputs of a group tell much the same."""
        groups = len({output.group for output in self.trials.outputs})
        square = (distance**2 * group_weights(self.trials)).sum(axis=1) * groups
        return np.asarray(np.exp(-0.5 * (square - square.min())))


def second_largest(distance: Array) -> Array:
    """Of each set, (N,): so that one badly emulated or badly reported output rules nothing out."""
    return np.asarray(
        np.partition(distance, -2, axis=1)[:, -2] if distance.shape[1] > 1 else distance[:, 0]
    )


def candidates(dimensions: int) -> Array:
    """Sets among which the plausible ones are looked for; (CANDIDATES, K).

    Shuffled: in a Sobol sequence every 2nd, 4th ... point lies in the same part of the cube, and
    `resample` walks in even steps.
    """
    order = np.argsort(fold(np.uint64(name_key("candidates")), np.arange(CANDIDATES)))
    return np.asarray(sobol(CANDIDATES, dimensions, skip=CANDIDATES)[order])


def resample(shares: Array, weight: Array, count: int) -> Array:
    """`count` of the sets in proportion to their weight, by systematic resampling; (count, K).

    Steps of equal size through the summed weights, the first half a step in: no chance needed.
    """
    upto = np.cumsum(weight) / weight.sum()
    places = (np.arange(count) + 0.5) / count
    return np.asarray(shares[np.searchsorted(upto, places)])
