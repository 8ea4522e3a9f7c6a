"""Links into the S3 at `/_s3`, signed as S3 signs its own."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from datetime import UTC, timedelta
from pathlib import Path
from urllib.parse import quote, urlsplit

from spectra_emulator.adapters.s3_signatures import SERVICE, UNSIGNED
from spectra_emulator.adapters.sigv4 import (
    ALGORITHM,
    TIMESTAMP,
    AccessKey,
    Scope,
    canonical_query,
    canonical_request,
    signature,
)
from spectra_emulator.domain.principal import ANY_TENANT
from spectra_emulator.domain.signed_request import SignedRequest
from spectra_emulator.ports import Clock

PATH = "/_s3"
ACCESS_KEY_ID = "SPECTRALINKS"

_SECRET_BYTES = 32


@dataclass(frozen=True)
class PresignedUrls:
    """Makes links for one bucket under the emulator's own base URL."""

    access_key: AccessKey
    bucket: str
    now: Clock

    def link(self, method: str, key: str, lifetime: timedelta, base_url: str) -> str:
        """Return a URL that allows the method on the object for that long."""
        base = urlsplit(base_url.rstrip("/"))
        path = base.path + quote(f"{PATH}/{self.bucket}/{key}", safe="/~")
        timestamp = self.now().astimezone(UTC).strftime(TIMESTAMP)
        scope = Scope(timestamp[:8], self.access_key.region, SERVICE)
        query = _query(f"{self.access_key.access_key_id}/{scope}", timestamp, int(lifetime.total_seconds()))
        request = SignedRequest(method, b"", b"", ((b"host", base.netloc.encode()),), UNSIGNED)
        canonical = canonical_request(request, path, query, (b"host",))
        signed = signature(self.access_key.secret_access_key, scope, timestamp, canonical).decode()
        return f"{base.scheme}://{base.netloc}{path}?{query}&X-Amz-Signature={signed}"


def link_key(file: Path) -> AccessKey:
    """Return the key that signs links, with the secret that lies in the file or is put there now."""
    if not file.exists():
        _write_secret(file)
    return AccessKey(ACCESS_KEY_ID, file.read_text(encoding="ascii"), ANY_TENANT)


def _write_secret(file: Path) -> None:
    """Write a new secret aside, readable to its owner alone, and rename it: a crash leaves all of it or none."""
    unfinished = file.with_suffix(".unfinished")
    unfinished.unlink(missing_ok=True)
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as secret:
        secret.write(secrets.token_hex(_SECRET_BYTES))
    unfinished.rename(file)


def _query(credential: str, timestamp: str, lifetime_seconds: int) -> str:
    parameters = {
        "X-Amz-Algorithm": ALGORITHM,
        "X-Amz-Credential": credential,
        "X-Amz-Date": timestamp,
        "X-Amz-Expires": str(lifetime_seconds),
        "X-Amz-SignedHeaders": "host",
    }
    return canonical_query("&".join(f"{name}={quote(value, safe='')}" for name, value in parameters.items()).encode())
