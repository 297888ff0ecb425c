"""What the browser reads of a packet is what the result holds."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import shapely
import streamlit as st
from map_reader import Map, read
from shapely import MultiPolygon, Polygon, box

from dashboard.map import blob, ground
from dashboard.map.blob import pack
from dashboard.map.gzipped import Part, gzipped
from dashboard.map.layers import likely, one_run, probability, start
from dashboard.map.markers import event_markers
from sim import BadiaError, CompiledScenario, Result, Setting, load_scenario

THEATRES = (
    ("two-valleys", None),
    ("hajin-pocket", None),
    ("syria-2018-08", 5),
    ("syria-2018-08", 6),
    pytest.param(("syria-2018-08", 7), marks=pytest.mark.slow),
)


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    st.cache_resource.clear()
    yield
    st.cache_resource.clear()


@pytest.fixture(scope="module", params=THEATRES, ids=lambda p: f"{p[0]}-{p[1]}")
def seen(request: pytest.FixtureRequest, root: Any) -> tuple[Setting, Map]:
    """A setting and its map at the start, read back."""
    name, resolution = request.param
    setting = Setting.of(load_scenario(root / "scenarios" / name, resolution=resolution))
    return setting, read(pack(setting, [start(setting)]).static)


@pytest.fixture
def setting(two_valleys: CompiledScenario) -> Setting:
    return Setting.of(two_valleys)


def in_units(map: Map, setting: Setting, shape: Any) -> Any:
    """A shape of degrees in the map's units, by the textbook's formula."""
    west, _, _, north = shapely.total_bounds(np.array(setting.outlines, dtype=object))
    mesh = map.header["mesh"]

    def height(lat: Any) -> Any:
        return np.degrees(np.log(np.tan(np.pi / 4 + np.radians(lat) / 2)))

    _, south, east, _ = shapely.total_bounds(np.array(setting.outlines, dtype=object))
    scale = 65_535 / max(east - west, height(north) - height(south))
    assert mesh["width"] == pytest.approx((east - west) * scale, abs=0.51)
    assert mesh["height"] == pytest.approx((height(north) - height(south)) * scale, abs=0.51)
    return shapely.transform(
        shape,
        lambda p: np.column_stack(
            [(p[:, 0] - west) * scale, (height(north) - height(p[:, 1])) * scale]
        ),
    )


def filled(rings: list[list[tuple[int, int]]]) -> Any:
    """The even-odd fill of rings."""
    shape: Any = Polygon()
    for ring in rings:
        shape = shape.symmetric_difference(shapely.make_valid(Polygon(ring)))
    return shape


# --- outlines ---


def test_each_cell_has_the_area_and_place_of_its_outline(seen: tuple[Setting, Map]) -> None:
    setting, map = seen
    expected = in_units(map, setting, np.array(setting.outlines, dtype=object))
    for cell, (shape, rings) in enumerate(zip(expected, map.cells, strict=True)):
        drawn = filled(rings)
        # No corner moves further than half a unit each way.
        slack = 0.75 * shape.length + 4
        assert abs(drawn.area - shape.area) <= slack, cell
        if shape.area > 100:
            assert shape.buffer(0.72).covers(drawn), cell  # half a unit each way


def test_between_neighbouring_cells_opens_neither_gap_nor_overlap(
    seen: tuple[Setting, Map],
) -> None:
    setting, map = seen
    overlap, gaps = _flaws([filled(rings) for rings in map.cells])
    given = in_units(map, setting, np.array(setting.outlines, dtype=object))
    given_overlap, given_gaps = _flaws(list(given))
    # Where a corner lies on a longer edge, at the river and where cells get finer, it may now stand
    # half a unit off that edge: by no more than that may gap and overlap grow.
    uniform = setting.theatre["name"] == "grid"
    length = 0.0 if uniform else sum(shape.length for shape in given)
    assert abs(overlap - given_overlap) <= 1e-6 + 0.02 * length
    assert abs(gaps - given_gaps) <= 1e-6 + 0.02 * length


def _flaws(shapes: list[Any]) -> tuple[float, float]:
    """The area that more than one shape covers, and that of the holes between shapes."""
    whole = shapely.union_all(shapes)
    overlap = sum(shape.area for shape in shapes) - whole.area
    parts = shapely.get_parts(whole)
    return overlap, sum(Polygon(ring).area for part in parts for ring in part.interiors)


def test_cells_of_a_grid_share_their_edges_to_the_unit(setting: Setting) -> None:
    map = read(pack(setting, [start(setting)]).static)
    edges = Counter(
        frozenset(edge)
        for rings in map.cells
        for ring in rings
        for edge in zip(ring, [*ring[1:], ring[0]], strict=True)
    )
    assert set(edges.values()) == {1, 2}
    assert 2 * sum(count == 2 for count in edges.values()) == len(setting.pair_from)


def test_no_corner_stands_twice_in_a_row(seen: tuple[Setting, Map]) -> None:
    for rings in seen[1].cells:
        for ring in rings:
            assert len(ring) >= 3
            assert all(one != two for one, two in zip(ring, [*ring[1:], ring[0]], strict=True))


def test_a_cell_may_have_a_hole_and_an_island(setting: Setting) -> None:
    lake = box(0.02, 0.02, 0.08, 0.08)
    land = box(0, 0, 0.1, 0.1).difference(lake)
    island, sliver = box(0.04, 0.04, 0.05, 0.05), box(0.2, 0, 0.2 + 1e-9, 0.1)
    outlines = [MultiPolygon([land, island, sliver]), *setting.outlines[1:]]
    odd = replace(setting, theatre={**setting.theatre, "digest": "odd"}, _outlines=outlines)
    map = read(pack(odd, [start(odd)]).static)
    assert len(map.cells[0]) == 3  # the shore, the lake, the island; the sliver cannot be seen
    area = in_units(map, odd, outlines[0]).area
    assert filled(map.cells[0]).area == pytest.approx(area, rel=1e-3)


def test_without_outlines_there_is_a_plain_message(setting: Setting) -> None:
    bare = replace(setting, _outlines=None)
    with pytest.raises(BadiaError, match="no outlines"):
        pack(bare, [start(bare)])


# --- lines, places, words ---


def test_borders_run_between_cells_of_different_districts_only(setting: Setting) -> None:
    map = read(pack(setting, [start(setting)]).static)
    owners: dict[frozenset[tuple[int, int]], set[str]] = {}
    sides: Counter[frozenset[tuple[int, int]]] = Counter()
    for cell, rings in enumerate(map.cells):
        for ring in rings:
            for edge in zip(ring, [*ring[1:], ring[0]], strict=True):
                owners.setdefault(frozenset(edge), set()).add(setting.district[cell])
                sides[frozenset(edge)] += 1
    drawn: dict[str, list[Any]] = {}
    for kind, _, points in map.lines:
        drawn.setdefault(kind, []).extend(pairwise(points))
    inner = [tuple(edge) for edge, districts in owners.items() if len(districts) > 1]
    outer = [tuple(edge) for edge, count in sides.items() if count == 1]
    between = drawn.get("governorate", []) + drawn.get("district", [])
    for lines, edges in ((drawn["country"], outer), (between, inner)):
        one, two = shapely.MultiLineString(lines), shapely.MultiLineString(edges)
        assert one.hausdorff_distance(two) <= 2  # they are merged in degrees, then rounded
        assert one.length == pytest.approx(two.length, rel=1e-3)  # and none is there twice


def test_lines_lie_on_the_map_and_keep_their_names(seen: tuple[Setting, Map]) -> None:
    setting, map = seen
    mesh = map.header["mesh"]
    for _, _, points in map.lines:
        assert len(points) >= 2
        assert max(x for x, _ in points) <= mesh["width"]
        assert max(y for _, y in points) <= mesh["height"]
    kinds = {kind for kind, _, _ in map.lines}
    assert {line.kind for line in setting.lines} <= kinds
    assert kinds <= {"river", "road", "trunk", "district", "governorate", "country"}
    rivers = {name for kind, name, _ in map.lines if kind == "river"}
    assert rivers == {line.name for line in setting.lines if line.kind == "river"}


def test_places_stand_in_their_cells_the_governorate_seats_first(seen: tuple[Setting, Map]) -> None:
    setting, map = seen
    places = map.header["places"]
    assert 0 < len(places) <= 400
    assert len({place["name"] for place in places}) == len(places)
    assert [place["rank"] for place in places] == sorted(place["rank"] for place in places)
    outlines = in_units(map, setting, np.array(setting.outlines, dtype=object))
    for place in places:
        away = outlines[place["cell"]].distance(shapely.Point(place["x"], place["y"]))
        # Some stand on the shore, or on the bank that their cell does not lie on.
        assert away * map.header["mesh"]["metres_per_unit"] < 2000, place
    if setting.theatre["name"] == "syria" and setting.theatre["label"] == "6":
        seats = {place["name"] for place in places if place["rank"] == 0}
        assert {"Damascus", "Aleppo", "Homs", "Deir ez-Zor", "Ar-Raqqa", "Idlib"} <= seats
        assert len(seats) == 14
        spoken = {place["name"] for place in places if place["rank"] == 1}
        assert {"Hajin", "Baghuz Fawqani", "Manbij"} <= spoken
        assert not {"Luf", "Hasrat"} & spoken  # only parts of other places' names are spoken


def test_each_cell_has_its_words(seen: tuple[Setting, Map]) -> None:
    setting, map = seen
    assert map.header["words"] == list(setting.place)


def test_a_scale_bar_can_be_drawn(seen: tuple[Setting, Map]) -> None:
    setting, map = seen
    total = sum(filled(rings).area for rings in map.cells)
    km2 = total * (map.header["mesh"]["metres_per_unit"] / 1000) ** 2
    assert km2 == pytest.approx(float(setting.area_km2.sum()), rel=0.02)


# --- what is shown ---


def test_two_maps_and_their_difference_are_read_back(two_valleys_result: Result) -> None:
    result = two_valleys_result
    layers = [likely(result, title="before"), one_run(result, 3)]
    markers = event_markers(result.setting)
    map = read(pack(result.setting, layers, markers=markers, difference=True).static)
    for frames, shares, layer in zip(map.frames, map.shares, layers, strict=True):
        np.testing.assert_array_equal(frames, layer.frames)
        np.testing.assert_array_equal(shares, layer.shares)
    assert map.header["difference"] is True
    assert [(m["title"], m["kind"], m["faction"], m["run"]) for m in map.header["maps"]] == [
        ("before", "likely", None, None),
        ("Run 3", "run", None, 3),
    ]
    dates = result.dataset["date"].to_numpy().astype("datetime64[D]").astype(str)
    assert map.header["dates"] == dates.tolist()
    assert [f["id"] for f in map.header["factions"]] == list(result.setting.holders)
    assert map.header["factions"][-1] == {"id": "nobody", "name": "nobody", "colour": "#E9E8E4"}


def test_markers_keep_to_the_days_that_are_shown(two_valleys_result: Result) -> None:
    result = two_valleys_result
    markers = event_markers(result.setting)
    early = replace(markers[0], id="early", first=-9, last=-1)
    late = replace(markers[0], id="late", first=result.days + 1, last=result.days + 1)
    long = replace(markers[0], id="long", first=-9, last=999)
    sent = read(pack(result.setting, [likely(result)], markers=[early, late, long]).static)
    assert [(m["id"], m["from"], m["to"]) for m in sent.header["markers"]] == [
        ("long", 0, result.days)
    ]
    here = sent.header["markers"][0]
    cells = [filled(rings) for rings in sent.cells]
    spot = shapely.Point(here["x"], here["y"])
    found = [c for c, shape in enumerate(cells) if shape.contains(spot)]
    event = next(e for e in result.setting.events if e.id == markers[0].id)
    assert found[0] in event.cells


def test_equal_input_gives_equal_bytes(two_valleys_result: Result) -> None:
    result = two_valleys_result
    markers = event_markers(result.setting)

    def packed() -> Any:
        st.cache_resource.clear()
        layers = [likely(result), probability(result, "Guard")]
        return pack(result.setting, layers, markers=markers)

    one, two = packed(), packed()
    assert one == two
    assert one.digest != pack(result.setting, [likely(result)], markers=markers).digest


def test_another_layer_does_not_survey_the_ground_again(
    two_valleys_result: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = two_valleys_result
    pack(result.setting, [likely(result)])
    monkeypatch.setattr(ground, "survey", None)
    monkeypatch.setattr(blob, "ranked", None)
    shown = probability(result, "Guard")
    np.testing.assert_array_equal(
        read(pack(result.setting, [shown]).static).frames[0], shown.frames
    )


def test_layers_that_do_not_fit_are_refused(two_valleys_result: Result) -> None:
    result = two_valleys_result
    setting, layer = result.setting, likely(result)
    short = replace(layer, frames=layer.frames[:5], shares=layer.shares[:5])
    narrow = replace(layer, shares=layer.shares[:, 1:])
    for layers in ([], [layer] * 3, [layer, short], [narrow]):
        with pytest.raises(ValueError, match=r"layers|frames|shares"):
            pack(setting, layers)
    with pytest.raises(ValueError, match="difference"):
        pack(setting, [layer], difference=True)


# --- the stream ---


def test_parts_open_as_one_member(two_valleys_result: Result) -> None:
    parts = [b"", b"abc" * 1000, b"abc", bytes(range(256)) * 99]
    stream = gzipped([Part.of(part) for part in parts])
    for data in (stream, pack(two_valleys_result.setting, [likely(two_valleys_result)]).static):
        reader = zlib.decompressobj(wbits=31)  # of one member, as browsers take it
        opened = reader.decompress(data)
        assert reader.eof
        assert reader.unused_data == b""
        if data is stream:
            assert opened == b"".join(parts)
