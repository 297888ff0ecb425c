"""What tests in a browser share: the sizes of a window, and the watch over a page."""

from __future__ import annotations

from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Page

DESKTOP = {"width": 1366, "height": 768}
PROJECTOR = {"width": 1024, "height": 768}
PHONE = {"width": 390, "height": 800}


def watch(page: Page, url: str, wrong: list[str]) -> None:
    """Add to `wrong` every error of the page and every request to another host."""
    own = urlsplit(url).netloc

    def message(said: ConsoleMessage) -> None:
        if said.type == "error":
            wrong.append(f"console: {said.text} ({said.location.get('url', '')})")

    def request(asked: str) -> None:
        parts = urlsplit(asked)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.netloc != own:
            wrong.append(f"request to {asked}")

    page.on("console", message)
    page.on("pageerror", lambda error: wrong.append(f"script: {error}"))
    page.on("request", lambda asked: request(asked.url))
    page.on("websocket", lambda opened: request(opened.url))
