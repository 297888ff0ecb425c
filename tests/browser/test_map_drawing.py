"""The map's pure functions in the browser, each against the slow and obvious version of itself."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, pairwise
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page

from dashboard.map.component import script

Ring = list[tuple[int, int]]

# Everything the tests name, given out by a module made of the joined ones.
GIVEN = """
export { IndexMap, View, boxes, holderOf, mapPalette, placeLabels, plainFrames, ramp, ringsByCell,
    scaleBar, spread, stack, toLch, VALUES, FRONT };
"""
LOAD = """(text) => import(URL.createObjectURL(new Blob([text], { type: "text/javascript" })))
    .then((module) => { window.map = module; })"""
COLOURS = (
    "#dc0e2e", "#e8d140", "#212422", "#46d097", "#a5a54d", "#257f76", "#b76ed2", "#b5cef3",
)  # fmt: skip


@pytest.fixture(scope="module")
def code(chromium: Browser) -> Iterator[Page]:
    """An empty page that holds the modules as `map`."""
    page = chromium.new_page()
    page.evaluate(LOAD, script() + GIVEN)
    yield page
    page.close()


def star(rng: np.random.Generator, x: float, y: float, size: float, corners: int) -> Ring:
    """A ring that is not convex, around a spot."""
    angles = np.sort(rng.uniform(0, 2 * np.pi, corners))
    ways = rng.uniform(0.25, 1.0, corners) * size
    return [
        (round(float(x + w * np.cos(a))), round(float(y + w * np.sin(a))))
        for w, a in zip(ways, angles, strict=True)
    ]


def patchwork(rng: np.random.Generator) -> list[list[Ring]]:
    """Cells that do not overlap: stars, one of two parts, a square with a hole and an island."""
    cells = [
        [star(rng, 1500 + 2500 * i, 1500 + 2500 * j, 1200, 9)] for i in range(3) for j in range(2)
    ]
    cells[0].append(star(rng, 9500, 1500, 1200, 7))
    hole = [(8200, 3200), (9800, 3300), (9700, 4800), (8300, 4700)]
    cells.append([[(7800, 2900), (10100, 2800), (10200, 5200), (7900, 5100)], hole])
    cells.append([star(rng, 9000, 4000, 600, 8)])
    return cells


def inside(rings: list[Ring], x: float, y: float) -> bool:
    """Whether a spot is inside by the even-odd rule, edge by edge."""
    odd = False
    for ring in rings:
        for (x0, y0), (x1, y1) in pairwise([*ring, ring[0]]):
            if (y0 <= y) != (y1 <= y) and x < x0 + (y - y0) * (x1 - x0) / (y1 - y0):
                odd = not odd
    return odd


def run_of(cells: list[list[Ring]]) -> dict[str, Any]:
    """Cells as the component keeps them, as plain lists."""
    rings = [ring for cell in cells for ring in cell]
    return {
        "cells": len(cells),
        "vertices": [n for ring in rings for point in ring for n in point],
        "rings": np.cumsum([0, *map(len, rings)]).tolist(),
        "ringCell": [c for c, cell in enumerate(cells) for _ in cell],
    }


# A unit is so long that no gap counts as a slit, unless a length is given.
SCAN = """([run, size, zoom, ratio, metres]) => {
    const header = { mesh: { metres_per_unit: metres ?? Infinity } };
    const mesh = { ...run, header, vertices: Uint16Array.from(run.vertices),
        rings: Uint32Array.from(run.rings), ...map.ringsByCell(run.ringCell, run.cells) };
    const view = new map.View(10400, 5400);
    view.resize(...size, 0);
    view.zoomAt(size[0] * 0.7, size[1] * 0.6, zoom);
    const index = new map.IndexMap(mesh);
    index.scan(view, ratio);
    window.index = index;
    return { index: [...index.index], width: index.width, height: index.height,
        scale: view.scale * ratio, left: view.toX(0) * ratio, top: view.toY(0) * ratio };
}"""


@pytest.mark.parametrize(("seed", "zoom", "ratio"), [(1, 1, 1), (2, 1.7, 1), (3, 6, 1), (4, 1, 2)])
def test_each_pixel_shows_the_cell_that_its_middle_lies_in(
    code: Page, seed: int, zoom: float, ratio: float
) -> None:
    cells = patchwork(np.random.default_rng(seed))
    found = code.evaluate(SCAN, [run_of(cells), [180, 110], zoom, ratio])
    index = np.array(found["index"]).reshape(found["height"], found["width"])
    assert (found["width"], found["height"]) == (180 * ratio, 110 * ratio)
    wrong = []
    for row in range(found["height"]):
        for column in range(found["width"]):
            x = (column + 0.5 - found["left"]) / found["scale"]
            y = (row + 0.5 - found["top"]) / found["scale"]
            here = [c for c, rings in enumerate(cells) if inside(rings, x, y)]
            if index[row, column] != (here[-1] if here else -1):
                wrong.append((row, column))
    assert wrong == []
    assert len(np.unique(index)) > 2


def test_neighbours_leave_no_pixel_between_them(code: Page) -> None:
    corner = np.random.default_rng(5).integers(-200, 200, (6, 11, 2)) + np.stack(
        np.meshgrid(np.arange(200, 10400, 1000), np.arange(200, 5400, 1000)), axis=2
    )
    cells: list[list[Ring]] = []
    for j in range(5):
        for i in range(10):
            ring = [corner[j, i], corner[j, i + 1], corner[j + 1, i + 1], corner[j + 1, i]]
            cells.append([[(int(x), int(y)) for x, y in (ring if i % 2 else ring[::-1])]])
    found = code.evaluate(SCAN, [run_of(cells), [400, 220], 1, 1])
    index = np.array(found["index"]).reshape(found["height"], found["width"])
    top, bottom = (int(found["top"] + y * found["scale"]) for y in (500, 4800))
    left, right = (int(found["left"] + x * found["scale"]) for x in (500, 9900))
    assert (index[top:bottom, left:right] >= 0).all()


def test_a_slit_between_cells_is_closed_and_a_bay_is_not(code: Page) -> None:
    def box(left: int, top: int, right: int, bottom: int) -> list[Ring]:
        return [[(left, top), (right, top), (right, bottom), (left, bottom)]]

    around = [
        box(1000, 1000, 4000, 2350), box(1000, 2650, 4000, 4000),  # above and below
        box(1000, 2350, 2400, 2650), box(2600, 2350, 4000, 2650),  # a slit of 200 units between
    ]  # fmt: skip
    open_below = [box(6000, 1000, 7000, 4000), box(7200, 1000, 8200, 4000)]
    found = code.evaluate(SCAN, [run_of(around + open_below), [400, 220], 1, 1, 10])
    index = np.array(found["index"]).reshape(found["height"], found["width"])

    def at(x: float, y: float) -> int:
        return int(index[int(found["top"] + y * found["scale"]),
                         int(found["left"] + x * found["scale"])])  # fmt: skip

    assert at(2430, 2500) == 2, "to the nearer side"
    assert at(2570, 2500) == 3
    assert at(7100, 2500) == -1, "a bay between two cells is open below"
    assert at(500, 2500) == -1


def test_a_front_is_every_pixel_beside_the_other_side_and_no_other(code: Page) -> None:
    cells = [
        [[(0, 0), (5000, 0), (5400, 5400), (0, 5400)]],
        [[(5000, 0), (10400, 0), (10400, 2600), (5190, 2600)]],
        [[(5190, 2600), (10400, 2600), (10400, 5400), (5400, 5400)]],
    ]
    found = code.evaluate(SCAN, [run_of(cells), [90, 60], 1, 1])
    index = np.array(found["index"]).reshape(found["height"], found["width"])
    painted = code.evaluate(
        """() => {
            const out = new Uint32Array(index.index.length);
            const shades = new Uint32Array(2 * map.FRONT).fill(1).fill(2, map.FRONT);
            const side = Uint16Array.from({ length: map.VALUES }, (_, value) => value >> 1);
            index.paint(out, Uint16Array.from([0, 2, 3]), { shades, side });
            return [...out];
        }"""
    )
    side = np.array([0, 1, 1, -1])[index]  # the last two cells are on one side
    wanted = np.where(index >= 0, 1, 0)
    for axis in (0, 1):
        for step in (1, -1):
            beside = np.roll(side, step, axis)
            edge = [0, -1][step < 0]
            beside[(edge, slice(None)) if axis == 0 else (slice(None), edge)] = -1
            wanted[(side >= 0) & (beside >= 0) & (side != beside)] = 2
    assert np.array_equal(np.array(painted).reshape(index.shape), wanted)
    assert (wanted == 2).sum() > 50


def test_frames_that_hold_what_changed_become_plain_again(code: Page) -> None:
    plain = np.random.default_rng(6).integers(0, 256, (12, 37), dtype=np.uint8)
    sent = np.concatenate([plain[:1], plain[1:] ^ plain[:-1]])
    got = code.evaluate(
        "([sent, cells]) => [...map.plainFrames(Uint8Array.from(sent), cells)]",
        [sent.reshape(-1).tolist(), 37],
    )
    assert got == plain.reshape(-1).tolist()


@pytest.mark.parametrize("seed", range(3))
def test_no_name_stands_over_another_or_over_what_is_taken(code: Page, seed: int) -> None:
    rng = np.random.default_rng(seed)
    wanted = [
        {
            "name": f"place {i}",
            "x": float(rng.uniform(0, 600)),
            "y": float(rng.uniform(0, 400)),
            "rank": i // 20,
            "width": float(rng.uniform(20, 90)),
            "size": 12,
        }
        for i in range(120)
    ]
    frame = {"left": 0, "top": 0, "right": 600, "bottom": 400}
    taken = {"left": 100, "top": 100, "right": 220, "bottom": 160}
    labels = code.evaluate(
        "([wanted, frame, taken]) => map.placeLabels(wanted, frame, [taken], 60)",
        [wanted, frame, taken],
    )
    width = {place["name"]: place["width"] for place in wanted}
    boxes = [
        (m["left"], m["middle"] - 6, m["left"] + width[m["name"]], m["middle"] + 6) for m in labels
    ]
    for left, top, right, bottom in boxes:
        assert left >= 0
        assert top >= 0
        assert right <= 600
        assert bottom <= 400
    for a, b in combinations([*boxes, tuple(taken.values())], 2):
        assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]
    assert 20 < len(labels) <= 60
    order = [int(label["name"].split()[1]) for label in labels]
    assert order == sorted(order)  # the more important had the choice


def test_markers_at_one_place_stand_beside_each_other(code: Page) -> None:
    spots = code.evaluate("() => map.spread(Array(15).fill({ x: 100, y: 80 }))")
    assert spots[0] == {"x": 100, "y": 80}
    for a, b in combinations(spots, 2):
        assert max(abs(a["x"] - b["x"]), abs(a["y"] - b["y"])) >= 22


@pytest.mark.parametrize("colour", COLOURS)
def test_a_higher_chance_is_never_drawn_lighter(code: Page, colour: str) -> None:
    light = code.evaluate(
        "(c) => [...Array(101).keys()].map((p) => map.toLch(map.ramp(c, p / 100))[0])",
        colour,
    )
    steps = np.diff(light)
    assert (steps < 0).all()
    assert light[0] - light[-1] > 0.25  # of the lightness from black to white


def test_a_sure_holder_is_plain_and_a_doubtful_one_hatched(code: Page) -> None:
    shades = code.evaluate(
        """() => {
            const factions = [{ colour: "#dc0e2e" }, { colour: "#212422" }, { colour: "#e9e8e4" }];
            const { shades } = map.mapPalette({ kind: "likely" }, factions);
            return [...Array(16).keys()].map((steps) => [...Array(8).keys()]
                .map((phase) => shades[phase * map.VALUES + (steps << 4)]));
        }"""
    )
    kinds = [len(set(row)) > 1 for row in shades]
    assert kinds == [True] * 12 + [False] * 4
    paper = [sum(colour != shades[15][0] for colour in row) for row in shades]
    assert len(set(paper[:8])) == 1  # less than half of the runs
    assert len(set(paper[8:12])) == 1  # up to three quarters
    assert paper[0] > paper[8]


@pytest.mark.parametrize("metres_a_pixel", [0.7, 9, 120, 1234, 5000])
def test_the_scale_bar_is_round_and_fits(code: Page, metres_a_pixel: float) -> None:
    bar = code.evaluate("(m) => map.scaleBar(m, 110)", metres_a_pixel)
    assert bar["pixels"] <= 110
    assert bar["pixels"] > 110 / 2.5
    assert bar["metres"] / metres_a_pixel == pytest.approx(bar["pixels"])
    assert str(int(bar["metres"])).rstrip("0") in {"1", "2", "5"}


def test_stacked_shares_end_at_their_sum(code: Page) -> None:
    shares = np.random.default_rng(7).dirichlet(np.ones(4), 9).astype(np.float32)
    edges = code.evaluate(
        "(shares) => [...map.stack(Float32Array.from(shares), 4)]", shares.reshape(-1).tolist()
    )
    wanted = np.concatenate([np.zeros((9, 1)), np.cumsum(shares, axis=1)], axis=1)
    assert np.allclose(np.array(edges).reshape(9, 5), wanted, atol=1e-6)
