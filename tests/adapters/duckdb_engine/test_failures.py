"""What the engine raises, as the contract's errors."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest
from spectra_emulator.adapters.duckdb_engine import failures
from spectra_emulator.adapters.duckdb_engine.lane import EngineFailureError
from spectra_emulator.domain.errors import InternalError, InvalidSql

from tests.requirements import requirement

TABLE = """CREATE TABLE t (
    id INTEGER PRIMARY KEY, name VARCHAR NOT NULL, short VARCHAR CHECK (short IS NULL OR strlen(short) <= 3))"""


@pytest.fixture
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        opened.execute(TABLE)
        opened.execute("INSERT INTO t VALUES (1, 'a', NULL)")
        opened.execute("SET enable_external_access = false")
        yield opened


def failure_of(database: duckdb.DuckDBPyConnection, sql: str) -> EngineFailureError:
    with pytest.raises(duckdb.Error) as raised:
        database.execute(sql).fetchall()
    return EngineFailureError(type(raised.value).__name__, str(raised.value))


@requirement("ERR-11")
@pytest.mark.parametrize(
    ("sql", "sql_state", "said"),
    [
        pytest.param("SELECT CAST('a' AS INTEGER)", "22P02", "'a'", id="conversion"),
        pytest.param("SELECT 9223372036854775807 + 1", "22003", "overflow of type bigint", id="overflow"),
        pytest.param(
            "SELECT CAST('99999999999' AS INTEGER)", "22003", "overflow of type integer", id="conversion of much"
        ),
        pytest.param("SELECT CAST(1e10::DECIMAL(20,2) AS INTEGER)", "22003", "overflow of type integer", id="decimal"),
        pytest.param("CREATE TABLE w (a INTEGER, a INTEGER)", "42701", 'column "a" specified', id="column twice"),
        pytest.param("CREATE SCHEMA main", "42P06", 'schema "main" already exists', id="schema"),
        pytest.param("WITH a AS (SELECT 1), a AS (SELECT 2) FROM a", "42712", 'name "a" specified', id="name of WITH"),
        pytest.param("SELECT 1 UNION SELECT 2 ORDER BY 3", "42P10", "select list", id="place in ORDER BY"),
        pytest.param("SELECT * FROM (VALUES (1), (1, 2))", "42601", "same length", id="lists of VALUES"),
        pytest.param("SELECT error('division by zero')", "22012", "division by zero", id="division by zero"),
        pytest.param("INSERT INTO t VALUES (2, NULL, NULL)", "23502", "name", id="not null"),
        pytest.param("INSERT INTO t VALUES (1, 'b', NULL)", "23505", "uplicate key", id="duplicate key"),
        pytest.param(
            "INSERT INTO t VALUES (2, 'b', 'abcd')",
            "22001",
            "value too long for type character varying(3)",
            id="too long",
        ),
        pytest.param("SELECT nothing FROM t", "0A000", "does not take", id="binder"),
        pytest.param("SELECT * FROM nowhere", "0A000", "does not take", id="catalogue"),
        pytest.param("SELEC 1", "0A000", "does not take", id="parser"),
        pytest.param("SELECT * FROM read_csv('/etc/passwd')", "42501", "beyond the tenant's", id="permission"),
        pytest.param("COMMIT", "25000", "transaction", id="transaction"),
    ],
)
def test_a_failed_statement_is_invalid_sql_with_its_state(
    database: duckdb.DuckDBPyConnection, sql: str, sql_state: str, said: str
) -> None:
    error = failures.meaning(failure_of(database, sql))

    assert isinstance(error, InvalidSql)
    assert (error.details["sql_state"], said in error.message) == (sql_state, True)


@requirement("ERR-23")
@pytest.mark.parametrize(
    "failure",
    [
        pytest.param(EngineFailureError("IOException", "IO Error: cannot open /data/tenant.duckdb"), id="files"),
        pytest.param(EngineFailureError("InternalException", "INTERNAL Error: at /build/src.cpp"), id="internal"),
        pytest.param(EngineFailureError("FatalException", "FATAL Error: /data/x is broken"), id="fatal"),
        pytest.param(EngineFailureError("TypeError", "no such thing at /data"), id="not the engine's"),
        pytest.param(EngineFailureError("HTTPException", "HTTP Error: GET http://169.254.169.254"), id="network"),
        pytest.param(
            EngineFailureError("PermissionException", "Permission Error: Cannot access file /etc/passwd"), id="access"
        ),
    ],
)
def test_nothing_of_the_machine_reaches_the_client(failure: EngineFailureError) -> None:
    error = failures.meaning(failure)

    assert "/" not in error.message + str(error.details)


@requirement("ERR-20")
def test_an_unknown_failure_is_an_internal_error() -> None:
    error = failures.meaning(EngineFailureError("IOException", "IO Error: disk on fire"))

    assert isinstance(error, InternalError)


@pytest.mark.parametrize(
    "failure",
    [
        pytest.param(EngineFailureError("MemoryError", ""), id="Python's"),
        pytest.param(
            EngineFailureError("OutOfMemoryException", "Out of Memory Error: failed to allocate 2GB"), id="the engine's"
        ),
    ],
)
def test_too_little_memory_is_the_statement_s_fault(failure: EngineFailureError) -> None:
    error = failures.meaning(failure)

    assert isinstance(error, InvalidSql)
    assert error.details["sql_state"] == "53200"


@pytest.mark.parametrize(
    ("kind", "breaks"),
    [("FatalException", True), ("InternalException", True), ("ConversionException", False), ("IOException", False)],
)
def test_after_some_failures_the_database_takes_no_statement(kind: str, breaks: bool) -> None:
    assert failures.breaks_engine(EngineFailureError(kind, "")) is breaks


@pytest.mark.parametrize(
    ("kind", "text", "lacked"),
    [
        pytest.param("OutOfMemoryException", "Out of Memory Error: failed to pin block", True, id="of the engine"),
        pytest.param(
            "OSError",
            "C Data interface error: Out of Memory Error: ArrowBuffer: failed to allocate",
            True,
            id="of Arrow",
        ),
        pytest.param("MemoryError", "", True, id="of the process"),
        pytest.param(
            "ConversionException",
            "Conversion Error: Could not convert string 'Out of Memory Error: a'",
            False,
            id="text",
        ),
    ],
)
def test_a_worker_without_memory_is_known_by_whoever_says_so(kind: str, text: str, lacked: bool) -> None:
    assert failures.out_of_memory(EngineFailureError(kind, text)) is lacked


def test_only_the_first_line_of_the_engine_s_text_is_passed_on(database: duckdb.DuckDBPyConnection) -> None:
    assert "\n" not in failures.meaning(failure_of(database, "SELECT nothing FROM t")).message
