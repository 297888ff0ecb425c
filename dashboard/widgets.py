"""The setting bar: which scenario, how often, and which numbers differ from the usual ones.

Bounds, units and help come from the schema of the parameters; nothing is declared twice.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import streamlit as st

from dashboard.address import MOST_RUNS, RESOLUTIONS
from dashboard.runs import Request, compiled
from dashboard.session import keep, located, remember_upload, scenarios, title
from dashboard.texts import say
from dashboard.uploads import upload_form
from sim import CompiledScenario, Parameters

SLIDER_STEPS = 100
_CHOSEN = "chosen_upload"


@dataclass(frozen=True)
class Bounds:
    """One parameter as the schema has it: its usual value, plausible range, unit and meaning."""

    name: str
    usual: float
    low: float
    high: float
    unit: str
    meaning: str
    evidence: str

    @property
    def label(self) -> str:
        """Name and unit."""
        return f"{self.name} ({self.unit})" if self.unit != "1" else self.name


def bounds(name: str) -> Bounds:
    """A parameter's entry in the schema."""
    field = Parameters.model_fields[name]
    extra: Any = field.json_schema_extra
    low, high = extra["range"]
    return Bounds(
        name, float(field.default), float(low), float(high),
        extra["unit"], field.description or "", extra["evidence"],
    )  # fmt: skip


def setting_bar(request: Request) -> tuple[Request, bool]:
    """The bar above the map: the request as the widgets have it, and whether to run it now.

    request  what is shown now
    """
    if _CHOSEN in st.session_state:
        st.session_state["draft_scenario"] = st.session_state.pop(_CHOSEN)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        names = scenarios()
        name = st.selectbox(
            say("situation.scenario"), names, width=330, format_func=title,
            key=keep("draft_scenario", request.scenario),
        )  # fmt: skip
        runs = st.number_input(
            say("situation.runs"), 1, MOST_RUNS, step=50, width=130,
            help=say("situation.runs_help"), key=keep("draft_runs", request.runs),
        )  # fmt: skip
        with st.popover(say("situation.more"), icon=":material/tune:"):
            draft = _details(replace(request, scenario=name, runs=int(runs)))
        with st.popover(say("situation.own"), icon=":material/upload:"):
            _own()
        pressed = st.button(
            say("situation.run"), type="primary", icon=":material/play_arrow:", key="run"
        )
    return draft, pressed


def _own() -> None:
    """Let the viewer bring a scenario; once it is right it is chosen."""
    folder = upload_form()
    token = folder.parent.name if folder else None
    if token and token not in scenarios():
        remember_upload(token)
        st.session_state[_CHOSEN] = token
        st.rerun()


def _details(draft: Request) -> Request:
    """The less usual settings: seed, days, resolution, what was known, parameters."""
    left, right = st.columns(2)
    seed = left.number_input(
        say("situation.seed"), 0, 2**31 - 1, help=say("situation.seed_help"),
        key=keep("draft_seed", draft.seed),
    )  # fmt: skip
    days = right.number_input(
        say("situation.days"), 1, placeholder=say("situation.days_all"),
        help=say("situation.days_help"), key=keep("draft_days", draft.days),
    )  # fmt: skip
    usual = say("situation.resolution_usual")
    resolution = st.segmented_control(
        say("situation.resolution"), [None, *RESOLUTIONS],
        format_func=lambda value: usual if value is None else str(value),
        help=say("situation.resolution_help"),
        key=keep("draft_resolution", draft.resolution),
    )  # fmt: skip
    known: date | None = st.date_input(
        say("situation.as_of"), help=say("situation.as_of_help"), format="YYYY-MM-DD",
        min_value=date(2010, 1, 1), max_value=date(2030, 1, 1),
        key=keep("draft_as_of", draft.as_of),
    )  # fmt: skip
    settings = parameter_form("draft", draft.settings, draft)
    return replace(
        draft,
        seed=int(seed),
        days=None if days is None else int(days),
        resolution=resolution,
        as_of=known,
        settings=settings,
    )


def parameter_form(
    key: str, settings: tuple[tuple[str, str], ...], request: Request
) -> tuple[tuple[str, str], ...]:
    """Choose parameters and give them values; the settings as `badia run --set` takes them.

    The own values of the request's scenario, and the ranges that its runs draw from, are where the
    sliders start; of calibrated parameters the range in which eight of ten runs lie.
    """
    given = dict(settings)
    chosen = st.multiselect(
        say("situation.parameters"), list(Parameters.model_fields),
        placeholder=say("situation.parameters_none"), help=say("situation.parameters_help"),
        key=keep(f"{key}_parameters", list(given)),
    )  # fmt: skip
    if not chosen:
        return ()
    scenario = compiled(located(replace(request, settings=())))
    return tuple(sorted((name, _value(key, name, given.get(name), scenario)) for name in chosen))


def _value(key: str, name: str, text: str | None, scenario: CompiledScenario) -> str:
    """One parameter's slider: a number, or two where each run draws from a range."""
    entry = bounds(name)
    calibrated = scenario.posterior.span(name) if scenario.posterior else None
    own = scenario.ranges.get(name) or calibrated or float(getattr(scenario.parameters, name))
    start = _numbers(text, own)
    span = st.toggle(
        say("situation.parameter_range", name=entry.label),
        help=f"{entry.meaning} {say('situation.evidence', text=entry.evidence)}",
        key=keep(f"{key}_range_{name}", isinstance(start, tuple)),
    )
    if span and not isinstance(start, tuple):
        start = (min(start, entry.usual), max(start, entry.usual))
    if not span and isinstance(start, tuple):
        start = sum(start) / 2
    value = st.slider(
        entry.label, entry.low, entry.high, start, step=(entry.high - entry.low) / SLIDER_STEPS,
        format="%g", label_visibility="collapsed", key=f"{key}_{name}_{span}",
    )  # fmt: skip
    return "..".join(f"{x:.6g}" for x in value) if isinstance(value, tuple) else f"{value:.6g}"


def _numbers(text: str | None, own: float | tuple[float, float]) -> float | tuple[float, float]:
    """A setting's text as a number or a range; the scenario's own where a link says nonsense."""
    try:
        parts = sorted(float(part) for part in (text or "").split(".."))
    except ValueError:
        return own
    return (parts[0], parts[1]) if len(parts) == 2 else parts[0]
