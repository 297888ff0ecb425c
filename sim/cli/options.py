"""Options that several commands share, and the reading of their values."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from sim.errors import BadiaError

ScenarioArg = Annotated[
    str,
    typer.Argument(
        metavar="SCENARIO",
        help="A name that `badia scenarios` lists, or the path of a folder.",
        show_default=False,
    ),
]
ResultArg = Annotated[
    Path,
    typer.Argument(
        metavar="RESULT", help="A folder that `badia run` has written.", show_default=False
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout.")]


def read_date(text: str | None, option: str) -> date | None:
    """An ISO date, or none if none is given; BadiaError says what is wrong with it."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadiaError(f"{option} {text}: expected a date such as 2018-09-10.") from None


def read_settings(texts: Sequence[str]) -> dict[str, str]:
    """Parameters given as KEY=VALUE or KEY=LOW..HIGH, by name; the loader judges the values."""
    settings: dict[str, str] = {}
    for text in texts:
        key, equals, value = (part.strip() for part in text.partition("="))
        if not (key and equals and value):
            raise BadiaError(f"--set {text}: expected KEY=VALUE or KEY=LOW..HIGH.")
        if key in settings:
            raise BadiaError(f"--set {text}: '{key}' is set twice.")
        settings[key] = value
    return settings
