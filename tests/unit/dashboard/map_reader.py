"""A plain, slow reader of the map's packet, as the browser reads it: to hold the packer to."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass
class Map:
    """A packet, opened.

    cells   for each cell its rings, each a list of (x, y) units
    frames  for each map (T, C) uint8, plain
    shares  for each map (T, F+1)
    lines   (kind, name, list of (x, y))
    """

    header: dict[str, Any]
    cells: list[list[list[tuple[int, int]]]]
    frames: list[np.ndarray]
    shares: list[np.ndarray]
    lines: list[tuple[str, str, list[tuple[int, int]]]]


def read(static: bytes) -> Map:
    """Open a packet."""
    block = gzip.decompress(static)
    length = int.from_bytes(block[:4], "little")
    header = json.loads(block[4 : 4 + length])
    first = 4 + length
    assert first % 4 == 0

    def array(name: str) -> list[Any]:
        note = header["arrays"][name]
        kind = np.dtype(note["dtype"]).newbyteorder("<")
        assert note["offset"] % 4 == 0
        return list(np.frombuffer(block, kind, note["length"], first + note["offset"]).tolist())

    def points(name: str) -> list[tuple[int, int]]:
        flat = array(name)
        return list(zip(flat[::2], flat[1::2], strict=True))

    vertices, rings = points("vertices"), array("rings")
    assert rings[0] == 0
    assert rings[-1] == len(vertices)
    cells: list[list[list[tuple[int, int]]]] = [[] for _ in range(header["mesh"]["cells"])]
    for ring, cell in enumerate(array("ring_cell")):
        cells[cell].append(vertices[rings[ring] : rings[ring + 1]])
    entries, count = len(header["dates"]), header["mesh"]["cells"]
    frames, shares = [], []
    for k in range(len(header["maps"])):
        coded = np.array(array(f"frames:{k}"), np.uint8).reshape(entries, count)
        plain = [coded[0]]
        for changed in coded[1:]:
            plain.append(plain[-1] ^ changed)
        frames.append(np.array(plain))
        shares.append(np.array(array(f"shares:{k}")).reshape(entries, len(header["factions"])))
    return Map(
        header,
        cells,
        frames,
        shares,
        [(line["kind"], line["name"], points(line["array"])) for line in header["lines"]],
    )
