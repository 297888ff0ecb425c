"""The map component: its modules joined, and the call that puts it on a page.

The browser gets one script as text, for Streamlit serves no files beside it.  So the modules in
`frontend/`, which editors and `tsc` read as they are, are joined here in the order of `MODULES`:
what they import from each other is then in the same script.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from dashboard.map.blob import Packed
from dashboard.texts import part

FRONTEND = Path(__file__).parent / "frontend"
MODULES = (
    "decode", "view", "raster", "colours", "labels", "dom", "words", "overlay", "markers",
    "strip", "legend", "player", "keyboard", "pick", "panel", "component",
)  # fmt: skip
ENTRY = "component"  # the module whose default export Streamlit calls
_IMPORT = re.compile(r'^import [^;]*? from "\./(\w+)\.js";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?!default )", re.MULTILINE)


@dataclass(frozen=True)
class MapState:
    """What the viewer last settled on: an entry of the daily axis, and a picked cell."""

    entry: int | None
    cell: int | None


def badia_map(
    packed: Packed,
    *,
    key: str,
    height: int = 480,
    entry: int | None = 0,
    cell: int | None = None,
    token: str = "",
    compact: bool = False,
) -> MapState:
    """Put the map on the page, and say what the viewer looks at.

    height   of the map area, CSS pixels; lower where the page is narrow
    entry    of the daily axis and `cell` picked, where the map begins; it goes there again
             whenever `token` changes, and otherwise keeps what the viewer did.  Without an entry
             a new token leaves the day as it is
    compact  a still map, without the strip and the play bar
    """
    start = {"token": token, "entry": entry, "cell": cell}
    data = message(packed, start=start, height=height, compact=compact)
    found = _component()(
        key=key,
        data=data,
        default={"entry": entry, "cell": cell},
        on_entry_change=_nothing,
        on_cell_change=_nothing,
    )
    return MapState(entry=found.entry, cell=found.cell)


def message(packed: Packed, *, start: dict[str, Any], height: int, compact: bool) -> bytes:
    """The bytes that the browser gets: length of the view, the view as JSON, the packed run."""
    view = {
        "static": packed.digest,
        "language": "en",
        "direction": "ltr",
        "texts": part("map"),
        "height": height,
        "start": start,
        "compact": compact,
    }
    text = json.dumps(view, ensure_ascii=False, separators=(",", ":")).encode()
    return len(text).to_bytes(4, "little") + text + packed.static


@cache
def script() -> str:
    """The modules as one.

    Raises ValueError where a module imports one that does not come before it.
    """
    joined: list[str] = []
    done: set[str] = set()
    for name in MODULES:
        text = (FRONTEND / f"{name}.js").read_text(encoding="utf-8")
        late = sorted(set(_IMPORT.findall(text)) - done)
        if late:
            raise ValueError(f"{name}.js imports {', '.join(late)}, which is joined after it")
        joined.append(_EXPORT.sub("", _IMPORT.sub("", text)))
        done.add(name)
    return "\n".join(joined)


@cache
def style() -> str:
    """The style sheet."""
    return (FRONTEND / "map.css").read_text(encoding="utf-8")


def _component() -> Any:
    """Registered with each call, for a server that restarts a page forgets what was registered."""
    return st.components.v2.component("badia_map", css=style(), js=script())


def _nothing() -> None:
    """Streamlit gives state only to names that have a callback."""
