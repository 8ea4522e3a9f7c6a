"""Who sends a request: a token, an API key, a signature or, where allowed, plain headers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from spectra_emulator.adapters.json_web_tokens import JsonWebTokens, token_header
from spectra_emulator.adapters.sigv4 import ALGORITHM, Signatures
from spectra_emulator.domain.errors import Unauthorized
from spectra_emulator.domain.principal import ANY_TENANT, Credential
from spectra_emulator.domain.signed_request import Headers, SignedRequest, header_values

MAX_HEADER_BYTES = 8192
_SIGNED_SCHEME = ALGORITHM.lower().encode()
_EXPECTED = 'send "Authorization: Bearer {api_key}"'


class KnownKeys(Protocol):
    """API keys by what they stand for."""

    @property
    def waits_for_network(self) -> bool:
        """Tell whether a key may take a while to look up."""
        ...

    def credential(self, key: str) -> Credential | None: ...


@dataclass(frozen=True)
class Authenticator:
    """`tokens` is None where no issuer is configured; `header_identity` lets X-DB-User speak for itself."""

    api_keys: KnownKeys
    tokens: JsonWebTokens | None
    signatures: Signatures
    header_identity: bool = False

    @property
    def waits_for_network(self) -> bool:
        """Tell whether a credential may take seconds, so that no event loop should wait for it."""
        return self.api_keys.waits_for_network or (self.tokens is not None and self.tokens.waits_for_network)

    def needs_body(self, headers: Headers) -> bool:
        """Tell whether the body's digest takes part in the proof: with a signature, if there are keys to check it."""
        proofs = header_values(headers, b"authorization")
        return self.signatures.configured and any(proof.lower().startswith(_SIGNED_SCHEME) for proof in proofs)

    def check_head(self, headers: Headers) -> None:
        """Refuse a signature that no body could make good.

        Raises: Unauthorized.
        """
        scheme, _, proof = (_only(headers, b"authorization", "Authorization") or b"").partition(b" ")
        if scheme.lower() == _SIGNED_SCHEME:
            self.signatures.claim(headers, proof)

    def credential(self, request: SignedRequest) -> Credential:
        """Return what the request proves.

        Raises: Unauthorized.
        """
        authorization = _only(request.headers, b"authorization", "Authorization")
        if authorization is None:
            return self._without_authorization(request.headers)
        scheme, _, proof = authorization.partition(b" ")
        if scheme.lower() == b"bearer":
            return self._bearer(_text(proof.strip(), "Authorization"))
        if scheme.lower() == _SIGNED_SCHEME:
            return self.signatures.credential(request, proof)
        raise Unauthorized(
            f"Authorization must use the scheme Bearer or {ALGORITHM}: {_EXPECTED}", reason="UnknownScheme"
        )

    def _bearer(self, token: str) -> Credential:
        if token_header(token) is not None:
            return self._token(token)
        credential = self.api_keys.credential(token)
        if credential is None:
            raise Unauthorized("The API key is not known", reason="UnknownApiKey")
        return credential

    def _token(self, token: str) -> Credential:
        if self.tokens is None:
            raise Unauthorized("No token issuer is configured, so no token can be checked", reason="NoIssuer")
        return self.tokens.credential(token)

    def _without_authorization(self, headers: Headers) -> Credential:
        db_user = _identity(headers, b"x-db-user", "X-DB-User") if self.header_identity else None
        if not db_user:
            raise Unauthorized(f"Authorization is missing: {_EXPECTED}", reason="MissingAuthenticationToken")
        return Credential("headers", db_user, ANY_TENANT, _header_permissions(headers), db_user)


def _header_permissions(headers: Headers) -> frozenset[str] | None:
    """Return the comma-separated names of X-Permissions."""
    names = _identity(headers, b"x-permissions", "X-Permissions")
    return None if names is None else frozenset(name.strip() for name in names.split(",") if name.strip())


def _identity(headers: Headers, name: bytes, title: str) -> str | None:
    value = _only(headers, name, title)
    return None if value is None else _text(value, title)


def _only(headers: Headers, name: bytes, title: str) -> bytes | None:
    values = header_values(headers, name)
    if len(values) > 1:
        raise Unauthorized(f"{title} must be given once", reason="RepeatedHeader")
    return _bounded(values[0].strip(), title) if values else None


def _text(value: bytes, title: str) -> str:
    if not value.isascii():
        raise Unauthorized(f"{title} must be ASCII text", reason="NotAscii")
    return value.decode("ascii")


def _bounded(value: bytes, title: str) -> bytes:
    if len(value) > MAX_HEADER_BYTES:
        raise Unauthorized(f"{title} must be {MAX_HEADER_BYTES} bytes or less", reason="HeaderTooLong")
    return value
