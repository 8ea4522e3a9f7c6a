"""Who signs the tokens that the emulator accepts, as the settings and the tenants file say it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from spectra_emulator.adapters.json_web_tokens import Issuer
from spectra_emulator.adapters.jwks import KeySet, KeySetError, key_set
from spectra_emulator.adapters.tenants_file import TenantsFileError, read
from spectra_emulator.settings import Settings
from spectra_emulator.settings_sources import SettingsError

DEMO_FIXTURES = Path(__file__).parent / "fixtures"
TENANTS_FILE = "tenants.toml"


def tenants_path(settings: Settings) -> Path:
    return (settings.fixtures or DEMO_FIXTURES) / TENANTS_FILE


def configured_issuer(settings: Settings) -> Issuer:
    """Return the issuer, its tenants file read.

    Raises: SettingsError.
    """
    try:
        issuer = token_issuer(settings, read(tenants_path(settings), keyed_elsewhere=keyed(settings)).issuer)
    except TenantsFileError as error:
        raise SettingsError(str(error)) from error
    if issuer is None:
        raise SettingsError(f"{tenants_path(settings)} has no [jwt] table; add one, or set jwt_secret")
    return issuer


def keyed(settings: Settings) -> bool:
    """Tell whether the settings give a key, so that the tenants file need not."""
    return settings.jwt_secret is not None or settings.jwt_jwks is not None


def token_issuer(settings: Settings, declared: Issuer | None) -> Issuer | None:
    """Return what the tenants file declares with the settings over it.

    A key of the settings replaces every key of the file: beside one's own, a public demo secret must not stay valid.

    Raises: SettingsError.
    """
    if not keyed(settings):
        return declared and _renamed(declared, settings)
    if declared is not None:
        return _renamed(replace(declared, secret=settings.jwt_secret, keys=_keys(settings.jwt_jwks)), settings)
    if settings.jwt_issuer is None or settings.jwt_audience is None:
        raise SettingsError("the tenants file has no [jwt] table; set jwt_issuer and jwt_audience too")
    return Issuer(settings.jwt_issuer, settings.jwt_audience, settings.jwt_secret, _keys(settings.jwt_jwks))


def _renamed(issuer: Issuer, settings: Settings) -> Issuer:
    return replace(
        issuer,
        issuer=settings.jwt_issuer or issuer.issuer,
        audience=settings.jwt_audience or issuer.audience,
    )


def _keys(source: str | None) -> KeySet | None:
    try:
        return None if source is None else key_set(source, Path())
    except KeySetError as error:
        raise SettingsError(f"jwt_jwks cannot be used: {error}") from error
