"""Secrets made unreadable."""

from __future__ import annotations

import pytest
from spectra_emulator.domain.masking import masked_header


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
