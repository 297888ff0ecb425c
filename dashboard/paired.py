"""Two ensembles of the same runs and seed, compared run by run.

A run of one side and the run of the other with the same number share their chance draw by draw, so
their difference is what the change did, not luck.  R runs, F factions.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dashboard.tables import LEVELS, Spread, standing
from sim import BadiaError, Result


@dataclass(frozen=True)
class Pair:
    """One faction's share of the map on a day, on both sides.

    first, second  the middle run of each side, 0 to 1
    difference     second less first, over the pairs of runs, -1 to 1
    larger         share of the pairs in which the second is larger, 0 to 1
    """

    id: str
    name: str
    first: float
    second: float
    difference: Spread
    larger: float


def paired(first: Result, second: Result, entry: int) -> list[Pair]:
    """Every faction on an entry of the daily axis; raises BadiaError where runs are no pairs."""
    one, two = (
        result.dataset["share"].isel(day=entry).to_numpy().astype(np.float64)
        for result in (first, second)
    )  # each (R, F+1)
    same = first.setting.faction_ids == second.setting.faction_ids
    if one.shape != two.shape or not same:
        raise BadiaError("The two sides differ in their factions or their number of runs.")
    gap = two - one
    spread = np.quantile(gap, LEVELS, axis=0, method="inverted_cdf")
    sides = zip(standing(first, entry), standing(second, entry), strict=True)
    return [
        Pair(
            id=a.id,
            name=a.name,
            first=a.share.p50,
            second=b.share.p50,
            difference=Spread(*(float(x) for x in spread[:, f])),
            larger=float((gap[:, f] > 0).mean()),
        )
        for f, (a, b) in enumerate(sides)
    ]
