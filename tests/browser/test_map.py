"""The map component on a page of its own: what hands, keys and readers of the screen find."""

from __future__ import annotations

import base64
import io
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import numpy as np
import pytest
from browser_kit import DESKTOP, PHONE, watch
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from sim import Result

START_S = 60.0
ROOT = Path(__file__).parents[2]
APP = """
import streamlit as st
from dashboard.map.blob import pack
from dashboard.map.component import badia_map
from dashboard.map.layers import likely, one_run, probability
from dashboard.map.markers import event_markers
from sim import Result

st.set_page_config(layout="wide")
result = st.cache_resource(Result.load)({path!r})
make = {{
    "likely": lambda: [likely(result)],
    "run": lambda: [one_run(result, 1)],
    "two": lambda: [likely(result, "Left"), one_run(result, 0, "Right")],
    "chances": lambda: [probability(result, id) for id in ("Guard", "League")],
}}
asked = st.query_params
maps = st.radio("maps", list(make), index=list(make).index(asked.get("maps", "likely")))
packed = pack(
    result.setting,
    make[maps](),
    markers=event_markers(result.setting),
    difference=maps in ("two", "chances"),
)
token = st.radio("token", ["first", "second"])
hidden = st.checkbox("away")
if not hidden:
    state = badia_map(
        packed,
        key="map",
        entry=10 if token == "first" else 40,
        cell=None if token == "first" else 5,
        token=token,
        compact="compact" in asked,
    )
    st.text(f"entry {{state.entry}} cell {{state.cell}}")
st.session_state.count = st.session_state.get("count", 0) + 1
st.text(f"runs {{st.session_state.count}}")
"""

Open = Callable[..., Page]


@pytest.fixture(scope="module")
def address(two_valleys_result: Result, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a page with nothing but the map is served."""
    app = tmp_path_factory.mktemp("app") / "app.py"
    app.write_text(APP.format(path=str(two_valleys_result.path)), encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    options = {"port": port, "address": "127.0.0.1", "headless": "true", "fileWatcherType": "none"}
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", str(app), "--browser.gatherUsageStats=false"]
        + [f"--server.{name}={value}" for name, value in options.items()],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={"PYTHONPATH": str(ROOT), "HOME": str(app.parent), "PATH": "/usr/bin:/bin"},
    )
    try:
        until = time.monotonic() + START_S
        while not answers(url):
            assert time.monotonic() < until, "the page was not served"
            time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait(timeout=20)


def answers(url: str) -> bool:
    try:
        with urlopen(f"{url}/_stcore/health", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


@pytest.fixture
def opened(chromium: Browser, address: str) -> Iterator[Open]:
    """opened(maps, **options of the window) gives a page with its map drawn, and watches it."""
    wrong: list[str] = []
    pages: list[Page] = []

    def open_page(maps: str = "likely", more: str = "", **options: Any) -> Page:
        page = chromium.new_page(**{"viewport": DESKTOP, **options})
        pages.append(page)
        watch(page, address, wrong)
        page.goto(f"{address}/?maps={maps}{more}")
        page.locator(".badia[data-ready]").wait_for()
        expect(page.get_by_text(re.compile("^runs"))).to_be_visible()
        return page

    yield open_page
    for page in pages:
        page.close()
    assert wrong == []


def probe(page: Page, what: str) -> Any:
    """Something of the map's own account of itself."""
    return page.locator(".badia").evaluate(f"(element) => element.badiaMap.{what}")


def stage(page: Page, n: int = 0) -> Locator:
    return page.get_by_role("application").nth(n)


def says(page: Page, text: str) -> None:
    """Python has heard that."""
    expect(page.get_by_text(re.compile(rf"^entry .*{text}"))).to_be_visible()


def pixels(page: Page, n: int = 0) -> np.ndarray[Any, Any]:
    """The ground of a map, (height, width, 4)."""
    canvas = page.locator("canvas.ground").nth(n)
    address = canvas.evaluate("(canvas) => canvas.toDataURL('image/png')")
    image = Image.open(io.BytesIO(base64.b64decode(address.split(",")[1])))
    return np.asarray(image.convert("RGBA"))


def spot(page: Page, cell: int) -> dict[str, float]:
    """A place on the map that shows a cell, well inside it."""
    x, y = probe(page, f"spot({cell})")
    return {"x": x, "y": y + 4}


# --- time ---


def test_play_lets_days_pass_and_python_hears_of_the_one_it_stops_at(opened: Open) -> None:
    page = opened()
    page.get_by_role("button", name="Play").click()
    page.wait_for_timeout(1000)
    entry = probe(page, "entry")
    assert entry > 10
    assert page.get_by_text("entry 10 cell None").is_visible()  # not told while it plays
    page.get_by_role("button", name="Pause").click()
    entry = probe(page, "entry")
    says(page, f"{entry} cell None")


def test_a_run_plays_to_its_end_and_stops_there(opened: Open) -> None:
    page = opened()
    before = pixels(page)
    page.get_by_label("Speed in days a second").select_option("60")
    page.get_by_role("button", name="Play").click()
    says(page, "60 cell None")
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    assert bool((pixels(page) != before).any())
    page.get_by_label("Speed in days a second").select_option("4")
    page.get_by_role("button", name="Play").click()  # from the start again
    assert probe(page, "entry") < 60
    assert probe(page, "playing")


def test_a_drag_along_the_strip_scrubs_and_tells_python_when_let_go(opened: Open) -> None:
    page = opened()
    page.get_by_role("slider").scroll_into_view_if_needed()
    box = page.get_by_role("slider").bounding_box()
    assert box
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.3, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.5, middle, steps=4)
    assert probe(page, "entry") == 30
    page.wait_for_timeout(400)
    assert page.get_by_text("entry 10 cell None").is_visible()  # the hand is still on it
    page.mouse.up()
    says(page, "30 cell None")


