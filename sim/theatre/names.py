"""The places of the gazetteer, as the build script collects them.

Three kinds of source: places kept by hand in `data/places_by_hand.csv` (every place of the claims
and timelines that the scenarios use, with the spellings of reports; `bank` 1 left, 2 right;
positions that nobody gives exactly are marked approximate), towns of GeoNames, and places of UCDP
GED and OCHA.  A name that several sources give within 4 km is one place.
"""

from __future__ import annotations

import csv
import json
import re
import unicodedata
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely

from sim.theatre.gazetteer import bare

HAND = Path(__file__).parent / "data" / "places_by_hand.csv"
L, R = 1, 2  # banks of the Euphrates

_SKIP = {"Qabbāsīn"}  # GeoNames places it 50 km from where it is
_KIND = (
    (r" (?:city|town)$", "town"), (r" vill?a?g?e$", "village"),
    (r" (?:suburb|district)$", "suburb"),
    (r"(?i) (?:airbase|base|airport|camp|brigade|checkpoint|division)$", "base"),
    (r" (?:area|mountain|lake|island|fields?|oilfield|hill|road|farms?)$", "site"),
)  # fmt: skip


def by_hand(path: Path) -> list[dict[str, Any]]:
    """The places of the table beside the atlas that is kept by hand."""
    table = pd.read_csv(path, keep_default_na=False)
    rows: list[dict[str, Any]] = table.to_dict("records")
    for row in rows:
        row["aliases"] = [a for a in row["aliases"].split("|") if a]
        row.update(population=0, rank=2, source="by hand")
    return rows


def geonames(path: Path) -> list[dict[str, Any]]:
    """Towns of GeoNames; foreign scripts other than Arabic are left out."""
    rows = []
    for city in json.loads(path.read_text(encoding="utf-8")):
        if city["name"] in _SKIP:
            continue
        names = [n.replace("|", " ") for n in city["alternatenames"] if _readable(n)]
        rows.append({
            "name": _plain(city["name"]), "aliases": names, "lon": city["longitude"],
            "lat": city["latitude"], "kind": "city" if city["population"] > 200_000 else "town",
            "bank": 0, "population": int(city["population"]), "rank": 1, "approximate": 0,
            "source": "GeoNames",
        })  # fmt: skip
    return rows


def _readable(name: str) -> bool:
    return 3 < len(name) < 40 and bool(
        re.fullmatch(r"[A-Za-zÀ-ʯḀ-ỿ'‘’ʿʻ -]+|[\u0621-\u0652 ]+", name)
    )


def _plain(name: str) -> str:
    text = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    return text.replace("‘", "'").replace("’", "'")


def reported(path: Path) -> list[dict[str, Any]]:
    """Places of UCDP GED and OCHA; `A/B village` is a village A, also called B."""
    rows = []
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["where_prec"] not in ("", "1.0", "2.0"):
                continue
            text, kind = " ".join(row["name"].split()), "town" if "OCHA" in row["src"] else "site"
            for pattern, found in _KIND:
                if re.search(pattern, text):
                    text, kind = re.sub(pattern, "", text) if kind != "base" else text, found
                    break
            names = [n.strip() for n in text.split("/") if n.strip()]
            rows.append({
                "name": names[0], "aliases": names[1:], "lon": float(row["lon"]),
                "lat": float(row["lat"]), "kind": kind, "bank": 0, "population": 0, "rank": 0,
                "approximate": int(row["where_prec"] == "2.0"),
                "source": "OCHA" if "OCHA" in row["src"] else "UCDP GED",
            })  # fmt: skip
    return rows


def merge(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Join rows that share a bare name within 4 km; the first keeps its position and its name.

    A name that a place kept by hand bears is no spelling of another.
    """
    hand = {bare(n): r["name"] for r in rows if r["rank"] == 2 for n in (r["name"], *r["aliases"])}
    kept: list[dict[str, Any]] = []
    index: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        names = {bare(n) for n in (row["name"], *row["aliases"])}
        home = next(
            (k for name in sorted(names) for k in index.get(name, []) if _near(k, row)), None
        )  # fmt: skip
        if home is None:
            kept.append(home := dict(row))
        else:
            home["population"] = max(home["population"], row["population"])
            known = {bare(n) for n in (home["name"], *home["aliases"])}
            for name in (row["name"], *row["aliases"]):
                if bare(name) not in known and hand.get(bare(name), home["name"]) == home["name"]:
                    known.add(bare(name))
                    home["aliases"] = [*home["aliases"], name]
        for name in sorted({bare(n) for n in (home["name"], *home["aliases"])}):
            if home not in index.setdefault(name, []):
                index[name].append(home)
    return kept


def _near(one: dict[str, Any], two: dict[str, Any]) -> bool:
    dx, dy = (one["lon"] - two["lon"]) * 91.0, (one["lat"] - two["lat"]) * 111.0
    return bool(dx * dx + dy * dy < 16.0)


def collect_places(
    reports: Path, cities: Path, districts: pd.DataFrame, shapes: list[Any], left: Any
) -> pd.DataFrame:
    """All places in the theatre, by rank and name, with district and bank.

    Raises ValueError when a place written down by hand would stand on the wrong bank.
    """
    from sim.theatre.build import albers, project

    table = pd.DataFrame(merge([*by_hand(HAND), *geonames(cities), *reported(reports)]))
    points = shapely.points(table["lon"], table["lat"])
    tree = shapely.STRtree(shapes)
    near = tree.query_nearest(points, all_matches=False)
    table["district"] = districts["pcode"].to_numpy()[near[1]]
    km = shapely.distance(points, np.array(shapes, object)[near[1]]) * 100.0
    side = np.where(shapely.contains_xy(left, table["lon"], table["lat"]), L, R)
    wrong = table["bank"].gt(0) & (side != table["bank"])
    if wrong.any():
        raise ValueError(f"on the wrong bank: {sorted(table.loc[wrong, 'name'])}")
    river = project(left).boundary
    x, y = albers(table["lon"].to_numpy(), table["lat"].to_numpy())
    by_river = shapely.distance(river, shapely.points(x, y)) < 12.0
    table["bank"] = np.where(by_river & (table["lon"] < 41.05), side, 0)
    table["x_km"], table["y_km"] = x, y
    table = table[km < 2.5].sort_values(["rank", "name", "lon"], ascending=[False, True, True])
    table["aliases"] = ["|".join(dict.fromkeys(a)) for a in table["aliases"]]
    table[["lon", "lat"]] = table[["lon", "lat"]].round(5)
    return table.reset_index(drop=True)
