"""All that DuckDB runs to import one file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from spectra_emulator.domain.bulk_jobs import Operation
from spectra_emulator.domain.catalogue import Column
from spectra_emulator.domain.files import FileFormat
from spectra_emulator.sql.changes import (
    FAULTS,
    REPEATED,
    STAGED,
    SUPERSEDED,
    StagedChange,
    change_statements,
    noting,
    staged_name,
)
from spectra_emulator.sql.file_columns import ImportTarget, matched
from spectra_emulator.sql.file_records import FileShape, failed_query, kinds, records_query
from spectra_emulator.sql.file_values import FileColumn, typed_query
from spectra_emulator.sql.rewrites.context import quoted, quoted_name
from spectra_emulator.sql.type_names import parsed_type

REFUSED = "refused because a test asked for it"


@dataclass(frozen=True)
class ImportStatements:
    """`records` and `failed_query` read the file; the others run with the tenant's tables, in order.

    `staging` takes the records from `uploaded`; `counts` gives how many there are and how many of
    them are faulty, `faulty` the numbers, from 0, and reasons of the latter.
    """

    records: str
    staging: str
    changes: tuple[str, ...]
    failed_query: str
    counts: str = f"SELECT (SELECT count(*) FROM {STAGED}), (SELECT count(*) FROM {FAULTS})"  # noqa: S608 - our own names
    faulty: str = f"SELECT record - (SELECT min(rowid) FROM {STAGED}), reason FROM {FAULTS}"  # noqa: S608 - our own names
    unstaging: tuple[str, ...] = tuple(
        f"DROP TABLE IF EXISTS {name}" for name in (STAGED, FAULTS, SUPERSEDED, REPEATED)
    )


def import_statements(path: str, file_format: FileFormat, shape: FileShape, target: ImportTarget) -> ImportStatements:
    """Return the statements that apply a file of that shape.

    Raises: InvalidRequest where its columns do not fit the table.
    """
    if not shape.columns:
        return ImportStatements(
            "SELECT NULL AS nothing WHERE false", f"CREATE TEMP TABLE {STAGED} (fault VARCHAR)", (noting(),), ""
        )
    plan = import_plan(path, file_format, shape, target)
    return ImportStatements(plan.records, plan.staging, change_statements(plan.change), plan.failed_query)


@dataclass(frozen=True)
class ImportPlan:
    """What a file with columns of these names means to a table, whichever engine has it.

    `records` and `staging` are DuckDB's, by which values are checked.
    """

    names: tuple[str, ...]
    records: str
    staging: str
    filled: tuple[FileColumn, ...]
    change: StagedChange
    failed_query: str


def import_plan(path: str, file_format: FileFormat, shape: FileShape, target: ImportTarget) -> ImportPlan:
    """Return what is to be done with a file that has columns.

    Raises: InvalidRequest where they do not fit the table.
    """
    columns = matched(shape.columns, target)
    types = [None if column is None else parsed_type(column.type) for column in columns]
    records = records_query(path, file_format, shape, types)
    filled = tuple(
        _file_column(number, kind, column, shape, target)
        for number, (kind, column) in enumerate(zip(kinds(file_format.content_type, shape), columns, strict=True))
        if column is not None
    )
    change = _change(columns, filled, target)
    staging = _staging(filled, target.refused_first)
    return ImportPlan(shape.columns, records, staging, filled, change, failed_query(records, shape.columns))


def _file_column(number: int, kind: str, column: Column, shape: FileShape, target: ImportTarget) -> FileColumn:
    sparse = number in shape.sparse
    optional = sparse and (target.operation is not Operation.INSERT or column.name in dict(target.defaults))
    return FileColumn(number, kind, column, sparse, optional)


def _staging(filled: Sequence[FileColumn], refused_first: int) -> str:
    """Stage the values under names made of the table's columns."""
    values = [f"{one.typed} AS {quoted_name(staged_name(one.target.name))}" for one in filled]
    flags = [f"{one.present} AS {quoted_name(_flag(one.target))}" for one in filled if one.sparse]
    outputs = ", ".join([*values, *flags, f"CAST({_fault(refused_first)} AS VARCHAR) AS fault"])
    return f"CREATE TEMP TABLE {STAGED} AS SELECT {outputs} FROM ({typed_query('SELECT * FROM uploaded', filled)})"  # noqa: S608 - names are quoted


def _fault(refused_first: int) -> str:
    """Return why a record is none, the first ones for no reason of their own."""
    if not refused_first:
        return "fault"
    return f"coalesce(fault, CASE WHEN row_number() OVER () <= {refused_first} THEN {quoted(REFUSED)} END)"


def _change(columns: Sequence[Column | None], filled: Sequence[FileColumn], target: ImportTarget) -> StagedChange:
    table, defaults = target.table, dict(target.defaults)
    sparse = [one.target for one in filled if one.sparse]
    return StagedChange(
        operation=target.operation,
        schema=table.schema,
        table=table.name,
        columns=tuple(one.target.name for one in filled),
        key=target.key,
        primary_key=table.primary_key,
        texts=frozenset(column.name for column in table.columns if parsed_type(column.type).is_string),
        presence={column.name: _flag(column) for column in sparse},
        defaults={column.name: defaults[column.name] for column in sparse if column.name in defaults},
        needed=tuple(column.name for column in sparse if not column.nullable and column.name not in defaults),
        required=target.lacking(columns),
        whole=len(filled) == len(table.columns),
    )


def _flag(column: Column) -> str:
    return f"present:{column.name}"
