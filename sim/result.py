"""A result: what an ensemble left behind, in labelled arrays and tables, and its folder on disk.

The folder holds `manifest.json` (what was run, where, with which checksums), `series.nc` (NetCDF),
`ledger.parquet`, `incidents.parquet` and `scenario/` (what the result remembers of its scenario).
It is written beside its place and moved there whole, so that what loads is complete.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from sim.errors import ResultError
from sim.record import SQUARE_METRES, Record
from sim.scenario.compiled import NOBODY
from sim.setting import Setting
from sim.state import Cause, Incident, Loss

if TYPE_CHECKING:  # half a second that only who makes or reads a result should pay
    import pandas as pd
    import xarray as xr

Array = NDArray[Any]

FORMAT = 1
_HDF5 = threading.Lock()  # the library below NetCDF crashes where two threads meet in it
LOSSES = tuple(loss.name.lower().replace("_", "-") for loss in Loss)
CAUSES = tuple(cause.name.lower().replace("_", "-") for cause in Cause)
INCIDENTS = tuple(kind.name.lower().replace("_", "-") for kind in Incident)
QUANTILES = {"p10": 0.1, "p50": 0.5, "p90": 0.9}
DISCLAIMER = (
    "History and teaching from public reports at the level of districts and cells of about 5 km: "
    "not a forecast and not a targeting aid."
)


class Result:
    """An ensemble of runs of one scenario.

    dataset    xarray: `probability(day, cell, faction)` that a faction (or nobody, the last place
               of the axis) holds a cell; per run and day `share`, `fighters`, `covert`, `losses`
               so far, `displaced`, `changes`; `losses_by_cause(run, faction, loss)`;
               `start_fighters(cell, faction)`; `drawn(run, parameter)`: what each run drew.
               Entry 0 of `day` is the start, entry k the evening of the k-th simulated day;
               `date` says which.
    ledger     pandas: one row for each change of control; `day` counts like the dataset's
    incidents  pandas: operations, break-outs, surrenders, arrests, convoys
    manifest   what was run: scenario, digest, seed, parameters, versions, machine, time
    setting    what the result remembers of its scenario
    path       the folder, once saved or loaded
    """

    def __init__(
        self,
        dataset: xr.Dataset,
        ledger: pd.DataFrame,
        incidents: pd.DataFrame,
        manifest: dict[str, Any],
        setting: Setting,
        path: Path | None = None,
    ) -> None:
        self.dataset = dataset
        self.ledger = ledger
        self.incidents = incidents
        self.manifest = manifest
        self.setting = setting
        self.path = path

    # --- size ---

    @property
    def runs(self) -> int:
        """Runs kept."""
        return int(self.dataset.sizes["run"])

    @property
    def days(self) -> int:
        """Days simulated."""
        return int(self.dataset.sizes["day"]) - 1

    @property
    def interrupted(self) -> bool:
        """Whether the ensemble was stopped before all of its runs were done."""
        return bool(self.manifest.get("interrupted", False))

    @classmethod
    def of(
        cls,
        record: Record,
        setting: Setting,
        manifest: Mapping[str, Any],
        parameters: Mapping[str, Array] | None = None,
    ) -> Result:
        """A result from what was recorded; `parameters` holds those that differ by run, (R,)."""
        return cls(
            _dataset(record, setting, parameters or {}),
            _ledger(record, setting),
            _incidents(record, setting),
            dict(manifest),
            setting,
        )

    # --- maps and series ---

    def holder(self, run: int) -> Array:
        """The map of one run on every evening, (days+1, C) int8, NOBODY where nobody holds."""
        self._row(run)
        history = np.repeat(self.setting.holder[None, :], self.days + 1, axis=0)
        mine = self.ledger[self.ledger["run"] == run]
        index = self._index("to", mine)
        for day, cell, to in zip(mine["day"], mine["cell"].cat.codes, index, strict=True):
            history[day:, cell] = to
        return history

    def parameter(self, name: str, run: int) -> float:
        """A parameter's value in one run: what it drew, else what all runs have."""
        row, drawn = self._row(run), self.dataset["parameter"].to_numpy().tolist()
        if name in drawn:
            return float(self.dataset["drawn"].to_numpy()[row, drawn.index(name)])
        changed = self.manifest.get("changes", {}).get(name)
        return float(self.setting.parameters[name] if changed is None else changed)

    def held_m2(self, cells: Array, faction: int) -> Array:
        """Area of `cells` that a faction holds on every evening of every run; (R, days+1) int64."""
        area = area_m2(self.setting)
        rows = self.ledger[self.ledger["cell"].cat.codes.isin(np.asarray(cells))]
        where = area[rows["cell"].cat.codes]
        run = np.searchsorted(self.dataset["run"].to_numpy(), rows["run"])
        moved = np.zeros((self.runs, self.days + 1), np.int64)
        for column, sign in (("to", 1), ("from", -1)):
            there = self._index(column, rows) == faction
            np.add.at(moved, (run[there], rows["day"].to_numpy()[there]), sign * where[there])
        moved[:, 0] = int(area[cells][self.setting.holder[cells] == faction].sum())
        return np.cumsum(moved, axis=1)

    def holds(self, cells: Array, faction: int) -> Array:
        """Whether a faction holds most of the area of `cells`; (R, days+1) bool."""
        return self.held_m2(cells, faction) * 2 > int(area_m2(self.setting)[cells].sum())

    def first_day(self, cells: Array, faction: int) -> Array:
        """First entry of the daily axis at which a faction holds most of the area; (R,) float64.

        Infinite where it never does; 0 where it does from the start.
        """
        held = self.holds(cells, faction)
        return np.where(held.any(axis=1), held.argmax(axis=1).astype(np.float64), np.inf)

    def summary(self) -> dict[str, Any]:
        """What `badia run --json` prints.

        Quantiles are observed values (`inverted_cdf`: the smallest value that at least that share
        of the runs does not exceed), so no bit depends on interpolation.
        """
        setting, manifest = self.setting, self.manifest
        last = self.dataset.isel(day=-1)
        share, losses = last["share"].to_numpy(), last["losses"].to_numpy()
        changes = int(self.dataset["changes"].sum())
        return {
            "scenario": setting.name,
            "digest": setting.digest,
            "version": manifest["version"],
            "seed": manifest["seed"],
            "runs": self.runs,
            "days": self.days,
            "cells": setting.cells,
            "factions": list(setting.faction_ids),
            "elapsed_s": manifest["elapsed_s"],
            "cell_days_per_s": manifest["cell_days_per_s"],
            "share": {id: quantiles(share[:, f]) for f, id in enumerate(setting.faction_ids)},
            "losses": {id: quantiles(losses[:, f]) for f, id in enumerate(setting.faction_ids)},
            "changes": changes / (self.runs * self.days) if self.days else 0.0,
            "outcomes": self.outcomes(),
            "interrupted": self.interrupted,
            "warnings": list(manifest.get("warnings", [])),
            "result": str(self.path) if self.path else None,
        }

    def outcomes(self) -> list[dict[str, Any]]:
        """The scenario's questions: how often, and when.

        Each: id, text, place, faction, by (a date), `probability` that the faction holds most of
        the place on that date's evening (none if the runs ended before it), and `day` and `date`:
        p10, p50, p90 of the first evening on which it does (1 is the first simulated day, 0 the
        start; none where that share of the runs did not get there).
        """
        rows = []
        for question in self.setting.questions:
            cells, by = np.asarray(question.cells, np.int64), question.by + 1
            holds = self.holds(cells, question.faction)
            first = self.first_day(cells, question.faction)
            days = {name: _whole(value) for name, value in quantiles(first).items()}
            rows.append(
                {
                    "id": question.id,
                    "text": question.text,
                    "place": question.place,
                    "faction": self.setting.holders[question.faction],
                    "by": self.setting.evening(by).isoformat(),
                    "probability": float(holds[:, by].mean()) if by <= self.days else None,
                    "day": days,
                    "date": {
                        name: None if day is None else self.setting.evening(day).isoformat()
                        for name, day in days.items()
                    },
                }
            )
        return rows

    # --- disk ---

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the result's folder and return its path; a result that stood there is replaced.

        Everything is written to a folder beside it, forced to disk and moved into place, so an
        interrupted write leaves nothing that loads as good.  Raises ResultError where something
        other than a result stands in the way or the place cannot be written.
        """
        target = Path(path).expanduser().absolute()
        _refuse_what_is_no_result(target)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            draft = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
        except OSError as problem:
            raise ResultError(f"Cannot write a result at {target}: {problem.strerror}.") from None
        try:
            self._write(draft)
            _move_into_place(draft, target)
        except OSError as problem:
            raise ResultError(f"Cannot write a result at {target}: {problem.strerror}.") from None
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        self.path = target
        return target

    def _write(self, folder: Path) -> None:
        self._write_series(folder / "series.nc")
        for name, rows in (("ledger", self.ledger), ("incidents", self.incidents)):
            numbers = list(rows.select_dtypes(exclude="category"))  # the least and largest word
            # of a column help nobody and take a third of the time
            rows.to_parquet(folder / f"{name}.parquet", index=False, write_statistics=numbers)
        (folder / "scenario").mkdir()
        self.setting.write(folder / "scenario")
        files = {}
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                _flush(file)
                files[file.relative_to(folder).as_posix()] = _fingerprint(file)
        manifest = {**self.manifest, "format": FORMAT, "files": files, "complete": True}
        manifest["seal"] = _seal(manifest)
        text = json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True)
        (folder / "manifest.json").write_text(text + "\n", encoding="utf-8")
        _flush(folder / "manifest.json")
        _flush(folder / "scenario")
        _flush(folder)

    def _write_series(self, file: Path) -> None:
        packed = self.dataset.copy()
        packed["probability"] = (
            packed["probability"].dims,
            _counts(packed["probability"].to_numpy(), self.runs),
            {**packed["probability"].attrs, "scale_factor": 1.0 / self.runs},
        )
        squeeze = {"zlib": True, "complevel": 1, "shuffle": True}
        encoding: dict[str, dict[str, Any]] = {
            str(name): {
                **(squeeze if name in packed.data_vars and variable.size else {}),
                **({"_FillValue": None} if variable.dtype.kind == "f" else {}),
            }
            for name, variable in packed.variables.items()
        }
        encoding["date"] = {"units": f"days since {self.setting.start}", "dtype": "int32"}
        with _HDF5:
            packed.to_netcdf(file, engine="netcdf4", encoding=encoding)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Result:
        """Read a result's folder.

        Raises ResultError, saying what is missing or damaged, unless every file is as it was
        written.
        """
        import pandas as pd
        import xarray as xr

        folder = Path(path).expanduser().absolute()
        manifest = read_manifest(folder)
        problems = []
        for name, (size, digest) in sorted(manifest["files"].items()):
            file = folder / name
            if not file.is_file():
                problems.append(f"{name} is missing")
            elif _fingerprint(file) != [size, digest]:
                problems.append(f"{name} is damaged: its checksum differs from the manifest's")
        if problems:
            raise ResultError(
                f"The result {folder} cannot be used: {'; '.join(problems)}. Run it again."
            )
        setting = Setting.read(folder / "scenario")
        with (
            _HDF5,
            xr.open_dataset(folder / "series.nc", engine="netcdf4", mask_and_scale=False) as stored,
        ):
            dataset = stored.load()
        packed = dataset["probability"]
        attrs = {key: value for key, value in packed.attrs.items() if key != "scale_factor"}
        chances = _chances(packed.to_numpy(), int(dataset.sizes["run"]))
        dataset["probability"] = (packed.dims, chances, attrs)
        for name in dataset.variables:
            dataset[name].encoding = {}
        ledger = _categories(pd.read_parquet(folder / "ledger.parquet"), setting)
        incidents = _categories(pd.read_parquet(folder / "incidents.parquet"), setting)
        for key in ("format", "files", "complete", "seal"):
            manifest.pop(key)
        return cls(dataset, ledger, incidents, manifest, setting, folder)

    # --- helpers ---

    def _row(self, run: int) -> int:
        """The place of a run on the run axis; ResultError if this result has no such run."""
        found = np.flatnonzero(self.dataset["run"].to_numpy() == run)
        if len(found) == 0:
            runs = self.dataset["run"].to_numpy()
            raise ResultError(f"This result has no run {run}; it has {runs[0]} to {runs[-1]}.")
        return int(found[0])

    def _index(self, column: str, rows: pd.DataFrame) -> Array:
        """Faction indices of a column of ids; nobody is NOBODY."""
        codes = rows[column].cat.codes.to_numpy()
        return np.where(codes == self.setting.factions, NOBODY, codes)


def quantiles(values: Array) -> dict[str, float | None]:
    """p10, p50, p90 of one value a run, each an observed value; none where it is infinite."""
    found = np.quantile(values.astype(np.float64), list(QUANTILES.values()), method="inverted_cdf")
    return {
        name: float(value) if np.isfinite(value) else None
        for name, value in zip(QUANTILES, found, strict=True)
    }


def area_m2(setting: Setting) -> Array:
    """Area of the cells in whole m2, as the record sums it; (C,) int64."""
    area: Array = np.rint(setting.area_km2 * SQUARE_METRES).astype(np.int64)
    return area


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a result's folder, checked to be whole; ResultError if it is not."""
    file = folder / "manifest.json"
    if not folder.is_dir():
        raise ResultError(f"There is no result at {folder}.")
    if not file.is_file():
        raise ResultError(
            f"{folder} is not a result: it has no manifest.json. "
            "Either it never was one, or its writing was interrupted; run it again."
        )
    try:
        manifest = json.loads(file.read_text(encoding="utf-8"))
        whole = manifest["complete"] is True and manifest["seal"] == _seal(manifest)
    except (ValueError, KeyError, TypeError):
        whole = False
    if not whole:
        raise ResultError(f"The result {folder} cannot be used: its manifest.json is damaged.")
    if manifest["format"] != FORMAT:
        raise ResultError(
            f"The result {folder} has format {manifest['format']}; this version reads {FORMAT}."
        )
    return cast(dict[str, Any], manifest)


