"""What a scenario must obey beyond its form, as far as no map is needed to judge it.

Names must exist, dates must lie within the scenario, events must say what their kind needs.
Everything wrong is added to the collectors; nothing is raised.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from sim.parameters import Parameters
from sim.scenario import schema
from sim.scenario.condition import MEASURES, Condition, ConditionError
from sim.scenario.draft import At, Draft
from sim.scenario.messages import Collector, Path_, listing, show

MOST_DAYS = 3660


def check_rules(
    draft: Draft, problems: Collector, reports: Collector, doctrines: Collection[str] | None
) -> None:
    """Check everything in a draft that needs no map.

    problems, reports: collectors of scenario.yaml and reports.yaml.  doctrines: the names that
    exist, or None to leave that to the model.
    """
    _time(draft, problems)
    _factions(draft, problems, doctrines)
    _stances(draft, problems)
    _areas(draft, problems)
    _ids(draft, problems, reports)
    _references(draft, problems)
    _reports(draft, reports)
    check_parameters(draft.parameters, problems)
    for event in draft.events:
        _event(event, draft, problems)


def placed(draft: Draft) -> list[At[Any]]:
    """Every item that names a faction and an area."""
    return [*draft.control, *draft.forces, *draft.support, *draft.events, *draft.questions]


def area_refs(draft: Draft) -> Iterator[At[Any]]:
    """Every place in the file where an area stands, by name or in line, outermost first."""
    if draft.theatre is not None:
        for i, finer in enumerate(draft.theatre.finer):
            yield from _nested(("theatre", "finer", i, "area"), finer.area)
    for name, area in draft.areas.items():
        yield from _nested(("areas", name), area)
    for name, faction in draft.factions.items():
        if faction.refuge is not None:
            yield from _nested(("factions", name, "refuge"), faction.refuge)
    for item in placed(draft):
        for key in ("area", "origin"):
            ref = getattr(item.value, key, None)
            if ref is not None:
                yield from _nested((*item.path, key), ref)


def _nested(path: Path_, ref: Any) -> Iterator[At[Any]]:
    yield At(path, ref)
    if isinstance(ref, schema.Area):
        for i, name in enumerate(ref.areas):
            yield At((*path, "areas", i), name)
        if ref.except_ is not None:
            yield from _nested((*path, "except"), ref.except_)


def cited(draft: Draft) -> Iterator[At[str]]:
    """Every citation of a report in scenario.yaml."""
    items: list[At[Any]] = [At(("factions", n), f) for n, f in draft.factions.items()]
    items += [*draft.pairs, *draft.control, *draft.forces, *draft.support, *draft.events]
    for item in items:
        for i, name in enumerate(item.value.reports):
            yield At((*item.path, "reports", i), name)


def _time(draft: Draft, problems: Collector) -> None:
    if draft.start is None or draft.end is None:
        return
    days = (draft.end - draft.start).days + 1
    if days < 1:
        problems.add("end-before-start", ("end",), start=draft.start, end=draft.end)
        draft.start = draft.end = None  # no date can be judged against them
    elif days > MOST_DAYS:
        problems.add("too-long", ("end",), days=days, most=MOST_DAYS)


def _factions(draft: Draft, problems: Collector, doctrines: Collection[str] | None) -> None:
    colours: dict[str, str] = {}
    for name, faction in draft.factions.items():
        path = ("factions", name)
        first = colours.setdefault(faction.colour, name)
        if first != name:
            problems.add("colour-taken", (*path, "colour"), value=faction.colour, name=show(first))
        if doctrines is not None and faction.doctrine not in doctrines:
            doctrine = faction.doctrine
            problems.add(
                "doctrine-unknown", (*path, "doctrine"), name=show(doctrine), wrong=doctrine,
                known=doctrines,
            )  # fmt: skip


def _stances(draft: Draft, problems: Collector) -> None:
    seen: set[frozenset[str]] = set()
    for pair in draft.pairs:
        a, b = pair.value.between
        path = (*pair.path, "between")
        if a == b:
            problems.add("stance-self", path, name=show(a))
        elif frozenset((a, b)) in seen:
            problems.add("stance-twice", path, a=show(a), b=show(b))
        seen.add(frozenset((a, b)))
        for i, name in enumerate((a, b)):
            _faction((*path, i), name, draft, problems)


def _areas(draft: Draft, problems: Collector) -> None:
    names = set(draft.area_names)
    for ref in area_refs(draft):
        if isinstance(ref.value, str) and ref.value not in names:
            problems.add(
                "area-unknown", ref.path, name=show(ref.value), wrong=ref.value,
                known=draft.area_names or ("no areas",),
            )  # fmt: skip
    inside = {
        name: [r.value for r in _nested((), area) if isinstance(r.value, str)]
        for name, area in draft.areas.items()
    }
    done: set[str] = set()
    for name in draft.areas:
        chain = _circle(name, inside, done)
        if chain:
            text = " > ".join(show(step) for step in chain)
            problems.add("area-cycle", ("areas", chain[0]), chain=text)


def _circle(start: str, inside: Mapping[str, list[str]], done: set[str]) -> list[str]:
    """The first circle of areas that is reached from `start`, walked without recursion."""
    chain: list[str] = []
    stack: list[tuple[str, bool]] = [(start, False)]
    while stack:
        name, leaving = stack.pop()
        if leaving:
            chain.pop()
            done.add(name)
        elif name in chain:
            found = [*chain[chain.index(name) :], name]
            done.update(chain)
            return found
        elif name not in done:
            chain.append(name)
            stack.append((name, True))
            stack.extend((child, False) for child in reversed(inside.get(name, [])))
    return []


def _ids(draft: Draft, problems: Collector, reports: Collector) -> None:
    groups: list[tuple[Collector, list[At[Any]], str]] = [
        (problems, list(draft.forces), "force"),
        (problems, list(draft.events), "event"),
        (problems, list(draft.questions), "question"),
        (reports, list(draft.reports), "report"),
    ]
    for collector, items, what in groups:
        seen: set[str] = set()
        for item in items:
            name = item.value.id
            if name in seen:
                collector.add("duplicate", (*item.path, "id"), name=show(name), what=what)
            seen.add(name)


def _faction(
    path: Path_, name: str, draft: Draft, problems: Collector, nobody: bool = False
) -> None:
    if name not in draft.faction_names and not (nobody and name == schema.NOBODY_NAME):
        problems.add(
            "faction-unknown", path, name=show(name), wrong=name,
            known=draft.faction_names or ("no factions",),
        )  # fmt: skip


def _references(draft: Draft, problems: Collector) -> None:
    for item in placed(draft):
        nobody = isinstance(item.value, schema.Control)
        _faction((*item.path, "faction"), item.value.faction, draft, problems, nobody)
    known = draft.report_names or ("no reports",)
    for citation in cited(draft):
        if citation.value not in draft.report_names:
            name = citation.value
            problems.add("report-unknown", citation.path, name=show(name), wrong=name, known=known)
    for question in draft.questions:
        check_day((*question.path, "by"), question.value.by, draft, problems)


def _reports(draft: Draft, reports: Collector) -> None:
    for item in draft.reports:
        report = item.value
        earliest = report.date - datetime.timedelta(days=report.precision_days)
        if report.known_on < earliest:
            path = (*item.path, "known")
            reports.add("known-early", path, published=report.known_on, date=earliest)
    weak = [r.value.id for r in draft.reports if "F" in r.value.grade or "6" in r.value.grade]
    if weak:
        reports.add("report-weak", line=0, count=len(weak), names=listing(weak))


def check_day(path: Path_, day: datetime.date, draft: Draft, problems: Collector) -> bool:
    """Whether a day lies within the scenario; adds a problem if not."""
    if draft.start is None or draft.end is None or draft.start <= day <= draft.end:
        return True
    problems.add("date-outside", path, value=day, start=draft.start, end=draft.end)
    return False


def check_parameters(values: Mapping[str, tuple[float, float]], problems: Collector) -> None:
    """Check names and bounds of parameters at `parameters.NAME`."""
    for name, (low, high) in values.items():
        path = ("parameters", name)
        field = Parameters.model_fields.get(name)
        if field is None:
            problems.add(
                "parameter-unknown",
                path,
                name=show(name),
                wrong=name,
                known=Parameters.model_fields,
            )
            continue
        extra: Any = field.json_schema_extra
        least, most = extra["range"]
        for value in sorted({low, high}):
            if not least <= value <= most:
                problems.add(
                    "parameter-bounds", path, value=show(value), name=name, low=show(least),
                    high=show(most), unit=extra["unit"],
                )  # fmt: skip


def _event(item: At[schema.EventSpec], draft: Draft, problems: Collector) -> None:
    event, path = item.value, item.path
    needs, may = schema.EVENT_KEYS[event.kind]
    fields = type(event).model_fields
    said = {fields[name].alias or name for name in event.model_fields_set}
    if event.kind == "arrests" and not event.reconcilers:
        needs = (*needs, "other")
    for key in needs:
        if key not in said or getattr(event, key) in (None, ()):
            meaning = fields[key].description
            problems.add("event-needs", path, kind=event.kind, key=key, meaning=meaning)
    for key in sorted(said - {*schema.COMMON, *needs, *may}):
        known = listing((*needs, *may))
        problems.add("event-has", (*path, key), kind=event.kind, key=show(key), known=known)
    if event.other is not None:
        _faction((*path, "other"), event.other, draft, problems)
        if event.other == event.faction:
            problems.add("event-self", (*path, "other"), name=show(event.other))
    check_day((*path, "from"), event.from_, draft, problems)
    to = event.to
    if to is not None and check_day((*path, "to"), to, draft, problems) and event.from_ > to:
        problems.add("from-after-to", (*path, "to"), start=event.from_, end=to)
    dates = {report.value.id: report.value.known_on for report in draft.reports}
    first = min((dates[name] for name in event.reports if name in dates), default=None)
    if event.known is not None and first is not None and event.known < first:
        problems.add("event-early", (*path, "known"), published=event.known, first=first)
    published = known_day(event, dates)
    if published > event.from_:
        problems.add("event-hindsight", path, start=event.from_, published=published)
    if event.when is not None:
        _condition((*path, "when"), event.when, draft, problems)


def known_day(event: schema.EventSpec, dates: Mapping[str, datetime.date]) -> datetime.date:
    """The day on which an event became known; `dates` has that of each report."""
    if event.known is not None:
        return event.known
    first = min((dates[name] for name in event.reports if name in dates), default=event.from_)
    return max(first, event.from_)


def _condition(path: Path_, text: str, draft: Draft, problems: Collector) -> None:
    try:
        names = Condition.parse(text).names()
    except ConditionError as error:
        problems.add("condition", path, found=error.found, at=error.at, wanted=error.wanted)
        return
    for function, arguments in names:
        if function in MEASURES:
            _faction(path, arguments[0], draft, problems)
        elif function == "holder":
            _faction(path, arguments[1], draft, problems, nobody=True)
        elif function == "started" and arguments[0] not in draft.event_names:
            name = arguments[0]
            problems.add(
                "event-unknown", path, name=show(name), wrong=name, known=draft.event_names
            )
