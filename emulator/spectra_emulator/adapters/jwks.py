"""Public keys of a token issuer, from a JSON Web Key Set in a file or behind a URL."""

from __future__ import annotations

import base64
import json
import logging
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

WebKey = Mapping[str, object]
FETCH_TIMEOUT_SECONDS = 5.0
MAX_SIZE_BYTES = 1_000_000
MIN_REFRESH_SECONDS = 30.0
MIN_MODULUS_BYTES = 256

_LOG = logging.getLogger(__name__)


class KeySetError(Exception):
    """The key set cannot be read, or is none."""


class KeySet:
    """The RSA signing keys of one source, read when first needed and again for a key id that is not known.

    However many unknown ids arrive, the source is read at most once in `min_refresh_seconds`.
    """

    def __init__(
        self,
        read: Callable[[], bytes],
        *,
        remote: bool,
        min_refresh_seconds: float = MIN_REFRESH_SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.remote = remote
        self.read = read
        self._min_refresh_seconds = min_refresh_seconds
        self._monotonic = monotonic
        self._keys: tuple[WebKey, ...] = ()
        self._read_at: float | None = None
        self._refreshing = threading.Lock()

    def key(self, key_id: str | None) -> WebKey | None:
        """Return the key with this id; without an id, the only key of the set."""
        found = _chosen(self._keys, key_id)
        if found is None:
            self._refresh()
            found = _chosen(self._keys, key_id)
        return found

    def load(self) -> None:
        """Read the source now.

        Raises: KeySetError.
        """
        self._read_at = self._monotonic()
        self._keys = signing_keys(self.read())

    def _refresh(self) -> None:
        with self._refreshing:
            if not self._due():
                return
            try:
                self.load()
            except KeySetError as error:
                _LOG.warning("The JWKS was not read: %s", error)

    def _due(self) -> bool:
        return self._read_at is None or self._monotonic() - self._read_at >= self._min_refresh_seconds


def key_set(source: str, base: Path) -> KeySet:
    """Return the keys behind an http or https URL, or in a file whose path is relative to `base`.

    A file is read at once, a URL when a token first needs it.

    Raises: KeySetError.
    """
    if "://" in source:
        _require_web_url(source)
        return KeySet(lambda: _fetched(source), remote=True)
    keys = KeySet(lambda: _file_content(base / source), remote=False)
    keys.load()
    return keys


def signing_keys(document: bytes) -> tuple[WebKey, ...]:
    """Return the keys of a set that may sign with RS256, reduced to their public part.

    Source: RFC 7517 sections 4 and 5, RFC 7518 section 3.3 (2048 bits or more).

    Raises: KeySetError.
    """
    try:
        keys = json.loads(document)["keys"]
        return tuple(_public_part(key) for key in keys if _usable(key))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise KeySetError('not a JSON Web Key Set: expected {"keys": [{"kty": "RSA", ...}]}') from error


def _usable(key: Mapping[str, object]) -> bool:
    return (
        key.get("kty") == "RSA"
        and key.get("use", "sig") == "sig"
        and key.get("alg", "RS256") == "RS256"
        and len(_decoded(key.get("n"))) >= MIN_MODULUS_BYTES
    )


def _public_part(key: Mapping[str, object]) -> WebKey:
    return {name: key[name] for name in ("kty", "kid", "n", "e") if name in key}


def _decoded(text: object) -> bytes:
    try:
        return base64.urlsafe_b64decode(f"{text}==").lstrip(b"\0")
    except ValueError:
        return b""


def _chosen(keys: tuple[WebKey, ...], key_id: str | None) -> WebKey | None:
    matching = keys if key_id is None else [key for key in keys if key.get("kid") == key_id]
    return matching[0] if len(matching) == 1 else None


def _require_web_url(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise KeySetError(f"{url!r} is no http or https URL")


def _file_content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise KeySetError(f"{path} cannot be read: {error.strerror}") from error


def _fetched(url: str) -> bytes:
    """Return what the URL answers; a redirect is an error, since it could lead anywhere."""
    from http.client import HTTPException  # noqa: PLC0415 - with the next, 50 ms of start-up that few servers need
    from urllib import request  # noqa: PLC0415 - 50 ms of start-up that few servers need

    opener = request.OpenerDirector()
    for handler in (
        request.ProxyHandler,
        request.HTTPHandler,
        request.HTTPSHandler,
        request.HTTPErrorProcessor,
        request.HTTPDefaultErrorHandler,
    ):
        opener.add_handler(handler())
    try:
        with opener.open(url, timeout=FETCH_TIMEOUT_SECONDS) as answer:
            return _bounded(answer.read(MAX_SIZE_BYTES + 1))
    except (OSError, HTTPException, ValueError) as error:
        raise KeySetError(f"{url} cannot be read: {error}") from error


def _bounded(document: bytes) -> bytes:
    if len(document) > MAX_SIZE_BYTES:
        raise KeySetError(f"the answer is longer than {MAX_SIZE_BYTES:,} bytes")
    return document
