"""Syria's mesh at every resolution: totals, neighbours, banks and districts."""

import os
import pickle
import subprocess
import sys

import numpy as np
import pytest
import shapely
from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components
from shapely.geometry import Point, Polygon

from sim.errors import BadiaError, PlaceError
from sim.theatre import syria
from sim.theatre.mesh import REACH_KM, Bank, Crossing, Terrain
from sim.theatre.people import GOVERNORATES, TOTAL

POCKET = Polygon([(40.6, 34.9), (41.2, 34.9), (41.2, 34.3), (40.6, 34.3)])
MESHES = {
    "5": lambda: syria(5),
    "6": lambda: syria(6),
    "7": lambda: syria(7),
    "6+7": lambda: syria(6, [(POCKET, 7)]),
    "5+6+7": lambda: syria(5, [(POCKET, 7)]),
}

# Riverside towns and the bank of the Euphrates they stand on, from general maps.
LEFT = """Raqqa, Al Karamah, Al Kasrah, Al Husayniyah, Hatla, Marrat, Khasham, Jadid Ekidat,
Al Busayrah, Ash Shuhayl, Dhiban, Abu Hardub, Abu Hamam, Kishkiyah, Gharanij, Al Bahrah, Hajin,
Abu al-Khatir, Abu Hasan, Kashmah, Ash Shafah, Albu Badran, As Susah, Al Marashidah, As Safafinah,
Baghuz Fawqani, Baghuz at-Tahtani, Shuyukh Tahtani, Zawr Maghar, Qalat Jabar"""
RIGHT = """Jarabulus, Al Khafsah, Maskanah, Tabqa, Al Mansurah, As Sabkhah, Maadan, At Tibni,
Ayyash, Deir ez-Zor, Mu Hasan, Al Mayadin, Al Quriyah, Al Asharah, Subaykhan, As Salihiyah,
Al Jala, Al Hasrat, As Sayyal, As Sukkariyah, Hamdan, Abu Kamal, Al Hiri"""
BANKS = {
    name.strip(): bank
    for text, bank in ((LEFT, Bank.LEFT), (RIGHT, Bank.RIGHT))
    for name in text.replace("\n", " ").split(",")
}

# Which district a town belongs to, by its P-code (OCHA).
PCODES = """Hajin SY0902, As Susah SY0902, Abu Kamal SY0902, Al Mayadin SY0903, Al Asharah SY0903,
Deir ez-Zor SY0901, Al Busayrah SY0901, At Tibni SY0901, Raqqa SY1101, Tabqa SY1103, Maadan SY1101,
Tell Abyad SY1102, Ayn Issa SY1102, Kobani SY0206, Manbij SY0205, Al-Bab SY0202, Azaz SY0204,
Afrin SY0203, Jarabulus SY0208, Aleppo SY0200, As Safirah SY0207, Dayr Hafir SY0202, Idlib SY0700,
Saraqib SY0700, Ariha SY0705, Jisr al-Shughur SY0704, Maarrat al-Numan SY0702,
Khan Shaykhun SY0702, Harim SY0703, Hama SY0501, Salamiyah SY0503, Mahardah SY0505, Masyaf SY0504,
Latakia SY0600, Jablah SY0602, Tartus SY1000, Baniyas SY1002, Homs SY0401, Tadmur SY0405,
As Sukhnah SY0405, Ar Rastan SY0404, Al-Qusayr SY0402, Damascus SY0100, Douma SY0302,
Darayya SY0309, Al Zabadani SY0307, An Nabk SY0306, Qatana SY0308, Daraa SY1200, Nawa SY1203,
As Sanamayn SY1202, As-Suwayda SY1300, Shahba SY1303, Salkhad SY1302, Al Qunaytirah SY1400,
Al-Hasakah SY0800, Qamishli SY0802, Ras al-Ayn SY0804, Al Malikiyah SY0803, At Tanf SY0302"""
DISTRICT_OF = dict(entry.strip().rsplit(" ", 1) for entry in PCODES.replace("\n", " ").split(","))


@pytest.fixture(params=sorted(MESHES), scope="module")
def theatre(request):
    return MESHES[request.param]()


