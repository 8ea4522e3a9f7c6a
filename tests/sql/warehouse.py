"""A DuckDB that holds tables made by Redshift's SQL, and what it answers."""

from __future__ import annotations

from functools import cache

import duckdb
from spectra_emulator.domain.catalogue import Catalogue, Column, Table
from spectra_emulator.sql.ddl import script_step
from spectra_emulator.sql.duckdb import Translation, translated
from spectra_emulator.sql.interval_text import interval_text
from spectra_emulator.sql.parsing import parse_one, parse_script
from spectra_emulator.sql.script_steps import key_in_comment
from spectra_emulator.sql.type_names import redshift_type

COLUMNS = """
    SELECT schema_name, table_name, column_name, coalesce(comment, ''), data_type, is_nullable,
        coalesce(nullif(column_default, 'NULL'), '')
    FROM duckdb_columns() WHERE NOT internal ORDER BY schema_name, table_name, column_index
"""
COMMENTS = """
    SELECT schema_name, view_name, coalesce(comment, ''), true FROM duckdb_views() WHERE NOT internal
    UNION ALL SELECT schema_name, table_name, coalesce(comment, ''), false FROM duckdb_tables() WHERE NOT internal
"""
SALES = """
    CREATE TABLE sales (
        id BIGINT NOT NULL PRIMARY KEY, region VARCHAR(20), amount DECIMAL(12,2), qty INTEGER, year SMALLINT,
        code CHAR(3), sold_at TIMESTAMP, day DATE, paid BOOLEAN, ratio DOUBLE PRECISION);
    INSERT INTO sales VALUES
        (1, 'north', 10.00, 3, 2023, 'ab', '2024-01-31 10:11:12.5', '2024-01-31', true, 1.5),
        (2, 'north', 20.50, 4, 2024, 'abc', '2024-02-29 00:00:00', '2024-02-29', false, 2.5),
        (3, 'south ', 5.25, NULL, 2024, NULL, NULL, NULL, NULL, NULL);
    CREATE TABLE orders (id BIGINT, sale_id BIGINT, total DECIMAL(10,2));
    INSERT INTO orders VALUES (1, 1, 7.50), (2, 2, 1.25), (3, 9, 1.00);
    CREATE VIEW big_sales AS SELECT id, amount * 2 AS doubled FROM sales WHERE amount > 6;
"""


class Warehouse:
    """A connection with the schema `public`, read back and written as the engine does."""

    def __init__(self) -> None:
        self.connection = duckdb.connect()
        self.connection.execute("SET TimeZone = 'UTC'")
        self.connection.execute("CREATE SCHEMA public")

    def catalogue(self) -> Catalogue:
        tables: dict[tuple[str, str], list[Column]] = {}
        for schema, table, name, comment, kind, nullable, default in self.connection.execute(COLUMNS).fetchall():
            column = Column(name, comment or redshift_type(kind) or kind, nullable, default)
            tables.setdefault((schema, table), []).append(column)
        kept = {(schema, name): rest for schema, name, *rest in self.connection.execute(COMMENTS).fetchall()}
        return Catalogue(
            {
                place: Table(*place, tuple(columns), key_in_comment(kept[place][0]), kept[place][1], kept[place][0])
                for place, columns in tables.items()
            }
        )

    def run(self, script: str) -> None:
        for statement in parse_script(script):
            for text in script_step(statement, self.catalogue()).statements:
                self.connection.execute(text)

    def translation(self, sql: str) -> Translation:
        return translated(parse_one(sql), self.catalogue())

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        return self.connection.execute(self.translation(sql).sql).fetchall()

    def row(self, sql: str) -> tuple[object, ...]:
        (only,) = self.rows(sql)
        return only

    def texts(self, sql: str) -> list[tuple[str | None, ...]]:
        """Return a query's values as text, an interval's as Redshift writes it."""
        relation = self.connection.sql(self.translation(sql).sql)
        written = (
            interval_text(f"#{place}") if str(kind) == "INTERVAL" else f"CAST(#{place} AS VARCHAR)"
            for place, kind in enumerate(relation.types, 1)
        )
        return relation.project(", ".join(written)).fetchall()

    def text(self, sql: str) -> str | None:
        ((only,),) = self.texts(sql)
        return only

    def engine_types(self, sql: str) -> list[str]:
        return [str(kind) for kind in self.connection.sql(self.translation(sql).sql).types]


@cache
def sales() -> Warehouse:
    """Return the warehouse that tests read and do not change."""
    warehouse = Warehouse()
    warehouse.run(SALES)
    return warehouse
