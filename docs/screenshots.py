"""Make the pictures of the dashboard: each page at two sizes, and the map on a phone.

python -m docs.screenshots        # writes docs/pictures/dashboard/*.png
"""

from __future__ import annotations

import io
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from bench.browser import dashboard, launch, map_drawn, map_plays

OUT = Path(__file__).parent / "pictures" / "dashboard"
COLOURS = 128  # of a picture, so that it stays small
SETTING = {"scenario": "hajin-pocket", "runs": "100", "seed": "1"}
SIZES = {"1366x768": (1366, 768), "1024x768": (1024, 768), "phone": (390, 844)}


@dataclass(frozen=True)
class Picture:
    """One page: its path, what its address says beside the setting, its sizes, its kind of map."""

    name: str
    path: str
    query: dict[str, str]
    sizes: tuple[str, ...] = ("1366x768", "1024x768")
    plays: bool = True


PICTURES = (
    Picture("situation", "/", {"day": "2018-09-20", "place": "Hajin"}, sizes=tuple(SIZES)),
    Picture("what-if", "/what-if", {"day": "2018-09-20", "try": "leak=0.6"}),
    Picture("evidence", "/evidence", {}, plays=False),
)


def main() -> None:
    """Start a dashboard and take them all."""
    OUT.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        dashboard(Path(folder)) as server,
        sync_playwright() as playwright,
    ):
        browser = launch(playwright)
        for picture in PICTURES:
            address = f"{server.url}{picture.path}?{urlencode({**SETTING, **picture.query})}"
            for size in picture.sizes:
                target = OUT / f"{picture.name}-{size}.png"
                take(browser, address, picture.plays, SIZES[size], target)
                print(f"{target.name}  {target.stat().st_size / 1000:.0f} kB")
        browser.close()


def take(browser: Browser, address: str, plays: bool, size: tuple[int, int], target: Path) -> None:
    """Open a page in a window of that size, wait until it stands still, save its picture."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]})
    page = context.new_page()
    page.goto(address)
    if plays:
        map_plays(page, timeout_s=300)  # the first one runs the ensemble
    map_drawn(page)
    still(page)
    image = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(target, optimize=True)
    context.close()


def still(page: Page) -> None:
    """Wait until two pictures, half a second apart, are the same."""
    before = b""
    for _ in range(40):
        now = page.screenshot()
        if now == before:
            return
        before = now
        page.wait_for_timeout(500)
    raise RuntimeError(f"{page.url} does not stand still")


if __name__ == "__main__":
    main()
