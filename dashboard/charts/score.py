"""How well an ensemble foresaw what was observed: the tables and charts of a score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import pandas as pd
from scipy.stats import binom

from dashboard.charts.evidence import DOT, FIT_WIDTH, META
from dashboard.texts import say
from dashboard.theme import ACCENT, INK, LINE, PANEL, SERIES
from dashboard.words import listed
from sim import Score

if TYPE_CHECKING:
    from sim import Bin

NULLS = ("persistence", "adjacency", "force_ratio", "offensive_only")
FIGURES = {  # of each target: what is measured
    "places": ("brier", "log"),
    "panel": ("brier", "log"),
    "days": ("crps", "coverage"),
    "cells": ("brier", "figure_of_merit"),
    "shares": ("crps", "error"),
    "held": ("crps", "error"),
}
TICKS = [0, 0.2, 0.4, 0.6, 0.8, 1]
ROW_HEIGHT = 26  # px
BAND = (0.05, 0.95)
TEXT = {"labelColor": INK, "titleColor": INK}


def score_table(score: Score) -> pd.DataFrame:
    """One row for each figure of each target: the runs', the null models', how many statements.

    Columns: asked, measure, n, runs, then NULLS; the texts are for people, the figures as they are.
    """
    rows = []
    for row in score.rows:
        for figure in FIGURES[row.target]:
            unit = f"_{row.target}" if figure == "crps" else ""  # in days, or in shares of the map
            rows.append(
                {
                    "asked": say(f"evidence.score.target.{row.target}"),
                    "measure": say(f"evidence.score.measure.{figure}{unit}"),
                    "n": row.n,
                    "runs": getattr(row.figures, figure),
                    **{name: getattr(row.null[name], figure) for name in NULLS},
                }
            )
    numbers = ["runs", *NULLS]
    table = pd.DataFrame(rows, columns=["asked", "measure", "n", *numbers])
    return table.astype(dict.fromkeys(numbers, float))


def skill_table(score: Score) -> pd.DataFrame:
    """Skill against each null model, one row for each target.

    Columns: asked, n, then NULLS (1 is perfect, 0 as good as it, below 0 worse), low and high: the
    90 % interval against persistence; none where there are too few places to tell.  interval: the
    same two in words.
    """
    rows = [
        {
            "asked": say(f"evidence.score.target.{row.target}"),
            "n": row.n,
            **{name: row.null[name].skill for name in NULLS},
            "low": row.skill_low,
            "high": row.skill_high,
            "interval": (
                say("evidence.persons", low=f"{row.skill_low:.2f}", high=f"{row.skill_high:.2f}")
                if row.skill_low is not None and row.skill_high is not None
                else ""
            ),
        }
        for row in score.rows
    ]
    numbers = [*NULLS, "low", "high"]
    table = pd.DataFrame(rows, columns=["asked", "n", *numbers, "interval"])
    return table.astype(dict.fromkeys(numbers, float))


def verdicts(skills: pd.DataFrame) -> list[str]:
    """A sentence for each row of a skill table: is it better than "nothing changes"?

    Another names the guesses that did better than the runs, if there are any.
    """
    said = []
    for row in skills.itertuples():
        if pd.isna(row.persistence):
            continue
        name = "open"
        if pd.isna(row.low):
            name = "few"
        elif row.low > 0:
            name = "better"
        elif row.high < 0:
            name = "worse"
        skill, low, high = (f"{value:.2f}" for value in (row.persistence, row.low, row.high))
        line = say(
            f"evidence.score.verdict.{name}", asked=row.asked, skill=skill, low=low, high=high
        )
        ahead = [null for null in NULLS if getattr(row, null) < 0]
        if ahead:
            guesses = listed(f'"{say(f"evidence.score.null.{null}").lower()}"' for null in ahead)
            line += " " + say("evidence.score.verdict.ahead", guesses=guesses)
        said.append(line)
    return said


def statements(score: Score) -> pd.DataFrame:
    """What the runs said of each observation and what was reported.

    Columns: place, date, faction, probability, happened, report.
    """
    rows = [
        {
            "place": row.place,
            "date": row.date,
            "faction": row.faction,
            "probability": row.probability,
            "happened": row.observed,
            "report": row.report,
        }
        for row in (*score.places, *score.panel)
    ]
    columns = ["place", "date", "faction", "probability", "happened", "report"]
    return pd.DataFrame(rows, columns=columns)


def reliability_table(bins: Sequence[Bin]) -> pd.DataFrame:
    """Statements in bins of a fifth: what was said against how often it happened.

    Columns: said (mean probability), share (that happened), n, happened, low and high (where the
    share lies nine times out of ten if what is said is right: binomial), inside, from and to (edges
    of the bin).
    """
    rows = []
    for one in bins:
        low, high = (float(binom.ppf(q, one.n, one.said)) / one.n for q in BAND)
        rows.append(
            {
                "said": one.said,
                "share": one.happened / one.n,
                "n": one.n,
                "happened": one.happened,
                "low": max(low, 0.0),
                "high": high,
                "inside": low <= one.happened / one.n <= high,
                "from": one.low,
                "to": one.high,
            }
        )
    columns = ["said", "share", "n", "happened", "low", "high", "inside", "from", "to"]
    return pd.DataFrame(rows, columns=columns)


def reliability_chart(table: pd.DataFrame) -> dict[str, Any]:
    """Said against happened: the diagonal is right, grey bars are where chance alone may put it."""
    axis = {"format": "%", "values": TICKS, **TEXT}
    x: dict[str, Any] = {
        "field": "said",
        "type": "quantitative",
        "title": say("evidence.score.reliability.said"),
        "scale": {"domain": [0, 1], "padding": 8},
        "axis": axis,
    }
    y = {**x, "field": "share", "title": say("evidence.score.reliability.share")}
    tooltip = [
        {"field": "said", "type": "quantitative", "format": ".0%"},
        {"field": "share", "type": "quantitative", "format": ".0%"},
        {"field": "n", "type": "quantitative"},
    ]
    for entry in tooltip:
        entry["title"] = say(f"evidence.score.reliability.tip.{entry['field']}")
    inside, outside = (say(f"evidence.score.reliability.{name}") for name in ("inside", "outside"))
    mark = f"datum.inside ? {inside!r} : {outside!r}"
    legend = {
        "orient": "top", "labelLimit": 0, "symbolSize": 110, "symbolOpacity": 1, "labelColor": INK,
    }  # fmt: skip
    return {
        "usermeta": META,
        "description": say(
            "evidence.score.reliability.alt", bins=len(table), n=int(table["n"].sum())
        ),
        "height": 320,
        "transform": [{"calculate": mark, "as": "verdict"}],
        "layer": [
            {
                "data": {"values": [{"said": 0, "share": 0}, {"said": 1, "share": 1}]},
                "mark": {"type": "line", "color": INK, "strokeDash": [4, 4], "strokeWidth": 1},
                "encoding": {"x": x, "y": y},
            },
            {
                "mark": {"type": "rule", "color": LINE, "strokeWidth": 12, "strokeCap": "round"},
                "encoding": {
                    "x": x,
                    "y": {**y, "field": "low"},
                    "y2": {"field": "high"},
                    "tooltip": tooltip,
                },
            },
            {
                "mark": {"type": "point", "filled": True, "opacity": 1, "size": 150},
                "encoding": {
                    "x": x,
                    "y": y,
                    "color": {
                        "field": "verdict",
                        "type": "nominal",
                        "title": None,
                        "scale": {"domain": [inside, outside], "range": [ACCENT, SERIES[1]]},
                        "legend": legend,
                    },
                    "shape": {
                        "field": "verdict",
                        "type": "nominal",
                        "title": None,
                        "legend": legend,
                        "scale": {"domain": [inside, outside], "range": ["circle", "diamond"]},
                    },
                    "tooltip": tooltip,
                },
            },
            {
                "mark": {"type": "text", "dx": 14, "align": "left", "color": INK, "fontSize": 12},
                "encoding": {"x": x, "y": y, "text": {"field": "n", "type": "quantitative"}},
            },
        ],
    }  # fmt: skip


def capture_table(score: Score, colours: Mapping[str, str], end: date) -> pd.DataFrame:
    """When places were taken: as observed, and in the runs; by observed date.

    colours  of the factions, by id
    end      the last simulated day; a p90 that not enough runs reached is drawn up to it

    Columns: label, place, faction, observed, first, last (p10, p90), middle (p50), open (whether
    fewer than nine in ten runs took it), colour, runs (in words), report.  Dates are ISO text,
    empty where there is none.
    """
    rows = []
    for row in sorted(score.days, key=lambda r: (r.observed or date.max, r.place, r.faction)):
        when = {name: _iso(getattr(row, name)) for name in ("observed", "p10", "p50", "p90")}
        if row.p10 is None:
            words = say("evidence.score.capture.never")
        elif row.p90 is None:
            words = say("evidence.score.capture.open", first=when["p10"])
        else:
            words = say("evidence.score.capture.range", first=when["p10"], last=when["p90"])
        rows.append(
            {
                "label": say("evidence.score.capture.label", place=row.place, faction=row.faction),
                "place": row.place,
                "faction": row.faction,
                "observed": when["observed"],
                "first": when["p10"],
                "middle": when["p50"],
                "last": when["p90"] or (_iso(end) if row.p10 else None),
                "open": row.p90 is None,
                "colour": colours.get(row.faction, INK),
                "runs": words,
                "report": row.report,
            }
        )
    columns = [
        "label", "place", "faction", "observed", "first", "middle", "last", "open", "colour",
        "runs", "report",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def capture_chart(table: pd.DataFrame) -> dict[str, Any]:
    """Bars from p10 to p90 with a tick at the median, and a dot on the day that was observed."""
    y: dict[str, Any] = {
        "field": "label",
        "type": "nominal",
        "title": None,
        "sort": table["label"].tolist(),
        "axis": {
            "labelLimit": 200,
            "ticks": False,
            "domain": False,
            "grid": True,
            "gridColor": LINE,
            "labelColor": INK,
        },
    }
    x = {
        "field": "first",
        "type": "temporal",
        "title": None,
        "scale": {"padding": 12},
        "axis": {
            "format": "%b %Y",
            "labelColor": INK,
            "tickCount": "month",
            "labelOverlap": True,
            "gridColor": PANEL,
        },
    }
    tooltip = [
        {"field": name, "type": "nominal", "title": say(f"evidence.score.capture.tip.{name}")}
        for name in ("label", "observed", "middle", "runs", "report")
    ]
    return {
        "usermeta": META,
        "description": say("evidence.score.capture.alt", n=len(table)),
        "autosize": FIT_WIDTH,
        "height": ROW_HEIGHT * max(len(table), 1),
        "layer": [
            {
                "transform": [{"filter": "datum.first != null"}],
                "mark": {"type": "bar", "height": 12, "stroke": INK, "strokeWidth": 0.8},
                "encoding": {
                    "y": y,
                    "x": x,
                    "x2": {"field": "last"},
                    "color": {"field": "colour", "type": "nominal", "scale": None, "legend": None},
                    "tooltip": tooltip,
                },
            },
            {
                "transform": [{"filter": "datum.middle != null"}],
                "mark": {"type": "tick", "thickness": 3, "size": 20, "color": INK},
                "encoding": {"y": y, "x": {**x, "field": "middle"}, "tooltip": tooltip},
            },
            {
                "transform": [{"filter": "datum.observed != null"}],
                "mark": {**DOT, "strokeWidth": 2, "size": 90},
                "encoding": {"y": y, "x": {**x, "field": "observed"}, "tooltip": tooltip},
            },
        ],
    }  # fmt: skip


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
