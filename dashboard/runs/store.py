"""Finished results on disk: found again after a restart, shared with other servers of the user.

    <folder>/results/<key>/      what `Result.save` writes
    <folder>/known/<fingerprint> the key of the result that a request got: see `keys.py`

The folder's results add up to at most a number of bytes; what was used longest ago goes first.
Other processes may use the folder at the same time: results are moved into it whole and out of it
whole, and one that vanishes while it is read counts as not there.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
import time
from pathlib import Path

from sim import BadiaError, Result, cache_folder

LIMIT = 2 * 10**9  # bytes on disk
AHEAD = 30 * 10**6  # bytes on disk of the largest result that is read before it is asked for
STALE = 24 * 3600.0  # seconds after which what an interrupted write left behind is swept away
KEY = re.compile(r"[0-9a-f]{64}")


def kept_folder() -> Path:
    """The folder for what the dashboard keeps: BADIA_CACHE, else below the user's cache."""
    return cache_folder("BADIA_CACHE")


class Store:
    """Results by key in a folder, at most `limit` bytes of them."""

    def __init__(self, folder: Path, limit: int = LIMIT) -> None:
        self._results = folder / "results"
        self._known = folder / "known"
        self._limit = limit
        for place in (self._results, self._known):
            place.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._ahead: tuple[str, Result] | None = None
        self._sweep()

    def __contains__(self, key: str) -> bool:
        """Whether there is a result of that key; whether it can be read, `load` finds out."""
        return (self._results / key).is_dir()

    def load(self, key: str) -> Result | None:
        """The result of a key; None if there is none.  A damaged one is removed."""
        ahead, self._ahead = self._ahead, None
        if ahead is not None and ahead[0] == key:
            return ahead[1]
        folder = self._results / key
        if not folder.is_dir():
            return None
        try:
            result = Result.load(folder)
            os.utime(folder)
        except (BadiaError, OSError, ValueError, KeyError) as problem:
            _log(f"A kept result could not be read and was removed: {problem}")
            _remove(folder)
            return None
        return result

    def read_ahead(self) -> None:
        """Read what was used last, which is what a server that starts is most likely asked for.

        It is held until anything is asked for.  Nothing is read where it would take long.
        """
        kept = sorted((*_weigh(folder), folder) for folder in self._entries())
        if kept and kept[-1][1] <= AHEAD:
            key = kept[-1][2].name
            result = self.load(key)
            self._ahead = (key, result) if result is not None else None

    def save(self, key: str, result: Result) -> bool:
        """Keep a result; older ones go if there is no room for all.  False if it was not kept."""
        try:
            result.save(self._results / key)
        except BadiaError as problem:
            _log(f"A result could not be kept: {problem}")
            return False
        self._make_room()
        return (self._results / key).is_dir()

    def key_of(self, fingerprint: str) -> str | None:
        """The key noted under a request's fingerprint; None if there is none."""
        try:
            key = (self._known / fingerprint).read_text(encoding="ascii").strip()
        except (OSError, ValueError):
            return None
        return key if KEY.fullmatch(key) else None

    def note(self, fingerprint: str, key: str) -> None:
        """Note the key of a request under its fingerprint."""
        try:
            with tempfile.NamedTemporaryFile("w", dir=self._known, delete=False) as draft:
                draft.write(key)
            os.replace(draft.name, self._known / fingerprint)
        except OSError as problem:
            _log(f"The key of a result could not be noted: {problem}")

    def _make_room(self) -> None:
        """Remove results, used longest ago first, until the rest is within the limit."""
        entries = sorted((used, size, folder) for folder in self._entries()
                         for used, size in [_weigh(folder)])  # fmt: skip
        total = sum(size for _, size, _ in entries)
        for _, size, folder in entries:
            if total <= self._limit:
                break
            _remove(folder)
            total -= size

    def _entries(self) -> list[Path]:
        return [folder for folder in self._results.iterdir() if KEY.fullmatch(folder.name)]

    def _sweep(self) -> None:
        """Remove what interrupted writes left behind, and notes of results that are gone."""
        now = time.time()
        for draft in (*self._results.iterdir(), *self._known.iterdir()):
            if not KEY.fullmatch(draft.name) and now - _changed(draft) > STALE:
                _remove(draft)
        there = {folder.name for folder in self._entries()}
        for note in self._known.iterdir():
            if self.key_of(note.name) not in there and now - _changed(note) > STALE:
                _remove(note)


def _weigh(folder: Path) -> tuple[float, int]:
    """When a folder was used last, and how many bytes its files take."""
    size = 0
    try:
        for file in folder.rglob("*"):
            size += file.stat().st_size if file.is_file() else 0
    except OSError:  # another process is removing it
        return 0.0, size
    return _changed(folder), size


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _remove(path: Path) -> None:
    """Take a result or a note away; a folder leaves its place whole before its files go."""
    if path.is_dir():
        aside = path.with_name(f".{path.name}.gone.{os.getpid()}.{time.monotonic_ns()}")
        try:
            os.rename(path, aside)
        except OSError:
            return
        shutil.rmtree(aside, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _log(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
