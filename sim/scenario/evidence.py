"""Evidence: what each public report feeds in a scenario, and how far those of strength differ.

A table for people.  Nothing that loads or runs a scenario imports this module: it also tells which
reports are kept aside to score a run, and what is observed must not reach the model.
"""

from __future__ import annotations

import datetime
import os
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Literal

import numpy as np

from sim.errors import PlaceError
from sim.scenario import schema
from sim.scenario.compiled import NOBODY, CompiledScenario
from sim.scenario.draft import At, Draft, read_draft, read_reports
from sim.scenario.find import FILE, find_scenario, label
from sim.scenario.load import REPORTS
from sim.scenario.messages import Collector
from sim.scenario.observed import OBSERVED, load_observed
from sim.scenario.yaml_lines import read_yaml

UseKind = Literal["faction", "stance", "control", "force", "support", "event", "observed"]

# Whole numbers of persons as reports write them: `400-800`, `4,000 to 6,000`, `12-14,000`.  Numbers
# below 100 and years (four digits without a comma) are left alone, and so is what has a unit.
_NUMBER = r"\d{1,3}(?:,\d{3})+|\d{1,3}"
_FIGURE = re.compile(
    rf"(?<![\w.,$-])({_NUMBER})(?:\s*(?:-|–|to)\s*({_NUMBER}))?"
    r"(?!\w|[,.-]\d|\s*(?:%|per cent|km|miles|metres|m\b|hours|days|weeks|months|years|tonnes))"
)
LEAST_FIGURE = 100


@dataclass(frozen=True)
class CitedLine:
    """One line of a scenario that a report stands behind.

    kind        part of the file: what a faction is, a stance, ground, fighters, people's support,
                an event of the calendar, or what was observed
    name        what it speaks of: the id of a force, an event in words, an area or place in words
    factions    ids, the one that acts or holds first
    file, line  where it stands
    detail      an event's kind, a stance; `covert` or `open` for a force; for what was observed
                `on` or `by` a day, or `held` for a share of an area
    persons     low and high; each run draws from between
    condition   an event's `when`: in force only from the first day on which it holds
    share       support: of the inhabitants; observed: of the map's area or the area's, 0 to 1
    days        first and last: of an event in force, of the days that an observation may mean
    left_out    whether the runs go without it: not known yet, or after their last day
    """

    kind: UseKind
    name: str
    factions: tuple[str, ...]
    file: str
    line: int
    detail: str = ""
    persons: tuple[float, float] | None = None
    condition: str = ""
    share: float | None = None
    days: tuple[datetime.date, datetime.date] | None = None
    left_out: bool = False


@dataclass(frozen=True)
class ReportUse:
    """A public report and everything that it feeds, in the order of the file.

    known      the day on which it was published; the runs of `as_of` an earlier day go without it
    lon, lat   degrees; none where its place is no spot on the map, such as a whole country
    left_out   whether the runs go without it, because it was not known yet
    """

    id: str
    date: datetime.date
    precision_days: int
    known: datetime.date
    place: str
    claim: str
    source: str
    grade: str
    lon: float | None
    lat: float | None
    feeds: tuple[CitedLine, ...]
    left_out: bool = False


@dataclass(frozen=True)
class Figure:
    """A number of persons that a report names, as it stands in its claim; low = high if only one.

    It may speak of a wider area, or another time, than the force that cites the report.
    """

    report: str
    low: float
    high: float


@dataclass(frozen=True)
class Strength:
    """What runs draw for a force, beside what the reports behind it say.

    faction  id
    force    id, or empty for all forces of the faction together
    area     where, in words
    low, high  persons; all forces together: the sums, which few runs come near
    covert   whether it is a hidden network
    reports  ids that the force cites
    figures  numbers in those reports; a report that several forces of the faction cite, or that
             counts more than the force may have, speaks of more than it: it stands at the faction
    """

    faction: str
    force: str
    area: str
    low: float
    high: float
    covert: bool
    reports: tuple[str, ...]
    figures: tuple[Figure, ...]


