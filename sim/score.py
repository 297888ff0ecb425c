"""Scores: how well an ensemble foresaw what was observed, beside the null models.

Four targets: `places` (did a faction hold a place on a date), `days` (when did it take the place),
`cells` (which cells of an area it held) and `shares` (how much of the country).  A row is `ex_ante`
where the run knew only what was known at its start (`--as-of`), else `given_later`: it was given
later decisions of the actors, though never their outcomes.

What was observed is opened here and nowhere else in a run's life.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.chance import fold, name_key, uniform
from sim.errors import ResultError
from sim.nulls import NULLS, Guess
from sim.result import QUANTILES, Result, area_m2, quantiles
from sim.scenario.compiled import CompiledScenario
from sim.scenario.find import find_scenario
from sim.scenario.load import load_scenario
from sim.scenario.observed import Target, load_observed

Array = NDArray[Any]

LOG_CLIP = 0.01  # no statement is taken as surer than 1 %: a single miss must not cost infinity
RESAMPLES = 2000
INTERVAL = (0.05, 0.95)
FEWEST_BLOCKS = 3  # with fewer places an interval would say nothing
REFERENCE = "persistence"  # the null model of the headline skill


@dataclass(frozen=True)
class Figures:
    """How good statements of one kind were; none where a figure does not apply.

    brier            mean squared error of probabilities, 0 is perfect, 1 the worst
    log              mean of -ln of the probability given to what happened, clipped at LOG_CLIP
    crps             mean error of a whole distribution: days for `days`, shares for `shares`
    figure_of_merit  hits / (hits + misses + false alarms + wrong hits) of changed cells, 1 perfect
    error            mean distance of the middle of the distribution from the truth (`shares`)
    skill            1 - score / the null model's score; only on null models: the skill against them
    """

    brier: float | None = None
    log: float | None = None
    crps: float | None = None
    figure_of_merit: float | None = None
    error: float | None = None
    skill: float | None = None


@dataclass(frozen=True)
class Row:
    """One target's scores, the null models' and the skill against `persistence`.

    skill_low and skill_high are the 90 % interval of the block bootstrap over places.
    """

    view: str
    target: str
    n: int
    figures: Figures
    null: Mapping[str, Figures]
    skill: float | None
    skill_low: float | None
    skill_high: float | None

    def as_dict(self) -> dict[str, Any]:
        """The row with the keys of `badia score --json`."""
        figures = asdict(self.figures)
        figures.pop("skill")
        return {
            "view": self.view,
            "target": self.target,
            "n": self.n,
            **figures,
            "null": {name: asdict(null) for name, null in self.null.items()},
            "skill": self.skill,
            "skill_low": self.skill_low,
            "skill_high": self.skill_high,
        }


@dataclass(frozen=True)
class PlaceRow:
    """One statement: the probability that a faction holds a place on a date, and whether it did."""

    id: str
    place: str
    date: date
    faction: str
    probability: float
    observed: bool
    report: str
    null: Mapping[str, float]


@dataclass(frozen=True)
class DayRow:
    """One day of capture: what was observed, and when the runs had it; none is not in time."""

    id: str
    place: str
    faction: str
    observed: date | None
    p10: date | None
    p50: date | None
    p90: date | None
    crps: float
    report: str


@dataclass(frozen=True)
class Score:
    """The scores of one result."""

    result: str | None
    scenario: str
    as_of: date | None
    rows: tuple[Row, ...]
    places: tuple[PlaceRow, ...]
    days: tuple[DayRow, ...]
    left_out: tuple[str, ...]  # ids of observations after the last simulated day
    warnings: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """What `badia score --json` prints."""
        return {
            "result": self.result,
            "scenario": self.scenario,
            "as_of": _iso(self.as_of),
            "rows": [row.as_dict() for row in self.rows],
            "places": [
                {**asdict(row), "date": _iso(row.date), "null": dict(row.null)}
                for row in self.places
            ],
            "days": [
                {
                    key: _iso(value) if isinstance(value, date) else value
                    for key, value in asdict(row).items()
                }
                for row in self.days
            ],
            "left_out": list(self.left_out),
            "warnings": list(self.warnings),
        }


def score(result: Result, observed_path: str | Path | None = None) -> Score:
    """Compare a result with what was observed.

    observed_path  the scenario's folder, or its observed.yaml; where the scenario was if not given

    Raises ScenarioError where the file is missing or wrong, ResultError where the scenario there
    has another map than the result.
    """
    setting = result.setting
    folder = Path(observed_path) if observed_path is not None else None
    if folder is not None and folder.is_file():
        folder = folder.parent
    if folder is None and not Path(setting.folder).is_dir():  # named from another working folder
        folder = find_scenario(setting.name)
    scenario = _scenario(result, folder)
    targets = load_observed(scenario, folder)
    scored = score_targets(result, targets)
    if scenario.digest == setting.digest:
        return scored
    changed = (
        "The scenario has another digest than this result: it has changed since, or was run with "
        "other settings. Its map is the same."
    )
    return Score(**{**vars(scored), "warnings": (*scored.warnings, changed)})


def score_targets(result: Result, targets: Sequence[Target]) -> Score:
    """Compare a result with observations that are at hand; see `score`."""
    setting = result.setting
    early = setting.as_of is not None and setting.as_of <= setting.start
    watched = np.unique(np.concatenate([np.zeros(0, np.int64), *(t.cells for t in targets)]))
    guesses = {name: null(result, watched) for name, null in NULLS.items()}
    late = tuple(t.id for t in targets if _entry(t) - t.precision_days > result.days and not t.by)
    inside = [target for target in targets if target.id not in late]
    work = _Work(result, guesses, "ex_ante" if early else "given_later")
    places, place_row = work.places([t for t in inside if t.kind != "share"])
    days, day_row = work.days([t for t in inside if t.kind != "share" and t.by])
    rows = (
        place_row,
        day_row,
        work.cells([t for t in inside if t.kind == "area"]),
        work.shares([t for t in inside if t.kind == "share"]),
    )
    return Score(
        result=str(result.path) if result.path else None,
        scenario=setting.name,
        as_of=setting.as_of,
        rows=tuple(row for row in rows if row is not None),
        places=places,
        days=days,
        left_out=late,
    )


def observed_from_run(
    result: Result, run: int, places: Sequence[str], *, report: str
) -> list[dict[str, Any]]:
    """What one run would have left in observed.yaml: a list for that file, in order of time.

    For each place the day on which each faction first took it (`by`), and its holder in the middle
    and at the end of the calendar (`date`).  Raises PlaceError or ResultError where the result has
    no such place or run.
    """
    setting = result.setting
    history = result.holder(run)
    rows: list[tuple[int, dict[str, Any]]] = []
    for name in places:
        cell = setting.find_place(name).cell
        mine = history[:, cell]
        seen = {int(mine[0])}
        for entry in range(1, result.days + 1):
            if int(mine[entry]) not in seen:
                seen.add(int(mine[entry]))
                rows.append((entry, {"place": name, "by": entry, "faction": int(mine[entry])}))
        for entry in sorted({result.days // 2, result.days} - {0}):
            rows.append((entry, {"place": name, "date": entry, "faction": int(mine[entry])}))
    written = []
    for number, (entry, row) in enumerate(sorted(rows, key=lambda item: item[0]), start=1):
        when = "by" if "by" in row else "date"
        written.append(
            {
                "id": f"o{number:02d}",
                "place": row["place"],
                when: setting.evening(entry),
                "faction": setting.holders[row["faction"]],
                "report": report,
            }
        )
    return written


# --- the figures, on plain numbers ---


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
    by_block = [[i for i, block in enumerate(blocks) if block == name] for name in names]
    sums = [
        (math.fsum(own[i] for i in block), math.fsum(null[i] for i in block)) for block in by_block
    ]
    keys = fold(np.uint64(name_key("score")), np.arange(RESAMPLES * n, dtype=np.uint64))
    picks = (uniform(keys).reshape(RESAMPLES, n) * n).astype(np.int64)
    drawn = []
    for row in picks:
        below = math.fsum(sums[i][1] for i in row)
        if below > 0:
            drawn.append(1.0 - math.fsum(sums[i][0] for i in row) / below)
    if not drawn:
        return skill, None, None
    low, high = np.quantile(np.array(drawn), INTERVAL, method="inverted_cdf")
    return skill, float(low), float(high)


# --- the targets ---


@dataclass(frozen=True)
class _Statement:
    """`faction` holds most of the target's cells on an evening: chances, and whether it did."""

    target: Target
    entry: int
    happened: bool
    probability: float
    null: dict[str, float]


