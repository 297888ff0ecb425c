"""Whatever is done to an uploaded zip, taking it in ends in an upload or in a clear message.

And nothing outside the shelf's own folder is touched.
"""

from __future__ import annotations

import random
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from upload_kit import packed, snapshot, template, zipped

from dashboard.uploads import Shelf
from sim import BadiaError

MUTATIONS = 300
NAMES = [
    "scenario.yaml", "SCENARIO.yaml", "reports.yaml", "../scenario.yaml", "/scenario.yaml",
    "a/scenario.yaml", "a\\scenario.yaml", "a.zip", "x.geojson", "__MACOSX/x", "con.yaml",
    "a/b/c/d/e.md", "", "/", "é.md", "e\u0301.md", "scenario.yaml/", "observed.yaml",
]  # fmt: skip


@pytest.fixture(scope="module")
def shelf() -> Iterator[Shelf]:
    """A shelf in a folder of its own, so that its surroundings can be watched."""
    around = Path(tempfile.mkdtemp())
    before = tempfile.tempdir
    tempfile.tempdir = str(around)
    shelf = Shelf(kept=3)
    yield shelf
    shelf.close()
    tempfile.tempdir = before
    shutil.rmtree(around)


def taken_in(shelf: Shelf, content: bytes) -> bool:
    """Whether an upload comes of it; otherwise a message that a person can read must."""
    around = Path(str(tempfile.tempdir))
    shelf.receive("usual.zip", zipped(template()))
    (root,) = around.iterdir()
    (around / "neighbour.yaml").write_text("x")
    before = {name: mark for name, mark in snapshot(around).items() if root.name not in name}
    message, upload = "", None
    try:
        upload = shelf.receive("mine.zip", content)
    except BadiaError as error:
        message = str(error)
    if upload is None:
        assert message.isprintable()
        assert 0 < len(message) < 1000
    else:
        assert root in upload.folder.parents
        assert all(problem["found"] for problem in upload.report["errors"])
    after = {name: mark for name, mark in snapshot(around).items() if root.name not in name}
    assert after == before
    for path in root.rglob("*"):
        assert not path.is_symlink()
    assert not list(root.glob("new-*"))
    (around / "neighbour.yaml").unlink()
    return upload is not None


def damaged(content: bytes, rng: random.Random) -> bytes:
    """Change, cut, double or move a few bytes; most often where a zip says what it holds."""
    raw = bytearray(content)
    for _ in range(rng.choice((1, 1, 1, 2, 5))):
        if not raw:
            break
        heads = [at for at in range(len(raw) - 3) if raw[at : at + 2] == b"PK"]
        at = rng.choice(heads) + rng.randrange(60) if heads and rng.random() < 0.7 else 0
        at = at if 0 < at < len(raw) else rng.randrange(len(raw))
        way = rng.randrange(5)
        if way == 0:
            raw[at] ^= 1 << rng.randrange(8)
        elif way == 1:
            raw[at] = rng.choice((0, 1, 0x7F, 0x80, 0xFF))
        elif way == 2:
            raw[at : at + 4] = rng.choice((0, 1, 2**31 - 1, 2**32 - 1)).to_bytes(4, "little")
        elif way == 3:
            del raw[at : at + rng.randrange(1, 40)]
        else:
            raw[at:at] = raw[at : at + rng.randrange(1, 40)]
    return bytes(raw)


@pytest.mark.parametrize("part", range(4))
def test_a_damaged_zip_is_taken_in_or_refused_and_touches_nothing_else(
    part: int, shelf: Shelf
) -> None:
    rng = random.Random(621 + part)
    whole = zipped(template() | {"shapes/pocket.geojson": b"{}"}, top=part % 2 * "mine/")
    outcomes = [taken_in(shelf, damaged(whole, rng)) for _ in range(MUTATIONS // 4)]
    assert 0 < sum(outcomes) < len(outcomes)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(NAMES) | st.text(max_size=12),
            st.sampled_from(sorted(template().values())) | st.binary(max_size=60),
        ),
        max_size=5,
    )
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_zip_of_anything_is_taken_in_or_refused(
    shelf: Shelf, entries: list[tuple[str, bytes]]
) -> None:
    taken_in(shelf, packed(*entries))


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(["", "PK\x03\x04", "PK\x05\x06", "PK\x01\x02"]))
def test_bytes_that_are_no_zip_are_refused(shelf: Shelf, content: bytes, start: str) -> None:
    assert not taken_in(shelf, start.encode() + content)
