"""What one viewer's session remembers while pages come and go: the view, and the link to it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import streamlit as st

from dashboard import address
from dashboard.address import View
from dashboard.runs import Request
from dashboard.uploads import uploaded
from sim import list_scenarios

USUAL = "hajin-pocket"
_VIEW, _NOTES, _ASKED, _UPLOADS = "view", "link_notes", "asked_by_link", "uploads"


def view() -> View:
    """The session's view; on its first run, what the link asks for."""
    if _VIEW not in st.session_state:
        query = {name: st.query_params.get_all(name) for name in st.query_params}
        for token in query.get("scenario", []):
            if uploaded(token):
                remember_upload(token)
        found, notes = address.read(query, scenarios(), USUAL)
        st.session_state[_VIEW] = found
        st.session_state[_NOTES] = notes
        st.session_state[_ASKED] = "scenario" in query
    current: View = st.session_state[_VIEW]
    return current


def look_at(changed: View) -> None:
    """Make that the session's view and put it into the address bar."""
    st.session_state[_VIEW] = changed
    show_address()


def show_address() -> None:
    """Put the view into the address bar, which a change of page has emptied."""
    said = address.write(st.session_state[_VIEW])
    shown = {name: st.query_params.get_all(name) for name in st.query_params}
    if {name: [v] if isinstance(v, str) else v for name, v in said.items()} != shown:
        st.query_params.from_dict(said)


def link_notes() -> list[str]:
    """What of the link was left out; told once."""
    notes: list[str] = st.session_state.pop(_NOTES, [])
    return notes


def asked_by_link() -> bool:
    """Whether the viewer came by a link that names a scenario; told once."""
    return bool(st.session_state.pop(_ASKED, False))


def scenarios() -> list[str]:
    """The names that may be asked for: those that are there for all, and the viewer's own."""
    return [*list_scenarios(), *st.session_state.get(_UPLOADS, [])]


def remember_upload(token: str) -> None:
    """Let this session choose an uploaded scenario."""
    st.session_state[_UPLOADS] = list(dict.fromkeys([*st.session_state.get(_UPLOADS, []), token]))


def title(name: str) -> str:
    """What a scenario's name is shown as."""
    upload = uploaded(name)
    return upload.name if upload else name


def located(request: Request) -> Request:
    """The request with an upload's folder in place of its name."""
    upload = uploaded(request.scenario)
    return replace(request, scenario=str(upload.folder)) if upload else request


def keep(key: str, value: object, among: Collection[object] | None = None) -> str:
    """Give a widget its first value, also after it was away on another page; returns its key.

    among  what can be chosen now; what was chosen of another scenario gives way
    """
    if among is not None and st.session_state.get(key, value) not in among:
        del st.session_state[key]
    st.session_state.setdefault(key, value)
    return key
