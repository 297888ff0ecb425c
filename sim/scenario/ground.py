"""Areas and places of a scenario on its map: names and shapes become cells."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.validation import explain_validity

from sim.errors import BadiaError, PlaceError
from sim.scenario import schema
from sim.scenario.draft import Draft
from sim.scenario.messages import MOST, Collector, Path_, show
from sim.scenario.yaml_lines import read_text
from sim.theatre import Place, Theatre, grid, syria
from sim.theatre.mesh import Bank

Cells = NDArray[np.int32]
# What a scenario may ask of the map, so that no file holds up a server that many share.  The work
# is counted in cells looked at: loading with all of it took 7 to 23 s on two busy cores.
MOST_WORK = 100_000_000
KEPT_COST = 10  # a cell that is kept with its weight, against one that is looked at
FAR_COST = 30  # a cell whose distance from a line or share of a front is measured
MOST_NESTED = 24  # areas that name areas
MOST_POINTS = 50_000  # in all GeoJSON files together
MARGIN = 1.0  # degrees that a drawn shape may reach beyond the outermost cell centres


class Shapes:
    """The drawn areas of a scenario: polygons in the file and in GeoJSON files beside it."""

    def __init__(self, folder: Path, draft: Draft, problems: Collector) -> None:
        self.folder = folder
        self.draft = draft
        self.problems = problems
        self.files: dict[str, tuple[Any, Any]] = {}  # name -> (content, geometry or None)
        self.points_left = MOST_POINTS

    def polygon(self, points: Any, path: Path_) -> Any:
        """The shape of a ring of points, or None when it is not valid."""
        distinct = list(dict.fromkeys(points))
        reason = ""
        if len(distinct) < 3:
            reason = f"{len(distinct)} different points"
        elif not all(abs(lon) <= 180 and abs(lat) <= 90 for lon, lat in points):
            reason = "longitude or latitude out of range"
        else:
            shape = shapely.Polygon(points)
            if shape.is_valid and shape.area > 0:
                return shape
            reason = explain_validity(shape).replace("[", " at [").lower()
        self.problems.add("polygon", path, reason=reason)
        return None

    def geojson(self, name: str, path: Path_) -> Any:
        """The shape in a file of the folder, or None when it cannot be used."""
        if name not in self.files:
            self.files[name] = self._read(name, path)
        return self.files[name][1]

    def _read(self, name: str, path: Path_) -> tuple[Any, Any]:
        target = self.folder / name
        inside = not Path(name).is_absolute() and ".." not in Path(name).parts and "\0" not in name
        if not inside or any(p.is_symlink() for p in (target, *_between(target, self.folder))):
            self.problems.add("geojson-path", path, value=show(name))
            return None, None
        text = read_text(target, self.problems.beside(name))
        if text is None:
            return None, None
        try:
            content = json.loads(text)
            rings = _rings(content)
            self.points_left -= sum(len(ring) for polygon in rings for ring in polygon)
            if self.points_left < 0:
                raise ValueError(f"with it there are more than {MOST_POINTS} points")
            shape = _geometry(rings)
        except RecursionError:
            content, shape = None, "it nests too deeply"
        except ValueError as error:
            content, shape = None, str(error)
        if isinstance(shape, str):
            self.problems.add("geojson", path, name=show(name), reason=shape)
            return content, None
        return content, shape

    def drawn(self, ref: Any, path: Path_) -> Any:
        """The shape of an area that is drawn only, or None when it is not, or not right."""
        seen: set[str] = set()
        parts: list[Any] = []
        todo: list[Any] = [ref]
        while todo:
            item = todo.pop()
            if isinstance(item, str):
                if item in seen or item not in self.draft.areas:
                    continue
                seen.add(item)
                item = self.draft.areas[item]
            area = cast(schema.Area, item)
            if area.all or area.districts or area.governorates or area.places or area.except_:
                self.problems.add("finer-area", path)
                return None
            todo += area.areas
            if area.polygon:
                parts.append(self.polygon(area.polygon, path))
            if area.geojson:
                parts.append(self.geojson(area.geojson, path))
        if not parts or any(part is None for part in parts):
            return None
        return shapely.union_all(parts)


def _between(target: Path, folder: Path) -> list[Path]:
    """The folders between a file and the scenario's folder."""
    return [p for p in target.parents if folder in p.parents]


