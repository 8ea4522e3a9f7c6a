"""The catalogue views of Redshift, made of the tenant's own catalogue and of nothing else.

Source: "PG_TABLE_DEF", "SVV_TABLES", "SVV_COLUMNS", "SVV_TABLE_INFO", "SVV_ALL_TABLES", "SVV_ALL_COLUMNS",
"SVV_REDSHIFT_TABLES", "SVV_REDSHIFT_COLUMNS", "Querying the catalog tables".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from spectra_emulator.domain.catalogue import Catalogue, Column, Table
from spectra_emulator.sql import system_columns as tell
from spectra_emulator.sql import system_entries as entries_of
from spectra_emulator.sql.rewrites.context import quoted_name
from spectra_emulator.sql.rewrites.session import DATABASE
from spectra_emulator.sql.system_columns import Tell
from spectra_emulator.sql.system_entries import Entry
from spectra_emulator.sql.type_names import duckdb_type

INFORMATION_SCHEMA = "information_schema"
PG_CATALOG = "pg_catalog"
TEXT = "VARCHAR(65535)"
NAME = "VARCHAR(128)"

Columns = tuple[tuple[str, str, Tell], ...]


@dataclass(frozen=True)
class SystemView:
    """`columns` are (name, Redshift's type, text of the value); `text` is the query that DuckDB runs in its place.

    `shown` is the condition that a row must meet.
    """

    schema: str
    name: str
    entries: Callable[[Catalogue], Iterable[Entry]]
    columns: Columns
    shown: Tell | None = None

    @property
    def table(self) -> Table:
        columns = tuple(Column(name, kind) for name, kind, _ in self.columns)
        return Table(self.schema, self.name, columns, is_view=True)

    def text(self, catalogue: Catalogue) -> str:
        typed = ", ".join(f"CAST(NULL AS {duckdb_type(kind)}) AS {quoted_name(name)}" for name, kind, _ in self.columns)
        rows = (self.row(entry) for entry in self.entries(catalogue))
        return " UNION ALL ".join((f"SELECT {typed} WHERE FALSE", *rows))

    def row(self, entry: Entry) -> str:
        values = ", ".join(text(entry) for _, _, text in self.columns)
        return f"SELECT {values}" + (f" WHERE {self.shown(entry)}" if self.shown else "")


def placed(*names: str) -> Columns:
    """Return the columns that name the database, the schema and the table, or as many as there are names."""
    values = (tell.always(DATABASE), tell.schema_name, tell.table_name)
    return tuple((name, NAME, value) for name, value in zip(names, values, strict=False))


def empty(kind: str, *names: str) -> Columns:
    return tuple((name, kind, tell.nothing) for name in names)


_TABLE = placed("table_catalog", "table_schema", "table_name")
_NAMED_TABLE = placed("database_name", "schema_name", "table_name")
_COLUMN: Columns = (
    *_TABLE,
    ("column_name", NAME, tell.column_name),
    ("ordinal_position", "INTEGER", tell.place),
    ("column_default", TEXT, tell.nothing),
    ("is_nullable", "VARCHAR(3)", tell.yes_or_no),
    ("data_type", NAME, tell.full_type),
    ("character_maximum_length", "INTEGER", tell.length),
)
_NUMERIC: Columns = (
    ("numeric_precision", "INTEGER", tell.precision),
    ("numeric_precision_radix", "INTEGER", tell.radix),
    ("numeric_scale", "INTEGER", tell.scale),
    ("datetime_precision", "INTEGER", tell.moment_precision),
    *empty(NAME, "interval_type", "interval_precision", "character_set_catalog", "character_set_schema"),
    *empty(NAME, "character_set_name", "collation_catalog", "collation_schema", "collation_name"),
)
_ALL_COLUMN: Columns = (
    *_NAMED_TABLE,
    ("column_name", NAME, tell.column_name),
    ("ordinal_position", "INTEGER", tell.place),
)
_CONSTRAINT: Columns = (
    *placed("constraint_catalog", "constraint_schema"),
    ("constraint_name", NAME, tell.key_name),
    *_TABLE,
)

_VIEWS = (
    SystemView(
        INFORMATION_SCHEMA,
        "tables",
        entries_of.tables,
        (
            *_TABLE,
            ("table_type", NAME, tell.base_or_view),
            *empty(NAME, "self_referencing_column_name", "reference_generation", "user_defined_type_catalog"),
            *empty(NAME, "user_defined_type_schema", "user_defined_name"),
        ),
    ),
    SystemView(
        INFORMATION_SCHEMA,
        "columns",
        entries_of.columns,
        (
            *_COLUMN,
            ("character_octet_length", "INTEGER", tell.length),
            *_NUMERIC,
            *empty(NAME, "domain_catalog", "domain_schema", "domain_name"),
            ("udt_catalog", NAME, tell.always(DATABASE)),
            ("udt_schema", NAME, tell.always(PG_CATALOG)),
            ("udt_name", NAME, tell.internal_type),
            *empty(NAME, "scope_catalog", "scope_schema", "scope_name", "maximum_cardinality"),
            ("dtd_identifier", NAME, lambda entry: f"'{entry.place}'"),
            ("is_self_referencing", "VARCHAR(3)", tell.always("NO")),
        ),
    ),
    SystemView(
        INFORMATION_SCHEMA,
        "schemata",
        entries_of.schemas,
        (
            *placed("catalog_name", "schema_name"),
            *empty(NAME, "schema_owner", "default_character_set_catalog", "default_character_set_schema"),
            *empty(NAME, "default_character_set_name", "sql_path"),
        ),
    ),
    SystemView(
        INFORMATION_SCHEMA,
        "views",
        entries_of.views,
        (
            *_TABLE,
            ("view_definition", TEXT, tell.nothing),
            ("check_option", NAME, tell.always("NONE")),
            ("is_updatable", "VARCHAR(3)", tell.always("NO")),
        ),
    ),
    SystemView(
        INFORMATION_SCHEMA,
        "table_constraints",
        entries_of.keyed_tables,
        (
            *_CONSTRAINT,
            ("constraint_type", NAME, tell.always("PRIMARY KEY")),
            ("is_deferrable", "VARCHAR(3)", tell.always("NO")),
            ("initially_deferred", "VARCHAR(3)", tell.always("NO")),
        ),
    ),
    SystemView(
        INFORMATION_SCHEMA,
        "key_column_usage",
        entries_of.key_columns,
        (
            *_CONSTRAINT,
            ("column_name", NAME, tell.column_name),
            ("ordinal_position", "INTEGER", tell.key_place),
        ),
    ),
    SystemView(
        PG_CATALOG,
        "pg_table_def",
        entries_of.columns_on_the_search_path,
        (
            ("schemaname", NAME, tell.schema_name),
            ("tablename", NAME, tell.table_name),
            ("column", NAME, tell.column_name),
            ("type", TEXT, tell.measured_type),
            ("encoding", TEXT, tell.always("none")),
            ("distkey", "BOOLEAN", tell.no),
            ("sortkey", "INTEGER", tell.zero),
            ("notnull", "BOOLEAN", tell.required),
        ),
    ),
    SystemView(
        PG_CATALOG,
        "svv_tables",
        entries_of.tables,
        (*_TABLE, ("table_type", NAME, tell.base_or_view), ("remarks", TEXT, tell.nothing)),
    ),
    SystemView(
        PG_CATALOG,
        "svv_columns",
        entries_of.columns,
        (*_COLUMN, *_NUMERIC, ("domain_name", NAME, tell.nothing), ("remarks", TEXT, tell.nothing)),
    ),
    SystemView(
        PG_CATALOG,
        "svv_table_info",
        entries_of.base_tables,
        (
            *placed("database", "schema"),
            *empty("BIGINT", "table_id"),
            ("table", NAME, tell.table_name),
            *empty(TEXT, "encoded", "diststyle", "sortkey1"),
            ("max_varchar", "INTEGER", tell.longest_varchar),
            *empty("CHAR(32)", "sortkey1_enc"),
            ("sortkey_num", "INTEGER", tell.zero),
            *empty("BIGINT", "size"),
            *empty("DECIMAL(10,4)", "pct_used"),
            *empty("BIGINT", "empty"),
            *empty("DECIMAL(5,2)", "unsorted", "stats_off"),
            ("tbl_rows", "DECIMAL(38,0)", tell.row_count),
            *empty("DECIMAL(19,2)", "skew_sortkey1", "skew_rows"),
            ("estimated_visible_rows", "DECIMAL(38,0)", tell.row_count),
            *empty(TEXT, "risk_event"),
            *empty("DECIMAL(12,2)", "vacuum_sort_benefit"),
            *empty("TIMESTAMP", "create_time"),
        ),
        tell.any_row,
    ),
    SystemView(
        PG_CATALOG,
        "svv_all_tables",
        entries_of.tables,
        (
            *_NAMED_TABLE,
            ("table_acl", NAME, tell.nothing),
            ("table_type", NAME, tell.table_or_view),
            ("remarks", NAME, tell.nothing),
        ),
    ),
    SystemView(
        PG_CATALOG,
        "svv_redshift_tables",
        entries_of.tables,
        (
            *_NAMED_TABLE,
            ("table_type", NAME, tell.table_or_view),
            ("table_acl", NAME, tell.nothing),
            ("remarks", NAME, tell.nothing),
        ),
    ),
    SystemView(
        PG_CATALOG,
        "svv_all_columns",
        entries_of.columns,
        (
            *_ALL_COLUMN,
            ("column_default", TEXT, tell.nothing),
            ("is_nullable", "VARCHAR(3)", tell.yes_or_no),
            ("data_type", NAME, tell.full_type),
            ("character_maximum_length", "INTEGER", tell.length),
            ("numeric_precision", "INTEGER", tell.precision),
            ("numeric_scale", "INTEGER", tell.scale),
            ("remarks", NAME, tell.nothing),
        ),
    ),
    SystemView(
        PG_CATALOG,
        "svv_redshift_columns",
        entries_of.columns,
        (
            *_ALL_COLUMN,
            ("data_type", NAME, tell.measured_type),
            ("column_default", TEXT, tell.nothing),
            ("is_nullable", "VARCHAR(3)", tell.yes_or_no),
            ("encoding", NAME, tell.always("none")),
            ("distkey", "BOOLEAN", tell.no),
            ("sortkey", "INTEGER", tell.zero),
            ("column_acl", NAME, tell.nothing),
            ("remarks", NAME, tell.nothing),
        ),
    ),
)

SYSTEM_VIEWS: Mapping[tuple[str, str], SystemView] = MappingProxyType(
    {(view.schema, view.name): view for view in _VIEWS}
)


def system_view(schema: str | None, name: str) -> SystemView | None:
    """Return the view of that name, found before any table of the tenant where no schema is named."""
    return SYSTEM_VIEWS.get((schema or PG_CATALOG, name))
