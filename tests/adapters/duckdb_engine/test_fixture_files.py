"""Fixtures from files."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from spectra_emulator.adapters.duckdb_engine.engine import DuckDbEngine
from spectra_emulator.domain.errors import InternalError

from tests.adapters.duckdb_engine.asking import values

CSV = "id,name,paid\n1,Ann,2.50\n2,,0.75\n"
JSON = '[{"id":1,"name":"Ann","paid":2.5},{"id":2,"name":null,"paid":0.75}]'
JSON_LINES = '{"id":1,"name":"Ann","paid":2.5}\n{"id":2,"paid":0.75}\n'
ROWS = [{"id": 1, "name": "Ann"}, {"id": 2, "name": None}]


def parquet(path: Path) -> None:
    with duckdb.connect() as database:
        database.execute(f"COPY (SELECT unnest([1, 2]) AS id, unnest(['Ann', NULL]) AS name) TO '{path}'")


def names(engine: DuckDbEngine, table: str = "people", tenant_id: str = "tenant-123") -> object:
    return values(engine, tenant_id, f"SELECT id, name FROM {table} ORDER BY id")


@pytest.mark.parametrize(
    ("file", "content"),
    [
        pytest.param("people.csv", CSV, id="CSV"),
        pytest.param("people.json", JSON, id="JSON array"),
        pytest.param("people.json", JSON_LINES, id="JSON lines"),
        pytest.param("10_people.csv", CSV, id="numbered"),
        pytest.param("10-People.CSV", CSV, id="in capitals"),
    ],
)
def test_a_file_of_rows_becomes_the_table_it_is_named_after(
    engine: DuckDbEngine, fixtures: Path, file: str, content: str
) -> None:
    (fixtures / "all" / file).write_text(content)

    assert names(engine) == ROWS


def test_a_parquet_file_becomes_a_table(engine: DuckDbEngine, fixtures: Path) -> None:
    parquet(fixtures / "all" / "people.parquet")

    assert names(engine) == ROWS


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_a_file_of_rows_fills_the_table_that_sql_made(engine: DuckDbEngine, fixtures: Path, kind: str) -> None:
    (fixtures / "all" / "1_tables.sql").write_text("CREATE TABLE people (paid DECIMAL(8,2), name VARCHAR(9), id INT)")
    (fixtures / "all" / f"2_people.{kind}").write_text({"csv": CSV, "json": JSON}[kind])
    table = engine.catalogue("tenant-123").table("people")

    assert table is not None
    assert [column.type for column in table.columns] == ["DECIMAL(8,2)", "VARCHAR(9)", "INTEGER"]
    assert names(engine) == ROWS


def test_sql_files_run_in_the_order_of_their_names(engine: DuckDbEngine, fixtures: Path) -> None:
    (fixtures / "all" / "20_rows.sql").write_text(
        "INSERT INTO people VALUES (1, 'Ann'); INSERT INTO people (id) VALUES (2);"
    )
    (fixtures / "all" / "10_tables.sql").write_text("CREATE TABLE people (id INT, name VARCHAR(9))")

    assert names(engine) == ROWS


def test_a_tenant_s_own_files_come_between_those_of_all(engine: DuckDbEngine, fixtures: Path) -> None:
    (fixtures / "all" / "10_tables.sql").write_text("CREATE TABLE people (id INT, name VARCHAR(9))")
    (fixtures / "tenants" / "tenant-123" / "15_own.sql").write_text("INSERT INTO people VALUES (1, 'Ann')")
    (fixtures / "all" / "20_rows.sql").write_text("INSERT INTO people (id) SELECT id + 1 FROM people")

    assert names(engine) == ROWS


def test_a_tenant_s_own_files_are_its_own(engine: DuckDbEngine, fixtures: Path) -> None:
    (fixtures / "all" / "0_tables.sql").write_text("CREATE TABLE people (id INT, name VARCHAR(9))")
    (fixtures / "tenants" / "tenant-123" / "1_people.csv").write_text(
        CSV.replace(",paid", "").replace(",2.50", "").replace(",0.75", "")
    )

    assert (names(engine), names(engine, tenant_id="tenant-456")) == (ROWS, [])


def test_files_of_other_kinds_are_left_alone(engine: DuckDbEngine, fixtures: Path) -> None:
    (fixtures / "all" / "README.md").write_text("# People")
    (fixtures / "all" / "people.csv").write_text(CSV)

    assert list(engine.catalogue("tenant-123").tables) == [("public", "people")]


@pytest.mark.parametrize(
    ("file", "content"),
    [
        pytest.param("broken.sql", "CREATE TABEL people (id INT)", id="malformed SQL"),
        pytest.param("broken.sql", "INSERT INTO nowhere VALUES (1)", id="unknown table"),
        pytest.param("broken.json", '[{"id":', id="malformed JSON"),
        pytest.param("broken.parquet", "no parquet", id="no Parquet"),
    ],
)
def test_a_file_that_cannot_be_loaded_is_named(engine: DuckDbEngine, fixtures: Path, file: str, content: str) -> None:
    (fixtures / "all" / file).write_text(content)
    with pytest.raises(InternalError, match=file.replace(".", r"\.")):
        engine.catalogue("tenant-123")


@pytest.mark.parametrize("tenant_id", ["..", ".", "Tenant-123", "TENANT-123"])
def test_only_a_folder_of_exactly_its_name_is_a_tenant_s(engine: DuckDbEngine, fixtures: Path, tenant_id: str) -> None:
    for folder in (fixtures, fixtures / "tenants", fixtures / "tenants" / "tenant-123"):
        (folder / "people.csv").write_text(CSV)

    assert engine.catalogue(tenant_id).tables == {}


@pytest.mark.parametrize(
    ("file", "content"),
    [
        pytest.param("broken.json", b'[{"id":', id="malformed JSON"),
        pytest.param("broken.parquet", b"no parquet", id="no Parquet"),
        pytest.param("broken.sql", b"SELECT '\xff'", id="no UTF-8"),
    ],
)
def test_a_client_is_not_told_where_the_fixtures_lie_but_the_log_is(
    engine: DuckDbEngine, fixtures: Path, caplog: pytest.LogCaptureFixture, file: str, content: bytes
) -> None:
    (fixtures / "all" / file).write_bytes(content)
    with pytest.raises(InternalError) as told:
        engine.catalogue("tenant-123")

    assert str(fixtures) not in told.value.message
    assert [str(fixtures / "all" / file) in record.getMessage() for record in caplog.records] == [True]


def test_a_client_is_told_what_is_wrong_with_the_sql_of_a_fixture(engine: DuckDbEngine, fixtures: Path) -> None:
    (fixtures / "all" / "broken.sql").write_text("INSERT INTO nowhere VALUES (1)")
    with pytest.raises(InternalError, match="nowhere"):
        engine.catalogue("tenant-123")


def test_a_corrected_file_is_loaded_by_the_next_request(engine: DuckDbEngine, fixtures: Path) -> None:
    (fixtures / "all" / "people.sql").write_text("CREATE TABLE")
    with pytest.raises(InternalError):
        engine.catalogue("tenant-123")
    (fixtures / "all" / "people.sql").unlink()
    (fixtures / "all" / "people.csv").write_text(CSV)

    assert names(engine) == ROWS