def test_steps_and_keys_move_by_a_day_a_week_or_to_an_end(opened: Open) -> None:
    page = opened()
    page.get_by_role("button", name="One day on").click()
    assert probe(page, "entry") == 11
    page.get_by_role("button", name="One day back").click()
    assert probe(page, "entry") == 10
    stage(page).focus()
    for key, entry in (
        ("ArrowRight", 11),
        ("Shift+ArrowRight", 18),
        ("ArrowLeft", 17),
        ("Shift+ArrowLeft", 10),
        ("End", 60),
        ("ArrowRight", 60),
        ("Home", 0),
        ("Shift+ArrowLeft", 0),
    ):
        page.keyboard.press(key)
        assert probe(page, "entry") == entry, key
    page.keyboard.press("Space")
    assert probe(page, "playing")
    page.keyboard.press("Space")
    assert not probe(page, "playing")


def test_a_rerun_neither_stops_the_play_nor_reads_the_run_again(opened: Open) -> None:
    page = opened()
    read = probe(page, "timings.decode")
    page.get_by_label("Speed in days a second").select_option("4")
    page.get_by_role("button", name="Play").click()
    page.locator(".badia").evaluate("(e) => { e.marked = true; }")
    stage(page).click(position=spot(page, 20))  # a pick reruns the page
    says(page, "cell 20")
    assert probe(page, "playing")
    entry = probe(page, "entry")
    page.wait_for_timeout(800)
    assert probe(page, "entry") > entry
    assert probe(page, "timings.decode") == read
    assert page.locator(".badia").evaluate("(e) => e.marked")


def test_another_map_of_the_run_keeps_day_view_and_pick(opened: Open) -> None:
    page = opened()
    stage(page).click(position=spot(page, 20))
    says(page, "cell 20")
    stage(page).press("+")
    stage(page).press("End")
    says(page, "60 cell 20")
    view = probe(page, "view")
    page.locator("label").filter(has_text=re.compile("^run$")).click()
    expect(page.locator(".badia .title")).to_contain_text("un 1")
    assert (probe(page, "entry"), probe(page, "picked")) == (60, 20)
    assert probe(page, "view") == view


def test_a_new_token_takes_the_map_to_its_start_and_an_old_one_does_not(opened: Open) -> None:
    page = opened()
    stage(page).press("End")
    says(page, "60 cell None")
    page.locator("label").filter(has_text=re.compile("^second$")).click()
    says(page, "40 cell 5")
    assert (probe(page, "entry"), probe(page, "picked")) == (40, 5)


