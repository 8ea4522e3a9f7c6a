"""The values of a query string at `/_s3`, refused as S3 refuses them before anything else reads them.

Source: "PutObject", "UploadPart", "GetObject", "ListObjectsV2", Amazon S3 API Reference.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from spectra_emulator.api.s3_errors import S3Error

SHOWN_AS = frozenset(
    f"response-{name}"
    for name in ("cache-control", "content-disposition", "content-language", "content-type", "expires")
)
PART_NUMBER = "partNumber"
UPLOAD_ID = "uploadId"
UPLOADS = "uploads"

_MOST_PARTS = 10_000
_HEADER_TEXT = re.compile(r"[\x20-\x7e\xa0-\xff]*")
_UPLOAD = re.compile(r"[A-Za-z0-9._~-]{1,256}")
_KEYS = re.compile(r"[0-9]{1,9}")
_PART = re.compile(r"[0-9]{1,5}")


def require_values(parameters: Mapping[str, str]) -> None:
    """Pass parameters that can be what their names say.

    Raises: S3Error.
    """
    for name in parameters.keys() & SHOWN_AS:
        if not _HEADER_TEXT.fullmatch(parameters[name]):
            raise S3Error("InvalidArgument", f"{name} must be printable text in ISO-8859-1")
    if not _KEYS.fullmatch(parameters.get("max-keys", "0")):
        raise S3Error("InvalidArgument", "max-keys must be an integer from 0 to 999999999")
    if parameters.get("list-type", "2") != "2":
        raise S3Error("InvalidArgument", "list-type must be 2")
    if parameters.get("encoding-type", "url") != "url":
        raise S3Error("InvalidArgument", "encoding-type must be url")
    if not _is_part(parameters.get(PART_NUMBER, "1")):
        raise S3Error("InvalidArgument", f"partNumber must be an integer from 1 to {_MOST_PARTS}")
    if not _UPLOAD.fullmatch(parameters.get(UPLOAD_ID, "0")):
        raise S3Error("NoSuchUpload", "The specified upload does not exist: its uploadId is none")


def require_whole(method: str, parameters: Mapping[str, str]) -> None:
    """Pass a change of an object that says all that is needed to tell what it changes.

    Raises: S3Error.
    """
    if method == "PUT" and len(parameters.keys() & {PART_NUMBER, UPLOAD_ID}) == 1:
        raise S3Error("InvalidArgument", "A part is put with both partNumber and uploadId")
    if method == "POST" and len(parameters.keys() & {UPLOADS, UPLOAD_ID}) != 1:
        raise S3Error("MethodNotAllowed", "The specified method is not allowed against this resource.")


def _is_part(text: str) -> bool:
    return _PART.fullmatch(text) is not None and 1 <= int(text) <= _MOST_PARTS
