"""A Chromium, a dashboard of its own for each worker, and a page that is watched.

The watched page fails its test if anything was written to the console as an error, if a script
broke, or if anything but the dashboard was asked for anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest

from bench.browser import Server, dashboard, find_chromium, launch

api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

DESKTOP = {"width": 1366, "height": 768}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder needs a browser."""
    for item in items:
        if "browser" in item.path.parts:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> Iterator[api.Browser]:
    """One Chromium for all tests of a worker."""
    if find_chromium() is None:
        pytest.skip("no Chromium found; .ci/browser says how to get one")
    with api.sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A dashboard with an empty cache, shared by the tests of a worker."""
    with dashboard(tmp_path_factory.mktemp("dashboard")) as running:
        yield running


@pytest.fixture
def visit(chromium: api.Browser, server: Server) -> Iterator[Callable[..., api.Page]]:
    """visit(path, **size) opens a page of the dashboard in a window of its own and watches it."""
    contexts: list[api.BrowserContext] = []
    wrong: list[str] = []

    def open_page(path: str = "/", **size: int) -> api.Page:
        context = chromium.new_context(viewport={**DESKTOP, **size})
        contexts.append(context)
        page = context.new_page()
        watch(page, server.url, wrong)
        page.goto(server.url + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert wrong == []


@pytest.fixture
def page(visit: Callable[..., api.Page]) -> api.Page:
    """The dashboard's first page at 1366 x 768, watched."""
    return visit()


def watch(page: api.Page, url: str, wrong: list[str]) -> None:
    """Add to `wrong` every error of the page and every request to another host."""
    own = urlsplit(url).netloc

    def message(said: api.ConsoleMessage) -> None:
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
