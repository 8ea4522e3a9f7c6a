"""Which of a table's columns a file's columns fill."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from spectra_emulator.domain.bulk_jobs import Operation
from spectra_emulator.domain.catalogue import Column, Table
from spectra_emulator.domain.errors import InvalidRequest
from spectra_emulator.sql.nearest import nearest

_SHOWN_CHARACTERS = 60


@dataclass(frozen=True)
class ImportTarget:
    """A table that a file's records change.

    `defaults` has its columns that fill themselves, and DuckDB's expressions of what with; of the first records
    `refused_first` are to fail.
    """

    operation: Operation
    table: Table
    key: tuple[str, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()
    defaults: tuple[tuple[str, str], ...] = ()
    refused_first: int = 0

    @property
    def adds_rows(self) -> bool:
        return self.operation in {Operation.INSERT, Operation.UPSERT}

    def lacking(self, columns: Sequence[Column | None]) -> tuple[str, ...]:
        """Return the columns that a new row needs and the file does not fill."""
        filled = {column.name for column in columns if column is not None}
        return tuple(
            column.name
            for column in self.table.columns
            if not column.nullable and column.name not in filled | dict(self.defaults).keys()
        )


def matched(names: Sequence[str], target: ImportTarget) -> tuple[Column | None, ...]:
    """Return the table's column for each of the file's, by name in any case; None for one that is not needed.

    Raises: InvalidRequest where a name fits no column, two fit one, or a column is missing.
    """
    columns = _named(names, target)
    _check_distinct(columns)
    _check_key(columns, target)
    lacking = target.lacking(columns)
    if target.operation is Operation.INSERT and lacking:
        raise InvalidRequest(f'The file lacks the column "{lacking[0]}", which may not be null')
    if target.operation is Operation.DELETE:
        return tuple(column if column.name in target.key else None for column in columns)
    return columns


def import_key(table: Table, external_id_field: str | None, renamed: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """Return the columns by which records find their rows: the one asked for, else the primary key, else `id`.

    Raises: InvalidRequest where there is none such.
    """
    names = {column.name.lower(): column.name for column in table.columns}
    if external_id_field is not None:
        asked = dict(_folded(renamed)).get(external_id_field.lower(), external_id_field)
        if asked.lower() not in names:
            raise InvalidRequest(f'external_id_field "{external_id_field}" is no column of "{table.name}"')
        return (names[asked.lower()],)
    if table.primary_key:
        return table.primary_key
    if "id" in names:
        return (names["id"],)
    raise InvalidRequest(
        f'"{table.name}" has no primary key and no column "id": name the column to match by in external_id_field'
    )


def _folded(renamed: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(source.lower(), column) for source, column in renamed]


def _named(names: Sequence[str], target: ImportTarget) -> tuple[Column, ...]:
    renamed = dict(_folded(target.renamed))
    absent = renamed.keys() - {name.lower() for name in names}
    if absent:
        raise InvalidRequest(f'column_mappings renames "{min(absent)}", which is no column of the file')
    columns = {column.name.lower(): column for column in target.table.columns}
    return tuple(_column(renamed.get(name.lower(), name), columns, target.table) for name in names)


def _column(name: str, columns: dict[str, Column], table: Table) -> Column:
    if name.lower() not in columns:
        meant = nearest(name.lower(), columns)
        hint = f'perhaps you meant "{meant}"' if meant else f"its columns are {', '.join(columns)}"
        raise InvalidRequest(f'"{table.name}" has no column "{name[:_SHOWN_CHARACTERS]}": {hint}')
    return columns[name.lower()]


def _check_distinct(columns: Sequence[Column]) -> None:
    names = [column.name for column in columns]
    repeated = next((name for name in names if names.count(name) > 1), None)
    if repeated is not None:
        raise InvalidRequest(f'Two columns of the file fill the column "{repeated}"')


def _check_key(columns: Sequence[Column], target: ImportTarget) -> None:
    missing = sorted(set(target.key) - {column.name for column in columns})
    if missing:
        raise InvalidRequest(f'The file lacks the key column "{missing[0]}", by which records are matched')
