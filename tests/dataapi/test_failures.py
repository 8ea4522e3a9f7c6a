"""What a failed statement's message means: the warehouse's words count, and what it quotes of the client does not."""

from __future__ import annotations

import pytest
from spectra_emulator.adapters.redshift.data_api_results import failure, is_of_the_s3, is_stop
from spectra_emulator.domain.errors import InternalError, InvalidSql

OF_THE_CLIENT = {
    "a column": ('ERROR: column "internal error" does not exist in t', "42703"),
    "a column of an alias": ("ERROR: column disk full.x does not exist", "42703"),
    "a function": ("ERROR: function internal error(integer) does not exist", "42883"),
    "a quote in a name": ('ERROR: relation "out of memory ""x"" assertion" does not exist', "42P01"),
    "a line in a name": ('ERROR: column "x\ndeadlock detected" does not exist', "42703"),
    "a value": ("ERROR: invalid input syntax for type integer: 'internal error'", "22P02"),
    "a state in a name": ('ERROR: column "SQLState: 08006" does not exist', "42703"),
    "the state goes first": ("ERROR: assertion of a rule [SQL State=42501]", "42501"),
    "an internal error over a value": ("ERROR: Numeric data overflow [SQL State=XX000]", "XX000"),
}
OF_THE_WAREHOUSE = [
    "ERROR: 1023 Serializable isolation violation on table - 100",
    "ERROR: whatever [SQL State=40001]",
    "ERROR: Assert [SQL State=XX000]",
    "ERROR: disk full on the user's node",
]


@pytest.mark.parametrize(("message", "state"), OF_THE_CLIENT.values(), ids=OF_THE_CLIENT)
def test_the_clients_own_words_are_no_fault_of_the_warehouse(message: str, state: str) -> None:
    found = failure(message)

    assert (type(found), found.details.get("sql_state")) == (InvalidSql, state)


@pytest.mark.parametrize("message", OF_THE_WAREHOUSE)
def test_what_no_statement_is_to_blame_for_is_the_warehouses(message: str) -> None:
    assert isinstance(failure(message), InternalError)


@pytest.mark.parametrize("message", ["ERROR: Query (1) canceled on user's request", "ERROR: ended [SQL State=57014]"])
def test_a_stop_is_told_from_a_failure(message: str) -> None:
    assert is_stop(message)


def test_a_column_that_is_called_as_a_stop_stops_nothing() -> None:
    assert not is_stop('ERROR: column "statement timeout" does not exist')
    assert not is_of_the_s3('ERROR: column "S3ServiceException" does not exist')
