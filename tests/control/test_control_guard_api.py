from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml
from openapi_spec_validator import OpenAPIV30SpecValidator
from spectra_emulator.control import routes

from tests.emulator import DEMO_KEY, Emulator, Emulators
from tests.raw_connection import connected

JSON = {"Content-Type": "application/json"}
CALLS: dict[str, tuple[str, str, object]] = {
    "reset": ("POST", "/_spectra/reset", {"tenant_id": "guarded"}),
    "sql": ("POST", "/_spectra/tenants/guarded/sql", {"sql": "CREATE TABLE guarded (a INTEGER)"}),
    "jobs": ("GET", "/_spectra/tenants/guarded/jobs", None),
    "description": ("GET", "/_spectra/openapi.json", None),
}
SECRET = "open-sesame-open-sesame"
EACH = pytest.mark.parametrize("name", CALLS)


@pytest.fixture(scope="module")
def behind_token(emulators: Emulators) -> Emulator:
    return emulators.start("--control-token", SECRET)


@pytest.fixture(scope="module")
def reachable(emulators: Emulators) -> Emulator:
    return emulators.start("--host", "0.0.0.0")


def called(server: Emulator, name: str, **headers: str) -> tuple[int, str]:
    """Return status and code, if there is one."""
    method, path, body = CALLS[name]
    answer = server.request(method, path, body, JSON | headers)
    return answer.status, answer.json.get("error", {}).get("code", "")


@EACH
@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "evil.example:8439", "[", "10.0.0.1"])
def test_another_host_is_refused(server: Emulator, name: str, host: str) -> None:
    assert called(server, name, Host=host) in {(403, "FORBIDDEN"), (400, "INVALID_REQUEST")}


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "127.0.0.1", "[::1]"])
def test_this_machine_is_served_under_each_of_its_names(server: Emulator, host: str) -> None:
    port = urlsplit(server.url).port

    assert called(server, "jobs", Host=f"{host}:{port}") == (200, "")


def test_a_request_without_a_host_is_refused(server: Emulator) -> None:
    with connected(server.url) as connection:
        answer = connection.exchange(b"GET /_spectra/tenants/guarded/jobs HTTP/1.1\r\n\r\n")

    assert answer.status in {400, 403}


@EACH
@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://localhost", "http://127.0.0.1", "file://", ""]
)
def test_a_page_of_another_origin_is_refused(server: Emulator, name: str, origin: str) -> None:
    assert called(server, name, Origin=origin) == (403, "FORBIDDEN")


def test_the_servers_own_page_is_served(server: Emulator) -> None:
    assert called(server, "jobs", Origin=server.url) == (200, "")


@pytest.mark.parametrize("name", ["reset", "sql"])
@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""]
)
def test_a_body_that_is_not_sent_as_json_is_refused(server: Emulator, name: str, kind: str) -> None:
    assert called(server, name, **{"Content-Type": kind}) == (400, "INVALID_REQUEST")


@pytest.mark.parametrize("path", ["/_spectra", "/_spectra/", "/_spectra/nothing", "/v1/_spectra/reset"])
def test_an_unknown_control_path_is_not_found(server: Emulator, path: str) -> None:
    assert server.request("GET", path).code == "NOT_FOUND"


def test_no_credential_of_the_api_is_needed_or_is_enough(server: Emulator, behind_token: Emulator) -> None:
    assert called(server, "jobs") == (200, "")
    assert called(behind_token, "jobs", Authorization=f"Bearer {DEMO_KEY}") == (401, "UNAUTHORIZED")


@EACH
@pytest.mark.parametrize("sent", [None, "", "wrong", SECRET[:-1], f"{SECRET}x", "\u00fc"])
def test_behind_a_token_a_wrong_one_is_refused(behind_token: Emulator, name: str, sent: str | None) -> None:
    headers = {} if sent is None else {"X-Spectra-Control-Token": sent}

    assert called(behind_token, name, **headers) == (401, "UNAUTHORIZED")


@EACH
def test_behind_a_token_the_right_one_is_served(behind_token: Emulator, name: str) -> None:
    assert called(behind_token, name, **{"X-Spectra-Control-Token": SECRET}) == (200, "")


def test_the_token_stands_in_no_log(behind_token: Emulator) -> None:
    called(behind_token, "jobs", **{"X-Spectra-Control-Token": SECRET})

    assert SECRET not in behind_token.log.read_text()


@EACH
def test_a_server_that_others_reach_has_no_control_plane(reachable: Emulator, name: str) -> None:
    assert called(reachable, name) == (404, "NOT_FOUND")


def test_a_server_that_others_reach_has_one_behind_a_token(emulators: Emulators) -> None:
    own = emulators.start("--host", "0.0.0.0", "--control-token", SECRET)

    assert called(own, "jobs") == (401, "UNAUTHORIZED")
    assert called(own, "jobs", **{"X-Spectra-Control-Token": SECRET}) == (200, "")
    own.stop()


def test_the_control_plane_can_be_switched_off(emulators: Emulators) -> None:
    own = emulators.start("--control", "off")

    assert called(own, "reset") == (404, "NOT_FOUND")
    own.stop()


def test_the_control_plane_describes_itself_in_valid_openapi(server: Emulator) -> None:
    served = server.request("GET", "/_spectra/openapi.json").json

    assert served == yaml.safe_load(Path(routes.__file__).with_name("openapi.yaml").read_text())
    assert [error.message for error in OpenAPIV30SpecValidator(served).iter_errors()] == []
