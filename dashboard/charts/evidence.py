"""How strong a force may be: the range that runs draw from, above what each report says.

Two rows of a chart are never one row of the table: the table is long, one line for each bar or
figure, and `row` says on which line of the chart it stands, counted from the top.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from dashboard.texts import say
from dashboard.theme import INK, LINE
from sim import Evidence

COLUMNS = (
    "row", "label", "kind", "faction", "low", "high", "said", "colour", "report", "grade",
    "source", "claim",
)  # fmt: skip
ROW_HEIGHT = 24  # px
LABEL_WIDTH = 190  # px

# Vega-Lite would offer to open a chart in an editor on the internet.
META = {
    "embedOptions": {
        "actions": {"export": True, "source": False, "compiled": False, "editor": False}
    }
}
FIT_WIDTH = {"type": "fit-x", "contains": "padding"}  # the height is that of the rows
# A white dot with an outline: it is seen on every faction's colour.
DOT: dict[str, Any] = {
    "type": "point", "filled": True, "fill": "#FFFFFF", "stroke": INK, "strokeWidth": 1.5,
    "size": 60, "opacity": 1,
}  # fmt: skip


def persons(low: float, high: float) -> str:
    """`1,500`, or `1,500 to 3,000`."""
    if low == high:
        return f"{low:,.0f}"
    return say("evidence.persons", low=f"{low:,.0f}", high=f"{high:,.0f}")


def strength_table(
    evidence: Evidence,
    names: Mapping[str, str],
    colours: Mapping[str, str],
    faction: str | None = None,
) -> pd.DataFrame:
    """The bars of forces and, below each, the figures of its reports.

    names, colours  of the factions, by id
    faction         only its forces, one by one; all factions, each as a whole, if left out

    All factions are sorted by the middle of their range, forces too, strongest first.  Columns are
    COLUMNS; `kind` is `drawn` (what runs draw) or `report` (what a report says).
    """
    strengths = [one for one in evidence.strengths if faction in (None, one.faction)]
    if faction is None:
        lone = {one.faction for one in strengths if not one.force}
        strengths = [one for one in strengths if not one.force or one.faction not in lone]
    reports = {report.id: report for report in evidence.reports}
    rows: list[dict[str, Any]] = []
    line = -1
    ordered = sorted(strengths, key=lambda one: (bool(one.force), -one.low - one.high, one.force))
    if faction is None:
        ordered = sorted(strengths, key=lambda one: (-one.low - one.high, one.faction))
    for one in ordered:
        line += 1
        name = names[one.faction] if faction is None or not one.force else one.force
        rows.append(
            {
                "row": line,
                "label": name,
                "kind": "drawn",
                "faction": names[one.faction],
                "low": one.low,
                "high": one.high,
                "said": persons(one.low, one.high),
                "colour": colours[one.faction],
                "report": ", ".join(one.reports),
                "grade": "",
                "source": "",
                "claim": one.area,
            }
        )
        last = ""
        for figure in one.figures:
            report = reports[figure.report]
            line += report.id != last
            last = report.id
            rows.append(
                {
                    "row": line,
                    "label": say("evidence.strength.report", id=report.id, grade=report.grade),
                    "kind": "report",
                    "faction": names[one.faction],
                    "low": figure.low,
                    "high": figure.high,
                    "said": persons(figure.low, figure.high),
                    "colour": colours[one.faction],
                    "report": report.id,
                    "grade": report.grade,
                    "source": report.source,
                    "claim": report.claim,
                }
            )
    return pd.DataFrame(rows, columns=list(COLUMNS))


def strength_chart(table: pd.DataFrame) -> dict[str, Any]:
    """Range bars in the factions' colours, figures of reports as lines and dots; persons, log."""
    rows_shown = table.drop_duplicates("row")
    labels = rows_shown["label"].tolist()
    drawn = (rows_shown["kind"] == "drawn").tolist()
    title = say("evidence.strength.axis")
    rows: dict[str, Any] = {
        "field": "row",
        "type": "ordinal",
        "title": None,
        "sort": "ascending",
        "axis": {
            "labelExpr": f"{json.dumps(labels)}[datum.value]",
            "labelLimit": LABEL_WIDTH,
            "labelFontWeight": {
                "condition": {"test": f"{json.dumps(drawn)}[datum.value]", "value": "bold"},
                "value": "normal",
            },
            "ticks": False,
            "domain": False,
            "grid": True,
            "gridColor": LINE,
            "labelColor": INK,
        },
    }
    low = {
        "field": "low",
        "type": "quantitative",
        "title": title,
        "scale": {"type": "log", "nice": True},
        "axis": {"format": ",d", "labelColor": INK, "titleColor": INK, "tickCount": 5},
    }
    tooltip = [
        {"field": name, "type": "nominal", "title": say(f"evidence.strength.tip.{name}")}
        for name in ("faction", "said", "report", "grade", "source", "claim")
    ]
    both = {"y": rows, "x": low, "x2": {"field": "high"}, "tooltip": tooltip}
    report = [{"filter": "datum.kind === 'report'"}]
    return {
        "usermeta": META,
        "description": say("evidence.strength.alt", rows=len(labels)),
        "autosize": FIT_WIDTH,
        "height": ROW_HEIGHT * max(len(labels), 1),
        "layer": [
            {
                "transform": [{"filter": "datum.kind === 'drawn'"}],
                # The outline tells pale colours from the paper.
                "mark": {"type": "bar", "height": 14, "stroke": INK, "strokeWidth": 0.8},
                "encoding": {
                    **both,
                    "color": {"field": "colour", "type": "nominal", "scale": None, "legend": None},
                },
            },
            {
                "transform": report,
                "mark": {"type": "rule", "strokeWidth": 1.5, "color": INK},
                "encoding": both,
            },
            {
                "transform": report,
                "mark": DOT,
                "encoding": {"y": rows, "x": low, "tooltip": tooltip},
            },
            {
                "transform": report,
                "mark": DOT,
                "encoding": {"y": rows, "x": {**low, "field": "high"}, "tooltip": tooltip},
            },
        ],
    }


def disagreements(evidence: Evidence) -> Sequence[tuple[str, str, float]]:
    """Forces whose reports differ: (faction, force, largest figure / smallest), widest first."""
    found = []
    for one in evidence.strengths:
        middles = [(figure.low + figure.high) / 2 for figure in one.figures]
        if len(middles) > 1 and max(middles) > min(middles):
            found.append((one.faction, one.force, max(middles) / min(middles)))
    return sorted(found, key=lambda row: (-row[2], row[0], row[1]))
