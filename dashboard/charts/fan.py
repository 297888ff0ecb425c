"""Fans: how much of something each faction had over the days, and how far the runs differ.

One small panel for each faction, all over the same dates: bands that lie on each other cannot be
told apart on a projector, and factions differ a hundredfold.  Each panel says its name, so nobody
needs to match colours, and has its own scale.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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
PANEL_HEIGHT = 62  # px
INK, GREY, RULE = "#1D2126", "#5A6068", "#E4E6E9"
LEAST_SPAN = (
    0.1  # a panel shows at least this share of its largest value, so that noise stays small
)
NEUTRAL = "#6B7280"  # for what belongs to no faction
FONT = 12  # px


@dataclass(frozen=True)
class Panel:
    """One panel of a fan chart; `low` and `high` bound its axis."""

    number: int
    name: str
    colour: str
    low: float
    high: float


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
        room = max(0.0, LEAST_SPAN * high - (high - low))
        name, colour = say("charts.fan.everyone"), NEUTRAL
        if QUANTITIES[quantity].by_faction:
            name, colour = setting.faction_names[number], setting.colours[number]
        found.append(Panel(int(number), name, colour, max(0.0, low - room / 2), high + room / 2))
    return tuple(found)


def fan_spec(quantity: str, shown: Sequence[Panel], *, km2: float) -> Spec:
    """The chart of some panels, one below the other, without its data.

    km2  area of the map, to say shares in km2 too
    """
    last = len(shown) - 1
    return {
        "description": say(
            "charts.fan.description",
            quantity=say(f"charts.fan.{quantity}"),
            names=", ".join(panel.name for panel in shown),
        ),
        "spacing": 6,
        "vconcat": [_panel(quantity, panel, km2, i == last) for i, panel in enumerate(shown)],
        "config": {
            "view": {"stroke": None},
            "axis": {
                "labelFontSize": FONT, "labelColor": GREY, "gridColor": RULE, "domain": False,
                "tickColor": RULE,
            },
        },
    }  # fmt: skip


def _panel(quantity: str, panel: Panel, km2: float, labelled: bool) -> Spec:
    """One faction: the band, the middle line with a dark edge, and what a pointer reads."""
    numbers = ".1f" if quantity == "area" else ",.0f"
    dates: Spec = {
        "field": "date", "type": "temporal", "title": None,
        "axis": {"format": "%-d %b %y", "tickCount": 5, "labels": labelled, "ticks": labelled,
                 "labelFlush": True, "labelOverlap": True},
    }  # fmt: skip
    amounts: Spec = {
        "field": "p50", "type": "quantitative", "title": None,
        "scale": {"domain": [panel.low, panel.high], "nice": 3},
        "axis": {"tickCount": 3, "format": "~s" if quantity != "area" else "~g",
                 "minExtent": 36, "maxExtent": 36},
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
    band = {"x": dates, "y": {**amounts, "field": "p10"}, "y2": {"field": "p90"}}
    return {
        "height": PANEL_HEIGHT,
        "title": {
            "text": panel.name, "anchor": "start", "frame": "group", "fontSize": FONT + 1,
            "fontWeight": 600, "color": INK, "offset": 2,
        },
        "transform": transform,
        "layer": [
            {"mark": {"type": "area", "color": panel.colour, "opacity": 0.5, "clip": True},
             "encoding": band},
            {"mark": {"type": "line", "color": INK, "strokeWidth": 3.6, "clip": True},
             "encoding": line},
            {"mark": {"type": "line", "color": panel.colour, "strokeWidth": 2, "clip": True},
             "encoding": line},
            {"mark": {"type": "rule", "opacity": 0, "strokeWidth": 8},
             "encoding": {"x": dates, "tooltip": read}},
        ],
    }  # fmt: skip
