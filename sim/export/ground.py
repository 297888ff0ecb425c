"""Who holds what, as pixels: the cells are scanned once, each day is then one table look-up.

Certainty is drawn by hatching and never by fading: faded colours cannot be told apart.  A striped
cell shows its most likely holder and, in the stripes, the next likely one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

SURE, LIKELY = 0.9, 0.6  # at least SURE is solid, at least LIKELY a quarter striped, else half
FINE = 2  # pixels are scanned this much finer than they are shown, each way
STRIPES = 95  # stripes across the width of a map


@dataclass(frozen=True)
class Frame:
    """A window on the earth and its size in pixels.  Degrees become pixels evenly: the width of a
    degree of longitude is taken at the middle latitude, good to 3 % over Syria."""

    west: float
    south: float
    east: float
    north: float
    width: int  # pixels

    @property
    def squeeze(self) -> float:
        """Length of a degree of longitude over that of a degree of latitude."""
        return math.cos(math.radians((self.south + self.north) / 2))

    @property
    def height(self) -> int:
        """Pixels."""
        across = (self.east - self.west) * self.squeeze
        return round(self.width * (self.north - self.south) / across)

    def pixels(self, coords: Array, scale: float = 1.0) -> Array:
        """Longitudes and latitudes (n, 2) as pixels from the top left corner (n, 2)."""
        x = (coords[:, 0] - self.west) / (self.east - self.west) * self.width
        y = (self.north - coords[:, 1]) / (self.north - self.south) * self.height
        return np.column_stack([x, y]) * scale


def rgb(colour: str) -> tuple[int, int, int]:
    """`#RRGGBB` as three numbers from 0 to 255."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def rings(shape: Any) -> list[Array]:
    """The outer rings of a shapely polygon or collection, as arrays (n, 2) of degrees."""
    parts = getattr(shape, "geoms", [shape])
    return [np.asarray(p.exterior.coords)[:, :2] for p in parts if p.geom_type == "Polygon"]


class Ground:
    """The scanned cells of a theatre in one frame."""

    def __init__(self, outlines: Sequence[Any], frame: Frame) -> None:
        from PIL import Image, ImageDraw

        self.frame = frame
        size = (frame.width * FINE, frame.height * FINE)
        image = Image.new("I", size, -1)
        draw = ImageDraw.Draw(image)
        for cell, shape in enumerate(outlines):
            for ring in rings(shape):
                draw.polygon([tuple(p) for p in frame.pixels(ring, FINE).tolist()], fill=cell)
        self.cell = np.asarray(image, dtype=np.int32)
        self.inside = self.cell >= 0
        y, x = np.indices(self.cell.shape)
        period = FINE * max(4, round(frame.width / STRIPES))
        phase = (x + y) % period
        self.stripes = np.stack(
            [np.zeros_like(self.inside), phase < period // 4, phase < period // 2]
        )

    def paint(self, first: Array, second: Array, sure: Array, colours: Sequence[str]) -> Array:
        """The day's map as (height, width, 4) uint8; transparent outside the theatre.

        first, second  (C,) index into colours: the most likely holder and the next
        sure           (C,) probability of the first
        """
        palette = np.array([rgb(c) for c in colours], np.float32)
        doubt = np.where(sure >= SURE, 0, np.where(sure >= LIKELY, 1, 2))
        cell = np.maximum(self.cell, 0)
        striped = np.take_along_axis(self.stripes, doubt[cell][None], axis=0)[0]
        who = np.where(striped, second[cell], first[cell])
        picture = palette[who]
        picture[self._fronts(first[cell])] = 255.0
        alpha = self.inside.astype(np.float32) * 255.0
        fine = np.concatenate([picture * self.inside[..., None], alpha[..., None]], axis=2)
        h, w = self.frame.height, self.frame.width
        mean = fine.reshape(h, FINE, w, FINE, 4).mean(axis=(1, 3))
        share = np.maximum(mean[..., 3:] / 255.0, 1e-6)
        mean[..., :3] /= share  # colour of the covered part only, so that edges do not darken
        shades: Array = np.clip(np.rint(mean), 0, 255).astype(np.uint8)
        return shades

    def _fronts(self, holder: Array) -> Array:
        """Pixels on the line between two most likely holders."""
        line = np.zeros_like(self.inside)
        for axis in (0, 1):
            a = [slice(None), slice(None)]
            b = [slice(None), slice(None)]
            a[axis], b[axis] = slice(None, -1), slice(1, None)
            one, two = tuple(a), tuple(b)
            differ = (holder[one] != holder[two]) & self.inside[one] & self.inside[two]
            line[one] |= differ
            line[two] |= differ
        return line
