"""What one row of a catalogue view tells, as DuckDB's text."""

from __future__ import annotations

from collections.abc import Callable

from spectra_emulator.sql.rewrites.context import quoted, quoted_name
from spectra_emulator.sql.system_entries import Entry
from spectra_emulator.sql.type_names import parsed_type

NOTHING = "NULL"
FULL_NAMES = {
    "VARCHAR": "character varying",
    "CHAR": "character",
    "DECIMAL": "numeric",
    "TIMESTAMP": "timestamp without time zone",
    "TIMESTAMPTZ": "timestamp with time zone",
    "TIME": "time without time zone",
    "TIMETZ": "time with time zone",
    "VARBYTE": "binary varying",
}
INTERNAL_NAMES = {
    "VARCHAR": "varchar",
    "CHAR": "bpchar",
    "DECIMAL": "numeric",
    "SMALLINT": "int2",
    "INTEGER": "int4",
    "BIGINT": "int8",
    "REAL": "float4",
    "DOUBLE PRECISION": "float8",
    "BOOLEAN": "bool",
    "VARBYTE": "varbyte",
}
BINARY_DIGITS = {"SMALLINT": 16, "INTEGER": 32, "BIGINT": 64, "REAL": 24, "DOUBLE PRECISION": 53}
MOMENTS = frozenset({"TIMESTAMP", "TIMESTAMPTZ", "TIME", "TIMETZ"})
MICROSECONDS = 6


Tell = Callable[[Entry], str]


def always(value: str) -> Tell:
    return lambda _: quoted(value)


def nothing(_: Entry) -> str:
    return NOTHING


def no(_: Entry) -> str:
    return "FALSE"


def zero(_: Entry) -> str:
    return "0"


def schema_name(entry: Entry) -> str:
    return quoted(entry.table.schema)


def table_name(entry: Entry) -> str:
    return quoted(entry.table.name)


def base_or_view(entry: Entry) -> str:
    return quoted("VIEW" if entry.is_view else "BASE TABLE")


def table_or_view(entry: Entry) -> str:
    return quoted("VIEW" if entry.is_view else "TABLE")


def column_name(entry: Entry) -> str:
    return quoted(entry.column.name)


def place(entry: Entry) -> str:
    return str(entry.place)


def quoted_place(entry: Entry) -> str:
    return quoted(place(entry))


def key_place(entry: Entry) -> str:
    return str(entry.table.primary_key.index(entry.column.name) + 1)


def key_name(entry: Entry) -> str:
    return quoted(f"{entry.table.name}_pkey")


def yes_or_no(entry: Entry) -> str:
    return quoted("YES" if entry.column.nullable else "NO")


def required(entry: Entry) -> str:
    return "FALSE" if entry.column.nullable else "TRUE"


def full_type(entry: Entry) -> str:
    return quoted(FULL_NAMES.get(entry.type.name, entry.type.name.lower()))


def measured_type(entry: Entry) -> str:
    """Return the type with its length, or its precision and scale."""
    kind = entry.type
    name = FULL_NAMES.get(kind.name, kind.name.lower())
    if kind.size is None:
        return quoted(name)
    return quoted(f"{name}({kind.size},{kind.scale})" if kind.name == "DECIMAL" else f"{name}({kind.size})")


def internal_type(entry: Entry) -> str:
    return quoted(INTERNAL_NAMES.get(entry.type.name, entry.type.name.lower()))


def length(entry: Entry) -> str:
    return str(entry.type.size) if entry.type.is_string and entry.type.size is not None else NOTHING


def precision(entry: Entry) -> str:
    digits = entry.type.size if entry.type.name == "DECIMAL" else BINARY_DIGITS.get(entry.type.name)
    return NOTHING if digits is None else str(digits)


def radix(entry: Entry) -> str:
    if entry.type.name == "DECIMAL":
        return "10"
    return "2" if entry.type.name in BINARY_DIGITS else NOTHING


def scale(entry: Entry) -> str:
    exact = entry.type.name == "DECIMAL" or entry.type.is_integer
    return str(entry.type.scale) if exact else NOTHING


def moment_precision(entry: Entry) -> str:
    return str(MICROSECONDS) if entry.type.name in MOMENTS else NOTHING


def longest_varchar(entry: Entry) -> str:
    sizes = [kind.size or 0 for kind in (parsed_type(column.type) for column in entry.table.columns) if kind.is_string]
    return str(max(sizes, default=0))


def row_count(entry: Entry) -> str:
    return f"(SELECT COUNT(*) FROM {quoted_name(entry.table.schema)}.{quoted_name(entry.table.name)})"  # noqa: S608 - quoted names of the tenant's own catalogue


def any_row(entry: Entry) -> str:
    return f"{row_count(entry)} > 0"
