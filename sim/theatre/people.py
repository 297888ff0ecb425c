"""The 2004 census spread over the atlas; used by the build script only.

Governorate totals are those of the census.  Districts whose figure is known get it; the others
share the rest of their governorate by weight.  Inside a district people go to towns by size and to
the land around by terrain and by named villages.  The total is kept to the person.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.theatre.mesh import Terrain

Array = NDArray[Any]
TOTAL = 17_920_844

GOVERNORATES: dict[str, int] = {
    "SY01": 1_552_161, "SY02": 4_045_166, "SY03": 2_273_074, "SY04": 1_529_402, "SY05": 1_384_953,
    "SY06": 879_551, "SY07": 1_258_427, "SY08": 1_275_118, "SY09": 1_004_747, "SY10": 701_395,
    "SY11": 793_514, "SY12": 843_478, "SY13": 313_231, "SY14": 66_627,
}  # fmt: skip

DISTRICTS: dict[str, int] = {  # of OCHA's 62; the rest by weight
    "SY0100": 1_552_161,
    "SY0200": 2_560_000,  # 2,413,878 and Atarib, since a district of its own: assumed
    "SY0203": 172_095, "SY0204": 251_769, "SY0205": 408_143, "SY0206": 192_513,
    "SY0301": 943_778,  # Markaz Rif Dimashq 837,804 and Qudsaya 105,974, split off in 2009
    "SY0302": 433_719, "SY0303": 119_283, "SY0304": 115_937, "SY0305": 48_370, "SY0306": 80_001,
    "SY0307": 63_780, "SY0308": 207_245, "SY0309": 260_961,
    "SY0405": 76_942, "SY0501": 644_445, "SY0704": 150_052, "SY0705": 177_005,
    "SY0800": 480_394, "SY0802": 423_368, "SY0803": 191_994,
    "SY0901": 492_434, "SY0902": 265_142, "SY0903": 247_171,
    "SY1400": 66_627,  # all of Quneitra: Fiq lies in the occupied Golan
    "SY1402": 0,
}  # fmt: skip

RURAL = {  # persons per km2 of open land, as weights
    Terrain.DESERT: 0.4, Terrain.STEPPE: 25.0, Terrain.VALLEY: 90.0, Terrain.MOUNTAIN: 35.0,
    Terrain.URBAN: 0.0, Terrain.LAVA: 1.0,
}  # fmt: skip
VILLAGE = 1500.0  # weight of a named place without a figure, persons
DENSE = 2500.0  # persons per km2 that make a piece urban
TOWN_KM2 = 5000.0  # persons per km2 at which a town's people are spread over the pieces around it


def district_totals(weights: Array, districts: pd.DataFrame) -> Array:
    """Census population of each district; unknown ones by `weights` (n,), sums exact."""
    codes = list(districts["pcode"])
    out = np.zeros(len(codes), np.int64)
    for governorate, total in sorted(GOVERNORATES.items()):
        own = [k for k, g in enumerate(districts["governorate"]) if g == governorate]
        known = [k for k in own if codes[k] in DISTRICTS]
        rest = [k for k in own if codes[k] not in DISTRICTS]
        for k in known:
            out[k] = DISTRICTS[codes[k]]
        left = total - int(out[known].sum())
        if rest:
            out[rest] = share_out(left, weights[rest])
        elif left:
            raise ValueError(f"{governorate}: {left} persons of the census have no district")
    return out


def share_out(total: int, weights: Array) -> Array:
    """Split a whole number in proportion to weights, by largest remainder; ties go to the first."""
    exact = weights * (total / weights.sum())
    whole: Array = np.floor(exact).astype(np.int64)
    order = np.lexsort((np.arange(len(exact)), whole - exact))
    whole[order[: total - int(whole.sum())]] += 1
    return whole


def spread_census(
    pieces: pd.DataFrame,
    terrain: Array,
    dry: Array,
    places: pd.DataFrame,
    districts: pd.DataFrame,
) -> tuple[Array, Array]:
    """Persons in each piece, and which pieces are urban.  Dry hills are as empty as the desert."""
    area = pieces["area_km2"].to_numpy()
    open_land = np.where(dry & (terrain == Terrain.MOUNTAIN), Terrain.DESERT, terrain)
    weight: Array = area * np.array([RURAL[t] for t in Terrain])[open_land]
    x, y, bank = (pieces[c].to_numpy() for c in ("x_km", "y_km", "bank"))
    for place in places[places["kind"].isin(("city", "town", "village", "suburb"))].itertuples():
        size = float(place.population) or VILLAGE
        free = (bank == place.bank) if place.bank else np.ones(len(area), bool)
        distance = np.hypot(x - place.x_km, y - place.y_km)
        distance[~free] = np.inf
        order = np.argsort(distance, kind="stable")[:40]
        room = np.cumsum(area[order]) * TOWN_KM2
        take = order[: int(np.searchsorted(room, size)) + 1]
        weight[take] += size * area[take] / area[take].sum()
    owner = pieces["district"].to_numpy()
    counted = district_totals(np.bincount(owner, weight, len(districts)), districts)
    people = np.zeros(len(area), np.int64)
    for k in range(len(districts)):
        own = np.flatnonzero(owner == k)
        if counted[k]:
            people[own] = share_out(int(counted[k]), weight[own])
    if people.sum() != TOTAL:
        raise ValueError(f"{people.sum()} persons placed, the census counted {TOTAL}")
    return people, people / area > DENSE
