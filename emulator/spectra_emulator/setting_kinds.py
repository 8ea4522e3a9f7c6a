"""How a setting's value is written: in an environment variable, a flag or a TOML file."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import Generic, TypeVar
from urllib.parse import urlsplit

from spectra_emulator.domain.backend_location import EMBEDDED_ENGINE, backend_location
from spectra_emulator.domain.s3_location import EMBEDDED_S3, bucket_and_endpoint
from spectra_emulator.domain.state_location import OWN_STATE, state_location

T = TypeVar("T")
Choice = TypeVar("Choice", bound=StrEnum)

SWITCH_WORDS = {"true": True, "on": True, "yes": True, "1": True, "false": False, "off": False, "no": False, "0": False}
SIZE_UNITS: dict[str, int] = {"": 1, "b": 1} | {
    f"{prefix}{suffix}": base**power
    for power, prefix in enumerate("kmgt", start=1)
    for suffix, base in (("b", 1000), ("ib", 1024))
}
# Compiled when first needed: a start with defaults alone needs none of them.
WHOLE_NUMBER = r"[+-]?[0-9]{1,18}"
SIZE = r"([0-9]{1,18})\s*([A-Za-z]*)"
ORIGIN = r"\*|null|[A-Za-z][A-Za-z0-9+.-]*://[^/\s]+"


@dataclass(frozen=True, slots=True)
class Kind(Generic[T]):
    """One way to write a value.

    `read` takes text or a TOML value and raises ValueError with what is wrong (`is not a whole number`);
    `written` gives text that `read` understands.
    """

    name: str
    metavar: str
    read: Callable[[object], T]
    written: Callable[[T], str] = str
    unit: str = ""
    secret: bool = False
    quoted: bool = True
    """Whether a refusal may repeat what was given: a URL may hold a password by mistake."""


def optional(kind: Kind[T]) -> Kind[T | None]:
    """Let an empty text mean that there is no value."""
    return Kind(
        kind.name,
        kind.metavar,
        lambda given: None if given == "" else kind.read(given),
        lambda value: "" if value is None else kind.written(value),
        kind.unit,
        kind.secret,
        kind.quoted,
    )


def whole(minimum: int, maximum: int | None = None, unit: str = "") -> Kind[int]:
    """Accept whole numbers from `minimum` to `maximum`, both included."""
    bounds = f"of {minimum} or more" if maximum is None else f"from {minimum} to {maximum}"

    def read(given: object) -> int:
        number = _whole_number(given)
        if number < minimum or (maximum is not None and number > maximum):
            raise ValueError(f"is not a whole number {bounds}")
        return number

    return Kind(f"whole number {bounds}", "N", read, unit=unit)


def size(minimum: int = 0) -> Kind[int]:
    """Accept bytes, plain or as `6MiB` or `256MB`, and not fewer than `minimum`."""

    def read(given: object) -> int:
        size_bytes = _size_bytes(given)
        if size_bytes < minimum:
            raise ValueError(f"is less than {_written_size(minimum)}")
        return size_bytes

    return Kind("size, such as 6MiB, 256MB or 1048576", "SIZE", read, _written_size, unit="bytes")


def choice(choices: type[Choice]) -> Kind[Choice]:
    """Accept the values of an enumeration, in any case."""
    names = [member.value for member in choices]

    def read(given: object) -> Choice:
        word = str(given).strip().lower()
        if word not in names:
            raise ValueError(f"is not one of {', '.join(names)}")
        return choices(word)

    return Kind(f"one of {', '.join(names)}", "|".join(names), read)


def secret(minimum_bytes: int = 1) -> Kind[str]:
    """Accept text that is never shown, of at least `minimum_bytes` bytes in UTF-8."""

    def read(given: object) -> str:
        text = _text(given, stripped=False)
        if len(text.encode()) < minimum_bytes:
            raise ValueError(f"is shorter than {minimum_bytes} bytes")
        return text

    return Kind("secret text", "SECRET", read, secret=True)


def _text(given: object, *, stripped: bool = True) -> str:
    if not isinstance(given, str):
        raise ValueError("is not text")  # noqa: TRY004 - a wrong value of any type is reported alike
    text = given.strip() if stripped else given
    if not text:
        raise ValueError("is empty")
    if not text.isprintable():
        raise ValueError("holds characters that cannot be printed")
    return text


def _whole_number(given: object) -> int:
    if isinstance(given, int) and not isinstance(given, bool):
        return given
    if isinstance(given, str) and re.fullmatch(WHOLE_NUMBER, given.strip()):
        return int(given)
    raise ValueError("is not a whole number")


def _size_bytes(given: object) -> int:
    if isinstance(given, int) and not isinstance(given, bool):
        return given
    found = re.fullmatch(SIZE, given.strip()) if isinstance(given, str) else None
    if found is None or found[2].lower() not in SIZE_UNITS:
        raise ValueError("is not a size such as 6MiB, 256MB or 1048576")
    return int(found[1]) * SIZE_UNITS[found[2].lower()]


def _written_size(size_bytes: int) -> str:
    for unit, letter in ((1024**3, "GiB"), (1024**2, "MiB"), (1024, "KiB")):
        if size_bytes and size_bytes % unit == 0:
            return f"{size_bytes // unit}{letter}"
    return str(size_bytes)


def _switch(given: object) -> bool:
    if isinstance(given, bool):
        return given
    if isinstance(given, str) and given.strip().lower() in SWITCH_WORDS:
        return SWITCH_WORDS[given.strip().lower()]
    raise ValueError("is not on or off")


def _path(given: object) -> Path:
    try:
        return Path(_text(given)).expanduser()
    except RuntimeError as error:
        raise ValueError("names a home directory that is not known") from error


def _paths(given: object) -> tuple[Path, ...]:
    return tuple(_path(item) for item in _items(given))


def _host(given: object) -> str:
    host = _text(given)
    if re.search(r"[\s/@]", host) or (":" in host and not _is_address(host)):
        raise ValueError("is not a host name or address such as 127.0.0.1")
    return host


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _url(given: object) -> str:
    url = _text(given).rstrip("/")
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("is not a URL such as http://spectra:8439")
    return url


def _s3(given: object) -> str:
    text = _text(given).rstrip("/")
    if text != EMBEDDED_S3:
        bucket_and_endpoint(text)
    return text


def _backend(given: object) -> str:
    text = _text(given)
    if text != EMBEDDED_ENGINE:
        backend_location(text)
    return text


def _state(given: object) -> str:
    text = _text(given)
    if text != OWN_STATE:
        state_location(text)
    return text


def _users(given: object) -> str:
    text = _text(given)
    if text != "token" and "{tenant}" not in text and not re.fullmatch(r"[^=,]+=[^=,]+(,[^=,]+=[^=,]+)*", text):
        raise ValueError("is neither token, nor a pattern with {tenant}, nor a list such as demo=alice,acme=bob")
    if text != "token" and "{tenant}" not in text:
        _refuse_shared(text)
    return text


def _refuse_shared(users: str) -> None:
    """Let each tenant be one user of its own; Redshift folds the names of users to small letters."""
    pairs = [entry.split("=") for entry in users.split(",")]
    if len({tenant_id.strip() for tenant_id, _ in pairs}) < len(pairs):
        raise ValueError("names a tenant twice")
    if len({user.strip().lower() for _, user in pairs}) < len(pairs):
        raise ValueError("gives two tenants one database user: nothing would hold them apart")


def _passwords(given: object) -> Mapping[str, str]:
    try:
        passwords = given if isinstance(given, dict) else json.loads(str(given))
    except json.JSONDecodeError as error:
        raise ValueError('is not a JSON object such as {"db_user_demo": "its password"}') from error
    if not isinstance(passwords, dict) or not all(isinstance(each, str) for each in passwords.values()):
        raise ValueError('is not a JSON object such as {"db_user_demo": "its password"}')
    return passwords


def _origins(given: object) -> tuple[str, ...]:
    origins = tuple(str(item).strip() for item in _items(given))
    for origin in origins:
        if not re.fullmatch(ORIGIN, origin):
            raise ValueError(
                f"holds {json.dumps(origin)}, which is neither * nor an origin such as http://localhost:3000"
            )
    return origins


def _items(given: object) -> list[object]:
    if isinstance(given, list):
        return given
    text = str(given).strip()
    if not text.startswith("["):
        return [item for item in text.split(",") if item.strip()]
    try:
        return list(json.loads(text))
    except json.JSONDecodeError as error:
        raise ValueError("is neither a comma-separated list nor a JSON array") from error


TEXT: Kind[str] = Kind("text", "TEXT", _text)
SWITCH: Kind[bool] = Kind("on or off", "on|off", _switch, lambda value: "on" if value else "off")
PATH: Kind[Path] = Kind("path", "PATH", _path)
PATHS: Kind[tuple[Path, ...]] = Kind(
    "comma-separated paths, or a JSON array", "PATH", _paths, lambda paths: ",".join(map(str, paths))
)
HOST: Kind[str] = Kind("host name or address", "HOST", _host)
URL: Kind[str] = Kind("http or https URL", "URL", _url)
S3: Kind[str] = Kind("embedded, s3://bucket or http://host:port/bucket", "embedded|URL", _s3)
ORIGINS: Kind[tuple[str, ...]] = Kind("comma-separated origins, or a JSON array", "LIST", _origins, ",".join)
BACKEND: Kind[str] = Kind(
    "duckdb, redshift://user@host:5439/db or redshift-data://workgroup/db", "duckdb|URL", _backend, quoted=False
)
USERS: Kind[str] = Kind("token, a pattern with {tenant}, or tenant=user,…", "USERS", _users)
PASSWORDS: Kind[Mapping[str, str]] = Kind("JSON object of passwords by database user", "JSON", _passwords, secret=True)
STATE: Kind[str] = Kind("own, or postgresql://user@host:5432/database", "own|URL", _state, quoted=False)
