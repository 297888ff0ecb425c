"""What pages share: the map's packed frames, the headline cards, the invitation, the progress."""

from __future__ import annotations

import re
from datetime import date
from html import escape

import streamlit as st

from dashboard.address import View
from dashboard.map.blob import Packed, pack
from dashboard.map.component import badia_map
from dashboard.map.layers import Layer, likely, one_run, probability, start
from dashboard.map.markers import event_markers
from dashboard.runs import Job, Request
from dashboard.tables import Standing, standing
from dashboard.texts import say
from sim import CompiledScenario, Result, Setting

MOST_CARDS = 9
LEAST_SHARE = 0.0002  # a faction that never held more of the map gets no card
SMALL = 0.01  # shares that never exceed this are told with one more digit
KEPT_MAPS = 48  # packed maps kept for all viewers; up to 3 MB each at resolution 7
TICK = 0.5  # seconds between two looks at a running ensemble
INVITE_HEIGHT = 480
_COLOUR = re.compile("#[0-9a-fA-F]{6}")


def drawn(key: str, result: Result, seen: View) -> Packed:
    """The packed map of a view of a result, shared between viewers."""
    faction = seen.faction if seen.layer == "probability" else None
    run = seen.run if seen.layer == "run" else None
    return _drawn(key, seen.layer, faction, run, result)


@st.cache_resource(max_entries=KEPT_MAPS, show_spinner=False)
def _drawn(key: str, layer: str, faction: str | None, run: int | None, _result: Result) -> Packed:
    return pack(
        _result.setting, [layer_of(_result, layer, faction, run)],
        markers=event_markers(_result.setting),
    )  # fmt: skip


def layer_of(result: Result, layer: str, faction: str | None, run: int | None) -> Layer:
    """The frames of one way to see a result, with its title."""
    setting = result.setting
    if layer == "probability" and faction in setting.faction_ids:
        name = setting.faction_names[setting.faction_ids.index(faction)]
        title = say("situation.title.probability", faction=name, runs=result.runs)
        return probability(result, faction, title=title)
    if layer == "run" and run is not None:
        return one_run(result, run, title=say("situation.title.run", run=run))
    return likely(result, title=say("situation.title.likely", runs=result.runs))


def entry_of(result: Result, day: date | None) -> int:
    """The entry of the daily axis that a view shows; the last one if it names no day."""
    return result.days if day is None else min(max(result.setting.entry(day), 0), result.days)


def cards(result: Result, entry: int) -> None:
    """The headline numbers: the share of each faction, and its change since the start."""
    held = [one for one in standing(result, entry) if one.most_share >= LEAST_SHARE]
    told = [_card(one) for one in sorted(held, key=lambda one: -one.most_share)[:MOST_CARDS]]
    st.html(f'<div class="badia-cards">{"".join(told)}</div>')


def _card(one: Standing) -> str:
    """One faction's card.  A gain is no good news in itself, so no colour says so."""
    digits = 1 if one.most_share >= SMALL else 2
    low, middle, high = (
        f"{100 * x:.{digits}f}" for x in (one.share.p10, one.share.p50, one.share.p90)
    )
    share = say("situation.card.share", value=middle)
    change = say("situation.card.change", value=f"{100 * one.change:+.{digits}f}")
    spread = say("situation.card.range", low=low, high=high)
    colour = one.colour if _COLOUR.fullmatch(one.colour) else "#888888"
    return (
        f'<div class="badia-card" title="{escape(say("situation.card.help"))}">'
        f'<span class="name"><i style="background:{colour}"></i>{escape(one.name)}</span>'
        f'<span class="value">{escape(share)}</span> <span class="change">{escape(change)}</span>'
        f'<span class="range">{escape(spread)}</span></div>'
    )


def invitation(scenario: CompiledScenario, request: Request | None) -> None:
    """What is shown before a result is there: the scenario in a few words, its map at the start.

    request  what the button would run; none while it runs
    """
    setting = _setting(scenario.digest, scenario)
    last = setting.evening(scenario.days)
    with st.container(horizontal=True):
        st.badge(say("situation.invite.days", start=setting.start, end=last))
        st.badge(say("situation.invite.factions", count=setting.factions))
        st.badge(say("situation.invite.reports", count=len(setting.reports)))
        st.badge(say("situation.invite.cells", count=f"{setting.cells:,}"))
    if request is not None:
        st.info(say("situation.invite.start", runs=request.runs), icon=":material/play_arrow:")
    badia_map(_start_map(scenario.digest, setting), key="start", height=INVITE_HEIGHT, compact=True)


@st.cache_resource(max_entries=8, show_spinner=False)
def _setting(digest: str, _scenario: CompiledScenario) -> Setting:
    return Setting.of(_scenario)


@st.cache_resource(max_entries=8, show_spinner=False)
def _start_map(digest: str, _setting: Setting) -> Packed:
    return pack(_setting, [start(_setting)])


@st.fragment(run_every=TICK)
def progress(job: Job) -> None:
    """How far a running ensemble is, and a button to stop it; the page is drawn anew at its end."""
    now = job.progress()
    if now.state not in ("queued", "running"):
        st.rerun()
    if now.state == "queued":
        text = say("situation.progress.queued", ahead=now.ahead)
    elif now.seconds_left is None:
        text = say("situation.progress.starting")
    else:
        text = say(
            "situation.progress.left", done=now.runs_done, runs=job.runs,
            left=_time(now.seconds_left),
        )  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(now.share_done, text=text)
        if st.button(say("situation.progress.stop"), icon=":material/stop:", key="stop"):
            job.stop()
    st.caption(say("situation.progress.away"))


def _time(seconds: float) -> str:
    if seconds < 90:
        return say("situation.seconds", n=max(1, round(seconds)))
    return say("situation.minutes", n=round(seconds / 60))
