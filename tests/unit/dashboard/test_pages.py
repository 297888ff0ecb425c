"""Each page in each of its states, without a browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.runs import Request
from dashboard.runs.board import Board
from dashboard.runs.store import Store
from sim import BadiaError

APP = str(Path(__file__).parents[3] / "dashboard" / "app.py")
ASKED = {"scenario": "two-valleys", "runs": "6", "seed": "2", "days": "40"}
REQUEST = Request("two-valleys", runs=6, seed=2, days=40)


@pytest.fixture(autouse=True)
def own_board(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Board:
    """A board of the test's own instead of the process's."""
    mine = Board(Store(tmp_path / "results"))
    for name in ("situation", "whatif"):
        monkeypatch.setattr(f"dashboard.page.{name}.board", lambda: mine)
    monkeypatch.setattr("dashboard.runs.board", lambda: mine)
    return mine


def opened(**query: str) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=60)
    for name, value in query.items():
        app.query_params[name.replace("_", "-")] = value
    return app.run()


def words(app: AppTest) -> str:
    """Everything that a page says in text elements."""
    kinds = ("markdown", "caption", "info", "warning", "error", "success", "subheader", "title",
             "text", "code")  # fmt: skip
    found = [str(e.value) for kind in kinds for e in app.get(kind)]
    return "\n".join([*found, *(str(e.proto.body) for e in app.get("html"))])


def test_before_any_run_the_start_and_what_to_press_are_shown() -> None:
    app = opened()
    assert not app.exception
    assert "Press **Run**" in words(app)
    assert "not a forecast" in words(app)


def test_a_link_to_what_nobody_ran_runs_it(own_board: Board) -> None:
    opened(**ASKED)
    job = own_board.find(REQUEST)
    assert job is not None
    assert job.wait(60)


def test_a_finished_ensemble_is_shown_at_once(own_board: Board) -> None:
    assert own_board.submit(REQUEST).wait(60)
    app = opened(**ASKED)
    assert not app.exception
    assert "badia-card" in words(app)
    assert "All runs over time" in [section.label for section in app.expander]


def test_a_place_in_the_link_has_its_story_told(own_board: Board) -> None:
    assert own_board.submit(REQUEST).wait(60)
    app = opened(**ASKED, place="Milltown", day="2000-05-01")
    assert "#### Milltown" in words(app)
    assert "On 1 May 2000" in words(app)


def test_a_place_that_the_scenario_lacks_does_no_harm(own_board: Board) -> None:
    assert own_board.submit(REQUEST).wait(60)
    app = opened(**ASKED, place="Atlantis")
    assert not app.exception
    assert "Click a place" in words(app)


def test_changed_settings_ask_to_be_run(own_board: Board) -> None:
    assert own_board.submit(REQUEST).wait(60)
    app = opened(**ASKED)
    app.number_input(key="draft_runs").set_value(9).run()
    assert "The settings have changed" in words(app)
    app.button(key="run").click().run()
    job = own_board.find(Request("two-valleys", runs=9, seed=2, days=40))
    assert job is not None
    assert job.wait(60)


def test_a_failed_run_is_explained(own_board: Board, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise BadiaError("the dog ate it")

    monkeypatch.setattr(own_board, "_run", fail)
    assert own_board.submit(REQUEST).wait(60)
    app = opened(**ASKED)
    job = own_board.find(REQUEST)
    assert job is None or job.wait(60)
    app.run()
    assert not app.exception
    assert "the dog ate it" in words(app)


def test_a_nonsense_parameter_in_a_link_is_explained() -> None:
    app = opened(**ASKED, set="leek=0.3")
    assert not app.exception
    assert "leek" in words(app)
    assert "leak" in words(app), "the nearest right spelling"


@pytest.mark.parametrize("layer", ["likely", "probability", "run"])
def test_every_way_to_see_the_map_is_drawn(own_board: Board, layer: str) -> None:
    assert own_board.submit(REQUEST).wait(60)
    app = opened(**ASKED, map=layer)
    assert not app.exception
    assert app.session_state["view"].layer == layer


@pytest.mark.parametrize(
    ("layer", "widget", "left_over"),
    [("probability", "faction", "HTS"), ("run", "one_run", 150)],
)
def test_what_was_chosen_of_another_scenario_gives_way(
    own_board: Board, layer: str, widget: str, left_over: object
) -> None:
    assert own_board.submit(REQUEST).wait(60)
    app = AppTest.from_file(APP, default_timeout=60)
    for name, value in {**ASKED, "map": layer}.items():
        app.query_params[name] = value
    app.session_state[widget] = left_over
    app.run()
    assert not app.exception
    assert "badia-card" in words(app)
    assert app.session_state[widget] != left_over
