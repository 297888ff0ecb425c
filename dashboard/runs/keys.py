"""Names of results: what makes two of them the same.

A result's key comes from the scenario's content, so a request must load its scenario to know it.
That takes a good part of a second, or several at resolution 7.  So the key is also noted under the
request's `fingerprint`, which comes from the size and time of the scenario's files alone.
"""

from __future__ import annotations

import hashlib
import json
import os
from functools import cache
from importlib import metadata
from itertools import islice
from pathlib import Path

import sim
from dashboard.runs.request import Request
from sim import CompiledScenario, find_scenario

NO_ENGINE = (  # what reads results; and the scenarios of a wheel, whose digests tell their content
    "cli", "export", "nulls.py", "picture.py", "score", "why.py", "_scenarios",
)  # fmt: skip
MOST_FILES = 2_000  # looked at in a scenario's folder; what is read are a handful


@cache
def engine() -> str:
    """A hash of the engine: its version, its sources, its map data and the libraries it sums with.

    The version alone would keep results of an engine that was edited since, in a checkout.
    """
    root = Path(sim.__file__).parent
    h = hashlib.sha256()
    for library in ("badia", "numpy", "numba"):
        h.update(f"{library} {_version(library)}\n".encode())
    for file in sorted(root.rglob("*")):
        inside = file.relative_to(root)
        if inside.parts[0] in NO_ENGINE or "__pycache__" in inside.parts or not file.is_file():
            continue
        h.update(inside.as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return h.hexdigest()


def result_key(scenario: CompiledScenario, request: Request) -> str:
    """The key of the result that a request gets: equal keys, equal numbers.

    The scenario's digest does not cover parameters set by the viewer, nor the days.
    """
    return _hash(
        engine(), scenario.name, scenario.digest, scenario.days,
        scenario.parameters.model_dump(), sorted(scenario.ranges.items()),
        scenario.posterior.names if scenario.posterior else None,
        request.runs, request.seed,
    )  # fmt: skip


def source(request: Request) -> str:
    """What a request's scenario is loaded from: its files as they stand, and what is changed.

    Raises ScenarioError where there is no such scenario.
    """
    folder = find_scenario(request.scenario).resolve()
    as_of = request.as_of.isoformat() if request.as_of else None
    return _hash(
        engine(), str(folder), _stamps(folder), request.days, request.resolution,
        request.settings, as_of,
    )  # fmt: skip


def fingerprint(request: Request) -> str:
    """The name under which a request's key is noted; raises ScenarioError like `source`."""
    return _hash(source(request), request.runs, request.seed)


def _stamps(folder: Path) -> list[tuple[str, int, int]]:
    """Name, size in bytes and time of change in ns of the files below a folder, in order of name.

    Folders below it count: shapes may lie there.
    """
    files = (Path(root) / name for root, _, names in os.walk(folder) for name in names)
    stamps = []
    for file in islice(files, MOST_FILES):
        status = file.lstat()
        stamps.append((file.relative_to(folder).as_posix(), status.st_size, status.st_mtime_ns))
    return sorted(stamps)


def _version(library: str) -> str:
    try:
        return metadata.version(library)
    except metadata.PackageNotFoundError:
        return "unknown"


def _hash(*parts: object) -> str:
    text = json.dumps(parts, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
