from __future__ import annotations

import json

import pytest
from streamlit.testing.v1 import AppTest

from sim import simulate


def fans_page(result):
    from dashboard import charts

    charts.fans("one", result)


def place_page(result, cell, run):
    from dashboard import charts
    from dashboard.place import place_story

    charts.place(place_story(result, cell, run), 5)


def downloads_page(result):
    from dashboard import downloads

    downloads.buttons("one", result, 30)


def shown(function, **kwargs):
    page = AppTest.from_function(function, kwargs=kwargs, default_timeout=20).run()
    assert not page.exception
    return page


def chart_texts(page):
    """The specifications of the charts on a page, as text."""
    return [json.dumps(json.loads(e.proto.spec)) for e in page.get("vega_lite_chart")]


def test_the_fans_begin_with_area_and_turn_to_what_is_chosen(two_valleys_result):
    page = shown(fans_page, result=two_valleys_result)
    assert "Share of the map's area" in page.caption[-1].value
    assert all("Coast Guard" in text for text in chart_texts(page)[:1])
    page.segmented_control[0].set_value("displaced").run()
    assert not page.exception
    assert "Civilians who fled" in page.caption[-1].value
    [text] = chart_texts(page)
    assert "Civilians away from home" in text


def test_many_factions_stand_in_two_columns_and_each_is_drawn_once(two_valleys_result):
    page = shown(fans_page, result=two_valleys_result)
    page.segmented_control[0].set_value("losses").run()
    texts = chart_texts(page)
    assert len(texts) == 2
    for name in two_valleys_result.setting.faction_names:
        assert sum(f'"text": "{name}"' in text for text in texts) == 1


def test_where_nothing_ever_changes_it_is_said_instead_of_drawn(two_valleys):
    page = shown(fans_page, result=simulate(two_valleys, runs=1, days=1))
    assert chart_texts(page) == []
    assert page.caption[0].value.startswith("Hardly changed on any day: Coast Guard")
    assert "only one run" in page.caption[1].value
    page.segmented_control[0].set_value("displaced").run()
    assert page.info[0].value == "Nothing to show: it is zero on every day."


@pytest.mark.parametrize("run", [None, 3])
def test_a_place_is_told_with_its_chart_its_reasons_and_its_notice(two_valleys_result, run):
    cell = two_valleys_result.setting.find_place("Milltown").cell
    page = shown(place_page, result=two_valleys_result, cell=cell, run=run)
    texts = [it.value for it in page.markdown]
    assert texts[0] == "#### Milltown"
    assert texts[1].startswith("Held by Highland League at the start")
    assert any("At the start Highland League held it" in text for text in texts)
    assert len(chart_texts(page)) == 1
    [button] = page.get("download_button")
    assert button.proto.label == "Numbers of this chart (CSV)"
    assert "not a forecast" in page.caption[-1].value


def test_words_of_a_scenario_are_shown_as_they_are_and_never_format_the_page():
    from tests.unit.result_kit import RED, Move, result_of

    title = "**Bold** <b>x</b> [link](http://example.org) :red[a] $x$"
    result = result_of(Move(0, 1, 4, RED), faction_names=("the *Reds*", title))
    page = shown(place_page, result=result, cell=4, run=None)
    for text in (it.value for it in page.markdown):
        assert "[link](" not in text
        assert "<b>" not in text.replace(r"\<b\>", "")
        assert "**Bold**" not in text


def test_what_can_be_taken_is_offered(two_valleys_result):
    page = shown(downloads_page, result=two_valleys_result)
    labels = [button.proto.label for button in page.get("download_button")]
    assert labels == ["Tables (CSV)", "Map of the day (GeoJSON)", "Picture of the map (PNG)"]
