"""An uploaded file becomes the files of a scenario folder, in memory, or one clear refusal.

What arrives is anybody's.  A zip is never extracted: each entry's name and kind are judged first,
then its bytes are read with a bound that counts what really comes out, not what the header claims.
Nothing is written here, and nothing is run.
"""

from __future__ import annotations

import io
import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from pathlib import PurePosixPath
from typing import Any

from dashboard.texts import say
from sim import Problem, ScenarioError

MB = 1_000_000
MOST_UPLOAD = 4 * MB
MOST_FILE = 2 * MB  # the loader reads no larger one
MOST_ALL = 8 * MB
MOST_ENTRIES = 100
MOST_RATIO = 100
RATIO_FROM = 100_000  # bytes; a small text of blanks may well pack more tightly
MOST_LEVELS = 4  # a file inside at most three folders
MOST_NAME = 100  # bytes of UTF-8

KINDS = (".yaml", ".yml", ".geojson", ".json", ".md", ".txt")
SCENARIO = "scenario.yaml"
HALVES = ("found", "expected")
BESIDE = ("observed.yaml", "reports.yaml")  # what cannot stand alone

_LITTER = re.compile(r"(?i)(__macosx/.*|(.*/)?(\.ds_store|thumbs\.db|desktop\.ini))")
_ARCHIVES = (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".zst", ".7z", ".rar", ".jar", ".whl")
_ARCHIVE_STARTS = (b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"7z\xbc\xaf",
                   b"Rar!", b"\x28\xb5\x2f\xfd")  # fmt: skip
_DEVICE = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")  # what Windows keeps for itself
_ENCRYPTED = 0x0001 | 0x0040 | 0x2000  # ordinary, strong, and a hidden directory
_BROKEN = (
    zipfile.BadZipFile, zlib.error, EOFError, OSError, struct.error, NotImplementedError,
    RuntimeError, ValueError, OverflowError,
)  # fmt: skip


class UploadError(ScenarioError):
    """An upload of which no scenario folder can be made; its problem names the uploaded file."""


