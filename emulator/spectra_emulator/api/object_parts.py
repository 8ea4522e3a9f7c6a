"""Uploads in parts: one at a time for each key, and all parts together no larger than one object may be."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from urllib.parse import quote

from spectra_emulator.adapters.embedded_s3 import BUCKET, EmbeddedS3
from spectra_emulator.api.s3_errors import S3Error
from spectra_emulator.api.s3_operations import Target
from spectra_emulator.api.s3_parameters import PART_NUMBER, UPLOAD_ID, UPLOADS

_MOST_PARTS = "10000"
_SUCCESS = 200
_PART = re.compile(r"<Part>.*?</Part>", re.DOTALL)
_PART_NUMBER = re.compile(r"<PartNumber>(\d+)<")
_SIZE = re.compile(r"<Size>(\d+)<")
_OPEN = re.compile(r"<Upload>.*?</Upload>", re.DOTALL)
_KEY = re.compile(r"<Key>([^<]*)<")
_ID = re.compile(r"<UploadId>([^<]*)<")


def require_upload(embedded: EmbeddedS3, target: Target) -> None:
    """Refuse what names an upload in parts that is not open for this very key, and give up one that another replaces.

    Raises: S3Error, InternalError.
    """
    if UPLOADS in target.parameters:
        for upload_id in _open_uploads(embedded, target):
            _read(embedded, "DELETE", replace(target, parameters={UPLOAD_ID: upload_id}))
    named = target.parameters.get(UPLOAD_ID)
    if named is not None and named not in _open_uploads(embedded, target):
        raise S3Error("NoSuchUpload", "The specified upload does not exist: it was completed, given up or replaced")


def require_fit(embedded: EmbeddedS3, target: Target, size_bytes: int, max_bytes: int) -> None:
    """Refuse a part, or the end of an upload, whose parts come to more than an object may have.

    Raises: S3Error, InternalError.
    """
    if UPLOAD_ID not in target.parameters:
        return
    number = target.parameters.get(PART_NUMBER)
    others = sum(size for other, size in _parts(embedded, target) if number is None or other != int(number))
    if others + (size_bytes if number is not None else 0) > max_bytes:
        raise S3Error("EntityTooLarge", f"An object may have {max_bytes} bytes at most, all of its parts together")


def _parts(embedded: EmbeddedS3, target: Target) -> list[tuple[int, int]]:
    """Return number and size of each part."""
    listing = replace(target, parameters={UPLOAD_ID: target.parameters[UPLOAD_ID], "max-parts": _MOST_PARTS})
    parts = _PART.findall(_read(embedded, "GET", listing))
    return [(int(_found(_PART_NUMBER, part)), int(_found(_SIZE, part))) for part in parts]


def _open_uploads(embedded: EmbeddedS3, target: Target) -> list[str]:
    listing = Target(BUCKET, "", {UPLOADS: "", "prefix": target.key})
    found = _OPEN.findall(_read(embedded, "GET", listing))
    return [_found(_ID, one) for one in found if unescape(_found(_KEY, one)) in {target.key, quote(target.key)}]


def _read(embedded: EmbeddedS3, method: str, target: Target) -> str:
    """Return what the store behind says, nothing where it refuses."""
    answer = embedded.exchange(method, target.encoded, {})
    try:
        document = b"".join(answer.pieces())
    finally:
        answer.close()
    return document.decode() if answer.status == _SUCCESS else ""


def _found(pattern: re.Pattern[str], part: str) -> str:
    match = pattern.search(part)
    return "0" if match is None else match[1]
