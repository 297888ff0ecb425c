"""Errors that are written for the person who reads them.

Every error that a user can cause is a `BadiaError`: the command line prints its message and ends
with exit status 2, without a traceback.  Anything else that escapes is a defect of ours.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass


class BadiaError(Exception):
    """Something the user can put right; the message says where, what and how."""


@dataclass(frozen=True)
class Problem:
    """One thing wrong with an input file: where, what was found, what was expected.

    file, line   where; line counts from 1, 0 when the whole file is meant
    path         the place inside the document, such as `control[2].faction`
    found        what stands there
    expected     what may stand there
    suggestion   the nearest right spelling, or an empty string
    """

    file: str
    line: int
    path: str
    found: str
    expected: str
    suggestion: str = ""

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        hint = f" Did you mean '{self.suggestion}'?" if self.suggestion else ""
        inside = f" {self.path}:" if self.path else ""
        return f"{where}:{inside} {self.found} {self.expected}{hint}"

    def as_dict(self) -> dict[str, str | int]:
        """The fields by name, for `badia check --json`."""
        return asdict(self)


class ScenarioError(BadiaError):
    """A scenario that cannot be used, with all of its problems at once, in file and line order."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = sorted(problems, key=lambda p: (p.file, p.line, p.path))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class PlaceError(BadiaError):
    """A place name that the gazetteer does not know, or that is ambiguous."""


class ResultError(BadiaError):
    """A result folder that is missing, unfinished or damaged."""


class ExportError(BadiaError):
    """An export that cannot be made from this result."""


class StoppedError(BadiaError):
    """An ensemble that was stopped before there was anything to keep."""
