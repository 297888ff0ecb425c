"""Every word that the dashboard shows, by language, in one place.

`texts/<language>/*.yaml` hold them: a file for each part of the dashboard, and in it nested names
with texts.  A text may have holes, `{runs} runs`, filled by name.  A translation is a folder with
the same files; what it lacks is shown in English.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent
ENGLISH = "en"


@cache
def texts(language: str = ENGLISH) -> dict[str, str]:
    """All texts of a language by dotted name, such as `situation.run`; English where one lacks."""
    found: dict[str, str] = dict(texts(ENGLISH)) if language != ENGLISH else {}
    for file in sorted((FOLDER / language).glob("*.yaml")):
        found |= _flat(yaml.safe_load(file.read_text(encoding="utf-8")) or {}, file.stem)
    return found


def say(name: str, /, language: str = ENGLISH, **values: object) -> str:
    """The text of that name with its holes filled; KeyError if there is none."""
    return texts(language)[name].format(**values)


def part(prefix: str, language: str = ENGLISH) -> dict[str, str]:
    """All texts below a name, by the rest of their names: what is sent to the browser."""
    start = prefix + "."
    return {
        name.removeprefix(start): text
        for name, text in texts(language).items()
        if name.startswith(start)
    }


def _flat(node: dict[str, Any], prefix: str) -> dict[str, str]:
    flat: dict[str, str] = {}
    for name, value in node.items():
        if isinstance(value, dict):
            flat |= _flat(value, f"{prefix}.{name}")
        else:
            flat[f"{prefix}.{name}"] = str(value)
    return flat
