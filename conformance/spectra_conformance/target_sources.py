"""The target as flags, environment variables and `target.toml` give it, in this order."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from spectra_conformance.identities import bearer, sigv4
from spectra_conformance.masking import never_show, show_queries_of, show_variable
from spectra_conformance.target import CAPABILITIES, DOCUMENTED_LIMITS, PROFILES, Identity, Target

PREFIX = "SPECTRA_"
FLAGS = {"capabilities": "capability", "refused_jwts": "refused-jwt"}
"""Those that are not called as their setting: they name one of several."""
BEARERS = ("api_key", "peer_api_key", "restricted_api_key", "query_api_key", "jwt")
DEFAULT_REGION = "us-east-1"
TRUE = frozenset({"1", "true", "yes", "on"})
FALSE = frozenset({"0", "false", "no", "off", ""})


class TargetError(Exception):
    """The target is not described well enough to be tested."""


@dataclass(frozen=True)
class Setting:
    """`name` is the key in the file; the flag has hyphens, the variable is in capitals after `SPECTRA_`."""

    name: str
    kind: Literal["text", "secret", "names", "switch", "number"]
    help: str

    @property
    def flag(self) -> str:
        return "--" + FLAGS.get(self.name, self.name.replace("_", "-"))

    @property
    def variable(self) -> str:
        return PREFIX + self.name.upper()


SETTINGS = (
    Setting("url", "text", "base URL of the deployment, as https://…/v1"),
    Setting("api_key", "secret", "API key that the kit calls with"),
    Setting("tenant", "text", "tenant of that key, sent as X-Tenant-ID"),
    Setting("peer_api_key", "secret", "API key of a second tenant"),
    Setting("peer_tenant", "text", "that tenant"),
    Setting("jwt", "secret", "JWT of the first tenant"),
    Setting("refused_jwts", "names", "JWT of the first tenant that must be refused: expired, of another issuer"),
    Setting("sigv4_access_key", "secret", "access key of the first tenant, ID:SECRET, for AWS Signature Version 4"),
    Setting("sigv4_region", "text", f"AWS region that the signature names (default {DEFAULT_REGION})"),
    Setting("restricted_api_key", "secret", "API key of the first tenant that may only read bulk jobs"),
    Setting("query_api_key", "secret", "API key of the first tenant that may only run queries"),
    Setting("sandbox_table", "text", "the one table that the kit may write to"),
    Setting("capabilities", "names", "what the deployment declares: " + ", ".join(CAPABILITIES)),
    Setting("profile", "text", "how much to test: smoke, standard (default) or full"),
    Setting("read_only", "switch", "send nothing but GET, HEAD and SELECT"),
    Setting("rate_limits", "switch", "test that the documented limits are enforced (uses up a minute's calls)"),
    Setting("no_pacing", "switch", "do not keep to the documented limits: for an emulator without any"),
    Setting("seed", "number", "seed of everything that is generated (default 1)"),
    Setting("settle_seconds", "number", "how long a bulk job may take (default 60)"),
    Setting("request_seconds", "number", "how long an answer may take (default 65)"),
)
IN_FILE_ONLY = frozenset({"limits"})
SANDBOX_PREFIX = "spectra_conformance_"


def gathered(flags: Mapping[str, Any], environ: Mapping[str, str], file: Path | None) -> dict[str, Any]:
    """Return every setting that is given; flags count before variables, and these before the file.

    Raises: TargetError.
    """
    given = _of_file(file) if file else {}
    for setting in SETTINGS:
        if (text := environ.get(setting.variable)) is not None:
            given[setting.name] = _read(setting, text)
        if flags.get(setting.name) not in (None, False, []):
            given[setting.name] = _read(setting, flags[setting.name])
    return given


def target(given: Mapping[str, Any]) -> Target:
    """Return the target that the settings describe, and remember its secrets so that none is ever shown.

    Raises: TargetError.
    """
    never_show(_secrets(given))
    for name in BEARERS:
        if given.get(name):
            show_variable(str(given[name]), f"{PREFIX}{name.upper()}")
    for place, token in enumerate(given.get("refused_jwts", ()), 1):
        show_variable(str(token), f"{PREFIX}REFUSED_JWT_{place}")
    url = _url(given)
    show_queries_of(url)
    owner = _identity("owner", given, "api_key", "tenant")
    if owner is None:
        raise TargetError("no credentials: give an API key with --api-key or SPECTRA_API_KEY")
    peer = _identity("peer", given, "peer_api_key", "peer_tenant")
    if peer is not None and peer.tenant == owner.tenant:
        raise TargetError(f"one tenant twice: the peer has to be another than {owner.tenant}")
    token = _identity("jwt", given, "jwt", "tenant")
    refused = tuple(_refused(given))
    signer = _signer(given)
    restricted = _identity("restricted", given, "restricted_api_key", "tenant")
    querying = _identity("querying", given, "query_api_key", "tenant")
    implied = {
        "second_tenant": peer,
        "jwt": token,
        "refused_jwts": refused or None,
        "sigv4": signer,
        "restricted_key": restricted,
        "query_key": querying,
        "sandbox_table": given.get("sandbox_table"),
        "rate_limits": given.get("rate_limits") or None,
    }
    return Target(
        url=url,
        owner=owner,
        peer=peer,
        jwt=token,
        refused_jwts=refused,
        sigv4=signer,
        restricted=restricted,
        querying=querying,
        capabilities=_capabilities(given, implied),
        sandbox_table=_sandbox(given),
        limits=_limits(given),
        read_only=bool(given.get("read_only")),
        profile=_one_of("profile", given.get("profile", "standard"), PROFILES),
        pacing=not given.get("no_pacing"),
        seed=int(given.get("seed", 1)),
        settle_seconds=float(given.get("settle_seconds", 60)),
        request_seconds=float(given.get("request_seconds", 65)),
    )


def _of_file(file: Path) -> dict[str, Any]:
    try:
        given = tomllib.loads(file.read_text())
    except OSError as error:
        raise TargetError(f"{file} cannot be read: {error.strerror}") from error
    except tomllib.TOMLDecodeError as error:
        raise TargetError(f"{file} is no TOML: {error}") from error
    unknown = sorted(given.keys() - {setting.name for setting in SETTINGS} - IN_FILE_ONLY)
    if unknown:
        known = ", ".join([*(setting.name for setting in SETTINGS), *IN_FILE_ONLY])
        raise TargetError(f"{file} holds {', '.join(unknown)}, which means nothing here: known are {known}")
    settings = {setting.name: setting for setting in SETTINGS}
    return {name: _read(settings[name], value) if name in settings else value for name, value in given.items()}


def _read(setting: Setting, given: Any) -> Any:
    """Return a flag's or variable's value as the setting's kind."""
    if not isinstance(given, str):
        return given
    if setting.kind == "names":
        return [name.strip() for name in given.split(",") if name.strip()]
    if setting.kind == "switch":
        return _switch(setting, given)
    return _number(setting, given) if setting.kind == "number" else given


