from __future__ import annotations

import json
from datetime import date

import altair
import numpy as np
import pytest

from dashboard.charts.chance import chance_data, chance_spec
from dashboard.charts.fan import MOST_DATES, Panel, fan_data, fan_spec, panels, thinned
from dashboard.place import place_story
from dashboard.tables import QUANTITIES

SPAN = (date(2018, 8, 13), date(2019, 3, 31))
SERIES = {"area": "share", "fighters": "fighters", "losses": "losses", "displaced": "displaced"}


def fan(result, quantity):
    setting = result.setting
    span = (setting.evening(0), setting.evening(result.days))
    km2 = float(setting.area_km2.sum())
    return fan_spec(quantity, panels(result, quantity), span=span, km2=km2)


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_a_fan_is_what_numpy_says_of_the_runs(two_valleys_result, quantity):
    data = two_valleys_result.dataset
    values = data[SERIES[quantity]].to_numpy().astype(float) * (100 if quantity == "area" else 1)
    for number, rows in fan_data(two_valleys_result, quantity).groupby("number"):
        mine = values if values.ndim == 2 else values[:, :, number]
        expected = np.quantile(mine, (0.1, 0.5, 0.9), axis=0, method="inverted_cdf")
        assert (rows["date"].to_numpy() == data["date"].to_numpy()).all()
        np.testing.assert_array_equal(
            rows[["p10", "p50", "p90"]].to_numpy().T, expected.astype(np.float32)
        )


def test_all_factions_have_a_fan_and_the_displaced_have_one(two_valleys_result):
    assert list(fan_data(two_valleys_result, "fighters")["number"].unique()) == [0, 1, 2]
    assert list(fan_data(two_valleys_result, "displaced")["number"].unique()) == [0]


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_the_chart_of_a_fan_is_valid_vega_lite(two_valleys_result, quantity):
    altair.Chart.from_dict(
        {**fan(two_valleys_result, quantity), "data": {"name": "rows"}}, validate=True
    )


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_a_chart_fetches_nothing(two_valleys_result, quantity):
    text = json.dumps(fan(two_valleys_result, quantity))
    assert "http" not in text
    assert "url" not in text


def test_panels_follow_the_order_of_the_legend_and_say_their_names(two_valleys_result):
    setting = two_valleys_result.setting
    shown = panels(two_valleys_result, "losses")
    assert [panel.name for panel in shown] == list(setting.faction_names)
    titles = [part["title"]["text"] for part in fan(two_valleys_result, "losses")["vconcat"]]
    assert titles == list(setting.faction_names)


def test_who_has_nothing_has_no_panel(two_valleys_result):
    held = [panel.number for panel in panels(two_valleys_result, "area")]
    assert held == [0, 1]  # the third faction hides and holds no ground


@pytest.mark.parametrize(
    ("low", "high", "still"), [(2.0, 2.0, True), (2.0, 2.003, True), (2.0, 2.1, False)]
)
def test_who_hardly_changes_is_told_in_words(low, high, still):
    assert Panel(0, "A", "#000000", low, high).still is still


def test_the_scale_of_a_panel_never_blows_up_noise_nor_goes_below_zero():
    low, high = Panel(0, "A", "#000000", 99.9, 100.0).axis
    assert high - low == pytest.approx(10.0)
    assert Panel(0, "A", "#000000", 0.0, 5.0).axis == (0.0, 5.0)


@pytest.mark.parametrize("days", [0, 1, 60, 119, 120, 230, 1000])
def test_thinned_dates_keep_both_ends_and_fit_on_a_screen(days):
    entries = thinned(days)
    assert entries[0] == 0
    assert entries[-1] == days
    assert len(entries) == min(days + 1, MOST_DATES)
    assert (np.diff(entries) > 0).all()


def test_ten_factions_over_a_year_stay_a_small_message():
    shown = [Panel(i, f"A faction with a long name {i}", "#123456", 0.0, 9.0) for i in range(10)]
    text = json.dumps(fan_spec("area", shown, span=SPAN, km2=185_000.0))
    rows = 10 * MOST_DATES * (8 + 1 + 3 * 4)  # date, number, three values
    assert len(text) + rows < 60_000


# --- the chances of a place ---


def test_the_chances_of_a_place_are_those_of_the_result(two_valleys_result):
    cell = two_valleys_result.setting.find_place("Milltown").cell
    story = place_story(two_valleys_result, cell)
    p = two_valleys_result.dataset["probability"].to_numpy()[:, cell]
    np.testing.assert_array_equal(story.chance, p)
    rows = chance_data(story).pivot(index="date", columns="number", values="chance")
    for number in rows:
        np.testing.assert_allclose(rows[number], 100 * p[:, number], rtol=1e-6)
    np.testing.assert_allclose(rows.sum(axis=1), 100.0, rtol=1e-5)


@pytest.mark.parametrize("shown", [None, date(2000, 5, 1)])
def test_the_chart_of_a_place_is_valid_vega_lite(two_valleys_result, shown):
    cell = two_valleys_result.setting.find_place("Milltown").cell
    spec = chance_spec(place_story(two_valleys_result, cell), shown)
    altair.Chart.from_dict({**spec, "data": {"name": "rows"}}, validate=True)
    assert "http" not in json.dumps(spec)
    assert json.dumps(spec).count('"strokeDash"') == (2 if shown else 0)
