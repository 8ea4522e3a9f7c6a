"""Whose fault a failure is: the client's, or the warehouse's, where another attempt may do."""

from __future__ import annotations

import pytest
from spectra_emulator.adapters.redshift.data_api_results import failure
from spectra_emulator.adapters.redshift.failures import WarehouseError, meaning
from spectra_emulator.domain.errors import InternalError, InvalidSql, SpectraError

FAILURES = [
    pytest.param("40001", "Serializable isolation violation on table - 105", InternalError, id="isolation"),
    pytest.param(
        "XX000", "Serializable isolation violation on table - 105", InternalError, id="isolation, as Redshift"
    ),
    pytest.param("40P01", "deadlock detected", InternalError, id="deadlock"),
    pytest.param("XX000", "Assertion failed", InternalError, id="internal"),
    pytest.param("53100", "Disk Full", InternalError, id="disk full"),
    pytest.param("XX000", "Invalid digit, Value 'a', Pos 0, Type: Integer", InvalidSql, id="digit"),
    pytest.param("XX000", "Value out of range for 4 bytes.", InvalidSql, id="range"),
    pytest.param("XX000", "Error: invalid date value 2024-13-01", InvalidSql, id="date"),
    pytest.param("42703", 'column "x" does not exist in t', InvalidSql, id="column"),
]


@pytest.mark.parametrize(("sql_state", "message", "kind"), FAILURES)
def test_a_failure_is_the_same_ones_fault_whichever_way_it_is_told(
    sql_state: str, message: str, kind: type[SpectraError]
) -> None:
    assert type(meaning(WarehouseError({"C": sql_state, "M": message}), reads=True)) is kind
    assert type(failure(f"ERROR: {message}")) is kind


@pytest.mark.parametrize("sql_state", ["25P02", "54001", "55P03", "XX000", "XX001", "57014", "08006"])
def test_a_state_that_only_the_wire_tells_may_be_the_warehouses(sql_state: str) -> None:
    error = meaning(WarehouseError({"C": sql_state, "M": "not now"}), reads=True)
    assert (type(error), error.details) == (InternalError, {"sql_state": sql_state})


@pytest.mark.parametrize(("reads", "kind"), [(True, InvalidSql), (False, InternalError)])
def test_a_change_where_only_reading_is_allowed_is_the_fault_of_what_allows_no_more(
    *, reads: bool, kind: type[SpectraError]
) -> None:
    told = WarehouseError({"C": "25006", "M": "cannot execute INSERT in a read-only transaction"})
    assert type(meaning(told, reads=reads)) is kind
