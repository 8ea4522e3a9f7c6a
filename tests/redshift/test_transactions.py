"""Changes over the wire: all of a transaction, or nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from spectra_emulator.adapters.redshift.warehouse import Fate, Found
from spectra_emulator.adapters.redshift.wire import Wire
from spectra_emulator.domain.errors import InternalError, InvalidSql
from spectra_emulator.ports import StatementCancelledError, StatementTimeoutError

from tests.emulator import eventually
from tests.redshift.asking import Beside
from tests.redshift.redshift_like import RedshiftLike


@pytest.fixture
def table(redshift: RedshiftLike) -> str:
    """Return the name of an empty table that the tenant may write."""
    redshift.sql(
        "DROP TABLE IF EXISTS public.notes; CREATE TABLE public.notes (n integer); GRANT ALL ON notes TO PUBLIC"
    )
    return "notes"


def changed(redshift: RedshiftLike, wire: Wire, *statements: str, seconds: float = 20) -> tuple[int, ...]:
    timeout = timedelta(seconds=seconds)
    return wire.transaction(redshift.login(), statements, name="change", token="t", timeout=timeout)


def count(redshift: RedshiftLike, table: str) -> int:
    return int(redshift.sql(f"SELECT count(*) FROM {table}"))


def test_each_statement_tells_how_many_rows_it_changed(redshift: RedshiftLike, table: str) -> None:
    statements = (
        "CREATE TEMPORARY TABLE staged (n integer)",
        f"INSERT INTO {table} VALUES (1), (2), (3)",
        f"UPDATE {table} SET n = n + 1 WHERE n > 1",
        f"DELETE FROM {table} WHERE n = 1",
        "DROP TABLE staged",
    )
    assert changed(redshift, redshift.wire(), *statements) == (-1, 3, 2, 1, -1)
    assert count(redshift, table) == 2


def test_a_statement_that_fails_takes_the_others_back(redshift: RedshiftLike, table: str) -> None:
    wire = redshift.wire(1)
    with pytest.raises(InvalidSql, match="division by zero"):
        changed(redshift, wire, f"INSERT INTO {table} VALUES (1)", "SELECT 1/0")
    assert count(redshift, table) == 0
    assert changed(redshift, wire, f"INSERT INTO {table} VALUES (1)") == (1,)


def test_a_timeout_takes_the_others_back(redshift: RedshiftLike, table: str) -> None:
    with pytest.raises(StatementTimeoutError):
        changed(redshift, redshift.wire(), f"INSERT INTO {table} VALUES (1)", "SELECT pg_sleep(60)", seconds=0.5)
    assert count(redshift, table) == 0


def test_a_cancel_takes_the_others_back(redshift: RedshiftLike, table: str) -> None:
    wire = redshift.wire(1)
    running = Beside(lambda: changed(redshift, wire, f"INSERT INTO {table} VALUES (1)", "SELECT pg_sleep(60) AS held"))
    redshift.begins("pg_sleep(60) AS held")
    assert wire.cancel(redshift.login(), "change")
    assert isinstance(running.ended().error, StatementCancelledError)
    assert count(redshift, table) == 0


def test_a_transaction_is_found_and_cancelled_from_another_server(redshift: RedshiftLike) -> None:
    wire, other = redshift.wire(1), redshift.wire(1)
    running = Beside(lambda: changed(redshift, wire, "SELECT pg_sleep(60) AS elsewhere"))
    redshift.begins("pg_sleep(60) AS elsewhere")
    assert other.found(redshift.login(), "change") == Found(Fate.RUNNING)
    assert not other.cancel(redshift.login("tenant-456"), "change")
    assert other.cancel(redshift.login(), "change")
    assert isinstance(running.ended().error, StatementCancelledError)
    assert other.found(redshift.login(), "change") is None


def test_the_session_of_a_transaction_runs_nothing_else(redshift: RedshiftLike) -> None:
    wire = redshift.wire(1)
    changed(redshift, wire, "SET application_name TO 'spent session'")
    wire.query(redshift.login(), "SELECT 1", name="q", timeout=timedelta(seconds=20), begun=lambda: None)
    left = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'spent session'"
    assert eventually(lambda: redshift.sql(left).strip() == "0")


def test_a_lost_connection_takes_the_others_back(redshift: RedshiftLike, table: str) -> None:
    wire = redshift.wire(1)
    running = Beside(lambda: changed(redshift, wire, f"INSERT INTO {table} VALUES (1)", "SELECT pg_sleep(60) AS cut"))
    redshift.begins("pg_sleep(60) AS cut")
    redshift.relay.cut()
    assert isinstance(running.ended().error, InternalError)
    assert count(redshift, table) == 0
