"""Invented theatres drawn with letters."""

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.errors import BadiaError, PlaceError
from sim.theatre import grid
from sim.theatre.mesh import Bank, Crossing, Road, Terrain

VALLEYS = """
    s s v m
     s v v m
    d d v .
"""


def between(theatre, one, two):
    """The directed pair from one cell to the other, by their names."""
    mesh = theatre.mesh
    a, b = mesh.cell_id.index(one), mesh.cell_id.index(two)
    (e,) = [e for e in range(mesh.indptr[a], mesh.indptr[a + 1]) if mesh.indices[e] == b]
    return e


def test_letters_become_cells_and_a_dot_is_a_hole():
    mesh = grid(VALLEYS).mesh
    assert mesh.cells == 11
    assert "r02c03" not in mesh.cell_id
    assert mesh.terrain[mesh.cell_id.index("r00c03")] == Terrain.MOUNTAIN
    assert mesh.terrain[mesh.cell_id.index("r02c00")] == Terrain.DESERT
    assert mesh.area.tolist() == pytest.approx([31.177] * 11, abs=0.001)


def test_odd_rows_are_moved_to_the_east():
    theatre = grid("sss\nsss\nsss")
    mesh = theatre.mesh
    middle = mesh.cell_id.index("r01c01")
    names = {mesh.cell_id[n] for n in mesh.indices[mesh.indptr[middle] : mesh.indptr[middle + 1]]}
    assert names == {"r01c00", "r01c02", "r00c01", "r00c02", "r02c01", "r02c02"}
    assert mesh.edge_km.tolist() == pytest.approx([6.0] * len(mesh.indices))
    assert mesh.border_km.tolist() == pytest.approx([3.4641] * len(mesh.indices))


def test_a_river_runs_between_the_banks_and_a_bridge_crosses_it():
    theatre = grid("ssss\nssss", banks="LLRR\nLLRR", bridges=[[[0, 1], [0, 2]]])
    mesh = theatre.mesh
    assert mesh.crossing[between(theatre, "r00c01", "r00c02")] == Crossing.BRIDGE
    assert mesh.crossing[between(theatre, "r01c02", "r01c01")] == Crossing.CLOSED
    assert mesh.crossing[between(theatre, "r00c00", "r00c01")] == Crossing.OPEN
    assert mesh.bank[mesh.cell_id.index("r01c01")] == Bank.LEFT
    left = set(mesh.segment[mesh.bank == Bank.LEFT])
    assert not left & set(mesh.segment[mesh.bank == Bank.RIGHT])


def test_a_ridge_can_be_closed_cell_by_cell():
    theatre = grid("sss", closed=[[[0, 0], [0, 1]]])
    assert theatre.mesh.crossing[between(theatre, "r00c01", "r00c00")] == Crossing.CLOSED
    reach = theatre.mesh.reach[theatre.mesh.reach_indptr[0] : theatre.mesh.reach_indptr[1]]
    assert len(reach) == 1


def test_districts_segments_roads_and_people_are_drawn_alike():
    theatre = grid(
        "ssss\nssss",
        districts="AABB\nAABB",
        district_names={"A": "Upper Valley"},
        segments="1122\n1122",
        roads="==..\n--..",
        population="1234\n0000",
        places={"Ford": [1, 3], "Market": {"at": [0, 0], "population": 500}},
    )
    mesh = theatre.mesh
    assert [(d.pcode, d.name) for d in theatre.districts] == [
        ("XXA", "Upper Valley"),
        ("XXB", "District B"),
    ]
    assert mesh.segments == 2
    assert mesh.segment_start.tolist() == [0, 4, 8]
    road = dict(zip(mesh.cell_id, mesh.road.tolist(), strict=True))
    assert (road["r00c00"], road["r01c00"], road["r00c02"]) == (Road.TRUNK, Road.SECONDARY, 0)
    people = dict(zip(mesh.cell_id, mesh.population.tolist(), strict=True))
    assert people["r00c00"] == 1500
    assert people["r00c03"] == 4000
    assert theatre.gazetteer.find("ford").district == "XXB"
    assert theatre.cells_of_place("Ford").tolist() == [mesh.cell_id.index("r01c03")]
    assert len(theatre.cells_of_place("Upper Valley")) == 4
    assert len(theatre.cells_of_governorates(["XX"])) == 8


def test_a_number_of_people_is_spread_to_the_person():
    assert grid(VALLEYS, population=12_345).mesh.population.sum() == 12_345


def test_default_segments_are_of_about_250_km2_and_of_one_stretch():
    mesh = grid("\n".join(["s" * 20] * 20)).mesh
    area = np.bincount(mesh.segment, mesh.area)
    assert 200 < np.median(area) < 300


