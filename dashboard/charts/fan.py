"""Fans: how much of something each faction had over the days, and how far the runs differ.

One small panel for each faction, all over the same dates: bands that lie on each other cannot be
told apart on a projector, and factions differ a hundredfold.  Each panel says its name, so nobody
needs to match colours, and has its own scale.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dashboard.kept import kept
from dashboard.tables import QUANTITIES, quantiles
from dashboard.texts import say
from sim import Result

Array = NDArray[Any]
Spec = dict[str, Any]

MOST_DATES = 120  # more cannot be told apart on a panel's width
CHART_HEIGHT, LEAST_HEIGHT, MOST_HEIGHT = 330, 62, 150  # px, of all panels, of one
INK, GREY, RULE = "#1D2126", "#5A6068", "#E4E6E9"
LEAST_SPAN = 0.1  # least height of a panel, of its largest value: noise must look small
STILL = 0.002  # who changes by less than this share of its value gets no panel, but a word
SHORT = 100  # days; axes of shorter spans show days, of longer ones months
NEUTRAL = "#6B7280"  # for what belongs to no faction
FONT = 12  # px
AMOUNTS = {"share": "format(datum.value, '~g') + ' %'", "count": "format(datum.value, '~s')"}
FACE = "Source Sans, Source Sans 3, sans-serif"  # the page's
GUTTER = 44  # px at the left of a panel, for the labels of amounts
INSIDE: dict[str, Any] = {  # these labels lie within the panel: it is as wide as its column
    "ticks": False, "minExtent": 0, "maxExtent": 0, "labelAlign": "left", "labelPadding": -2,
}  # fmt: skip
CONFIG: dict[str, Any] = {
    "font": FACE,
    "title": {"font": FACE},
    "view": {"stroke": None},
    "axis": {
        "labelFontSize": FONT, "labelColor": GREY, "gridColor": RULE, "domain": False,
        "tickColor": RULE,
    },
    "legend": {"labelFontSize": FONT, "labelColor": INK},
}  # fmt: skip


@dataclass(frozen=True)
class Panel:
    """One panel of a fan chart: a faction, and the least and the largest value of its band."""

    number: int
    name: str
    colour: str
    low: float
    high: float

    @property
    def still(self) -> bool:
        """Whether it hardly changes, on no day of any run that counts."""
        return self.high - self.low <= STILL * self.high

    @property
    def axis(self) -> tuple[float, float]:
        """The bounds of its axis: never so close that noise looks large, never below zero."""
        room = max(0.0, LEAST_SPAN * self.high - (self.high - self.low)) / 2
        return max(0.0, self.low - room), self.high + room


def thinned(days: int, most: int = MOST_DATES) -> Array:
    """Entries 0 to `days`, evenly thinned to at most `most`, with the first and the last."""
    entries: Array = np.unique(np.rint(np.linspace(0, days, min(days + 1, most))).astype(np.int64))
    return entries


@kept(most=8)
def fan_data(result: Result, quantity: str) -> pd.DataFrame:
    """The rows to draw: `date`, `number` of the faction, `p10`, `p50`, `p90`.

    quantity  one of QUANTITIES; `area` is in per cent of the map, the others count persons
    """
    wanted = QUANTITIES[quantity]
    values = wanted.scale * quantiles(result, wanted.series)
    entries = thinned(result.days)
    numbers = range(result.setting.factions if wanted.by_faction else 1)
    dates = result.dataset["date"].to_numpy()[entries]
    parts = [
        pd.DataFrame(
            {
                "date": dates,
                "number": np.full(len(entries), number, np.int8),
                **{
                    name: values[level, entries, number].astype(np.float32)
                    for level, name in enumerate(("p10", "p50", "p90"))
                },
            }
        )
        for number in numbers
    ]
    return pd.concat(parts, ignore_index=True)


@kept(most=8)
def panels(result: Result, quantity: str) -> tuple[Panel, ...]:
    """A panel for each faction that has something to show, in the order of the map's legend."""
    setting, data = result.setting, fan_data(result, quantity)
    found = []
    for number, rows in data.groupby("number"):
        low, high = float(rows["p10"].min()), float(rows["p90"].max())
        if high <= 0.0:
            continue
        name, colour = say("charts.fan.everyone"), NEUTRAL
        if QUANTITIES[quantity].by_faction:
            name, colour = setting.faction_names[number], setting.colours[number]
        found.append(Panel(int(number), name, colour, low, high))
    return tuple(found)


