"""Statements over the wire: what they give, and how they end."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from spectra_emulator.adapters.redshift.warehouse import Result, Warehouse
from spectra_emulator.adapters.redshift.wire import Wire
from spectra_emulator.domain.errors import InternalError, InvalidSql, PayloadTooLarge
from spectra_emulator.ports import StatementCancelledError, StatementTimeoutError

from tests.emulator import eventually
from tests.redshift.asking import Beside
from tests.redshift.redshift_like import RedshiftLike
from tests.requirements import requirement

DRIVERS_LEFT_SOCKET = "Exception ignored in. <ssl.SSLSocket:pytest.PytestUnraisableExceptionWarning"
SLOW = "SELECT pg_sleep(60) AS {}"
ENDED = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep% AS {}%'"


def nothing() -> None:
    """Begin without ado."""


def query(
    redshift: RedshiftLike,
    wire: Warehouse,
    sql: str,
    name: str = "q",
    seconds: float = 20,
    begun: Callable[[], None] = nothing,
) -> Result:
    return wire.query(redshift.login(), sql, name=name, timeout=timedelta(seconds=seconds), begun=begun)


def slow(redshift: RedshiftLike, wire: Wire, name: str, seconds: float = 60) -> Beside:
    """Run a query that does not end by itself, and wait until the server is at it."""
    running = Beside(lambda: query(redshift, wire, SLOW.format(name), name, seconds))
    redshift.begins(f"pg_sleep(60) AS {name}")
    return running


def test_a_query_gives_its_rows_and_redshifts_own_id(redshift: RedshiftLike) -> None:
    result = query(redshift, redshift.wire(), "SELECT id, amount FROM sales ORDER BY id")
    assert [tuple(row) for row in result.rows] == [(1, "10.50"), (2, "20.00")]
    assert [(column.name, column.type) for column in result.columns] == [("id", "INTEGER"), ("amount", "DECIMAL(12,2)")]
    assert result.query_id.isdecimal()


@pytest.mark.parametrize(
    "sql",
    [
        pytest.param("SELECT repeat('x', 65535) AS x FROM generate_series(1, 100000)", id="long values"),
        pytest.param("SELECT NULL AS a, NULL AS b, NULL AS c FROM generate_series(1, 10000000)", id="many values"),
    ],
)
def test_a_result_is_read_no_further_than_the_server_may_hold(redshift: RedshiftLike, sql: str) -> None:
    wire = redshift.wire(1, result_bytes=2**20)
    with pytest.raises(PayloadTooLarge) as raised:
        query(redshift, wire, sql)
    assert raised.value.details == {"max_result_bytes": 2**20}
    redshift.ends("generate_series(1")
    assert query(redshift, wire, "SELECT repeat('x', 1000000) AS x").rows


def test_a_query_that_the_leader_node_alone_ran_has_no_id_of_its_own(redshift: RedshiftLike) -> None:
    wire = redshift.wire(1)
    assert query(redshift, wire, "SELECT 1", "q-1").query_id
    assert not query(redshift, wire, "SELECT 1", "leader-1").query_id


@pytest.mark.parametrize(
    ("sql", "sql_state"),
    [
        pytest.param("INSERT INTO sales (id, tenant_id) VALUES (9, 'x')", "25006", id="insert"),
        pytest.param("SELECT 1; DELETE FROM sales", "42601", id="two statements"),
        pytest.param("SELECT nextval('counted')", "25006", id="a function that writes"),
        pytest.param("COMMIT; DELETE FROM sales", "42601", id="end of the transaction"),
    ],
)
def test_nothing_that_writes_gets_through_even_where_no_guard_stood_before(
    redshift: RedshiftLike, sql: str, sql_state: str
) -> None:
    redshift.sql("CREATE SEQUENCE IF NOT EXISTS public.counted; GRANT ALL ON public.counted, public.sales TO PUBLIC")
    with pytest.raises(InvalidSql) as raised:
        query(redshift, redshift.wire(), sql)
    redshift.sql("REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON public.sales FROM PUBLIC")
    assert raised.value.details["sql_state"] == sql_state


@requirement("QRY-62")
def test_the_server_itself_ends_a_statement_at_its_timeout(redshift: RedshiftLike) -> None:
    wire = redshift.wire(1)
    begun = time.monotonic()
    with pytest.raises(StatementTimeoutError):
        query(redshift, wire, SLOW.format("late"), seconds=0.5)
    assert time.monotonic() - begun < 40
    assert not redshift.running("AS late")
    assert query(redshift, wire, "SELECT 1").rows


def test_a_server_that_answers_no_more_is_waited_for_little_longer_than_the_timeout(
    redshift: RedshiftLike,
) -> None:
    wire = redshift.wire(1, grace_seconds=0.5)
    with redshift.relay.silent("AS silent"), pytest.raises(StatementTimeoutError):
        query(redshift, wire, SLOW.format("silent"), seconds=2)
    redshift.is_sent("AS silent")


def test_a_cancel_ends_the_statement_and_leaves_the_connection_of_use(redshift: RedshiftLike) -> None:
    wire = redshift.wire(1)
    running = slow(redshift, wire, "unwanted")
    assert wire.cancel(redshift.login(), "unwanted")
    assert isinstance(running.ended().error, StatementCancelledError)
    redshift.ends("AS unwanted")
    assert query(redshift, wire, "SELECT 1").rows


def test_the_query_of_another_server_is_left_to_that_one(redshift: RedshiftLike) -> None:
    wire, other = redshift.wire(1), redshift.wire(1)
    running = slow(redshift, wire, "elsewhere")
    assert not other.cancel(redshift.login(), "elsewhere")
    assert redshift.running("AS elsewhere")
    assert wire.cancel(redshift.login(), "elsewhere")
    running.ended()


def test_a_cancel_of_what_does_not_run_does_nothing(redshift: RedshiftLike) -> None:
    assert not redshift.wire().cancel(redshift.login(), "never")


def test_a_cancel_between_two_statements_holds_for_the_next(redshift: RedshiftLike) -> None:
    wire = redshift.wire()

    def cancelled() -> None:
        before = len(redshift.relay.started)
        cancels.append(Beside(lambda: wire.cancel(redshift.login(), "early")))
        assert eventually(lambda: len(redshift.relay.started) > before)

    cancels: list[Beside] = []
    with pytest.raises(StatementCancelledError):
        query(redshift, wire, "SELECT 1", "early", begun=cancelled)
    assert cancels.pop().ended().error is None


def test_what_begun_raises_comes_out_and_nothing_runs(redshift: RedshiftLike) -> None:
    def refused() -> None:
        raise InvalidSql("no more")

    wire = redshift.wire(1)
    with pytest.raises(InvalidSql, match="no more"):
        query(redshift, wire, SLOW.format("refused"), begun=refused)
    assert query(redshift, wire, "SELECT 1").rows


@requirement("QRY-64")
def test_a_connection_lost_in_mid_query_is_an_error_and_the_query_does_not_run_again(redshift: RedshiftLike) -> None:
    wire = redshift.wire(1)
    running = slow(redshift, wire, "cut_off")
    redshift.relay.cut()
    assert isinstance(running.ended().error, InternalError)
    assert query(redshift, wire, "SELECT 1").rows


def test_a_connection_lost_while_it_lay_idle_is_replaced_unnoticed(redshift: RedshiftLike) -> None:
    wire = redshift.wire(1)
    query(redshift, wire, "SELECT 1")
    redshift.relay.cut()
    assert eventually(lambda: not redshift.relay.open_links)
    assert query(redshift, wire, "SELECT 1").rows


@pytest.mark.usefixtures("unconnected")
@pytest.mark.filterwarnings(f"ignore:{DRIVERS_LEFT_SOCKET}")
def test_idle_connections_that_have_fallen_silent_cost_no_more_than_the_timeout(redshift: RedshiftLike) -> None:
    wire = redshift.wire(4)
    running = [slow(redshift, wire, f"kept_{number}", 60) for number in range(3)]
    assert redshift.sql(ENDED.format("kept_")).split() == ["t", "t", "t"]
    assert all(isinstance(each.ended().error, StatementCancelledError) for each in running)
    begun = time.monotonic()
    with redshift.relay.silent(), pytest.raises(StatementTimeoutError):
        query(redshift, wire, "SELECT 1", seconds=2)
    assert time.monotonic() - begun < 20
    assert query(redshift, redshift.wire(1), "SELECT 1").rows


def test_a_session_that_the_server_ends_is_lost(redshift: RedshiftLike) -> None:
    running = slow(redshift, redshift.wire(1), "ended")
    redshift.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep% AS ended%'")
    assert isinstance(running.ended().error, InternalError)


def test_a_tenant_has_no_more_connections_than_it_may_and_another_is_not_kept_waiting(redshift: RedshiftLike) -> None:
    wire = redshift.wire(1)
    running = slow(redshift, wire, "crowded")
    with pytest.raises(StatementTimeoutError):
        query(redshift, wire, "SELECT 1", seconds=0.2)
    other = wire.query(redshift.login("tenant-456"), "SELECT 1", name="o", timeout=timedelta(seconds=10), begun=nothing)
    assert other.rows
    wire.cancel(redshift.login(), "crowded")
    running.ended()


def test_closing_ends_what_runs(redshift: RedshiftLike) -> None:
    wire = redshift.wire()
    running = slow(redshift, wire, "closing")
    wire.close()
    assert isinstance(running.ended().error, StatementCancelledError)
    with pytest.raises(InternalError, match="stopping"):
        query(redshift, wire, "SELECT 1")
