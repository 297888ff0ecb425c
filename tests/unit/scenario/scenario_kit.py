"""Scenario folders for tests: the template, changed by replacing pieces of its text."""

from __future__ import annotations

import re
from pathlib import Path

from sim.errors import Problem
from sim.scenario.messages import ERRORS, WARNINGS, Message
from sim.scenario.new import new_scenario


def scenario_folder(folder: Path, *changes: tuple[str, str, str]) -> Path:
    """A copy of the template with (file, old text, new text) replaced; old text must occur."""
    new_scenario(folder)
    for name, old, new in changes:
        change(folder / name, old, new)
    return folder


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text, f"{file.name} has no {old!r}"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def says(problem: Problem, message: Message) -> bool:
    """Whether a problem is an instance of a message of the catalogue."""
    halves = ((problem.found, message.found), (problem.expected, message.expected))
    return all(re.fullmatch(pattern(form), text) for text, form in halves)


def code_of(problem: Problem) -> str:
    """The message that a problem is an instance of: the one with the most words in common."""
    known = {**ERRORS, **WARNINGS}
    fitting = [code for code, message in known.items() if says(problem, message)]
    return max(fitting, key=lambda code: len(re.sub(r"\{\w+\}", "", "".join(known[code]))))


def pattern(form: str) -> str:
    """A regular expression for a message with its blanks filled in."""
    parts = re.split(r"\{\w+\}", form.replace("{{", "\0").replace("}}", "\1"))
    return "(?s:.+)".join(re.escape(part.replace("\0", "{").replace("\1", "}")) for part in parts)
