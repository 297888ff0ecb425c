"""Reports in words and as a table: what each feeds, how runs treat it, what its grade means."""

from __future__ import annotations

import math
from collections.abc import Iterable

import pandas as pd

from dashboard.map.markers import NO_FACTION, REPORT, Cited, Marker
from dashboard.texts import say
from dashboard.words import day, listed, whole
from sim import CitedLine, Evidence, ReportUse

GROUPS = {  # what a report feeds, in the order of a scenario's life
    "start": ("faction", "stance", "control", "support"),
    "strength": ("force",),
    "event": ("event",),
    "score": ("observed",),
}
NOTHING = "nothing"
NEAR_KM = 15
KM_PER_DEGREE = 111.2
FORMULA = ("=", "+", "-", "@", "\t", "\r")
COLUMNS = (
    "id", "grade", "date", "known", "place", "claim", "feeds", "treatment", "source", "groups",
    "factions",
)  # fmt: skip


def report_table(evidence: Evidence, names: dict[str, str]) -> pd.DataFrame:
    """One row for each report.

    Columns: id, grade, date, known, place, claim, feeds (list of GROUPS' words), treatment (of the
    first use, and how many more), source; `groups` and `factions` (sets) are for the filters.
    """
    rows = []
    for report in evidence.reports:
        groups = feeds(report)
        said = list(dict.fromkeys(treatment(use) for use in report.feeds))
        first = said[0] if said else ""
        rows.append(
            {
                "id": report.id,
                "grade": report.grade,
                "date": report.date,
                "known": report.known,
                "place": report.place,
                "claim": report.claim,
                "feeds": [say(f"evidence.feeds.{group}") for group in groups],
                "treatment": (
                    say("evidence.table.more", first=first, n=len(said) - 1)
                    if len(said) > 1
                    else first
                ),
                "source": report.source,
                "groups": set(groups),
                "factions": {names.get(f, f) for use in report.feeds for f in use.factions},
            }
        )
    return pd.DataFrame(rows, columns=list(COLUMNS))


def reports_csv(reports: Iterable[ReportUse], names: dict[str, str]) -> bytes:
    """Reports for a spreadsheet: a row for each line of the scenario that one feeds.

    A report that feeds nothing has one row.  Texts that a spreadsheet would take for a formula
    begin with an apostrophe.
    """
    rows = []
    for report in reports:
        said = {
            "id": report.id,
            "grade": report.grade,
            "date": report.date.isoformat(),
            "precision_days": report.precision_days,
            "known": report.known.isoformat(),
            "place": report.place,
            "lon": report.lon,
            "lat": report.lat,
            "claim": report.claim,
            "source": report.source,
        }
        for use in report.feeds or (None,):
            rows.append(
                {
                    **said,
                    "feeds": use.kind if use else NOTHING,
                    "what": what(use, names) if use else "",
                    "treatment": treatment(use) if use else "",
                    "file": use.file if use else "",
                    "line": use.line if use else "",
                }
            )
    table = pd.DataFrame(rows).map(_harmless)
    return table.to_csv(index=False).encode("utf-8-sig")  # the mark tells Excel that it is UTF-8


def _harmless(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def feeds(report: ReportUse) -> tuple[str, ...]:
    """What a report feeds: names of GROUPS in their order, or NOTHING."""
    kinds = {use.kind for use in report.feeds}
    found = tuple(group for group, members in GROUPS.items() if kinds & set(members))
    return found or (NOTHING,)


def treatment(use: CitedLine) -> str:
    """How runs treat one line of the scenario, in a sentence."""
    if use.kind == "observed":
        return say(f"evidence.treatment.observed{'_left_out' if use.left_out else ''}")
    if use.left_out:
        return say("evidence.treatment.event_left_out")
    low, high = (whole(number) for number in use.persons or (0.0, 0.0))
    if use.kind == "force":
        name = "fixed" if low == high else "drawn"
        return say(f"evidence.treatment.{name}", low=low, high=high)
    if use.days is None:
        return say("evidence.treatment.given")
    first, last = (day(when) for when in use.days)
    if use.condition:
        said = say("evidence.treatment.event_when", first=first, condition=use.condition)
    elif first == last:
        said = say("evidence.treatment.event_day", first=first)
    else:
        said = say("evidence.treatment.event", first=first, last=last)
    if low != high:
        said += " " + say("evidence.treatment.event_drawn", low=low, high=high)
    return said


def what(use: CitedLine, names: dict[str, str]) -> str:
    """What one line of the scenario says, in words."""
    factions = [names.get(name, name) for name in use.factions]
    kind: str = use.kind
    if kind == "force" and use.detail == "covert":
        kind = "force_covert"
    who = factions[0]
    if kind == "observed":
        who = listed(factions)  # a side counts as one
        place = "share" if use.share is not None else f"place_{use.detail}"
        kind = "observed_held" if use.detail == "held" else f"observed_{place}"
    return say(
        f"evidence.what.{kind}",
        faction=who,
        factions=listed(factions),
        name=use.name,
        detail=say(f"evidence.stances.{use.detail}") if use.kind == "stance" else use.detail,
        share=f"{100 * use.share:.0f}" if use.share is not None else "",
    )


def grade_words(grade: str) -> str:
    """A grade in words."""
    return say(
        "evidence.grades.both",
        grade=grade,
        source=say(f"evidence.grades.{grade[0]}"),
        claim=say(f"evidence.grades.{grade[1]}"),
    )


def spot_markers(evidence: Evidence) -> tuple[Marker, ...]:
    """A marker for each spot that reports speak of, with all of its reports."""
    spots: dict[tuple[float, float], list[ReportUse]] = {}
    for report in evidence.reports:
        if report.lon is not None and report.lat is not None:
            spots.setdefault((report.lon, report.lat), []).append(report)
    return tuple(
        Marker(
            id=there[0].id,
            kind=REPORT,
            lon=lon,
            lat=lat,
            first=0,
            last=0,
            faction=NO_FACTION,
            text=there[0].place,
            reports=tuple(
                Cited(one.id, one.date.isoformat(), one.grade, one.source, one.claim)
                for one in there
            ),
        )
        for (lon, lat), there in spots.items()
    )


def nearby(evidence: Evidence, lon: float, lat: float) -> list[ReportUse]:
    """The reports whose place lies within NEAR_KM of a point, nearest first."""
    east = math.cos(math.radians(lat))
    found = []
    for report in evidence.reports:
        if report.lon is None or report.lat is None:
            continue
        km = KM_PER_DEGREE * math.hypot((report.lon - lon) * east, report.lat - lat)
        if km <= NEAR_KM:
            found.append((km, report))
    return [report for _, report in sorted(found, key=lambda pair: pair[0])]