@dataclass(frozen=True)
class _Work:
    """One result against one set of null models."""

    result: Result
    guesses: dict[str, Guess]
    view: str

    def places(self, targets: Sequence[Target]) -> tuple[tuple[PlaceRow, ...], Row | None]:
        """Statements about dates: on one, or around the day on which a place was taken."""
        setting = self.result.setting
        said = [statement for target in targets for statement in self._statements(target)]
        rows = tuple(
            PlaceRow(
                id=s.target.id,
                place=s.target.where,
                date=setting.evening(s.entry),
                faction=setting.holders[s.target.faction],
                probability=s.probability,
                observed=s.happened,
                report=s.target.report,
                null=s.null,
            )
            for s in said
        )
        if not said:
            return rows, None

        def figures(chances: Sequence[float]) -> tuple[list[float], float]:
            pairs = list(zip(chances, said, strict=True))
            squares = [brier(p, float(s.happened)) for p, s in pairs]
            return squares, _mean([log_score(p, s.happened) for p, s in pairs])

        own, own_log = figures([s.probability for s in said])
        null_scores, null_figures = {}, {}
        for name in self.guesses:
            null_scores[name], null_log = figures([s.null[name] for s in said])
            null_figures[name] = {"brier": _mean(null_scores[name]), "log": null_log}
        return rows, self._row(
            "places",
            Figures(brier=_mean(own), log=own_log),
            null_figures,
            [s.target.where for s in said],
            own,
            null_scores,
        )

    def days(self, targets: Sequence[Target]) -> tuple[tuple[DayRow, ...], Row | None]:
        """The first day on which a faction held a place."""
        result, setting = self.result, self.result.setting
        area = area_m2(setting)
        evenings = np.arange(result.days + 1)
        rows, own = [], []
        nulls: dict[str, list[float]] = {name: [] for name in self.guesses}
        for target in targets:
            first, last = _entry(target) - target.precision_days, _entry(target)
            last += target.precision_days
            took = result.first_day(target.cells, target.faction)
            reached = np.count_nonzero(took[:, None] <= evenings, axis=0) / result.runs
            own.append(crps_days(reached, first, last))
            for name, guess in self.guesses.items():
                holds = guess.holds(target.cells, target.faction, area)
                nulls[name].append(crps_days(np.maximum.accumulate(holds), first, last))
            when = {
                name: None if day is None else setting.evening(int(day))
                for name, day in quantiles(took).items()
            }
            rows.append(
                DayRow(
                    id=target.id,
                    place=target.where,
                    faction=setting.holders[target.faction],
                    observed=target.date if _entry(target) <= result.days else None,
                    **{name: when[name] for name in QUANTILES},
                    crps=own[-1],
                    report=target.report,
                )
            )
        if not rows:
            return (), None
        return tuple(rows), self._row(
            "days",
            Figures(crps=_mean(own)),
            {name: {"crps": _mean(scores)} for name, scores in nulls.items()},
            [target.where for target in targets],
            own,
            nulls,
        )

    def cells(self, targets: Sequence[Target]) -> Row | None:
        """Which cells of an area changed hands: every cell of it counts as the faction's."""
        result, setting = self.result, self.result.setting
        chance = result.dataset["probability"].to_numpy()
        blocks: list[str] = []
        n = 0
        own: list[float] = []
        nulls: dict[str, list[float]] = {name: [] for name in self.guesses}
        merit: dict[str, list[float]] = {name: [0.0] * 4 for name in ("", *self.guesses)}
        for target in targets:
            entry = _settled(target)
            if entry > result.days:
                continue
            cells = np.asarray(target.cells)
            n += len(cells)
            start = setting.holder[cells]
            blocks.append(target.where)
            own.append(_cells(chance[entry, cells], start, target.faction, merit[""]))
            for name, guess in self.guesses.items():
                place = np.searchsorted(guess.watched, cells)
                said = guess.probability[entry, place]
                nulls[name].append(_cells(said, start, target.faction, merit[name]))
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

    def shares(self, targets: Sequence[Target]) -> Row | None:
        """A faction's share of the theatre's area."""
        share = self.result.dataset["share"].to_numpy()
        blocks: list[str] = []
        own: list[float] = []
        errors: list[float] = []
        nulls: dict[str, list[float]] = {name: [] for name in self.guesses}
        for target in targets:
            entry = _entry(target)
            if entry > self.result.days:
                continue
            sample = share[:, entry, target.faction]
            blocks.append(target.id)
            own.append(crps_sample(sample, target.share))
            middle = quantiles(sample)["p50"]
            errors.append(abs((middle if middle is not None else 0.0) - target.share))
            for name, guess in self.guesses.items():
                nulls[name].append(abs(float(guess.share[entry, target.faction]) - target.share))
        if not blocks:
            return None
        return self._row(
            "shares",
            Figures(crps=_mean(own), error=_mean(errors)),
            {name: {"crps": _mean(s), "error": _mean(s)} for name, s in nulls.items()},
            blocks,
            own,
            nulls,
        )

    def _statements(self, target: Target) -> list[_Statement]:
        """What a target says of dates.

        One that speaks of a date says that it was so.  One that speaks of a day of capture says
        that it was not so just before and was so just after, as far as the report is precise.
        """
        entry, precision = _entry(target), target.precision_days
        if target.by:
            said = [(entry - precision - 1, False), (entry + precision, True)]
            around = 0
        else:
            said, around = [(entry, True)], precision
        days = self.result.days
        area = area_m2(self.result.setting)
        held = self.result.holds(target.cells, target.faction)
        own = np.count_nonzero(held, axis=0) / self.result.runs
        chances = {
            name: guess.holds(target.cells, target.faction, area)
            for name, guess in self.guesses.items()
        }
        return [
            _Statement(
                target=target,
                entry=min(when, days),
                happened=happened,
                probability=_around(own, when, around),
                null={name: _around(chance, when, around) for name, chance in chances.items()},
            )
            for when, happened in said
            if when - around <= days and when + around >= 1
        ]

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
        skill, low, high = skill_interval(blocks, own, scores[REFERENCE])
        return Row(
            view=self.view,
            target=target,
            n=len(own) if n is None else n,
            figures=figures,
            null={
                name: Figures(**given, skill=skill_interval(blocks, own, scores[name])[0])
                for name, given in nulls.items()
            },
            skill=skill,
            skill_low=low,
            skill_high=high,
        )


