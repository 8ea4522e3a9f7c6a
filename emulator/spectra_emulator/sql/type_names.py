"""Redshift's type names, and how DuckDB spells them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import lru_cache

from spectra_emulator.domain.errors import InvalidSql

INTEGERS = ("SMALLINT", "INTEGER", "BIGINT")
FLOATS = frozenset({"REAL", "DOUBLE PRECISION"})
NUMBERS = FLOATS | {*INTEGERS, "DECIMAL"}
STRINGS = frozenset({"CHAR", "VARCHAR"})
INTEGER_DIGITS = {"SMALLINT": 5, "INTEGER": 10, "BIGINT": 19}
MAX_PRECISION = 38
COLLATIONS = {"case_sensitive": False, "cs": False, "case_insensitive": True, "ci": True}
INSENSITIVE = " COLLATE CASE_INSENSITIVE"

INTERVAL_SPELLINGS = (
    *("INTERVAL YEAR", "INTERVAL MONTH", "INTERVAL YEAR TO MONTH"),
    *("INTERVAL DAY", "INTERVAL HOUR", "INTERVAL MINUTE", "INTERVAL SECOND"),
    *("INTERVAL DAY TO HOUR", "INTERVAL DAY TO MINUTE", "INTERVAL DAY TO SECOND"),
    *("INTERVAL HOUR TO MINUTE", "INTERVAL HOUR TO SECOND", "INTERVAL MINUTE TO SECOND"),
)

SPELLINGS = {
    "INT2": "SMALLINT",
    "INT": "INTEGER",
    "INT4": "INTEGER",
    "INT8": "BIGINT",
    "NUMERIC": "DECIMAL",
    "FLOAT4": "REAL",
    "FLOAT": "DOUBLE PRECISION",
    "FLOAT8": "DOUBLE PRECISION",
    "DOUBLE": "DOUBLE PRECISION",
    "BOOL": "BOOLEAN",
    "CHARACTER": "CHAR",
    "NCHAR": "CHAR",
    "BPCHAR": "CHAR",
    "CHARACTER VARYING": "VARCHAR",
    "NVARCHAR": "VARCHAR",
    "TEXT": "VARCHAR",
    "TIMESTAMP WITHOUT TIME ZONE": "TIMESTAMP",
    "TIMESTAMP WITH TIME ZONE": "TIMESTAMPTZ",
    "TIME WITHOUT TIME ZONE": "TIME",
    "TIME WITH TIME ZONE": "TIMETZ",
    **dict.fromkeys(("VARBINARY", "BINARY VARYING"), "VARBYTE"),
    **dict.fromkeys(INTERVAL_SPELLINGS, "INTERVAL"),
}
DUCKDB_NAMES = {
    "SMALLINT": "SMALLINT",
    "INTEGER": "INTEGER",
    "BIGINT": "BIGINT",
    "REAL": "FLOAT",
    "DOUBLE PRECISION": "DOUBLE",
    "BOOLEAN": "BOOLEAN",
    "CHAR": "VARCHAR",
    "VARCHAR": "VARCHAR",
    "DATE": "DATE",
    "TIMESTAMP": "TIMESTAMP",
    "TIMESTAMPTZ": "TIMESTAMP WITH TIME ZONE",
    "TIME": "TIME",
    "TIMETZ": "TIME WITH TIME ZONE",
    "INTERVAL": "INTERVAL",
    "HLLSKETCH": "UBIGINT[]",
    "SUPER": "JSON",
    "VARBYTE": "BLOB",
    "GEOMETRY": "BLOB",
    "GEOGRAPHY": "BLOB",
}
SPATIAL = frozenset({"GEOMETRY", "GEOGRAPHY"})
ALSO_STORED_SO = SPATIAL | {"CHAR"}
"""What DuckDB has no type of its own for: a column of theirs tells its type in its comment."""
FROM_DUCKDB = {
    **{duckdb: redshift for redshift, duckdb in DUCKDB_NAMES.items() if redshift not in ALSO_STORED_SO},
    "TINYINT": "SMALLINT",
    "UTINYINT": "SMALLINT",
    "USMALLINT": "INTEGER",
    "UINTEGER": "BIGINT",
    "UBIGINT": "DECIMAL(20,0)",
    "HUGEINT": "DECIMAL(38,0)",
    "TIMESTAMP_S": "TIMESTAMP",
    "TIMESTAMP_MS": "TIMESTAMP",
    "TIMESTAMP_NS": "TIMESTAMP",
}
TYPE_TEXT = re.compile(r"\s*([A-Za-z][A-Za-z0-9_ ]*?)\s*(?:\(\s*(MAX|\d+)\s*(?:,\s*(\d+)\s*)?\))?\s*", re.IGNORECASE)


@dataclass(frozen=True)
class SqlType:
    """A Redshift type; `size` is DECIMAL's precision, or a string's length in bytes where it is known."""

    name: str
    size: int | None = None
    scale: int = 0
    insensitive: bool = field(default=False, compare=False)
    """A string that compares without regard to case; types that differ in this alone are equal."""

    @property
    def declared(self) -> str:
        """Return the type as a column's definition spells it, with its collation."""
        return f"{self.text}{INSENSITIVE}" if self.insensitive else self.text

    @property
    def duckdb_column(self) -> str:
        """Return what DuckDB's definition of a column says, with its collation."""
        return f"{self.duckdb} COLLATE NOCASE" if self.insensitive else self.duckdb

    @property
    def text(self) -> str:
        if self.name == "DECIMAL":
            return f"DECIMAL({self.size},{self.scale})"
        return self.name if self.size is None else f"{self.name}({self.size})"

    @property
    def duckdb(self) -> str:
        """Return DuckDB's spelling.

        Raises: InvalidSql where DuckDB has no type for it.
        """
        if self.name == "DECIMAL":
            return self.text
        if self.name not in DUCKDB_NAMES:
            raise InvalidSql(f"type {self.name} is not supported by the emulator, though Redshift has it")
        return DUCKDB_NAMES[self.name]

    @property
    def is_number(self) -> bool:
        return self.name in NUMBERS

    @property
    def is_integer(self) -> bool:
        return self.name in INTEGER_DIGITS

    @property
    def is_float(self) -> bool:
        return self.name in FLOATS

    @property
    def is_string(self) -> bool:
        return self.name in STRINGS

    @property
    def as_decimal(self) -> SqlType:
        """Return the DECIMAL that an integer takes the form of in a computation with one."""
        digits = INTEGER_DIGITS.get(self.name)
        return self if digits is None else SqlType("DECIMAL", digits)


