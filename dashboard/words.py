"""Numbers, dates and lists as people write them; the words come from `dashboard.texts`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from dashboard.texts import say


def plural(name: str, n: int, /, **values: str) -> str:
    """The text `name.one` where n is 1 and `name.many` otherwise; `{n}` is filled with n."""
    return say(f"{name}.{'one' if n == 1 else 'many'}", n=whole(n), **values)


def whole(value: float) -> str:
    """`1,234`: a whole number with its thousands apart."""
    return f"{value:,.0f}"


def area(km2: float) -> str:
    """An area with as many digits as mean something: `0.4 km²`, `34 km²`, `1,240 km²`."""
    digits = 1 if km2 < 10 else 0
    return say("charts.units.area", value=f"{km2:,.{digits}f}")


def day(when: date) -> str:
    """`14 August 2018`."""
    return say(f"charts.dates.month_{when.month}", day=when.day, year=when.year)


def listed(parts: Iterable[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    items = list(parts)
    if len(items) < 2:
        return "".join(items)
    return say("charts.list.last", rest=say("charts.list.comma").join(items[:-1]), last=items[-1])


def how_often(n: int, runs: int) -> str:
    """`in 12 of 60 runs`, `in all 60 runs`; nothing where there is but one run."""
    if runs == 1:
        return ""
    if n == runs:
        return say("charts.often.all", runs=whole(runs))
    return say("charts.often.some", n=whole(n), runs=whole(runs))


def escaped(text: str) -> str:
    """Text from a scenario for `st.markdown`, so that none of it is taken for formatting."""
    return re.sub(r"([\\`*_{}\[\]()<>#+\-!|~$:])", r"\\\1", text)
