"""API keys by digest."""

from __future__ import annotations

import pytest
from spectra_emulator.adapters.api_keys import ApiKey, ApiKeys, key_digest
from spectra_emulator.domain.principal import Credential

from tests.requirements import requirement

KEY = "spk_tenant-123_k1"
KEYS = ApiKeys(
    [
        ApiKey(key_digest(KEY), "tenant-123", "reports", frozenset({"bulk:read"})),
        ApiKey(key_digest("spectra_tenant-456_k2"), "tenant-456", "import"),
    ]
)


@requirement("AUTH-05")
@pytest.mark.parametrize(
    ("key", "credential"),
    [
        pytest.param(KEY, Credential("api_key", "reports", "tenant-123", frozenset({"bulk:read"})), id="spk"),
        pytest.param("spectra_tenant-456_k2", Credential("api_key", "import", "tenant-456"), id="spectra"),
    ],
)
def test_a_known_key_stands_for_its_tenant(key: str, credential: Credential) -> None:
    assert KEYS.credential(key) == credential


@requirement("AUTH-03", "AUTH-06")
@pytest.mark.parametrize(
    "key",
    [
        pytest.param("", id="empty"),
        pytest.param("spk_tenant-123_k2", id="wrong secret"),
        pytest.param("spk_tenant-123_", id="no secret"),
        pytest.param(KEY.upper(), id="upper case"),
        pytest.param(KEY + " ", id="trailing space"),
        pytest.param(key_digest(KEY), id="the digest itself"),
        pytest.param("ключ", id="not ASCII"),
    ],
)
def test_any_other_key_is_unknown(key: str) -> None:
    assert KEYS.credential(key) is None


def test_a_key_does_not_show_its_digest() -> None:
    assert key_digest(KEY) not in repr(ApiKey(key_digest(KEY), "tenant-123", "reports"))
