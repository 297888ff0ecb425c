"""Every page can be used with a keyboard, a screen reader and weak eyes, as far as axe can tell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from browser_kit import DESKTOP, PHONE, PROJECTOR
from playwright.sync_api import Page, expect

from bench.browser import map_drawn, map_plays

SMALL = "scenario=two-valleys&runs=12&seed=1&days=60"
PAGES = {"situation": "/", "what-if": "/what-if", "evidence": "/evidence"}
SIZES = {"1366x768": DESKTOP, "1024x768": PROJECTOR, "phone": PHONE}
GRAVE = ("serious", "critical")

# What Streamlit itself draws and no page can change: rule -> a piece of its HTML.
OF_STREAMLIT: dict[str, str] = {}


def violations(page: Page) -> list[str]:
    """Each grave violation as: impact, rule, where, what is wrong."""
    found = []
    answer: dict[str, Any] = Axe().run(page).response
    for rule in answer["violations"]:
        if rule["impact"] not in GRAVE:
            continue
        for node in rule["nodes"]:
            where = " ".join(map(str, node["target"]))
            if rule["id"] in OF_STREAMLIT and OF_STREAMLIT[rule["id"]] in node["html"]:
                continue
            found.append(f"{rule['impact']} {rule['id']} at {where}: {node['failureSummary']}")
    return found


@pytest.mark.parametrize("size", SIZES.values(), ids=list(SIZES))
@pytest.mark.parametrize("path", PAGES.values(), ids=list(PAGES))
def test_a_page_before_any_run_has_no_grave_fault(
    visit: Callable[..., Page], path: str, size: dict[str, int]
) -> None:
    page = visit(path, **size)
    expect(page.get_by_test_id("stMainBlockContainer")).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert violations(page) == []


@pytest.mark.parametrize("size", SIZES.values(), ids=list(SIZES))
@pytest.mark.parametrize("path", ["/", "/evidence"], ids=["situation", "evidence"])
def test_a_page_with_its_result_has_no_grave_fault(
    visit: Callable[..., Page], path: str, size: dict[str, int]
) -> None:
    page = visit(f"/?{SMALL}", **size)  # runs it, where no test before has
    map_plays(page)
    if path != "/":
        page.goto(page.url.split("/?")[0] + f"{path}?{SMALL}")
        map_drawn(page)
    page.wait_for_load_state("networkidle")
    assert violations(page) == []


@pytest.mark.parametrize("size", SIZES.values(), ids=list(SIZES))
def test_two_maps_side_by_side_have_no_grave_fault(
    visit: Callable[..., Page], size: dict[str, int]
) -> None:
    page = visit(f"/what-if?{SMALL}&try=leak=0.6", **size)
    map_plays(page)
    page.wait_for_load_state("networkidle")
    assert violations(page) == []
