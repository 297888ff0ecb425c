"""A Chromium, a dashboard of its own for each worker, and a page that is watched.

The watched page fails its test if anything was written to the console as an error, if a script
broke, if anything but the dashboard was asked for anything, or if the server had to complain.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from browser_kit import DESKTOP, watch
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from bench.browser import Server, dashboard, find_chromium, launch


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder needs a browser."""
    for item in items:
        if "browser" in item.path.parts:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One Chromium for all tests of a worker."""
    if find_chromium() is None:
        pytest.skip("no Chromium found; .ci/browser says how to get one")
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A dashboard with an empty cache, shared by the tests of a worker."""
    with dashboard(tmp_path_factory.mktemp("dashboard")) as running:
        yield running


@pytest.fixture
def visit(chromium: Browser, server: Server) -> Iterator[Callable[..., Page]]:
    """visit(path, **size) opens a page of the dashboard in a window of its own and watches it."""
    before = len(server.said())
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    def open_page(path: str = "/", **size: int) -> Page:
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
    assert server.said()[before:] == ""  # a healthy server is quiet


@pytest.fixture
def page(visit: Callable[..., Page]) -> Page:
    """The dashboard's first page at 1366 x 768, watched."""
    return visit()
