"""What a signed link says of itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

_TIMESTAMP = "%Y%m%dT%H%M%SZ"
_SIGNERS = frozenset({"awsaccesskeyid", "key-pair-id"})


def own_end(url: str) -> datetime | None:
    """Return when a link's signature ends, None where it does not say so in a form that we know.

    Source: S3's query parameters X-Amz-Date and X-Amz-Expires, and Expires of its older signatures and of CloudFront.
    """
    said = {name.lower(): values[-1] for name, values in parse_qs(urlsplit(url).query).items()}
    try:
        if "x-amz-expires" in said:
            signed_at = datetime.strptime(said["x-amz-date"], _TIMESTAMP).replace(tzinfo=UTC)
            return signed_at + timedelta(seconds=int(said["x-amz-expires"]))
        signed = "signature" in said and not _SIGNERS.isdisjoint(said)
        return datetime.fromtimestamp(int(said["expires"]), UTC) if signed else None
    except (KeyError, ValueError, OverflowError, OSError):
        return None
