"""What a catalogue view has a row for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from spectra_emulator.domain.catalogue import Catalogue, Column, Table
from spectra_emulator.sql.filled_tables import is_materialized
from spectra_emulator.sql.type_names import SqlType, parsed_type

NO_COLUMN = Column("", "VARCHAR(1)")


@dataclass(frozen=True)
class Entry:
    """A table, or one column of it with its place, counted from 1."""

    table: Table
    column: Column
    place: int = 0

    @property
    def is_view(self) -> bool:
        """Tell whether clients see a view; a materialized one is such, too."""
        return self.table.is_view or is_materialized(self.table)

    @property
    def type(self) -> SqlType:
        return parsed_type(self.column.type)


def tables(catalogue: Catalogue) -> Iterator[Entry]:
    yield from (Entry(table, NO_COLUMN) for _, table in sorted(catalogue.tables.items()))


def base_tables(catalogue: Catalogue) -> Iterator[Entry]:
    yield from (entry for entry in tables(catalogue) if not entry.table.is_view)


def views(catalogue: Catalogue) -> Iterator[Entry]:
    yield from (entry for entry in tables(catalogue) if entry.is_view)


def columns(catalogue: Catalogue) -> Iterator[Entry]:
    for entry in tables(catalogue):
        yield from (Entry(entry.table, column, place) for place, column in enumerate(entry.table.columns, 1))


def columns_on_the_search_path(catalogue: Catalogue) -> Iterator[Entry]:
    found = (entry for entry in columns(catalogue) if entry.table.schema == catalogue.default_schema)
    yield from (entry for entry in found if not entry.table.is_view)


def schemas(catalogue: Catalogue) -> Iterator[Entry]:
    names = sorted({catalogue.default_schema, *(schema for schema, _ in catalogue.tables)})
    yield from (Entry(Table(name, "", ()), NO_COLUMN) for name in names)


def keyed_tables(catalogue: Catalogue) -> Iterator[Entry]:
    yield from (entry for entry in base_tables(catalogue) if entry.table.primary_key)


def key_columns(catalogue: Catalogue) -> Iterator[Entry]:
    yield from (entry for entry in columns(catalogue) if entry.column.name in entry.table.primary_key)
