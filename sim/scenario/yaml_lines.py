"""YAML with line numbers, read so that no file can do harm or waste time.

The document is built from the parser's events, not by PyYAML's constructors: nothing in a file can
name a type, run code, nest without end or unfold aliases without end.  Scalars follow the plain
rules of YAML 1.2: `true` and `false` are the only booleans, so that `NO` stays a name, and `1:30`
stays text.  Sequences become tuples, mappings become dicts with text keys, dates become dates.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from sim.scenario.messages import Collector, Path_, show

MAX_BYTES = 2_000_000
MAX_DEPTH = 24
MAX_VALUES = 50_000  # values in one document, aliases unfolded

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INT = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")
_FLOAT = re.compile(
    r"[-+]?((0|[1-9][0-9]{0,17})(\.[0-9]{1,40})?|\.[0-9]{1,40})([eE][-+]?[0-9]{1,3})?"
)
_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_WORDS: dict[str, Any] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip


class Lines(NamedTuple):
    """Where a value stands: its line, from 1, and the same for what is inside it."""

    line: int
    inside: dict[Any, Lines]


@dataclass(frozen=True)
class Document:
    """One file's content and the line of everything in it."""

    file: str
    value: Any
    lines: Lines

    def line(self, path: Path_) -> int:
        """The line of a path, or of the nearest thing around it that exists."""
        here = self.lines
        for step in path:
            if step not in here.inside:
                break
            here = here.inside[step]
        return here.line


class _Stop(Exception):
    """The rest of the file cannot be read; the reason is already reported."""


def read_text(path: Path, problems: Collector) -> str | None:
    """The text of a file, or None when it cannot be used; problems say why."""
    try:
        if not path.is_file():
            problems.add("file-missing", name=path.name)
            return None
        with path.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
        if len(raw) > MAX_BYTES:
            megabytes = path.stat().st_size / 1e6
            problems.add("file-too-large", size=f"{megabytes:.1f}", most=MAX_BYTES // 10**6)
            return None
    except OSError as error:
        problems.add("file-unreadable", reason=error.strerror or type(error).__name__)
        return None
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff") or (raw[1:2] == b"\0" or raw[:1] == b"\0"):
        problems.add("file-encoding", found="it looks like UTF-16 or binary data")
        return None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        found = f"the byte 0x{raw[error.start]:02x} stands here"
        problems.add("file-encoding", line=line, found=found)
        return None
    bad = _CONTROL.search(text)
    if bad:
        line = text.count("\n", 0, bad.start()) + 1
        problems.add("file-character", line=line, point=f"U+{ord(bad.group()):04X}")
        return None
    if not text.strip():
        problems.add("file-empty")
        return None
    return text


def read_yaml(path: Path, problems: Collector) -> Document | None:
    """Read one YAML file; None when nothing of it can be used, and `problems` says why."""
    text = read_text(path, problems)
    if text is None:
        return None
    try:
        value, lines, _ = _Builder(text, problems).document()
    except _Stop:
        return None
    return Document(problems.file, value, lines)


class _Builder:
    """Builds values from parser events; one object per file."""

    def __init__(self, text: str, problems: Collector) -> None:
        self.events = yaml.parse(text, Loader=_LOADER)
        self.problems = problems
        self.anchors: dict[str, tuple[Any, Lines, int]] = {}
        self.count = 0

    def next(self) -> Any:
        try:
            return next(self.events)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line = mark.line + 1 if mark else 0
            reason = error.problem or error.context or "it cannot be read"
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            line, reason = 0, str(error).partition("\n")[0]
        self.stop("yaml-syntax", line, reason=reason)

    def stop(self, code: str, line: int, **values: Any) -> Any:
        self.problems.add(code, line=line, **values)
        raise _Stop

    def document(self) -> tuple[Any, Lines, int]:
        self.next()  # the start of the stream
        event = self.next()
        if isinstance(event, yaml.StreamEndEvent):
            self.stop("file-empty", 0)
        built = self.node(self.next(), 0)
        self.next()  # the end of the document
        event = self.next()
        if not isinstance(event, yaml.StreamEndEvent):
            self.stop("yaml-documents", event.start_mark.line + 1)
        return built

    def node(self, event: Any, depth: int) -> tuple[Any, Lines, int]:
        """The value that begins with `event`, its lines, and how many values it is."""
        line = event.start_mark.line + 1
        if depth > MAX_DEPTH:
            self.stop("yaml-depth", line, most=MAX_DEPTH)
        if isinstance(event, yaml.AliasEvent):
            anchor = event.anchor or ""
            if anchor not in self.anchors:
                self.stop("yaml-anchor", line, name=anchor)
            built = self.anchors[anchor]
            self.add(built[2], line)
            return built
        self.add(1, line)
        if event.tag is not None:
            self.problems.add("yaml-tag", line=line, tag=show(event.tag))
        if isinstance(event, yaml.ScalarEvent):
            built = (self.scalar(event), Lines(line, {}), 1)
        elif isinstance(event, yaml.SequenceStartEvent):
            built = self.sequence(line, depth)
        else:
            built = self.mapping(line, depth)
        if event.anchor is not None:
            self.anchors[event.anchor] = built
        return built

    def add(self, values: int, line: int) -> None:
        self.count += values
        if self.count > MAX_VALUES:
            self.stop("yaml-values", line, most=MAX_VALUES)

    def sequence(self, line: int, depth: int) -> tuple[Any, Lines, int]:
        values: list[Any] = []
        inside: dict[Any, Lines] = {}
        size = 1
        while not isinstance(event := self.next(), yaml.SequenceEndEvent):
            value, lines, n = self.node(event, depth + 1)
            inside[len(values)] = lines
            values.append(value)
            size += n
        return tuple(values), Lines(line, inside), size

    def mapping(self, line: int, depth: int) -> tuple[Any, Lines, int]:
        values: dict[str, Any] = {}
        inside: dict[Any, Lines] = {}
        size = 1
        while not isinstance(event := self.next(), yaml.MappingEndEvent):
            at = event.start_mark.line + 1
            key, _, _ = self.node(event, depth + 1)
            value, lines, n = self.node(self.next(), depth + 1)
            size += n
            if not isinstance(key, str):
                self.problems.add("yaml-key", line=at, key=show(key))
            elif key in values:
                first = inside[key].line
                self.problems.add("yaml-duplicate", line=at, key=show(key), first=first)
            else:
                values[key] = value
                inside[key] = Lines(at, lines.inside)
        return values, Lines(line, inside), size

    def scalar(self, event: Any) -> Any:
        text: str = event.value
        if not event.implicit[0]:  # quoted or a block: text, whatever it looks like
            return text
        if text in _WORDS:
            return _WORDS[text]
        if _INT.fullmatch(text):
            return int(text)
        if text[-1:].isdigit() and _FLOAT.fullmatch(text):
            return float(text)
        if found := _DATE.fullmatch(text):
            try:
                return date(*map(int, found.groups()))
            except ValueError:
                return text
        return text
