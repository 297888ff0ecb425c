"""Every message that a scenario file can cause, and the collector that fills them in.

`docs/scenario.md` lists this catalogue; a test provokes each message and holds the list current.
A message has two halves: what was found, and what is expected.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from sim.errors import Problem, ScenarioError

if TYPE_CHECKING:
    from sim.scenario.yaml_lines import Document

Path_ = tuple[str | int, ...]  # steps from the top of a document to a value in it
MOST = 100  # problems of one load that are told in full; the rest is counted


class Message(NamedTuple):
    """What was found and what is expected, with `{blanks}`."""

    found: str
    expected: str


ERRORS: dict[str, Message] = {
    # finding and reading files
    "scenario-unknown": Message("no scenario named {name}.", "There are {known}."),
    "file-missing": Message("there is no file {name} here.", "A scenario folder needs one."),
    "file-unreadable": Message("this file cannot be read: {reason}.", "Make it readable."),
    "file-too-large": Message(
        "this file has {size} MB.", "A scenario's file has at most {most} MB."
    ),
    "file-encoding": Message("this file is not UTF-8 text: {found}.", "Save it as UTF-8."),
    "file-character": Message("the control character {point} stands here.", "Remove it."),
    "file-empty": Message("this file is empty.", "`badia new` shows what belongs into it."),
    "yaml-syntax": Message("{reason}.", "Expected YAML: look at indents, quotes and brackets."),
    "yaml-documents": Message("a second document begins here.", "One file holds one document."),
    "yaml-tag": Message("the tag {tag} stands here.", "Scenario files use no tags."),
    "yaml-key": Message("the key {key} is not text.", "Put it in quotes."),
    "yaml-duplicate": Message(
        "the key {key} stands here again.", "It stands on line {first} already; a key stands once."
    ),
    "yaml-anchor": Message("no anchor named '{name}' stands above.", "Define &{name} first."),
    "yaml-depth": Message("values nest too deeply here.", "Expected at most {most} levels."),
    "yaml-values": Message(
        "too many values, aliases unfolded.", "Expected at most {most} in one file."
    ),
    # form
    "format": Message("this is format {value}.", "This version reads format 1."),
    "key-unknown": Message("unknown key {key}.", "Here may stand {known}."),
    "key-missing": Message("the key {key} is missing.", "It says: {meaning}"),
    "type": Message("{value} is {kind}.", "Expected {wanted}."),
    "bounds": Message("{value} is out of range.", "Expected {wanted}."),
    "choice": Message("{value} is no choice here.", "Expected one of {known}."),
    "length": Message("{length} here.", "Expected {wanted}."),
    "name": Message(
        "{value} cannot be a name.",
        "Expected at most 48 letters, digits, blanks and . ' _ -, a letter or digit first.",
    ),
    "colour": Message("{value} is no colour.", "Expected '#RRGGBB' in quotes, such as '#1f77b4'."),
    "date": Message("{value} is no date.", "Expected YYYY-MM-DD, a day that exists."),
    "range": Message("{value} is no number or range.", "Expected a number, or [low, high]."),
    "range-order": Message("low {low} is above high {high}.", "Expected [low, high]."),
    "grade": Message(
        "{value} is no Admiralty grade.",
        "Expected a letter A to F (the source) and a digit 1 to 6 (the claim), such as 'B2'.",
    ),
    "area-nothing": Message(
        "this area names nothing.",
        "Expected all, districts, governorates, places, polygon, geojson or areas.",
    ),
    "one-of": Message("found {found}.", "Expected exactly one of {known}."),
    "other": Message("{reason}.", "See docs/scenario.md."),
    # names that point elsewhere
    "faction-unknown": Message("no faction named {name}.", "This scenario defines {known}."),
    "area-unknown": Message("no area named {name}.", "This scenario defines {known}."),
    "report-unknown": Message("no report {name}.", "reports.yaml defines {known}."),
    "event-unknown": Message("no event {name}.", "This scenario defines {known}."),
    "doctrine-unknown": Message("no doctrine named {name}.", "There are {known}."),
    "parameter-unknown": Message("no parameter named {name}.", "There are {known}."),
    "place-unknown": Message("no place named {name}.", "{theatre} has {count} places."),
    "place-ambiguous": Message("{name} could be {count} places.", "Qualify it. {ways}."),
    "place-outside": Message("{name} lies outside the theatre.", "Expected a place on the map."),
    "district-unknown": Message("no district {name}.", "Districts of {theatre} are {known}."),
    "governorate-unknown": Message(
        "no governorate {name}.", "Governorates of {theatre} are {known}."
    ),
    "area-cycle": Message("the area contains itself: {chain}.", "Areas may not run in a circle."),
    "duplicate": Message("{name} is taken already.", "Each {what} stands once in a scenario."),
    # time
    "end-before-start": Message("the end {end} is before the start {start}.", "Exchange them."),
    "too-long": Message("{days} days from start to end.", "Expected at most {most}."),
    "date-outside": Message("{value} is outside the scenario.", "It runs from {start} to {end}."),
    "date-before": Message("{value} is before the scenario.", "It begins on {start}."),
    "from-after-to": Message("from {start} is after to {end}.", "Exchange them."),
    "known-early": Message("known {published} is before {date}.", "Expected {date} or later."),
    "days-outside": Message("{value} days asked for.", "Expected 1 to {most}."),
    # theatre and shapes
    "theatre-key": Message("{key} does not go with theatre '{theatre}'.", "Remove it."),
    "theatre-map": Message("the theatre cannot be built: {reason}.", "See docs/scenario.md."),
    "theatre-resolution": Message(
        "theatre '{theatre}' has no resolutions.", "Leave the resolution out."
    ),
    "finer-area": Message(
        "a finer mesh needs a drawn area.", "Expected an area with polygon or geojson only."
    ),
    "polygon": Message("this polygon is not valid: {reason}.", "Expected a simple ring."),
    "point-outside": Message(
        "the point [{lon}, {lat}] is outside the theatre.",
        "Expected [longitude, latitude] in {box}.",
    ),
    "geojson-path": Message("{value} leaves the scenario's folder.", "Name a file inside it."),
    "geojson": Message("{name} is no usable GeoJSON: {reason}.", "Expected polygons in WGS 84."),
    "area-depth": Message("areas nest too deeply here.", "Expected at most {most} in each other."),
    "area-work": Message(
        "from here on the areas ask too much of the map.",
        "Expected at most {most} million cells looked at; a coarser resolution, fewer places, "
        "shapes and events, and areas with names help.",
    ),
    "area-empty": Message("the area has no cells.", "Every area covers at least one cell centre."),
    # meaning
    "colour-taken": Message("the colour {value} is {name}'s already.", "Give each its own."),
    "stance-self": Message("{name} is paired with itself.", "Expected two factions."),
    "stance-twice": Message("{a} and {b} are paired already.", "A pair stands once."),
    "event-needs": Message("{kind} needs {key}.", "It says: {meaning}"),
    "event-has": Message("{kind} has no {key}.", "Besides the common keys it knows {known}."),
    "event-self": Message("{name} acts on itself.", "Expected another faction in other."),
    "parameter-bounds": Message(
        "{value} is out of the bounds of {name}.", "Expected {low} to {high} {unit}."
    ),
    "override": Message("{value} is no setting.", "Expected KEY=NUMBER or KEY=LOW..HIGH."),
    "force-homeless": Message(
        "{faction} and its allies hold no cell of this area.",
        "Expected ground to stand on, or covert: true.",
    ),
    "support-sum": Message(
        "shares of support in {district} add up to {sum}.", "Expected at most 1."
    ),
    "condition": Message("found {found} at character {at}.", "Expected {wanted}."),
    "more": Message("there are {count} more problems than are listed here.", "Begin with these."),
}

WARNINGS: dict[str, Message] = {
    "reports-missing": Message("there is no reports.yaml.", "Say where the facts come from."),
    "report-unused": Message("no line cites report {name}.", "Cite it or remove it."),
    "report-weak": Message(
        "{count} reports have grade F or 6, {names}.", "Their reliability cannot be judged."
    ),
    "area-unused": Message("no line uses area {name}.", "Use it or remove it."),
    "faction-idle": Message("{name} has neither ground nor forces.", "Give it some or remove it."),
    "faction-unsupplied": Message(
        "{name} has open forces but no sources.", "It lives on its leak."
    ),
    "source-lost": Message(
        "{name} and its allies do not hold {place}.", "A source works where they hold the ground."
    ),
    "event-hindsight": Message(
        "in force from {start} but known from {published}.",
        "A run as of an earlier day leaves it out.",
    ),
    "event-early": Message(
        "known {published} is before its first report, {first}.", "Give it a report of that day."
    ),
    "no-questions": Message("this scenario asks no questions.", "Add what to watch."),
    "no-front": Message("this area has no front.", "The force is spread evenly instead."),
    "no-roads": Message("this area has no roads.", "The force is spread evenly instead."),
    "no-people": Message("nobody lives in this area.", "The force is spread evenly instead."),
    "axes-far": Message("no cell of the area is near the axes.", "All of it has priority 0.5."),
    "unpainted": Message(
        "{count} cells with {people} inhabitants have no line in control.",
        "Nobody holds them; paint them first with `area: {{all: true}}`.",
    ),
}


def show(value: object) -> str:
    """A value as a message shows it: short, on one line, text in quotes."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return format(value, ".12g") if isinstance(value, float) else str(value)[:24]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return f"a mapping with {len(value)} keys" if value else "an empty mapping"
    if isinstance(value, (tuple, list)):
        return f"a list of {len(value)}" if value else "an empty list"
    text = printable(str(value)[:61])
    return f"'{text[:60]}...'" if len(text) > 60 else f"'{text}'"