def _scenario(result: Result, folder: Path | None) -> CompiledScenario:
    """The scenario of a result, loaded anew for its areas; its map must be the result's."""
    setting = result.setting
    label = setting.theatre["label"]
    scenario = load_scenario(
        folder or setting.folder or setting.name,
        resolution=int(label) if label.isdigit() else None,
        as_of=setting.as_of,
    )
    if tuple(scenario.theatre.mesh.cell_id) != setting.cell_id:
        raise ResultError(
            f"The scenario {scenario.name} has another map than the result: "
            f"{len(scenario.theatre.mesh.cell_id):,} cells, not {setting.cells:,} "
            "or not the same ones. Run it again."
        )
    if scenario.faction_ids != setting.faction_ids:
        raise ResultError(
            f"The scenario {scenario.name} has other factions than the result: "
            f"{', '.join(scenario.faction_ids)} instead of {', '.join(setting.faction_ids)}."
        )
    return scenario


def _entry(target: Target) -> int:
    """The entry of a result's daily axis on whose evening a target stands."""
    return target.day + 1


def _settled(target: Target) -> int:
    """The first entry at which a target is surely so."""
    return _entry(target) + (target.precision_days if target.by else 0)


def _around(chance: Array, entry: int, days: int) -> float:
    """The mean chance over the evenings that a report of that precision may mean."""
    first, last = max(entry - days, 0), min(entry + days, len(chance) - 1)
    return math.fsum(float(p) for p in chance[first : last + 1]) / (last + 1 - first)


def _cells(chance: Array, start: Array, faction: int, merit: list[float]) -> float:
    """Sum of squared errors over cells; adds expected hits, misses, false alarms, wrong hits.

    chance  (n, F+1)  of each holder
    start   (n,)      holder at the start
    """
    squares = []
    for said, before in zip(chance, start, strict=True):
        right, stays = float(said[faction]), float(said[before])
        squares.append(brier(right, 1.0))
        if before == faction:
            merit[2] += 1.0 - stays
        else:
            merit[0] += right
            merit[1] += stays
            merit[3] += max(1.0 - right - stays, 0.0)
    return math.fsum(squares)


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
