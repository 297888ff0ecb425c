"""The Situation page in a browser, against the engine asked directly."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from bench.browser import map_plays

ROOT = Path(__file__).parents[2]
ARGUMENTS = ("two-valleys", "--runs", "23", "--seed", "5", "--days", "70")
LINK = "/?scenario=two-valleys&runs=23&seed=5&days=70"
LONG = 120_000  # ms; the first run of a machine compiles the kernels

Visit = Callable[..., Page]


def cards(page: Page) -> dict[str, list[float]]:
    """Each card's numbers: the middle share in percent, its change, the range's two ends."""
    found = {}
    for card in page.locator(".badia-card").all():
        text = card.inner_text()
        name = card.locator(".name").inner_text().strip()
        found[name] = [float(x) for x in re.findall(r"[+-]?\d+\.\d+", text.replace(name, ""))]
    return found


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What `badia run --json` says of the same setting."""
    out = tmp_path_factory.mktemp("run") / "result"
    done = subprocess.run(
        [sys.executable, "-m", "sim.cli", "run", *ARGUMENTS, "--json", "--out", str(out)],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout


@pytest.fixture
def summary(told: str) -> dict:
    """The same as an object of one's own."""
    return json.loads(told)


def test_a_run_is_started_shows_progress_ends_and_gives_the_numbers_of_the_command_line(
    visit: Visit, summary: dict
) -> None:
    page = visit("/")
    page.get_by_role("combobox", name=re.compile("Scenario")).click()
    page.get_by_role("option", name="two-valleys").click()
    expect(page.get_by_text("The settings have changed")).to_be_visible()
    runs = page.get_by_role("spinbutton", name="Runs")
    runs.fill("23")
    runs.press("Tab")
    page.get_by_role("button", name="Settings").click()
    for name, value in (("Seed", "5"), ("Days", "70")):
        box = page.get_by_role("spinbutton", name=name)
        box.fill(value)
        box.press("Tab")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_role("progressbar").or_(page.locator(".badia-card").first)).to_be_visible(
        timeout=LONG
    )
    expect(page.locator(".badia-card").first).to_be_visible(timeout=LONG)
    map_plays(page)
    assert_equal(page, summary)
    assert "seed=5" in page.url
    assert "days=70" in page.url


def test_a_link_opens_the_same_view_in_another_window(visit: Visit, summary: dict) -> None:
    link = f"{LINK}&map=run&run=3&day=2000-05-01&place=Milltown"
    first, second = visit(link), visit(link)
    for page in (first, second):
        map_plays(page, timeout_s=120)
        expect(page.get_by_role("spinbutton", name="Run number")).to_have_value("3")
        expect(page.get_by_text("1 May 2000").first).to_be_visible()
        expect(page.get_by_text("Milltown", exact=True).first).to_be_visible()
    assert first.url == second.url
    assert cards(first) == cards(second)
    assert [text.inner_text() for text in first.locator("li").all()] == [
        text.inner_text() for text in second.locator("li").all()
    ]


def test_the_page_follows_the_map(visit: Visit, summary: dict) -> None:
    page = visit(LINK)
    map_plays(page, timeout_s=120)
    assert_equal(page, summary)
    page.get_by_role("slider", name=re.compile("Day")).first.focus()
    page.keyboard.press("Home")
    expect(page.get_by_text("The start, before the first day")).to_be_visible()
    assert all(numbers[1] == 0 for numbers in cards(page).values()), "no change at the start"
    expect(page).to_have_url(re.compile(r"day=2000-03-31"))


def test_a_place_is_found_by_name_and_tells_its_story(visit: Visit) -> None:
    page = visit(LINK)
    map_plays(page, timeout_s=120)
    page.get_by_role("combobox", name="Find a place").click()
    page.get_by_role("option", name="Milltown").click()
    expect(page.get_by_text("Why?")).to_be_visible()
    expect(page).to_have_url(re.compile("place=Milltown"))