def printable(text: str) -> str:
    """A text on one line, with what cannot be seen written as `\\u....`."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)


def kind_of(value: object) -> str:
    """What a value is, in words."""
    names: list[tuple[Any, str]] = [
        (bool, "true or false"), (int, "a whole number"), (float, "a number"), (date, "a date"),
        (str, "text"), (dict, "a mapping"), ((tuple, list), "a list"),
    ]  # fmt: skip
    for kind, name in names:
        if isinstance(value, kind):
            return name
    return "empty"


def listing(names: Iterable[object], most: int = 12) -> str:
    """Names in quotes, the first few of many."""
    quoted = [show(str(name)) for name in names]
    if not quoted:
        return "none"
    more = f" and {len(quoted) - most} more" if len(quoted) > most else ""
    return ", ".join(quoted[:most]) + more


def nearest(text: object, known: Collection[str]) -> str:
    """The known name that is spelt most like `text`, or an empty string."""
    if not isinstance(text, str) or not known:
        return ""
    from rapidfuzz import fuzz, process, utils  # only mistakes need it

    found = process.extractOne(
        text[:80], sorted(known), scorer=fuzz.WRatio, processor=utils.default_process,
        score_cutoff=60,
    )  # fmt: skip
    return str(found[0]) if found else ""


def path_text(path: Path_) -> str:
    """A path as a message shows it: `control[2].faction`, `areas['my area'].polygon`."""
    out = ""
    for step in path:
        if isinstance(step, int):
            out += f"[{step}]"
        elif step.replace("-", "_").isidentifier():
            out += f".{step}" if out else step
        else:
            out += f"[{show(step)}]"
    return out


@dataclass
class Collector:
    """Gathers the problems of one file, or of several that share `into`."""

    file: str
    document: Document | None = None
    errors: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    dropped: list[int] = field(default_factory=lambda: [0])

    def beside(self, name: str) -> Collector:
        """A collector for another file of the same folder that adds to the same lists."""
        file = "/".join([*self.file.split("/")[:-1], name])
        return Collector(file, None, self.errors, self.warnings, self.dropped)

    def add(
        self,
        code: str,
        path: Path_ = (),
        *,
        line: int | None = None,
        wrong: object = None,
        known: Collection[str] = (),
        suggestion: str = "",
        **values: object,
    ) -> None:
        """Add the message `code` at `path`.

        wrong, known: what was written and what may stand there, for the nearest right spelling,
        unless `suggestion` gives it.  values: what fills the blanks of the message.
        """
        warning = code in WARNINGS
        into = self.warnings if warning else self.errors
        if len(into) >= MOST:
            if not warning:
                self.dropped[0] += 1
            return
        message = (WARNINGS if warning else ERRORS)[code]
        if known:
            values.setdefault("known", listing(known))
        if line is None:
            line = self.document.line(path) if self.document else 0
        found = printable(message.found.format(**values))
        expected = printable(message.expected.format(**values))
        suggestion = suggestion or (nearest(wrong, known) if wrong is not None else "")
        into.append(
            Problem(self.file, line, path_text(path), found, expected, printable(suggestion))
        )

    def error(self) -> ScenarioError:
        """Everything that is wrong, as the error to raise."""
        problems = list(self.errors)
        if self.dropped[0]:
            more = ERRORS["more"]
            found = more.found.format(count=self.dropped[0])
            problems.append(Problem(self.file.rpartition("/")[0], 0, "", found, more.expected))
        return ScenarioError(problems)

    def stop_if_any(self) -> None:
        """Raise `ScenarioError` with everything that is wrong, if anything is."""
        if self.errors:
            raise self.error()


def message_table(messages: dict[str, Message]) -> str:
    """The catalogue as the Markdown table of `docs/scenario.md`."""
    rows: Sequence[str] = [f"| {m.found} | {m.expected} |" for m in messages.values()]
    return (
        "\n".join(["| Found | Expected |", "| --- | --- |", *rows])
        .replace("{{", "{")
        .replace("}}", "}")
    )