def unpack(name: str, content: bytes) -> dict[str, bytes]:
    """The files of an uploaded scenario by their path in its folder, in alphabetical order.

    name     what the file was called; only its ending matters
    content  a zip with scenario.yaml at its top or in its one folder, or a scenario.yaml alone

    Raises `UploadError` with one problem.
    """
    if len(content) > MOST_UPLOAD:
        raise fault(name, "too-large", most=MOST_UPLOAD // MB)
    if content[:2] == b"PK" or name.lower().endswith(".zip"):
        return _Zip(name, content).files()
    if name.lower() in BESIDE:
        raise fault(name, "alone")
    if not name.lower().endswith((".yaml", ".yml")):
        raise fault(name, "kind")
    if len(content) > MOST_FILE:
        raise fault(name, "too-large", most=MOST_FILE // MB)
    return {SCENARIO: content}


def fault(upload: str, kind: str, **values: Any) -> UploadError:
    """The error for one fault of `texts/en/uploads.yaml`."""
    if "name" in values:
        values["name"] = f"'{shown(str(values['name']))}'"
    found, expected = (say(f"uploads.fault.{kind}.{half}", **values) for half in HALVES)
    return UploadError([Problem(shown(upload), 0, "", found, expected)])


def shown(name: str) -> str:
    """A name as a message shows it: short, on one line, what cannot be seen written out."""
    short = name if len(name) <= 60 else name[:60] + "..."
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in short)


class _Zip:
    """One uploaded zip; the methods run in the order in which `files` calls them."""

    def __init__(self, upload: str, content: bytes) -> None:
        self.upload = upload
        self.content = content

    def files(self) -> dict[str, bytes]:
        try:
            archive = zipfile.ZipFile(io.BytesIO(self.content))
        except _BROKEN:
            raise self.fault("not-zip") from None
        with archive:
            wanted = self.judged(archive.infolist())
            start = self.folder(wanted)
            left = MOST_ALL
            found = {}
            for path, entry in sorted(wanted.items()):
                data = self.read(archive, entry, left)
                left -= len(data)
                found[path.removeprefix(start)] = data
        return found

    def fault(self, kind: str, **values: object) -> UploadError:
        return fault(self.upload, kind, **values)

    def judged(self, entries: list[zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
        """The entries that are files of a scenario, by path; the first bad one ends it."""
        if len(entries) > MOST_ENTRIES:
            raise self.fault("entries", count=len(entries), most=MOST_ENTRIES)
        wanted: dict[str, zipfile.ZipInfo] = {}
        taken: set[str] = set()  # files, and the folders around them, as any computer tells apart
        folders: set[str] = set()
        for entry in entries:
            name = entry.orig_filename  # as it stands in the zip: zipfile cuts it at a NUL
            path = self.path(name)
            self.kind(entry)
            if entry.is_dir() or _LITTER.fullmatch(path):
                continue
            self.ending(path)
            plain = path.casefold()
            around = {str(p) for p in PurePosixPath(plain).parents} - {"."}
            if plain in taken or plain in folders or around & taken:
                raise self.fault("duplicate", name=name)
            taken.add(plain)
            folders |= around
            wanted[path] = entry
        if not wanted:
            raise self.fault("empty")
        return wanted

    def path(self, name: str) -> str:
        """The path of an entry, if any computer would keep it inside a folder."""
        path = unicodedata.normalize("NFC", name.removesuffix("/"))
        parts = path.split("/")
        if not path.isprintable() or any(c in path for c in '\\:*?"<>|'):
            raise self.fault("path", name=name)
        for part in parts:
            if not part or part != part.strip() or part.endswith(".") or _DEVICE.fullmatch(part):
                raise self.fault("path", name=name)
        if len(parts) > MOST_LEVELS or any(len(part.encode()) > MOST_NAME for part in parts):
            raise self.fault("long", name=name, most=MOST_NAME, levels=MOST_LEVELS - 1)
        return path

    def kind(self, entry: zipfile.ZipInfo) -> None:
        """Refuse what is no plain file or folder, whatever system the zip says it comes from."""
        name = entry.orig_filename
        form = stat.S_IFMT(entry.external_attr >> 16)
        if form not in (0, stat.S_IFDIR if entry.is_dir() else stat.S_IFREG):
            raise self.fault("special", name=name)
        if entry.flag_bits & _ENCRYPTED:
            raise self.fault("encrypted", name=name)
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            # The others may ask for gigabytes of working memory to unpack a few bytes.
            raise self.fault("method", name=name)
        if entry.file_size > MOST_FILE:
            raise self.fault("file-large", name=name, most=MOST_FILE // MB)

    def ending(self, path: str) -> None:
        ending = PurePosixPath(path).suffix.lower()
        if ending in _ARCHIVES:
            raise self.fault("nested", name=path)
        if ending not in KINDS:
            raise self.fault("unexpected", name=path, kinds=", ".join(KINDS))

    def folder(self, wanted: dict[str, zipfile.ZipInfo]) -> str:
        """What stands before every path: nothing, or the one folder with a slash."""
        if SCENARIO in wanted:
            return ""
        tops = {path.partition("/")[0] for path in wanted}
        start = f"{min(tops)}/"
        if len(tops) > 1 or start + SCENARIO not in wanted:
            raise self.fault("no-scenario")
        return start

    def read(self, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, left: int) -> bytes:
        """The bytes of an entry; `left` is what all the rest may still unpack to."""
        name = entry.orig_filename
        most = min(MOST_FILE, left)
        try:
            with archive.open(entry) as stream:
                data = stream.read(most + 1)
        except _BROKEN:
            raise self.fault("damaged", name=name) from None
        if len(data) > RATIO_FROM and len(data) > MOST_RATIO * max(entry.compress_size, 1):
            raise self.fault("ratio", name=name, most=MOST_RATIO)
        if len(data) > MOST_FILE:
            raise self.fault("file-large", name=name, most=MOST_FILE // MB)
        if len(data) > left:
            raise self.fault("all-large", most=MOST_ALL // MB)
        if data.startswith(_ARCHIVE_STARTS):
            raise self.fault("nested", name=name)
        return data
