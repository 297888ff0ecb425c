"""Which parameters matter for what was observed: elementary effects (Morris 1991) by SALib."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.calibration.designs import Trials
from sim.calibration.priors import Prior
from sim.chance import name_key

Array = NDArray[Any]

LEVELS = 4


@dataclass(frozen=True)
class Effect:
    """How much a parameter moves the outputs over its prior.

    strength  root mean square over outputs of mu* / the output's sd, groups counting alike
    bend      the same of sigma: how much the effect depends on the other parameters
    most      the output that it moves most
    """

    name: str
    grade: str
    strength: float
    bend: float
    most: str


def trajectories(priors: Sequence[Prior], count: int) -> Array:
    """Points of `count` trajectories in the unit cube, (count x (K + 1), K), always the same."""
    from SALib.sample import morris

    seed = name_key("calibration screening") % 2**32
    return np.asarray(morris.sample(_problem(priors), count, num_levels=LEVELS, seed=seed))


def effects(priors: Sequence[Prior], trials: Trials) -> list[Effect]:
    """The effect of every parameter, the strongest first."""
    from SALib.analyze import morris

    found, bends = [], []
    for j, output in enumerate(trials.outputs):
        measured = morris.analyze(
            _problem(priors), trials.shares, trials.mean[:, j] / output.sd, num_levels=LEVELS,
            num_resamples=2, seed=1,
        )  # fmt: skip
        found.append(np.asarray(measured["mu_star"]))
        bends.append(np.asarray(measured["sigma"]))
    strength, bend = np.array(found), np.array(bends)
    weight = group_weights(trials)[:, None]
    rows = [
        Effect(
            prior.name,
            prior.grade,
            float(np.sqrt((weight * strength**2).sum(axis=0)[k])),
            float(np.sqrt((weight * bend**2).sum(axis=0)[k])),
            trials.outputs[int(strength[:, k].argmax())].name,
        )
        for k, prior in enumerate(priors)
    ]
    return sorted(rows, key=lambda row: (-row.strength, row.name))


def group_weights(trials: Trials) -> Array:
    """Weights of the outputs, (J,), that sum to 1: groups count alike, and outputs in a group."""
    groups = [output.group for output in trials.outputs]
    names = sorted(set(groups))
    return np.array([1.0 / (len(names) * groups.count(group)) for group in groups])


def _problem(priors: Sequence[Prior]) -> dict[str, Any]:
    names = [prior.name for prior in priors]
    return {"num_vars": len(names), "names": names, "bounds": [[0.0, 1.0]] * len(names)}