def sources(mesh):
    """The first cell of each directed pair."""
    return np.repeat(np.arange(mesh.cells), np.diff(mesh.indptr))


def graph(mesh, which):
    copies = mesh.indices.copy(), mesh.indptr.copy()
    matrix = csr_matrix((which.astype(np.int8), *copies), shape=(mesh.cells, mesh.cells))
    matrix.eliminate_zeros()
    return matrix


def cell(theatre, name):
    place = theatre.gazetteer.find(name)
    return theatre.cell_of(place.lon, place.lat, place.bank)


def test_the_census_is_kept_to_the_person_at_every_resolution(theatre):
    assert theatre.mesh.population.sum() == TOTAL == 17_920_844
    assert theatre.mesh.population.min() >= 0


def test_governorates_keep_their_census_figures_at_the_atlas_resolution():
    theatre = syria(7)
    codes = [d.governorate for d in theatre.districts]
    found = dict.fromkeys(GOVERNORATES, 0)
    for sector, people in zip(theatre.mesh.sector, theatre.mesh.population, strict=True):
        found[codes[sector]] += int(people)
    assert found == GOVERNORATES


def test_the_country_has_the_same_area_at_every_resolution(theatre):
    area = theatre.mesh.area.astype(np.float64).sum()
    assert area == pytest.approx(syria(7).mesh.area.astype(np.float64).sum(), rel=1e-8)
    assert 184_000 < area < 187_000  # Syria without the occupied Golan, about 184,000 officially


def test_every_cell_is_whole_and_named_once(theatre):
    mesh = theatre.mesh
    assert len(set(mesh.cell_id)) == len(set(mesh.key.tolist())) == mesh.cells
    assert len(set(mesh.segment_key.tolist())) == mesh.segments
    assert mesh.area.min() > 0.5
    assert set(np.unique(mesh.bank)) == {Bank.LEFT, Bank.RIGHT}
    assert set(np.unique(mesh.terrain)) == set(Terrain)
    assert mesh.rough.min() >= 0
    assert mesh.rough.max() <= 1
    assert mesh.sector.min() >= 0
    assert mesh.sector.max() < mesh.sectors == 62


def test_neighbours_see_each_other_alike(theatre):
    mesh = theatre.mesh
    one, two = sources(mesh), mesh.indices
    forward = np.lexsort((two, one))
    backward = np.lexsort((one, two))
    assert (one[forward] == two[backward]).all()
    assert (one != two).all()
    for values in (mesh.edge_km, mesh.border_km, mesh.travel, mesh.crossing):
        assert (values[forward] == values[backward]).all()
    assert (mesh.edge_km > 0).all()
    assert (mesh.border_km > 0).all()
    assert (mesh.travel >= 1).all()
    inside = one[:-1] == one[1:]
    assert (np.diff(two)[inside] > 0).all()  # ascending within each cell


def test_each_bank_is_one_piece_and_crossings_join_the_two(theatre):
    mesh = theatre.mesh
    parts, label = connected_components(graph(mesh, mesh.crossing == Crossing.OPEN))
    assert parts == 2
    assert all(len(set(label[mesh.bank == bank])) == 1 for bank in Bank)
    assert connected_components(graph(mesh, mesh.crossing != Crossing.CLOSED))[0] == 1


def test_the_euphrates_is_closed_except_at_the_listed_crossings(theatre):
    mesh = theatre.mesh
    one, two = sources(mesh), mesh.indices
    assert ((mesh.crossing != Crossing.OPEN) == (mesh.bank[one] != mesh.bank[two])).all()
    at = {theatre.cell_of(c.lon, c.lat, bank) for c in theatre.crossings for bank in Bank}
    bridged = set(one[mesh.crossing == Crossing.BRIDGE].tolist())
    near = {int(n) for c in at for n in [c, *mesh.indices[mesh.indptr[c] : mesh.indptr[c + 1]]]}
    assert bridged <= near
    assert 0 < (mesh.crossing == Crossing.BRIDGE).sum() / 2 <= len(theatre.crossings)


def test_a_front_over_the_river_is_as_long_at_every_resolution(theatre):
    def over(mesh):
        return mesh.border_km[mesh.crossing == Crossing.BRIDGE].astype(np.float64).sum()

    assert over(theatre.mesh) == pytest.approx(over(syria(7).mesh), rel=1e-5)