def test_to_look_for_a_place_leaves_the_day_as_it_is(visit: Visit) -> None:
    page = visit(f"{LINK}&day=2000-05-01")
    map_plays(page, timeout_s=120)
    page.get_by_role("slider", name=re.compile("Day")).first.focus()
    page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile("day=2000-05-02"))
    page.get_by_role("combobox", name="Find a place").click()
    page.get_by_role("option", name="Milltown").click()
    expect(page).to_have_url(re.compile("day=2000-05-02&place=Milltown"))
    expect(page.get_by_text("2 May 2000").first).to_be_visible()


def test_the_upload_of_a_broken_scenario_shows_its_line(visit: Visit) -> None:
    page = visit("/")
    page.get_by_role("button", name="Your scenario").click()
    broken = (ROOT / "scenarios" / "two-valleys" / "scenario.yaml").read_text(encoding="utf-8")
    lines = broken.splitlines()
    row = next(n for n, line in enumerate(lines) if line.startswith("start:"))
    lines[row] = "start: 2018-02-31"
    page.locator("input[type=file]").set_input_files(
        {"name": "mine.yaml", "mimeType": "text/yaml", "buffer": "\n".join(lines).encode()}
    )
    expect(page.get_by_text(f"line {row + 1}").first).to_be_visible(timeout=30_000)
    expect(page.get_by_text("2018-02-31").first).to_be_visible()


def test_a_scenario_of_one_s_own_is_chosen_run_and_linked(visit: Visit) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for file in sorted((ROOT / "scenarios" / "two-valleys").iterdir()):
            archive.write(file, f"our-valleys/{file.name}")
    page = visit("/?scenario=two-valleys&runs=23&seed=5&days=70")
    map_plays(page, timeout_s=120)
    page.get_by_role("button", name="Your scenario").click()
    page.locator("input[type=file]").set_input_files(
        {"name": "our-valleys.zip", "mimeType": "application/zip", "buffer": packed.getvalue()}
    )
    expect(page.get_by_text("The settings have changed")).to_be_visible(timeout=30_000)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page).to_have_url(re.compile("scenario=upload-[0-9a-f]{24}"), timeout=30_000)
    map_plays(page, timeout_s=120)
    other = visit(page.url.removeprefix(page.url.split("/?")[0]))
    map_plays(other, timeout_s=120)
    assert cards(other) == cards(page)


def test_a_bad_link_says_what_was_left_out(visit: Visit) -> None:
    page = visit("/?scenario=two-valleys&runs=23&seed=5&days=70&map=liekly")
    expect(page.get_by_text("Did you mean likely?")).to_be_visible(timeout=30_000)


def test_a_long_run_says_how_far_it_is_and_can_be_stopped(visit: Visit) -> None:
    page = visit("/?scenario=syria-2018-08&runs=400&seed=3")
    expect(
        page.get_by_text(re.compile(r"\d+ of 400 runs done, about \d+ (s|min) left"))
    ).to_be_visible(timeout=LONG)
    expect(page.get_by_role("progressbar")).to_be_visible()
    page.get_by_role("button", name="Stop", exact=True).last.click()
    expect(page.get_by_text(re.compile("[Ss]topped")).first).to_be_visible(timeout=60_000)
    expect(page.get_by_role("progressbar")).not_to_be_visible()


def test_runs_go_on_while_the_viewer_reads_another_page(visit: Visit) -> None:
    page = visit("/?scenario=two-valleys&runs=150&seed=9&days=70")
    expect(page.get_by_role("progressbar").or_(page.locator(".badia-card").first)).to_be_visible(
        timeout=LONG
    )
    page.get_by_role("link", name="Evidence").click()
    expect(page.get_by_role("heading", name=re.compile("Evidence"))).to_be_visible()
    page.get_by_role("link", name="Situation").click()
    expect(page.locator(".badia-card").first).to_be_visible(timeout=LONG)


def assert_equal(page: Page, summary: dict) -> None:
    """The cards of the last day against the summary's shares."""
    shown = cards(page)
    assert len(shown) == 2
    assert summary["share"].pop("Brothers")["p50"] == 0, "who never holds ground has no card"
    for id, share in summary["share"].items():
        middle, _, low, high = next(numbers for name, numbers in shown.items() if id in name)
        for seen, key in ((middle, "p50"), (low, "p10"), (high, "p90")):
            assert abs(seen - 100 * share[key]) <= 0.0501, (id, key)  # one decimal is shown
