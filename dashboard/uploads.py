"""Scenarios that viewers bring: checked like `badia check`, kept apart, gone when the server ends.

`unpack.py` turns what arrives into a few files in memory or refuses it.  Here they are written into
a private folder of this process, under names that the content decides: the same upload by two
viewers is one folder, and so shares its results.  Only so many are kept.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from dashboard.problems import show_check, show_problem
from dashboard.texts import say
from dashboard.unpack import MB, MOST_UPLOAD, unpack
from sim import check_report, doctrine_names

COUNTS = ("days", "cells", "forces", "events", "reports")  # of a report; told where it is right
KEPT = 64  # uploads of at most 8 MB each


@dataclass(frozen=True)
class Upload:
    """One uploaded scenario.

    token   what names it in a link: `upload-` and 24 hexadecimal digits, from name and content
    name    a short name, from what its file was called
    folder  its files, scenario.yaml among them; it lies in a folder called like the token
    report  what `badia check --json` says of the folder
    """

    token: str
    name: str
    folder: Path
    report: dict[str, Any]

    @property
    def right(self) -> bool:
        """Whether it can be run."""
        return not self.report["errors"]


class Shelf:
    """The uploads of one process, in a folder that nobody else can look into.

    It is made with the first upload, with a random name below the system's temporary folder, and
    removed when the process ends.  Of more than `kept` uploads the one that was asked for least
    recently goes first, and broken ones before right ones.
    """

    def __init__(self, kept: int = KEPT) -> None:
        self.kept = kept
        self._root: tempfile.TemporaryDirectory[str] | None = None
        self._uploads: dict[str, Upload] = {}  # by token; the one asked for last is at the end
        self._lock = Lock()  # of the uploads; never held for long
        self._checking = Lock()  # one check at a time: thirty viewers share the processor

    def receive(self, name: str, content: bytes) -> Upload:
        """Take an upload in; raises `ScenarioError` if it is no scenario folder at all."""
        files = unpack(name, content)
        title = plain_name(name)
        token = f"upload-{_digest(title, files)[:24]}"
        with self._checking:
            upload = self.find(token)
            if upload is None:
                folder = self._write(token, title, files)
                try:
                    report = check_report(folder, doctrines=doctrine_names())
                except BaseException:
                    shutil.rmtree(folder.parent)
                    raise
                upload = Upload(token, title, folder, report)
                with self._lock:
                    self._uploads[token] = upload
                    self._make_room()
            return upload

    def find(self, token: str) -> Upload | None:
        """The upload of a token, unless it is unknown or gone."""
        with self._lock:
            upload = self._uploads.pop(token, None)
            if upload is None or not upload.folder.is_dir():  # a cleaner of old files came by
                return None
            self._uploads[token] = upload
            return upload

    def close(self) -> None:
        """Remove everything, also below a check that is under way: it ends in an error."""
        with self._lock:
            self._uploads.clear()
            if self._root is not None:
                self._root.cleanup()
                self._root = None

    def _folder(self) -> Path:
        """The folder of all uploads, made if need be: a name nobody can guess, mode 0700."""
        if self._root is None or not os.path.isdir(self._root.name):
            self._root = tempfile.TemporaryDirectory(
                prefix="badia-uploads-", ignore_cleanup_errors=True
            )
        return Path(self._root.name).resolve()

    def _write(self, token: str, title: str, files: Mapping[str, bytes]) -> Path:
        """Write files beside their place and move them there whole; returns their folder."""
        root = self._folder()
        new = Path(tempfile.mkdtemp(dir=root, prefix="new-"))
        for path, content in files.items():
            target = new / title / path
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("xb") as stream:
                stream.write(content)
        return new.rename(root / token) / title

    def _make_room(self) -> None:
        while len(self._uploads) > self.kept:
            *older, _ = self._uploads.values()  # the newest stays, even if it is broken
            gone = next((upload for upload in older if not upload.right), older[0])
            del self._uploads[gone.token]
            shutil.rmtree(gone.folder.parent, ignore_errors=True)


def plain_name(name: str) -> str:
    """A short name for a folder and for people, from what the uploaded file was called."""
    stem = re.split(r"[/\\]", name)[-1].rpartition(".")[0]
    words = re.findall(r"[^\W_]+", stem, re.ASCII)
    return "-".join(words)[:40].strip("-").lower() or "scenario"


def _digest(title: str, files: Mapping[str, bytes]) -> str:
    """A hash of a name and of all files; their lengths keep them apart."""
    parts = [title.encode()]
    for path, content in sorted(files.items()):
        parts += [path.encode(), content]
    sha = hashlib.sha256()
    for part in parts:
        sha.update(len(part).to_bytes(8) + part)
    return sha.hexdigest()


_shelf = Shelf()


def receive(name: str, content: bytes) -> Upload:
    """Check an uploaded zip or scenario.yaml and keep it; the same twice gives the same folder.

    Raises `UploadError` if no scenario folder can be made of it.  What is wrong inside the folder
    is in `Upload.report`.
    """
    return _shelf.receive(name, content)


def uploaded(token: str) -> Upload | None:
    """The upload that a link names; None if it is unknown or gone."""
    return _shelf.find(token)


def remove_uploads() -> None:
    """Remove every upload of this process; nothing waits for it."""
    _shelf.close()


def upload_form(key: str = "upload") -> Path | None:
    """The form for a scenario of the viewer's own, and what the check says of it.

    Returns its folder when it can be run, else None.
    """
    file = st.file_uploader(
        say("uploads.form.label"),
        type=["zip", "yaml", "yml"],
        max_upload_size=MOST_UPLOAD // MB,
        help=say("uploads.form.help", size=MOST_UPLOAD // MB),
        key=key,
    )
    if file is None:
        st.caption(say("uploads.form.waiting"))
        return None
    taken = _taken(key, file)
    if isinstance(taken, Exception):
        show_problem(taken)
        return None
    if taken.right:
        report = taken.report
        st.success(say("uploads.form.right", name=taken.name), icon=":material/check_circle:")
        counts = {count: f"{report[count]:,}" for count in COUNTS}
        st.caption(say("uploads.form.counts", start=report["start"], **counts))
    show_check(taken.report)
    return taken.folder if taken.right else None


def _taken(key: str, file: UploadedFile) -> Upload | Exception:
    """What became of a chosen file; found out once, not at every rerun."""
    name, state = f"{key} taken", st.session_state
    if name not in state or state[name][0] != file.file_id:
        with st.spinner(say("uploads.form.checking")):
            state[name] = (file.file_id, _received(file))
    taken: Upload | Exception = state[name][1]
    return taken


def _received(file: UploadedFile) -> Upload | Exception:
    try:
        return receive(file.name, file.getvalue())
    except Exception as error:
        return error
