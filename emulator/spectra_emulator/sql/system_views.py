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
FLAG = "VARCHAR(3)"

Columns = tuple[tuple[str, str, Tell], ...]
Entries = Callable[[Catalogue], Iterable[Entry]]


@dataclass(frozen=True)
class SystemView:
    """`columns` are (name, Redshift's type, text of the value); `text` is the query that DuckDB runs in its place.

    `shown` is the condition that a row must meet.
    """

    schema: str
    name: str
    entries: Entries
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


WITHOUT_VALUE: Mapping[str, str] = {
    NAME: """
        self_referencing_column_name reference_generation user_defined_type_catalog user_defined_type_schema
        user_defined_name interval_type interval_precision character_set_catalog character_set_schema
        character_set_name collation_catalog collation_schema collation_name domain_catalog domain_schema domain_name
        scope_catalog scope_schema scope_name maximum_cardinality schema_owner default_character_set_catalog
        default_character_set_schema default_character_set_name sql_path table_acl column_acl remarks
    """,
    TEXT: "column_default view_definition encoded diststyle sortkey1 risk_event",
    "BIGINT": "table_id size empty",
    "CHAR(32)": "sortkey1_enc",
    "DECIMAL(10,4)": "pct_used",
    "DECIMAL(5,2)": "unsorted stats_off",
    "DECIMAL(19,2)": "skew_sortkey1 skew_rows",
    "DECIMAL(12,2)": "vacuum_sort_benefit",
    "TIMESTAMP": "create_time",
}
"""The columns that the emulator has nothing to tell in, by their type."""

KNOWN: Mapping[str, tuple[str, Tell]] = {
    **{name: (kind, tell.nothing) for kind, names in WITHOUT_VALUE.items() for name in names.split()},
    **dict.fromkeys(
        ("table_catalog", "constraint_catalog", "catalog_name", "database_name", "database", "udt_catalog"),
        (NAME, tell.always(DATABASE)),
    ),
    **dict.fromkeys(
        ("table_schema", "constraint_schema", "schema_name", "schema", "schemaname"), (NAME, tell.schema_name)
    ),
    **dict.fromkeys(("table_name", "table", "tablename"), (NAME, tell.table_name)),
    **dict.fromkeys(("column_name", "column"), (NAME, tell.column_name)),
    **dict.fromkeys(("character_maximum_length", "character_octet_length"), ("INTEGER", tell.length)),
    **dict.fromkeys(("is_deferrable", "initially_deferred", "is_self_referencing"), (FLAG, tell.always("NO"))),
    **dict.fromkeys(("tbl_rows", "estimated_visible_rows"), ("DECIMAL(38,0)", tell.row_count)),
    **dict.fromkeys(("sortkey", "sortkey_num"), ("INTEGER", tell.zero)),
    "table_type": (NAME, tell.base_or_view),
    "ordinal_position": ("INTEGER", tell.place),
    "is_nullable": (FLAG, tell.yes_or_no),
    "data_type": (NAME, tell.full_type),
    "numeric_precision": ("INTEGER", tell.precision),
    "numeric_precision_radix": ("INTEGER", tell.radix),
    "numeric_scale": ("INTEGER", tell.scale),
    "datetime_precision": ("INTEGER", tell.moment_precision),
    "udt_schema": (NAME, tell.always(PG_CATALOG)),
    "udt_name": (NAME, tell.internal_type),
    "dtd_identifier": (NAME, tell.quoted_place),
    "check_option": (NAME, tell.always("NONE")),
    "is_updatable": (FLAG, tell.always("NO")),
    "constraint_name": (NAME, tell.key_name),
    "constraint_type": (NAME, tell.always("PRIMARY KEY")),
    "type": (TEXT, tell.measured_type),
    "encoding": (TEXT, tell.always("none")),
    "distkey": ("BOOLEAN", tell.no),
    "notnull": ("BOOLEAN", tell.required),
    "max_varchar": ("INTEGER", tell.longest_varchar),
}
"""A column's type and what tells it; a view that has another says so."""


def columns(names: str, **own: tuple[str, Tell]) -> Columns:
    known = {**KNOWN, **own}
    return tuple((name, *known[name]) for name in names.split())


