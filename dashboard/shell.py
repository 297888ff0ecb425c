"""What is around Streamlit's pages: the HTML that they start from, the icon, and the headers.

The headers have the browser itself refuse whatever a page might want from another machine.
"""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import streamlit
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse
from starlette.routing import Route
from starlette.websockets import WebSocketDisconnected

from dashboard.texts import say
from dashboard.theme import ICON

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

PAGES: Final = ("", "situation", "what-if", "evidence")  # as `app.py` names them

# Streamlit's own scripts need inline code, eval and blob: (components, charts); none needs a host.
POLICY: Final = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "worker-src 'self' blob:",
        "connect-src 'self' data: blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'self'",
    )
)
HEADERS: Final = {
    b"content-security-policy": POLICY.encode(),
    b"referrer-policy": b"no-referrer",
    b"x-content-type-options": b"nosniff",
}

# Where the server is.  Without it Streamlit tries below the page's own path first, and a link to
# any page but the first would begin with two answers 404.
WHERE: Final = '<script>window.__streamlit = { BACKEND_BASE_URL: location.origin + "/" }</script>'


class Guard:
    """Adds the headers to every answer, and lets a viewer leave without a fuss."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and put the headers on the answer."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                kept = [pair for pair in message["headers"] if pair[0].lower() not in HEADERS]
                message["headers"] = [*kept, *HEADERS.items()]
            await send(message)

        with suppress(WebSocketDisconnected):  # left while a message was on its way
            await self.app(scope, receive, with_headers)


def routes() -> list[Route]:
    """The answers that are ours rather than Streamlit's."""
    return [Route("/favicon.png", _icon), *(Route(f"/{page}", _start) for page in PAGES)]


def middleware() -> list[Middleware]:
    """What every request and answer passes through."""
    return [Middleware(Guard)]


@cache
def start_html() -> str:
    """Streamlit's first HTML, told where the server is and what the page is called."""
    file = Path(streamlit.__file__).parent / "static" / "index.html"
    html = file.read_text(encoding="utf-8")
    return html.replace("<title>Streamlit</title>", f"<title>{say('app.title')}</title>").replace(
        "<head>", f"<head>{WHERE}", 1
    )


def _start(_: Request) -> HTMLResponse:
    return HTMLResponse(start_html(), headers={"cache-control": "no-cache"})


def _icon(_: Request) -> FileResponse:
    return FileResponse(ICON)  # until the page has named its own