def test_a_map_that_went_away_comes_back(opened: Open) -> None:
    page = opened()
    page.get_by_role("button", name="Play").click()
    page.locator("label").filter(has_text="away").click()
    expect(page.locator(".badia")).to_have_count(0)
    page.locator("label").filter(has_text="away").click()
    page.locator(".badia[data-ready]").wait_for()
    assert len(np.unique(pixels(page).reshape(-1, 4), axis=0)) > 3


# --- view ---


def test_zoom_by_button_key_double_click_and_wheel_and_back_to_the_whole(opened: Open) -> None:
    page = opened()
    page.get_by_role("button", name="Zoom in").click()
    once = probe(page, "view.zoom")
    assert once > 1
    stage(page).press("+")
    assert probe(page, "view.zoom") > once
    stage(page).press("-")
    assert probe(page, "view.zoom") == pytest.approx(once)
    page.get_by_role("button", name="Show the whole map").click()
    assert probe(page, "view.zoom") == 1
    stage(page).dblclick(position=spot(page, 20))
    assert probe(page, "view.zoom") == pytest.approx(2)
    stage(page).press("0")
    assert probe(page, "view.zoom") == 1
    page.keyboard.down("Control")
    page.mouse.wheel(0, -300)
    page.keyboard.up("Control")
    page.wait_for_timeout(100)
    assert probe(page, "view.zoom") > 1


def test_the_wheel_scrolls_the_page_until_the_map_has_the_focus(opened: Open) -> None:
    page = opened()
    stage(page).hover()
    page.mouse.wheel(0, -200)
    expect(page.get_by_text("hold Ctrl")).to_be_visible()
    assert probe(page, "view.zoom") == 1
    stage(page).focus()
    page.mouse.wheel(0, -200)
    page.wait_for_timeout(100)
    assert probe(page, "view.zoom") > 1


def test_what_is_under_the_pointer_stays_there_when_zooming(opened: Open) -> None:
    page = opened()
    stage(page).focus()
    at = spot(page, 20)
    stage(page).hover(position=at)
    for _ in range(3):
        page.mouse.wheel(0, -250)
    page.wait_for_timeout(200)
    stage(page).click(position=at)
    says(page, "cell 20")


def test_a_drag_pans_and_is_no_pick(opened: Open) -> None:
    page = opened()
    for _ in range(4):
        stage(page).press("+")
    before = probe(page, "view")
    box = stage(page).bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 60, y - 30, steps=3)
    page.mouse.up()
    after = probe(page, "view")
    assert (after["middleX"] - before["middleX"]) * after["scale"] == pytest.approx(60, abs=1)
    assert (after["middleY"] - before["middleY"]) * after["scale"] == pytest.approx(30, abs=1)
    assert probe(page, "picked") is None


def test_two_fingers_zoom(opened: Open) -> None:
    page = opened(has_touch=True)
    box = stage(page).bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    touch = page.context.new_cdp_session(page)

    def fingers(kind: str, apart: float | None = None) -> None:
        spots = [] if apart is None else [(1, x - apart / 2), (2, x + apart / 2)]
        points = [{"x": at, "y": y, "id": id} for id, at in spots]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    fingers("touchStart", 80)
    for apart in (100, 120, 160):
        fingers("touchMove", apart)
    fingers("touchEnd")
    page.wait_for_timeout(300)
    assert probe(page, "view.zoom") == pytest.approx(2, rel=0.05)
    assert probe(page, "picked") is None


def test_a_place_is_named_once(opened: Open) -> None:
    page = opened()
    [names] = probe(page, "names")
    assert "Milltown" in names
    assert len(names) == len(set(names))


# --- places and events ---


def test_a_click_picks_the_cell_that_is_there_and_a_second_lets_it_go(opened: Open) -> None:
    page = opened()
    for cell in (0, 13, 39):
        stage(page).click(position=spot(page, cell))
        says(page, f"cell {cell}")
    stage(page).click(position=spot(page, 39))
    says(page, "cell None")
    stage(page).click(position=spot(page, 7))
    says(page, "cell 7")
    stage(page).press("Escape")
    says(page, "cell None")


