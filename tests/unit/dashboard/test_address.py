"""A copied link opens the same view, and a bad link does no harm."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.address import LAYERS, MOST_RUNS, View, read, write
from dashboard.runs import Request

SCENARIOS = ("hajin-pocket", "two-valleys")

names = st.text("abcdefghij_", min_size=1, max_size=12)
values = st.one_of(
    st.floats(0, 1e6).map(lambda x: f"{x:.6g}"),
    st.tuples(st.floats(0, 1), st.floats(1, 2)).map(lambda p: f"{p[0]:.6g}..{p[1]:.6g}"),
)
settings = st.dictionaries(names, values, max_size=5).map(lambda d: tuple(sorted(d.items())))
dates = st.none() | st.dates(date(2017, 1, 1), date(2020, 1, 1))


@st.composite
def views(draw: st.DrawFn) -> View:
    runs = draw(st.integers(1, MOST_RUNS))
    layer = draw(st.sampled_from(LAYERS))
    return View(
        Request(
            draw(st.sampled_from(SCENARIOS)),
            runs=runs,
            seed=draw(st.integers(0, 2**31 - 1)),
            days=draw(st.none() | st.integers(1, 3650)),
            resolution=draw(st.none() | st.integers(5, 7)),
            settings=draw(settings),
            as_of=draw(dates),
        ),
        layer=layer,
        faction=draw(st.sampled_from(["SAA", "IS"])) if layer == "probability" else None,
        run=draw(st.integers(0, runs - 1)),
        day=draw(dates),
        place=draw(st.none() | st.text(min_size=1, max_size=40)),
        variant=draw(settings),
    )


def as_query(view: View) -> dict[str, list[str]]:
    return {k: [v] if isinstance(v, str) else list(v) for k, v in write(view).items()}


@given(views())
def test_a_link_opens_the_view_that_it_was_made_of(view: View) -> None:
    assert read(as_query(view), SCENARIOS, "two-valleys") == (view, [])


@given(st.dictionaries(
    st.sampled_from(["scenario", "runs", "seed", "days", "resolution", "set", "as-of", "map",
                     "faction", "run", "day", "place", "try", "other"]),
    st.lists(st.text(max_size=120), max_size=3),
))  # fmt: skip
def test_any_link_opens_some_view(query: dict[str, list[str]]) -> None:
    view, _ = read(query, SCENARIOS, "two-valleys")
    assert view.request.scenario in SCENARIOS
    assert 1 <= view.request.runs <= MOST_RUNS
    assert read(as_query(view), SCENARIOS, "two-valleys") == (view, [])


@pytest.mark.parametrize(
    ("name", "value", "hint"),
    [
        ("scenario", "hajin-pockt", "Did you mean hajin-pocket?"),
        ("scenario", "../../elsewhere", ""),
        ("runs", "0", "from 1 to 2000"),
        ("runs", "many", ""),
        ("seed", "-1", ""),
        ("resolution", "15", "from 5 to 7"),
        ("day", "2018-13-01", ""),
        ("map", "liekly", "Did you mean likely?"),
        ("set", "leak", ""),
        ("run", "200", ""),
    ],
)
def test_what_a_link_cannot_mean_is_left_out_and_said(name: str, value: str, hint: str) -> None:
    view, notes = read({name: [value]}, SCENARIOS, "two-valleys")
    assert view == View(Request("two-valleys"))
    assert len(notes) == 1
    assert f"{name}={value}" in notes[0]
    assert hint in notes[0]


def test_a_link_that_says_nothing_opens_the_usual_view() -> None:
    assert read({}, SCENARIOS, "two-valleys") == (View(Request("two-valleys")), [])


def test_what_is_as_usual_is_left_out_of_the_link() -> None:
    assert write(View(Request("two-valleys"))) == {
        "scenario": "two-valleys", "runs": "200", "seed": "1",
    }  # fmt: skip
