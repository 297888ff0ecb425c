"""A scenario as far as its form is right: what the checks of `rules.py` and `compile.py` work on.

A file with one bad line must still be told what else is wrong with it.  So a document that the
schema refuses as a whole is taken apart: every item of every section is judged by itself, the good
ones go on to the next checks, and the names of the bad ones stay known.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from sim.scenario import schema
from sim.scenario.messages import Collector, Path_, kind_of, show
from sim.scenario.yaml_lines import Document

T = TypeVar("T")


@dataclass(frozen=True)
class At(Generic[T]):
    """A part of a scenario and its path in the file."""

    path: Path_
    value: T


@dataclass
class Draft:
    """The parts of a scenario that are right in form, and all names that it defines."""

    title: str = ""
    summary: str = ""
    start: datetime.date | None = None
    end: datetime.date | None = None
    theatre: schema.TheatreSpec | None = None
    default_stance: str = "hostile"
    areas: dict[str, schema.Area] = field(default_factory=dict)
    factions: dict[str, schema.FactionSpec] = field(default_factory=dict)
    pairs: list[At[schema.Pair]] = field(default_factory=list)
    control: list[At[schema.Control]] = field(default_factory=list)
    forces: list[At[schema.ForceSpec]] = field(default_factory=list)
    support: list[At[schema.Support]] = field(default_factory=list)
    parameters: dict[str, tuple[float, float]] = field(default_factory=dict)
    events: list[At[schema.EventSpec]] = field(default_factory=list)
    questions: list[At[schema.Question]] = field(default_factory=list)
    reports: list[At[schema.Report]] = field(default_factory=list)
    # Every name that stands in the file, also where the rest of the item is wrong.
    area_names: tuple[str, ...] = ()
    faction_names: tuple[str, ...] = ()
    event_names: tuple[str, ...] = ()
    report_names: tuple[str, ...] = ()
    whole: schema.Scenario | None = None  # the scenario, if all of its form is right


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def read_draft(document: Document | None, problems: Collector) -> Draft:
    """What is right in scenario.yaml; problems tell the rest."""
    draft = Draft()
    if document is None:
        return draft
    value = document.value
    if not isinstance(value, dict):
        problems.add("type", value=show(value), kind=kind_of(value), wanted="a mapping of keys")
        return draft
    draft.area_names = _keys(value.get("areas"))
    draft.faction_names = _keys(value.get("factions"))
    draft.event_names = _ids(value.get("events"))
    try:
        draft.whole = schema.Scenario.model_validate(value)
    except ValidationError as error:
        report_form(error, value, (), schema.Scenario, problems)
        _take_good_parts(value, draft)
    else:
        whole = draft.whole
        for name in ("title", "summary", "start", "end", "theatre", "areas", "factions"):
            setattr(draft, name, getattr(whole, name))
        draft.parameters = whole.parameters
        draft.default_stance = whole.stances.default
        draft.pairs = _at(("stances", "pairs"), whole.stances.pairs)
        for name in ("control", "forces", "support", "events", "questions"):
            setattr(draft, name, _at((name,), getattr(whole, name)))
    return draft


def read_reports(document: Document | None, draft: Draft, problems: Collector) -> None:
    """Add what is right in reports.yaml to the draft."""
    if document is not None:
        draft.report_names = _ids(document.value)
        draft.reports = read_list(document, schema.Report, problems)


def read_list(document: Document, kind: type[Any], problems: Collector) -> list[At[Any]]:
    """The items of a file that is one list, as far as they are right."""
    items = document.value
    if not isinstance(items, tuple):
        problems.add("type", value=show(items), kind=kind_of(items), wanted="a list")
        return []
    good = []
    for i, item in enumerate(items):
        try:
            good.append(At((i,), kind.model_validate(item)))
        except ValidationError as error:
            report_form(error, item, (i,), kind, problems)
    return good


def _take_good_parts(value: dict[str, Any], draft: Draft) -> None:
    """Judge every item of a scenario by itself; what is wrong was reported before."""
    for name in ("title", "summary", "start", "end", "theatre"):
        good = _good(schema.Scenario.model_fields[name].rebuild_annotation(), value.get(name))
        if good is not None:
            setattr(draft, name, good)
    draft.areas = _good_items(schema.Area, value.get("areas"))
    draft.factions = _good_items(schema.FactionSpec, value.get("factions"))
    draft.parameters = _good_items(schema.Range, value.get("parameters"))
    stances = value.get("stances")
    if isinstance(stances, dict):
        draft.default_stance = _good(schema.StanceName, stances.get("default")) or "hostile"
        draft.pairs = _good_list(("stances", "pairs"), schema.Pair, stances.get("pairs"))
    draft.control = _good_list(("control",), schema.Control, value.get("control"))
    draft.forces = _good_list(("forces",), schema.ForceSpec, value.get("forces"))
    draft.support = _good_list(("support",), schema.Support, value.get("support"))
    draft.events = _good_list(("events",), schema.EventSpec, value.get("events"))
    draft.questions = _good_list(("questions",), schema.Question, value.get("questions"))


def _good(kind: Any, value: Any) -> Any:
    try:
        return None if value is None else _adapter(kind).validate_python(value)
    except ValidationError:
        return None


def _good_items(kind: Any, items: Any) -> dict[str, Any]:
    found = {}
    if isinstance(items, dict):
        for name, item in items.items():
            good = _good(kind, item)
            if good is not None and _good(schema.Name, name) is not None:
                found[name] = good
    return found


def _good_list(path: Path_, kind: Any, items: Any) -> list[At[Any]]:
    listed = items if isinstance(items, tuple) else ()
    pairs = ((i, _good(kind, item)) for i, item in enumerate(listed))
    return [At((*path, i), good) for i, good in pairs if good is not None]


def _at(path: Path_, items: Iterable[T]) -> list[At[T]]:
    return [At((*path, i), item) for i, item in enumerate(items)]


def _keys(value: Any) -> tuple[str, ...]:
    return tuple(value) if isinstance(value, dict) else ()


def _ids(value: Any) -> tuple[str, ...]:
    items = value if isinstance(value, tuple) else ()
    ids = (item.get("id") for item in items if isinstance(item, dict))
    return tuple(name for name in ids if isinstance(name, str))


# --- what pydantic says, in the words of the catalogue ---

_OWNERS: dict[str, type[BaseModel]] = {
    "theatre": schema.TheatreSpec, "finer": schema.Finer, "factions": schema.FactionSpec,
    "sources": schema.Source, "stances": schema.Stances, "pairs": schema.Pair,
    "control": schema.Control, "forces": schema.ForceSpec, "support": schema.Support,
    "events": schema.EventSpec, "questions": schema.Question, "places": schema.GridPlace,
    **dict.fromkeys(("areas", "area", "except", "origin", "refuge"), schema.Area),
}  # fmt: skip

_WANTED = {
    "string_type": "text; put it in quotes",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "finite_number": "a number",
    "bool_type": "true or false",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "tuple_type": "a list, such as [a, b]",
}
_BOUNDS = {
    "greater_than_equal": ("ge", "{} or more"),
    "less_than_equal": ("le", "{} or less"),
}
_OWN = ("name", "colour", "grade", "date", "range", "area-nothing")


def _inside(value: Any, path: tuple[int | str, ...]) -> Path_:
    """The steps of pydantic's path that exist in the document: it adds its own to unions."""
    out: list[int | str] = []
    for position, step in enumerate(path):
        last = position == len(path) - 1
        known = isinstance(value, dict) and step in value
        if known or (isinstance(value, tuple) and isinstance(step, int) and step < len(value)):
            value = value[step]
        elif not last or str(step)[:1] in "<[":
            continue
        out.append(step)
    return tuple(out)


