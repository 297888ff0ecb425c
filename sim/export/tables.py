"""Tables that other tools read: the daily series, the last day's map, the ledger.

CSV has one table a file and PARQUET too, so an export of tables is a folder.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from sim.export.story import NOT_A_FORECAST, provenance

if TYPE_CHECKING:
    from sim.result import Result

SERIES = ("share", "fighters", "covert", "losses")  # per run, day and faction
NOTE = "about.txt"


def series(result: Result) -> pd.DataFrame:
    """One row for each run, day and faction: area share, fighters, covert, losses so far."""
    data = result.dataset[[*SERIES]]
    table = data.to_dataframe().reset_index()
    return table[["run", "day", "date", "faction", *SERIES]]


def last_day(result: Result) -> pd.DataFrame:
    """One row for each cell: where it is, its most likely holder, P(holder) of every faction."""
    data = result.dataset
    p = data["probability"].isel(day=-1)
    first = p.to_numpy().argmax(axis=1)
    table = pd.DataFrame(
        {
            "cell": data["cell"].to_numpy(),
            "place": data["place"].to_numpy(),
            "district": result.setting.district,
            "lon": data["lon"].to_numpy(),
            "lat": data["lat"].to_numpy(),
            "area_km2": data["area"].to_numpy(),
            "date": data["date"].to_numpy()[-1],
            "holder": data["faction"].to_numpy()[first],
        }
    )
    for faction in data["faction"].to_numpy():
        table[f"p_{faction}"] = p.sel(faction=faction).to_numpy()
    return table


def ledger(result: Result) -> pd.DataFrame:
    """Every change of control of every run, with its cause, events and report ids."""
    return result.ledger


TABLES: dict[str, Callable[[Result], pd.DataFrame]] = {
    "series": series,
    "last_day": last_day,
    "ledger": ledger,
}


def write_csv(result: Result, folder: Path) -> None:
    """Write each table as CSV, and a note that says what the tables are."""
    for name, table in TABLES.items():
        table(result).to_csv(folder / f"{name}.csv", index=False, float_format="%.6g")
    _write_note(result, folder)


def write_parquet(result: Result, folder: Path) -> None:
    """Write each table as Parquet, and a note that says what the tables are."""
    for name, table in TABLES.items():
        table(result).to_parquet(folder / f"{name}.parquet", index=False)
    _write_note(result, folder)


def _write_note(result: Result, folder: Path) -> None:
    lines = [
        f"{result.setting.title}",
        NOT_A_FORECAST,
        provenance(result),
        "",
        "series    one row for each run, day and faction: share of the area (0 to 1), fighters in",
        "          the open, members of hidden networks, fighters lost so far; day 0 is the start",
        "last_day  one row for each cell: most likely holder, p_X is the share of the runs in",
        "          which X holds it on the last day",
        "ledger    one row for each change of control; ratio is the combat power ratio, margin the",
        "          chance of success minus the draw; empty where the change needed no fight",
    ]
    (folder / NOTE).write_text("\n".join(lines) + "\n", encoding="utf-8")
