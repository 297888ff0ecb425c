"""Zips for the tests of uploads: honest ones, and others."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from sim.scenario.new import TEMPLATE


def template() -> dict[str, bytes]:
    """The files of a small right scenario."""
    return {file.name: file.read_bytes() for file in sorted(TEMPLATE.iterdir()) if file.is_file()}


def zipped(files: dict[str, bytes], top: str = "", method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of files, all below `top`."""
    return packed(*((top + name, content) for name, content in files.items()), method=method)


def packed(
    *entries: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED
) -> bytes:
    """A zip of entries in this order, under any names, also twice the same."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for entry, content in entries:
            if isinstance(entry, str):
                entry = zipfile.ZipInfo(entry)
                entry.external_attr = 0o100644 << 16
            archive.writestr(entry, content, compress_type=method)
    return stream.getvalue()


def snapshot(folder: Path) -> dict[str, tuple[int, int]]:
    """Everything below a folder: mode, and time of change in ns of what is no folder."""
    return {
        str(path.relative_to(folder)): (
            path.lstat().st_mode,
            0 if path.is_dir() else path.lstat().st_mtime_ns,
        )
        for path in folder.rglob("*")
    }
