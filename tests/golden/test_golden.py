"""The two valleys go as they did when the tables were committed.

If a change is meant to move results: `python -m tests.golden.refresh`.
"""

from __future__ import annotations

import pandas as pd
import pytest

from tests.golden.tables import FOLDER, tables, write

HINT = "results moved; if they were meant to: python -m tests.golden.refresh"


@pytest.fixture(scope="module")
def now():
    return tables()


@pytest.mark.parametrize("name", ["holder.csv", "sides.csv", "losses.csv"])
def test_the_two_valleys_go_as_they_went(now, name):
    kept = pd.read_csv(FOLDER / name)
    found = now[name]
    assert list(found.columns) == list(kept.columns)
    numbers = list(kept.select_dtypes("number").columns)
    labels = [column for column in kept.columns if column not in numbers]
    assert len(found) == len(kept), HINT
    for label in labels:
        assert found[label].astype(str).tolist() == kept[label].tolist(), HINT
    for column in numbers:
        pd.testing.assert_series_equal(
            found[column].astype(float), kept[column].astype(float), rtol=1e-6, atol=1e-6, obj=HINT
        )


def test_the_same_machine_writes_the_same_bytes_twice(tmp_path):
    folders = [tmp_path / "one", tmp_path / "other"]
    for folder in folders:
        folder.mkdir()
        write(folder)
    files = [{path.name: path.read_bytes() for path in folder.iterdir()} for folder in folders]
    assert files[0] == files[1]
    assert set(files[0]) == {path.name for path in FOLDER.glob("*.csv")}