def fan_spec(quantity: str, shown: Sequence[Panel], *, span: tuple[date, date], km2: float) -> Spec:
    """The chart of some panels, one below the other, without its data.

    span  the first and the last date
    km2   area of the map, to say shares in km2 too
    """
    last = len(shown) - 1
    height = min(MOST_HEIGHT, max(LEAST_HEIGHT, CHART_HEIGHT // len(shown)))
    return {
        "description": say(
            "charts.fan.description",
            quantity=say(f"charts.fan.{quantity}"),
            names=", ".join(panel.name for panel in shown),
        ),
        "spacing": 6,
        "vconcat": [
            {"height": height, **_panel(quantity, panel, span, km2, i == last)}
            for i, panel in enumerate(shown)
        ],
        "config": CONFIG,
    }


def days_axis(span: tuple[date, date]) -> Spec:
    """The horizontal axis of dates; its bounds are said, as data come later than the chart."""
    short = (span[1] - span[0]).days < SHORT
    return {
        "field": "date", "type": "temporal", "title": None,
        "scale": {"domain": [moment(day) for day in span]},
        "axis": {"format": "%-d %b" if short else "%b %Y", "tickCount": 5, "labelFlush": True,
                 "labelOverlap": True},
    }  # fmt: skip


def moment(day: date) -> Spec:
    """A date as Vega-Lite has it."""
    return {"year": day.year, "month": day.month, "date": day.day}


def _panel(
    quantity: str, panel: Panel, span: tuple[date, date], km2: float, labelled: bool
) -> Spec:
    """One faction: the band, the middle line with a dark edge, and what a pointer reads."""
    numbers = ".1f" if quantity == "area" else ",.0f"
    dates = days_axis(span)
    dates["axis"] |= {"labels": labelled, "ticks": labelled}
    first = {**dates, "scale": {**dates["scale"], "rangeMin": GUTTER}}  # said by one layer for all
    label = AMOUNTS["share" if quantity == "area" else "count"]
    amounts: Spec = {
        "field": "p50", "type": "quantitative", "title": None,
        "scale": {"domain": list(panel.axis), "nice": 2},
        "axis": {"tickCount": 2, "labelExpr": label, **INSIDE,
                 **({} if quantity == "area" else {"tickMinStep": 1})},
    }  # fmt: skip
    line = {"x": dates, "y": amounts}
    read = [
        {"field": "date", "type": "temporal", "format": "%-d %B %Y",
         "title": say("charts.fan.read.date")},
        {"field": "p50", "type": "quantitative", "format": numbers,
         "title": say(f"charts.fan.read.{quantity}")},
        {"field": "p10", "type": "quantitative", "format": numbers,
         "title": say("charts.fan.read.low")},
        {"field": "p90", "type": "quantitative", "format": numbers,
         "title": say("charts.fan.read.high")},
    ]  # fmt: skip
    transform: list[Spec] = [{"filter": f"datum.number == {panel.number}"}]
    if quantity == "area":
        transform.append({"calculate": f"datum.p50 * {km2 / 100:.6g}", "as": "km2"})
        read.append(
            {"field": "km2", "type": "quantitative", "format": ",.0f",
             "title": say("charts.fan.read.km2")}
        )  # fmt: skip
    band = {"x": first, "y": {**amounts, "field": "p10"}, "y2": {"field": "p90"}}
    return {
        "title": {
            "text": panel.name, "anchor": "start", "frame": "group", "fontSize": FONT + 1,
            "fontWeight": 600, "color": INK, "offset": 8,
        },
        "transform": transform,
        "layer": [
            {"mark": {"type": "area", "color": panel.colour, "opacity": 0.5, "clip": True},
             "encoding": band},
            {"mark": {"type": "line", "color": INK, "strokeWidth": 3.6, "clip": True},
             "encoding": line},
            {"mark": {"type": "line", "color": panel.colour, "strokeWidth": 2.4, "clip": True},
             "encoding": line},
            {"mark": {"type": "rule", "opacity": 0, "strokeWidth": 8},
             "encoding": {"x": dates, "tooltip": read}},
        ],
    }  # fmt: skip
