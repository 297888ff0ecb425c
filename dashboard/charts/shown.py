"""The charts on a page: which is chosen, where it stands, what is said under it."""

from __future__ import annotations

import streamlit as st

from dashboard import downloads, words
from dashboard.charts.chance import chance_data, chance_spec
from dashboard.charts.fan import Panel, fan_data, fan_spec, panels
from dashboard.kept import Recalled
from dashboard.place import PlaceStory
from dashboard.tables import QUANTITIES
from dashboard.texts import say
from sim import Result

ALONE = 2  # so few panels need no second column


def fans(key: str, result: Result) -> None:
    """Area, fighters, losses or displaced people over the days, as the viewer chooses.

    key  the key of the result among all results, for the widgets
    """
    _fans(key, Recalled(result))


@st.fragment
def _fans(key: str, recalled: Recalled) -> None:
    """Reruns alone; a session keeps the arguments of its fragments, so not the result itself."""
    result = recalled()
    quantity = st.segmented_control(
        say("charts.fan.choose"), list(QUANTITIES), default="area", required=True,
        format_func=lambda name: say(f"charts.fan.{name}"), key=f"fan-{key}",
        label_visibility="collapsed",
    )  # fmt: skip
    every = panels(result, quantity)
    found = tuple(panel for panel in every if not panel.still)
    if not every:
        st.info(say("charts.fan.nothing"))
        return
    half = -(-len(found) // 2) if len(found) > ALONE else len(found)
    parts = [part for part in (found[:half], found[half:]) if part]
    if parts:
        for column, part in zip(st.columns(len(parts), gap="medium"), parts, strict=True):
            with column:
                _fan(result, quantity, part)
    still = [_value(panel, quantity) for panel in every if panel.still]
    if still:
        st.caption(say("charts.fan.still", names=words.escaped("; ".join(still))))
    how = "how_to_read" if result.runs > 1 else "one_run"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(say(f"charts.fan.{how}", unit=say(f"charts.fan.unit.{quantity}")))
        downloads.fan_button(key, result, quantity)


def _fan(result: Result, quantity: str, part: tuple[Panel, ...]) -> None:
    data = fan_data(result, quantity)
    mine = data[data["number"].isin([panel.number for panel in part])]
    setting = result.setting
    span = (setting.evening(0), setting.evening(result.days))
    spec = fan_spec(quantity, part, span=span, km2=float(setting.area_km2.sum()))
    st.vega_lite_chart(mine, spec, theme=None, width="stretch")


def _value(panel: Panel, quantity: str) -> str:
    """A faction that does not change, and its value."""
    if quantity == "area":
        value = say("charts.percent", n=f"{panel.high:.1f}")
    else:
        value = words.whole(panel.high)
    return say("charts.fan.still_one", name=panel.name, value=value)


def place(story: PlaceStory, entry: int) -> None:
    """The story of a picked place; `entry` is the day that the map shows."""
    st.markdown(f"#### {words.escaped(story.place)}")
    st.markdown(words.escaped(story.summary))
    st.vega_lite_chart(
        chance_data(story), chance_spec(story, story.dates[entry]), theme=None, width="stretch"
    )
    if story.run is None:
        st.caption(say("charts.chance.caption"))
    else:
        st.caption(say("charts.chance.caption_run", run=story.run))
    st.markdown(f"**{say('place.why')}**")
    st.markdown("\n".join(f"- {words.escaped(line)}" for line in story.telling))
    if story.reports:
        with st.expander(say("place.reports"), icon=":material/description:"):
            for report in story.reports:
                st.markdown(words.escaped(report.line))
    downloads.place_button(story)
    st.caption(story.notice)
