"""Errors of `/_s3`, in S3's own XML.

Source: "Error responses", Amazon S3 API Reference.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from html import escape

from spectra_emulator.domain.errors import InternalError, SpectraError

STATUSES = {
    "RequestTimeout": 400,
    "AccessDenied": 403,
    "InvalidAccessKeyId": 403,
    "RequestTimeTooSkewed": 403,
    "SignatureDoesNotMatch": 403,
    "NoSuchBucket": 404,
    "NoSuchKey": 404,
    "NoSuchUpload": 404,
    "MethodNotAllowed": 405,
    "EntityTooLarge": 413,
    "InternalError": 500,
    "NotImplemented": 501,
    "ServiceUnavailable": 503,
    "SlowDown": 503,
}
"""Every other code is a 400."""

_BAD_REQUEST = 400
_FIRST_FAULT_OF_SERVER = 500
_FAILED = ("InternalError", "We encountered an internal error. Please try again.")
_UNREADABLE = {
    "continuation-token": ("InvalidArgument", "The continuation token provided is incorrect"),
    "uploadId": ("MalformedXML", "The body must be the XML that names the upload's parts"),
}
_WITHOUT_DOCUMENT = {412: "PreconditionFailed", 416: "InvalidPartNumber"}
_CODES = {
    "FORBIDDEN": "AccessDenied",
    "NOT_FOUND": "NoSuchKey",
    "INTERNAL_ERROR": "InternalError",
    "RATE_LIMITED": "SlowDown",
    "QUERY_TIMEOUT": "RequestTimeout",
    "PAYLOAD_TOO_LARGE": "EntityTooLarge",
}
_RENAMED = {"IncompleteSignature": "AuthorizationHeaderMalformed"}
_CODE = re.compile(rb"<Code>([^<]*)</Code>")
_MESSAGE = re.compile(rb"<Message>([^<]*)</Message>")


class S3Error(Exception):
    """A refusal that S3 has a code for."""

    def __init__(self, code: str, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status or STATUSES.get(code, _BAD_REQUEST)


def as_s3_error(error: SpectraError) -> S3Error:
    """Return the error as S3 says it; its code stands in `details.reason`."""
    if isinstance(error, InternalError):
        return S3Error(*_FAILED)
    reason = str(error.details.get("reason", _CODES.get(error.code, "InvalidRequest")))
    return S3Error(_RENAMED.get(reason, reason), error.message)


def parsed_error(status: int, document: bytes, parameters: Collection[str] = ()) -> S3Error:
    """Read what the S3 behind `/_s3` answered; a HEAD has no document.

    It fails where a request holds what it cannot read, which is told by the request's `parameters`.
    """
    code, message = _CODE.search(document), _MESSAGE.search(document)
    if code is None and status >= _FIRST_FAULT_OF_SERVER:
        found = next((error for name, error in _UNREADABLE.items() if name in parameters), _FAILED)
        return S3Error(*found)
    without_document = _WITHOUT_DOCUMENT.get(status, "NoSuchKey")
    return S3Error(code[1].decode() if code else without_document, message[1].decode() if message else "", status)


def error_document(error: S3Error, resource: str, request_id: str) -> bytes:
    parts = {"Code": error.code, "Message": error.message, "Resource": resource, "RequestId": request_id}
    content = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in parts.items())
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<Error>{content}</Error>'.encode()
