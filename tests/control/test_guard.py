"""Who may use the control plane."""

from __future__ import annotations

import pytest
from litestar.testing import RequestFactory
from spectra_emulator.control.guard import LOOPBACK, TOKEN_HEADER, ControlGuard
from spectra_emulator.domain.errors import Forbidden, Unauthorized
from spectra_emulator.ground import control_guard
from spectra_emulator.settings import Settings

OPEN = ControlGuard(LOOPBACK, token=None)
GUARDED = ControlGuard(LOOPBACK | {"0.0.0.0"}, token="s3cret")
HERE = "127.0.0.1:8439"


def checked(guard: ControlGuard, **headers: str) -> str:
    """Return `passed` where the guard lets a request with these headers pass."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    guard.check(RequestFactory().post("/_spectra/reset", headers=sent))
    return "passed"


@pytest.mark.parametrize("host", [HERE, "localhost:8439", "LOCALHOST", "127.0.0.1", "[::1]:8439"])
def test_programs_on_this_machine_may_use_it(host: str) -> None:
    assert checked(OPEN, host=host) == "passed"


@pytest.mark.parametrize(
    "host",
    [
        "",
        "example.com",
        "example.com:8439",
        "localhost.example.com",
        "127.0.0.1.nip.io",
        "localhost@example.com",
        "[::1",
        "0.0.0.0:8439",
        "127.0.0.2",
    ],
)
def test_a_request_by_another_name_of_the_server_is_refused(host: str) -> None:
    with pytest.raises(Forbidden) as refused:
        checked(OPEN, host=host)

    assert refused.value.details == {"field": "Host"}


def test_a_page_of_the_server_s_own_may_use_it() -> None:
    assert checked(OPEN, host=HERE, origin=f"http://{HERE}") == "passed"


@pytest.mark.parametrize(
    "origin", ["http://example.com", "null", "", "http://127.0.0.1:3000", "http://localhost:8439", "http://[::1", HERE]
)
def test_a_page_of_another_site_is_refused(origin: str) -> None:
    with pytest.raises(Forbidden) as refused:
        checked(OPEN, host=HERE, origin=origin)

    assert refused.value.details == {"field": "Origin"}


def test_the_holder_of_the_token_passes() -> None:
    assert checked(GUARDED, host="0.0.0.0:8439", **{TOKEN_HEADER: "s3cret"}) == "passed"


@pytest.mark.parametrize("token", [None, "", "s3cre", "S3CRET", "s3cret "[:-1] + "x"])
def test_where_there_is_a_token_nobody_passes_without_it(token: str | None) -> None:
    headers = {} if token is None else {TOKEN_HEADER: token}
    with pytest.raises(Unauthorized) as refused:
        checked(GUARDED, host=HERE, **headers)

    assert refused.value.details == {"field": TOKEN_HEADER}


def test_a_request_from_another_site_is_refused_even_with_the_token() -> None:
    with pytest.raises(Forbidden):
        checked(GUARDED, host=HERE, origin="http://example.com", **{TOKEN_HEADER: "s3cret"})


@pytest.mark.parametrize("host", ["tools.example", HERE], ids=["its name is kept", "it sends its own"])
def test_behind_a_proxy_the_holder_of_the_token_passes(host: str) -> None:
    guard = control_guard(Settings(public_url="https://tools.example/spectra", control_token="s3cret"))

    assert checked(guard, host=host, origin="https://tools.example", **{TOKEN_HEADER: "s3cret"}) == "passed"
    with pytest.raises(Unauthorized):
        checked(guard, host=host, origin="https://tools.example")


def test_without_a_token_the_proxys_name_is_another_host() -> None:
    with pytest.raises(Forbidden):
        checked(control_guard(Settings(public_url="https://tools.example/spectra")), host="tools.example")
