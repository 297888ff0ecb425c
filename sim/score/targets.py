"""The targets: each set of observations becomes one row of scores, beside the null models'."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.nulls import Guess
from sim.result import QUANTILES, Result, area_m2, quantiles
from sim.scenario.observed import Target
from sim.score.figures import (
    brier,
    covers,
    crps_days,
    crps_sample,
    figure_of_merit,
    log_score,
    mean,
    middle_rank,
    path_distances,
    skill_interval,
)
from sim.score.rows import DayRow, Figures, PathRank, PlaceRow, Row

Array = NDArray[Any]

REFERENCE = "persistence"  # the null model of the headline skill
UNIFORM = "uniform"  # the null model of days alone: any day of the calendar


@dataclass(frozen=True)
class Statement:
    """The target's factions hold most of its cells on an evening: chances, and whether they did.

    met  (R,) bool, whether they do in each run, in most of the evenings that are meant
    """

    target: Target
    entry: int
    happened: bool
    probability: float
    null: dict[str, float]
    met: Array


@dataclass(frozen=True)
class Work:
    """One result against one set of null models."""

    result: Result
    guesses: dict[str, Guess]
    view: str

    def said(self, targets: Sequence[Target]) -> list[Statement]:
        """What targets say of dates: on one, or around the day on which a place was taken."""
        return [statement for target in targets for statement in self._statements(target)]

    def place(self, statement: Statement) -> PlaceRow:
        """A statement as plain values."""
        target = statement.target
        return PlaceRow(
            id=target.id,
            place=target.where,
            date=self.result.setting.evening(statement.entry),
            faction=self._names(target),
            probability=statement.probability,
            observed=statement.happened,
            report=target.report,
            null=statement.null,
        )

    def places(self, name: str, said: Sequence[Statement]) -> Row | None:
        """Statements about dates."""
        if not said:
            return None

        def figures(chances: Sequence[float]) -> tuple[list[float], float]:
            pairs = list(zip(chances, said, strict=True))
            squares = [brier(p, float(s.happened)) for p, s in pairs]
            return squares, mean([log_score(p, s.happened) for p, s in pairs])

        own, own_log = figures([s.probability for s in said])
        null_scores, null_figures = {}, {}
        for null in self.guesses:
            null_scores[null], null_log = figures([s.null[null] for s in said])
            null_figures[null] = {"brier": mean(null_scores[null]), "log": null_log}
        return self._row(
            name,
            Figures(brier=mean(own), log=own_log),
            null_figures,
            [s.target.where for s in said],
            own,
            null_scores,
        )

    def path(self, said: Sequence[Statement]) -> PathRank | None:
        """The observed path among those of the runs, by all statements at once."""
        if not said:
            return None
        runs = np.stack([s.met for s in said], axis=1)
        away = path_distances(runs, np.array([s.happened for s in said]))
        truth, others = float(away[0]), away[1:]
        spread = np.quantile(others, list(QUANTILES.values()), method="inverted_cdf")
        return PathRank(
            statements=len(said),
            distance=truth,
            **{name: float(value) for name, value in zip(QUANTILES, spread, strict=True)},
            rank=middle_rank(truth, others),
            of=len(away),
        )

    def days(self, targets: Sequence[Target]) -> tuple[tuple[DayRow, ...], Row | None]:
        """The first day on which a place was held."""
        if not targets:
            return (), None
        result, setting = self.result, self.result.setting
        area = area_m2(setting)
        evenings = np.arange(result.days + 1)
        rows, own = [], []
        nulls: dict[str, list[float]] = {name: [] for name in (*self.guesses, UNIFORM)}
        inside: dict[str, list[float]] = {name: [] for name in nulls}
        for target in targets:
            first, last = entry_of(target) - target.precision_days, settled(target)
            took = first_day(holds(self.result, target))
            reached = np.count_nonzero(took[:, None] <= evenings, axis=0) / result.runs
            own.append(crps_days(reached, first, last))
            said = {
                name: np.maximum.accumulate(guess.holds(target.cells, target.factions, area))
                for name, guess in self.guesses.items()
            }
            said[UNIFORM] = evenings / result.days
            for name, chance in said.items():
                nulls[name].append(crps_days(chance, first, last))
                inside[name].append(float(covers(chance, first, last)))
            when = {
                name: None if day is None else setting.evening(int(day))
                for name, day in quantiles(took).items()
            }
            rows.append(
                DayRow(
                    id=target.id,
                    place=target.where,
                    faction=self._names(target),
                    observed=target.date if entry_of(target) <= result.days else None,
                    **{name: when[name] for name in QUANTILES},
                    crps=own[-1],
                    report=target.report,
                    inside=covers(reached, first, last),
                )
            )
        return tuple(rows), self._row(
            "days",
            Figures(crps=mean(own), coverage=mean([float(row.inside) for row in rows])),
            {
                name: {"crps": mean(scores), "coverage": mean(inside[name])}
                for name, scores in nulls.items()
            },
            [target.where for target in targets],
            own,
            nulls,
        )

    def cells(self, targets: Sequence[Target]) -> Row | None:
        """Which cells of an area changed hands: every cell of it counts as the factions'."""
        result, setting = self.result, self.result.setting
        chance = result.dataset["probability"].to_numpy()
        blocks: list[str] = []
        n = 0
        own: list[float] = []
        nulls: dict[str, list[float]] = {name: [] for name in self.guesses}
        merit: dict[str, list[float]] = {name: [0.0] * 4 for name in ("", *self.guesses)}
        for target in targets:
            entry = settled(target)
            if entry > result.days:
                continue
            cells = np.asarray(target.cells)
            n += len(cells)
            start = setting.holder[cells]
            blocks.append(target.where)
            own.append(_cells(chance[entry, cells], start, target.factions, merit[""]))
            for name, guess in self.guesses.items():
                said = guess.probability[entry, guess.find(cells)]
                nulls[name].append(_cells(said, start, target.factions, merit[name]))
        if not blocks:
            return None
        return self._row(
            "cells",
            Figures(brier=math.fsum(own) / n, figure_of_merit=figure_of_merit(*merit[""])),
            {
                name: {
                    "brier": math.fsum(scores) / n,
                    "figure_of_merit": figure_of_merit(*merit[name]),
                }
                for name, scores in nulls.items()
            },
            blocks,
            own,
            nulls,
            n=n,
        )

    def shares(self, name: str, targets: Sequence[Target]) -> Row | None:
        """The share of the theatre's area, or of one area's, that factions hold together.

        What one survey publishes adds up to one, so it is one block: those of a day, of an area.
        """
        if not targets:
            return None
        own: list[float] = []
        errors: list[float] = []
        nulls: dict[str, list[float]] = {null: [] for null in self.guesses}
        for target in targets:
            sample = share_held(self.result, target)
            own.append(crps_sample(sample, target.share))
            middle = quantiles(sample)["p50"]
            errors.append(abs((middle if middle is not None else 0.0) - target.share))
            for null, guess in self.guesses.items():
                nulls[null].append(abs(self._guessed(guess, target) - target.share))
        return self._row(
            name,
            Figures(crps=mean(own), error=mean(errors)),
            {null: {"crps": mean(s), "error": mean(s)} for null, s in nulls.items()},
            [t.date.isoformat() if t.kind == "share" else t.where for t in targets],
            own,
            nulls,
        )

    def _guessed(self, guess: Guess, target: Target) -> float:
        entry = entry_of(target)
        if target.kind == "share":
            return float(_together(guess.share[entry], target.factions))
        area = area_m2(self.result.setting)
        return float(guess.expected(target.cells, target.factions, area)[entry])

    def _names(self, target: Target) -> str:
        return " + ".join(self.result.setting.holders[f] for f in target.factions)

    def _statements(self, target: Target) -> list[Statement]:
        """What a target says of dates.

        One that speaks of a date says that it was so.  One that speaks of a day of capture says
        that it was not so just before and was so just after, as far as the report is precise.
        """
        entry, precision = entry_of(target), target.precision_days
        if target.by:
            said = [(entry - precision - 1, False), (entry + precision, True)]
            around = 0
        else:
            said, around = [(entry, True)], precision
        days = self.result.days
        area = area_m2(self.result.setting)
        held = holds(self.result, target)
        own = np.count_nonzero(held, axis=0) / self.result.runs
        chances = {
            name: guess.holds(target.cells, target.factions, area)
            for name, guess in self.guesses.items()
        }
        found = []
        for when, happened in said:
            if when - around > days or when + around < 1:
                continue
            span = slice(max(when - around, 0), min(when + around, days) + 1)
            meant = held[:, span]
            found.append(
                Statement(
                    target=target,
                    entry=min(when, days),
                    happened=happened,
                    probability=mean(own[span].tolist()),
                    null={name: mean(chance[span].tolist()) for name, chance in chances.items()},
                    met=np.count_nonzero(meant, axis=1) * 2 > meant.shape[1],
                )
            )
        return found

    def _row(
        self,
        target: str,
        figures: Figures,
        nulls: Mapping[str, Mapping[str, float | None]],
        blocks: Sequence[str],
        own: Sequence[float],
        scores: Mapping[str, Sequence[float]],
        n: int | None = None,
    ) -> Row:
        skills = {name: skill_interval(blocks, own, scores[name]) for name in nulls}
        skill, low, high = skills[REFERENCE]
        return Row(
            view=self.view,
            target=target,
            n=len(own) if n is None else n,
            figures=figures,
            null={
                name: Figures(
                    **given,
                    skill=skills[name][0],
                    skill_low=skills[name][1],
                    skill_high=skills[name][2],
                )
                for name, given in nulls.items()
            },
            skill=skill,
            skill_low=low,
            skill_high=high,
        )