def test_a_theatre_near_zero_is_not_syria():
    theatre = grid(VALLEYS)
    assert theatre.name == theatre.label == "grid"
    assert abs(theatre.mesh.lon).max() < 1
    with pytest.raises(PlaceError, match="outside"):
        theatre.cell_of(40.8, 34.7)
    with pytest.raises(PlaceError, match="gazetteer of 1 places"):
        theatre.gazetteer.find("Hajin")


def test_a_grid_travels_to_another_process_as_its_recipe():
    theatre = grid(VALLEYS, bridges=iter([[[0, 0], [0, 1]]]), population=700)
    assert pickle.loads(pickle.dumps(theatre)).digest() == theatre.digest()


def test_outlines_touch_their_neighbours():
    theatre = grid(VALLEYS)
    shapes = theatre.outlines()
    assert len(shapes) == 11
    a, b = (shapes[theatre.mesh.cell_id.index(n)] for n in ("r00c00", "r00c01"))
    assert a.distance(b) < 1e-9
    assert sorted(theatre.district_outlines()) == ["XXA"]
    assert sorted(theatre.governorate_outlines()) == ["XX"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"terrain": ""}, "no cell"),
        ({"terrain": ". ."}, "no cell"),
        ({"terrain": "sxs"}, r"terrain, row 0, column 1: 'x'"),
        ({"terrain": "s\n\ns"}, "empty row 1"),
        ({"terrain": "ss", "districts": "A"}, "districts has no letter at row 0, column 1"),
        ({"terrain": "ss", "districts": "A?"}, "a letter or digit"),
        ({"terrain": "ss", "banks": "LX"}, "'L', 'R'"),
        ({"terrain": "ss", "roads": "#."}, "roads, row 0, column 0"),
        ({"terrain": "ss", "hexagon_km": 0.2}, "hexagon_km is 0.2"),
        ({"terrain": "ss", "population": -1}, "cannot be negative"),
        ({"terrain": "sss", "bridges": [[[0, 0], [0, 2]]]}, "not two neighbouring cells"),
        ({"terrain": "ss", "closed": [[[0, 0]]]}, "not two neighbouring cells"),
        ({"terrain": "ss", "places": {"Far": [5, 5]}}, r"'Far' stands at \[5, 5\]"),
        ({"terrain": "ss", "district_names": {"Q": "Nowhere"}}, "no district 'Q'"),
    ],
)
def test_a_map_that_does_not_fit_is_refused_with_the_place_of_the_fault(options, message):
    with pytest.raises(BadiaError, match=message):
        grid(**options)


def test_a_map_of_a_million_cells_is_refused():
    with pytest.raises(BadiaError, match="10000 is the most"):
        grid("\n".join(["s" * 200] * 200))


@st.composite
def maps(draw):
    rows, columns = draw(st.integers(1, 7)), draw(st.integers(1, 7))

    def letters(alphabet):
        line = st.text(alphabet, min_size=columns, max_size=columns)
        return "\n".join(draw(line) for _ in range(rows))

    terrain = letters("dsvmul.")
    if set(terrain) <= {".", "\n"}:
        terrain = "s" + terrain[1:]
    return {
        "terrain": terrain,
        "districts": letters("ABC"),
        "banks": letters("LR"),
        "roads": letters(".-="),
        "population": draw(st.integers(0, 10**6)),
        "hexagon_km": draw(st.floats(1.0, 20.0)),
    }


@given(maps())
@settings(max_examples=60, deadline=None)
def test_any_drawn_map_is_a_sound_mesh(options):
    theatre = grid(**options)
    mesh = theatre.mesh
    one = np.repeat(np.arange(mesh.cells), np.diff(mesh.indptr))
    pairs = set(zip(one.tolist(), mesh.indices.tolist(), strict=True))
    assert {(b, a) for a, b in pairs} == pairs
    assert all(a != b for a, b in pairs)
    assert (np.diff(mesh.indptr) <= 6).all()
    assert ((mesh.crossing == Crossing.CLOSED) == (mesh.bank[one] != mesh.bank[mesh.indices])).all()
    assert mesh.population.sum() == options["population"]
    assert (np.diff(mesh.segment) >= 0).all()
    assert mesh.segment_start[-1] == mesh.cells
    for c in range(mesh.cells):
        reach = mesh.reach[mesh.reach_indptr[c] : mesh.reach_indptr[c + 1]].tolist()
        assert c in reach
        assert reach == sorted(set(reach))
        assert theatre.cell_of(mesh.lon[c], mesh.lat[c]) == c
    for a, b in zip(mesh.segment_start[:-1], mesh.segment_start[1:], strict=True):
        assert len(set(mesh.sector[a:b])) == len(set(mesh.bank[a:b])) == 1
    assert theatre.digest() == grid(**options).digest()