def _rings(content: Any) -> list[list[list[tuple[float, float]]]]:
    """The rings of every polygon in a GeoJSON document, its border first; raises ValueError."""
    if isinstance(content, dict) and content.get("type") == "FeatureCollection":
        items = content.get("features")
    else:
        items = [content]
    found = []
    for item in items if isinstance(items, list) else []:
        geometry = item.get("geometry") if isinstance(item, dict) and "geometry" in item else item
        kind = geometry.get("type") if isinstance(geometry, dict) else None
        if not isinstance(geometry, dict) or kind not in ("Polygon", "MultiPolygon"):
            raise ValueError("it holds something else than polygons")
        rings = geometry.get("coordinates")
        polygons = [rings] if kind == "Polygon" else rings
        for polygon in polygons if isinstance(polygons, list) else [None]:
            holes = range(1, len(polygon)) if isinstance(polygon, list) else ()
            found.append([_ring(polygon, i) for i in (0, *holes)])
    if not found:
        raise ValueError("it holds no polygon")
    return found


def _geometry(polygons: list[list[list[tuple[float, float]]]]) -> Any:
    """The union of polygons, each its rings; raises ValueError."""
    parts = [shapely.Polygon(border, holes) for border, *holes in polygons]
    for part in parts:
        if not part.is_valid:
            raise ValueError(explain_validity(part).replace("[", " at [").lower())
    return shapely.union_all(parts)


def _ring(polygon: Any, index: int) -> list[tuple[float, float]]:
    ring = polygon[index] if isinstance(polygon, list) and index < len(polygon) else None
    if not isinstance(ring, list) or len(ring) < 4:
        raise ValueError("a ring has fewer than 4 points")
    points = []
    for point in ring:
        numbers = point[:2] if isinstance(point, list) else []
        if len(numbers) != 2 or not all(
            isinstance(v, (int, float)) and not isinstance(v, bool) and abs(v) <= 180
            for v in numbers
        ):  # fmt: skip
            raise ValueError("a point is not [longitude, latitude]")
        points.append((float(numbers[0]), float(numbers[1])))
    return points


# What the gazetteer says of a name that several places bear.
_AMBIGUOUS = re.compile(r"could be (?P<count>\d+) places: .*\. (?P<ways>[^.]+)\.$", re.S)
SYRIA_KEYS = ("resolution", "finer")


def build_theatre(
    draft: Draft, shapes: Shapes, problems: Collector, resolution: int | None
) -> Theatre | None:
    """The map that a scenario asks for, or None when that cannot be told; problems say why."""
    spec = draft.theatre
    if spec is None:
        return None
    said = spec.model_fields_set - {"name"}
    wrong = said - set(SYRIA_KEYS) if spec.name == "syria" else said & set(SYRIA_KEYS)
    for key in sorted(wrong):
        problems.add("theatre-key", ("theatre", key), key=show(key), theatre=spec.name)
    if wrong:
        return None
    try:
        if spec.name == "syria":
            return _syria(spec, shapes, resolution)
        if resolution is not None:
            problems.add("theatre-resolution", ("theatre",), theatre=spec.name)
        if "terrain" in said:
            return _grid(spec.model_dump_json(exclude_unset=True))
    except (BadiaError, ValueError) as error:
        problems.add("theatre-map", ("theatre",), reason=str(error).rstrip("."))
        return None
    meaning = type(spec).model_fields["terrain"].description
    problems.add("key-missing", ("theatre",), key=show("terrain"), meaning=meaning)
    return None