def test_pointing_at_a_cell_says_where_it_is_who_holds_it_and_how_surely(
    opened: Open, two_valleys_result: Result
) -> None:
    page = opened()
    cell, setting = 20, two_valleys_result.setting
    stage(page).hover(position=spot(page, cell))
    tip = page.locator(".badia .tip")
    expect(tip).to_contain_text(setting.place[cell])
    chance = two_valleys_result.dataset["probability"].to_numpy()[10, cell]
    holder = int(chance.argmax())
    expect(tip).to_contain_text(setting.faction_names[holder])
    told = int(re.findall(r"(\d+)%", tip.inner_text())[0])
    assert told / 100 == pytest.approx(chance[holder], abs=1 / 30 + 0.005)


@pytest.mark.parametrize("way", ["hover", "focus"])
def test_an_event_shows_its_reports_to_a_pointer_and_to_the_keyboard(
    opened: Open, two_valleys_result: Result, way: str
) -> None:
    page = opened()
    setting = two_valleys_result.setting
    event = next(e for e in setting.events if e.cells and e.start + 1 <= 10 <= e.end + 1)
    marker = page.get_by_role("button", name=event.text)
    getattr(marker, way)()
    card = page.get_by_role("tooltip")
    expect(card).to_be_visible()
    report = setting.reports[event.reports[0]]
    for text in (event.text, report["source"], report["claim"], f"grade {report['grade']}"):
        expect(card).to_contain_text(text)
    stage(page).hover(position={"x": 3, "y": 300})
    if way == "focus":
        marker.press("Escape")
    expect(card).to_be_hidden()


def test_events_stand_on_the_map_on_their_days_only(
    opened: Open, two_valleys_result: Result
) -> None:
    page = opened()
    for key in ("Home", "End"):
        stage(page).press(key)
        page.wait_for_timeout(100)
        entry = probe(page, "entry")
        wanted = sorted(
            e.text
            for e in two_valleys_result.setting.events
            if e.cells and e.start + 1 <= entry <= e.end + 1
        )
        names = page.locator(".badia .marker").evaluate_all(
            "(all) => all.map((one) => one.getAttribute('aria-label'))"
        )
        assert sorted(name.split(": ", 1)[1] for name in names) == wanted


# --- two maps ---


def test_two_maps_stand_side_by_side_and_share_day_and_view(opened: Open) -> None:
    page = opened("two")
    one, two = stage(page, 0).bounding_box(), stage(page, 1).bounding_box()
    assert one
    assert two
    assert one["y"] == two["y"]
    assert one["x"] + one["width"] < two["x"]
    whole = pixels(page, 0)[..., 3]
    assert bool((whole == pixels(page, 1)[..., 3]).all())
    stage(page, 1).focus()
    stage(page, 1).hover(position=spot(page, 20))
    page.mouse.wheel(0, -300)
    page.wait_for_timeout(200)
    near = pixels(page, 0)[..., 3]
    assert bool((near != whole).any())
    assert bool((near == pixels(page, 1)[..., 3]).all())
    days = page.get_by_role("slider").evaluate_all("(all) => all.map((one) => one.value)")
    stage(page, 0).press("End")
    page.wait_for_timeout(100)
    assert set(days) == {"10"}
    days = page.locator(".strip input").evaluate_all("(all) => all.map((one) => one.value)")
    assert days == ["60", "60"]


def test_the_difference_is_grey_where_both_maps_agree(
    opened: Open, two_valleys_result: Result
) -> None:
    page = opened("two")
    stage(page).press("End")
    page.get_by_role("radio", name="Difference").check()
    expect(page.get_by_role("application")).to_have_count(1)
    chance = two_valleys_result.dataset["probability"].to_numpy()[60]
    nobody = two_valleys_result.setting.factions
    run = two_valleys_result.holder(0)[60]
    differs = chance.argmax(axis=1) != np.where(run < 0, nobody, run)
    assert probe(page, "differing") == differs.sum()
    assert differs.any()
    ground = pixels(page)
    for cell, other in enumerate(differs):
        at = spot(page, cell)
        red, green, blue, _ = ground[int(at["y"]), int(at["x"])].astype(int)
        grey = max(red, green, blue) - min(red, green, blue) < 6
        assert grey != other, cell


