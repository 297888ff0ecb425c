"""Exports hold what the result holds, say what they are, and are whole or not there."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from shapely.geometry import shape

from sim.errors import ExportError
from sim.export import EXPORTERS, export
from sim.export.film import entries
from sim.export.story import NOT_A_FORECAST, Story
from sim.export.tables import TABLES
from sim.result import Result


@pytest.fixture(scope="module")
def story(two_valleys_result: Result) -> Story:
    return Story.of(two_valleys_result)


@pytest.mark.parametrize("kind", EXPORTERS)
def test_every_kind_of_export_writes_what_it_says(
    kind: str, two_valleys_result: Result, tmp_path: Path
) -> None:
    path = export(two_valleys_result, kind, tmp_path / "deep" / EXPORTERS[kind].name)
    assert path.is_dir() == EXPORTERS[kind].folder
    assert [p.name for p in path.parent.iterdir()] == [path.name]  # no scratch is left


def test_csv_and_parquet_hold_the_same_tables(two_valleys_result: Result, tmp_path: Path) -> None:
    csv = export(two_valleys_result, "csv", tmp_path / "csv")
    parquet = export(two_valleys_result, "parquet", tmp_path / "parquet")
    for name in TABLES:
        one = pd.read_csv(csv / f"{name}.csv")
        two = pd.read_parquet(parquet / f"{name}.parquet")
        assert list(one.columns) == list(two.columns)
        assert len(one) == len(two)
    for folder in (csv, parquet):
        assert NOT_A_FORECAST in (folder / "about.txt").read_text(encoding="utf-8")


def test_the_series_and_the_last_day_are_those_of_the_result(two_valleys_result: Result) -> None:
    data = two_valleys_result.dataset
    series = TABLES["series"](two_valleys_result)
    one = series[(series.run == 3) & (series.day == 40) & (series.faction == "Guard")]
    expected = data.sel(run=3, day=40, faction="Guard")
    assert one["share"].item() == pytest.approx(float(expected["share"]))
    assert one["losses"].item() == int(expected["losses"])
    cells = TABLES["last_day"](two_valleys_result)
    chances = cells[[c for c in cells.columns if c.startswith("p_")]]
    np.testing.assert_allclose(chances.sum(axis=1), 1.0, rtol=1e-6)
    assert (cells["holder"] == [c[2:] for c in chances.idxmax(axis=1)]).all()


def test_geojson_has_valid_cells_their_chances_and_where_they_come_from(
    two_valleys_result: Result, tmp_path: Path
) -> None:
    path = export(two_valleys_result, "geojson", tmp_path / "map.geojson")
    value = json.loads(path.read_text(encoding="utf-8"))
    assert value["note"] == NOT_A_FORECAST
    assert "OCHA" in value["attribution"]
    assert len(value["features"]) == two_valleys_result.setting.cells
    for feature in value["features"]:
        assert shape(feature["geometry"]).is_valid
        properties = feature["properties"]
        assert sum(properties["probabilities"].values()) == pytest.approx(1.0, abs=1e-3)
        assert properties["probabilities"][properties["holder"]] == properties["probability"]


def test_the_picture_shows_the_holders_colours_and_says_it_is_no_forecast(
    two_valleys_result: Result, story: Story, tmp_path: Path
) -> None:
    path = export(two_valleys_result, "png", tmp_path / "map.png")
    with Image.open(path) as image:
        assert NOT_A_FORECAST in image.text["Comment"]
        seen = {colour for _, colour in image.convert("RGB").getcolors(1 << 24)}
    for faction in np.unique(story.ranking(0)[0]):
        code = story.colours[faction]
        assert tuple(int(code[i : i + 2], 16) for i in (1, 3, 5)) in seen


def test_the_same_result_gives_the_same_picture(two_valleys_result: Result, tmp_path: Path) -> None:
    once = export(two_valleys_result, "png", tmp_path / "a.png").read_bytes()
    assert once == export(two_valleys_result, "png", tmp_path / "b.png").read_bytes()


def test_the_film_begins_at_the_start_and_ends_on_the_last_day(
    two_valleys_result: Result, tmp_path: Path
) -> None:
    assert entries(60)[0] == 0
    assert entries(60)[-1] == 60
    assert len(entries(4000)) <= 62
    assert entries(3) == [0, 3]
    path = export(two_valleys_result, "gif", tmp_path / "film.gif")
    with Image.open(path) as film:
        assert film.n_frames == len(entries(60))
        assert b"not a forecast" in film.info["comment"]


def test_an_uncertain_cell_is_striped_and_a_sure_one_is_not(story: Story) -> None:
    from sim.export.ground import Ground
    from sim.export.sheet import view

    setting = story.setting
    ground = Ground(setting.outlines, view(setting, 600))
    colours = ("#ff0000", "#0000ff")
    first = np.zeros(setting.cells, np.int64)
    second = np.ones(setting.cells, np.int64)

    def blue(sure: float) -> float:
        """Share of the map's pixels in the second colour."""
        image = ground.paint(first, second, np.full(setting.cells, sure), colours)
        inside = image[..., 3] == 255
        return float(image[inside][:, 2].mean()) / 255

    assert blue(0.95) == 0.0
    assert blue(0.7) == pytest.approx(0.25, abs=0.06)
    assert blue(0.4) == pytest.approx(0.5, abs=0.06)


