"""Where settings come from: flags, over the environment, over a file, over defaults."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from spectra_emulator.settings import SETTINGS, AuthMode, ConsoleMode, ControlMode, Settings
from spectra_emulator.settings_flags import CONFIG, flag

DEFAULT_FILE = "spectra-emulator.toml"
PREFIX = "SPECTRA_"
CLIENT_VARIABLES = frozenset(
    {"SPECTRA_URL", "SPECTRA_API_URL", "SPECTRA_API_KEY", "SPECTRA_TENANT", "SPECTRA_TENANT_ID", "SPECTRA_JWT"}
)
CLIENT_PREFIXES = ("SPECTRA_PEER_", "SPECTRA_SIGV4_")


class SettingsError(Exception):
    """Settings that cannot be used; the message is one line that names the source."""


@dataclass(frozen=True, slots=True)
class Given:
    """One value as it was written; `label` names its place in messages, `origin` in tables."""

    value: object
    label: str
    origin: str


@dataclass(frozen=True, slots=True)
class Loaded:
    """`origins` says of each setting `flag`, `environment …`, `file …` or `default`."""

    settings: Settings
    origins: Mapping[str, str]
    warnings: tuple[str, ...]


def loaded(flags: Mapping[str, str], environ: Mapping[str, str], working_directory: Path) -> Loaded:
    """Settle every setting; `flags` holds the text of each that the command line named.

    Raises: SettingsError.
    """
    given = _from_file(_file(flags, environ), working_directory) | _from_environment(environ) | _from_flags(flags)
    settings = Settings(**{name: _read(name, value) for name, value in given.items()})
    _refuse_contradictions(settings)
    origins = {name: given[name].origin if name in given else "default" for name in SETTINGS}
    return Loaded(settings, origins, tuple(_unknown_variables(environ)))


def variable(name: str) -> str:
    """Return the environment variable of the setting: `SPECTRA_SQL_ALLOW_UNION` for `sql_allow_union`."""
    return PREFIX + name.upper()


def suggestion(word: str, candidates: Iterable[str], lead: str = "") -> str:
    """Return `; did you mean …?` with the candidate nearest to `word`, or nothing where none is near.

    `lead` stands before every candidate; left out of the comparison, it does not make strangers look alike.
    """
    matches = get_close_matches(word, candidates, n=1)
    return f"; did you mean {lead}{matches[0]}?" if matches else ""


def _from_flags(flags: Mapping[str, str]) -> dict[str, Given]:
    return {name: Given(text, flag(name), "flag") for name, text in flags.items() if name in SETTINGS}


def _from_environment(environ: Mapping[str, str]) -> dict[str, Given]:
    """Return what is set; an empty variable counts as absent."""
    texts = {name: environ.get(variable(name), "") for name in SETTINGS}
    return {name: Given(text, variable(name), f"environment {variable(name)}") for name, text in texts.items() if text}


def _unknown_variables(environ: Mapping[str, str]) -> Iterator[str]:
    known = [name.upper() for name in (*SETTINGS, CONFIG)]
    for name in sorted(environ):
        word = name.removeprefix(PREFIX)
        if name.startswith(PREFIX) and word not in known and not _is_client_variable(name):
            yield f"{name} is not a setting and has no effect{suggestion(word, known, PREFIX)}"


def _is_client_variable(name: str) -> bool:
    return name in CLIENT_VARIABLES or name.startswith(CLIENT_PREFIXES)


def _file(flags: Mapping[str, str], environ: Mapping[str, str]) -> str | None:
    return flags.get(CONFIG) or environ.get(variable(CONFIG)) or None


def _from_file(name: str | None, working_directory: Path) -> dict[str, Given]:
    shown = name or DEFAULT_FILE
    path = working_directory / shown
    if name is None and not path.exists():
        return {}
    given: dict[str, Given] = {}
    for key, value in _flattened(_toml(path, shown)):
        if key not in SETTINGS:
            raise SettingsError(f"{shown}: unknown key {key}{suggestion(key, SETTINGS)}")
        if key in given:
            raise SettingsError(f"{shown}: {key} is set twice, as a key and in a table; keep one")
        given[key] = Given(value, f"{shown}: {key}", f"file {shown}")
    return given


def _toml(path: Path, shown: str) -> dict[str, object]:
    import tomllib  # noqa: PLC0415 - 7 ms of start-up that nobody without a file needs

    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"cannot read {shown}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{shown}: the file is not UTF-8 text") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{shown}: {error}") from error


def _flattened(table: dict[str, object], prefix: str = "") -> Iterator[tuple[str, object]]:
    """Yield each key with its tables' names before it: `[sql] allow_union` is `sql_allow_union`."""
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flattened(value, f"{prefix}{key}_")
        else:
            yield f"{prefix}{key}", value


def _read(name: str, given: Given) -> Any:
    kind = SETTINGS[name].kind
    try:
        return kind.read(given.value)
    except ValueError as error:
        hidden = kind.secret or not kind.quoted
        shown = "the value" if hidden else json.dumps(given.value, default=str, ensure_ascii=False)
        raise SettingsError(f"{given.label}: {shown} {error}") from error


def _refuse_contradictions(settings: Settings) -> None:
    if settings.backend_location() is not None:
        _refuse_in_front_of_a_warehouse(settings)
    if settings.control is ControlMode.ON and not settings.control_enabled:
        raise SettingsError(f"control is on and {settings.host} is open to other machines; set control_token too")
    if settings.console is ConsoleMode.ON and not settings.control_enabled:
        raise SettingsError(
            "console is on and the control plane, which it shows, is off; set control and control_token"
        )


def _refuse_in_front_of_a_warehouse(settings: Settings) -> None:
    """Refuse what is meant for a developer's machine: the demo's keys, and trust in what callers say of themselves."""
    if settings.control is ControlMode.ON and settings.control_token is None:
        raise SettingsError("control is on in front of a warehouse; set control_token too")
    if settings.auth_mode is AuthMode.HEADERS:
        raise SettingsError("auth_mode: a warehouse is not served to callers who only say who they are; use standard")
    if settings.fixtures is None and settings.jwt_secret is None and settings.jwt_jwks is None:
        raise SettingsError(
            "backend: nobody could call; set fixtures to a folder with a tenants.toml, or jwt_jwks or jwt_secret"
        )
    if settings.s3_location() is None:
        raise SettingsError("backend: a warehouse reaches no embedded S3; set s3 to s3://bucket or its URL")
