"""Draw the dashboard's icon: seven cells of a map, held by four sides.

python docs/icon.py        # writes dashboard/assets/icon.png
"""

from __future__ import annotations

import math
from pathlib import Path

from PIL import Image, ImageDraw

OUT = Path(__file__).parents[1] / "dashboard" / "assets" / "icon.png"
SIZE = 180  # px; browsers make it smaller
FINE = 8  # drawn so many times larger, then made smaller: smooth edges
GAP = 0.07  # between cells, as a share of a cell's radius
CELLS = (  # colour; the middle one, then around it from the right, clockwise
    "#E8D140",
    "#E8D140", "#257F76", "#DC0E2E", "#DC0E2E", "#DC0E2E", "#46D097",
)  # fmt: skip


def hexagon(x: float, y: float, radius: float) -> list[tuple[float, float]]:
    """The corners of a hexagon that stands on a point."""
    corners = (math.radians(60 * k - 90) for k in range(6))
    return [(x + radius * math.cos(a), y + radius * math.sin(a)) for a in corners]


def draw() -> Image.Image:
    """The icon, on nothing: it lies on light and on dark tabs."""
    side = SIZE * FINE
    image = Image.new("RGBA", (side, side))
    pen = ImageDraw.Draw(image)
    radius = side / (3 * math.sqrt(3))  # three cells side by side fill the width
    step = radius * math.sqrt(3)
    centres = [(0.0, 0.0), *((step * math.cos(a), step * math.sin(a)) for a in _around())]
    for (x, y), colour in zip(centres, CELLS, strict=True):
        pen.polygon(hexagon(side / 2 + x, side / 2 + y, radius * (1 - GAP)), fill=colour)
    return image.resize((SIZE, SIZE), Image.Resampling.LANCZOS)


def _around() -> list[float]:
    return [math.radians(60 * k) for k in range(6)]


if __name__ == "__main__":
    draw().quantize(64).save(OUT, optimize=True)
