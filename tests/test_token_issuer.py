from __future__ import annotations

from pathlib import Path

import pytest
from spectra_emulator.adapters.json_web_tokens import Issuer
from spectra_emulator.settings import Settings
from spectra_emulator.settings_sources import SettingsError
from spectra_emulator.token_issuer import configured_issuer, token_issuer

DECLARED = Issuer(
    "declared", "declared-api", "the-secret-of-the-tenants-file-is-long", tenants=frozenset({"tenant-123"})
)
OWN_SECRET = "a-secret-of-forty-characters-for-hs256-x"


def test_the_tenants_file_decides_where_no_setting_does() -> None:
    assert token_issuer(Settings(), DECLARED) == DECLARED


def test_no_issuer_is_configured_where_nothing_names_one() -> None:
    assert token_issuer(Settings(), None) is None


def test_a_setting_goes_over_the_tenants_file() -> None:
    issuer = token_issuer(Settings(jwt_secret=OWN_SECRET, jwt_audience="own-api"), DECLARED)
    assert issuer == Issuer("declared", "own-api", OWN_SECRET, tenants=DECLARED.tenants)


def test_a_key_set_of_the_settings_ends_the_secret_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_text('{"keys": []}')
    issuer = token_issuer(Settings(jwt_jwks=str(tmp_path / "keys.json")), DECLARED)
    assert issuer is not None
    assert issuer.secret is None
    assert issuer.keys is not None


def test_the_settings_alone_can_name_the_issuer() -> None:
    settings = Settings(jwt_issuer="own", jwt_audience="own-api", jwt_secret=OWN_SECRET)
    assert token_issuer(settings, None) == Issuer("own", "own-api", OWN_SECRET)


def test_a_secret_without_an_issuer_is_refused() -> None:
    with pytest.raises(SettingsError, match="set jwt_issuer and jwt_audience too"):
        token_issuer(Settings(jwt_secret=OWN_SECRET), None)


def test_fixtures_without_a_tenants_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"tenants\.toml: cannot be read"):
        configured_issuer(Settings(fixtures=tmp_path))


def test_fixtures_without_an_issuer_are_refused_for_a_token(tmp_path: Path) -> None:
    (tmp_path / "tenants.toml").write_text("")
    with pytest.raises(SettingsError, match=r"has no \[jwt\] table"):
        configured_issuer(Settings(fixtures=tmp_path))