@dataclass(frozen=True)
class Evidence:
    """What is behind a scenario.

    reports    in the order of reports.yaml
    strengths  by faction in the order of the scenario: all together, then each force; what the
               calendar adds later is not counted
    observed   how many observations there are to score with; none if there is no observed.yaml
    """

    reports: tuple[ReportUse, ...]
    strengths: tuple[Strength, ...]
    observed: int | None

    @property
    def unused(self) -> tuple[str, ...]:
        """Ids of the reports that feed nothing, as `badia check` warns of them."""
        return tuple(report.id for report in self.reports if not report.feeds)


def gather(scenario: CompiledScenario) -> Evidence:
    """What each report of a scenario feeds; its files are read anew for their lines.

    Raises ScenarioError if a file, observed.yaml among them, is wrong.
    """
    folder = find_scenario(scenario.folder or scenario.name)
    problems = Collector(label(folder / FILE))
    document = problems.document = read_yaml(folder / FILE, problems)
    draft = read_draft(document, problems)
    beside = problems.beside(REPORTS)
    if os.path.exists(folder / REPORTS):
        read_reports(read_yaml(folder / REPORTS, beside), draft, beside)
    problems.stop_if_any()
    assert document is not None
    uses: defaultdict[str, list[CitedLine]] = defaultdict(list)
    for item, use in _uses(draft, scenario):
        use = replace(use, file=FILE, line=document.line(item.path))
        for report in item.value.reports:
            uses[report].append(use)
    observed = None
    if os.path.exists(folder / OBSERVED):
        targets = load_observed(scenario, folder)
        observed = len(targets)
        last = scenario.start + timedelta(days=scenario.days - 1)
        for target in targets:
            around = timedelta(days=target.precision_days)
            use = CitedLine(
                kind="observed",
                name=target.where,
                factions=tuple(_holder(scenario, f) for f in target.factions),
                file=OBSERVED,
                line=target.line,
                detail="held" if target.kind == "held" else "by" if target.by else "on",
                share=target.share if target.kind in ("share", "held") else None,
                days=(target.date - around, target.date + around),
                left_out=target.date - around > last,
            )
            uses[target.report].append(use)
    reports = tuple(
        _report(item.value, tuple(uses[item.value.id]), scenario) for item in draft.reports
    )
    return Evidence(reports, _strengths(draft, scenario), observed)


def figures(report: str, claim: str, others: Collection[str] = ()) -> tuple[Figure, ...]:
    """The numbers of persons that a claim names, in its order, each once.

    others  names of other factions: `1,200 Islamic State fighters` says nothing about the army
    """
    found = []
    for match in _FIGURE.finditer(claim):
        if claim[match.end() :].lstrip().startswith(tuple(others)):
            continue
        low, high = (match[1], match[2] or match[1])
        first, second = (float(text.replace(",", "")) for text in (low, high))
        if first < LEAST_FIGURE <= second and "," in high and "," not in low:
            first *= 1000  # `12-14,000` means 12,000 to 14,000
        if LEAST_FIGURE <= first <= second:
            found.append(Figure(report, first, second))
    return tuple(dict.fromkeys(found))


def _uses(draft: Draft, scenario: CompiledScenario) -> Iterator[tuple[At[Any], CitedLine]]:
    """Every part of scenario.yaml that can cite reports, and what it says; lines come later."""

    def use(kind: UseKind, name: str, *factions: str, **more: Any) -> CitedLine:
        return CitedLine(kind, name, tuple(factions), "", 0, **more)

    for name, faction in draft.factions.items():
        yield At(("factions", name), faction), use("faction", faction.name, name)
    for pair in draft.pairs:
        named = " and ".join(pair.value.between)
        yield pair, use("stance", named, *pair.value.between, detail=pair.value.stance)
    for control in draft.control:
        words = _words(control.value.area, scenario)
        yield control, use("control", words, control.value.faction)
    for item in draft.forces:
        force = item.value
        detail = "covert" if force.covert else "open"
        yield item, use("force", force.id, force.faction, detail=detail, persons=force.persons)
    for support in draft.support:
        words = _words(support.value.area, scenario)
        yield support, use("support", words, support.value.faction, share=support.value.share)
    running = {event.id: event for event in scenario.events}
    for entry in draft.events:
        event = entry.value
        compiled = running.get(event.id)
        days = (event.from_, event.to or event.from_)
        if compiled is not None:
            days = (
                scenario.start + timedelta(days=compiled.start),
                scenario.start + timedelta(days=compiled.end),
            )
        yield (
            entry,
            use(
                "event",
                event.text or event.id,
                *((event.faction, event.other) if event.other else (event.faction,)),
                detail=event.kind,
                persons=event.persons,
                condition=event.when or "",
                days=days,
                left_out=compiled is None,
            ),
        )


