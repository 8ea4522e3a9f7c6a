from __future__ import annotations

from dataclasses import replace

import pytest
from spectra_emulator import contract

from tests.emulator import Emulator, Emulators, free_port
from tests.requirements import requirement

BOTH = pytest.mark.parametrize("path", ["/openapi.json", "/v1/openapi.json"])


def test_the_server_is_healthy(server: Emulator) -> None:
    answer = server.request("GET", "/health")

    assert (answer.status, answer.json) == (200, {"status": "healthy", "service": "redshift-spectra"})
    assert answer.headers["content-type"] == "application/json"


@requirement("OPS-01", "AUTH-11")
@BOTH
def test_the_served_description_is_the_file_with_this_servers_address(server: Emulator, path: str) -> None:
    served = server.request("GET", path).json
    first, *others = contract.document()["servers"]

    assert served["servers"] == [{**first, "url": f"{server.url}/v1"}, *others]
    assert {**served, "servers": contract.document()["servers"]} == contract.document()


@requirement("OPS-01")
@BOTH
def test_the_description_names_the_address_that_the_caller_used(server: Emulator, path: str) -> None:
    served = server.request("GET", path, None, {"Host": "spectra.test:9999"}).json

    assert served["servers"][0]["url"] == "http://spectra.test:9999/v1"


@requirement("OPS-01")
@pytest.mark.parametrize("host", ["", "a b", "a/b", '"><script>', "[", "x" * 5000, "a,b"])
def test_an_odd_host_does_no_harm(server: Emulator, host: str) -> None:
    answer = server.request("GET", "/openapi.json", None, {"Host": host})

    assert answer.status in {200, 400}
    assert answer.headers["content-type"] == "application/json"
    assert answer.json


@requirement("OPS-01")
def test_the_description_names_the_public_address_where_one_is_set(emulators: Emulators) -> None:
    port = free_port()
    own = emulators.start("--port", str(port), "--public-url", "http://spectra.example/base/")
    served = replace(own, url=f"http://127.0.0.1:{port}").request("GET", "/openapi.json").json

    assert own.ready_line.startswith("Ready: http://spectra.example/base/v1 ")
    assert served["servers"][0]["url"] == "http://spectra.example/base/v1"
    own.stop()