def test_the_difference_of_two_chances_has_its_own_key(opened: Open) -> None:
    page = opened("chances")
    page.get_by_role("radio", name="Difference").check()
    expect(page.get_by_text("more likely in A")).to_be_visible()
    expect(page.get_by_text("more likely in B")).to_be_visible()


def test_one_of_two_maps_can_be_seen_alone(opened: Open) -> None:
    page = opened("two")
    for name, title in (("A", "Left"), ("B", "Right")):
        page.get_by_role("radio", name=name, exact=True).check()
        expect(page.get_by_role("application")).to_have_count(1)
        expect(page.get_by_role("application", name=f"Map: {title}")).to_be_visible()


# --- readers, sizes ---


def test_a_reader_of_the_screen_finds_names_and_the_shares_of_the_day(
    opened: Open, two_valleys_result: Result
) -> None:
    page = opened()
    expect(page.get_by_role("application", name=re.compile("^Map: "))).to_be_visible()
    for name in ("Play", "One day on", "One day back", "Zoom in", "Zoom out"):
        expect(page.get_by_role("button", name=name)).to_be_visible()
    slider = page.get_by_role("slider", name="Day")
    assert slider.get_attribute("aria-valuetext") == "10 April 2000"
    stage(page).press("End")
    says(page, "60 cell None")
    live = page.locator(".badia [aria-live]")
    date = two_valleys_result.setting.evening(60)
    words = f"{date.day} {date:%B %Y}"
    assert live.inner_text() == words
    table = page.locator(".badia table")
    assert words in table.inner_text()
    shares = two_valleys_result.dataset["share"].to_numpy()[:, 60].mean(axis=0)
    for faction, name in enumerate(two_valleys_result.setting.faction_names):
        if shares[faction] < 0.01:
            continue
        row = table.locator("tr").filter(has_text=name).inner_text()
        assert int(re.findall(r"(\d+)%", row)[0]) == round(100 * float(shares[faction]))


def test_the_page_says_its_day_to_readers_only_when_it_stands_still(opened: Open) -> None:
    page = opened()
    page.get_by_role("button", name="Play").click()
    before = page.locator(".badia [aria-live]").inner_text()
    page.wait_for_timeout(700)
    assert page.locator(".badia [aria-live]").inner_text() == before
    page.get_by_role("button", name="Pause").click()
    assert page.locator(".badia [aria-live]").inner_text() != before


def test_a_phone_has_maps_one_above_the_other_and_nothing_to_scroll_sideways(opened: Open) -> None:
    page = opened("two", viewport=PHONE)
    one, two = stage(page, 0).bounding_box(), stage(page, 1).bounding_box()
    assert one
    assert two
    assert one["x"] == two["x"]
    assert one["y"] + one["height"] < two["y"]
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_a_fine_screen_gets_at_most_two_pixels_a_pixel(opened: Open) -> None:
    page = opened(device_scale_factor=3)
    height, width, _ = pixels(page).shape
    view = probe(page, "view")
    assert (width, height) == (round(2 * view["across"]), round(2 * view["down"]))
    stage(page).click(position=spot(page, 20))
    says(page, "cell 20")


def test_a_map_that_was_hidden_is_drawn_when_it_is_seen(opened: Open) -> None:
    page = opened()
    frame = page.locator(".badia")
    frame.evaluate("(e) => { e.style.display = 'none'; }")
    page.wait_for_timeout(100)
    frame.evaluate("(e) => { e.badiaMap.go(50); e.style.display = ''; }")
    page.wait_for_timeout(200)
    assert probe(page, "entry") == 50
    assert len(np.unique(pixels(page).reshape(-1, 4), axis=0)) > 3


def test_who_asks_for_less_motion_gets_the_slowest_play(opened: Open) -> None:
    page = opened(reduced_motion="reduce")
    expect(page.get_by_label("Speed in days a second")).to_have_value("4")


def test_a_still_map_has_no_time_to_pass(opened: Open) -> None:
    page = opened(more="&compact=1")
    expect(page.get_by_role("button", name="Play")).to_have_count(0)
    expect(page.get_by_role("slider")).to_have_count(0)
    stage(page).press("ArrowRight")
    assert probe(page, "entry") == 10
    stage(page).click(position=spot(page, 20))
    says(page, "cell 20")