def _switch(setting: Setting, text: str) -> bool:
    if text.lower() not in TRUE | FALSE:
        raise TargetError(f"{setting.variable} is {text!r}: expected true or false")
    return text.lower() in TRUE


def _number(setting: Setting, text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise TargetError(f"{setting.flag} is {text!r}: expected a number") from error


def _url(given: Mapping[str, Any]) -> str:
    url = str(given.get("url", "")).rstrip("/")
    if not url:
        raise TargetError("no deployment: give its base URL with --url or SPECTRA_URL, as https://…/v1")
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise TargetError(f"{url!r} is no base URL: expected http(s)://host/…/v1")
    return url


def _identity(name: str, given: Mapping[str, Any], secret: str, tenant: str) -> Identity | None:
    token = given.get(secret)
    return bearer(name, given.get(tenant), token) if token else None


def _refused(given: Mapping[str, Any]) -> Iterator[Identity]:
    """Yield those whose JWT is sound but for one claim."""
    for place, token in enumerate(given.get("refused_jwts", ()), 1):
        yield bearer(f"refused-{place}", given.get("tenant"), token)


def _signer(given: Mapping[str, Any]) -> Identity | None:
    key = given.get("sigv4_access_key")
    if not key:
        return None
    access_key_id, colon, secret = str(key).partition(":")
    if not colon or not secret:
        raise TargetError("--sigv4-access-key holds no secret: expected ID:SECRET")
    return sigv4("sigv4", given.get("tenant"), access_key_id, secret, given.get("sigv4_region", DEFAULT_REGION))


def _secrets(given: Mapping[str, Any]) -> list[str]:
    """Return every secret, and the parts of those that hold several."""
    whole = [str(given[setting.name]) for setting in SETTINGS if setting.kind == "secret" and given.get(setting.name)]
    whole += map(str, given.get("refused_jwts", ()))
    return [*whole, *(part for secret in whole if ":" in secret for part in secret.split(":"))]


def _capabilities(given: Mapping[str, Any], implied: Mapping[str, object]) -> frozenset[str]:
    """Return what is declared; what credentials or a table are given for is declared by that.

    Raises: TargetError for an unknown capability, or one without what it needs.
    """
    declared = [_one_of("capability", name, tuple(CAPABILITIES)) for name in given.get("capabilities", ())]
    lacking = [name for name in declared if name in implied and name != "rate_limits" and implied[name] is None]
    if lacking:
        raise TargetError(f"{lacking[0]} is declared, but not what it takes: {CAPABILITIES[lacking[0]]}")
    return frozenset([*declared, *(name for name, needed in implied.items() if needed is not None)])


def _sandbox(given: Mapping[str, Any]) -> str | None:
    """Return the table to write to; its name must show that it is for this.

    Raises: TargetError.
    """
    table = given.get("sandbox_table")
    if table and not str(table).rpartition(".")[2].startswith(SANDBOX_PREFIX):
        raise TargetError(
            f"the kit writes to no table called {table}: expected a name that begins with {SANDBOX_PREFIX}"
        )
    return table


def _limits(given: Mapping[str, Any]) -> Mapping[str, int]:
    limits = given.get("limits", {})
    for name in limits:
        _one_of("limits", name, tuple(DOCUMENTED_LIMITS))
    return {**DOCUMENTED_LIMITS, **limits}


def _one_of(what: str, name: str, known: tuple[str, ...]) -> str:
    if name not in known:
        raise TargetError(f"{what} {name!r} is unknown: expected one of {', '.join(known)}")
    return name
