"""The address bar: everything that a view shows as the query of a link, and back.

A copied link opens the same view.  What a link says is not trusted: scenarios are named, never
given by path, and a value that cannot be right is left out with a sentence that says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from rapidfuzz import process

from dashboard.runs import Request
from dashboard.texts import say

LAYERS = ("likely", "probability", "run")
MOST_RUNS = 2000
MOST_DAYS = 3650
RESOLUTIONS = (5, 6, 7)
MOST_SETTINGS = 40


@dataclass(frozen=True)
class View:
    """What a viewer looks at.

    request  the ensemble
    layer    one of LAYERS: the most likely holder, one faction's probability, one run
    faction  id of the faction that layer `probability` shows; the first one if none
    run      number of the run of layer `run`, which the place's history follows too
    day      the evening shown; the last one if none
    place    name of a place, or id of a cell, whose story is told
    variant  settings of the other side of a what-if, as `badia run --set` takes them
    """

    request: Request
    layer: str = "likely"
    faction: str | None = None
    run: int = 0
    day: date | None = None
    place: str | None = None
    variant: tuple[tuple[str, str], ...] = ()


def write(view: View) -> dict[str, str | list[str]]:
    """The query of a link to that view; what is as usual is left out."""
    request = view.request
    said: dict[str, str | list[str]] = {
        "scenario": request.scenario,
        "runs": str(request.runs),
        "seed": str(request.seed),
    }
    if request.days is not None:
        said["days"] = str(request.days)
    if request.resolution is not None:
        said["resolution"] = str(request.resolution)
    if request.as_of is not None:
        said["as-of"] = request.as_of.isoformat()
    if request.settings:
        said["set"] = [f"{name}={value}" for name, value in request.settings]
    if view.layer != "likely":
        said["map"] = view.layer
    if view.faction:
        said["faction"] = view.faction
    if view.run:
        said["run"] = str(view.run)
    if view.day is not None:
        said["day"] = view.day.isoformat()
    if view.place:
        said["place"] = view.place
    if view.variant:
        said["try"] = [f"{name}={value}" for name, value in view.variant]
    return said


def read(
    query: Mapping[str, Sequence[str]], scenarios: Sequence[str], usual: str
) -> tuple[View, list[str]]:
    """The view of a link, and a sentence for each part of the link that was left out.

    query      values by name, as the address bar has them; the last one counts
    scenarios  the names that may be asked for
    usual      the scenario where the link names none, or none that exists
    """
    link = _Link(query)
    request = Request(
        scenario=link.one("scenario", _among(scenarios), usual),
        runs=link.one("runs", _whole(1, MOST_RUNS), Request.runs),
        seed=link.one("seed", _whole(0, 2**31 - 1), Request.seed),
        days=link.one("days", _whole(1, MOST_DAYS), None),
        resolution=link.one("resolution", _whole(RESOLUTIONS[0], RESOLUTIONS[-1]), None),
        settings=link.pairs("set"),
        as_of=link.one("as-of", date.fromisoformat, None),
    )
    view = View(
        request,
        layer=link.one("map", _among(LAYERS), "likely"),
        faction=link.one("faction", _short, None),
        run=link.one("run", _whole(0, MOST_RUNS - 1), 0),
        day=link.one("day", date.fromisoformat, None),
        place=link.one("place", _short, None),
        variant=link.pairs("try"),
    )
    if view.run >= request.runs:
        link.complain("run", str(view.run))
        view = replace(view, run=0)
    return view, link.complaints


class _Link:
    """Reads the values of a query one by one and remembers what could not be right."""

    def __init__(self, query: Mapping[str, Sequence[str]]) -> None:
        self.query = query
        self.complaints: list[str] = []

    def one(self, name: str, parse: Callable[[str], Any], usual: Any) -> Any:
        """The last value of that name, or the usual one."""
        values = self.query.get(name) or ()
        if not values:
            return usual
        try:
            return parse(values[-1])
        except ValueError as problem:
            self.complain(name, values[-1], str(problem) if isinstance(problem, _Hint) else "")
            return usual

    def pairs(self, name: str) -> tuple[tuple[str, str], ...]:
        """All values of that name as `key=value`, by key."""
        found: dict[str, str] = {}
        for text in list(self.query.get(name) or ())[:MOST_SETTINGS]:
            key, equals, value = (part.strip() for part in text.partition("="))
            if key and equals and value and len(text) <= 100:
                found[key] = value
            else:
                self.complain(name, text)
        return tuple(sorted(found.items()))

    def complain(self, name: str, value: str, hint: str = "") -> None:
        """Remember that a value was left out."""
        sentence = say("app.link.left_out", name=name, value=value[:60])
        self.complaints.append(f"{sentence} {hint}".strip())


class _Hint(ValueError):
    """A value that cannot be right, with the nearest one that could be."""


def _whole(low: int, high: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        number = int(text) if len(text) < 12 else high + 1
        if not low <= number <= high:
            raise _Hint(say("app.link.between", low=low, high=high))
        return number

    return parse


def _among(names: Sequence[str]) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text in names:
            return text
        match = process.extractOne(text[:100], names, score_cutoff=60)
        raise _Hint(say("app.link.did_you_mean", name=match[0]) if match else "")

    return parse


def _short(text: str) -> str:
    if not text or len(text) > 100:
        raise ValueError(text)
    return text
