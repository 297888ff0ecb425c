"""Conditions: what they mean in every run, and what cannot be written in them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from sim.scenario.condition import Condition, ConditionError, Name

RUNS: dict[tuple[str, tuple[str, ...]], list[Any]] = {
    ("day", ()): [10, 10, 10],
    ("share", ("IS",)): [0.01, 0.02, 0.03],
    ("fighters", ("SAA",)): [100, 200, 300],
    ("losses", ("IS",)): [0, 50, 100],
    ("holder", ("Hajin", "SDF")): [True, True, False],
    ("started", ("roundup",)): [True, False, True],
}


def measure(function: str, arguments: tuple[str, ...]) -> NDArray[Any]:
    return np.array(RUNS[function, arguments])


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("day > 9", [True, True, True]),
        ("day < 9 or share('IS') < 0.02", [True, False, False]),
        ("holder('Hajin') == 'SDF' and losses('IS') >= 50", [False, True, False]),
        ("holder(\"Hajin\") != 'SDF'", [False, False, True]),
        ("not started('roundup')", [False, True, False]),
        ("not started('roundup') or day == 10 and fighters('SAA') > 250", [False, True, True]),
        ("(not started('roundup') or day == 10) and fighters('SAA') > 250", [False, False, True]),
        ("0.01 < share('IS') <= 0.03", [False, True, True]),
        ("fighters('SAA') != losses('IS')", [True, True, True]),
        ("  not not (started('roundup'))  ", [True, False, True]),
    ],
)
def test_a_condition_holds_where_its_words_say(text: str, holds: list[bool]) -> None:
    result = Condition.parse(text).evaluate(measure)
    assert result.dtype == np.bool_
    assert result.tolist() == holds


def test_an_event_that_a_run_leaves_out_never_starts() -> None:
    condition = replace(Condition.parse("started('gone')"), absent=frozenset({"gone"}))
    assert condition.evaluate(measure).tolist() == [False, False, False]


def test_a_condition_tells_the_names_that_it_asks_for() -> None:
    text = "holder('Hajin') == 'SDF' and (day > 3 or started('roundup'))"
    assert Condition.parse(text).names() == (
        Name("holder", ("Hajin", "SDF")), Name("day", ()), Name("started", ("roundup",)),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("", 1), ("day", 4), ("1 < 2", 1), ("day >", 6), ("day > 'x'", 7), ("day 3", 5),
        ("holder('a')", 12), ("holder('a') > 'b'", 13), ("holder('a') == b", 16), ("holder(a)", 8),
        ("started('a') == 3", 14), ("share('a')", 11), ("(day > 1", 9), ("day > 1)", 8),
        ("day > 1 day", 9), ("and day > 1", 1), ("__import__('os')", 1), ("day.real > 1", 4),
        ("day > 1; 2", 8), ("lambda: 1", 7), ("day > 1e5", 8), ("day > -1", 7), ("ｄay > 1", 1),
        ("'a' == 'a'", 1), ("(" * 40 + "day > 1", 17), ("not " * 40 + "day > 1", 65),
        ("day > 1 and " * 60, 1),
    ],
)  # fmt: skip
def test_what_is_no_condition_is_refused_where_it_goes_wrong(text: str, at: int) -> None:
    with pytest.raises(ConditionError) as caught:
        Condition.parse(text)
    assert caught.value.at == at


PIECES = st.sampled_from(
    ["day", "holder('a')", "share('b')", "started('c')", "fighters", "('x')", "<", "==", "!=",
     "'q'", "and", "or", "not", "(", ")", "3", "0.5", "é", "=", '"', "\n"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=12).map(" ".join) | st.text(max_size=40))
def test_any_text_is_a_condition_or_refused(text: str) -> None:
    at = 1
    try:
        result = Condition.parse(text).evaluate(lambda *_: np.array([True, False]))
        assert result.shape == (2,)
        assert result.dtype == np.bool_
    except ConditionError as error:
        at = error.at
    assert 1 <= at <= len(text) + 1
