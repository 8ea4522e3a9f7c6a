"""What every part of the application stands on, and the parts that the settings alone decide."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from spectra_emulator.adapters.authentication import Authenticator
from spectra_emulator.adapters.json_web_tokens import JsonWebTokens
from spectra_emulator.adapters.presigned_urls import link_key
from spectra_emulator.adapters.sigv4 import AccessKey, Signatures
from spectra_emulator.adapters.tenants_file import TenantsFile, TenantsFileError, read
from spectra_emulator.api.base_url import BaseUrl
from spectra_emulator.api.error_links import ErrorLinks
from spectra_emulator.api.gate import Tenancy
from spectra_emulator.control.guard import LOOPBACK, ControlGuard
from spectra_emulator.control.server import Identity
from spectra_emulator.data_directory import DataDirectory
from spectra_emulator.domain.backend_location import USERS_OF_TOKENS
from spectra_emulator.domain.principal import DOCUMENTED_DEFAULT, EVERYTHING
from spectra_emulator.ports import StateStore
from spectra_emulator.services.clock import SteerableClock
from spectra_emulator.services.rate_limits import Bucket, RateLimiter
from spectra_emulator.settings import AuthMode, DefaultPermissions, Settings
from spectra_emulator.settings_sources import SettingsError
from spectra_emulator.stores import Keys, Stores
from spectra_emulator.token_issuer import DEMO_FIXTURES, TENANTS_FILE, keyed, tenants_path, token_issuer


@dataclass(frozen=True)
class Ground:
    """What every part stands on."""

    settings: Settings
    directory: DataDirectory
    file: TenantsFile
    clock: SteerableClock
    stores: Stores

    @property
    def state(self) -> StateStore:
        return self.stores.state

    @property
    def keys(self) -> Keys:
        return self.stores.keys


def default_permissions(settings: Settings) -> frozenset[str]:
    return DOCUMENTED_DEFAULT if settings.default_permissions is DefaultPermissions.DOCUMENTED else EVERYTHING


def links_key(directory: DataDirectory) -> AccessKey:
    return link_key(directory.path / "link-secret")


def known_tenants(settings: Settings) -> TenantsFile:
    path = tenants_path(settings)
    if settings.fixtures is None and settings.backend_location() is not None:
        return TenantsFile()
    if settings.fixtures is not None and not settings.fixtures.is_dir():
        raise SettingsError(f"fixtures: {settings.fixtures} is not a directory")
    if not path.exists():
        return TenantsFile()
    if settings.backend_location() is not None and path.resolve() == (DEMO_FIXTURES / TENANTS_FILE).resolve():
        raise SettingsError(
            f"fixtures: everybody knows the keys in {path}; give a warehouse a tenants.toml of your own"
        )
    try:
        return read(path, keyed_elsewhere=keyed(settings))
    except TenantsFileError as error:
        raise SettingsError(str(error)) from error


def authentication(ground: Ground) -> Authenticator:
    file, clock = ground.file, ground.clock
    issuer = token_issuer(ground.settings, file.issuer)
    return Authenticator(
        api_keys=ground.keys,
        tokens=None if issuer is None else JsonWebTokens(issuer, clock),
        signatures=Signatures(file.access_keys, clock),
        header_identity=ground.settings.auth_mode is AuthMode.HEADERS,
    )


def tenancy_rules(ground: Ground) -> Tenancy:
    return Tenancy(
        multi_tenant=ground.settings.multi_tenant,
        default_permissions=default_permissions(ground.settings),
        db_users=dict(ground.file.db_users),
        named_users_only=ground.settings.backend_location() is not None and ground.settings.db_users == USERS_OF_TOKENS,
    )


def rate_limiter(ground: Ground) -> RateLimiter:
    settings = ground.settings
    limits = {
        Bucket.QUERIES: settings.rate_limit_queries,
        Bucket.JOBS: settings.rate_limit_jobs,
        Bucket.BULK_CREATE: settings.rate_limit_bulk_create,
        Bucket.BULK_READ: settings.rate_limit_bulk_read,
    }
    length = timedelta(seconds=settings.rate_limit_window_seconds)
    return RateLimiter(ground.state, ground.clock, limits, length, enforced=settings.rate_limits)


def control_guard(settings: Settings) -> ControlGuard:
    """Return the guard; behind a proxy everybody comes from this machine, so its name is let in with a token alone."""
    behind = settings.public_url if settings.control_token is not None else None
    public = frozenset() if behind is None else frozenset({(urlsplit(behind).hostname or "").lower()})
    hosts = LOOPBACK | {settings.host.lower()} | public if settings.loopback else None
    return ControlGuard(hosts, settings.control_token, None if behind is None else _origin(behind))


def error_links(settings: Settings, base_url: BaseUrl) -> ErrorLinks | None:
    """Return what links errors to the console, None where there is none or nobody wants it."""
    wanted = settings.error_links and settings.console_enabled
    return ErrorLinks(base_url, control_guard(settings).serves) if wanted else None


def identities_told(ground: Ground) -> tuple[Identity, ...]:
    """Return the keys to try: the demo's are public, of one's own the first is shown to this machine alone."""
    if ground.settings.fixtures is None:
        shown = ground.file.examples
    else:
        shown = ground.file.examples[:1] if ground.settings.loopback and ground.settings.public_url is None else ()
    return tuple(
        Identity(each.tenant_id, each.key, None if each.permissions is None else tuple(sorted(each.permissions)))
        for each in shown
    )


def browser_origins(settings: Settings) -> tuple[str, ...]:
    """Return where links in answers lead, beside this server under the name that it is called by."""
    location = settings.s3_location()
    links = settings.public_url if location is None else location.public_endpoint or location.endpoint
    if location is not None and links is None:
        return tuple(f"https://{location.bucket}.s3{place}.amazonaws.com" for place in ("", f".{location.region}"))
    return () if links is None else (_origin(links),)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
