"""Secrets made unreadable."""

from __future__ import annotations

import pytest
from spectra_emulator.domain.masking import masked, masked_header


@pytest.mark.parametrize(
    "name",
    [
        *("Authorization", "Proxy-Authorization", "X-Spectra-Control-Token", "X-Amz-Security-Token", "X-Auth-Token"),
        *("Cookie", "Set-Cookie", "X-API-Key", "Apikey", "X-Client-Secret", "X-Password"),
    ],
)
def test_a_header_that_may_hold_a_secret_shows_none(name: str) -> None:
    assert "c4n4ry" not in masked_header(name, "c4n4ry") + masked_header(name, "Bearer c4n4ry")


@pytest.mark.parametrize("name", ["X-Idempotency-Key", "X-Tenant-ID", "Content-Type", "X-Request-ID"])
def test_other_headers_are_shown(name: str) -> None:
    assert masked_header(name, "shown") == "shown"


@pytest.mark.parametrize("name", ["token", "access_token", "API_KEY", "client-secret", "X-Amz-Signature"])
def test_a_parameter_that_names_a_secret_shows_none(name: str) -> None:
    assert masked(f"/v1/bulk/jobs?limit=3&{name}=c4n4ry&offset=2") == f"/v1/bulk/jobs?limit=3&{name}=***&offset=2"


def test_other_parameters_are_shown() -> None:
    assert masked("/v1/bulk/jobs?limit=3&state=Open") == "/v1/bulk/jobs?limit=3&state=Open"
