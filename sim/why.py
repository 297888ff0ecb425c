"""Why: what happened at a place, in words, for one run or for all, with the reports behind it.

The ledger holds the facts; this turns them into sentences and adds nothing.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.result import DISCLAIMER, Result, quantiles
from sim.scenario.compiled import NOBODY
from sim.setting import KM_PER_DEGREE, NOBODY_ID, Setting

if TYPE_CHECKING:
    import pandas as pd

NEARBY_KM = 15.0  # incidents this near belong to the story of a place
CLOSE_CALL = 0.1  # a margin below this was a close thing
MOST_EVENTS = 5

_CAUSES = {
    "assault": "{to} took it from {by} by assault",
    "ceded": "{to} took it; {by} gave ground instead of fighting for it",
    "occupied": "{to} moved in; {by} had too few fighters there to hold it",
    "surrender": "{by}, cut off and short of food, surrendered it, and {to} took over",
    "evacuation": "{by} left under an evacuation deal, and {to} took over",
    "reconciliation": "{by} accepted terms, and it went over to {to}",
    "none": "it passed from {by} to {to}",
}
_CAUSE_NAMES = {
    "assault": "by assault",
    "ceded": "because the holder gave ground instead of fighting",
    "occupied": "because too few were there to hold it",
    "surrender": "by surrender, as the defenders were cut off and short of food",
    "evacuation": "under an evacuation deal",
    "reconciliation": "by terms that were accepted",
    "none": "for no recorded cause",
}


@dataclass(frozen=True)
class Change:
    """One change of control of the place, as the ledger has it; none where nothing was fought."""

    run: int
    date: date
    before: str
    after: str
    cause: str
    ratio: float | None
    margin: float | None
    events: tuple[str, ...]
    reports: tuple[str, ...]


@dataclass(frozen=True)
class Taker:
    """How often and how one faction came to hold the place, over all runs."""

    faction: str
    runs: int
    first: dict[str, str | None]  # p10, p50, p90 of the first date, over the runs that saw it
    causes: dict[str, int]
    ratio: float | None  # the middle combat power ratio where it was fought for
    events: dict[str, int]  # how many of its changes of control each event was in force at


@dataclass(frozen=True)
class Why:
    """What happened at a place and why."""

    place: str
    cell: str
    where: str  # the cell in words
    run: int | None
    runs: int
    start: str  # holder at the start
    end: dict[str, int]  # holder at the end -> runs
    unchanged: int  # runs in which it never changed hands
    changes: tuple[Change, ...]  # of the one run, or of all
    takers: tuple[Taker, ...]
    nearby: dict[str, int]  # incidents near the place, by kind
    reports: tuple[str, ...]
    telling: tuple[str, ...]  # the paragraphs of the story, without the reports
    sentences: tuple[str, ...]  # all of them; the last one says what this is not

    def text(self) -> str:
        """The whole story, a paragraph a line; the last one says what this is not."""
        return "\n".join(self.sentences)

    def as_dict(self) -> dict[str, Any]:
        """The same as plain values, dates as ISO text."""
        plain = asdict(self)
        for change in plain["changes"]:
            change["date"] = change["date"].isoformat()
        plain["text"] = self.text()
        plain.pop("telling")
        plain.pop("sentences")
        return plain


def why(result: Result, place: str, run: int | None = None) -> Why:
    """What happened at a place and why, in one run or, without `run`, in the whole ensemble.

    Raises PlaceError where the result knows no such place, ResultError where it has no such run.
    """
    setting = result.setting
    note = setting.find_place(place)
    if run is not None:
        result.holder(run)  # says so where there is no such run
    runs = result.dataset["run"].to_numpy() if run is None else np.array([run])
    rows = result.ledger[result.ledger["cell"].cat.codes == note.cell]
    rows = rows[rows["run"].isin(runs)]
    near = _nearby(result, note.cell, runs)
    start = int(setting.holder[note.cell])
    start_id = setting.holders[start]
    last = rows.groupby("run", observed=True)["to"].last().astype(str)
    end = Counter({start_id: len(runs) - len(last)}) + Counter(last)
    changes = tuple(_change(row) for row in rows.to_dict("records"))
    takers = tuple(_taker(setting, name, part) for name, part in _by_taker(rows))
    cited = tuple(dict.fromkeys(id for change in changes for id in change.reports))
    story = _Story(setting, note.name, len(runs), start)
    if run is None:
        story.ensemble(result, takers, end, len(runs) - len(last), near)
    else:
        told = {name: result.parameter(name, run) for name in ("odds_intercept", "odds_slope")}
        story.one_run(run, changes, near, told)
    telling = tuple(story.sentences)
    story.reports(cited)
    story.say(DISCLAIMER)
    return Why(
        place=note.name,
        cell=setting.cell_id[note.cell],
        where=setting.place[note.cell],
        run=run,
        runs=len(runs),
        start=start_id,
        end=dict(sorted(end.items(), key=lambda item: (-item[1], item[0]))),
        unchanged=len(runs) - len(last),
        changes=changes,
        takers=takers,
        nearby=dict(sorted(Counter(near["kind"].astype(str)).items())),
        reports=cited,
        telling=telling,
        sentences=tuple(story.sentences),
    )


class _Story:
    """Collects the sentences of one answer."""

    def __init__(self, setting: Setting, place: str, runs: int, start: int) -> None:
        self.setting = setting
        self.place = place
        self.runs = runs
        self.holder = setting.faction_name(start)
        self.start = start
        self.names = dict(zip(setting.holders, (*setting.faction_names, NOBODY_ID), strict=True))
        self.sentences: list[str] = []

    def say(self, sentence: str) -> None:
        self.sentences.append(sentence[0].upper() + sentence[1:])

    def one_run(
        self,
        run: int,
        changes: tuple[Change, ...],
        near: pd.DataFrame,
        parameters: dict[str, float],
    ) -> None:
        self.say(f"{self.place} in run {run} of '{self.setting.title}'.")
        self.say(f"At the start {self.holder} held it.")
        if not changes:
            self.say("It did not change hands.")
            self._held(near)
        for change in changes:
            self.say(self._told(change, parameters))
        self._happenings(near)

    def ensemble(
        self,
        result: Result,
        takers: tuple[Taker, ...],
        end: Counter[str],
        unchanged: int,
        near: pd.DataFrame,
    ) -> None:
        span = f"{_day(result.setting.start)} to {_day(result.setting.evening(result.days))}"
        self.say(f"{self.place} in {_count(self.runs, 'run')} of '{self.setting.title}', {span}.")
        self.say(f"At the start {self.holder} held it.")
        if unchanged == self.runs:
            self.say(f"It did not change hands in {'any run' if self.runs > 1 else 'the run'}.")
            self._held(near)
        else:
            fell = self.runs - unchanged
            self.say(f"It changed hands in {self._of(fell)}.")
            for taker in takers:
                self.say(self._taken(taker))
            parts = [
                f"{self.names[id]} in {_count(n, 'run')}"
                for id, n in sorted(end.items(), key=lambda item: (-item[1], item[0]))
            ]
            if len(end) == 1:
                parts = [f"{self.names[id]} in {self._of(n)}" for id, n in end.items()]
            self.say(f"On the last day it was held by {_listed(parts)}.")
        self._happenings(near)

    def reports(self, cited: tuple[str, ...]) -> None:
        """The reports that were named, each with what it says."""
        for id in cited:
            report = self.setting.reports.get(id)
            if report is None:
                continue
            grade = f", graded {report['grade']}" if report.get("grade") else ""
            self.say(f"{id}: {report['claim'].rstrip('. ')} ({report['source']}{grade})")

    def _told(self, change: Change, parameters: dict[str, float]) -> str:
        """One change of control as a sentence or three."""
        before, after = self.names[change.before], self.names[change.after]
        if change.before == NOBODY_ID and change.cause == "occupied":
            clause = f"{after} moved in; nobody held it"
        elif change.after == NOBODY_ID:
            clause = f"{before} lost it, and nobody took over"
        else:
            clause = _CAUSES[change.cause].format(to=after, by=before)
        text = f"On {_day(change.date)} {clause}."
        if change.ratio is not None:
            text += f" {self._odds(change.ratio, change.margin, parameters)}"
        if change.events:
            text += f" Under way there: {_listed([self._event(id) for id in change.events])}."
        return text

    def _odds(self, ratio: float, margin: float | None, parameters: dict[str, float]) -> str:
        """The balance of forces and the luck of the draw, in words."""
        chance = 1.0 / (
            1.0
            + math.exp(
                -parameters["odds_intercept"]
                - parameters["odds_slope"] * math.log(max(ratio, 1e-6))
            )
        )
        if chance >= 0.65:
            luck = "which made success likely"
        elif chance >= 0.5:
            luck = "which left the odds about even"
        else:
            luck = "so it succeeded against the odds"
        close = ", and it was a close thing" if margin is not None and margin < CLOSE_CALL else ""
        return f"The attackers had {_ratio(ratio)} the defenders' combat power, {luck}{close}."

    def _taken(self, taker: Taker) -> str:
        """How one faction came to hold the place, over all runs."""
        first = taker.first
        text = f"{self.names[taker.faction]} came to hold it in {self._of(taker.runs)}"
        if taker.faction == NOBODY_ID:
            text = f"It was left to nobody in {self._of(taker.runs)}"
        if first["p10"] == first["p90"]:
            text += f", first on {first['p50']}."
        else:
            text += (
                f", in half of these by {first['p50']} and in most between {first['p10']} and "
                f"{first['p90']}."
            )
        total = sum(taker.causes.values())
        causes = sorted(taker.causes.items(), key=lambda item: (-item[1], item[0]))
        if len(causes) == 1:
            text += f" How: always {_CAUSE_NAMES[causes[0][0]]}."
        else:
            named = [f"in {_share(n, total)} of the cases {_CAUSE_NAMES[c]}" for c, n in causes]
            text += f" How: {'; '.join(named)}."
        if taker.ratio is not None:
            text += (
                f" Where it was fought for, the attackers typically had {_ratio(taker.ratio)} "
                "the defenders' combat power."
            )
        if taker.events:
            named = [
                f"{self._event(id)}{'' if n == total else f' ({_share(n, total)} of the cases)'}"
                for id, n in taker.events.items()
            ]
            text += f" Under way there at the time: {_listed(named)}."
        return text

    def _event(self, id: str) -> str:
        """An event with its words and its reports."""
        note = next(event for event in self.setting.events if event.id == id)
        words = f"'{note.text.rstrip('.')}'" if note.text else note.kind
        cited = f" [{', '.join(note.reports)}]" if note.reports else ""
        return f"{words}{cited}"

    def _held(self, near: pd.DataFrame) -> None:
        """Why a place that stayed with its holder did so."""
        against = near[(near["kind"] == "operation") & (near["other"] == self._id(self.start))]
        if self.start == NOBODY:
            self.say("Nobody came to hold it.")
        elif len(against) == 0:
            self.say(f"Nobody began an operation against {self.holder} within {NEARBY_KM:.0f} km.")
        else:
            begun = _count(len(against), "operation")
            runs = against["run"].nunique()
            where = "" if self.runs == 1 else f" in {self._of(runs)}"
            verb = "was" if len(against) == 1 else "were"
            self.say(
                f"{begun} {verb} begun against {self.holder} within {NEARBY_KM:.0f} km{where}, "
                "and the place was held."
            )

    def _happenings(self, near: pd.DataFrame) -> None:
        """Break-outs, surrenders and their like near the place."""
        kinds = Counter(near["kind"].astype(str))
        tried = kinds["break-out-success"] + kinds["break-out-failure"]
        parts = []
        if tried:
            came = kinds["break-out-success"]
            if tried == 1:
                through = "it came through" if came else "it failed"
            else:
                through = f"{'none' if not came else 'all' if came == tried else came} came through"
            parts.append(f"{_count(tried, 'attempt')} to break out ({through})")
        for kind, noun in (
            ("surrender", "surrender"),
            ("evacuation", "evacuation"),
            ("reconciliation", "reconciliation"),
            ("convoy-caught", "attack on a convoy"),
        ):
            if kinds[kind]:
                parts.append(_count(kinds[kind], noun))
        if parts:
            over = "" if self.runs == 1 else f" over {_count(self.runs, 'run')}"
            self.say(f"Within {NEARBY_KM:.0f} km{over}: {_listed(parts)}.")

    def _id(self, faction: int) -> str:
        return self.setting.holders[faction]

    def _of(self, n: int) -> str:
        """`150 of 200 runs (75 %)`, `all 200 runs`."""
        if self.runs == 1:
            return "the run"
        if n == self.runs:
            return f"all {_count(n, 'run')}"
        return f"{n} of {_count(self.runs, 'run')} ({_share(n, self.runs)})"


def _change(row: dict[Any, Any]) -> Change:
    fought = math.isfinite(row["ratio"])
    return Change(
        run=int(row["run"]),
        date=row["date"].date(),
        before=str(row["from"]),
        after=str(row["to"]),
        cause=str(row["cause"]),
        ratio=float(row["ratio"]) if fought else None,
        margin=float(row["margin"]) if fought else None,
        events=tuple(filter(None, row["events"].split(";"))),
        reports=tuple(filter(None, row["reports"].split(";"))),
    )


def _by_taker(rows: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """The rows of each new holder, the one in most runs first."""
    parts = [(str(name), part) for name, part in rows.groupby("to", observed=True)]
    return sorted(parts, key=lambda item: (-item[1]["run"].nunique(), item[0]))


def _taker(setting: Setting, name: str, rows: pd.DataFrame) -> Taker:
    first = rows.groupby("run")["day"].first().to_numpy()
    ratio = rows["ratio"].to_numpy()
    ratio = ratio[np.isfinite(ratio)]
    events = Counter(id for text in rows["events"] for id in text.split(";") if id)
    return Taker(
        faction=name,
        runs=len(first),
        first={
            key: None if day is None else _day(setting.evening(int(day)))
            for key, day in quantiles(first).items()
        },
        causes=dict(sorted(Counter(rows["cause"].astype(str)).items())),
        ratio=quantiles(ratio)["p50"] if len(ratio) else None,
        events=dict(sorted(events.items(), key=lambda item: (-item[1], item[0]))[:MOST_EVENTS]),
    )


def _nearby(result: Result, cell: int, runs: Any) -> pd.DataFrame:
    """Incidents within NEARBY_KM of a cell's centre in some runs."""
    setting = result.setting
    lon, lat = float(setting.lon[cell]), float(setting.lat[cell])
    dx = (setting.lon - lon) * KM_PER_DEGREE * math.cos(math.radians(lat))
    dy = (setting.lat - lat) * KM_PER_DEGREE
    close = np.flatnonzero(dx * dx + dy * dy <= NEARBY_KM**2)
    table = result.incidents
    return table[table["cell"].cat.codes.isin(close) & table["run"].isin(runs)]


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _count(n: int, noun: str) -> str:
    """`1 run`, `2 runs`, `2 attacks on a convoy`."""
    if n == 1:
        return f"1 {noun}"
    head, _, tail = noun.partition(" ")
    return f"{n:,} {head}s{' ' + tail if tail else ''}"


def _share(n: int, total: int) -> str:
    """A share as a whole percentage that never rounds to a false 0 or 100."""
    percent = 100.0 * n / total
    if 0 < percent < 1:
        return "less than 1 %"
    if 99 < percent < 100:
        return "more than 99 %"
    return f"{percent:.0f} %"


def _ratio(ratio: float) -> str:
    return f"{ratio:.1f} times" if ratio < 10 else f"{ratio:.0f} times"


def _listed(parts: Iterable[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    items = list(parts)
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"
