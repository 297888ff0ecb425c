"""The story of a place that was picked on the map: chances, changes, reasons, reports."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashboard import words
from dashboard.kept import kept
from dashboard.provenance import Provenance
from dashboard.texts import say
from sim import Result, explain

Array = NDArray[Any]

NOBODY_COLOUR = "#E9E8E4"
KEPT_STORIES = 64  # of a result; each holds a few tens of kB


@dataclass(frozen=True)
class Report:
    """A report that was named: what it says, who says so, and how it was graded."""

    id: str
    date: str
    grade: str
    source: str
    claim: str

    @property
    def line(self) -> str:
        """The report in one line."""
        grade = say("place.grade", grade=self.grade) if self.grade else ""
        about = ", ".join(filter(None, (self.date, self.source, grade)))
        return say("place.report", id=self.id, about=about, claim=self.claim)


@dataclass(frozen=True)
class PlaceStory:
    """What there is to tell of one cell of the map.

    place    its name, or its way from the nearest name
    cell     index on the map; `id` is the same for other tools
    run      the run that is told, none for all of them
    summary  one sentence: who holds it at the start and at the end
    telling  what happened there and why, in paragraphs
    reports  those that the telling names
    notice   what this is not
    dates    T        the evening of each entry
    names    F+1      the factions, then nobody; `holders` are their ids
    colours  F+1
    chance   (T, F+1) share of the runs in which each holds it; of one run, 0 or 1
    provenance  the result that says so
    """

    place: str
    cell: int
    id: str
    area_km2: float
    run: int | None
    summary: str
    telling: tuple[str, ...]
    reports: tuple[Report, ...]
    notice: str
    dates: tuple[date, ...]
    names: tuple[str, ...]
    holders: tuple[str, ...]
    colours: tuple[str, ...]
    chance: Array
    provenance: Provenance


@kept(most=KEPT_STORIES)
def place_story(result: Result, cell: int, run: int | None = None) -> PlaceStory:
    """The story of a cell in one run or, without `run`, in all of them.

    Raises ResultError where the result has no such run.
    """
    setting = result.setting
    why = explain(result, setting.cell_id[cell], run)
    reports = tuple(
        Report(
            id=id,
            date=str(setting.reports[id].get("date") or ""),
            grade=str(setting.reports[id].get("grade") or ""),
            source=str(setting.reports[id]["source"]),
            claim=str(setting.reports[id]["claim"]),
        )
        for id in why.reports
        if id in setting.reports
    )
    names = (*setting.faction_names, say("place.nobody"))
    chance = result.dataset["probability"].to_numpy()[:, cell].copy()  # not a view of all cells
    if run is not None:
        chance = np.eye(setting.factions + 1, dtype=np.float32)[_holders(result, cell, run)]
    last = words.day(setting.evening(result.days))
    return PlaceStory(
        place=setting.place[cell],
        cell=cell,
        id=setting.cell_id[cell],
        area_km2=float(setting.area_km2[cell]),
        run=run,
        summary=_summary(names, chance, result.runs if run is None else 1, last),
        telling=why.telling[1:],
        reports=reports,
        notice=why.sentences[-1],
        dates=tuple(setting.evening(entry) for entry in range(result.days + 1)),
        names=names,
        holders=setting.holders,
        colours=(*setting.colours, NOBODY_COLOUR),
        chance=chance,
        provenance=Provenance.of(result),
    )


def _holders(result: Result, cell: int, run: int) -> Array:
    """Who holds a cell on each evening of a run: places on the last axis of `chance`; (T,)."""
    setting, ledger = result.setting, result.ledger
    rows = ledger[(ledger["run"] == run) & (ledger["cell"].cat.codes == cell)]
    held = np.full(result.days + 1, int(setting.holder[cell]) % (setting.factions + 1))
    for day, to in zip(rows["day"], rows["to"].cat.codes, strict=True):
        held[day:] = to
    return held


def _summary(names: tuple[str, ...], chance: Array, runs: int, last: str) -> str:
    """Who holds the place at the start, and who on the last evening in most runs."""
    first, end = int(chance[0].argmax()), int(chance[-1].argmax())
    often = words.how_often(round(float(chance[-1, end]) * runs), runs)
    return say(
        "place.summary", start=names[first], end=names[end], date=last,
        often=f" {often}" if often else "",
    )  # fmt: skip
