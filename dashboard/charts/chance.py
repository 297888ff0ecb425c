"""Chance: how likely each faction was to hold one place, over the days, as a stacked chart."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from dashboard.charts.fan import CONFIG, INK, Spec, days_axis, moment, thinned
from dashboard.place import PlaceStory
from dashboard.texts import say

HEIGHT = 210  # px, with its legend


def chance_data(story: PlaceStory) -> pd.DataFrame:
    """The rows to draw: `date`, `number` and `name` of the holder, `chance` in per cent.

    Only who held the place in some run on some day; nobody comes last.
    """
    chance = story.chance
    entries = thinned(len(chance) - 1)
    parts = [
        pd.DataFrame(
            {
                "date": pd.to_datetime([story.dates[entry] for entry in entries]),
                "number": np.int8(number),
                "name": story.names[number],
                "chance": (100.0 * chance[entries, number]).astype(np.float32),
            }
        )
        for number in holders(story)
    ]
    return pd.concat(parts, ignore_index=True)


def holders(story: PlaceStory) -> list[int]:
    """Who held the place in some run on some day, in the order of the map's legend."""
    return [int(number) for number in np.flatnonzero(story.chance.max(axis=0) > 0)]


def chance_spec(story: PlaceStory, shown: date | None = None) -> Spec:
    """The chart without its data; `shown` draws a line at the day that the map shows."""
    found = holders(story)
    names = [story.names[number] for number in found]
    dates = days_axis((story.dates[0], story.dates[-1]))
    dates["axis"] |= {"tickCount": 3, "grid": False}
    area: Spec = {
        "mark": {"type": "area", "stroke": INK, "strokeWidth": 0.7},
        "encoding": {
            "x": dates,
            "y": {"field": "chance", "type": "quantitative", "stack": "zero", "title": None,
                  "scale": {"domain": [0, 100]},
                  "axis": {"values": [0, 50, 100], "labelExpr": "datum.value + ' %'"}},
            "color": {"field": "name", "type": "nominal", "sort": names,
                      "scale": {"domain": names,
                                "range": [story.colours[number] for number in found]},
                      "legend": {"orient": "top", "direction": "vertical", "title": None,
                                 "symbolType": "square", "symbolStrokeColor": INK,
                                 "symbolStrokeWidth": 0.7, "labelLimit": 260}},
            "order": {"field": "number", "type": "quantitative", "sort": "descending"},
            "tooltip": [
                {"field": "date", "type": "temporal", "format": "%-d %B %Y",
                 "title": say("charts.fan.read.date")},
                {"field": "name", "type": "nominal", "title": say("charts.chance.holder")},
                {"field": "chance", "type": "quantitative", "format": ".0f",
                 "title": say("charts.chance.percent")},
            ],
        },
    }  # fmt: skip
    layers = [area]
    if shown is not None:
        rule = {"strokeWidth": 1.5, "strokeDash": [4, 3]}
        layers += [
            {"data": {"values": [{}]}, "mark": {"type": "rule", "color": colour, **rule, **offset},
             "encoding": {"x": {"datum": moment(shown), "type": "temporal"}}}
            for colour, offset in (("white", {"strokeDashOffset": 4}), (INK, {}))
        ]  # fmt: skip
    return {
        "description": say("charts.chance.description", place=story.place),
        "height": HEIGHT,
        "layer": layers,
        "config": CONFIG,
    }
