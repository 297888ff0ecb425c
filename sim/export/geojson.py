"""GeoJSON: the cells of one day as polygons, with who most likely holds them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.errors import ExportError
from sim.export.story import NOBODY_COLOUR, NOT_A_FORECAST, provenance

if TYPE_CHECKING:
    from sim.result import Result

ATTRIBUTION = (
    "Districts: OCHA COD-AB Syria (CC BY 3.0 IGO). Towns and rivers: GeoNames (CC BY 4.0), Natural "
    "Earth (public domain). See ATTRIBUTION.md."
)
LEAST = 0.0005  # probabilities below this are left out
DIGITS = 5  # of coordinates in degrees: about a metre


def features(result: Result, entry: int) -> dict[str, Any]:
    """An entry of the daily axis as a FeatureCollection.

    Probabilities below LEAST are left out.
    """
    import shapely

    setting, data = result.setting, result.dataset
    if not setting.outlines:
        raise ExportError(f"The result of {setting.name} has no outlines of its cells.")
    p = data["probability"].isel(day=entry).to_numpy()
    names = (*setting.faction_names, "nobody")
    colours = (*setting.colours, NOBODY_COLOUR)
    cells = []
    for cell, shape in enumerate(setting.outlines):
        first = int(p[cell].argmax())
        held = {
            id: round(float(x), 4)
            for id, x in zip(setting.holders, p[cell], strict=True)
            if x >= LEAST
        }
        outline = shapely.to_geojson(shapely.set_precision(shape, 10**-DIGITS))
        cells.append(
            {
                "type": "Feature",
                "id": setting.cell_id[cell],
                "geometry": json.loads(outline),
                "properties": {
                    "place": setting.place[cell],
                    "district": setting.district[cell],
                    "area_km2": round(float(setting.area_km2[cell]), 2),
                    "holder": setting.holders[first],
                    "holder_name": names[first],
                    "fill": colours[first],
                    "probability": round(float(p[cell, first]), 4),
                    "probabilities": held,
                },
            }
        )
    return {
        "type": "FeatureCollection",
        "name": setting.title,
        "date": setting.evening(entry).isoformat(),
        "note": NOT_A_FORECAST,
        "provenance": provenance(result),
        "attribution": ATTRIBUTION,
        "features": cells,
    }


def write_geojson(result: Result, path: Path, entry: int) -> None:
    """Write the cells as they are at an entry of the daily axis."""
    text = json.dumps(features(result, entry), ensure_ascii=False, separators=(",", ":"))
    path.write_text(text + "\n", encoding="utf-8")
