"""Towns in the order in which they deserve a name on the map.

rank 0  the largest town of each governorate, which is its seat nearly everywhere
rank 1  what the scenario speaks of
rank 2  other towns with a known population
rank 3  landmarks: what stands alone, by the cells to which it is the nearest place
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from sim import Setting

Array = NDArray[Any]

MOST_PLACES = 400
GOVERNORATE = 4  # letters of a P-code that name the governorate: SY01 of SY0103

SAID = ("place", "claim")  # the words of a report

Ranked = tuple[int, int]  # index into `setting.places`, rank


def ranked(setting: Setting, most: int = MOST_PLACES) -> list[Ranked]:
    """At most so many places, the most important first; within a rank by population, then name."""
    places = setting.places
    bearers: dict[str, int] = {}  # of two places of one name, the name is the larger one's
    for i, place in enumerate(places):
        if place.name not in bearers or place.population > places[bearers[place.name]].population:
            bearers[place.name] = i
    seats: dict[str, int] = {}  # by governorate
    for i in sorted(bearers.values()):
        code = setting.district[places[i].cell][:GOVERNORATE]
        if places[i].population > (places[seats[code]].population if code in seats else 0):
            seats[code] = i
    largest = set(seats.values())
    spoken = _spoken(setting, bearers)
    alone = _cells_nearest(setting)
    rank = {
        i: 0 if i in largest else 1 if i in spoken else 2 if places[i].population else 3
        for i in bearers.values()
    }
    order = sorted(
        rank, key=lambda i: (rank[i], -places[i].population, -int(alone[i]), places[i].name)
    )
    return [(i, rank[i]) for i in order[:most]]


def _spoken(setting: Setting, bearers: dict[str, int]) -> set[int]:
    """Indices of the places whose names stand in the questions, the events or the reports."""
    texts = [event.text for event in setting.events]
    texts += [text for question in setting.questions for text in (question.place, question.text)]
    texts += [report[part] or "" for report in setting.reports.values() for part in SAID]
    text = "\n".join(texts)
    # Longest first, so that "Al Hasrat" speaks of no other village called "Hasrat".
    near = sorted((name for name in bearers if name in text), key=lambda name: (-len(name), name))
    names = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, near))})(?!\w)") if near else None
    return {bearers[name] for name in names.findall(text)} if names else set()


def _cells_nearest(setting: Setting) -> Array:
    """To how many cells each place is the nearest one; (places,) int."""
    if not setting.places:
        return np.zeros(0, np.int64)
    tree = shapely.STRtree(shapely.points([(p.lon, p.lat) for p in setting.places]))
    nearest = tree.nearest(shapely.points(setting.lon, setting.lat))
    return np.bincount(nearest, minlength=len(setting.places))
