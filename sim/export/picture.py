"""The picture: the start beside a later day, who most likely holds what, and how sure that is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.export.borders import borders
from sim.export.ground import LIKELY, SURE, Ground, rgb
from sim.export.sheet import INK, PAPER, draw_sheet, new_figure, view
from sim.export.story import NOT_A_FORECAST, Story

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from PIL.Image import Image

Array = NDArray[Any]

WIDTH, MAP_WIDTH, EDGE, HEAD = 2400, 1120, 60, 190  # pixels
ROW, COLUMNS = 58, 4  # height of a line of the legend; faction entries beside each other
GREY = "#5A6068"
KEY_COLOURS = ("#6B7280", "#DDE1E6")


def picture(story: Story, entry: int) -> Image:
    """The start and an entry of the daily axis side by side, with a legend of shares."""
    from PIL import Image as Pillow

    frame = view(story.setting, MAP_WIDTH)
    ground = Ground(story.setting.outlines, frame)
    lines = borders(story.setting)
    factions = shown(story, entry)
    rows = -(-len(factions) // COLUMNS)
    height = HEAD + frame.height + 70 + rows * ROW + 150
    figure = new_figure(WIDTH, height)
    sheet = Pillow.new("RGBA", (WIDTH, height), (*rgb(PAPER), 255))
    lefts = (EDGE, WIDTH - EDGE - MAP_WIDTH)
    for left, day in zip(lefts, (0, entry), strict=True):
        image = ground.paint(*story.ranking(day), story.colours)
        sheet.alpha_composite(Pillow.fromarray(image, "RGBA"), (left, HEAD))
        axes = figure.add_axes(
            (left / WIDTH, 1 - (HEAD + frame.height) / height, MAP_WIDTH / WIDTH,
             frame.height / height)
        )  # fmt: skip
        draw_sheet(axes, story.setting, lines, frame)
        days = "1 day" if day == 1 else f"{day} days"
        label = "At the start" if day == 0 else f"After {days}, most likely holder"
        put(figure, left + 8, HEAD - 22, f"{story.date(day):%-d %B %Y}", 11, weight="bold")
        put(figure, left + MAP_WIDTH - 8, HEAD - 22, label, 7.5, colour=GREY, ha="right")
    put(figure, EDGE, 82, story.setting.title, 20, weight="bold", family="STIXGeneral")
    top = HEAD + frame.height + 70
    _legend(figure, story, factions, entry, top)
    _key(figure, story, top + rows * ROW + 24)
    put(figure, EDGE, height - 34, NOT_A_FORECAST, 7, weight="bold")
    put(figure, WIDTH - EDGE, height - 34, story.provenance, 6, colour=GREY, ha="right")
    figure.canvas.draw()
    lettering = np.asarray(figure.canvas.buffer_rgba())  # type: ignore[attr-defined]
    sheet.alpha_composite(Pillow.fromarray(lettering, "RGBA"))
    return sheet.convert("RGB")


def write_png(story: Story, path: Path, entry: int) -> None:
    """Write the picture, as a PNG that says in its metadata what it is."""
    from PIL.PngImagePlugin import PngInfo

    note = PngInfo()
    note.add_text("Title", story.setting.title)
    note.add_text("Comment", f"{NOT_A_FORECAST} {story.provenance}")
    picture(story, entry).save(path, format="PNG", pnginfo=note)


def shown(story: Story, entry: int) -> list[int]:
    """The factions with ground at the start or at `entry` in some run, largest first."""
    held = story.share[:, [0, entry]].max(axis=(0, 1))
    kept = [f for f in range(story.share.shape[2]) if held[f] >= 0.0005]
    first = story.share[:, 0].mean(axis=0)
    return sorted(kept, key=lambda f: (-first[f], f))


def _legend(figure: Figure, story: Story, factions: list[int], entry: int, top: int) -> None:
    """Swatch, name, share at the start, share at `entry` with the middle 80 % of the runs."""
    column = (WIDTH - 2 * EDGE) / COLUMNS
    for i, f in enumerate(factions):
        x = EDGE + column * (i % COLUMNS)
        y = top + ROW * (i // COLUMNS)
        swatch(figure, x, y - 17, 34, 26, story.colours[f])
        low, middle, high = (100 * np.percentile(story.share[:, entry, f], (10, 50, 90))).tolist()
        begin = 100 * float(story.share[:, 0, f].mean())
        put(figure, x + 46, y - 10, _fit(story.names[f], 40), 7, weight="bold")
        spread = (
            f"{begin:.1f} % \N{RIGHTWARDS ARROW} {middle:.1f} % ({low:.1f}\N{EN DASH}{high:.1f})"
        )
        put(figure, x + 46, y + 14, spread, 6.2, colour=GREY)


def _key(figure: Figure, story: Story, top: int) -> None:
    """What solid and striped mean, in two colours that no faction has."""
    put(figure, EDGE, top, "How sure", 7, weight="bold")
    entries = (
        (0.0, f"{SURE:.0%} of the runs or more agree"),
        (0.25, f"{LIKELY:.0%} to {SURE:.0%}: the stripes show the next likely holder"),
        (0.5, f"fewer than {LIKELY:.0%} agree"),
    )
    x = EDGE + 150.0
    for striped, text in entries:
        swatch(figure, x, top - 14, 50, 26, *KEY_COLOURS, striped)
        put(figure, x + 62, top, text.replace("%", " %"), 6.6, colour=GREY)
        x += 62 + 11.6 * len(text) + 50
    shares = f"Share of the area, median and middle 80 % of {story.runs} runs"
    put(figure, WIDTH - EDGE, top, shares, 6.6, colour=GREY, ha="right")


def swatch(
    figure: Figure,
    x: float,
    y: float,
    width: int,
    height: int,
    colour: str,
    second: str = "#FFFFFF",
    striped: float = 0.0,
) -> None:
    """A box of colour, with so large a share of stripes; pale colours need the outline."""
    tile = np.empty((height, width, 3), np.uint8)
    tile[:] = rgb(colour)
    row, column = np.indices((height, width))
    tile[(row + column) % 12 < round(striped * 12)] = rgb(second)
    w, h = figure.bbox.width, figure.bbox.height
    axes = figure.add_axes((x / w, 1 - (y + height) / h, width / w, height / h))
    axes.imshow(tile, aspect="auto", interpolation="nearest")
    axes.set(xticks=[], yticks=[])
    for spine in axes.spines.values():
        spine.set(linewidth=0.4, color=GREY)


def put(
    figure: Figure,
    x: float,
    y: float,
    text: str,
    size: float,
    *,
    weight: str = "normal",
    colour: str = INK,
    ha: str = "left",
    family: str = "DejaVu Sans",
) -> None:
    """Text at pixels from the top left corner, vertically centred."""
    w, h = figure.bbox.width, figure.bbox.height
    figure.text(
        x / w, 1 - y / h, text, fontsize=size, fontweight=weight, color=colour, ha=ha,
        va="center", family=family,
    )  # fmt: skip


def _fit(text: str, most: int) -> str:
    """Text cut at a word, with an ellipsis, if it is longer than `most` letters."""
    if len(text) <= most:
        return text
    return text[: most - 1].rsplit(" ", 1)[0] + "\N{HORIZONTAL ELLIPSIS}"
