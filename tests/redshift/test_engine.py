"""The engine that the service sees, over the wire."""

from __future__ import annotations

import json
from typing import Any

import pytest
from spectra_emulator.adapters.redshift.engine import RedshiftEngine
from spectra_emulator.domain.errors import Forbidden, InternalError, InvalidSql
from spectra_emulator.ports import StatementTimeoutError
from spectra_emulator.sql.limit import capped
from spectra_emulator.sql.parsing import parse_script

from tests.redshift.asking import asked, rows
from tests.redshift.redshift_like import RedshiftLike
from tests.requirements import requirement


@pytest.fixture(scope="module")
def engine(redshift: RedshiftLike) -> RedshiftEngine:
    return redshift.engine()


@requirement("QRY-20", "QRY-21", "QRY-22", "QRY-23")
def test_a_query_answers_as_the_service_gives_it_on(engine: RedshiftEngine) -> None:
    answer = asked(engine, "SELECT id, region, sold_at FROM sales WHERE amount > 5 ORDER BY id")
    assert answer.columns == ("id", "region", "sold_at")
    assert answer.column_types == ("INTEGER", "VARCHAR", "TIMESTAMP")
    assert (answer.row_count, answer.total_rows) == (2, 2)
    assert answer.query_id.isdecimal()
    first, second = json.loads(answer.rows_json)
    assert first == {"id": 1, "region": "north", "sold_at": "2024-01-15T10:00:00"}
    assert second == {"id": 2, "region": "south", "sold_at": None}


@requirement("QRY-24", "QRY-40", "QRY-43")
def test_the_cap_cuts_in_the_order_that_was_asked_for_and_all_rows_are_counted(engine: RedshiftEngine) -> None:
    answer = asked(engine, "SELECT n FROM numbers ORDER BY n DESC", cap=3)
    assert answer.rows_json == b'[{"n":500},{"n":499},{"n":498}]'
    assert (answer.row_count, answer.total_rows, answer.truncated) == (3, 500, True)


@requirement("QRY-40", "QRY-41", "QRY-42")
@pytest.mark.parametrize(
    ("sql", "sent"),
    [
        pytest.param("SELECT id FROM sales", "SELECT id FROM sales LIMIT 11", id="none"),
        pytest.param("SELECT id FROM sales ORDER BY id", "SELECT id FROM sales ORDER BY id LIMIT 11", id="ordered"),
        pytest.param("SELECT id FROM sales LIMIT 5", "SELECT id FROM sales LIMIT 5", id="lower"),
        pytest.param("SELECT id FROM sales LIMIT 50 OFFSET 2", "SELECT id FROM sales LIMIT 11 OFFSET 2", id="higher"),
        pytest.param("SELECT TOP 5 id FROM sales", "SELECT id FROM sales LIMIT 5", id="top"),
        pytest.param("SELECT count(*) FROM sales", "SELECT count(*) FROM sales", id="one row"),
    ],
)
def test_a_limit_is_sent_with_every_query_that_could_give_many_rows(
    engine: RedshiftEngine, sql: str, sent: str
) -> None:
    query = engine.prepare("tenant-123", capped(parse_script(sql)[0], 10))
    assert query.sql.lower() == sent.lower()


@requirement("QRY-60", "QRY-63")
@pytest.mark.parametrize(
    ("sql", "sql_state", "position"),
    [
        pytest.param("SELECT id, nope FROM sales", "42703", 12, id="column"),
        pytest.param("SELECT id FROM  nowhere", "42P01", 17, id="table"),
        pytest.param(
            "SELECT nope FROM (SELECT id AS nope FROM sales) AS y WHERE x.nope = 1", "42P01", 60, id="qualifier"
        ),
        pytest.param("SELECT 1 / 0 AS x", "22012", None, id="division by zero"),
        pytest.param("SELECT CAST('a' AS INTEGER)", "22P02", None, id="cast"),
        pytest.param("SELECT * FROM pg_authid", "42501", None, id="permission"),
    ],
)
def test_an_error_names_its_state_and_where_it_is_in_the_clients_text(
    engine: RedshiftEngine, sql: str, sql_state: str, position: int | None
) -> None:
    with pytest.raises(InvalidSql) as raised:
        asked(engine, sql)
    assert raised.value.details["sql_state"] == sql_state
    assert raised.value.details.get("position") == position
    assert "sent_position" not in raised.value.details


def test_row_level_security_decides_what_a_tenant_sees(engine: RedshiftEngine) -> None:
    sql = "SELECT id FROM sales ORDER BY id"
    assert rows(engine, sql) == [{"id": 1}, {"id": 2}]
    assert rows(engine, sql, "tenant-456") == [{"id": 3}]
    assert asked(engine, "SELECT count(*) AS n FROM sales", tenant_id="tenant-456").rows_json == b'[{"n":1}]'


@pytest.mark.usefixtures("unconnected")
@pytest.mark.parametrize("tenant_id", ["unknown", "Tenant-123"])
def test_a_tenant_without_a_user_of_its_own_gets_nothing(engine: RedshiftEngine, tenant_id: str) -> None:
    with pytest.raises((InternalError, Forbidden)):
        asked(engine, "SELECT 1", tenant_id=tenant_id)


def test_the_tables_are_those_that_the_tenants_user_sees(redshift: RedshiftLike, engine: RedshiftEngine) -> None:
    redshift.sql("CREATE TABLE IF NOT EXISTS public.hidden (id integer)")
    catalogue = engine.catalogue("tenant-123")
    sales = catalogue.table("SALES")
    assert sales is not None
    kinds: dict[str, Any] = {column.name: (column.type, column.nullable) for column in sales.columns}
    assert kinds == {
        "id": ("INTEGER", False),
        "tenant_id": ("VARCHAR(64)", False),
        "region": ("VARCHAR(32)", True),
        "amount": ("DECIMAL(12,2)", True),
        "sold_at": ("TIMESTAMP", True),
    }
    assert sales.primary_key == ("id",)
    regions = catalogue.table("regions")
    assert regions is not None
    assert regions.is_view
    assert catalogue.table("hidden") is None


def test_what_only_the_embedded_engine_does_is_refused(engine: RedshiftEngine) -> None:
    for act in (
        lambda: engine.run_script("t", []),
        lambda: engine.reset("t"),
        lambda: engine.remove("t"),
        engine.fresh,
    ):
        with pytest.raises(Forbidden, match="fronts a warehouse"):
            act()


def test_being_ready_means_that_the_warehouse_answers(engine: RedshiftEngine) -> None:
    engine.build(["tenant-123"])
    with pytest.raises(InternalError):
        engine.build(["nobody"])
    assert engine.tenant_ids() == ()


@requirement("QRY-62")
def test_the_timeout_is_one_for_the_query_and_its_count(redshift: RedshiftLike, engine: RedshiftEngine) -> None:
    redshift.sql(
        "CREATE OR REPLACE VIEW slow_count AS"
        " SELECT n, CASE WHEN n = 500 THEN pg_sleep(60)::text END AS x FROM numbers;"
        "GRANT SELECT ON slow_count TO PUBLIC"
    )
    with pytest.raises(StatementTimeoutError):
        asked(engine, "SELECT n FROM slow_count WHERE x IS NULL ORDER BY n", cap=2, seconds=1)
