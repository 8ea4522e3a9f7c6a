"""The headers that pass between clients of `/_s3` and the store behind."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

_METADATA = b"x-amz-meta-"
_ENCODING = "content-encoding"
_SENT_ON = frozenset(
    {
        b"content-type",
        b"content-disposition",
        b"content-language",
        b"cache-control",
        b"if-match",
        b"if-none-match",
        b"if-modified-since",
        b"if-unmodified-since",
    }
)
_SHOWN = frozenset(
    {
        "accept-ranges",
        "cache-control",
        "content-disposition",
        "content-language",
        "content-length",
        "content-range",
        "content-type",
        "etag",
        "last-modified",
        "x-amz-bucket-region",
        "x-amz-mp-parts-count",
    }
)
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
"""What curl says of `--data-binary` and `--form`; moto would take the content for a form's fields and keep nothing."""
_DATES = frozenset({"if-modified-since", "if-unmodified-since"})
_DATE = "%a, %d %b %Y %H:%M:%S GMT"
_READS = frozenset({"GET", "HEAD", "POST"})


def sent_on(headers: Mapping[bytes, bytes], *, by_link: bool) -> dict[str, str]:
    """Return the headers for the store behind; a link stores no encoding that a client would undo unasked."""
    kept = {
        name.decode(): value.decode("latin-1")
        for name, value in headers.items()
        if name in _SENT_ON or name.startswith(_METADATA)
    }
    if kept.get("content-type", "").lower().startswith(_FORMS):
        del kept["content-type"]
    for name in _DATES & kept.keys():
        if not _is_date(kept[name]):
            del kept[name]
    byte_range = headers.get(b"range", b"")
    if byte_range.startswith(b"bytes="):
        kept["range"] = byte_range.decode("latin-1")
    encodings = headers.get(_ENCODING.encode(), b"").decode("latin-1").split(",")
    stored = ",".join(name.strip() for name in encodings if name.strip() not in ("", "aws-chunked"))
    return kept | ({_ENCODING: stored} if stored and not by_link else {})


def shown(method: str, headers: Mapping[str, str], *, by_link: bool) -> dict[str, str]:
    """Return those of the store's headers that a client sees."""
    hidden = set() if method in _READS else {"content-type"}
    names = _SHOWN - hidden if by_link else _SHOWN - hidden | {_ENCODING}
    return {name: value for name, value in headers.items() if name in names or name.startswith(_METADATA.decode())}


def _is_date(text: str) -> bool:
    """Tell whether S3 reads the text as a moment; what it cannot read it takes for nothing."""
    try:
        return datetime.strptime(text, _DATE) < datetime.max  # noqa: DTZ007, DTZ901 - the form ends in GMT, and nothing comes of the value
    except ValueError:
        return False