def entry_of(target: Target) -> int:
    """The entry of a result's daily axis on whose evening a target stands."""
    return target.day + 1


def settled(target: Target) -> int:
    """The first entry at which a target is surely so."""
    return entry_of(target) + (target.precision_days if target.by else 0)


def holds(result: Result, target: Target) -> Array:
    """Whether the target's factions hold most of the area of its cells; (R, D+1) bool."""
    return _held_m2(result, target) * 2 > _whole_m2(result, target)


def share_held(result: Result, target: Target) -> Array:
    """The share that the target's factions hold in each run on its day; (R,)."""
    entry = entry_of(target)
    if target.kind == "share":
        return _together(result.dataset["share"].to_numpy()[:, entry], target.factions)
    return np.asarray(_held_m2(result, target)[:, entry] / _whole_m2(result, target))


def _held_m2(result: Result, target: Target) -> Array:
    """Area of the target's cells that its factions hold; (R, D+1) int64."""
    return np.add.reduce([result.held_m2(target.cells, faction) for faction in target.factions])


def _whole_m2(result: Result, target: Target) -> int:
    return int(area_m2(result.setting)[target.cells].sum())


def first_day(held: Array) -> Array:
    """First entry of the daily axis at which each run holds; infinite where it never does; (R,)."""
    return np.where(held.any(axis=1), held.argmax(axis=1).astype(np.float64), np.inf)


def _together(values: Array, factions: Sequence[int]) -> Array:
    """The sum of the values of some factions; the last axis is that of factions."""
    total: Array = np.zeros(values.shape[:-1])
    for faction in factions:  # one after the other: the same bits everywhere
        total = total + values[..., faction]
    return total


def _cells(chance: Array, start: Array, factions: Sequence[int], merit: list[float]) -> float:
    """Sum of squared errors over cells; adds expected hits, misses, false alarms, wrong hits.

    chance  (n, F+1)  of each holder
    start   (n,)      holder at the start
    """
    squares = []
    for said, before in zip(chance, start, strict=True):
        right, stays = math.fsum(float(said[f]) for f in factions), float(said[before])
        squares.append(brier(right, 1.0))
        if before in factions:
            merit[2] += 1.0 - right
        else:
            merit[0] += right
            merit[1] += stays
            merit[3] += max(1.0 - right - stays, 0.0)
    return math.fsum(squares)
