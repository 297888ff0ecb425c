"""A calibration from beginning to end, and the folder that it writes.

screening.csv     what each parameter does to the outputs
trials.csv        every set that was run, and the mean of each output
emulators.csv     how well each output is foretold, and what the record says of it
posterior.csv     sets of parameters that the record leaves standing, all alike
calibration.json  what was done, with what, and what came of each parameter
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from sim.calibration.designs import Period, Trials, run_trials, sobol
from sim.calibration.match import Match, candidates, emulate, resample
from sim.calibration.priors import Prior, priors
from sim.calibration.screen import Effect, effects, trajectories
from sim.ensemble import environment
from sim.errors import BadiaError
from sim.posterior import write_posterior

Array = NDArray[Any]

SPREAD = (0.1, 0.9)  # the part of a distribution whose width is told
SCREENING = "screening.csv"
APART = 0.8  # a posterior wider than this share of its prior says that the record cannot tell
TIED = 0.4  # correlation from which two parameters count as known together only


class Teller(Protocol):
    """Shows how far a calibration is."""

    def start(self, title: str, total: int) -> None:
        """A step of so many runs begins."""

    def advance(self, count: int) -> None:
        """So many runs have ended."""


@dataclass(frozen=True)
class Plan:
    """How much is to be done.

    fitted        how many parameters are fitted: those with the strongest effects
    trajectories  of the screening; each runs every parameter's effect once
    sets          sets of parameters in each wave
    waves         each after the first runs sets that the one before left standing
    runs          of each set on each period
    screening     the same in the screening, where all sets meet the same chance
    kept          sets of the posterior
    """

    fitted: int = 8
    trajectories: int = 8
    sets: int = 384
    waves: int = 2
    runs: int = 3
    screening: int = 2
    kept: int = 200
    seed: int = 1
    threads: int | None = None


@dataclass(frozen=True)
class Wave:
    """What a wave left standing: a share of the prior, and the distance that was allowed."""

    standing: float
    bound: float


@dataclass(frozen=True)
class Calibration:
    """What came of it.

    posterior  (kept, K) values of the fitted parameters
    waves      what each left standing
    """

    plan: Plan
    effects: list[Effect]
    priors: list[Prior]
    match: Match
    waves: list[Wave]
    shares: Array
    posterior: Array


def screen(periods: Sequence[Period], plan: Plan, teller: Teller) -> list[Effect]:
    """The effects of all parameters on what was observed, the strongest first."""
    everything = priors()
    points = trajectories(everything, plan.trajectories)
    teller.start("Screening", len(points) * plan.screening * len(periods))
    trials = run_trials(
        periods, everything, points, runs=plan.screening, seed=plan.seed, paired=True,
        threads=plan.threads, told=teller.advance,
    )  # fmt: skip
    return effects(everything, trials)


def calibrate(
    periods: Sequence[Period],
    plan: Plan,
    teller: Teller,
    screened: Sequence[Effect] | None = None,
) -> Calibration:
    """Screen the parameters, fit the strongest, and keep what the record leaves standing.

    screened  what an earlier screening found; it is made anew where this is not given
    """
    everything = priors()
    screened = list(screened) if screened is not None else screen(periods, plan, teller)
    strongest = {effect.name for effect in screened[: plan.fitted]}
    fitted = [prior for prior in everything if prior.name in strongest]
    pool = candidates(len(fitted))
    trials: Trials | None = None
    waves: list[Wave] = []
    shares = sobol(plan.sets, len(fitted))
    for wave in range(plan.waves):
        teller.start(f"Wave {wave + 1} of {plan.waves}", plan.sets * plan.runs * len(periods))
        new = run_trials(
            periods, fitted, shares, runs=plan.runs, seed=plan.seed + 1 + wave,
            threads=plan.threads, told=teller.advance,
        )  # fmt: skip
        trials = new if trials is None else trials.join(new)
        match = Match(emulate(trials), trials)
        distance = match.distance(pool)
        plausible = match.plausible(distance)
        waves.append(Wave(float(plausible.mean()), match.bound(distance)))
        weight = np.where(plausible, match.weight(distance), 0.0)
        shares = resample(pool, plausible.astype(np.float64), plan.sets)
    kept = resample(pool, weight, plan.kept)
    values = np.array([prior.values(kept[:, k]) for k, prior in enumerate(fitted)]).T
    return Calibration(plan, screened, fitted, match, waves, kept, values)


def narrowing(calibration: Calibration) -> list[dict[str, Any]]:
    """For every fitted parameter: prior, posterior, and how much narrower it became.

    `narrower` compares 10-90 % widths on the prior's scale: 1 where nothing is left open, 0 where
    the record told nothing.
    """
    rows = []
    for k, prior in enumerate(calibration.priors):
        low, middle, high = np.quantile(
            calibration.posterior[:, k], [SPREAD[0], 0.5, SPREAD[1]], method="inverted_cdf"
        )
        at = np.quantile(calibration.shares[:, k], SPREAD, method="inverted_cdf")
        width = float((at[1] - at[0]) / (SPREAD[1] - SPREAD[0]))
        rows.append(
            {
                "name": prior.name,
                "grade": prior.grade,
                "prior": [prior.low, prior.high],
                "p10": float(low),
                "p50": float(middle),
                "p90": float(high),
                "narrower": 1.0 - width,
                "told_apart": width <= APART,
            }
        )
    return rows


def ties(calibration: Calibration) -> list[dict[str, Any]]:
    """Pairs of parameters that the record knows only together: their correlation, strongest
    first."""
    matrix = np.atleast_2d(np.corrcoef(calibration.shares.T))
    names = [prior.name for prior in calibration.priors]
    pairs = [
        {"first": names[i], "second": names[j], "correlation": float(matrix[i, j])}
        for i in range(len(names))
        for j in range(i + 1, len(names))
        if abs(matrix[i, j]) >= TIED
    ]
    return sorted(pairs, key=lambda pair: -abs(pair["correlation"]))


def summary(calibration: Calibration) -> dict[str, Any]:
    """What `badia calibrate --json` prints."""
    return {
        "plan": asdict(calibration.plan),
        "screening": [asdict(effect) for effect in calibration.effects],
        "waves": [asdict(wave) for wave in calibration.waves],
        "parameters": narrowing(calibration),
        "known_together": ties(calibration),
    }


def write_screening(screened: Sequence[Effect], file: Path) -> None:
    """Write a table that `read_screening` reads."""
    _table(file, [asdict(effect) for effect in screened])


def read_screening(file: Path) -> list[Effect]:
    """The effects in a table; raises BadiaError where it is none, or knows other parameters."""
    try:
        with file.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream))
        found = [
            Effect(r["name"], r["grade"], float(r["strength"]), float(r["bend"]), r["most"])
            for r in rows
        ]
    except (OSError, KeyError, ValueError) as error:
        raise BadiaError(f"{file} is no table of a screening: {error}.") from error
    known = {prior.name for prior in priors()}
    other = sorted({effect.name for effect in found} - known)
    if other or not found:
        raise BadiaError(f"{file} screens parameters that are not fitted: {', '.join(other)}.")
    return found


def write(calibration: Calibration, periods: Sequence[Period], folder: Path) -> None:
    """Write the folder that stands at the head of this module."""
    folder.mkdir(parents=True, exist_ok=True)
    write_screening(calibration.effects, folder / SCREENING)
    trials, names = calibration.match.trials, [prior.name for prior in calibration.priors]
    values = np.array([p.values(trials.shares[:, k]) for k, p in enumerate(calibration.priors)]).T
    _table(
        folder / "trials.csv",
        (
            {
                **dict(zip(names, row, strict=True)),
                **{o.name: m for o, m in zip(trials.outputs, mean, strict=True)},
            }
            for row, mean in zip(values.tolist(), trials.mean.tolist(), strict=True)
        ),
    )
    away = calibration.match.distance(calibration.shares)
    _table(
        folder / "emulators.csv",
        (
            {
                "output": output.name,
                "group": output.group,
                "observed": output.observed,
                "skill": emulator.skill,
                "chance_sd": float(trials.chance[j]) ** 0.5,
                "prior_mean": float(trials.mean[: calibration.plan.sets, j].mean()),
                "distance": float(np.median(away[:, j])),
            }
            for j, (output, emulator) in enumerate(
                zip(trials.outputs, calibration.match.emulators, strict=True)
            )
        ),
    )
    write_posterior(folder / "posterior.csv", names, calibration.posterior)
    told = {
        **summary(calibration),
        "periods": [
            {
                "scenario": period.scenario.name,
                "digest": period.scenario.digest,
                "targets": len(period.targets),
            }
            for period in periods
        ],
        **environment(calibration.plan.threads or 0),
    }
    text = json.dumps(told, indent=1, ensure_ascii=False) + "\n"
    (folder / "calibration.json").write_text(text, encoding="utf-8")


def _table(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    """A CSV file with the keys of the first row at its head; numbers with six digits."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = None
        for row in rows:
            if writer is None:
                writer = csv.DictWriter(stream, list(row), lineterminator="\n")
                writer.writeheader()
            writer.writerow({k: f"{v:.6g}" if isinstance(v, float) else v for k, v in row.items()})
