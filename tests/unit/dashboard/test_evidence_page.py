from __future__ import annotations

import shutil

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.texts import say
from sim import simulate

SCORE = "How well it did"


def page(scenario: str, result_folder: str | None = None) -> None:
    from dashboard.page.evidence import show
    from dashboard.problems import guard
    from dashboard.runs import Request
    from sim import Result

    with guard():
        show(Request(scenario), Result.load(result_folder) if result_folder else None)


def opened(scenario, result=None, tab=None):
    """The page of a scenario, on one of its tabs."""
    app = AppTest.from_function(page, args=(str(scenario), result), default_timeout=60)
    if tab:
        app.session_state["evidence_tab"] = tab
    app.run()
    assert not app.exception
    return app


def words(app):
    """All that the page says, in one."""
    kinds = (app.title, app.markdown, app.info, app.warning, app.error, app.caption, app.text)
    return "\n".join(str(element.value) for kind in kinds for element in kind)


def test_it_says_what_reports_are_and_what_it_is_not_for():
    said = words(opened("hajin-pocket"))
    assert say("evidence.intro") in said
    assert "not a forecast and not a targeting aid" in said


def test_an_invented_country_is_said_to_be_one():
    said = words(opened("two-valleys"))
    assert say("evidence.invented") in said
    assert "looks back at 2018" not in said


def test_every_report_is_listed_with_its_grade_and_what_runs_do_with_it():
    table = opened("two-valleys").dataframe[0].value
    assert len(table) == 15
    assert table.set_index("id").loc["T1", "grade"] == "B2"
    assert table["treatment"].str.len().min() > 10


def test_filters_leave_the_reports_that_fit():
    app = opened("hajin-pocket")
    app.text_input(key="evidence_text").set_value("fighters SDF").run()
    assert set(app.dataframe[0].value["id"]) == {"S1"}
    app.text_input(key="evidence_text").set_value("").run()
    app.selectbox(key="evidence_feeds").set_value("score").run()
    assert list(app.dataframe[0].value["id"]) == ["R60"]


def test_a_filter_that_nothing_fits_says_so():
    app = opened("two-valleys")
    app.text_input(key="evidence_text").set_value("no such word").run()
    assert say("evidence.table.none") in words(app)


def test_a_grade_is_chosen_by_its_letter_and_its_number():
    app = opened("hajin-pocket")
    app.selectbox(key="evidence_letter").set_value("B").run()
    app.selectbox(key="evidence_number").set_value("3").run()
    assert list(app.dataframe[0].value["id"]) == ["R10"]


def test_a_faction_leaves_the_reports_that_feed_it():
    app = opened("hajin-pocket")
    faction = next(box for box in app.selectbox if box.label == say("evidence.filter.faction"))
    faction.set_value("Iran-backed forces and Hezbollah").run()
    assert set(app.dataframe[0].value["id"]) == {"R05", "R24", "R37"}


def test_another_scenario_begins_without_the_choices_of_the_last():
    def both(first: bool) -> None:
        from dashboard.page.evidence import show
        from dashboard.runs import Request

        show(Request("hajin-pocket" if first else "two-valleys"), None)

    app = AppTest.from_function(both, args=(True,), default_timeout=60).run()
    faction = next(box for box in app.selectbox if box.label == say("evidence.filter.faction"))
    faction.set_value("Islamic State").run()
    app.args = (False,)
    app.run()
    assert not app.exception
    assert set(app.dataframe[0].value["id"]) == {f"T{n}" for n in range(1, 16)}


def test_the_strengths_name_the_widest_gap():
    said = words(opened("hajin-pocket", tab="How many fighters"))
    assert (
        "The widest gap: for Syrian army and militias as a whole, one report says 5 times" in said
    )


def test_without_a_run_it_says_where_to_run():
    said = words(opened("two-valleys", tab=SCORE))
    assert say("evidence.score.no_result") in said


def test_a_run_is_scored_against_the_null_models(two_valleys_result):
    app = opened("two-valleys", str(two_valleys_result.path), SCORE)
    said = words(app)
    assert say("evidence.score.given_later") in said
    assert '"nothing changes"' in said
    assert {"persistence", "adjacency", "force_ratio", "offensive_only"} <= set(
        app.dataframe[0].value.columns
    )


def test_a_scenario_without_observations_says_how_to_get_a_score(root, tmp_path):
    folder = shutil.copytree(root / "scenarios" / "two-valleys", tmp_path / "two-valleys")
    (folder / "observed.yaml").unlink()
    said = words(opened(folder, tab=SCORE))
    assert "docs/scenario.md" in said
    assert say("evidence.score.no_result") not in said


def test_what_lies_after_the_last_day_is_said_to_be_left_out(two_valleys, tmp_path):
    short = simulate(two_valleys, runs=3, days=5)
    short.save(tmp_path / "short")
    said = words(opened("two-valleys", str(tmp_path / "short"), SCORE))
    assert "After the last day of these runs, so not scored: " in said


@pytest.mark.parametrize("name", ["scenario.yaml", "observed.yaml"])
def test_a_broken_file_is_told_with_its_line(name, root, tmp_path):
    folder = shutil.copytree(root / "scenarios" / "two-valleys", tmp_path / "two-valleys")
    (folder / name).write_text("- {id: o1, place: [}\n", encoding="utf-8")
    app = AppTest.from_function(page, args=(str(folder),), default_timeout=60).run()
    assert not app.exception
    assert f"{name}:1" in words(app) or f"{name}, line 1" in words(app)


def test_text_of_a_scenario_is_never_taken_for_formatting(root, tmp_path):
    folder = shutil.copytree(root / "scenarios" / "two-valleys", tmp_path / "two-valleys")
    file = folder / "scenario.yaml"
    lines = file.read_text("utf-8").splitlines()
    place = next(i for i, line in enumerate(lines) if line.startswith("title:"))
    lines[place] = 'title: "![x](http://example.org/x.png)"'
    file.write_text("\n".join(lines), encoding="utf-8")
    assert "![x](" not in opened(folder).title[0].value
