"""What the Data API says of failures, as errors of the contract."""

from __future__ import annotations

import pytest
from spectra_emulator.adapters.redshift.data_api_results import failure, is_stop
from spectra_emulator.domain.errors import InternalError, InvalidSql


@pytest.mark.parametrize(
    ("message", "told", "details"),
    [
        pytest.param(
            'ERROR: relation "nope" does not exist\n  Position: 15',
            'relation "nope" does not exist',
            {"sql_state": "42P01", "sent_position": 15},
            id="relation",
        ),
        pytest.param(
            'ERROR: syntax error at or near "fro" Position: 10;',
            'syntax error at or near "fro"',
            {"sql_state": "42601", "sent_position": 10},
            id="position on the line",
        ),
        pytest.param(
            "ERROR: Divide by zero [ErrorId: 1-66f2-0a]",
            "Divide by zero",
            {"sql_state": "22012"},
            id="an id that tells nobody anything",
        ),
        pytest.param("ERROR: odd [SQL State=42999]", "odd", {"sql_state": "42999"}, id="a state that is told"),
        pytest.param(
            "ERROR: permission denied for relation sales\n  Where: here",
            "permission denied for relation sales",
            {"sql_state": "42501"},
            id="permission",
        ),
    ],
)
def test_a_failure_keeps_what_a_client_can_use(message: str, told: str, details: dict[str, object]) -> None:
    error = failure(message)

    assert isinstance(error, InvalidSql)
    assert (error.message, error.details) == (told, details)


@pytest.mark.parametrize(
    "message",
    [
        "ERROR: 1023 DETAIL: Serializable isolation violation on table - 1",
        "ERROR: Disk Full",
        "FATAL: password authentication failed for user",
        "Cluster is paused",
    ],
)
def test_what_no_statement_is_to_blame_for_is_no_fault_of_the_client(message: str) -> None:
    assert isinstance(failure(message), InternalError)


@pytest.mark.parametrize(
    "message",
    ["ERROR: Query (12) cancelled on user's request", "ERROR: canceling statement due to statement timeout"],
)
def test_an_end_from_outside_is_told_from_a_failure(message: str) -> None:
    assert is_stop(message)
