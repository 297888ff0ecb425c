"""The map in one packet of bytes, as the component in the browser reads it.

    gzip( u32 length of the header | header, JSON | arrays )

All numbers are little-endian.  The header says where each array lies, counted from the first byte
after the header; that byte and each array begin at a multiple of four.

    header      version, mesh (cells, width, height, metres_per_unit), dates, factions (nobody
                last), maps, difference, places, markers, words (each cell in words), lines, arrays
    vertices    uint16 x, y pairs; rings uint32 (R+1), ring_cell uint32 (R): see `ground.Ground`
    line:<n>    uint16 x, y pairs
    frames:<k>  uint8 (T*C): map k; each day XORed with the day before, so that gzip finds little
    shares:<k>  float32 (T*(F+1))

Equal input gives equal bytes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from dashboard.map.ground import KEPT, Ground, ground
from dashboard.map.gzipped import Part, gzipped
from dashboard.map.layers import Layer
from dashboard.map.markers import Marker
from dashboard.map.places import ranked
from dashboard.texts import say
from sim import Setting

Array = NDArray[Any]

VERSION = 1
NOBODY_COLOUR = "#E9E8E4"
MOST_MAPS = 2
FOCUS = 0.5  # of the map, in either direction: events farther apart need all of it
ALIGNED = 4  # bytes
STILL = ("vertices", "rings", "ring_cell")


@dataclass(frozen=True)
class Packed:
    """What the browser keeps of a map, and a short name for exactly these bytes."""

    static: bytes
    digest: str


def pack(
    setting: Setting,
    layers: Sequence[Layer],
    *,
    markers: Sequence[Marker] = (),
    difference: bool = False,
) -> Packed:
    """Pack one map, or two of the same days to see side by side.

    difference  with two maps: offer their difference as a third
    Raises BadiaError if the setting has no outlines, ValueError unless the layers fit the setting
    and each other.
    """
    entries = _entries(setting, layers)
    if difference and len(layers) != MOST_MAPS:
        raise ValueError("a difference needs two layers")
    still = _still(setting.theatre["digest"], setting.digest, setting)
    shown: dict[str, Array] = {}
    for k, layer in enumerate(layers):
        shown[f"frames:{k}"] = np.concatenate(
            [layer.frames[:1], layer.frames[1:] ^ layer.frames[:-1]]
        )
        shown[f"shares:{k}"] = layer.shares
    body, where = _laid_out(shown, len(still.body.plain))
    rest = _json(
        {
            "dates": [setting.evening(entry).isoformat() for entry in range(entries)],
            "maps": [
                {"title": m.title, "kind": m.kind, "faction": m.faction, "run": m.run}
                for m in layers
            ],
            "difference": difference,
            "markers": _markers(markers, ground(setting), entries),
            "arrays": still.where | where,
        }
    )[1:]
    rest += b" " * (-(len(still.header.plain) + len(rest)) % ALIGNED)
    length = len(still.header.plain) + len(rest)
    static = gzipped(
        [
            Part.of(length.to_bytes(4, "little")),
            still.header,
            Part.of(rest),
            still.body,
            Part.of(body),
        ]
    )
    return Packed(static, hashlib.sha256(static).hexdigest()[:16])


@dataclass(frozen=True)
class _Still:
    """What packets of one scenario share.

    header  the header's JSON from its first brace to the comma before what changes
    where   the arrays in `body`, as the header has them
    """

    header: Part
    body: Part
    where: dict[str, dict[str, Any]]


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _still(theatre: str, scenario: str, _setting: Setting) -> _Still:
    """Kept by the digests of both, so that another layer costs only its own bytes."""
    still = ground(_setting)
    arrays = {name: getattr(still, name) for name in STILL}
    arrays |= {f"line:{n}": line.points for n, line in enumerate(still.lines)}
    arrays["area_km2"] = _setting.area_km2.astype(np.float32)
    body, where = _laid_out(arrays)
    header = {
        "version": VERSION,
        "mesh": {
            "cells": _setting.cells,
            "width": still.width,
            "height": still.height,
            "metres_per_unit": still.metres_per_unit,
            "focus": _focus(_setting, still),
        },
        "factions": _factions(_setting),
        "places": _places(_setting, still),
        "words": _setting.place,
        "lines": [
            {"name": line.name, "kind": line.kind, "array": f"line:{n}"}
            for n, line in enumerate(still.lines)
        ],
    }
    return _Still(Part.of(_json(header)[:-1] + b","), Part.of(body), where)


def _entries(setting: Setting, layers: Sequence[Layer]) -> int:
    """The number of entries of the daily axis; ValueError unless layers fit."""
    if not 1 <= len(layers) <= MOST_MAPS:
        raise ValueError(f"one or two layers, not {len(layers)}")
    entries = len(layers[0].frames)
    for layer in layers:
        if layer.frames.shape != (entries, setting.cells):
            raise ValueError(f"frames are {layer.frames.shape}, not {(entries, setting.cells)}")
        if layer.shares.shape != (entries, setting.factions + 1):
            raise ValueError(f"shares are {layer.shares.shape}")
    return entries


def _json(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _laid_out(arrays: dict[str, Array], offset: int = 0) -> tuple[bytes, dict[str, dict[str, Any]]]:
    """The bytes of arrays one after the other, and where each begins, counted from `offset`."""
    body = []
    where: dict[str, dict[str, Any]] = {}
    for name, array in arrays.items():
        data = array.astype(array.dtype.newbyteorder("<")).tobytes()
        where[name] = {"dtype": array.dtype.name, "length": array.size, "offset": offset}
        body.append(data + bytes(-len(data) % ALIGNED))
        offset += len(body[-1])
    return b"".join(body), where


def _focus(setting: Setting, still: Ground) -> list[int] | None:
    """The box, in units, around all that the scenario's events name; None where that is a lot."""
    cells = sorted({cell for event in setting.events for cell in event.cells})
    if not cells:
        return None
    lon, lat = setting.lon[cells], setting.lat[cells]
    corners = still.projection.units(
        np.array([lon.min(), lon.max()]), np.array([lat.max(), lat.min()])
    )
    (left, top), (right, bottom) = corners.tolist()
    if right - left > FOCUS * still.width or bottom - top > FOCUS * still.height:
        return None
    return [left, top, right, bottom]


