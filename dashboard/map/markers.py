"""Events and reports at their places on the map and at their days."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim import PlaceError, Setting

NO_FACTION = -1
REPORT = "report"


@dataclass(frozen=True)
class Cited:
    """A report as a marker shows it."""

    id: str
    date: str  # ISO
    grade: str
    source: str
    claim: str


@dataclass(frozen=True)
class Marker:
    """Something to see at a spot of the map.

    kind         of the event (`offensive`, `air-support`, ...) or `report`
    lon, lat     degrees
    first, last  entries of the daily axis on which it is shown, inclusive
    faction      index, NO_FACTION if none
    """

    id: str
    kind: str
    lon: float
    lat: float
    first: int
    last: int
    faction: int
    text: str
    reports: tuple[Cited, ...]


def event_markers(setting: Setting) -> tuple[Marker, ...]:
    """A marker for each event that has cells, at the one nearest their middle.

    An event of day d counts on the evening of that day, which is entry d + 1.
    """
    return tuple(
        Marker(
            id=event.id,
            kind=event.kind,
            lon=lon,
            lat=lat,
            first=event.start + 1,
            last=event.end + 1,
            faction=event.faction,
            text=event.text,
            reports=tuple(_cited(setting.reports[id]) for id in event.reports),
        )
        for event in setting.events
        if event.cells
        for lon, lat in (_middle(setting, event.cells),)
    )


def report_markers(
    setting: Setting, locate: Callable[[str], tuple[float, float] | None] | None = None
) -> tuple[Marker, ...]:
    """A marker for each report whose place can be found, shown on every day of the run.

    locate  turns a report's place into (lon, lat), or None; the setting's places if left out
    """
    find = locate or (lambda text: _named(setting, text))
    markers = []
    for id, report in sorted(setting.reports.items()):
        spot = find(report["place"]) if report["place"] else None
        if spot is not None:
            markers.append(
                Marker(
                    id=id,
                    kind=REPORT,
                    lon=spot[0],
                    lat=spot[1],
                    first=0,
                    last=setting.days,
                    faction=NO_FACTION,
                    text=report["place"],
                    reports=(_cited(report),),
                )
            )
    return tuple(markers)


def _middle(setting: Setting, cells: Iterable[int]) -> tuple[float, float]:
    """The centre of the cell nearest the middle of cells; the first of those as near."""
    found = np.asarray(tuple(cells))
    lon, lat = setting.lon[found], setting.lat[found]
    east = np.cos(np.radians(lat.mean()))  # of a degree of longitude, in degrees of latitude
    nearest = np.argmin(((lon - lon.mean()) * east) ** 2 + (lat - lat.mean()) ** 2)
    return float(lon[nearest]), float(lat[nearest])


def _named(setting: Setting, text: str) -> tuple[float, float] | None:
    try:
        place = setting.find_place(text)
    except PlaceError:
        return None
    return place.lon, place.lat


def _cited(report: dict[str, Any]) -> Cited:
    return Cited(**{name: str(report[name]) for name in Cited.__dataclass_fields__})
