"""The closed table of error codes."""

from __future__ import annotations

import pytest
from spectra_emulator.domain.errors import BY_CODE, InvalidSql

from tests.requirements import requirement

TABLE = {
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


@requirement("ERR-02", "ERR-21")
def test_there_is_one_class_for_each_documented_code_and_no_other() -> None:
    assert BY_CODE.keys() == TABLE.keys()


@requirement(
    "ERR-10",
    "ERR-11",
    "ERR-12",
    "ERR-13",
    "ERR-14",
    "ERR-15",
    "ERR-16",
    "ERR-17",
    "ERR-18",
    "ERR-19",
    "ERR-20",
)
@pytest.mark.parametrize(("code", "status"), TABLE.items(), ids=TABLE)
def test_each_code_has_its_status(code: str, status: int) -> None:
    assert BY_CODE[code].status == status


@requirement("ERR-02")
def test_an_error_without_facts_has_empty_details() -> None:
    assert InvalidSql("SQL syntax error").details == {}


def test_an_error_carries_its_facts_and_says_its_message() -> None:
    error = InvalidSql("SQL syntax error", position=45)

    assert (str(error), error.message, error.details) == ("SQL syntax error", "SQL syntax error", {"position": 45})
