"""Events and reports stand where and when they belong."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dashboard.map.markers import NO_FACTION, event_markers, report_markers
from sim import CompiledScenario, Setting, load_scenario


@pytest.fixture(scope="module")
def setting(two_valleys: CompiledScenario) -> Setting:
    return Setting.of(two_valleys)


def test_an_event_stands_in_the_one_of_its_cells_that_is_nearest_their_middle(
    setting: Setting,
) -> None:
    markers = {marker.id: marker for marker in event_markers(setting)}
    for event in setting.events:
        lon, lat = setting.lon[list(event.cells)], setting.lat[list(event.cells)]
        away = [np.hypot(x - lon.mean(), y - lat.mean()) for x, y in zip(lon, lat, strict=True)]
        here = markers[event.id]
        cell = next(
            c for c in event.cells if (setting.lon[c], setting.lat[c]) == (here.lon, here.lat)
        )
        assert away[event.cells.index(cell)] == pytest.approx(min(away), abs=1e-4)


def test_an_event_is_shown_on_the_evenings_of_its_days(setting: Setting) -> None:
    markers = {marker.id: marker for marker in event_markers(setting)}
    for event in setting.events:
        marker = markers[event.id]
        days = (marker.last - marker.first, event.end - event.start)
        assert days[0] == days[1]
        first = np.datetime64(setting.start) + event.start
        assert np.datetime64(setting.evening(marker.first)) == first


def test_an_event_brings_its_reports(setting: Setting) -> None:
    markers = {marker.id: marker for marker in event_markers(setting)}
    siege = markers["siege"]
    assert (siege.kind, setting.faction_ids[siege.faction]) == ("posture", "Guard")
    assert [report.id for report in siege.reports] == ["T5"]
    report = siege.reports[0]
    told = setting.reports["T5"]
    assert (report.date, report.grade) == (told["date"], told["grade"])
    assert (report.source, report.claim) == (told["source"], told["claim"])


def test_an_event_without_a_place_has_no_marker(setting: Setting) -> None:
    nowhere = replace(setting.events[0], id="nowhere", cells=())
    markers = event_markers(replace(setting, events=(nowhere, *setting.events[1:])))
    assert len(markers) == len(setting.events) - 1
    assert "nowhere" not in {marker.id for marker in markers}


def test_stances_of_the_syrian_calendar_have_no_marker_and_all_else_has() -> None:
    syria = Setting.of(load_scenario("syria-2018-08", resolution=5))
    placed = {marker.id for marker in event_markers(syria)}
    assert {e.id for e in syria.events if e.id not in placed} == {
        e.id for e in syria.events if not e.cells
    }
    assert len(placed) > 20


def test_reports_stand_at_their_places_all_the_time(setting: Setting) -> None:
    markers = report_markers(setting)
    assert markers
    known = {place.name: place for place in setting.places}
    for marker in markers:
        report = setting.reports[marker.id]
        place = known[report["place"]]
        assert (marker.lon, marker.lat) == (place.lon, place.lat)
        assert (marker.first, marker.last) == (0, setting.days)
        assert (marker.kind, marker.faction) == ("report", NO_FACTION)
        assert [cited.claim for cited in marker.reports] == [report["claim"]]
    unplaced = {id for id in setting.reports} - {marker.id for marker in markers}
    assert all(setting.reports[id]["place"] not in known for id in unplaced)


def test_reports_may_be_placed_by_another_rule(setting: Setting) -> None:
    markers = report_markers(setting, lambda text: (1.5, 2.5) if "valleys" in text else None)
    expected = [id for id, r in setting.reports.items() if "valleys" in (r["place"] or "")]
    assert sorted(expected) == [marker.id for marker in markers]
    assert {(marker.lon, marker.lat) for marker in markers} == {(1.5, 2.5)}
