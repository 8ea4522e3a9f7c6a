"""A request as it came off the wire, exact enough to check a signature over it."""

from __future__ import annotations

from dataclasses import dataclass

Headers = tuple[tuple[bytes, bytes], ...]


@dataclass(frozen=True)
class SignedRequest:
    """`raw_path` excludes the query string; header names are lower case; `body_sha256` is in lower-case hex."""

    method: str
    raw_path: bytes
    raw_query: bytes
    headers: Headers
    body_sha256: str


def header_values(headers: Headers, name: bytes) -> list[bytes]:
    """Return every value of a header, in the order they came."""
    return [value for key, value in headers if key == name]
