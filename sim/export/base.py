"""The registry of exports, and the one way to make them: whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sim.errors import ExportError

if TYPE_CHECKING:
    from sim.result import Result


@dataclass(frozen=True)
class Exporter:
    """One kind of export.

    what    what it is, in a few words
    name    the file or folder it makes inside a result's folder unless another path is given
    folder  whether it makes a folder of files
    write   writes it at a path; the folder exists, the file does not.  Maps of one day show that
            entry of the daily axis; what tells of all days leaves it aside
    """

    what: str
    name: str
    folder: bool
    write: Callable[[Result, Path, int], None]


def _csv(result: Result, path: Path, entry: int) -> None:
    from sim.export.tables import write_csv

    write_csv(result, path)


def _parquet(result: Result, path: Path, entry: int) -> None:
    from sim.export.tables import write_parquet

    write_parquet(result, path)


def _geojson(result: Result, path: Path, entry: int) -> None:
    from sim.export.geojson import write_geojson

    write_geojson(result, path, entry)


def _png(result: Result, path: Path, entry: int) -> None:
    from sim.export.picture import write_png
    from sim.export.story import Story

    write_png(Story.of(result), path, entry)


def _gif(result: Result, path: Path, entry: int) -> None:
    from sim.export.film import write_gif
    from sim.export.story import Story

    write_gif(Story.of(result), path)


EXPORTERS: dict[str, Exporter] = {
    "csv": Exporter("tables for any tool", "csv", True, _csv),
    "parquet": Exporter("the same tables, typed", "parquet", True, _parquet),
    "geojson": Exporter("the last day's cells", "map.geojson", False, _geojson),
    "png": Exporter("the first day beside the last", "map.png", False, _png),
    "gif": Exporter("the map over the days", "film.gif", False, _gif),
}


def export(
    result: Result, kind: str, path: str | os.PathLike[str], *, entry: int | None = None
) -> Path:
    """Write a result as `kind` (a key of EXPORTERS) at `path`, and return the path.

    entry  the entry of the daily axis that a map of one day shows; the last one if none is given
    What stood there is replaced only when the new export is whole.  Raises ExportError for an
    unknown kind, a day that was not simulated, and where the path cannot be written.
    """
    exporter = EXPORTERS.get(kind)
    if exporter is None:
        raise ExportError(f"No export is called '{kind}'. There are {', '.join(EXPORTERS)}.")
    shown = result.days if entry is None else entry
    if not 0 <= shown <= result.days:
        raise ExportError(f"This result has no day {shown}; it has 0, the start, to {result.days}.")
    target = Path(path).expanduser().absolute()
    if target.exists() and target.is_dir() != exporter.folder:
        wanted, found = ("folder", "file") if exporter.folder else ("file", "folder")
        raise ExportError(f"{target} is a {found}; '{kind}' makes a {wanted}. Choose another path.")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as scratch:
            draft = Path(scratch) / target.name
            if exporter.folder:
                draft.mkdir()
            exporter.write(result, draft, shown)
            _put_in_place(draft, target)
    except OSError as problem:
        raise ExportError(f"Cannot write {target}: {problem.strerror}.") from problem
    return target


def _put_in_place(draft: Path, target: Path) -> None:
    """Move a finished file, or the files of a finished folder, to where they belong."""
    if not draft.is_dir():
        os.replace(draft, target)
        return
    target.mkdir(exist_ok=True)
    for file in sorted(draft.iterdir()):
        shutil.move(file, target / file.name)