def test_towns_stand_on_their_true_bank_and_opposite_towns_never_share_a_cell(theatre):
    assert len(BANKS) >= 50
    holders = {}
    for name, bank in BANKS.items():
        place = theatre.gazetteer.find(name)
        assert place.bank == bank, name
        for home in (cell(theatre, name), theatre.cell_of(place.lon, place.lat)):
            assert theatre.mesh.bank[home] == bank, name
            assert holders.setdefault(home, bank) == bank, name


def test_no_place_of_the_gazetteer_is_put_on_the_other_bank(theatre):
    for place in theatre.gazetteer.places:
        if place.bank:
            home = theatre.cell_of(place.lon, place.lat, place.bank)
            assert theatre.mesh.bank[home] == place.bank, place.name


@pytest.mark.parametrize("resolution", [6, 7])
def test_towns_lie_in_their_districts(resolution):
    theatre = syria(resolution)
    wrong = {
        name: found
        for name, code in DISTRICT_OF.items()
        if (found := theatre.districts[theatre.mesh.sector[cell(theatre, name)]].pcode) != code
    }
    assert wrong == {}


def test_districts_stand_in_the_order_of_their_p_codes():
    districts = syria(6).districts
    codes = [d.pcode for d in districts]
    assert codes == sorted(codes)
    assert len(codes) == 62
    assert all(d.pcode.startswith(d.governorate) and d.name_ar for d in districts)


def test_cells_of_a_segment_stand_together_and_nearly_all_segments_are_one_stretch(theatre):
    mesh = theatre.mesh
    assert (np.diff(mesh.segment) >= 0).all()
    assert mesh.segment_start[0] == 0
    assert mesh.segment_start[-1] == mesh.cells
    assert (np.repeat(np.arange(mesh.segments), np.diff(mesh.segment_start)) == mesh.segment).all()
    one, two = sources(mesh), mesh.indices
    inside = (mesh.segment[one] == mesh.segment[two]) & (mesh.crossing == Crossing.OPEN)
    parts, _ = connected_components(graph(mesh, inside))
    assert parts - mesh.segments <= 0.04 * mesh.segments  # corners that the border cuts off
    assert all(len(set(mesh.bank[a:b])) == 1 for a, b in _stretches(mesh))


def _stretches(mesh):
    return zip(mesh.segment_start[:-1], mesh.segment_start[1:], strict=True)


def test_segments_are_the_same_at_every_resolution(theatre):
    assert theatre.mesh.segment_key.tolist() == syria(5).mesh.segment_key.tolist()