def _owner(path: Path_, top: type[BaseModel]) -> type[BaseModel]:
    for step in reversed(path):
        if isinstance(step, str) and step in _OWNERS:
            return _OWNERS[step]
    return top


def _names(model: type[BaseModel]) -> dict[str, str]:
    """The keys of a part as files spell them, with what they mean."""
    return {f.alias or name: f.description or "" for name, f in model.model_fields.items()}


def report_form(
    error: ValidationError, value: Any, base: Path_, top: type[BaseModel], problems: Collector
) -> None:
    """Add what the schema found wrong with `value`, which stands at `base`."""
    for item in error.errors(include_url=False):
        inner = _inside(value, item["loc"])
        path = (*base, *inner)
        kind, ctx, found = item["type"], item.get("ctx", {}), item["input"]
        parent = inner[:-1]
        if inner == ("format",) and kind == "literal_error":
            problems.add("format", path, value=show(found))
        elif kind == "extra_forbidden":
            known = _names(_owner(parent, top))
            key = inner[-1]
            problems.add("key-unknown", path, key=show(key), wrong=key, known=known)
        elif kind == "missing" and isinstance(inner[-1], int):
            problems.add("length", path[:-1], length=f"{inner[-1]} items", wanted="2 items")
        elif kind == "missing":
            key = str(inner[-1])
            meaning = _names(_owner(parent, top)).get(key, "see docs/scenario.md.")
            problems.add("key-missing", path[:-1], key=show(key), meaning=meaning)
        elif kind in _WANTED:
            wanted = _WANTED[kind]
            problems.add("type", path, value=show(found), kind=kind_of(found), wanted=wanted)
        elif kind in _BOUNDS:
            key, form = _BOUNDS[kind]
            wanted = form.format(ctx[key])
            problems.add("bounds", path, value=show(found), wanted=wanted)
        elif kind == "literal_error":
            choices = [part.strip("' ") for part in _choices(str(ctx["expected"]))]
            problems.add("choice", path, value=show(found), wrong=found, known=choices)
        elif kind in ("too_long", "too_short", "string_too_long", "string_too_short"):
            most = ctx.get("max_length")
            least = ctx.get("min_length")
            unit = "characters" if kind.startswith("string") else "items"
            wanted = f"at most {most} {unit}" if most is not None else f"at least {least} {unit}"
            length = len(found) if hasattr(found, "__len__") else 0
            problems.add("length", path, length=f"{length} {unit}", wanted=wanted)
        elif kind == "range-order":
            low, high = found
            problems.add("range-order", path, low=show(low), high=show(high))
        elif kind == "one-of":
            keys = str(ctx["keys"]).split(", ")
            have = [key for key in keys if isinstance(found, dict) and key in found]
            both = " and ".join(have)
            problems.add("one-of", path, found=both or "none of them", known=keys)
        elif kind in _OWN:
            problems.add(kind, path, value=show(found))
        else:
            problems.add("other", path, reason=str(item["msg"]).rstrip("."))


def _choices(text: str) -> list[str]:
    """The choices in pydantic's "'a', 'b' or 'c'"."""
    return text.replace(" or ", ", ").split(", ")
