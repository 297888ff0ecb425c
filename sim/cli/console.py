"""What the command line says and where: results on stdout, everything else on stderr."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

NOT_A_FORECAST = "History and teaching from public reports, not a forecast and not a targeting aid."
PIPE_WIDTH = 110  # columns, where no terminal says how wide it is


def say(message: str) -> None:
    """Print one message for the user on stderr."""
    print(message, file=sys.stderr, flush=True)


def print_json(value: Any) -> None:
    """Print exactly one JSON object on stdout; numbers keep what they mean, NaN becomes null."""
    print(json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False))


def stdout() -> Console:
    """The console for results."""
    from rich.console import Console

    width = None if sys.stdout.isatty() else PIPE_WIDTH
    return Console(file=sys.stdout, highlight=False, width=width)


def stderr() -> Console:
    """The console for progress and remarks."""
    from rich.console import Console

    return Console(file=sys.stderr, highlight=False)
