"""The tables that a tenant's database user sees, read when first needed and then remembered for some seconds."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import groupby

from spectra_emulator.adapters.redshift.warehouse import Login, Result, Warehouse
from spectra_emulator.domain.catalogue import Catalogue, Column, Table
from spectra_emulator.domain.errors import InternalError
from spectra_emulator.ports import NewId, StatementTimeoutError, Steady

COLUMNS = """
    SELECT table_schema, table_name, column_name, data_type, character_maximum_length, numeric_precision,
           numeric_scale, is_nullable, column_default
    FROM svv_columns
    WHERE table_schema NOT IN ('pg_catalog', 'information_schema', 'pg_internal', 'pg_automv')
    ORDER BY table_schema, table_name, ordinal_position
"""
VIEWS = "SELECT table_schema, table_name FROM svv_tables WHERE table_type = 'VIEW'"
KEYS = """
    SELECT pg_namespace.nspname, pg_class.relname, pg_attribute.attname
    FROM pg_constraint
    JOIN pg_class ON pg_class.oid = pg_constraint.conrelid
    JOIN pg_namespace ON pg_namespace.oid = pg_class.relnamespace
    JOIN pg_attribute ON pg_attribute.attrelid = pg_class.oid AND pg_attribute.attnum = ANY(pg_constraint.conkey)
    WHERE pg_constraint.contype = 'p'
    ORDER BY 1, 2, pg_attribute.attnum
"""
_FRESH_SECONDS = 10.0
_TIMEOUT = timedelta(seconds=60)
_Key = tuple[str, str]

_NAMES = {
    "character varying": "VARCHAR",
    "character": "CHAR",
    "numeric": "DECIMAL",
    "timestamp without time zone": "TIMESTAMP",
    "timestamp with time zone": "TIMESTAMPTZ",
    "time without time zone": "TIME",
    "time with time zone": "TIMETZ",
    "binary varying": "VARBYTE",
    "interval year to month": "INTERVAL",
    "interval day to second": "INTERVAL",
}
"""What the catalogue calls a type, and what DDL does, where they differ."""

_OF_BULK_WORK = ("spectra_applied_jobs", "spectra_failed_records", "spectra_staged_")
_MEASURED = frozenset({"VARCHAR", "CHAR", "VARBYTE"})


class Tables(Mapping[_Key, Table]):
    """A catalogue's tables, read as soon as anybody looks at them.

    Raises: InternalError, from every look.
    """

    def __init__(self, read: Callable[[], Mapping[_Key, Table]]) -> None:
        self._read = read

    def __getitem__(self, key: _Key) -> Table:
        return self._read()[key]

    def __iter__(self) -> Iterator[_Key]:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())


class Catalogues:
    """Queries need no catalogue: Redshift resolves their names itself. Its version therefore never changes."""

    def __init__(self, warehouse: Warehouse, new_id: NewId, steady: Steady = time.monotonic) -> None:
        self._warehouse = warehouse
        self._new_id = new_id
        self._steady = steady
        self._lock = threading.Lock()
        self._known: dict[Login, tuple[Mapping[_Key, Table], float]] = {}

    def of(self, login: Login) -> Catalogue:
        return Catalogue(Tables(lambda: self._tables(login)))

    def forget(self, login: Login) -> None:
        """Read the tables anew next time: something has changed them."""
        with self._lock:
            self._known.pop(login, None)

    def _tables(self, login: Login) -> Mapping[_Key, Table]:
        now = self._steady()
        with self._lock:
            tables, read_at = self._known.get(login, ({}, -_FRESH_SECONDS))
        if now - read_at < _FRESH_SECONDS:
            return tables
        tables = self._read(login)
        with self._lock:
            self._known[login] = (tables, now)
        return tables

    def _read(self, login: Login) -> Mapping[_Key, Table]:
        columns, views, keys = (self._asked(login, sql).rows for sql in (COLUMNS, VIEWS, KEYS))
        return tables_of(columns, views, keys)

    def _asked(self, login: Login, sql: str) -> Result:
        try:
            return self._warehouse.query(login, sql, name=self._new_id(), timeout=_TIMEOUT, begun=lambda: None)
        except StatementTimeoutError as error:
            raise InternalError("The warehouse does not tell its tables in time") from error


def tables_of(
    columns: Sequence[Sequence[object]], views: Sequence[Sequence[object]], keys: Sequence[Sequence[object]]
) -> Mapping[_Key, Table]:
    """Return the tables that rows of `COLUMNS`, `VIEWS` and `KEYS` tell of, without those that bulk work makes."""
    viewed = {_key(row) for row in views}
    keyed = {key: tuple(str(row[2]) for row in rows) for key, rows in groupby(keys, _key)}
    return {
        key: Table(*key, tuple(map(_column, rows)), keyed.get(key, ()), is_view=key in viewed)
        for key, rows in groupby(columns, _key)
        if not key[1].startswith(_OF_BULK_WORK)
    }


def _key(row: Sequence[object]) -> _Key:
    return str(row[0]), str(row[1])


def _column(row: Sequence[object]) -> Column:
    _, _, name, kind, length, precision, scale, nullable, default = row
    return Column(
        str(name),
        type_of(str(kind), length, precision, scale),
        nullable=str(nullable).upper() != "NO",
        default="" if default is None else str(default),
    )


def type_of(kind: str, length: object = None, precision: object = None, scale: object = None) -> str:
    """Return a type as DDL spells it: `VARCHAR(64)`, `DECIMAL(12,2)`, `TIMESTAMP`."""
    bare = kind.partition("(")[0].strip().lower()
    name = _NAMES.get(bare, bare.upper())
    if name == "DECIMAL" and precision is not None:
        return f"DECIMAL({precision},{scale or 0})"
    return f"{name}({length})" if name in _MEASURED and length is not None else name
