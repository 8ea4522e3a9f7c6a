"""Pages of bulk jobs: the query parameters of the list and its opaque tokens."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, TypeVar

import msgspec
from litestar.datastructures import MultiDict

from spectra_emulator.api.shapes import BulkJobList, bulk_job_summary
from spectra_emulator.domain.bulk_jobs import BulkJob, BulkJobFilter, BulkJobState, Operation
from spectra_emulator.domain.errors import InvalidRequest

_DEFAULT_LIMIT = 25
_MAX_LIMIT = 100
Choice = TypeVar("Choice", bound=StrEnum)


class _Token(msgspec.Struct):
    """The last job shown: `last_key` is its (created_at, job_id)."""

    last_key: tuple[Annotated[datetime, msgspec.Meta(tz=True)], str]


def wanted_page(parameters: MultiDict[Any] | Any) -> BulkJobFilter:
    """Return what the list asks for.

    Raises: InvalidRequest.
    """
    return BulkJobFilter(
        limit=_limit(parameters.get("limit")),
        state=_choice(BulkJobState, parameters.get("state"), "state"),
        operation=_choice(Operation, parameters.get("operation"), "operation"),
        before=_before(parameters.get("offset")),
    )


def page(jobs: list[BulkJob], wanted: BulkJobFilter) -> BulkJobList:
    """Return the first `wanted.limit` jobs, and a token where one more was found."""
    shown = jobs[: wanted.limit]
    following = _text(shown[-1]) if len(jobs) > wanted.limit else None
    return BulkJobList([bulk_job_summary(job) for job in shown], following)


def _limit(text: str | None) -> int:
    if text is None:
        return _DEFAULT_LIMIT
    if text.isascii() and text.isdigit() and 1 <= int(text[:4]) <= _MAX_LIMIT and len(text) < len("0000"):
        return int(text)
    raise InvalidRequest(f"limit must be a whole number from 1 to {_MAX_LIMIT}", field="limit")


def _choice(kind: type[Choice], text: str | None, field: str) -> Choice | None:
    if text is None:
        return None
    try:
        return kind(text)
    except ValueError as error:
        raise InvalidRequest(f"{field} must be one of {', '.join(kind)}", field=field) from error


def _before(text: str | None) -> tuple[datetime, str] | None:
    if text is None:
        return None
    try:
        padded = text + "=" * (-len(text) % 4)
        return msgspec.json.decode(base64.b64decode(padded, altchars=b"-_", validate=True), type=_Token).last_key
    except (msgspec.MsgspecError, binascii.Error, ValueError) as error:
        raise InvalidRequest("offset is not a token that next_offset gave", field="offset") from error


def _text(job: BulkJob) -> str:
    token = _Token((job.created_at, job.job_id))
    return base64.urlsafe_b64encode(msgspec.json.encode(token)).decode().rstrip("=")