def _seal(manifest: Mapping[str, Any]) -> str:
    """The checksum of everything else in the manifest."""
    rest = {key: value for key, value in manifest.items() if key != "seal"}
    text = json.dumps(rest, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _fingerprint(file: Path) -> list[int | str]:
    """Size in bytes and SHA-256 of a file."""
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return [file.stat().st_size, digest]


def _flush(path: Path) -> None:
    """Force a file or folder to disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _refuse_what_is_no_result(target: Path) -> None:
    if not target.exists() and not target.is_symlink():
        return
    if not target.is_dir() or target.is_symlink():
        raise ResultError(f"{target} is not a folder; choose another place for the result.")
    if any(target.iterdir()) and not (target / "manifest.json").is_file():
        raise ResultError(
            f"{target} holds something that is not a result; it is left alone. "
            "Choose another place or empty it."
        )


def _move_into_place(draft: Path, target: Path) -> None:
    """Put the finished folder where it belongs; what stood there goes only when it has."""
    draft.chmod(0o755)  # temporary folders are private
    if target.exists():
        aside = Path(tempfile.mkdtemp(prefix=f".{target.name}.old.", dir=target.parent))
        os.rename(target, aside / "result")
        try:
            os.rename(draft, target)
        except OSError:
            os.rename(aside / "result", target)
            raise
        finally:
            shutil.rmtree(aside, ignore_errors=True)
    else:
        os.rename(draft, target)
    _flush(target.parent)


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)


def _counts(chances: Array, runs: int) -> Array:
    """Runs that held each cell, from their share; day by day, for as doubles all days are a lot."""
    counts = np.empty(chances.shape, np.uint16 if runs <= 65_535 else np.uint32)
    for day, chance in enumerate(chances):
        counts[day] = np.rint(chance.astype(np.float64) * runs)
    return counts


def _chances(counts: Array, runs: int) -> Array:
    """Shares of the runs from counts of runs, float32."""
    chances: Array = counts.astype(np.float32)
    chances /= np.float32(runs)  # in place: this is the largest array of a result
    return chances


def _dates(setting: Setting, days: Array) -> Array:
    """Dates of entries of the daily axis."""
    first = np.datetime64(setting.evening(0), "D")
    each = (first + np.arange(days.max(initial=0) + 1)).astype("datetime64[ns]")
    dates: Array = each[days]  # looked up: tables have a million rows, and few days
    return dates


def _dataset(record: Record, setting: Setting, parameters: Mapping[str, Array]) -> xr.Dataset:
    """The labelled arrays of a result."""
    import xarray as xr

    total = np.int64(area_m2(setting).sum())
    series, nobody = ("run", "day", "faction"), ((0, 0), (0, 0), (0, 1))
    days = np.arange(record.days + 1, dtype=np.int32)
    start_fighters = np.pad(record.start_fighters / len(record.runs), ((0, 0), (0, 1)))
    drawn = np.array([parameters[name] for name in sorted(parameters)], np.float64)
    variables: dict[str, tuple[tuple[str, ...], Array, dict[str, str]]] = {
        "probability": (
            ("day", "cell", "faction"),
            _chances(record.held, len(record.runs)),
            {"units": "1", "long_name": "share of the runs in which the faction holds the cell"},
        ),
        "share": (
            series,
            record.area_m2 / total,
            {"units": "1", "long_name": "share of the theatre's area that is held"},
        ),
        "fighters": (
            series,
            np.pad(record.fighters, nobody),
            {"units": "person", "long_name": "fighters in the open"},
        ),
        "covert": (
            series,
            np.pad(record.covert, nobody),
            {"units": "person", "long_name": "members of hidden networks"},
        ),
        "losses": (
            series,
            np.pad(record.losses, nobody),
            {"units": "person", "long_name": "fighters lost so far, all causes"},
        ),
        "losses_by_cause": (
            ("run", "faction", "loss"),
            np.pad(record.losses_by_cause, (*nobody[:1], (0, 1), (0, 0))),
            {"units": "person", "long_name": "fighters lost by the end, by cause"},
        ),
        "displaced": (
            ("run", "day"),
            record.displaced,
            {"units": "person", "long_name": "displaced civilians"},
        ),
        "changes": (
            ("run", "day"),
            record.changes,
            {"units": "1", "long_name": "cells that changed hands on the day"},
        ),
        "start_fighters": (
            ("cell", "faction"),
            start_fighters,
            {"units": "person", "long_name": "fighters in the open at the start, mean of runs"},
        ),
        "drawn": (
            ("run", "parameter"),
            drawn.T if len(drawn) else np.zeros((len(record.runs), 0)),
            {"long_name": "parameters that differ from run to run"},
        ),
    }
    coords: dict[str, Any] = {
        "run": record.runs,
        "day": ("day", days, {"long_name": "days simulated; 0 is the start", "units": "1"}),
        "date": ("day", _dates(setting, days), {"long_name": "the evening of this date"}),
        "cell": _text(setting.cell_id),
        "faction": _text(setting.holders),
        "loss": _text(LOSSES),
        "parameter": _text(sorted(parameters)),
        "place": ("cell", _text(setting.place)),
        "lon": ("cell", setting.lon, {"units": "degrees_east"}),
        "lat": ("cell", setting.lat, {"units": "degrees_north"}),
        "area": ("cell", setting.area_km2, {"units": "km2"}),
    }
    attrs = {
        "title": setting.title,
        "scenario": setting.name,
        "digest": setting.digest,
        "comment": DISCLAIMER,
    }
    return xr.Dataset(variables, coords, attrs)


def _text(values: Any) -> Array:
    """Labels as objects: NetCDF gives them back so, and pandas takes them."""
    return np.array(list(values), dtype=object)


def _ledger(record: Record, setting: Setting) -> pd.DataFrame:
    """The ledger as a table: labels instead of indices, the reports behind each change."""
    import pandas as pd

    rows = record.ledger
    width = len(setting.events)
    first, which = _kinds(record.in_force)
    in_force = np.unpackbits(record.in_force[first], axis=1)[:, :width].astype(np.bool_)
    events, reports = [], []
    for row in in_force:
        notes = [setting.events[v] for v in np.flatnonzero(row)]
        events.append(";".join(note.id for note in notes))
        reports.append(";".join(dict.fromkeys(id for note in notes for id in note.reports)))
    return pd.DataFrame(
        {
            "run": rows["run"],
            "day": rows["day"],
            "date": _dates(setting, rows["day"]),
            "cell": pd.Categorical.from_codes(rows["cell"], setting.cell_id),
            "place": _pick(setting.place, rows["cell"]),
            "from": _faction(rows["from"], setting),
            "to": _faction(rows["to"], setting),
            "cause": pd.Categorical.from_codes(rows["cause"], CAUSES),
            "ratio": rows["ratio"],
            "margin": rows["margin"],
            "events": _pick(events, which),
            "reports": _pick(reports, which),
        }
    )


def _kinds(rows: Array) -> tuple[Array, Array]:
    """The different rows of a table of bytes, (K, B) uint8: where each kind stands first, and
    which kind every row is.  A row is compared as one word, many times faster than with `axis=0`.
    """
    length, width = rows.shape
    if width == 0:
        return np.arange(min(1, length)), np.zeros(length, np.intp)
    words = np.ascontiguousarray(rows).view(f"S{width}").ravel()
    _, first, which = np.unique(words, return_index=True, return_inverse=True)
    return first, which


def _incidents(record: Record, setting: Setting) -> pd.DataFrame:
    """What else happened, as a table."""
    import pandas as pd

    rows, day = record.incidents, record.incident_day
    return pd.DataFrame(
        {
            "run": record.incident_run,
            "day": day,
            "date": _dates(setting, day),
            "kind": pd.Categorical.from_codes(rows["kind"], INCIDENTS),
            "faction": _faction(rows["faction"], setting),
            "other": _faction(rows["other"], setting),
            "cell": pd.Categorical.from_codes(rows["cell"], setting.cell_id),
            "place": _pick(setting.place, rows["cell"]),
            "persons": rows["persons"],
            "ratio": rows["ratio"],
            "margin": rows["margin"],
        }
    )


def _faction(index: Array, setting: Setting) -> pd.Categorical:
    import pandas as pd

    codes = index.copy()
    codes[index == NOBODY] = setting.factions
    return pd.Categorical.from_codes(codes, setting.holders)


def _pick(words: Any, index: Array) -> pd.Categorical:
    """`words[index]` as a categorical whose categories are in alphabetical order."""
    import pandas as pd

    categories = sorted(set(words))
    position = {word: i for i, word in enumerate(categories)}
    table = np.array([position[word] for word in words], np.int32)
    return pd.Categorical.from_codes(table[index] if len(table) else index, categories)


def _categories(frame: pd.DataFrame, setting: Setting) -> pd.DataFrame:
    """Give a table that was read its full categories back, in their order."""
    import pandas as pd

    fixed: dict[str, Any] = {
        "cell": setting.cell_id,
        "from": setting.holders,
        "to": setting.holders,
        "faction": setting.holders,
        "other": setting.holders,
        "cause": CAUSES,
        "kind": INCIDENTS,
        "place": sorted(set(setting.place)),
    }
    for name in ("events", "reports"):
        if name in frame:
            fixed[name] = sorted(set(frame[name]))
    for name, categories in fixed.items():
        if name in frame:
            frame[name] = pd.Categorical(frame[name], categories=categories)
    if "date" in frame:
        frame["date"] = frame["date"].astype("datetime64[ns]")
    return frame
