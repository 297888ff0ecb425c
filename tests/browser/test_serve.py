"""The server as a browser meets it: one machine, no other."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from browser_kit import DESKTOP, PHONE, watch
from playwright.sync_api import Browser, Page, expect

from bench.browser import BADIA, ROOT, Server, dashboard, map_drawn
from dashboard import shell, theme
from tests.project_kit import build_wheel, install


def test_the_server_is_healthy_and_says_where_it_is(server: Server) -> None:
    assert urlopen(f"{server.url}/_stcore/health").read() == b"ok"
    assert server.url.startswith("http://127.0.0.1:")
    assert f"\nThe dashboard is at {server.url}  (Ctrl-C ends it)\n" in server.said()
    assert "not a forecast" in server.said()


def test_the_first_page_opens_without_an_error_or_a_request_elsewhere(page: Page) -> None:
    expect(page.get_by_test_id("stAppViewContainer")).to_be_visible()
    page.wait_for_load_state("networkidle")
    expect(page.get_by_test_id("stException")).to_have_count(0)
    expect(page.get_by_test_id("stAlertContentError")).to_have_count(0)


def test_the_icon_is_our_own(server: Server) -> None:
    with urlopen(f"{server.url}/favicon.png") as answer:
        assert answer.read() == theme.ICON.read_bytes()


def test_streamlits_first_html_is_told_our_name_and_where_the_server_is(server: Server) -> None:
    with urlopen(f"{server.url}/what-if") as answer:
        html = answer.read().decode()
    assert "<title>Badia</title>" in html
    assert html.index("BACKEND_BASE_URL: location.origin") < html.index("<script type=")


def test_every_page_of_the_app_gets_that_html() -> None:
    source = (ROOT / "dashboard" / "app.py").read_text(encoding="utf-8")
    assert {"", *re.findall(r'url_path="([^"]+)"', source)} == set(shell.PAGES)


def test_the_browser_refuses_what_a_page_asks_of_another_host(
    chromium: Browser, server: Server
) -> None:
    with_page = chromium.new_page()
    asked: list[str] = []
    with_page.goto(server.url)
    with_page.on("requestfailed", lambda request: asked.append(request.failure or ""))
    refused = with_page.evaluate(
        "fetch('http://127.0.0.2:9/').then(() => 'sent', (e) => e.constructor.name)"
    )
    picture = with_page.evaluate(
        """new Promise((done) => {
            document.addEventListener('securitypolicyviolation', (e) => done(e.effectiveDirective));
            new Image().src = 'http://127.0.0.2:9/x.png';
        })"""
    )
    with_page.close()
    assert refused == "TypeError"
    assert picture == "img-src"


@pytest.mark.parametrize(("host", "status"), [("localhost", 101), ("elsewhere.example", 403)])
def test_only_a_page_under_our_own_name_gets_a_session(
    server: Server, host: str, status: int
) -> None:
    """A foreign name that was made to point at this machine reaches the server, and no further."""
    port = urlsplit(server.url).port
    asking = HTTPConnection("127.0.0.1", port, timeout=10)
    asking.request(
        "GET",
        "/_stcore/stream",
        headers={
            "Host": f"{host}:{port}",
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
        },
    )
    assert asking.getresponse().status == status
    asking.close()


def test_ctrl_c_ends_it_with_one_line_while_a_page_is_open(
    chromium: Browser, tmp_path: Path
) -> None:
    with dashboard(tmp_path) as own:
        page = chromium.new_page()
        page.goto(own.url)
        expect(page.get_by_test_id("stAppViewContainer")).to_be_visible()
        before = time.monotonic()
        own.process.send_signal(signal.SIGINT)
        assert own.process.wait(timeout=20) == 130
        page.close()
        assert time.monotonic() - before < 10
        assert "Traceback" not in own.said()
        assert own.said().splitlines()[-1] == "Stopped."


def test_a_taken_port_gets_one_message(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        done = subprocess.run(
            [*BADIA, "dashboard", "--no-browser", "--port", str(other.getsockname()[1])],
            cwd=ROOT, capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
    assert done.returncode == 2
    assert "is taken" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_second_dashboard_takes_the_next_port(monkeypatch: pytest.MonkeyPatch) -> None:
    from dashboard import serve

    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        monkeypatch.setattr(serve, "PORT", taken)
        assert taken < serve.free_port("127.0.0.1", None) < taken + serve.PORTS


def test_a_small_window_shows_the_page_too(visit: Callable[..., Page]) -> None:
    page = visit("/", **PHONE)
    expect(page.get_by_test_id("stAppViewContainer")).to_be_visible()
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= PHONE["width"]


def test_an_installed_wheel_shows_the_page_far_from_the_checkout(
    chromium: Browser, tmp_path: Path
) -> None:
    found_there = install(build_wheel(tmp_path / "wheel"), tmp_path / "site")
    away = tmp_path / "away"
    away.mkdir()
    wrong: list[str] = []
    with dashboard(tmp_path, cwd=away, env=found_there) as own:
        context = chromium.new_context(viewport=DESKTOP)
        page = context.new_page()
        watch(page, own.url, wrong)
        page.goto(own.url)
        map_drawn(page)
        expect(page.get_by_test_id("stAlertContentError")).to_have_count(0)
        context.close()
        assert len(own.said().splitlines()) == 3
    assert wrong == []
