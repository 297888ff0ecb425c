"""What passes through on its way to the browser and back."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from starlette.websockets import WebSocketDisconnected

from dashboard.shell import HEADERS, POLICY, Guard


def answers(app: Any, kind: str) -> list[Any]:
    """What reaches the browser of one request to that application behind the guard."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": f"{kind}.disconnect"}

    request = Guard(app)({"type": kind}, receive, send)
    with ThreadPoolExecutor(1) as thread:  # a browser that other tests left open has a loop here
        thread.submit(asyncio.run, request).result()
    return sent


def test_the_browser_may_ask_no_other_machine() -> None:
    allowed = {word for rule in POLICY.split("; ") for word in rule.split()[1:]}
    assert allowed == {"'self'", "'none'", "'unsafe-inline'", "'unsafe-eval'", "data:", "blob:"}


def test_every_answer_has_the_headers_once_and_keeps_its_own() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        own = [(b"etag", b"1"), (b"Referrer-Policy", b"unsafe-url")]
        await send({"type": "http.response.start", "status": 200, "headers": own})
        await send({"type": "http.response.body", "body": b"ok"})

    start, body = answers(app, "http")
    assert start["headers"] == [(b"etag", b"1"), *HEADERS.items()]
    assert body["body"] == b"ok"


def test_a_viewer_who_leaves_while_a_message_is_on_its_way_is_no_error() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        raise WebSocketDisconnected("gone")

    assert answers(app, "websocket") == []


def test_any_other_error_is_not_hidden() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        raise RuntimeError("ours")

    with pytest.raises(RuntimeError, match="ours"):
        answers(app, "websocket")
