"""One file a page.  A page is imported when it is first shown."""

from __future__ import annotations


def situation_page() -> None:
    """The map that plays."""
    from dashboard.page.situation import show

    show()


def whatif_page() -> None:
    """Two settings side by side."""
    from dashboard.page.whatif import show

    show()


def evidence_page() -> None:
    """The reports behind every number, and how the scenario scores."""
    from dashboard.page.evidence import show
    from dashboard.problems import guard
    from dashboard.runs import board
    from dashboard.session import located, show_address, view

    request = located(view().request)
    show_address()
    with guard():
        job = board().find(request)
        show(request, job.result if job else None)
