"""The numbers beside the map: how each faction stands on a day, over all runs.

Quantiles are those of `badia run --json`: the middle one of 200 runs is the value of a run, never
a mean of two.  R runs, T entries of the daily axis (0 is the start), F factions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashboard.happenings import Happening, happenings
from dashboard.kept import kept
from sim import Result

__all__ = [
    "QUANTITIES",
    "Happening",
    "Quantity",
    "Spread",
    "Standing",
    "displaced",
    "happenings",
    "quantiles",
    "standing",
]

Array = NDArray[Any]

LEVELS = (0.1, 0.5, 0.9)


@dataclass(frozen=True)
class Quantity:
    """Something that charts show: a series of the dataset, and what it is multiplied with."""

    series: str
    scale: float = 1.0
    by_faction: bool = True


QUANTITIES = {
    "area": Quantity("share", scale=100.0),  # per cent of the map
    "fighters": Quantity("fighters"),
    "losses": Quantity("losses"),
    "displaced": Quantity("displaced", by_faction=False),
}


@dataclass(frozen=True)
class Spread:
    """The middle 80 % of the runs and the run in the middle."""

    p10: float
    p50: float
    p90: float


@dataclass(frozen=True)
class Standing:
    """How one faction stands on the evening of a day.

    share       share of the map's area, 0 to 1
    change      what the middle share gained since the start, -1 to 1
    most_share  the largest middle share of any day, 0 to 1
    area_km2    area held, km2
    fighters    persons under arms in the open
    losses      fighters lost since the start, all causes
    """

    id: str
    name: str
    colour: str
    share: Spread
    change: float
    most_share: float
    area_km2: Spread
    fighters: Spread
    losses: Spread


def standing(result: Result, entry: int) -> list[Standing]:
    """Every faction on an entry of the daily axis, in the order of the map's legend."""
    setting = result.setting
    share, fighters = quantiles(result, "share"), quantiles(result, "fighters")
    losses = quantiles(result, "losses")
    total = float(setting.area_km2.sum())
    return [
        Standing(
            id=id,
            name=setting.faction_names[f],
            colour=setting.colours[f],
            share=_spread(share[:, entry, f]),
            change=float(share[1, entry, f] - share[1, 0, f]),
            most_share=float(share[1, :, f].max()),
            area_km2=_spread(total * share[:, entry, f]),
            fighters=_spread(fighters[:, entry, f]),
            losses=_spread(losses[:, entry, f]),
        )
        for f, id in enumerate(setting.faction_ids)
    ]


def displaced(result: Result, entry: int) -> Spread:
    """Civilians who fled their homes and have not come back, in the whole country."""
    return _spread(quantiles(result, "displaced")[:, entry, 0])


@kept(most=6)
def quantiles(result: Result, series: str) -> Array:
    """10 %, 50 % and 90 % of a series of the dataset over the runs; (3, T, F+1) float64.

    series  `share`, `fighters`, `covert`, `losses`; or `displaced`, whose last axis is 1 long
    """
    values = result.dataset[series].to_numpy().astype(np.float64)
    if values.ndim == 2:
        values = values[:, :, None]
    found: Array = np.quantile(values, LEVELS, axis=0, method="inverted_cdf")
    found.flags.writeable = False
    return found


def _spread(values: Array) -> Spread:
    return Spread(*(float(value) for value in values))
