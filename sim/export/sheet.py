"""The lettering of a map: borders, rivers, towns and their names, drawn once over every day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.export.ground import Frame

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from sim.export.borders import Borders
    from sim.setting import PlaceNote, Setting

Array = NDArray[Any]

INK, PAPER, WATER = "#1D2126", "#FBFAF7", "#2F6DA3"
SCENE = 0.2  # share of the cells from which a finer part of a mesh is what a map is about
LABELS = 46  # most names on a map of the whole country
NEIGHBOURS = (  # names of the countries around, where they have room: name, lon, lat
    ("TURKEY", 39.3, 37.12),
    ("IRAQ", 41.2, 33.75),
    ("JORDAN", 38.0, 32.55),
    ("LEBANON", 35.85, 34.12),
)
# Where a name may stand beside its town, best first: (dx, dy) in multiples of the gap, and how the
# text is anchored there.
PLACES = (
    (1, 0, "left", "center"),
    (-1, 0, "right", "center"),
    (0, 1, "center", "bottom"),
    (0, -1, "center", "top"),
    (0.8, 0.8, "left", "bottom"),
    (0.8, -0.8, "left", "top"),
    (-0.8, 0.8, "right", "bottom"),
    (-0.8, -0.8, "right", "top"),
)


def view(setting: Setting, width: int) -> Frame:
    """The frame to show: where the mesh is finest, with its surroundings, else the whole map."""
    import shapely

    outlines = np.array(setting.outlines, dtype=object)
    fine = _finest(setting)
    west, south, east, north = shapely.total_bounds(outlines[fine])
    room = (0.02 if fine.all() else 0.3) * max(east - west, north - south)
    return Frame(west - room, south - room, east + room, north + room, width)


def _finest(setting: Setting) -> Array:
    """Which cells have the finest resolution of a mixed mesh; all of them in a uniform one, and
    where they are only a patch of the scene."""
    if "+" not in setting.theatre["label"]:
        return np.ones(setting.cells, np.bool_)
    import h3

    resolution = np.array([h3.get_resolution(name.split("/")[0]) for name in setting.cell_id])
    fine: Array = resolution == resolution.max()
    return fine if fine.mean() >= SCENE else np.ones(setting.cells, np.bool_)


def draw_sheet(
    axes: Axes, setting: Setting, borders: Borders, frame: Frame, *, size: float = 1.0
) -> None:
    """Draw borders, rivers and towns on `axes`, whose data coordinates are the frame's pixels.

    size scales lines and letters.
    """
    from matplotlib.patches import Rectangle

    axes.set(xlim=(0, frame.width), ylim=(frame.height, 0))
    axes.axis("off")
    axes.patch.set_alpha(0)
    if setting.theatre["name"] == "syria":
        _neighbours(axes, frame, size)
    _draw_borders(axes, borders, frame, size)
    _rivers(axes, setting, frame, size)
    _towns(axes, setting, frame, size)
    if not _finest(setting).all():  # a window on a larger map has edges
        axes.add_patch(
            Rectangle(
                (0, 0), frame.width, frame.height, fill=False, edgecolor="#9AA0A6", clip_on=False
            )
        )


def _neighbours(axes: Axes, frame: Frame, size: float) -> None:
    for name, lon, lat in NEIGHBOURS:
        x, y = frame.pixels(np.array([[lon, lat]]))[0]
        if 0 < x < frame.width and 0 < y < frame.height:
            axes.text(
                x, y, "\N{THIN SPACE}".join(name), fontsize=6.4 * size, color="#9AA0A6",
                ha="center", va="center",
            )  # fmt: skip


def _draw_borders(axes: Axes, borders: Borders, frame: Frame, size: float) -> None:
    from matplotlib.collections import LineCollection

    for lines, colour, width in (
        (borders.districts, "#FFFFFF66", 0.4),
        (borders.governorates, "#1D212699", 0.5),
        (borders.country, INK, 1.0),
    ):
        pixels = [frame.pixels(line) for line in lines]
        axes.add_collection(LineCollection(pixels, colors=colour, linewidths=width * size))


def _rivers(axes: Axes, setting: Setting, frame: Frame, size: float) -> None:
    from matplotlib.collections import LineCollection

    lines = [
        frame.pixels(np.asarray(line.coords)[:, :2])
        for line in setting.lines
        if line.kind == "river"
    ]
    for colour, width in (("#FFFFFFB0", 1.9), (WATER, 1.0)):
        axes.add_collection(
            LineCollection(lines, colors=colour, linewidths=width * size, capstyle="round")
        )


def _towns(axes: Axes, setting: Setting, frame: Frame, size: float) -> None:
    """Dots and names, the watched and the most populous first, as many as find room.

    The frame's pixels are the figure's, so gaps in pixels may be added to positions.
    """
    from matplotlib.patheffects import withStroke
    from matplotlib.transforms import Bbox

    figure = axes.figure
    renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
    window = axes.get_window_extent()
    unit = figure.dpi / 72 * size
    taken: list[Bbox] = []
    named = 0
    for place in _by_weight(setting, frame):
        if named == LABELS:
            break
        x, y = frame.pixels(np.array([[place.lon, place.lat]]))[0]
        px, py = axes.transData.transform((x, y))
        dot = Bbox.from_bounds(px - 2.4 * unit, py - 2.4 * unit, 4.8 * unit, 4.8 * unit)
        if any(dot.overlaps(other) for other in taken):
            continue
        big = place.population >= 150_000
        text = axes.text(
            0, 0, place.name, fontsize=(6.6 if big else 5.6) * size, color=INK,
            fontweight="bold" if big else "normal",
            path_effects=[withStroke(linewidth=1.8 * size, foreground="#FFFFFFE6")], zorder=6,
        )  # fmt: skip
        for dx, dy, across, along in PLACES:
            text.set(ha=across, va=along, x=x + dx * 4 * unit, y=y - dy * 4 * unit)
            box = text.get_window_extent(renderer).padded(0.8 * unit)
            free = not any(box.overlaps(other) for other in taken)
            if free and window.x0 <= box.x0 and box.x1 <= window.x1:
                break
        else:
            text.remove()
            continue
        named += 1
        taken += [dot, box]
        axes.plot(
            x, y, "o", markersize=(3.4 if big else 2.5) * size, color="white",
            markeredgecolor=INK, markeredgewidth=0.7 * size, zorder=5,
        )  # fmt: skip


def _by_weight(setting: Setting, frame: Frame) -> list[PlaceNote]:
    """Places in the frame: those that the scenario asks about, then by population, then by name."""
    asked = {question.place for question in setting.questions}
    wanted = {p.name for p in setting.places if asked & {p.name, *p.aliases}}
    inside = [
        p
        for p in setting.places
        if frame.west < p.lon < frame.east and frame.south < p.lat < frame.north
    ]
    settled = [p for p in inside if p.population > 0 or p.name in wanted]
    return sorted(settled, key=lambda p: (p.name not in wanted, -p.population, p.name))


def new_figure(width: int, height: int, dpi: int = 200) -> Figure:
    """An empty transparent figure of so many pixels, drawn without a display."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width / dpi, height / dpi), dpi=dpi, facecolor="none")
    FigureCanvasAgg(figure)
    return figure
