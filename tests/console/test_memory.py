"""What a console costs that is left open."""

from __future__ import annotations

import logging
import socket
from typing import BinaryIO
from urllib.parse import urlsplit

from playwright.sync_api import Page, expect

from tests.console.conftest import OpenPage
from tests.emulator import DEMO_KEY, TENANT, Emulator

_log = logging.getLogger(__name__)
CALLS = 10_000
AT_ONCE = 50
MOST_BYTES = 150_000_000
MOST_NODES = 5_000


def call_many(server: Emulator, calls: int) -> None:
    """Send calls on one connection, some at once: a client for each would take minutes."""
    parts = urlsplit(server.url)
    head = f"Host: {parts.netloc}\r\nAuthorization: Bearer {DEMO_KEY}\r\nX-Tenant-ID: {TENANT}"
    request = f"GET /v1/jobs/one-of-many HTTP/1.1\r\n{head}\r\n\r\n".encode()
    with socket.create_connection((parts.hostname, parts.port or 80)) as link, link.makefile("rb") as answers:
        for _ in range(calls // AT_ONCE):
            link.sendall(request * AT_ONCE)
            for _ in range(AT_ONCE):
                skip_answer(answers)


def skip_answer(answers: BinaryIO) -> None:
    headers = list(iter(answers.readline, b"\r\n"))
    answers.read(next(int(line.split(b":")[1]) for line in headers if line.lower().startswith(b"content-length:")))


def test_a_journal_left_open_for_ten_thousand_calls_stays_small(console_server: Emulator, open_page: OpenPage) -> None:
    page = open_page("journal")
    page.get_by_role("button", name="Pause").wait_for()
    call_many(console_server, CALLS)
    console_server.call("GET", "/jobs/the-last-one")
    expect(page.get_by_role("row").nth(1)).to_contain_text("the-last-one")
    expect(page.get_by_role("grid")).to_have_attribute("aria-rowcount", "5001")
    measured = metrics(page)

    assert measured["JSHeapUsedSize"] < MOST_BYTES
    assert measured["Nodes"] < MOST_NODES
    _log.info("%.1f MB, %d nodes", measured["JSHeapUsedSize"] / 1e6, measured["Nodes"])


def metrics(page: Page) -> dict[str, float]:
    """Return what the renderer counts once all that nothing holds is gone."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("Performance.enable")
    devtools.send("HeapProfiler.collectGarbage")
    return {each["name"]: each["value"] for each in devtools.send("Performance.getMetrics")["metrics"]}
