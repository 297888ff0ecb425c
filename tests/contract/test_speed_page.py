"""What docs/speed.md and README.md say of speed is what was measured, and nothing was left out."""

from __future__ import annotations

from importlib import import_module

import pytest

from bench.speed import report, targets
from bench.speed.kit import RESULTS, kept, sheet
from bench.speed.targets import Target


def test_the_page_shows_what_was_measured() -> None:
    assert report.PAGE.read_text(encoding="utf-8") == report.page()
    for name in report.PARTS:
        assert kept(name), f"{name} was never measured"


def test_the_table_of_the_readme_shows_what_was_measured() -> None:
    text = report.README.read_text(encoding="utf-8")
    assert text == report.refreshed(text)


@pytest.mark.parametrize("name", report.PARTS)
def test_every_table_beside_its_data_is_made_from_them(name: str) -> None:
    part = import_module(f"bench.speed.{name}")
    written = (RESULTS / f"{name}.md").read_text(encoding="utf-8")
    assert written == sheet(kept(name), part.tables)


def test_what_was_only_tried_is_not_what_stands_there() -> None:
    """The largest ensembles were measured in full."""
    whole = {(one["mesh"], one["runs"], one["days"]) for one in kept("throughput")["whole"]}
    assert whole == {("6", 1000, 180), ("7", 100, 180)}


def test_what_falls_short_is_told_in_the_readme_and_on_the_page() -> None:
    readme, page = report.README.read_text(encoding="utf-8"), report.page()
    found = targets.of({name: kept(name) for name in report.PARTS})
    assert found
    for target in found:
        row = f"| {target.measured} | {target.asked} | {target.verdict} |"
        assert row in readme, target.what
        if not target.met:
            assert f"{target.measured}, {target.asked}." in page, target.what


def test_a_target_that_is_missed_says_so() -> None:
    assert Target("time", 21.0, " s", most=20).verdict == "**falls short**"
    assert Target("time", 19.0, " s", most=20).verdict == "yes"
    assert Target("time", 19.0, " s", most=10, hoped=True).verdict == "no, not reached yet"
    assert Target("ratio", 299.0, " times", least=300).verdict == "**falls short**"
