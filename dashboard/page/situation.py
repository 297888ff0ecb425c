"""Situation: the map that plays, the numbers of the day, and the story of a place."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from dashboard import charts, downloads, words
from dashboard.address import LAYERS, View
from dashboard.map import component
from dashboard.page.parts import cards, drawn, entry_of, invitation, progress
from dashboard.place import place_story
from dashboard.problems import guard, show_problem
from dashboard.runs import Job, Request, board, compiled
from dashboard.session import asked_by_link, keep, located, look_at, show_address, view
from dashboard.tables import happenings
from dashboard.texts import say
from dashboard.widgets import setting_bar
from sim import PlaceError, Result

MAP_HEIGHT = 430
PANEL_HEIGHT = 620


def show() -> None:
    """Draw the page."""
    with guard():
        draft, pressed = setting_bar(view().request)
        if pressed:
            look_at(replace(view(), request=draft, run=0))
        show_address()
        request = view().request
        job = _job(located(request), start=pressed or asked_by_link())
        if draft != request:
            st.info(say("situation.changed"), icon=":material/edit:")
        if job is not None and job.result is not None:
            _explore(job, job.result)
        elif job is not None and job.error is not None:
            show_problem(job.error)
        else:
            if job is not None:
                progress(job)
            invitation(compiled(located(request)), None if job else request)


def _job(request: Request, start: bool) -> Job | None:
    """The ensemble of a request; only started where the viewer asked for it."""
    return board().submit(request) if start else board().find(request)


def _explore(job: Job, result: Result) -> None:
    """Everything there is to see of a finished ensemble."""
    if result.interrupted:
        st.warning(
            say("situation.stopped", done=result.runs, runs=result.manifest["runs_asked"]),
            icon=":material/front_hand:",
        )
    _stage(job.request)
    _over_time(job.request)


@st.fragment
def _over_time(request: Request) -> None:
    """All runs over time; drawn when it is opened, for charts keep a browser busy for a second."""
    with guard():
        section = st.expander(
            say("situation.fans.title"), icon=":material/stacked_line_chart:", key="over_time",
            on_change="rerun",
        )  # fmt: skip
        job = board().find(request) if section.open else None
        if job is not None and job.result is not None:
            with section:
                st.caption(say("situation.fans.help"))
                charts.fans(job.key, job.result)


@st.fragment
def _stage(request: Request) -> None:
    """The map and what follows its day and its picked place; reruns alone.

    It looks the result up anew each time: a fragment that held one would keep it in memory for as
    long as the viewer stays.
    """
    with guard():
        job = board().find(request)
        if job is None or job.result is None:
            st.rerun()
        _draw_stage(job.key, job.result)


def _draw_stage(key: str, result: Result) -> None:
    top = st.container()
    left, right = st.columns([7, 3], gap="medium")
    with left:
        seen = _choose_layer(view(), result)
        packed = drawn(key, result, seen)
        entry, cell, token = _beginning(packed.digest, result, seen)
        shown = component.badia_map(
            packed, key="map", height=MAP_HEIGHT, entry=entry, cell=cell, token=token
        )
    seen = _follow(seen, shown, result)
    entry = entry_of(result, seen.day)
    with top:
        cards(result, entry)
    with right:
        _panel(result, seen, entry)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{say('situation.take.title')}**", width="content")
        downloads.buttons(key, result, entry)
    look_at(seen)


def _choose_layer(seen: View, result: Result) -> View:
    """What the map shows, as the viewer chooses it."""
    setting = result.setting
    names = dict(zip(setting.faction_ids, setting.faction_names, strict=True))
    with st.container(horizontal=True, vertical_alignment="center"):
        layer = st.segmented_control(
            say("situation.layer"), LAYERS,
            format_func=lambda name: say(f"situation.layers.{name}"),
            key=keep("layer", seen.layer), label_visibility="collapsed", required=True,
        )  # fmt: skip
        seen = replace(seen, layer=layer or LAYERS[0])
        if layer == "probability":
            first = seen.faction if seen.faction in names else next(iter(names))
            seen = replace(
                seen,
                faction=st.selectbox(
                    say("situation.faction"), list(names), format_func=names.__getitem__,
                    key=keep("faction", first), label_visibility="collapsed", width=280,
                ),
            )  # fmt: skip
        if layer == "run":
            numbers = [int(number) for number in result.dataset["run"].to_numpy()]
            number = seen.run if seen.run in numbers else numbers[0]
            chosen = st.number_input(
                say("situation.one_run"), numbers[0], numbers[-1], width=160,
                key=keep("one_run", number, numbers), label_visibility="collapsed",
            )  # fmt: skip
            seen = replace(seen, run=int(chosen))
    return seen


def _find_place(result: Result) -> None:
    """Choose a place by name: what a click on the map does, for the keyboard."""

    cells = _largest(result)

    def go() -> None:
        name = st.session_state["find_place"]
        if name:
            look_at(replace(view(), place=_name(result, cells[name])))
            st.session_state["jump"] = st.session_state.get("jump", 0) + 1
            st.session_state["find_place"] = None

    st.selectbox(
        say("situation.place.find"), list(cells), index=None, key="find_place", on_change=go,
        placeholder=say("situation.place.find_none"), label_visibility="collapsed",
    )  # fmt: skip


def _beginning(digest: str, result: Result, seen: View) -> tuple[int | None, int | None, str]:
    """Where the map begins: entry, picked cell, and a token that changes to send it there again.

    What is sent to the browser must stay the same while only the viewer plays with it, or the whole
    run would be sent again.  So it is settled when the map is put on the page, when another one is
    shown on it, and when a place was looked for by name; then the map keeps its day, which may be
    passing by.
    """
    jump = st.session_state.get("jump", 0)
    mark, shown = (digest, jump), "map" in st.session_state
    if not shown or st.session_state.get("map_mark") != mark:
        only_place = shown and st.session_state["map_mark"][0] == digest
        entry = None if only_place else entry_of(result, seen.day)
        st.session_state["map_mark"] = mark
        st.session_state["map_start"] = (entry, _cell(result, seen.place))
    entry, cell = st.session_state["map_start"]
    return entry, cell, str(jump)


def _follow(seen: View, shown: component.MapState, result: Result) -> View:
    """The view after what the viewer did on the map since the last time."""
    last = st.session_state.get("map_seen")
    st.session_state["map_seen"] = shown
    if shown.entry is not None and (last is None or shown.entry != last.entry):
        seen = replace(seen, day=result.setting.evening(min(shown.entry, result.days)))
    if last is None or shown.cell != last.cell:
        if shown.cell is not None:
            seen = replace(seen, place=_name(result, shown.cell))
        elif last is not None:
            seen = replace(seen, place=None)
    return seen


def _panel(result: Result, seen: View, entry: int) -> None:
    """What happened on this day, and the story of the picked place."""
    run = seen.run if seen.layer == "run" else None
    with st.container(height=PANEL_HEIGHT, border=False):
        _find_place(result)  # inside: what scrolls must hold something that a key can reach
        cell = _cell(result, seen.place)
        if cell is None:
            st.caption(say("situation.place.hint"))
        else:
            charts.place(place_story(result, cell, run), entry)
        day = result.setting.evening(entry)
        when = say("situation.day.title", date=words.day(day))
        st.markdown(f"**{when if entry else say('situation.day.start')}**")
        lines = happenings(result, entry, run)
        for line in lines:
            st.markdown(f"- {words.escaped(line.text)}")
        if not lines:
            st.caption(say("situation.day.nothing"))


def _largest(result: Result) -> dict[str, int]:
    """The cell of each place by name; of places of one name, that of the one with most people."""
    places = sorted(result.setting.places, key=lambda place: (place.name, place.population))
    return {place.name: place.cell for place in places}


def _cell(result: Result, place: str | None) -> int | None:
    """The cell of a view's place; none where this result knows no such place."""
    try:
        return result.setting.find_place(place).cell if place else None
    except PlaceError:
        return _largest(result).get(place or "")


def _name(result: Result, cell: int) -> str:
    """How a link names a cell: by the place in it that finds it again, else by its id."""
    name = result.setting.place[cell]
    return name if _cell(result, name) == cell else result.setting.cell_id[cell]
