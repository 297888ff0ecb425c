"""Everything that is shown can be taken: tables, the map of a day, a picture, a chart's numbers.

Each file says where it comes from and that it is not a forecast, and its name says the scenario,
the digest, the seed and, for one day, the date.  Files are made when they are asked for.
"""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from pathlib import Path

import pandas as pd
import streamlit as st

from dashboard.kept import Recalled, kept
from dashboard.place import PlaceStory
from dashboard.provenance import Provenance
from dashboard.tables import QUANTITIES, quantiles
from dashboard.texts import say
from sim import Result, export_result

CSV, ZIP, GEOJSON, PNG = "text/csv", "application/zip", "application/geo+json", "image/png"
KEPT_MAPS = 4  # of a result; a country's map of cells has a few MB
MACHINE = ("result",)  # what a summary says of the machine it was made on


def buttons(key: str, result: Result, entry: int | None = None) -> None:
    """Buttons for the tables, and for the map of a day: the last one if no entry is given.

    key  the key of the result among all results, for the widgets
    """
    shown = result.days if entry is None else entry
    when = result.setting.evening(shown)
    later, origin = Recalled(result), Provenance.of(result)
    with st.container(horizontal=True):
        st.download_button(
            say("downloads.tables"), lambda: tables_zip(later()), origin.file_name("tables.zip"),
            ZIP, key=f"tables-{key}", on_click="ignore", icon=":material/table:",
        )  # fmt: skip
        st.download_button(
            say("downloads.geojson"), lambda: geojson_bytes(later(), shown),
            origin.file_name("map.geojson", when), GEOJSON, key=f"geojson-{key}",
            on_click="ignore", icon=":material/layers:",
        )  # fmt: skip
        st.download_button(
            say("downloads.png"), lambda: png_bytes(later(), shown),
            origin.file_name("map.png", when), PNG, key=f"png-{key}", on_click="ignore",
            icon=":material/image:",
        )  # fmt: skip


def fan_button(key: str, result: Result, quantity: str) -> None:
    """A button for the numbers of a fan chart."""
    later = Recalled(result)
    st.download_button(
        say("downloads.chart"), lambda: fan_csv(later(), quantity),
        Provenance.of(result).file_name(f"{quantity}.csv"), CSV, key=f"fan-csv-{key}",
        on_click="ignore", type="tertiary", icon=":material/download:",
    )  # fmt: skip


def place_button(story: PlaceStory) -> None:
    """A button for the chances of a place over the days."""
    st.download_button(
        say("downloads.chart"), lambda: place_csv(story),
        story.provenance.file_name(f"cell-{story.cell}.csv"), CSV, key="place-csv",
        on_click="ignore", type="tertiary", icon=":material/download:",
    )  # fmt: skip


@kept(most=1)
def tables_zip(result: Result) -> bytes:
    """The tables as CSV, the headline numbers as JSON, and a note that says what they are."""
    packed = io.BytesIO()
    with tempfile.TemporaryDirectory() as scratch:
        folder = export_result(result, "csv", Path(scratch) / "tables")
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in sorted(folder.iterdir()):
                archive.write(file, file.name)
            summary = {k: v for k, v in result.summary().items() if k not in MACHINE}
            text = json.dumps(summary, ensure_ascii=False, indent=1)
            archive.writestr("summary.json", text + "\n")
    return packed.getvalue()


@kept(most=KEPT_MAPS)
def geojson_bytes(result: Result, entry: int) -> bytes:
    """The cells of a day as polygons, for a GIS."""
    return _exported(result, "geojson", entry)


@kept(most=KEPT_MAPS)
def png_bytes(result: Result, entry: int) -> bytes:
    """The map at the start beside that of a day, with legend and provenance."""
    return _exported(result, "png", entry)


def fan_csv(result: Result, quantity: str) -> bytes:
    """The numbers of a fan chart: p10, p50 and p90 of every faction on every day.

    quantity  a key of `tables.QUANTITIES`; `area` is in per cent of the map
    """
    wanted, setting = QUANTITIES[quantity], result.setting
    values = wanted.scale * quantiles(result, wanted.series)
    names = setting.faction_ids if wanted.by_faction else ("all",)
    table = pd.concat(
        pd.DataFrame(
            {
                "date": [setting.evening(entry) for entry in range(result.days + 1)],
                "faction": name,
                **{p: values[level, :, f] for level, p in enumerate(("p10", "p50", "p90"))},
            }
        )
        for f, name in enumerate(names)
    )
    return _csv(Provenance.of(result), say(f"downloads.fan.{quantity}"), table)


def place_csv(story: PlaceStory) -> bytes:
    """How likely each side was to hold a place on each day, 0 to 1."""
    table = pd.DataFrame(story.chance, columns=list(story.holders))
    table.insert(0, "date", story.dates)
    about = say("downloads.place", place=story.place, cell=story.id)
    return _csv(story.provenance, about, table)


def _csv(provenance: Provenance, about: str, table: pd.DataFrame) -> bytes:
    """A table under lines that begin with # and say what it is."""
    head = "".join(f"# {line}\n" for line in provenance.lines(about))
    return (head + table.to_csv(index=False, float_format="%.6g")).encode()


def _exported(result: Result, kind: str, entry: int) -> bytes:
    with tempfile.TemporaryDirectory() as scratch:
        return export_result(result, kind, Path(scratch) / "file", entry=entry).read_bytes()