TABLE = "table_catalog table_schema table_name"
NAMED_TABLE = "database_name schema_name table_name"
COLUMN = f"{TABLE} column_name ordinal_position column_default is_nullable data_type character_maximum_length"
NUMERIC = """
    numeric_precision numeric_precision_radix numeric_scale datetime_precision interval_type interval_precision
    character_set_catalog character_set_schema character_set_name collation_catalog collation_schema collation_name
"""
CONSTRAINT = f"constraint_catalog constraint_schema constraint_name {TABLE}"
LONG_REMARKS = (TEXT, tell.nothing)
TABLE_OR_VIEW = (NAME, tell.table_or_view)

_INFORMATION_SCHEMA: Mapping[str, tuple[Entries, Columns]] = {
    "tables": (
        entries_of.tables,
        columns(f"""{TABLE} table_type self_referencing_column_name reference_generation user_defined_type_catalog
            user_defined_type_schema user_defined_name"""),
    ),
    "columns": (
        entries_of.columns,
        columns(f"""{COLUMN} character_octet_length {NUMERIC} domain_catalog domain_schema domain_name udt_catalog
            udt_schema udt_name scope_catalog scope_schema scope_name maximum_cardinality dtd_identifier
            is_self_referencing"""),
    ),
    "schemata": (
        entries_of.schemas,
        columns("""catalog_name schema_name schema_owner default_character_set_catalog default_character_set_schema
            default_character_set_name sql_path"""),
    ),
    "views": (entries_of.views, columns(f"{TABLE} view_definition check_option is_updatable")),
    "table_constraints": (
        entries_of.keyed_tables,
        columns(f"{CONSTRAINT} constraint_type is_deferrable initially_deferred"),
    ),
    "key_column_usage": (
        entries_of.key_columns,
        columns(f"{CONSTRAINT} column_name ordinal_position", ordinal_position=("INTEGER", tell.key_place)),
    ),
}
_PG_CATALOG: Mapping[str, tuple[Entries, Columns]] = {
    "pg_table_def": (
        entries_of.columns_on_the_search_path,
        columns("schemaname tablename column type encoding distkey sortkey notnull"),
    ),
    "svv_tables": (entries_of.tables, columns(f"{TABLE} table_type remarks", remarks=LONG_REMARKS)),
    "svv_columns": (
        entries_of.columns,
        columns(f"{COLUMN} {NUMERIC} domain_name remarks", remarks=LONG_REMARKS),
    ),
    "svv_table_info": (
        entries_of.base_tables,
        columns("""database schema table_id table encoded diststyle sortkey1 max_varchar sortkey1_enc sortkey_num size
            pct_used empty unsorted stats_off tbl_rows skew_sortkey1 skew_rows estimated_visible_rows risk_event
            vacuum_sort_benefit create_time"""),
    ),
    "svv_all_tables": (
        entries_of.tables,
        columns(f"{NAMED_TABLE} table_acl table_type remarks", table_type=TABLE_OR_VIEW),
    ),
    "svv_redshift_tables": (
        entries_of.tables,
        columns(f"{NAMED_TABLE} table_type table_acl remarks", table_type=TABLE_OR_VIEW),
    ),
    "svv_all_columns": (
        entries_of.columns,
        columns(f"""{NAMED_TABLE} column_name ordinal_position column_default is_nullable data_type
            character_maximum_length numeric_precision numeric_scale remarks"""),
    ),
    "svv_redshift_columns": (
        entries_of.columns,
        columns(
            f"""{NAMED_TABLE} column_name ordinal_position data_type column_default is_nullable encoding distkey sortkey
                column_acl remarks""",
            data_type=(NAME, tell.measured_type),
            encoding=(NAME, tell.always("none")),
        ),
    ),
}
_SHOWN: Mapping[str, Tell] = {"svv_table_info": tell.any_row}

SYSTEM_VIEWS: Mapping[tuple[str, str], SystemView] = MappingProxyType(
    {
        (schema, name): SystemView(schema, name, entries, listed, _SHOWN.get(name))
        for schema, views in ((INFORMATION_SCHEMA, _INFORMATION_SCHEMA), (PG_CATALOG, _PG_CATALOG))
        for name, (entries, listed) in views.items()
    }
)


def system_view(schema: str | None, name: str) -> SystemView | None:
    """Return the view of that name, found before any table of the tenant where no schema is named."""
    return SYSTEM_VIEWS.get((schema or PG_CATALOG, name))
