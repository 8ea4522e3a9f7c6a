"""Where jobs, keys and rate windows are kept, when that is not this server alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

OWN_STATE = "own"
"""What is written in place of a URL."""

_SCHEMES = frozenset({"postgresql", "postgres"})
_OPTIONS = frozenset({"sslmode", "sslrootcert", "sslcert", "sslkey"})
_EXAMPLE = "postgresql://user@host:5432/database"


@dataclass(frozen=True)
class StateLocation:
    """A database of PostgreSQL; `options` are libpq's own for TLS."""

    host: str
    port: int
    user: str
    database: str
    options: Mapping[str, str] = field(default_factory=dict)
    password: str | None = field(default=None, repr=False)

    def __str__(self) -> str:
        return f"postgresql://{self.user}@{self.host}:{self.port}/{self.database}"

    @property
    def tls(self) -> Mapping[str, str]:
        """Return libpq's options: other machines must show a certificate that names them, unless told otherwise."""
        if "sslmode" in self.options or _near(self.host):
            return self.options
        return {"sslmode": "verify-full", "sslrootcert": "system", **self.options}


def state_location(url: str) -> StateLocation:
    """Read `postgresql://user@host:5432/database?sslmode=…`.

    Raises: ValueError that repeats nothing of the URL, where it is none or holds a password.
    """
    parts = urlsplit(url)
    if parts.password is not None:
        raise ValueError("holds a password: give that in state_password (SPECTRA_STATE_PASSWORD)")
    if parts.scheme not in _SCHEMES or not parts.hostname or not parts.username or parts.fragment:
        raise ValueError(f"is neither {OWN_STATE} nor a URL such as {_EXAMPLE}")
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    if unknown := sorted(options.keys() - _OPTIONS):
        raise ValueError(f"has the option {unknown[0]}: only {', '.join(sorted(_OPTIONS))} can be given")
    database = unquote(parts.path.strip("/"))
    if not database or "/" in database:
        raise ValueError(f"names no database: write it as {_EXAMPLE}")
    return StateLocation(parts.hostname, _port(parts), unquote(parts.username), database, options)


def _port(parts: SplitResult) -> int:
    try:
        return parts.port or 5432
    except ValueError as error:
        raise ValueError(f"has a port that is no number: write it as {_EXAMPLE}") from error


def _near(host: str) -> bool:
    """Tell whether the host is this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
