"""Where an S3 lies that is not the embedded one."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

EMBEDDED_S3 = "embedded"
"""What is written in place of a URL."""

_SCHEMES = frozenset({"s3", "http", "https"})
_BUCKET = r"[A-Za-z0-9][A-Za-z0-9._-]{1,62}"


@dataclass(frozen=True)
class Location:
    """A bucket in an S3; `endpoint` is None for AWS itself.

    Without an access key boto3 looks for one as it usually does. `public_endpoint` is what links name, where clients
    reach the S3 at another address than the emulator does.
    """

    bucket: str
    endpoint: str | None = None
    region: str = "us-east-1"
    access_key_id: str | None = None
    secret_access_key: str | None = field(default=None, repr=False)
    public_endpoint: str | None = None
    create_bucket: bool = False


def bucket_and_endpoint(url: str) -> tuple[str, str | None]:
    """Read `s3://bucket`, which lies in AWS, or `http(s)://host:port/bucket`.

    Raises: ValueError where the URL is neither.
    """
    parts = urlsplit(url)
    bucket, rest = (parts.netloc, parts.path) if parts.scheme == "s3" else (parts.path.strip("/"), "")
    if parts.scheme not in _SCHEMES or not parts.netloc or not re.fullmatch(_BUCKET, bucket) or rest or parts.query:
        raise ValueError("is neither embedded nor a URL such as s3://bucket or http://minio:9000/bucket")
    return bucket, None if parts.scheme == "s3" else f"{parts.scheme}://{parts.netloc}"
