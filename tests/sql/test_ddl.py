"""Scripts of Redshift's DDL and DML, run in DuckDB."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import duckdb
import pytest
from spectra_emulator.domain.catalogue import Catalogue, Column
from spectra_emulator.domain.errors import InvalidSql
from spectra_emulator.sql.ddl import script_step
from spectra_emulator.sql.parsing import parse_one
from spectra_emulator.sql.script_steps import key_in_comment

from tests.sql.warehouse import Warehouse

ITEMS = """
    CREATE TABLE items (
        id BIGINT IDENTITY(10, 5), name VARCHAR(5) NOT NULL ENCODE ZSTD, price DECIMAL(8,2) DEFAULT 1,
        code CHAR(3), note TEXT, PRIMARY KEY (id)
    ) DISTSTYLE KEY DISTKEY (id) COMPOUND SORTKEY (id, name);
"""


@pytest.fixture
def warehouse() -> Warehouse:
    made = Warehouse()
    made.run(ITEMS)
    return made


def columns_of(warehouse: Warehouse, table: str) -> list[tuple[str, str]]:
    found = warehouse.catalogue().table(table)
    return [] if found is None else [(column.name, column.type) for column in found.columns]


def test_a_table_keeps_its_redshift_types(warehouse: Warehouse) -> None:
    assert columns_of(warehouse, "items") == [
        ("id", "BIGINT"),
        ("name", "VARCHAR(5)"),
        ("price", "DECIMAL(8,2)"),
        ("code", "CHAR(3)"),
        ("note", "VARCHAR(256)"),
    ]


def test_identity_and_defaults_fill_what_is_left_out(warehouse: Warehouse) -> None:
    warehouse.run("INSERT INTO items (name) VALUES ('a'), ('b'); INSERT INTO items (name, price) VALUES ('c', DEFAULT)")
    assert warehouse.rows("SELECT id, name, price FROM items ORDER BY id") == [
        (10, "a", 1),
        (15, "b", 1),
        (20, "c", 1),
    ]


@pytest.mark.parametrize("name", ["toolong", "ééé"])
def test_a_string_over_its_bytes_is_refused_as_a_literal(warehouse: Warehouse, name: str) -> None:
    with pytest.raises(InvalidSql, match="Value too long for character type"):
        warehouse.run(f"INSERT INTO items (name) VALUES ('{name}')")


def test_a_string_over_its_bytes_is_refused_from_a_query(warehouse: Warehouse) -> None:
    with pytest.raises(duckdb.ConstraintException, match="strlen"):
        warehouse.run("INSERT INTO items (name) SELECT 'to' || 'olong'")


def test_blanks_over_the_length_are_cut(warehouse: Warehouse) -> None:
    warehouse.run(
        "INSERT INTO items (name, code) VALUES ('abc     ', 'x '); INSERT INTO items (name) SELECT 'd' || '      '"
    )
    assert warehouse.rows("SELECT name, LEN(name), code FROM items ORDER BY id") == [
        ("abc  ", 5, "x"),
        ("d    ", 5, None),
    ]


def test_a_stored_decimal_is_rounded_to_its_scale(warehouse: Warehouse) -> None:
    warehouse.run("INSERT INTO items (name, price) VALUES ('a', 4323.8951)")
    assert warehouse.rows("SELECT price FROM items") == [(Decimal("4323.90"),)]


def test_a_null_in_a_required_column_is_refused(warehouse: Warehouse) -> None:
    with pytest.raises(duckdb.ConstraintException):
        warehouse.run("INSERT INTO items (price) VALUES (1)")


def test_a_primary_key_is_not_enforced_but_kept(warehouse: Warehouse) -> None:
    warehouse.run("CREATE TABLE k (id INT PRIMARY KEY); INSERT INTO k VALUES (1), (1)")
    assert warehouse.rows("SELECT COUNT(*) FROM k") == [(2,)]
    ((comment,),) = warehouse.connection.execute(
        "SELECT comment FROM duckdb_tables() WHERE table_name = 'k'"
    ).fetchall()
    assert key_in_comment(comment) == ("id",)


def test_update_and_delete_join_other_tables(warehouse: Warehouse) -> None:
    warehouse.run("""
        INSERT INTO items (name) VALUES ('a'), ('b'), ('c');
        CREATE TABLE changes AS SELECT 10 AS id, 'x' AS name;
        UPDATE items SET name = changes.name, price = price + 1 FROM changes WHERE items.id = changes.id;
        DELETE FROM items USING changes WHERE items.id = changes.id + 5;
    """)
    assert warehouse.rows("SELECT id, name, price FROM items ORDER BY id") == [(10, "x", 2), (20, "c", 1)]


def test_a_table_made_of_a_query_has_the_types_of_its_columns(warehouse: Warehouse) -> None:
    warehouse.run(
        "CREATE TABLE made AS SELECT name, price / 3 AS third, COUNT(*) AS n, UPPER(name) AS u FROM items GROUP BY 1, 2"
    )
    assert columns_of(warehouse, "made") == [
        ("name", "VARCHAR(5)"),
        ("third", "DECIMAL(19,13)"),
        ("n", "BIGINT"),
        ("u", "VARCHAR(65535)"),
    ]


def test_a_view_has_the_types_of_its_columns(warehouse: Warehouse) -> None:
    warehouse.run("CREATE OR REPLACE VIEW v (twice, t) AS SELECT price * 2, code FROM items")
    assert columns_of(warehouse, "v") == [("twice", "DECIMAL(19,2)"), ("t", "CHAR(3)")]


def test_a_copied_table_has_the_same_columns(warehouse: Warehouse) -> None:
    warehouse.run("CREATE TABLE copy_of (LIKE items)")
    assert columns_of(warehouse, "copy_of") == columns_of(warehouse, "items")


def test_tables_change_and_go(warehouse: Warehouse) -> None:
    warehouse.run("""
        CREATE SCHEMA IF NOT EXISTS other;
        CREATE TABLE other.t (a INT, b DATE);
        ALTER TABLE other.t ADD COLUMN c INT DEFAULT 5;
        ALTER TABLE other.t RENAME COLUMN a TO z;
        ALTER TABLE other.t DROP COLUMN b;
        INSERT INTO other.t (z) VALUES (1);
        DROP TABLE items;
        DROP TABLE IF EXISTS items, nothing;
    """)
    assert warehouse.rows("SELECT * FROM other.t") == [(1, 5)]
    assert list(warehouse.catalogue().tables) == [("other", "t")]


def test_a_truncated_table_is_empty(warehouse: Warehouse) -> None:
    warehouse.run("BEGIN; INSERT INTO items (name) VALUES ('a'); COMMIT; TRUNCATE items")
    assert warehouse.rows("SELECT COUNT(*) FROM items") == [(0,)]


def test_a_table_that_is_there_is_left_or_refused(warehouse: Warehouse) -> None:
    assert script_step(parse_one("CREATE TABLE IF NOT EXISTS items (a INT)"), warehouse.catalogue()).statements == ()
    with pytest.raises(InvalidSql, match='Relation "items" already exists'):
        warehouse.run("CREATE TABLE items (a INT)")


@pytest.mark.parametrize("sql", ["SET TimeZone TO 'UTC'", "SET query_group TO reports", "SET statement_timeout = 0"])
def test_a_setting_that_changes_no_answer_is_taken(sql: str) -> None:
    step = script_step(parse_one(sql), Catalogue())
    assert (step.statements, step.changes_catalogue) == ((), False)


@pytest.mark.parametrize("sql", ["SET timezone TO 'Asia/Tokyo'", "SET datestyle TO 'SQL, DMY'", "SET no_such TO 1"])
def test_a_setting_that_would_change_answers_is_refused(sql: str) -> None:
    with pytest.raises(InvalidSql, match="is not supported by the emulator"):
        script_step(parse_one(sql), Catalogue())


def test_a_step_says_what_it_touches(warehouse: Warehouse) -> None:
    insert = script_step(parse_one("INSERT INTO items (name) VALUES ('a')"), warehouse.catalogue())
    created = script_step(parse_one("CREATE TABLE t (a INT)"), warehouse.catalogue())
    assert (insert.touched, insert.changes_catalogue) == (frozenset({"public.items"}), False)
    assert (created.touched, created.changes_catalogue) == (frozenset(), True)


@pytest.mark.parametrize("sql", ["ANALYZE items", "VACUUM FULL items", "GRANT SELECT ON items TO PUBLIC"])
def test_a_statement_about_upkeep_or_rights_has_no_effect(warehouse: Warehouse, sql: str) -> None:
    assert script_step(parse_one(sql), warehouse.catalogue()).statements == ()


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE EXTERNAL TABLE t (a INT)",
        "CREATE TABLE t (a INT CHECK (a > 1))",
        "CREATE DATABASE d",
        "COPY items FROM 's3://bucket/key'",
        "DROP USER u",
        "INSERT INTO items (nothing) VALUES (1)",
        "INSERT INTO items (name) VALUES (1, 2)",
        "UPDATE items SET nothing = 1",
        "DELETE FROM nothing",
        "CREATE TABLE t AS SELECT 1 AS a, 2 AS a",
    ],
)
def test_what_is_not_covered_or_not_there_is_refused(warehouse: Warehouse, sql: str) -> None:
    with pytest.raises(InvalidSql):
        warehouse.run(sql)


def test_dates_and_numbers_are_stored_as_they_are_written() -> None:
    warehouse = Warehouse()
    warehouse.run(
        "CREATE TABLE d (day DATE, at TIMESTAMP, n NUMERIC(5,1), ok BOOL);"
        "INSERT INTO d VALUES ('2024-02-29', '2024-02-29 10:00', '1.25', 'yes')"
    )
    assert warehouse.rows("SELECT day, n, ok FROM d") == [(date(2024, 2, 29), Decimal("1.3"), True)]


def test_a_catalogue_column_is_nullable_unless_it_is_said(warehouse: Warehouse) -> None:
    table = warehouse.catalogue().table("items")
    assert table is not None
    price = Column("price", "DECIMAL(8,2)", default="CAST(1 AS DECIMAL(8, 2))")
    assert table.columns[1:3] == (Column("name", "VARCHAR(5)", nullable=False), price)
