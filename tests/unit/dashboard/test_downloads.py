from __future__ import annotations

import io
import json
import zipfile

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from shapely.geometry import shape

from dashboard.downloads import (
    fan_csv,
    geojson_bytes,
    place_csv,
    png_bytes,
    tables_zip,
)
from dashboard.place import place_story
from dashboard.provenance import Provenance
from dashboard.tables import QUANTITIES, standing

NOTICE = "not a forecast"


def test_the_tables_open_again_and_hold_the_numbers_of_the_page(two_valleys_result):
    archive = zipfile.ZipFile(io.BytesIO(tables_zip(two_valleys_result)))
    assert archive.testzip() is None
    assert archive.namelist() == [
        "about.txt", "last_day.csv", "ledger.csv", "series.csv", "summary.json",
    ]  # fmt: skip
    assert NOTICE in archive.read("about.txt").decode()
    series = pd.read_csv(archive.open("series.csv"))
    last = series[series["day"] == two_valleys_result.days]
    for one in standing(two_valleys_result, two_valleys_result.days):
        losses = last[last["faction"] == one.id]["losses"]
        assert np.quantile(losses, 0.5, method="inverted_cdf") == one.losses.p50
    assert len(pd.read_csv(archive.open("ledger.csv"))) == len(two_valleys_result.ledger)


def test_the_summary_in_it_is_that_of_the_command_line_without_this_machine(two_valleys_result):
    archive = zipfile.ZipFile(io.BytesIO(tables_zip(two_valleys_result)))
    found = json.loads(archive.read("summary.json"))
    expected = two_valleys_result.summary()
    del expected["result"]
    assert found == json.loads(json.dumps(expected))


def test_the_map_of_a_day_opens_again_and_shows_that_day(two_valleys_result):
    found = json.loads(geojson_bytes(two_valleys_result, 30))
    setting = two_valleys_result.setting
    assert found["date"] == setting.evening(30).isoformat()
    assert NOTICE in found["note"]
    assert setting.digest[:8] in found["provenance"]
    p = two_valleys_result.dataset["probability"].to_numpy()[30]
    for cell, feature in enumerate(found["features"]):
        assert shape(feature["geometry"]).is_valid
        assert feature["properties"]["probability"] == round(float(p[cell].max()), 4)


def test_the_picture_of_a_day_opens_again_and_says_what_it_is(two_valleys_result):
    image = Image.open(io.BytesIO(png_bytes(two_valleys_result, 30)))
    image.load()
    assert image.format == "PNG"
    assert NOTICE in image.text["Comment"]
    assert two_valleys_result.setting.digest[:8] in image.text["Comment"]


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_the_numbers_of_a_chart_open_again_under_lines_that_say_what_they_are(
    two_valleys_result, quantity
):
    data = fan_csv(two_valleys_result, quantity)
    head = [line for line in data.decode().splitlines() if line.startswith("#")]
    assert head[0] == "# Two valleys"
    assert "seed 1, 12 runs" in head[2]
    assert NOTICE in head[3]
    table = pd.read_csv(io.BytesIO(data), comment="#")
    factions = 3 if QUANTITIES[quantity].by_faction else 1
    assert len(table) == factions * (two_valleys_result.days + 1)
    assert (table["p10"] <= table["p50"]).all()
    assert (table["p50"] <= table["p90"]).all()


def test_the_shares_of_a_chart_are_those_of_the_cards(two_valleys_result):
    table = pd.read_csv(io.BytesIO(fan_csv(two_valleys_result, "area")), comment="#")
    last = table[table["date"] == table["date"].max()].set_index("faction")["p50"]
    for one in standing(two_valleys_result, two_valleys_result.days):
        assert last[one.id] == pytest.approx(100 * one.share.p50, rel=1e-5)


def test_the_chances_of_a_place_open_again(two_valleys_result):
    cell = two_valleys_result.setting.find_place("Milltown").cell
    story = place_story(two_valleys_result, cell)
    table = pd.read_csv(io.BytesIO(place_csv(story)), comment="#")
    assert list(table.columns) == ["date", "Guard", "League", "Brothers", "nobody"]
    np.testing.assert_allclose(table.iloc[:, 1:], story.chance, atol=1e-5)


def test_a_file_is_named_after_its_scenario_seed_and_day(two_valleys_result):
    digest = two_valleys_result.setting.digest[:8]
    day = two_valleys_result.setting.evening(30)
    origin = Provenance.of(two_valleys_result)
    assert origin.file_name("map.png", day) == (f"two-valleys-{digest}-seed1-2000-04-30-map.png")
    assert origin.file_name("tables.zip") == f"two-valleys-{digest}-seed1-tables.zip"
