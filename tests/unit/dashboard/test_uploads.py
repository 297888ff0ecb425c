"""What viewers upload: a scenario folder, or one clear refusal, and never anything else."""

from __future__ import annotations

import io
import json
import os
import stat
import sys
import time
import tracemalloc
import unicodedata
import warnings
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest
from typer.testing import CliRunner
from upload_kit import packed, snapshot, template, zipped

from dashboard import unpack as unpacking
from dashboard.texts import part
from dashboard.unpack import MB, MOST_ALL, MOST_ENTRIES, MOST_FILE, MOST_UPLOAD, UploadError, unpack
from dashboard.uploads import Shelf, plain_name
from sim import check_report, doctrine_names
from sim.cli.app import app

S = "scenario.yaml"


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shelf]:
    """A shelf whose folder lies in this test's own temporary folder."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    shelf = Shelf(kept=3)
    yield shelf
    shelf.close()


def refused(content: bytes, kind: str, name: str = "mine.zip") -> str:
    """The message of a refusal, which must be of that kind."""
    with pytest.raises(UploadError) as caught:
        unpack(name, content)
    (problem,) = caught.value.problems
    assert str(problem).isprintable()
    start = part(f"uploads.fault.{kind}")["found"].partition("{")[0]
    assert problem.found.startswith(start), str(problem)
    return str(problem)


def marked(name: str, mode: int = 0o100644, **fields: int) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)
    entry.external_attr = mode << 16
    for field, value in fields.items():
        setattr(entry, field, value)
    return entry


# --- what is taken ---


def test_a_zip_of_a_scenario_folder_gives_its_files_wherever_they_lie_in_it() -> None:
    files = template()
    assert unpack("mine.zip", zipped(files)) == files
    assert unpack("mine.zip", zipped(files, top="my war/")) == files
    assert unpack("mine.ZIP", zipped(files, method=zipfile.ZIP_STORED)) == files
    deep = files | {"shapes/pocket.geojson": b"{}"}
    assert unpack("mine.zip", zipped(deep, top="my war/")) == deep


def test_a_scenario_yaml_stands_alone_under_any_name() -> None:
    assert unpack("my war.YML", b"format: 1") == {S: b"format: 1"}


def test_what_computers_strew_into_zips_is_left_out() -> None:
    litter = {
        "__MACOSX/mine/._scenario.yaml": b"\0\5\26\7",
        "mine/.DS_Store": b"\0",
        "mine/Thumbs.db": b"x",
        "mine/shapes/desktop.ini": b"x",
    }
    files = {f"mine/{name}": content for name, content in template().items()}
    assert unpack("mine.zip", zipped(litter | files)) == template()


def test_folders_in_a_zip_are_no_files() -> None:
    entries = [(marked("mine/", stat.S_IFDIR | 0o755), b"")]
    entries += [(f"mine/{name}", content) for name, content in template().items()]
    assert unpack("mine.zip", packed(*entries)) == template()


# --- what is not ---


@pytest.mark.parametrize(
    "name",
    ["../scenario.yaml", "a/../../x.yaml", "/etc/x.yaml", "//host/x.yaml", "C:/x.yaml", "C:x.yaml",
     "..\\x.yaml", "\\\\host\\x.yaml", "a//x.yaml", "./x.yaml", "a/./x.yaml", "/", "../", "..",
     "x.yaml.", "x.yaml ", " x.yaml", "a /x.yaml", "x.yaml:stream", "con.yaml", "a/LPT1.yaml",
     "a\nb.yaml", "x\0.yaml", "\u202elmay.x", "x\ud7ff\u200f.yaml", "~\u0007.yaml", "a|b.yaml"],
)  # fmt: skip
def test_a_path_that_could_leave_the_folder_or_break_a_computer_is_refused(name: str) -> None:
    entry = marked("placeholder.yaml")
    entry.filename = name  # past the cleaning that ZipInfo does
    refused(packed((S, b"format: 1"), (entry, b"x: 1")), "path")


@pytest.mark.parametrize("name", ["a/b/c/d/x.yaml", "x" * 120 + ".yaml", "ب" * 60 + ".yaml"])
def test_a_path_that_is_too_long_or_too_deep_is_refused(name: str) -> None:
    refused(zipped({S: b"", name: b""}), "long")


@pytest.mark.parametrize(
    "form", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFSOCK, stat.S_IFDIR]
)
@pytest.mark.parametrize("system", [0, 3])
def test_links_and_special_files_are_refused(form: int, system: int) -> None:
    entry = marked("reports.yaml", form | 0o777, create_system=system)
    refused(packed((S, b"format: 1"), (entry, b"/etc/passwd")), "special")


def test_a_link_posing_as_a_folder_is_refused() -> None:
    entry = marked("shapes/", stat.S_IFLNK | 0o777)
    refused(packed((S, b"format: 1"), (entry, b"/etc")), "special")


@pytest.mark.parametrize("bit", [0x0001, 0x0040, 0x2000])
def test_encrypted_entries_are_refused(bit: int) -> None:
    content = bytearray(zipped({S: b"format: 1"}))
    at = content.rindex(b"PK\x01\x02") + 8  # the flags in the directory
    content[at : at + 2] = bit.to_bytes(2, "little")
    refused(bytes(content), "encrypted")


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_ways_of_packing_that_can_ask_for_much_memory_are_refused(method: int) -> None:
    refused(zipped(template(), method=method), "method")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (S, S),
        (S, "Scenario.YAML"),
        ("é.md", unicodedata.normalize("NFD", "é.md")),
        ("straße.md", "STRASSE.md"),
        ("a.md", "a.md/b.md"),
        ("A.md/b.md", "a.md"),
    ],
)
def test_names_that_some_computer_takes_for_one_are_refused(one: str, other: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # zipfile says so too
        content = packed((one, b"a"), (other, b"b"))
    refused(content, "duplicate")


def test_archives_inside_the_archive_are_refused_by_name_and_by_content() -> None:
    inner = zipped(template())
    refused(zipped({S: b"", "more.zip": inner}), "nested")
    refused(zipped({S: b"", "more.tar.gz": b""}), "nested")
    refused(zipped({S: b"", "notes.md": inner}), "nested")
    refused(zipped({S: b"", "notes.txt": b"\x1f\x8b\x08\0"}), "nested")


@pytest.mark.parametrize("name", ["run.py", "a.so", "Makefile", ".bashrc", "x.yaml.exe", "x.html"])
def test_a_file_that_no_scenario_has_is_refused(name: str) -> None:
    assert ".geojson" in refused(zipped({S: b"", name: b""}), "unexpected")


def test_a_zip_without_a_scenario_says_where_it_belongs() -> None:
    refused(zipped({"reports.yaml": b""}), "no-scenario")
    refused(zipped({"a/scenario.yaml": b"", "b/reports.yaml": b""}), "no-scenario")
    refused(zipped({"a/b/scenario.yaml": b""}), "no-scenario")
    refused(zipped({}), "empty")
    refused(zipped({".DS_Store": b""}), "empty")


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("mine.zip", b"", "not-zip"),
        ("mine.zip", b"PK\x03\x04", "not-zip"),
        ("mine.yaml", b"PK\x03\x04", "not-zip"),
        ("mine.zip", b"no zip at all", "not-zip"),
        ("mine.tar", b"x", "kind"),
        ("mine", b"format: 1", "kind"),
        ("Reports.yaml", b"[]", "alone"),
        ("observed.yaml", b"[]", "alone"),
        ("mine.yaml", b"#" * (MOST_FILE + 1), "too-large"),
        ("mine.zip", b"#" * (MOST_UPLOAD + 1), "too-large"),
    ],
)
def test_what_is_no_scenario_is_refused(name: str, content: bytes, kind: str) -> None:
    refused(content, kind, name)


def test_every_cut_of_a_zip_is_refused() -> None:
    whole = zipped({S: b"format: 1"})
    for length in range(len(whole)):
        with pytest.raises(UploadError):
            unpack("mine.zip", whole[:length])


def test_too_many_entries_are_refused() -> None:
    many = {f"{i}.md": b"" for i in range(MOST_ENTRIES)}
    refused(zipped({S: b""} | many), "entries")
    del many["0.md"]
    assert len(unpack("mine.zip", zipped({S: b""} | many))) == MOST_ENTRIES


def test_the_largest_directory_of_entries_is_refused_at_once() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for i in range(43_000):
            archive.writestr(zipfile.ZipInfo(f"{i:05d}.md"), b"")
    content = stream.getvalue()
    assert 0.9 * MOST_UPLOAD < len(content) <= MOST_UPLOAD
    begin = time.process_time()
    refused(content, "entries")
    assert time.process_time() - begin < 5  # measured: 0.5


# --- bombs ---


def bomb(name: str, size: int) -> tuple[zipfile.ZipInfo, bytes]:
    return marked(name), bytes(size)


def test_a_small_file_that_unpacks_large_is_refused_early() -> None:
    refused(packed((S, b"format: 1"), bomb("reports.yaml", 300 * MB)), "file-large")
    refused(packed((S, b"format: 1"), bomb("reports.yaml", MOST_FILE)), "ratio")


def test_a_header_that_lies_about_the_size_gains_nothing() -> None:
    size = 300 * MB
    content = packed((S, b"format: 1"), bomb("notes.md", size))
    lying = content.replace(size.to_bytes(4, "little"), (1000).to_bytes(4, "little"))
    assert lying.count((1000).to_bytes(4, "little")) >= 2
    tracemalloc.start()
    try:
        with pytest.raises(UploadError):
            unpack("mine.zip", lying)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 20 * MB


def test_files_that_are_modest_alone_are_counted_together() -> None:
    noise = os.urandom(MOST_FILE // 2).hex().encode()[:MOST_FILE]  # packs to half
    files = {f"{i}.md": noise for i in range(MOST_ALL // MOST_FILE + 1)}
    small = {S: b"format: 1"}
    assert len(zipped(small | files)) > MOST_UPLOAD  # so nobody meets this bound with noise
    text = (b"%d, " * 4 % (1, 22, 333, 4444)) + b"some words of a long report\n"
    lines = b"".join(b"%d " % (i * 7919) + text for i in range(MOST_FILE // 50))[:MOST_FILE]
    files = dict.fromkeys(files, lines)
    content = zipped(small | files)
    assert len(content) < MOST_UPLOAD
    refused(content, "all-large")


def test_a_zip_whose_local_headers_say_something_else_is_refused() -> None:
    content = zipped({S: b"format: 1", "notes.md": b"hello"})
    swapped = content.replace(b"notes.md", b"../../md", 1)  # the local header only
    refused(swapped, "damaged")
    flipped = bytearray(zipped({S: b"format: 1" * 50}, method=zipfile.ZIP_STORED))
    flipped[flipped.index(b"format")] ^= 1
    refused(bytes(flipped), "damaged")


# --- the shelf ---


def test_the_same_upload_twice_gives_the_same_folder_and_another_name_another(shelf: Shelf) -> None:
    one = shelf.receive("war.zip", zipped(template()))
    again = shelf.receive("war.zip", zipped(template(), top="x/", method=zipfile.ZIP_STORED))
    other = shelf.receive("peace.zip", zipped(template()))
    assert again is one
    assert one.right
    assert other.folder != one.folder
    assert other.report["digest"] == one.report["digest"]  # so that results are shared


def test_an_upload_is_checked_as_the_command_line_checks_it(shelf: Shelf) -> None:
    files = template()
    broken = {S: files[S].replace(b"doctrine: regular", b"doctrine: regulr", 1)}
    for name, content in (("a.zip", zipped(files)), ("b.zip", zipped(files | broken))):
        upload = shelf.receive(name, content)
        output = CliRunner().invoke(app, ["check", str(upload.folder), "--json"]).stdout
        assert json.loads(output) == upload.report
    assert upload.report["errors"][0]["suggestion"] == "regular"


def test_what_really_happened_is_kept_for_the_score(shelf: Shelf) -> None:
    upload = shelf.receive("war.zip", zipped(template()))
    assert (upload.folder / "observed.yaml").read_bytes() == template()["observed.yaml"]
    assert upload.report["observed"] > 0


def test_the_folder_is_private_and_goes_with_the_shelf(tmp_path: Path, shelf: Shelf) -> None:
    upload = shelf.receive("war.zip", zipped(template()))
    (root,) = tmp_path.iterdir()
    assert root in upload.folder.parents
    assert stat.S_IMODE(root.stat().st_mode) == 0o700
    for file in upload.folder.rglob("*"):
        assert not stat.S_IMODE(file.stat().st_mode) & 0o111
    shelf.close()
    assert not list(tmp_path.iterdir())


def test_only_so_many_are_kept_and_broken_ones_go_first(tmp_path: Path, shelf: Shelf) -> None:
    content = zipped(template())
    first = shelf.receive("first.zip", content)
    second = shelf.receive("second.zip", content)
    broken = shelf.receive("broken.yaml", b"format: 1")
    assert not broken.right
    third = shelf.receive("third.zip", content)
    assert not broken.folder.exists()
    assert shelf.find(first.token) is first  # asked for: now the second is the oldest
    fourth = shelf.receive("fourth.zip", content)
    assert not second.folder.exists()
    assert shelf.find(second.token) is None
    assert {first.folder, third.folder, fourth.folder} == {
        file.parent for file in tmp_path.rglob(S)
    }


def test_an_upload_that_a_cleaner_removed_is_taken_in_again(shelf: Shelf, tmp_path: Path) -> None:
    upload = shelf.receive("war.zip", zipped(template()))
    (root,) = tmp_path.iterdir()
    root.rename(tmp_path / "gone")
    assert shelf.find(upload.token) is None
    again = shelf.receive("war.zip", zipped(template()))
    assert again.right
    assert (again.folder / S).is_file()


def test_viewers_do_not_wait_for_the_check_of_another(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = shelf.receive("war.zip", zipped(template()))
    begun, go_on = Event(), Event()

    def slow(*args: object, **options: object) -> dict[str, object]:
        begun.set()
        assert go_on.wait(10)
        return {"errors": [], "warnings": []}

    monkeypatch.setattr("dashboard.uploads.check_report", slow)
    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(shelf.receive, "slow.zip", zipped(template()))
        assert begun.wait(10)
        assert shelf.find(upload.token) is upload
        assert not other.done()
        go_on.set()
        assert other.result().name == "slow"


def test_a_defect_in_the_check_leaves_no_files(
    shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object, **options: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("dashboard.uploads.check_report", fail)
    with pytest.raises(ZeroDivisionError):
        shelf.receive("war.zip", zipped(template()))
    (root,) = tmp_path.iterdir()
    assert not list(root.iterdir())


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("My war (2).zip", "my-war-2"),
        ("C:\\temp\\x.zip", "x"),
        ("../../etc/passwd.yaml", "passwd"),
        ("الحرب.zip", "scenario"),
        ("", "scenario"),
        ("..", "scenario"),
        ("<script>.zip", "script"),
        ("a" * 300 + ".zip", "a" * 40),
    ],
)
def test_a_folder_is_named_plainly_whatever_the_file_was_called(name: str, plain: str) -> None:
    assert plain_name(name) == plain


def test_a_shape_outside_of_the_folder_is_not_read(shelf: Shelf, tmp_path: Path) -> None:
    secret = tmp_path / "secret.geojson"
    secret.write_text("{}")
    opened: list[str] = []
    listening = True

    def listen(event: str, args: tuple[object, ...]) -> None:
        if listening and event == "open":
            opened.append(str(args[0]))

    shelf.receive("warm.zip", zipped(template()))
    sys.addaudithook(listen)
    bridgehead = b"bridgehead: {places: [Birch], radius_km: 7, bank: left}"
    for number, way in enumerate((str(secret), "../../../secret.geojson", "a/../../../x.geojson")):
        text = template()[S].replace(bridgehead, b"bridgehead: {geojson: %s}" % way.encode())
        upload = shelf.receive(f"war{number}.zip", zipped(template() | {S: text}))
        (problem,) = upload.report["errors"]
        assert "leaves the scenario's folder" in problem["found"]
    listening = False
    assert opened
    assert not [path for path in opened if "secret" in path]


def test_nothing_of_an_upload_is_run_and_nothing_outside_is_written(
    shelf: Shelf, tmp_path: Path
) -> None:
    shelf.receive("warm.zip", zipped(template()))  # all imports are made
    events: list[tuple[str, str]] = []
    listening = False

    def listen(event: str, args: tuple[object, ...]) -> None:
        if not listening:
            return
        if event == "open" and isinstance(args[2], int) and not args[2] & (os.O_WRONLY | os.O_RDWR):
            inside = str(args[0]).startswith(str(tmp_path))
            events.append(("read inside" if inside else "read", str(args[0])))
        elif event in ("exec", "import", "compile", "open") or event.startswith(
            ("subprocess", "os.", "socket", "ctypes", "shutil", "pickle")
        ):
            events.append((event, " ".join(map(str, args))))

    before = snapshot(tmp_path.parent)
    sys.addaudithook(listen)
    evil = {
        "README.md": b"#!/bin/sh\nrm -rf /\n",
        "reports.yaml": template()["reports.yaml"].replace(
            b"- id: A1", b"- !!python/object/apply:os.system [touch evil]\n- id: A1", 1
        ),
    }
    content = zipped(template() | evil)
    listening = True
    upload = shelf.receive("evil.zip", content)
    listening = False
    assert any("tag" in problem["found"] for problem in upload.report["errors"])
    after = snapshot(tmp_path.parent)
    new = set(after) - set(before)
    assert new == {
        str(path.relative_to(tmp_path.parent))
        for path in (upload.folder.parent, upload.folder, *upload.folder.iterdir())
    }
    assert {name: after[name] for name in before} == before
    kinds = {kind for kind, _ in events}
    assert kinds <= {"open", "read inside", "os.mkdir", "os.rename", "os.listdir", "os.scandir"}, (
        events
    )
    for kind, what in events:
        if kind in ("open", "os.mkdir", "os.rename"):
            assert what.startswith(str(tmp_path)), (kind, what)


def test_the_bounds_of_an_upload_agree_with_the_loaders() -> None:
    from sim.scenario.yaml_lines import MAX_BYTES

    assert unpacking.MOST_FILE == MAX_BYTES
    assert check_report(Path("nowhere"), doctrines=doctrine_names())["errors"]
