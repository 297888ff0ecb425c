"""What Streamlit runs: the pages and what they share."""

from __future__ import annotations

import streamlit as st

from dashboard.page import evidence_page, situation_page, whatif_page
from dashboard.session import link_notes
from dashboard.texts import say
from dashboard.theme import ICON, STYLE


def main() -> None:
    """Draw the page that the address asks for."""
    st.set_page_config(
        page_title=say("app.title"),
        page_icon=str(ICON),
        layout="wide",
        initial_sidebar_state="collapsed",
        menu_items={"About": say("app.about")},
    )
    st.html(STYLE)
    page = st.navigation(
        [
            st.Page(
                situation_page, title=say("app.pages.situation"), icon=":material/map:",
                url_path="situation", default=True,
            ),
            st.Page(
                whatif_page, title=say("app.pages.whatif"), icon=":material/compare:",
                url_path="what-if",
            ),
            st.Page(
                evidence_page, title=say("app.pages.evidence"), icon=":material/fact_check:",
                url_path="evidence",
            ),
        ],
        position="top",
    )  # fmt: skip
    page.run()
    for note in link_notes():
        st.toast(note, icon=":material/link_off:")
    st.caption(say("app.not_a_forecast"))


main()
