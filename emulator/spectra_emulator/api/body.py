"""Request bodies, read within their limit and checked against their shapes."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TypeVar, cast

import msgspec
from litestar.types import HTTPRequestEvent, Receive

from spectra_emulator.api.body_members import hint
from spectra_emulator.domain.errors import InvalidRequest, PayloadTooLarge

_DRAINED_BYTES = 64 * 2**20
"""How much of an oversized body is read and dropped, so that its sender gets to see the answer."""

_PATH = re.compile(r" - at `\$\.?([^`]*)`$")
_UNKNOWN = re.compile(r"unknown field `([^`]*)`")
_MISSING = re.compile(r"missing required field `([^`]+)`")
Shape = TypeVar("Shape")
_EXPECTED = re.compile(r"Expected `([^`]+)`, got `([^`]+)`")
_BOUND = re.compile(r"Expected `\w+` (of length )?([<>]=) (\d+)")
_BOUNDS = {">=": "at least", "<=": "at most"}
_KINDS = {
    "str": "a string",
    "int": "an integer",
    "float": "a number",
    "bool": "true or false",
    "object": "an object",
    "array": "an array",
}
_OF_A_PATTERN = "matching regex"
_FORMS = {
    "object": "the name of a table, such as sales or public.sales",
    "column_delimiter": "one tab or printable ASCII character, and no quotation mark",
    "external_id_field": "the name of a column, such as id",
}
"""What the fields with a pattern take; the pattern itself helps nobody."""


@dataclass(frozen=True)
class Body:
    """`content` is empty where the body was over the limit."""

    content: bytes
    sha256: str
    too_large: bool


async def read_body(receive: Receive, max_bytes: int) -> Body:
    """Read the whole body, keeping no more than `max_bytes` of it."""
    chunks: list[bytes] = []
    digest = hashlib.sha256()
    size = 0
    more = True
    while more and size <= _DRAINED_BYTES:
        message = cast("HTTPRequestEvent", await receive())
        chunk = message.get("body", b"")
        size += len(chunk)
        digest.update(chunk)
        if size <= max_bytes:
            chunks.append(chunk)
        else:
            chunks.clear()
        more = message["type"] == "http.request" and bool(message.get("more_body"))
    return Body(b"".join(chunks), digest.hexdigest(), too_large=size > max_bytes)


def parsed(body: Body, content_type: str | None, shape: type[Shape]) -> Shape:
    """Return the body as the shape that the contract gives it.

    Raises: PayloadTooLarge, InvalidRequest.
    """
    if body.too_large:
        raise PayloadTooLarge("Request body exceeds limit")
    if (content_type or "").partition(";")[0].strip().lower() != "application/json":
        raise InvalidRequest("Content-Type must be application/json", field="Content-Type")
    try:
        return msgspec.json.decode(body.content, type=shape)
    except msgspec.ValidationError as error:
        raise _invalid(str(error), shape) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidRequest("The request body is not valid JSON", field="body") from error


def _invalid(reason: str, shape: type) -> InvalidRequest:
    path = _PATH.search(reason)
    missing = _MISSING.search(reason)
    parts = [path[1] if path else "", missing[1] if missing else ""]
    field = ".".join(part for part in parts if part) or "body"
    if field in _FORMS and (_OF_A_PATTERN in reason or _EXPECTED.search(reason)):
        return InvalidRequest(f"{field} must be {_FORMS[field]}", field=field)
    if missing:
        return InvalidRequest(f"{field} is required", field=field)
    if bound := _BOUND.search(reason):
        verb = "have a length of" if bound[1] else "be"
        return InvalidRequest(f"{field} must {verb} {_BOUNDS[bound[2]]} {bound[3]}", field=field)
    if kinds := _EXPECTED.search(reason):
        subject = "The request body" if field == "body" else field
        return InvalidRequest(f"{subject} must be {_kind(kinds[1])}, not {_kind(kinds[2])}", field=field)
    unknown = _UNKNOWN.search(reason)
    told = hint(shape, path[1] if path else "", unknown[1]) if unknown else ""
    return InvalidRequest(_PATH.sub("", reason) + told, field=field)


def _kind(names: str) -> str:
    return " or ".join(_KINDS.get(name, name) for name in names.split(" | "))
