"""Figures of merit and error, on plain numbers.

All are proper scores or counts that can be checked by hand; nothing here knows what a result is.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.chance import fold, name_key, uniform

Array = NDArray[Any]

LOG_CLIP = 0.01  # no statement is taken as surer than 1 %: a single miss must not cost infinity
RANGE = (0.1, 0.9)  # the range of days of which the coverage is told
RESAMPLES = 2000
INTERVAL = (0.05, 0.95)
FEWEST_BLOCKS = 3  # with fewer places an interval would say nothing
BINS = 5  # of reliability: fifths


def mean(values: Sequence[float]) -> float:
    """The mean, without loss of digits."""
    return math.fsum(values) / len(values)


def brier(probability: float, happened: float) -> float:
    """The squared error of a probability."""
    return (probability - happened) ** 2


def log_score(probability: float, happened: bool) -> float:
    """Minus the logarithm of the probability given to what happened, clipped at LOG_CLIP."""
    given = probability if happened else 1.0 - probability
    return -math.log(min(max(given, LOG_CLIP), 1.0))


def crps_days(chance: Array, first: int, last: int) -> float:
    """Error of a distribution of days, in days: the sum over evenings of (said - true) squared.

    chance       (D+1,)  chance that it has happened by each evening; evening 0 is the start
    first, last  the true day lies between these; the evenings between say nothing and are left
                 out.  A day after the calendar's end is censored: it has not happened in it.
    """
    total = 0.0
    for evening, said in enumerate(chance):
        if evening >= last:
            total += (float(said) - 1.0) ** 2
        elif evening < first:
            total += float(said) ** 2
    return total


def covers(chance: Array, first: int, last: int) -> bool:
    """Whether the 10-90 % range of a distribution of days meets the days from `first` to `last`.

    What never happens within the calendar, in the distribution or in truth, happens after its end:
    all days after the end are one.  Arguments as for `crps_days`.
    """
    reached = np.asarray(chance)
    after = len(reached)
    low, high = (
        int(np.argmax(reached >= share)) if reached[-1] >= share else after for share in RANGE
    )
    return low <= min(last, after) and min(first, after) <= high


def crps_sample(sample: Array, truth: float) -> float:
    """Error of a sample of equally likely values: mean |x - truth| - mean |x - x'| / 2."""
    ordered = sorted(float(x) for x in sample)
    n = len(ordered)
    away = math.fsum(abs(x - truth) for x in ordered) / n
    spread = math.fsum((2 * i - n + 1) * x for i, x in enumerate(ordered)) / (n * n)
    return away - spread


def figure_of_merit(hits: float, misses: float, false_alarms: float, wrong: float) -> float | None:
    """Share of what changed, in truth or as said, that was said right; none if nothing changed."""
    total = hits + misses + false_alarms + wrong
    return hits / total if total > 0 else None


@dataclass(frozen=True)
class Bin:
    """Statements with about the same probability: how many, and how many came true.

    low, high  edges of the bin; a probability of 1 is in the last
    said       mean probability
    """

    low: float
    high: float
    said: float
    happened: int
    n: int


def reliability(pairs: Sequence[tuple[float, bool]]) -> tuple[Bin, ...]:
    """Statements (probability, whether it happened) in fifths; fifths without any are left out."""
    binned: dict[int, list[tuple[float, bool]]] = {}
    for probability, happened in pairs:
        place = min(math.floor(probability * BINS), BINS - 1)
        binned.setdefault(place, []).append((probability, happened))
    return tuple(
        Bin(
            low=place / BINS,
            high=(place + 1) / BINS,
            said=mean([p for p, _ in group]),
            happened=sum(h for _, h in group),
            n=len(group),
        )
        for place, group in sorted(binned.items())
    )


def path_distances(runs: Array, truth: Array) -> Array:
    """How far each path lies from all others, on average: the share of statements that differ.

    runs   (R, S)  bool, whether each statement holds in each run
    truth  (S,)    bool, whether it held in truth

    (1+R,) float64, of the truth and then of the runs; each is compared with the R others.  Were the
    truth a run of the model, all would be exchangeable, so every rank of the truth as likely.
    """
    paths = np.concatenate([truth[None].astype(np.bool_), runs.astype(np.bool_)])
    true = np.count_nonzero(paths, axis=0)
    apart = np.where(paths, len(paths) - true, true).sum(axis=1)  # whole numbers: ties are exact
    distances: Array = apart / (len(runs) * len(truth))
    return distances


def middle_rank(value: float, others: Array) -> float:
    """The rank of a value among itself and others, from 1; among equals the middle one."""
    below, equal = np.count_nonzero(others < value), np.count_nonzero(others == value)
    return 1.0 + below + equal / 2


def skill_interval(
    blocks: Sequence[str], own: Sequence[float], null: Sequence[float]
) -> tuple[float | None, float | None, float | None]:
    """Skill 1 - own / null of mean scores, with a 90 % interval; whole blocks are drawn again.

    None where the null is perfect, and no interval with fewer than FEWEST_BLOCKS blocks.
    """
    total_own, total_null = math.fsum(own), math.fsum(null)
    if total_null <= 0:
        return None, None, None
    skill = 1.0 - total_own / total_null
    names = sorted(set(blocks))
    n = len(names)
    if n < FEWEST_BLOCKS:
        return skill, None, None
    number = {name: i for i, name in enumerate(names)}
    sums: Array = np.zeros((2, n))
    for block, mine, other in zip(blocks, own, null, strict=True):
        sums[:, number[block]] += (mine, other)
    keys = fold(np.uint64(name_key("score")), np.arange(RESAMPLES * n, dtype=np.uint64))
    picks = (uniform(keys).reshape(RESAMPLES, n) * n).astype(np.int64)
    drawn = np.zeros((2, RESAMPLES))
    for i in range(n):  # one after the other: the same bits everywhere
        drawn += sums[:, picks[:, i]]
    some = drawn[1] > 0
    if not some.any():
        return skill, None, None
    skills = 1.0 - drawn[0, some] / drawn[1, some]
    low, high = np.quantile(skills, INTERVAL, method="inverted_cdf")
    return skill, float(low), float(high)
