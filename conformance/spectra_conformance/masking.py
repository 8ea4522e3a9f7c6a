"""Takes secrets and signed links out of everything that leaves the kit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

SHOWN_INSTEAD = {
    "authorization": "Bearer $SPECTRA_API_KEY",
    "x-idempotency-key": "$SPECTRA_IDEMPOTENCY_KEY",
    "x-amz-security-token": "***",
    "cookie": "***",
}
NEVER_SHOWN = frozenset({"host", "user-agent", "connection", "accept-encoding", "x-amz-date", "accept"})
SHORTEST_SECRET = 4

_URL = re.compile(r"https?://[^\s\"'<>\\]+", re.IGNORECASE)
_JWT = re.compile(r"\beyJ[\w-]{5,}\.[\w-]+\.[\w-]*")
_BEARER = re.compile(r"(?i)\b(bearer\s+)[^\s\"',$]+")
_SIGV4 = re.compile(r"AWS4-HMAC-SHA256 [^\"\r\n]+")
_SIGNED_PARAMETER = re.compile(r"(?i)\b(X-Amz-(?:Signature|Credential|Security-Token)=)[^&\s\"']+")
_PATTERNS = (
    (_SIGNED_PARAMETER, r"\1***"),
    (_JWT, "***"),
    (_BEARER, r"\1***"),
    (_SIGV4, "AWS4-HMAC-SHA256 ***"),
)
_known: set[str] = set()
_variables: dict[str, str] = {}
_unsigned: set[str] = set()


def never_show(secrets: Iterable[str | None]) -> None:
    """Remember secrets of this run; they are taken out wherever they stand."""
    _known.update(secret for secret in secrets if secret and len(secret) >= SHORTEST_SECRET)


def show_variable(token: str, variable: str) -> None:
    """Remember which environment variable a reader has a bearer token in."""
    _variables[f"Bearer {token}"] = f"Bearer ${variable}"


def show_queries_of(base_url: str) -> None:
    """Remember the API's own address: its query strings are no signatures, those of all other URLs may be."""
    _unsigned.add(base_url)


def masked_text(text: str) -> str:
    """Return a text without known secrets, bearer tokens, JWTs, signatures and query strings of links."""
    text = _URL.sub(lambda found: masked_url(found[0]), _without_known(text))
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


def masked_url(url: str) -> str:
    """Return a URL without its query string, unless it is one of the API's own."""
    address, mark, _ = url.partition("?")
    ours = address.startswith(tuple(_unsigned)) and "x-amz-" not in url.lower()
    return _without_known(url) if ours or not mark else f"{_without_known(address)}?***"


def masked_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers that a reader needs, with variables in the place of secrets."""
    shown = {name.lower(): value for name, value in headers.items() if name.lower() not in NEVER_SHOWN}
    return {
        name: _variables.get(value) or SHOWN_INSTEAD.get(name) or masked_text(value) for name, value in shown.items()
    }


def _without_known(text: str) -> str:
    for secret in sorted(_known, key=len, reverse=True):
        text = text.replace(secret, "***")
    return text