def _syria(spec: schema.TheatreSpec, shapes: Shapes, resolution: int | None) -> Theatre | None:
    """Syria as a scenario wants it; a caller's resolution swallows areas that are not finer."""
    base = resolution or spec.resolution or 6
    finer = []
    for i, part in enumerate(spec.finer):
        shape = shapes.drawn(part.area, ("theatre", "finer", i, "area"))
        if shape is None:
            return None
        if resolution is None or part.resolution > base:
            finer.append((shape, part.resolution))
    return syria(base, finer)


@lru_cache(maxsize=32)
def _grid(spec: str) -> Theatre:
    """The invented theatre of a specification as JSON, which unlike the model can be hashed."""
    options = json.loads(spec)
    del options["name"]
    return grid(**{key: value for key, value in options.items() if value is not None})


class Ground:
    """Turns the areas and places of one scenario into cells of its theatre."""

    def __init__(self, draft: Draft, theatre: Theatre, shapes: Shapes, problems: Collector) -> None:
        self.draft = draft
        self.theatre = theatre
        self.shapes = shapes
        self.problems = problems
        self.named: dict[str, Cells | None] = {}
        self.in_files: dict[str, Cells] = {}  # cells of GeoJSON files
        self.depth = 0  # areas inside each other that are being resolved
        self.work_left = MOST_WORK
        self.found: set[str] = set()  # the places that were asked for
        self.unknown: dict[str, str] = {}  # unknown places and the nearest right spelling
        mesh = theatre.mesh
        self.box = (
            float(mesh.lon.min()) - MARGIN, float(mesh.lon.max()) + MARGIN,
            float(mesh.lat.min()) - MARGIN, float(mesh.lat.max()) + MARGIN,
        )  # fmt: skip
        self.governorates = sorted({d.governorate for d in theatre.districts})
        self.districts = [d.pcode for d in theatre.districts]

    def place(self, name: str, path: Path_) -> Place | None:
        """The place of a name, or None when the gazetteer does not know it."""
        try:
            place = self.theatre.gazetteer.find(name)
            self.found.add(place.name)
            return place
        except PlaceError as error:
            reason = str(error)
        if ambiguous := _AMBIGUOUS.search(reason):
            self.problems.add(
                "place-ambiguous", path, name=show(name), count=ambiguous["count"],
                ways=ambiguous["ways"],
            )  # fmt: skip
            return None
        if name not in self.unknown:
            few = len(self.unknown) < MOST
            self.unknown[name] = self.theatre.gazetteer.suggest(name[:80]) if few else ""
        self.problems.add(
            "place-unknown", path, suggestion=self.unknown[name], name=show(name),
            theatre=f"The theatre '{self.theatre.name}'", count=len(self.theatre.gazetteer.places),
        )  # fmt: skip
        return None

    def spend(self, work: int, path: Path_) -> bool:
        """Count work, in cells looked at; whether any is left.  Told once when it runs out."""
        if self.work_left < 0:
            return False
        self.work_left -= work
        if self.work_left < 0:
            self.problems.add("area-work", path, most=MOST_WORK // 10**6)
        return self.work_left >= 0

    def place_cells(self, name: str, path: Path_, radius_km: float = 0) -> Cells | None:
        """The cells of a place, or None when it is unknown or off the map."""
        place = self.place(name, path)
        if place is None or not self.spend(self.theatre.mesh.cells, path):
            return None
        try:
            cells = self.theatre.cells_of_place(place, radius_km)
        except PlaceError:
            cells = np.empty(0, np.int32)
        if len(cells):
            return cells
        self.problems.add("place-outside", path, name=show(name))
        return None

    def place_cell(self, name: str, path: Path_) -> int | None:
        """The one cell of a place, or None when it is unknown or off the map."""
        place = self.place(name, path)
        if place is None:
            return None
        try:
            return self.theatre.cell_of(place.lon, place.lat, place.bank)
        except PlaceError:
            self.problems.add("place-outside", path, name=show(name))
            return None

    def cells(self, ref: Any, path: Path_) -> Cells | None:
        """The cells of an area, ascending; None when something about it is wrong."""
        if not isinstance(ref, str):
            return self._area(ref, path)
        if ref not in self.named:
            self.named[ref] = None  # while it is being resolved: a circle ends here
            area = self.draft.areas.get(ref)
            if area is not None:
                self.named[ref] = self._area(area, ("areas", ref))
        return self.named[ref]

    def _area(self, area: schema.Area, path: Path_) -> Cells | None:
        if self.depth == MOST_NESTED and self.spend(0, path):
            self.problems.add("area-depth", path, most=MOST_NESTED)
            self.work_left = -1  # one is enough: who builds towers builds many
        if not self.spend(self.theatre.mesh.cells, path):
            return None
        self.depth += 1
        try:
            return self._union(area, path)
        finally:
            self.depth -= 1

    def _union(self, area: schema.Area, path: Path_) -> Cells | None:
        theatre, before = self.theatre, len(self.problems.errors)
        inside = np.zeros(theatre.mesh.cells, np.bool_)
        whole = True

        def add(cells: Cells | None) -> None:
            nonlocal whole
            if cells is None:
                whole = False
            else:
                inside[cells] = True

        if area.all:
            inside[:] = True
        self._codes(area.districts, self.districts, "district", (*path, "districts"))
        self._codes(area.governorates, self.governorates, "governorate", (*path, "governorates"))
        districts = [code for code in area.districts if code in self.districts]
        governorates = [code for code in area.governorates if code in self.governorates]
        if districts:
            add(theatre.cells_of_districts(districts))
        if governorates:
            add(theatre.cells_of_governorates(governorates))
        for i, name in enumerate(area.places):
            add(self.place_cells(name, (*path, "places", i), area.radius_km))
        if area.polygon:
            shape = self.shapes.polygon(area.polygon, (*path, "polygon"))
            for i, point in enumerate(area.polygon):
                self._inside(point, (*path, "polygon", i))
            if shape is not None:
                add(theatre.cells_in_polygon(shape))
        if area.geojson is not None:
            add(self._in_file(area.geojson, (*path, "geojson")))
        for i, name in enumerate(area.areas):
            part = self.cells(name, (*path, "areas", i))
            add(part if part is None or self.spend(len(part), path) else None)
        without = None
        if area.except_ is not None:
            without = self.cells(area.except_, (*path, "except"))
            if without is None:
                return None
        if len(self.problems.errors) > before or not whole:
            return None
        found = np.flatnonzero(inside).astype(np.int32)
        if area.bank is not None:
            found = found[theatre.mesh.bank[found] == Bank[area.bank.upper()]]
        if without is not None:
            found = np.setdiff1d(found, without).astype(np.int32)
        if not len(found):
            self.problems.add("area-empty", path)
            return None
        return found

    def _in_file(self, name: str, path: Path_) -> Cells | None:
        """The cells of a GeoJSON file, or None when it cannot be used; looked up once."""
        shape = self.shapes.geojson(name, path)
        if shape is None:
            return None
        west, south, east, north = shape.bounds
        for point in ((west, south), (east, north)):
            self._inside(point, path)
        if name not in self.in_files:
            self.in_files[name] = self.theatre.cells_in_polygon(shape)
        return self.in_files[name]

    def _codes(self, codes: tuple[str, ...], known: list[str], what: str, path: Path_) -> None:
        for i, code in enumerate(codes):
            if code not in known:
                where = f"the theatre '{self.theatre.name}'"
                self.problems.add(
                    f"{what}-unknown", (*path, i), name=show(code), theatre=where, wrong=code,
                    known=known,
                )  # fmt: skip

    def _inside(self, point: tuple[float, float], path: Path_) -> None:
        lon, lat = point
        west, east, south, north = self.box
        if not (west <= lon <= east and south <= lat <= north):
            box = f"{west:.1f} to {east:.1f}, {south:.1f} to {north:.1f}"
            self.problems.add("point-outside", path, lon=show(lon), lat=show(lat), box=box)