SMALLINT = SqlType("SMALLINT")
INTEGER = SqlType("INTEGER")
BIGINT = SqlType("BIGINT")
REAL = SqlType("REAL")
DOUBLE = SqlType("DOUBLE PRECISION")
BOOLEAN = SqlType("BOOLEAN")
VARCHAR = SqlType("VARCHAR")
DATE = SqlType("DATE")
TIMESTAMP = SqlType("TIMESTAMP")
TIMESTAMPTZ = SqlType("TIMESTAMPTZ")
TIME = SqlType("TIME")
TIMETZ = SqlType("TIMETZ")
INTERVAL = SqlType("INTERVAL")
SUPER = SqlType("SUPER")
VARBYTE = SqlType("VARBYTE")
GEOMETRY = SqlType("GEOMETRY")
GEOGRAPHY = SqlType("GEOGRAPHY")


@lru_cache(maxsize=1024)
def parsed_type(text: str) -> SqlType:
    """Return the type that Redshift DDL spells as `text`.

    Raises: InvalidSql where the text is no type.
    """
    if text.endswith(INSENSITIVE):
        return replace(parsed_type(text.removesuffix(INSENSITIVE)), insensitive=True)
    match = TYPE_TEXT.fullmatch(text)
    if match is None:
        raise InvalidSql(f'type "{text}" does not exist', sql_state="42704")
    spelt, size, scale = match.groups()
    name = SPELLINGS.get(" ".join(spelt.upper().split()), " ".join(spelt.upper().split()))
    if name == "DECIMAL":
        return SqlType(name, int(size or 18), int(scale or 0))
    if size is None:
        return SqlType(name)
    if name not in STRINGS | {"VARBYTE"}:
        raise InvalidSql(f'type "{text}" does not exist', sql_state="42704")
    return SqlType(name, {"CHAR": 4096}.get(name, 65535) if size.upper() == "MAX" else int(size))


def duckdb_type(redshift_type: str) -> str:
    """Return DuckDB's spelling of a Redshift type."""
    return parsed_type(redshift_type).duckdb


def redshift_type(duckdb_type: str) -> str | None:
    """Return the Redshift type that a DuckDB column's values have, or None where Redshift has none such."""
    return duckdb_type if duckdb_type.startswith("DECIMAL(") else FROM_DUCKDB.get(duckdb_type)