def _report(
    report: schema.Report, feeds: tuple[CitedLine, ...], scenario: CompiledScenario
) -> ReportUse:
    lon, lat = _spot(report.place or "", scenario)
    return ReportUse(
        id=report.id,
        date=report.date,
        precision_days=report.precision_days,
        known=report.known_on,
        place=report.place or "",
        claim=report.claim,
        source=report.source,
        grade=report.grade,
        lon=lon,
        lat=lat,
        feeds=feeds,
        left_out=report.id not in scenario.reports,
    )


def _spot(place: str, scenario: CompiledScenario) -> tuple[float | None, float | None]:
    """Where a report's place lies: a place, the middle of an area of the scenario, or nowhere.

    Of two places, `Hajin to Harse`, the first stands for both.
    """
    first = re.split(r" to | and |, ", place, maxsplit=1)[0]
    mesh = scenario.theatre.mesh
    for name in dict.fromkeys((place, first)):
        try:
            found = scenario.theatre.gazetteer.find(name)
        except PlaceError:
            pass
        else:
            return found.lon, found.lat
        cells = scenario.areas.get(name.lower().replace(" ", "-"))
        if cells is not None:
            return float(np.mean(mesh.lon[cells])), float(np.mean(mesh.lat[cells]))
    return None, None


def _words(area: Any, scenario: CompiledScenario) -> str:
    """An area as people would name it."""
    if isinstance(area, str):
        return area
    if area.all:
        return "the whole map"
    names = {d.pcode: d.name for d in scenario.theatre.districts}
    names |= {d.governorate: d.governorate_name for d in scenario.theatre.districts}
    codes = [names.get(code, code) for code in (*area.governorates, *area.districts)]
    parts = [*area.places, *codes, *area.areas]
    return ", ".join(parts) if parts else "a drawn area"


def _strengths(draft: Draft, scenario: CompiledScenario) -> tuple[Strength, ...]:
    claims = {item.value.id: item.value.claim for item in draft.reports}
    found: list[Strength] = []
    for faction, own_name in zip(scenario.faction_ids, scenario.faction_names, strict=True):
        forces = [item.value for item in draft.forces if item.value.faction == faction]
        if not forces:
            continue
        cited = Counter(name for force in forces for name in dict.fromkeys(force.reports))

        others = [name for name in scenario.faction_names if name != own_name]
        named = {name: figures(name, claims.get(name, ""), others) for name in cited}
        above = {
            name
            for force in forces
            for name in force.reports
            if named[name] and all(figure.low > force.persons[1] for figure in named[name])
        }
        shared = tuple(name for name in cited if cited[name] > 1 or name in above)
        if len(forces) == 1:
            shared = ()
        if len(forces) > 1:
            found.append(
                Strength(
                    faction=faction,
                    force="",
                    area="",
                    low=sum(force.persons[0] for force in forces),
                    high=sum(force.persons[1] for force in forces),
                    covert=all(force.covert for force in forces),
                    reports=tuple(cited),
                    figures=tuple(f for name in shared for f in named[name]),
                )
            )
        found += [
            Strength(
                faction=faction,
                force=force.id,
                area=_words(force.area, scenario),
                low=force.persons[0],
                high=force.persons[1],
                covert=force.covert,
                reports=force.reports,
                figures=tuple(
                    f for name in force.reports if name not in shared for f in named[name]
                ),
            )
            for force in forces
        ]
    return tuple(found)


def _holder(scenario: CompiledScenario, faction: int) -> str:
    return schema.NOBODY_NAME if faction == NOBODY else scenario.faction_ids[faction]
