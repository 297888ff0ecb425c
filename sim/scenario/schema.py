"""All that a scenario may say: the one definition behind loading, messages, docs and editors.

Values arrive from `yaml_lines` as tuples, dicts, dates, numbers and text; types are strict, so that
a number is never taken for text or text for a number.  Unknown keys are errors.  What can only be
judged against other lines or the map (names, dates, bounds of parameters) is in `rules.py`.
"""

from __future__ import annotations

import datetime
import re
from typing import Annotated, Any, Literal, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    WithJsonSchema,
    model_validator,
)
from pydantic.json_schema import models_json_schema
from pydantic_core import PydanticCustomError

from sim.parameters import Parameters

NAME = re.compile(r"[^\W_][\w .'-]{0,47}", re.UNICODE)
NOBODY_NAME = "nobody"
MOST_FACTIONS = 30  # orders are bits of 32-bit words
MOST_FINER = 50
MOST_AXES = 50


def _name(value: str) -> str:
    if not NAME.fullmatch(value) or value != value.strip() or value == NOBODY_NAME:
        raise PydanticCustomError("name", "not a name")
    return value


def _colour(value: str) -> str:
    if not re.fullmatch(r"#[0-9A-Fa-f]{6}", value):
        raise PydanticCustomError("colour", "not a colour")
    return value.lower()


def _grade(value: str) -> str:
    if not re.fullmatch(r"[A-F][1-6]", value):
        raise PydanticCustomError("grade", "not a grade")
    return value


def _date(value: Any) -> Any:
    """Accept a date, also in quotes."""
    if isinstance(value, str):
        try:
            value = datetime.date.fromisoformat(value) if len(value) == 10 else None
        except ValueError:
            value = None
    if type(value) is not datetime.date or not 1000 <= value.year <= 3000:
        raise PydanticCustomError("date", "not a date")
    return value


def _range(value: Any) -> Any:
    """Accept one number for [number, number]."""
    items = value if isinstance(value, tuple) else (value, value)
    if len(items) != 2 or not all(
        isinstance(v, (int, float)) and not isinstance(v, bool) and abs(v) < 1e12 for v in items
    ):
        raise PydanticCustomError("range", "not a range")
    if items[0] > items[1]:
        raise PydanticCustomError("range-order", "low above high")
    return (float(items[0]), float(items[1]))


def _area_tag(value: Any) -> str:
    return "<name>" if isinstance(value, str) else "<area>"


_RANGE_SCHEMA = {
    "anyOf": [
        {"type": "number"},
        {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2},
    ]
}
_PARAMETERS_SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        name: {
            "description": field.description,
            "default": field.default,
            **{k: v for k, v in (field.json_schema_extra or {}).items()},  # type: ignore[union-attr]
            **_RANGE_SCHEMA,
        }
        for name, field in Parameters.model_fields.items()
    },
}

