"""Uploads in parts: what was sent so far, since all parts together may be no larger than one object."""

from __future__ import annotations

import re
from dataclasses import replace

from spectra_emulator.adapters.embedded_s3 import EmbeddedS3
from spectra_emulator.api.s3_errors import S3Error
from spectra_emulator.api.s3_operations import Target

_UPLOAD = "uploadId"
_NUMBER = "partNumber"
_MOST_PARTS = "10000"
_SUCCESS = 200
_PART = re.compile(rb"<Part>.*?</Part>", re.DOTALL)
_PART_NUMBER = re.compile(rb"<PartNumber>(\d+)<")
_SIZE = re.compile(rb"<Size>(\d+)<")


def require_fit(embedded: EmbeddedS3, target: Target, size_bytes: int, max_bytes: int) -> None:
    """Refuse a part, or the end of an upload, whose parts come to more than an object may have.

    Raises: S3Error, InternalError.
    """
    if _UPLOAD not in target.parameters:
        return
    number = target.parameters.get(_NUMBER)
    others = sum(size for other, size in _parts(embedded, target) if other != number)
    if others + (size_bytes if number is not None else 0) > max_bytes:
        raise S3Error("EntityTooLarge", f"An object may have {max_bytes} bytes at most, all of its parts together")


def _parts(embedded: EmbeddedS3, target: Target) -> list[tuple[str, int]]:
    """Return number and size of each part; none of an upload that is not there, which the store itself refuses."""
    listing = replace(target, parameters={_UPLOAD: target.parameters[_UPLOAD], "max-parts": _MOST_PARTS})
    answer = embedded.exchange("GET", listing.encoded, {})
    try:
        document = b"".join(answer.pieces())
    finally:
        answer.close()
    parts = _PART.findall(document) if answer.status == _SUCCESS else []
    return [(_found(_PART_NUMBER, part), int(_found(_SIZE, part))) for part in parts]


def _found(pattern: re.Pattern[bytes], part: bytes) -> str:
    match = pattern.search(part)
    return "0" if match is None else match[1].decode()