def test_reach_holds_what_lies_within_eight_km_on_the_way(theatre):
    mesh = theatre.mesh
    for c in range(0, mesh.cells, max(1, mesh.cells // 60)):
        got = mesh.reach[mesh.reach_indptr[c] : mesh.reach_indptr[c + 1]].tolist()
        assert got == sorted(got)
        differ = _walked(mesh, c) ^ set(got)  # km here are of the sphere, there of the projection
        edge = {d for d in differ if abs(_km(mesh, c, d) - REACH_KM) < 0.1}
        assert all(c in _walked(mesh, d) for d in differ - edge)  # reach is mutual


def test_reach_is_mutual(theatre):
    mesh = theatre.mesh
    one = np.repeat(np.arange(mesh.cells), np.diff(mesh.reach_indptr))
    there = set(zip(one.tolist(), mesh.reach.tolist(), strict=True))
    assert there == {(b, a) for a, b in there}


def _walked(mesh, c):
    """The cells to which somebody can walk from c without leaving the circle about it."""
    seen, queue = {c}, [c]
    while queue:
        at = queue.pop()
        for e in range(mesh.indptr[at], mesh.indptr[at + 1]):
            near = int(mesh.indices[e])
            open_way = mesh.crossing[e] != Crossing.CLOSED
            if near not in seen and open_way and _km(mesh, c, near) <= REACH_KM:
                seen.add(near)
                queue.append(near)
    return seen


def _km(mesh, a, b):
    dx = (mesh.lon[a] - mesh.lon[b]) * np.cos(np.radians((mesh.lat[a] + mesh.lat[b]) / 2))
    return 111.195 * np.hypot(dx, mesh.lat[a] - mesh.lat[b])


@pytest.mark.parametrize("resolution", [5, 6, 7])
def test_the_border_of_a_cell_is_that_of_its_hexagon_not_of_its_jagged_parts(resolution):
    mesh = syria(resolution).mesh
    around = np.bincount(sources(mesh), mesh.border_km, mesh.cells)
    whole = np.bincount(sources(mesh), minlength=mesh.cells) == 6
    hexagon = 3.7224 * np.sqrt(mesh.area[whole])
    assert np.median(around[whole] / hexagon) == pytest.approx(1.0, abs=0.01)


def test_roads_make_a_way_cheaper_and_rough_ground_dearer():
    mesh = syria(6).mesh
    one, two = sources(mesh), mesh.indices
    per_km = mesh.travel / 10 / mesh.edge_km
    plain = mesh.crossing == Crossing.OPEN
    trunk = plain & (mesh.road[one] == 2) & (mesh.road[two] == 2)
    lava = plain & (mesh.terrain[one] == Terrain.LAVA) & (mesh.terrain[two] == Terrain.LAVA)
    desert = plain & (mesh.terrain[one] == Terrain.DESERT) & (mesh.road[one] == 0)
    assert np.median(per_km[trunk]) < np.median(per_km[desert]) < np.median(per_km[lava])
    bridge = mesh.crossing == Crossing.BRIDGE
    assert (mesh.travel[bridge] / 10 > mesh.edge_km[bridge] + 7).all()


def test_known_ground_has_its_class():
    theatre = syria(6)
    ground = {
        "Al-Safa": Terrain.LAVA, "Aleppo": Terrain.URBAN, "Damascus": Terrain.URBAN,
        "As Susah": Terrain.VALLEY, "Abu Kamal": Terrain.VALLEY, "At Tanf": Terrain.DESERT,
        "T3 pumping station": Terrain.DESERT, "Kabani": Terrain.MOUNTAIN,
        "Salkhad": Terrain.MOUNTAIN, "Ayn Issa": Terrain.STEPPE,
    }  # fmt: skip
    got = {n: Terrain(int(theatre.mesh.terrain[cell(theatre, n)])) for n in ground}
    assert got == ground


def test_the_middle_euphrates_has_its_people():
    """Hajin, Al Jala, As Susah and Abu Kamal subdistricts: 265,142 in 2004."""
    theatre = syria(6)
    own = theatre.cells_of_districts(["SY0902"])
    assert theatre.mesh.population[own].sum() == pytest.approx(265_142, rel=0.03)


def test_a_refined_area_is_fine_inside_and_coarse_outside():
    mesh = syria(6, [(POCKET, 7)]).mesh
    inside = np.array([POCKET.contains_properly(p) for p in _points(mesh)])
    fine = np.array([name[1] == "7" for name in mesh.cell_id])
    assert fine[inside].all()
    assert not fine[mesh.lon < 40.3].any()
    assert syria(6, [(POCKET, 7)]).label == "6+7"


def _points(mesh):
    return [Point(lon, lat) for lon, lat in zip(mesh.lon, mesh.lat, strict=True)]


def test_outlines_lie_around_their_cells_and_do_not_cross_the_river():
    theatre = syria(6)
    shapes = theatre.outlines()
    assert len(shapes) == theatre.mesh.cells
    assert all(s.is_valid and s.area > 0 for s in shapes)
    for name, bank in BANKS.items():
        place, home = theatre.gazetteer.find(name), cell(theatre, name)
        for other in np.flatnonzero(theatre.mesh.bank != bank):
            if abs(theatre.mesh.lon[other] - place.lon) < 0.1:
                assert not shapes[other].contains(Point(place.lon, place.lat)), name
        assert shapes[home].distance(Point(place.lon, place.lat)) < 0.03, name


def test_outlines_of_a_mixed_mesh_leave_no_gap_at_the_seam():
    theatre = syria(6, [(POCKET, 7)])
    box = POCKET.buffer(0.15)
    shapes = [o for o in theatre.outlines() if o.intersects(box)]
    covered = shapely.union_all([o.intersection(box) for o in shapes])
    country = shapely.union_all(list(theatre.district_outlines().values()))
    assert box.intersection(country).difference(covered).area < 0.002 * box.area
    twice = sum(o.intersection(box).area for o in shapes) - covered.area
    assert twice < 0.002 * box.area


def test_district_and_governorate_outlines_cover_the_country():
    theatre = syria(6)
    districts, governorates = theatre.district_outlines(), theatre.governorate_outlines()
    assert sorted(districts) == [d.pcode for d in theatre.districts]
    assert len(governorates) == 14
    whole = sum(g.area for g in districts.values())
    assert sum(g.area for g in governorates.values()) == pytest.approx(whole, rel=1e-3)


def test_cells_are_found_by_place_district_polygon_and_line():
    theatre = syria(6)
    mesh = theatre.mesh
    assert theatre.cells_of_place("Hajin").tolist() == [cell(theatre, "Hajin")]
    near = theatre.cells_of_place("Hajin", radius_km=15)
    assert cell(theatre, "Hajin") in near
    assert 10 < len(near) < 40
    assert (np.diff(near) > 0).all()
    assert near.dtype == np.int32
    abu_kamal = theatre.cells_of_districts(["SY0902"])
    assert (theatre.cells_of_place("Abu Kamal District") == abu_kamal).all()
    assert set(abu_kamal) < set(theatre.cells_of_governorates(["SY09"]).tolist())
    assert set(theatre.cells_in_polygon(POCKET)) == set(
        theatre.cells_in_polygon(list(POCKET.exterior.coords))
    )
    road = theatre.cells_near_line([(40.14, 35.33), (40.92, 34.45)], 5)
    assert cell(theatre, "Deir ez-Zor") in road
    assert 20 < len(road) < 80
    assert mesh.lat[road].min() > 34.3


def test_points_abroad_and_unknown_codes_are_refused_with_a_reason():
    theatre = syria(6)
    with pytest.raises(PlaceError, match="outside the theatre"):
        theatre.cell_of(33.0, 35.0)
    with pytest.raises(PlaceError, match="outside the theatre"):
        theatre.cell_of(35.75, 32.95)  # the occupied Golan is out of play
    with pytest.raises(PlaceError, match="Did you mean 'SY0902'"):
        theatre.cells_of_districts(["SY902"])
    with pytest.raises(PlaceError, match="no governorate"):
        theatre.cells_of_governorates(["SY99"])


@pytest.mark.parametrize(
    ("resolution", "finer", "message"),
    [
        (8, (), "no mesh at resolution 8"),
        (7, [(POCKET, 7)], "finest"),
        (6, [(POCKET, 6)], "from 7 to 7"),
        (6, [([(40, 34), (41, 35), (41, 34), (40, 35)], 7)], "not a valid polygon"),
    ],
)
def test_a_mesh_that_cannot_be_is_refused(resolution, finer, message):
    with pytest.raises(BadiaError, match=message):
        syria(resolution, finer)


def test_a_theatre_travels_to_another_process_as_its_recipe():
    theatre = syria(6, [(POCKET, 7)])
    sent = pickle.dumps(theatre)
    assert len(sent) < 2000
    assert pickle.loads(sent).digest() == theatre.digest()


DIGEST = "from sim.theatre import syria; print(syria(6).digest())"


def test_the_mesh_has_the_same_bits_on_a_plain_processor():
    """The features that numpy may use on this machine are all switched off in the second run."""
    features = [name for name, here in __cpu_features__.items() if here]
    switchable = [name for name in features if name in __cpu_dispatch__]
    environment = {**os.environ, "NPY_DISABLE_CPU_FEATURES": " ".join(switchable)}
    run = subprocess.run(
        [sys.executable, "-c", DIGEST], env=environment, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == syria(6).digest()


def test_the_same_request_gives_the_same_theatre():
    assert syria(6) is syria(6)
    assert (
        syria(6, [(POCKET, 7)]).digest() == syria(6, [(list(POCKET.exterior.coords), 7)]).digest()
    )
    assert len({syria(r).digest() for r in (5, 6, 7)}) == 3