Name = Annotated[str, AfterValidator(_name), Field(max_length=48)]
Text = Annotated[str, Field(min_length=1, max_length=4000)]
Line = Annotated[str, Field(min_length=1, max_length=300)]
Day = Annotated[
    datetime.date, BeforeValidator(_date), WithJsonSchema({"type": "string", "format": "date"})
]
Colour = Annotated[
    str,
    AfterValidator(_colour),
    WithJsonSchema({"type": "string", "pattern": "^#[0-9A-Fa-f]{6}$"}),
]
Grade = Annotated[
    str, AfterValidator(_grade), WithJsonSchema({"type": "string", "pattern": "^[A-F][1-6]$"})
]
Range = Annotated[tuple[float, float], BeforeValidator(_range), WithJsonSchema(_RANGE_SCHEMA)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Point = Annotated[
    tuple[float, float],
    WithJsonSchema(
        {
            "type": "array",
            "items": {"type": "number"},
            "minItems": 2,
            "maxItems": 2,
            "description": "[longitude, latitude] in degrees, WGS 84.",
        }
    ),
]
BankName = Literal["left", "right"]
StanceName = Literal["hostile", "rival", "truce", "allied"]
PostureName = Literal["hold", "attack", "besiege", "raid", "evade", "withdraw", "break-out", "hunt"]
Spread = Literal["even", "population", "front", "roads"]
KindName = Literal[
    "offensive", "pause", "bombardment", "air-support", "transfer", "stance", "arrests",
    "leaflets", "evacuation-offer", "reconciliation-offer", "reinforcement", "supply", "posture",
]  # fmt: skip
KINDS: tuple[str, ...] = get_args(KindName)


Map = Annotated[str, Field(min_length=1, max_length=10_000)]
Index = Annotated[int, Field(ge=0, le=999)]
Hexagon = Annotated[
    tuple[Index, Index],
    WithJsonSchema({"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2}),
]
Way = tuple[Hexagon, Hexagon]


class Spec(BaseModel):
    """What all parts of a scenario share: no unknown keys, no change, no loose types."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, allow_inf_nan=False, validate_by_name=False,
        defer_build=True,
    )  # fmt: skip


class Area(Spec):
    """Cells of the map: the union of what is named, on one bank only, without `except`."""

    all: Literal[True] | None = Field(default=None, description="Every cell of the theatre.")
    districts: tuple[Line, ...] = Field(
        default=(), description="Districts by P-code, such as SY0702."
    )
    governorates: tuple[Line, ...] = Field(
        default=(), description="Governorates by P-code, such as SY07."
    )
    places: tuple[Line, ...] = Field(
        default=(), description="Places of the gazetteer, in any spelling that it knows."
    )
    radius_km: float = Field(
        default=0,
        ge=0,
        le=300,
        description="Cells whose centre is this near one of `places`; 0 takes its own cell.",
        json_schema_extra={"unit": "km"},
    )
    polygon: tuple[Point, ...] = Field(
        default=(),
        description="A ring of [longitude, latitude]; takes the cells whose centre is inside.",
    )
    geojson: Line | None = Field(
        default=None, description="A file in the scenario's folder with polygons (WGS 84)."
    )
    areas: tuple[Line, ...] = Field(default=(), description="Other areas by name.")
    except_: AreaRef | None = Field(
        default=None, alias="except", description="What is left out: a name or an area."
    )
    bank: BankName | None = Field(
        default=None, description="Only cells on this bank of the Euphrates, seen downstream."
    )

    @model_validator(mode="after")
    def _names_something(self) -> Area:
        if not (
            self.all or self.districts or self.governorates or self.places or self.polygon
            or self.geojson or self.areas
        ):  # fmt: skip
            raise PydanticCustomError("area-nothing", "names nothing")
        return self


AreaRef = Annotated[
    Annotated[Line, Tag("<name>")] | Annotated[Area, Tag("<area>")], Discriminator(_area_tag)
]


class Finer(Spec):
    """A part of the map with a finer mesh."""

    area: AreaRef = Field(description="Where: an area of polygon, geojson or such areas.")
    resolution: Literal[6, 7] = Field(description="H3 resolution there.")


class GridPlace(Spec):
    """A named place on an invented map."""

    at: Hexagon = Field(description="[row, column] of its hexagon, from 0.")
    population: int = Field(
        default=0,
        ge=0,
        le=10_000_000,
        description="Inhabitants.",
        json_schema_extra={"unit": "person"},
    )


GridPlaceRef = Annotated[
    Annotated[Hexagon, Tag("<point>")] | Annotated[GridPlace, Tag("<place>")],
    Discriminator(lambda value: "<point>" if isinstance(value, (tuple, list)) else "<place>"),
]
People = Annotated[
    Annotated[str, Tag("<map>")] | Annotated[int, Field(ge=0, le=100_000_000), Tag("<number>")],
    Discriminator(lambda value: "<map>" if isinstance(value, str) else "<number>"),
]


class TheatreSpec(Spec):
    """The map: Syria, or an invented grid of hexagons."""

    name: Literal["syria", "grid"] = Field(description="`syria`, or `grid` for an invented map.")
    resolution: Literal[5, 6, 7] | None = Field(
        default=None, description="Syria: H3 resolution of the mesh; 6 if left out."
    )
    finer: tuple[Finer, ...] = Field(
        default=(), max_length=MOST_FINER, description="Syria: parts with a finer mesh."
    )
    terrain: Map | None = Field(
        default=None,
        description="Grid: one letter for each hexagon, one line for each row from north to south; "
        "odd rows lie half a hexagon further east. d desert, s steppe, v valley, m mountain, "
        "u urban, l lava, `.` no cell; blanks do not count.",
    )
    hexagon_km: float | None = Field(
        default=None,
        ge=1,
        le=50,
        description="Grid: distance between neighbouring centres; 6 if left out.",
        json_schema_extra={"unit": "km"},
    )
    districts: Map | None = Field(
        default=None,
        description="Grid: a letter or digit for each hexagon; A is the district XXA. "
        "One district if left out.",
    )
    district_names: dict[str, Line] = Field(
        default={}, description="Grid: what the districts are called, by letter."
    )
    segments: Map | None = Field(
        default=None,
        description="Grid: a letter or digit for each hexagon: stretches that share their battles. "
        "Blocks of about 250 km2 if left out.",
    )
    banks: Map | None = Field(
        default=None,
        description="Grid: L or R for each hexagon; between L and R runs a closed river.",
    )
    closed: tuple[Way, ...] = Field(
        default=(), description="Grid: further neighbours between which nothing passes."
    )
    bridges: tuple[Way, ...] = Field(
        default=(), description="Grid: neighbours that a bridge joins over the river."
    )
    places: dict[Line, GridPlaceRef] = Field(
        default={}, description="Grid: places by name, [row, column] or with their inhabitants."
    )
    population: People | None = Field(
        default=None,
        description="Grid: inhabitants outside the places, spread by terrain; or a map of digits, "
        "thousands for each hexagon.",
        json_schema_extra={"unit": "person"},
    )
    roads: Map | None = Field(
        default=None,
        description="Grid: for each hexagon `-` secondary road, `=` trunk road, `.` none.",
    )


class Source(Spec):
    """A place from which supply comes."""

    place: Line = Field(description="Where supply enters the map.")
    strength: Share = Field(
        default=1, description="Access to supply right beside it.", json_schema_extra={"unit": "1"}
    )


class FactionSpec(Spec):
    """One armed actor as it stands on the first day."""

    name: Line = Field(description="Its name as people write it.")
    colour: Colour = Field(description="Its colour on maps, `#RRGGBB`.")
    doctrine: Line = Field(description="How it decides: a name in the registry of doctrines.")
    quality: float = Field(
        default=1,
        ge=0.05,
        le=10,
        description="Combat power of one fighter; the regular soldier is 1.",
        json_schema_extra={"unit": "1"},
    )
    cohesion: Share = Field(
        default=1, description="Cohesion on the first day.", json_schema_extra={"unit": "1"}
    )
    stock_days: float = Field(
        default=14,
        ge=0,
        le=365,
        description="Supply at hand on the first day, in days of full rations.",
        json_schema_extra={"unit": "day"},
    )
    sources: tuple[Source, ...] = Field(default=(), description="Where its supply comes from.")
    refuge: AreaRef | None = Field(
        default=None, description="Where those who break out or slip away try to go."
    )
    reports: tuple[Line, ...] = Field(default=(), description="Reports that say so.")


class Pair(Spec):
    """What two factions are to each other."""

    between: tuple[Line, Line] = Field(description="Two factions.")
    stance: StanceName = Field(description="Their stance, the same in both directions.")
    reports: tuple[Line, ...] = Field(default=(), description="Reports that say so.")


class Stances(Spec):
    """Who fights whom on the first day."""

    default: StanceName = Field(default="hostile", description="Between any two not in `pairs`.")
    pairs: tuple[Pair, ...] = Field(default=(), description="Exceptions.")


class Control(Spec):
    """A stroke of paint on the starting map; later strokes cover earlier ones."""

    area: AreaRef = Field(description="Where.")
    faction: Line = Field(description="Who holds it, or `nobody`.")
    since_days: int = Field(
        default=90,
        ge=0,
        le=20_000,
        description="How long it has held it on the first day: positions are dug in over time.",
        json_schema_extra={"unit": "day"},
    )
    reports: tuple[Line, ...] = Field(default=(), description="Reports that say so.")


class ForceSpec(Spec):
    """Fighters on the first day."""

    id: Name = Field(description="Its own name; chance is keyed by it.")
    faction: Line = Field(description="Whose fighters.")
    area: AreaRef = Field(description="Where; open forces only in cells that they or an ally hold.")
    persons: Range = Field(
        description="How many: a number, or [low, high] from which each run draws.",
        json_schema_extra={"unit": "person"},
    )
    covert: bool = Field(
        default=False, description="A hidden network, which may be anywhere and holds no ground."
    )
    spread: Spread = Field(
        default="even",
        description="By area (`even`), inhabitants, length of front with enemies, or roads.",
    )
    reports: tuple[Line, ...] = Field(default=(), description="Reports that say so.")


class Support(Spec):
    """Whom people stand behind on the first day."""

    area: AreaRef = Field(description="Where; counts in its districts by their inhabitants.")
    faction: Line = Field(description="For whom.")
    share: Share = Field(
        description="Share of the inhabitants; later lines cover earlier ones of the same faction.",
        json_schema_extra={"unit": "1"},
    )
    reports: tuple[Line, ...] = Field(default=(), description="Reports that say so.")


class EventSpec(Spec):
    """One line of the calendar: what an actor decided or was given, never what came of it."""

    id: Name = Field(description="Its own name; chance is keyed by it.")
    kind: KindName = Field(description="What kind of event; see the table of kinds.")
    faction: Line = Field(description="Who acts.")
    from_: Day = Field(alias="from", description="First day in force.")
    to: Day | None = Field(
        default=None,
        description="Last day in force. Left out: the last day of the scenario; for transfer, "
        "stance and reinforcement without `when` the first day.",
    )
    known: Day | None = Field(
        default=None,
        description="Day on which it became known. Left out: `from`, or the day on which the "
        "first of its reports became known if that is later.",
    )
    when: Annotated[str, Field(min_length=1, max_length=500)] | None = Field(
        default=None, description="In force only from the first day on which this holds."
    )
    area: AreaRef | None = Field(default=None, description="Where it acts; a transfer's goal.")
    other: Line | None = Field(default=None, description="The faction at which it is aimed.")
    axes: tuple[Line, ...] = Field(
        default=(),
        max_length=MOST_AXES,
        description="Places toward which an offensive is directed, in order: cells within 10 km "
        "of them and of the lines between them have priority 1, the rest of the area, or all of it "
        "without axes, 0.5.",
    )
    intensity: float | None = Field(
        default=None,
        ge=0,
        le=10,
        description="How strong: 1 is ordinary. Air support multiplies power by 1 + intensity.",
        json_schema_extra={"unit": "1"},
    )
    persons: Range | None = Field(
        default=None,
        description="How many: a number, or [low, high] from which each run draws.",
        json_schema_extra={"unit": "person"},
    )
    origin: AreaRef | None = Field(default=None, description="Where a transfer starts.")
    route: tuple[Line, ...] = Field(
        default=(), description="Places on the way, in order; of an offered evacuation: its goal."
    )
    travel_days: int | None = Field(
        default=None,
        ge=0,
        le=90,
        description="Days on the way.",
        json_schema_extra={"unit": "day"},
    )
    stance: StanceName | None = Field(
        default=None, description="What `faction` and `other` become."
    )
    posture: PostureName | None = Field(
        default=None, description="What the faction does in the area's districts."
    )
    reconcilers: bool | None = Field(
        default=None, description="The arrests meet people who would reconcile, not a network."
    )
    text: Line | None = Field(default=None, description="One sentence for people.")
    reports: tuple[Line, ...] = Field(default=(), description="Reports that say so.")


COMMON = ("id", "kind", "faction", "from", "to", "known", "when", "text", "reports")
# What each kind must say and may say besides the common keys.
EVENT_KEYS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "offensive": (("area",), ("axes",)),
    "pause": (("area",), ()),
    "bombardment": (("area",), ("other", "intensity")),
    "air-support": (("area",), ("intensity",)),
    "transfer": (("origin", "area", "persons", "travel_days"), ("route",)),
    "stance": (("other", "stance"), ()),
    "arrests": (("area",), ("other", "reconcilers", "intensity")),
    "leaflets": (("area", "other"), ("intensity",)),
    "evacuation-offer": (("area", "other", "route"), ()),
    "reconciliation-offer": (("area", "other"), ()),
    "reinforcement": (("area", "persons"), ()),
    "supply": (("area",), ("intensity",)),
    "posture": (("area", "posture"), ()),
}
SINGLE_ACTS = ("transfer", "stance", "reinforcement")


class Question(Spec):
    """Something to watch, without the answer."""

    id: Name = Field(description="Its own name.")
    text: Line = Field(description="The question as people ask it.")
    place: Line | None = Field(default=None, description="The place; or give an area.")
    area: AreaRef | None = Field(default=None, description="The area; most of it decides.")
    faction: Line = Field(description="Who may come to hold it.")
    by: Day = Field(description="By the end of this day.")

    @model_validator(mode="after")
    def _one_where(self) -> Question:
        if (self.place is None) == (self.area is None):
            raise PydanticCustomError("one-of", "place or area", {"keys": "place, area"})
        return self


class Scenario(Spec):
    """scenario.yaml: the situation on the first day, what actors decided later, what to watch."""

    format: Literal[1] = Field(description="Version of this format.")
    title: Line = Field(description="One line for lists.")
    summary: Text = Field(default="", description="What it is about, and what it is not.")
    start: Day = Field(description="First simulated day; the situation is that of its morning.")
    end: Day = Field(description="Last simulated day.")
    theatre: TheatreSpec = Field(description="The map.")
    areas: dict[Name, Area] = Field(default={}, description="Areas by name, for use below.")
    factions: dict[Name, FactionSpec] = Field(
        min_length=1, max_length=MOST_FACTIONS, description="Factions by a short name."
    )
    stances: Stances = Field(default=Stances(), description="Who fights whom.")
    control: tuple[Control, ...] = Field(
        default=(), description="Who holds what, painted in order: later lines over earlier ones."
    )
    forces: tuple[ForceSpec, ...] = Field(default=(), description="Who is where.")
    support: tuple[Support, ...] = Field(default=(), description="Whom people stand behind.")
    parameters: Annotated[dict[str, Range], WithJsonSchema(_PARAMETERS_SCHEMA)] = Field(
        default={},
        description="Parameters that differ from the defaults; [low, high]: each run draws.",
    )
    events: tuple[EventSpec, ...] = Field(default=(), description="The calendar.")
    questions: tuple[Question, ...] = Field(default=(), description="What to watch.")


class Report(Spec):
    """One public report: who said what, when, and how far it can be trusted."""

    id: Name = Field(description="By which lines of the scenario cite it.")
    date: Day = Field(description="Day to which the claim refers.")
    precision_days: int = Field(
        default=0,
        ge=0,
        le=3650,
        description="How far off that day may be, either way.",
        json_schema_extra={"unit": "day"},
    )
    known: Day | None = Field(
        default=None, description="Day on which it was published; `date` if left out."
    )
    place: Line | None = Field(default=None, description="Where, in the report's words.")
    claim: Text = Field(description="What it says, in your words.")
    source: Line = Field(description="Who published it: enough to find it again.")
    grade: Grade = Field(
        description="Admiralty grade: source A (reliable) to F (cannot be judged), claim 1 "
        "(confirmed) to 6 (cannot be judged)."
    )

    @property
    def known_on(self) -> datetime.date:
        """The day on which it became known."""
        return self.known or self.date


class Observation(Spec):
    """What really happened; no part of the model reads it, `badia score` compares with it."""

    id: Name = Field(description="Its own name.")
    place: Line | None = Field(default=None, description="Target: the place that `faction` holds.")
    area: AreaRef | None = Field(
        default=None, description="Target: the area of which `faction` holds most."
    )
    share: Share | None = Field(
        default=None,
        description="Target: the share of `area`, or of the theatre, that `faction` holds.",
        json_schema_extra={"unit": "1"},
    )
    date: Day | None = Field(default=None, description="It was so on this day.")
    by: Day | None = Field(default=None, description="It became so by this day, not earlier.")
    precision_days: int = Field(
        default=0,
        ge=0,
        le=365,
        description="How far off that day may be, either way.",
        json_schema_extra={"unit": "day"},
    )
    faction: Line | None = Field(default=None, description="Who held it, or `nobody`.")
    factions: tuple[Line, ...] = Field(
        default=(), max_length=MOST_FACTIONS, description="Who held it together, instead."
    )
    report: Line = Field(description="The report that says so.")
    panel: bool = Field(
        default=False,
        description="It was chosen by rule (all district seats), not because it changed hands.",
    )

    @model_validator(mode="after")
    def _one_target(self) -> Observation:
        ground = self.area is not None or self.share is not None  # a share may be that of an area
        if (self.place is not None) == ground:
            raise PydanticCustomError("one-of", "target", {"keys": "place, area, share"})
        if (self.faction is not None) == bool(self.factions):
            raise PydanticCustomError("one-of", "holder", {"keys": "faction, factions"})
        if (self.date is None) == (self.by is None):
            raise PydanticCustomError("one-of", "day", {"keys": "date, by"})
        return self

    @property
    def day(self) -> datetime.date:
        """The day it speaks of."""
        day = self.date or self.by
        assert day is not None  # held by _one_target
        return day

    @property
    def holders(self) -> tuple[str, ...]:
        """Who held it."""
        return self.factions if self.faction is None else (self.faction,)

    @property
    def days(self) -> tuple[datetime.date, datetime.date]:
        """The first and the last day that it may mean."""
        around = datetime.timedelta(days=self.precision_days)
        return self.day - around, self.day + around


# Each with all its parts at once, instead of every part also by itself.
Scenario.model_rebuild()
Report.model_rebuild()
Observation.model_rebuild()


def json_schema() -> dict[str, Any]:
    """JSON Schema of scenario.yaml, reports.yaml and observed.yaml in one, for editors."""
    _, together = models_json_schema(
        [(model, "validation") for model in (Scenario, Report, Observation)], by_alias=True
    )
    definitions = together["$defs"]
    definitions["EventSpec"]["allOf"] = [
        {
            "if": {"properties": {"kind": {"const": kind}}},
            "then": {
                "required": list(needs),
                "properties": {
                    key: False
                    for key in definitions["EventSpec"]["properties"]
                    if key not in (*COMMON, *needs, *may)
                },
            },
        }
        for kind, (needs, may) in EVENT_KEYS.items()
    ]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Badia scenario files: scenario.yaml, reports.yaml, observed.yaml",
        "if": {"type": "object"},
        "then": {"$ref": "#/$defs/Scenario"},
        "else": {
            "type": "array",
            "items": {
                "if": {"required": ["grade"]},
                "then": {"$ref": "#/$defs/Report"},
                "else": {"$ref": "#/$defs/Observation"},
            },
        },
        "$defs": definitions,
    }
