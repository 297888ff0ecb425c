"""The film: the map every few days, as an animated GIF of few colours."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.export.borders import borders
from sim.export.ground import SURE, Ground, rgb
from sim.export.picture import GREY, put, shown, swatch
from sim.export.sheet import INK, PAPER, draw_sheet, new_figure, view
from sim.export.story import NOT_A_FORECAST, Story

if TYPE_CHECKING:
    from PIL.Image import Image

STEP, MOST = 5, 60  # days between frames; most frames, so that a long run steps further
WIDTH, EDGE, HEAD, ROW, COLUMNS = 960, 24, 84, 30, 3  # pixels
FRAME_MS, REST_MS = 180, 2500
STRIPED = (
    f"Striped: fewer than {SURE:.0%} of the runs agree; the stripes show the next likely holder. "
    "Shares of the area are medians."
)
COLOURS = 96  # of the palette that all frames share


def entries(days: int) -> list[int]:
    """The days that the film shows: the start, every few days, and the last."""
    step = max(STEP, -(-days // MOST))
    return sorted({*range(0, days, step), days})


def frames(story: Story) -> list[Image]:
    """The film's pictures, in order."""
    from PIL import Image as Pillow
    from PIL import ImageDraw

    frame = view(story.setting, WIDTH - 2 * EDGE)
    ground = Ground(story.setting.outlines, frame)
    factions = shown(story, story.days)
    rows = -(-len(factions) // COLUMNS)
    top = HEAD + frame.height + 24
    height = top + rows * ROW + 56
    figure = new_figure(WIDTH, height, dpi=100)
    axes = figure.add_axes(
        (EDGE / WIDTH, 1 - (HEAD + frame.height) / height, frame.width / WIDTH,
         frame.height / height)
    )  # fmt: skip
    draw_sheet(axes, story.setting, borders(story.setting), frame, size=1.25)
    put(figure, EDGE, 32, story.setting.title, 15, weight="bold", family="STIXGeneral")
    put(figure, EDGE, height - 40, STRIPED, 6.8, colour=GREY)
    put(figure, EDGE, height - 18, NOT_A_FORECAST, 6.8, colour=GREY, weight="bold")
    column = (WIDTH - 2 * EDGE) // COLUMNS
    spots = [(EDGE + column * (i % COLUMNS), top + ROW * (i // COLUMNS)) for i in range(99)]
    for f, (x, y) in zip(factions, spots, strict=False):
        swatch(figure, x, y - 8, 20, 16, story.colours[f])
    figure.canvas.draw()
    lettering = Pillow.fromarray(np.asarray(figure.canvas.buffer_rgba()), "RGBA")  # type: ignore[attr-defined]
    pictures = []
    for entry in entries(story.days):
        sheet = Pillow.new("RGBA", (WIDTH, height), (*rgb(PAPER), 255))
        image = ground.paint(*story.ranking(entry), story.colours)
        sheet.alpha_composite(Pillow.fromarray(image, "RGBA"), (EDGE, HEAD))
        sheet.alpha_composite(lettering)
        draw = ImageDraw.Draw(sheet)
        stamp = f"{story.date(entry):%-d %B %Y}"
        draw.text((WIDTH - EDGE, 32), stamp, INK, _font(20, bold=True), anchor="rm")
        _progress(draw, entry / max(story.days, 1))
        for f, (x, y) in zip(factions, spots, strict=False):
            median = 100 * float(np.median(story.share[:, entry, f]))
            draw.text((x + 28, y), f"{median:.1f} %", INK, _font(12, bold=True), anchor="lm")
            draw.text((x + 84, y), _cut(story.names[f], column - 92), GREY, _font(12), anchor="lm")
        pictures.append(sheet.convert("RGB"))
    return pictures


def write_gif(story: Story, path: Path) -> None:
    """Write the film; it rests on its last picture and begins again."""
    from PIL import Image as Pillow

    pictures = frames(story)
    # One palette for all frames, from the first, the middle and the last: what stays the same
    # then stays the same pixel by pixel, and a GIF stores only what changes.
    width, height = pictures[0].size
    sample = Pillow.new("RGB", (width, height * 3))
    for i, k in enumerate((0, len(pictures) // 2, len(pictures) - 1)):
        sample.paste(pictures[k], (0, height * i))
    palette = sample.quantize(COLOURS, method=Pillow.Quantize.MEDIANCUT)
    flat = [p.quantize(palette=palette, dither=Pillow.Dither.NONE) for p in pictures]
    flat[0].save(
        path, format="GIF", save_all=True, append_images=flat[1:], loop=0, optimize=False,
        duration=[FRAME_MS] * (len(flat) - 1) + [REST_MS],
        comment=f"{NOT_A_FORECAST} {story.provenance}".encode("ascii", "replace"),
    )  # fmt: skip


def _progress(draw: Any, share: float) -> None:
    """How far the film has come, as a line under the head."""
    draw.rectangle((EDGE, 58, WIDTH - EDGE, 60), fill="#E2E0DA")
    draw.rectangle((EDGE, 58, EDGE + (WIDTH - 2 * EDGE) * share, 60), fill=INK)


def _cut(text: str, width: int) -> str:
    """Text cut with an ellipsis to so many pixels."""
    if _font(12).getlength(text) <= width:
        return text
    while _font(12).getlength(text + "\N{HORIZONTAL ELLIPSIS}") > width:
        text = text[:-1].rstrip()
    return text + "\N{HORIZONTAL ELLIPSIS}"


@lru_cache
def _font(size: int, bold: bool = False) -> Any:
    """The font that matplotlib brings along, so that pictures are the same on every machine."""
    import matplotlib
    from PIL import ImageFont

    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    return ImageFont.truetype(f"{matplotlib.get_data_path()}/fonts/ttf/{name}", size)
