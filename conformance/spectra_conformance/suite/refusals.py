"""What a refusal has to look like."""

from __future__ import annotations

from collections.abc import Collection

from spectra_conformance.answer import Answer
from spectra_conformance.suite.asides import hold, note

STATUS = {
    "INVALID_REQUEST": 400,
    "INVALID_SQL": 400,
    "SQL_BLOCKED": 400,
    "UNAUTHORIZED": 401,
    "FORBIDDEN": 403,
    "NOT_FOUND": 404,
    "CONFLICT": 409,
    "PAYLOAD_TOO_LARGE": 413,
    "RATE_LIMITED": 429,
    "INTERNAL_ERROR": 500,
    "QUERY_TIMEOUT": 504,
}
"""The documented codes, and the status of each."""


def assert_refused(answer: Answer, code: str, *, tolerated: Collection[int] = ()) -> None:
    """Assert that a call was refused with `code`, or with a status that is tolerated in its place."""
    if answer.status in tolerated and answer.status != STATUS[code]:
        note(f"{answer.status} in place of {STATUS[code]} {code}")
        assert_code_fits(answer)
    elif answer.from_gateway:
        assert answer.status == STATUS[code], answer.shown
    else:
        assert (answer.status, answer.code) == (STATUS[code], code), answer.shown


def assert_code_fits(answer: Answer) -> None:
    """Assert that a failure's code, where it has one, belongs to its status."""
    if not answer.from_gateway and answer.code is not None:
        assert answer.code in STATUS, answer.shown
        assert STATUS[answer.code] == answer.status, answer.shown


def assert_unauthenticated(answer: Answer) -> None:
    """Assert that a call without valid credentials was refused: with 401, or with a gateway's 403."""
    if answer.status == STATUS["FORBIDDEN"]:
        note("403 in place of 401 UNAUTHORIZED")
        return
    assert_refused(answer, "UNAUTHORIZED")


def hold_field(answer: Answer, requirement: str, field: str) -> None:
    """Hold a refusal to naming the part of the request that is wrong; one that names no part at all passes."""
    named = answer.details.get("field")
    if named is None:
        note(f"details.field does not name {field}")
        return
    hold(requirement, named, field, "details.field")
