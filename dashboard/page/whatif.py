"""What if: the same scenario and the same luck, with some numbers changed, side by side."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import streamlit as st

from dashboard import words
from dashboard.address import View
from dashboard.map.blob import Packed, pack
from dashboard.map.component import badia_map
from dashboard.map.layers import likely
from dashboard.map.markers import event_markers
from dashboard.page.parts import KEPT_MAPS, entry_of, progress
from dashboard.paired import paired
from dashboard.problems import guard, show_problem
from dashboard.runs import Request, board, compiled
from dashboard.session import asked_by_link, located, look_at, show_address, view
from dashboard.texts import say
from dashboard.widgets import parameter_form
from sim import Result

MAP_HEIGHT = 430


def show() -> None:
    """Draw the page."""
    seen = view()
    show_address()
    with guard():
        scenario = compiled(located(seen.request))
        st.markdown(say("whatif.lead", scenario=scenario.title))
        with st.expander(say("whatif.change"), expanded=not seen.variant, icon=":material/tune:"):
            st.caption(say("whatif.how"))
            variant = parameter_form("try", seen.variant, seen.request)
            pressed = st.button(say("whatif.compare"), type="primary", disabled=not variant)
        if pressed:
            look_at(replace(seen, variant=variant))
        seen = view()
        if not seen.variant:
            st.info(say("whatif.empty"), icon=":material/compare:")
            return
        _compare(seen, start=pressed or asked_by_link())


def _compare(seen: View, start: bool) -> None:
    """Both sides, once their runs are there."""
    ask = board().submit if start else board().find
    one = located(seen.request)
    two = replace(one, settings=merged(one.settings, seen.variant))
    for job in [ask(request) for request in (one, two)]:
        if job is None:
            st.info(say("whatif.not_run"), icon=":material/compare:")
        elif job.error is not None:
            show_problem(job.error)
        elif job.result is None:
            progress(job)
        else:
            continue
        return
    _stage(one, two, say("whatif.as_set"), _said(seen.variant))


@st.fragment
def _stage(one: Request, two: Request, first: str, second: str) -> None:
    """Two linked maps and their difference, and the differences in numbers; reruns alone."""
    with guard():
        jobs = [job for request in (one, two) if (job := board().find(request))]
        results = [job.result for job in jobs if job.result]
        if len(results) < 2:  # forgotten since
            st.rerun()
        base, other = results
        packed = _drawn(jobs[0].key, jobs[1].key, first, second, base, other)
        shown = badia_map(packed, key="maps", height=MAP_HEIGHT, entry=entry_of(base, view().day))
        entry = base.days if shown.entry is None else min(shown.entry, base.days)
        _table(base, other, entry, first, second)


def _table(base: Result, other: Result, entry: int, first: str, second: str) -> None:
    """The shares of both sides on a day, and their difference pair by pair."""
    day = words.day(base.setting.evening(entry))
    st.markdown(say("whatif.table", day=day, runs=base.runs))
    rows = [
        {
            say("whatif.columns.faction"): row.name,
            first: row.first,
            second: row.second,
            say("whatif.columns.low"): row.difference.p10,
            say("whatif.columns.middle"): row.difference.p50,
            say("whatif.columns.high"): row.difference.p90,
            say("whatif.columns.larger"): row.larger,
        }
        for row in paired(base, other, entry)
    ]
    percent = st.column_config.NumberColumn(format="percent")
    table = pd.DataFrame(rows)
    st.dataframe(
        table, hide_index=True, width="stretch",
        column_config={name: percent for name in table.columns[1:]},
    )  # fmt: skip
    st.caption(say("whatif.luck"))


@st.cache_resource(max_entries=KEPT_MAPS // 4, show_spinner=False)
def _drawn(one: str, two: str, first: str, second: str, _one: Result, _two: Result) -> Packed:
    layers = [likely(_one, title=first), likely(_two, title=second)]
    return pack(_one.setting, layers, markers=event_markers(_one.setting), difference=True)


def merged(
    base: tuple[tuple[str, str], ...], changed: tuple[tuple[str, str], ...]
) -> tuple[tuple[str, str], ...]:
    """Settings with some of them changed."""
    return tuple(sorted({**dict(base), **dict(changed)}.items()))


def _said(variant: tuple[tuple[str, str], ...]) -> str:
    """A variant as the title of its map."""
    return ", ".join(f"{name} = {value}" for name, value in variant)
