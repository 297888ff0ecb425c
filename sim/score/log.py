"""A log of scores: one line per row, appended to a CSV that is kept under version control."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

from sim.errors import ResultError
from sim.nulls import NULLS
from sim.result import Result
from sim.score.rows import Figures, Row, Score
from sim.score.targets import UNIFORM

FIGURES = ("brier", "log", "crps", "figure_of_merit", "error", "coverage")
SKILLS = ("skill", "skill_low", "skill_high")
COLUMNS = (
    "date", "version", "scenario", "digest", "parameters", "as_of", "runs", "seed", "view",
    "target", "n", *FIGURES,
    *(f"{null}_{skill}" for null in (*NULLS, UNIFORM) for skill in SKILLS),
)  # fmt: skip


def append_log(file: Path, result: Result, score: Score, today: date) -> int:
    """Append a line for each row of a score; returns how many.

    The header is written where the file is new or empty.  All lines go out in one write at the end
    of the file, so those of several writers do not mix.  Raises ResultError where the file has
    other columns or cannot be written.
    """
    lines = [_line(result, score, row, today) for row in score.rows]
    header = _csv([dict(zip(COLUMNS, COLUMNS, strict=True))])
    try:
        with file.open("a+b", buffering=0) as stream:
            stream.seek(0)
            first = stream.read(len(header))
            if first and first != header:
                raise ResultError(f"{file} has other columns than this version writes.")
            stream.write((b"" if first else header) + _csv(lines))
    except OSError as error:
        raise ResultError(f"{file} cannot be written: {error.strerror}.") from None
    return len(lines)


def _line(result: Result, score: Score, row: Row, today: date) -> dict[str, Any]:
    """One row of a score with all that is needed to make it again."""
    manifest = result.manifest
    given = {name: manifest.get(name) for name in ("parameters", "ranges", "posterior", "changes")}
    text = json.dumps(given, sort_keys=True).encode()
    nulls = {name: row.null.get(name, Figures()) for name in (*NULLS, UNIFORM)}
    return {
        "date": today.isoformat(),
        "version": f"{manifest['version']}{_commit()}",
        "scenario": score.scenario,
        "digest": result.setting.digest,
        "parameters": hashlib.sha256(text).hexdigest()[:16],
        "as_of": score.as_of.isoformat() if score.as_of else "",
        "runs": result.runs,
        "seed": manifest["seed"],
        "view": row.view,
        "target": row.target,
        "n": row.n,
        **{name: _figure(getattr(row.figures, name)) for name in FIGURES},
        **{
            f"{null}_{skill}": _figure(getattr(figures, skill))
            for null, figures in nulls.items()
            for skill in SKILLS
        },
    }


def _commit() -> str:
    """`+` and the commit of this checkout, `-dirty` where it was edited; empty if it is none."""
    root = Path(__file__).parents[2]
    if not (root / ".git").exists():
        return ""
    command = ("git", "-C", str(root), "describe", "--always", "--dirty", "--exclude=*")
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    return f"+{done.stdout.strip()}"


def _csv(rows: list[dict[str, Any]]) -> bytes:
    text = io.StringIO()
    csv.DictWriter(text, COLUMNS, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}"