def test_ties_go_to_the_faction_named_first(story: Story) -> None:
    even = np.full_like(story.probability, 1 / story.probability.shape[2])
    first, second, sure = replace(story, probability=even).ranking(0)
    assert set(first) == {0}
    assert set(second) == {1}
    assert np.allclose(sure, even[0, 0, 0])


def test_no_two_names_on_a_map_overlap(story: Story) -> None:
    from sim.export.borders import borders
    from sim.export.sheet import draw_sheet, new_figure, view

    frame = view(story.setting, 500)
    figure = new_figure(frame.width, frame.height, dpi=100)
    axes = figure.add_axes((0, 0, 1, 1))
    draw_sheet(axes, story.setting, borders(story.setting), frame)
    figure.canvas.draw()
    boxes = [text.get_window_extent() for text in axes.texts]
    assert len(boxes) >= 4
    for i, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[:i])


def test_an_unknown_kind_and_a_wrong_place_are_refused(
    two_valleys_result: Result, tmp_path: Path
) -> None:
    with pytest.raises(ExportError, match="There are csv, parquet, geojson, png, gif"):
        export(two_valleys_result, "shapefile", tmp_path / "x")
    with pytest.raises(ExportError, match="is a folder; 'png' makes a file"):
        export(two_valleys_result, "png", tmp_path)
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(ExportError, match="is a file; 'csv' makes a folder"):
        export(two_valleys_result, "csv", tmp_path / "file")
    with pytest.raises(ExportError, match="Cannot write"):
        export(two_valleys_result, "geojson", tmp_path / "file" / "map.geojson")


def test_a_failed_export_leaves_what_was_there(
    two_valleys_result: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = export(two_valleys_result, "geojson", tmp_path / "map.geojson")
    before = path.read_bytes()

    def half(result: Result, draft: Path, entry: int) -> None:
        draft.write_text("half", encoding="utf-8")
        raise OSError(28, "No space left on device")

    monkeypatch.setitem(EXPORTERS, "geojson", replace(EXPORTERS["geojson"], write=half))
    with pytest.raises(ExportError, match="No space left"):
        export(two_valleys_result, "geojson", path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_map_of_an_earlier_day_shows_that_day(two_valleys_result: Result, tmp_path: Path) -> None:
    data = two_valleys_result.dataset
    path = export(two_valleys_result, "geojson", tmp_path / "map.geojson", entry=30)
    written = json.loads(path.read_text(encoding="utf-8"))
    assert written["date"] == str(data["date"].to_numpy()[30])[:10]
    p = data["probability"].isel(day=30).to_numpy()
    for cell, feature in enumerate(written["features"]):
        assert feature["properties"]["probability"] == round(float(p[cell].max()), 4)
    first = export(two_valleys_result, "png", tmp_path / "first.png", entry=1)
    last = export(two_valleys_result, "png", tmp_path / "last.png")
    assert first.read_bytes() != last.read_bytes()


@pytest.mark.parametrize("entry", [-1, 61])
def test_a_day_that_was_not_simulated_is_refused(
    two_valleys_result: Result, tmp_path: Path, entry: int
) -> None:
    with pytest.raises(ExportError, match="it has 0, the start, to 60"):
        export(two_valleys_result, "png", tmp_path / "map.png", entry=entry)
