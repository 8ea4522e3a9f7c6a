"""An error links to its page in the console, where there is one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from litestar.testing import RequestFactory
from spectra_emulator.api.base_url import base_urls
from spectra_emulator.api.error_links import ErrorLinks, linked, offer
from spectra_emulator.ground import error_links
from spectra_emulator.settings import ConsoleMode, ControlMode, Settings

from tests.emulator import DEMO_KEY, TENANT, Answer, Emulator, Emulators

PAGES = "/_spectra/ui#/errors/"
KEY = {"Authorization": f"Bearer {DEMO_KEY}", "X-Tenant-ID": TENANT, "Content-Type": "application/json"}
AS_CALLED = base_urls(None)
WITHOUT: Mapping[str, Settings] = {
    "switched off": Settings(error_links=False),
    "no console": Settings(console=ConsoleMode.OFF),
    "no control plane": Settings(control=ControlMode.OFF),
    "on another address": Settings(host="0.0.0.0"),
    "before a warehouse": Settings(backend="redshift://spectra@warehouse.example/dev"),
}


def link(answer: Answer) -> str | None:
    told: dict[str, Any] = answer.json["error"]["details"]
    return told.get("help_url")


@pytest.mark.parametrize(
    ("method", "path", "body", "headers", "code"),
    [
        pytest.param("POST", "/v1/queries", {"sql": "SELEC 1"}, KEY, "INVALID_SQL", id="a statement"),
        pytest.param("POST", "/v1/queries", b"{", KEY, "INVALID_REQUEST", id="a body"),
        pytest.param("GET", "/v1/bulk/jobs", None, {}, "UNAUTHORIZED", id="nobody"),
        pytest.param("GET", "/v1/nothing", None, KEY, "NOT_FOUND", id="no such path"),
        pytest.param("GET", "/v1/bulk/jobs/", None, KEY, "NOT_FOUND", id="a slash too many"),
        pytest.param("OPTIONS", "/v1/queries", None, KEY, "NOT_FOUND", id="no such method"),
    ],
)
def test_every_error_links_to_the_page_of_its_code(
    server: Emulator, method: str, path: str, body: object, headers: dict[str, str], code: str
) -> None:
    answer = server.request(method, path, body, headers)

    assert (answer.code, link(answer)) == (code, f"{server.url}{PAGES}{code}")


def test_the_link_has_the_address_that_was_called_and_is_not_stored(server: Emulator) -> None:
    job_id = server.call("POST", "/bulk/jobs", {"operation": "insert", "object": "customers"}).json["job_id"]
    server.control("POST", f"/jobs/{job_id}/fail", {"code": "INTERNAL_ERROR"})
    port = server.url.rpartition(":")[2]
    for host in (f"localhost:{port}", f"127.0.0.1:{port}"):
        for path in (f"/jobs/{job_id}", f"/bulk/jobs/{job_id}"):
            error = server.call("GET", path, headers={"Host": host}).json["error"]
            assert error["details"] == {"help_url": f"http://{host}{PAGES}INTERNAL_ERROR"}


def test_a_failure_that_is_sent_again_has_the_link_of_who_asks(server: Emulator) -> None:
    port = server.url.rpartition(":")[2]
    key = {"X-Idempotency-Key": "links-of-a-failure"}
    hosts = [f"localhost:{port}", f"127.0.0.1:{port}"]
    sent = {"sql": "SELECT 1/0 AS n"}
    answers = [server.call("POST", "/queries", sent, headers={**key, "Host": host}) for host in hosts]

    assert [link(answer) for answer in answers] == [f"http://{host}{PAGES}INVALID_SQL" for host in hosts]


def test_no_link_leads_to_a_host_under_which_the_console_does_not_open(server: Emulator) -> None:
    answer = server.call("GET", "/jobs/none", headers={"Host": "rebound.example"})

    assert (answer.code, link(answer)) == ("NOT_FOUND", None)


def test_no_link_is_sent_where_they_are_switched_off(emulators: Emulators) -> None:
    answer = emulators.start("--error-links", "off").call("GET", "/jobs/none")

    assert answer.json["error"]["details"] == {"job_id": "none"}


@pytest.mark.parametrize("settings", WITHOUT.values(), ids=WITHOUT)
def test_no_link_is_sent_where_nobody_could_follow_it(settings: Settings) -> None:
    assert error_links(settings, AS_CALLED) is None


def test_behind_a_proxy_the_link_begins_with_what_clients_see() -> None:
    settings = Settings(public_url="https://tools.example/spectra", control_token="s3cret")
    links = error_links(settings, base_urls(settings.public_url))
    assert links is not None
    request = RequestFactory().get("/v1/jobs/none", headers={"host": "tools.example"})
    offer(request.scope, links)

    assert linked(request.scope, "CONFLICT", {"status": "RUNNING"}) == {
        "status": "RUNNING",
        "help_url": f"https://tools.example/spectra{PAGES}CONFLICT",
    }


def test_details_are_left_as_they_were() -> None:
    details: dict[str, object] = {"status": "RUNNING"}
    request = RequestFactory().get("/v1/jobs/none", headers={"host": "127.0.0.1"})
    offer(request.scope, ErrorLinks(AS_CALLED, lambda _: True))
    linked(request.scope, "CONFLICT", details)

    assert details == {"status": "RUNNING"}
