"""What a score says, as plain values: figures, rows and statements."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from sim.score.figures import Bin


@dataclass(frozen=True)
class Figures:
    """How good statements of one kind were; none where a figure does not apply.

    brier            mean squared error of probabilities, 0 is perfect, 1 the worst
    log              mean of -ln of the probability given to what happened, clipped at LOG_CLIP
    crps             mean error of a whole distribution: days for `days`, else shares
    figure_of_merit  hits / (hits + misses + false alarms + wrong hits) of changed cells, 1 perfect
    error            mean distance of the middle of the distribution from the truth (shares)
    coverage         share of dated places whose day lies in the 10-90 % range (`days`); a model
                     that knows how sure it may be has about 0.8
    skill            1 - score / the null model's score; only on null models: the skill against
                     them, with the 90 % interval of the block bootstrap over places
    """

    brier: float | None = None
    log: float | None = None
    crps: float | None = None
    figure_of_merit: float | None = None
    error: float | None = None
    coverage: float | None = None
    skill: float | None = None
    skill_low: float | None = None
    skill_high: float | None = None


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
        for name in ("skill", "skill_low", "skill_high"):
            figures.pop(name)
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
    """One day of capture: what was observed, and when the runs had it; none is not in time.

    inside  whether the observed day lies in the runs' 10-90 % range
    """

    id: str
    place: str
    faction: str
    observed: date | None
    p10: date | None
    p50: date | None
    p90: date | None
    crps: float
    report: str
    inside: bool


@dataclass(frozen=True)
class PathRank:
    """How far the observed path lies from the runs, and the runs from each other.

    statements     about places, those of the panel among them
    distance       mean share of statements in which the observed path differs from a run
    p10, p50, p90  the same of the runs, each against the others and the observed path
    rank           of the observed path's distance among `of` = runs + 1, from 1; half ranks are
                   ties.  Near 1 it is the most ordinary path of all, near `of` an outlier
    """

    statements: int
    distance: float
    p10: float
    p50: float
    p90: float
    rank: float
    of: int


@dataclass(frozen=True)
class Score:
    """The scores of one result.

    places       statements about places that were chosen because they changed hands, or at will
    panel        statements about places that were chosen by rule
    reliability  of both, by target
    path         none where there are no statements
    """

    result: str | None
    scenario: str
    as_of: date | None
    rows: tuple[Row, ...]
    places: tuple[PlaceRow, ...]
    days: tuple[DayRow, ...]
    left_out: tuple[str, ...]  # ids of observations after the last simulated day
    warnings: tuple[str, ...] = ()
    panel: tuple[PlaceRow, ...] = ()
    reliability: Mapping[str, tuple[Bin, ...]] = field(default_factory=dict)
    path: PathRank | None = None

    def as_dict(self) -> dict[str, Any]:
        """What `badia score --json` prints."""
        return {
            "result": self.result,
            "scenario": self.scenario,
            "as_of": _plain(self.as_of),
            "rows": [row.as_dict() for row in self.rows],
            "places": [_plain_row(row) for row in self.places],
            "panel": [_plain_row(row) for row in self.panel],
            "days": [_plain_row(row) for row in self.days],
            "reliability": {
                target: [asdict(one) for one in bins] for target, bins in self.reliability.items()
            },
            "path": asdict(self.path) if self.path else None,
            "left_out": list(self.left_out),
            "warnings": list(self.warnings),
        }


def _plain_row(row: PlaceRow | DayRow) -> dict[str, Any]:
    return {key: _plain(value) for key, value in asdict(row).items()}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