def _factions(setting: Setting) -> list[dict[str, str]]:
    names = (*setting.faction_names, say("layers.nobody"))
    colours = (*setting.colours, NOBODY_COLOUR)
    return [
        {"id": id, "name": name, "colour": colour}
        for id, name, colour in zip(setting.holders, names, colours, strict=True)
    ]


def _places(setting: Setting, still: Ground) -> list[dict[str, Any]]:
    chosen = ranked(setting)
    notes = [setting.places[i] for i, _ in chosen]
    lon, lat = (np.array([getattr(note, axis) for note in notes]) for axis in ("lon", "lat"))
    spots = still.projection.units(lon, lat).tolist()
    return [
        {"name": note.name, "x": x, "y": y, "rank": rank, "cell": note.cell}
        for note, (x, y), (_, rank) in zip(notes, spots, chosen, strict=True)
    ]


def _markers(markers: Sequence[Marker], still: Ground, entries: int) -> list[dict[str, Any]]:
    """Markers of the days that are shown, in units."""
    shown = [m for m in markers if m.first < entries and m.last >= 0]
    spots = still.projection.units(
        np.array([m.lon for m in shown]), np.array([m.lat for m in shown])
    ).tolist()
    return [
        {
            "id": m.id,
            "kind": m.kind,
            "x": x,
            "y": y,
            "from": max(m.first, 0),
            "to": min(m.last, entries - 1),
            "faction": m.faction,
            "text": m.text,
            "reports": [asdict(report) for report in m.reports],
        }
        for m, (x, y) in zip(shown, spots, strict=True)
    ]
