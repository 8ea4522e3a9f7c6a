"""Takes out of an answer what differs from run to run."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import zlib
from collections.abc import Callable, Mapping
from typing import Any

from spectra_conformance.answer import GATEWAY_HEADER, Answer

CANONICAL_BASE = "900000000000"
"""What the twelve digits of every run's rows become."""
SHOWN_HEADERS = (
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
    "x-request-id",
    "retry-after",
    GATEWAY_HEADER,
)
LONGEST_LIST = 40
FREE_TEXT = frozenset({"message", "hint", "reason", "suggestion"})
EMULATORS_OWN = {"details": frozenset({"help_url"})}
"""Members, by the name of what holds them, that the contract leaves to the emulator alone."""


def _masked_as(mark: str) -> Callable[[Any], Any]:
    return lambda value: None if value is None else mark


MASKS: Mapping[str, Callable[[Any], Any]] = {
    "job_id": _masked_as("<id>"),
    "query_id": _masked_as("<id>"),
    "request_id": _masked_as("<id>"),
    "execution_time_ms": _masked_as("<ms>"),
    "next_offset": _masked_as("<token>"),
    "size_bytes": _masked_as("<size>"),
    "tenant_id": _masked_as("<tenant>"),
    **{name: _masked_as("<text>") for name in FREE_TEXT},
}


def masked(value: Any, name: str = "") -> Any:
    """Return JSON with ids, times, links and texts replaced by what they are; a long list is its length and hash."""
    if name in MASKS:
        return MASKS[name](value)
    if isinstance(value, dict):
        own = EMULATORS_OWN.get(name, ())
        return {key: masked(one, key) for key, one in value.items() if key not in own}
    if isinstance(value, list):
        return [masked(one) for one in value] if len(value) <= LONGEST_LIST else _hashed(value)
    if isinstance(value, str) and name.endswith("_at"):
        return "<time>"
    return "<link>" if isinstance(value, str) and name.endswith("_url") else value


def body_of(answer: Answer, base: str, *, ordered: bool) -> Any:
    """Return what an answer's body says, masked."""
    text = answer.body.replace(base.encode(), CANONICAL_BASE.encode()) if base else answer.body
    try:
        parsed = json.loads(text)
    except ValueError:
        return {"text": text.decode(errors="replace")[:2000]}
    return masked(parsed if ordered else _sorted_rows(parsed))


def headers_of(answer: Answer) -> list[str]:
    """Return which headers of interest there are, with the media type."""
    there = [name for name in SHOWN_HEADERS if name in answer.headers]
    return [answer.headers.get("content-type", "").partition(";")[0].strip().lower(), *there]


def file_of(answer: Answer, told: Mapping[str, Any], base: str) -> dict[str, Any]:
    """Return what a file holds, without its compression."""
    compressed = answer.body.startswith(b"\x1f\x8b")
    return {
        "content": _readable(answer.body, compressed, str(told.get("format")), base),
        "compressed": compressed,
        "size_told": told.get("size_bytes") == len(answer.body),
    }


def _readable(file: bytes, compressed: bool, form: str, base: str) -> Any:
    try:
        content = gzip.decompress(file) if compressed else file
        return _content(content.replace(base.encode(), CANONICAL_BASE.encode()) if base else content, form)
    except (OSError, EOFError, ValueError, zlib.error, csv.Error) as error:
        return f"unreadable as {form}: {type(error).__name__}"


def _content(content: bytes, form: str) -> Any:
    if form == "parquet":
        return [content[:4].decode("latin-1"), content[-4:].decode("latin-1")]
    if form == "json":
        return masked(_rows(content))
    return masked(list(csv.reader(io.StringIO(content.decode(errors="replace"), newline=""))))


def _rows(content: bytes) -> Any:
    """Read an array, an array within an object, or one object a line."""
    try:
        parsed = json.loads(content)
    except ValueError:
        return [json.loads(line) for line in content.splitlines() if line.strip()]
    return parsed.get("data", parsed) if isinstance(parsed, dict) else parsed


def _hashed(value: list[Any]) -> list[Any]:
    """Return how many there are, the first, the last and a hash of them all."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False)
    return [len(value), value[0], value[-1], hashlib.sha256(text.encode()).hexdigest()[:16]]


def _sorted_rows(parsed: Any) -> Any:
    if isinstance(parsed, dict) and isinstance(parsed.get("data"), list):
        return {**parsed, "data": sorted(parsed["data"], key=lambda row: json.dumps(row, sort_keys=True))}
    return parsed
