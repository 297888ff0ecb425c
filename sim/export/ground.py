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
        scanned = _without_holes(np.asarray(image, dtype=np.int32))
        self.inside = scanned >= 0
        self.cell = np.maximum(scanned, 0)
        y, x = np.indices(scanned.shape, dtype=np.int32)
        self.period = FINE * max(4, round(frame.width / STRIPES))
        self.phase = ((x + y) % self.period).astype(np.uint8)
        self.cover = _pooled(self.inside.astype(np.uint8))  # fine pixels inside, of FINE x FINE

    def paint(self, first: Array, second: Array, sure: Array, colours: Sequence[str]) -> Array:
        """The day's map as (height, width, 4) uint8; transparent outside the theatre.

        first, second  (C,) index into colours: the most likely holder and the next
        sure           (C,) probability of the first
        """
        outside, front = len(colours), len(colours) + 1
        palette = np.array([*(rgb(c) for c in colours), (0, 0, 0), (255, 255, 255)], np.uint8)
        width = np.where(sure >= SURE, 0, np.where(sure >= LIKELY, 1, 2)) * self.period // 4
        holder = first.astype(np.uint8)[self.cell]
        striped = self.phase < width.astype(np.uint8)[self.cell]
        shown = np.where(striped, second.astype(np.uint8)[self.cell], holder)
        shown[self._fronts(holder)] = front
        shown[~self.inside] = outside
        cover = np.maximum(self.cover, 1)
        picture = np.empty((self.frame.height, self.frame.width, 4), np.uint8)
        for channel in range(3):  # mean over the covered part only, so that edges do not darken
            picture[..., channel] = _pooled(palette[shown, channel]) // cover
        picture[..., 3] = self.cover.astype(np.uint16) * 255 // FINE**2
        return picture

    def _fronts(self, holder: Array) -> Array:
        """Pixels on the line between two most likely holders."""
        line = np.zeros_like(self.inside)
        for one, two in (
            (np.s_[:-1], np.s_[1:]),
            (np.s_[:, :-1], np.s_[:, 1:]),
        ):
            differ = (holder[one] != holder[two]) & self.inside[one] & self.inside[two]
            line[one] |= differ
            line[two] |= differ
        return line


def _without_holes(cell: Array) -> Array:
    """Give the slivers that cells of two resolutions leave between them to the nearest cell."""
    from scipy import ndimage

    inside = cell >= 0
    hole = ndimage.binary_fill_holes(inside) & ~inside
    if not hole.any():
        return cell
    nearest = ndimage.distance_transform_edt(~inside, return_distances=False, return_indices=True)
    filled = cell.copy()
    filled[hole] = cell[tuple(axis[hole] for axis in nearest)]
    return filled


def _pooled(fine: Array) -> Array:
    """Sums over squares of FINE x FINE pixels; uint16."""
    total = np.zeros((fine.shape[0] // FINE, fine.shape[1] // FINE), np.uint16)
    for row in range(FINE):
        for column in range(FINE):
            total += fine[row::FINE, column::FINE]
    return total
