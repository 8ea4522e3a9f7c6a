"""The embedded engine as the services see it."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from spectra_emulator.adapters.duckdb_engine.engine import DuckDbEngine
from spectra_emulator.domain.catalogue import Column
from spectra_emulator.domain.errors import InvalidSql
from spectra_emulator.domain.sql_rules import SqlRules
from spectra_emulator.ports import StatementCancelledError, StatementTimeoutError
from spectra_emulator.sql.guard import parse_read_only
from spectra_emulator.sql.limit import capped

from tests.adapters.duckdb_engine.asking import answer, script, seconds_from_now, values
from tests.adapters.duckdb_engine.conftest import LIMITS, Engines
from tests.requirements import requirement

ALL = """
    CREATE TABLE sales (id BIGINT PRIMARY KEY, region VARCHAR(16) NOT NULL, amount DECIMAL(12,2), day DATE);
    INSERT INTO sales VALUES (1, 'north', 10.50, '2024-01-15'), (2, 'south', 0.25, NULL), (3, 'north', NULL, NULL);
    CREATE TABLE numbers (n INT);
    INSERT INTO numbers VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9);
"""
ENDLESS = (
    "SELECT count(*) AS n FROM " + ", ".join(f"numbers t{place}" for place in range(11)) + " WHERE t0.n + t10.n < 0"
)
HELD_LONG = 30.0
BRIEF = timedelta(seconds=0.3)


@pytest.fixture(autouse=True)
def tables(fixtures: Path) -> None:
    (fixtures / "all" / "tables.sql").write_text(ALL)
    (fixtures / "tenants" / "tenant-123" / "x.sql").write_text("INSERT INTO sales VALUES (4, 'secret', 1.00, NULL)")


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(16) as pool:
        yield pool


def worker_process(engine: DuckDbEngine, tenant_id: str) -> int:
    return int(engine._worker(engine._database(tenant_id))._pid)  # noqa: SLF001 - a test that kills the process must know it


def open_workers(engine: DuckDbEngine) -> list[str]:
    databases = engine._databases.items()  # noqa: SLF001 - no caller sees which processes live
    return sorted(tenant_id for tenant_id, database in databases if database.open)


def test_what_64_bits_do_not_hold_is_computed_in_full(engine: DuckDbEngine) -> None:
    script(engine, "tenant-123", "CREATE TABLE long (n DECIMAL(12,2)); INSERT INTO long VALUES (9999999999.99), (0.01)")
    sql = capped(parse_read_only("SELECT SUM(n * n) AS v FROM long", SqlRules()), 100)
    query = engine.prepare("tenant-123", sql)
    answers = [query.run(str(number), 100, timedelta(seconds=60), lambda: None).rows_json for number in range(2)]
    assert answers == [b'[{"v":99999999999800000000.0002}]'] * 2
    assert query.failed.is_set()


@requirement("QRY-20", "QRY-21", "QRY-22", "QRY-23", "TYP-01")
def test_a_query_answers_rows_with_redshift_s_names_and_types(engine: DuckDbEngine) -> None:
    rows = answer(engine, "tenant-123", "SELECT id, region, amount, day FROM sales WHERE id = 1")

    assert rows.rows_json == b'[{"id":1,"region":"north","amount":10.50,"day":"2024-01-15"}]'
    assert (rows.columns, rows.row_count) == (("id", "region", "amount", "day"), 1)
    assert rows.column_types == ("BIGINT", "VARCHAR", "DECIMAL", "DATE")


@requirement("QRY-24", "QRY-25", "QRY-43")
@pytest.mark.parametrize(
    ("cap", "row_count", "truncated"), [(3, 3, True), (4, 4, False), (5, 4, False)], ids=["cut", "exact", "whole"]
)
def test_the_total_is_exact_whether_cut_or_not(engine: DuckDbEngine, cap: int, row_count: int, truncated: bool) -> None:
    rows = answer(engine, "tenant-123", "SELECT id FROM sales ORDER BY id", cap=cap)

    assert (rows.row_count, rows.total_rows, rows.truncated) == (row_count, 4, truncated)


@requirement("TEN-01", "TEN-07")
def test_a_tenant_sees_its_own_rows_only(engine: DuckDbEngine) -> None:
    script(engine, "tenant-123", "CREATE TABLE mine (n INT)")

    assert values(engine, "tenant-456", "SELECT id FROM sales WHERE region = 'secret'") == []
    with pytest.raises(InvalidSql):
        values(engine, "tenant-456", "SELECT n FROM mine")


def test_the_catalogue_carries_redshift_types(engine: DuckDbEngine) -> None:
    table = engine.catalogue("tenant-123").table("sales")

    assert table is not None
    assert table.primary_key == ("id",)
    assert table.columns == (
        Column("id", "BIGINT", nullable=False),
        Column("region", "VARCHAR(16)", nullable=False),
        Column("amount", "DECIMAL(12,2)"),
        Column("day", "DATE"),
    )


def test_a_script_s_rows_are_counted_and_seen(engine: DuckDbEngine) -> None:
    assert (
        script(engine, "tenant-123", "DELETE FROM sales WHERE region = 'north'; INSERT INTO numbers VALUES (10)") == 3
    )
    assert values(engine, "tenant-123", "SELECT count(*) AS n FROM sales") == [{"n": 2}]


def test_a_script_that_fails_changes_nothing(engine: DuckDbEngine) -> None:
    before = engine.catalogue("tenant-123")
    with pytest.raises(InvalidSql):
        script(engine, "tenant-123", "DELETE FROM sales; CREATE TABLE extra (n INT); INSERT INTO sales VALUES (1)")

    assert values(engine, "tenant-123", "SELECT count(*) AS n FROM sales") == [{"n": 4}]
    assert engine.catalogue("tenant-123").tables == before.tables


def test_a_script_that_changes_tables_gives_the_catalogue_a_new_version(engine: DuckDbEngine) -> None:
    before = engine.catalogue("tenant-123")
    script(engine, "tenant-123", "CREATE TABLE extra (n INT)")

    assert engine.catalogue("tenant-123").version > before.version
    assert values(engine, "tenant-123", "SELECT n FROM extra") == []


def test_a_script_runs_on_the_only_lane(engines: Engines) -> None:
    assert script(engines(replace(LIMITS, lanes=1)), "tenant-123", "DELETE FROM numbers") == 10


def test_a_reset_restores_written_tables(engine: DuckDbEngine) -> None:
    script(engine, "tenant-123", "DELETE FROM sales; DROP TABLE numbers; CREATE TABLE extra (n INT)")
    engine.reset("tenant-123")

    assert values(engine, "tenant-123", "SELECT count(*) AS n FROM sales") == [{"n": 4}]
    assert {name for _, name in engine.catalogue("tenant-123").tables} == {"sales", "numbers"}


def test_a_reset_leaves_other_tenants_alone(engine: DuckDbEngine) -> None:
    script(engine, "tenant-456", "DELETE FROM sales")
    engine.reset("tenant-123")

    assert values(engine, "tenant-456", "SELECT count(*) AS n FROM sales") == [{"n": 0}]


def test_what_was_written_is_there_for_the_next_server(engines: Engines) -> None:
    first = engines()
    script(first, "tenant-123", "DELETE FROM sales WHERE id = 1")
    first.close()
    second = engines()

    assert second.tenant_ids() == ("tenant-123",)
    assert values(second, "tenant-123", "SELECT count(*) AS n FROM sales") == [{"n": 3}]


@requirement("QRY-04")
def test_a_query_beyond_its_time_is_ended(engine: DuckDbEngine) -> None:
    began = time.monotonic()
    with pytest.raises(StatementTimeoutError):
        answer(engine, "tenant-123", ENDLESS, timeout=BRIEF)

    assert time.monotonic() - began < HELD_LONG
    assert values(engine, "tenant-123", "SELECT 1 AS n") == [{"n": 1}]


def test_a_query_whose_worker_dies_is_asked_again(engine: DuckDbEngine) -> None:
    process = worker_process(engine, "tenant-123")
    os.kill(process, signal.SIGKILL)

    assert values(engine, "tenant-123", "SELECT count(*) AS n FROM sales") == [{"n": 4}]
    assert worker_process(engine, "tenant-123") != process


def test_queries_beside_one_that_ends_the_worker_are_answered(
    engine: DuckDbEngine, threads: ThreadPoolExecutor
) -> None:
    slow = "SELECT count(*) AS n FROM " + ", ".join(f"numbers t{place}" for place in range(7))
    asked = [threads.submit(answer, engine, "tenant-123", slow, query_id=f"q{number}") for number in range(4)]
    os.kill(worker_process(engine, "tenant-123"), signal.SIGKILL)

    assert [each.result(HELD_LONG).rows_json for each in asked] == [b'[{"n":10000000}]'] * 4


@requirement("JOB-30")
def test_a_running_query_is_cancelled(engine: DuckDbEngine, threads: ThreadPoolExecutor) -> None:
    asked = threads.submit(answer, engine, "tenant-123", ENDLESS, query_id="endless")
    patience = seconds_from_now(HELD_LONG)
    while not engine.cancel("tenant-123", "endless") and time.monotonic() < patience:
        time.sleep(0.01)

    assert isinstance(asked.exception(HELD_LONG), StatementCancelledError)
    assert values(engine, "tenant-123", "SELECT 1 AS n") == [{"n": 1}]


@requirement("JOB-30")
def test_a_query_can_be_cancelled_from_the_moment_that_it_is_told_of(engine: DuckDbEngine) -> None:
    def cancel() -> None:
        assert engine.cancel("tenant-123", "early")

    with pytest.raises(StatementCancelledError):
        answer(engine, "tenant-123", "SELECT 1 AS n", query_id="early", begun=cancel)


@requirement("JOB-30")
def test_a_query_that_waits_for_a_lane_is_cancelled_before_it_runs(
    engines: Engines, threads: ThreadPoolExecutor
) -> None:
    engine = engines(replace(LIMITS, lanes=1))
    engine.catalogue("tenant-123")
    with engine._worker(engine._database("tenant-123")).lane():  # noqa: SLF001 - the one lane must be taken
        asked = threads.submit(answer, engine, "tenant-123", ENDLESS, query_id="waiting")
        patience = seconds_from_now(HELD_LONG)
        while not engine.cancel("tenant-123", "waiting") and time.monotonic() < patience:
            time.sleep(0.01)

    assert isinstance(asked.exception(HELD_LONG), StatementCancelledError)


def test_a_query_that_no_longer_runs_cannot_be_cancelled(engine: DuckDbEngine) -> None:
    answer(engine, "tenant-123", "SELECT 1 AS n", query_id="done")

    assert not engine.cancel("tenant-123", "done")


def test_the_longest_unused_tenant_makes_room_for_the_next(engines: Engines) -> None:
    engine = engines(max_workers=2)
    for tenant_id in ("tenant-1", "tenant-2", "tenant-1", "tenant-3"):
        values(engine, tenant_id, "SELECT 1 AS n")

    assert open_workers(engine) == ["tenant-1", "tenant-3"]


def test_a_tenant_that_made_room_comes_back_as_it_was(engines: Engines) -> None:
    engine = engines(max_workers=1)
    script(engine, "tenant-1", "DELETE FROM sales")
    values(engine, "tenant-2", "SELECT 1 AS n")

    assert open_workers(engine) == ["tenant-2"]
    assert values(engine, "tenant-1", "SELECT count(*) AS n FROM sales") == [{"n": 0}]


def test_a_busy_tenant_makes_no_room(engines: Engines) -> None:
    engine = engines(max_workers=1)
    with engine._worker(engine._database("tenant-1")).lane():  # noqa: SLF001 - the tenant must be busy
        assert values(engine, "tenant-2", "SELECT 1 AS n") == [{"n": 1}]
        assert open_workers(engine) == ["tenant-1", "tenant-2"]


def test_many_at_once_get_their_own_answers(engine: DuckDbEngine, threads: ThreadPoolExecutor) -> None:
    def asked(number: int) -> object:
        tenant_id = f"tenant-{number % 3}"
        return values(engine, tenant_id, f"SELECT count(*) + {number} AS n FROM sales")

    assert list(threads.map(asked, range(150))) == [[{"n": 3 + number}] for number in range(150)]


def test_a_closed_engine_leaves_no_process(engine: DuckDbEngine) -> None:
    folder = Path(f"/proc/{worker_process(engine, 'tenant-123')}")
    engine.close()
    patience = seconds_from_now(HELD_LONG)
    while folder.exists() and time.monotonic() < patience:
        time.sleep(0.01)

    assert not folder.exists()


def test_statements_that_fill_the_memory_leave_a_tenant_that_answers(engines: Engines) -> None:
    engine = engines(limits=replace(LIMITS, memory_bytes=160 * 2**20))
    crossed = ", ".join(f"numbers t{place}" for place in range(6))
    digits = " + ".join(f"t{place}.n * {10**place}" for place in range(6))
    heavy = f"SELECT COUNT(DISTINCT {digits}) AS n FROM {crossed}"
    median = f"SELECT MEDIAN({digits}) AS n FROM {crossed}"

    found = [values(engine, "tenant-123", sql) for _ in range(2) for sql in (heavy, median, "SELECT 1 AS n")]

    assert found == [[{"n": 1_000_000}], [{"n": 499_999.5}], [{"n": 1}]] * 2


def test_a_statement_that_wants_too_much_memory_fails_alone(engines: Engines) -> None:
    engine = engines(limits=replace(LIMITS, memory_bytes=160 * 2**20))
    crossed = ", ".join(f"numbers t{place}" for place in range(8))
    before = worker_process(engine, "tenant-123")
    with pytest.raises(InvalidSql, match="setting statement_memory_bytes, --statement-memory-bytes"):
        answer(engine, "tenant-123", f"SELECT MEDIAN(t0.n + t7.n) AS n FROM {crossed}")

    assert worker_process(engine, "tenant-123") != before
    assert values(engine, "tenant-123", "SELECT 1 AS n") == [{"n": 1}]


def test_a_statement_beside_one_that_fills_the_memory_is_answered(engines: Engines) -> None:
    engine = engines(limits=replace(LIMITS, memory_bytes=160 * 2**20))
    crossed = ", ".join(f"numbers t{place}" for place in range(8))
    hungry = f"SELECT MEDIAN(t0.n + t7.n) AS n FROM {crossed}"
    modest = "SELECT COUNT(DISTINCT t0.n * 10 + t1.n) AS n FROM numbers t0, numbers t1"
    with ThreadPoolExecutor() as pool:
        too_much = [pool.submit(answer, engine, "tenant-123", hungry) for _ in range(2)]
        found = [values(engine, "tenant-123", modest) for _ in range(40)]

    assert found == [[{"n": 100}]] * 40
    assert {type(each.exception()) for each in too_much} == {InvalidSql}
