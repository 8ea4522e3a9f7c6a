"""Staged records as changes of a table in Redshift: one transaction that can be sent any number of times.

The staging table has the record's number, from 0 in the file's order, and its values; records whose values are none
are not in it. It is emptied first where the job has been applied, so that nothing then changes a second time; the lock
lets another transaction of the same job wait for this one. Of two records with one key the last wins.

Source: "LOCK", "Serializable isolation" (when a transaction's snapshot is taken), "Performing a merge operation by
replacing existing rows" (by a staging table).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from spectra_emulator.domain.bulk_jobs import Operation
from spectra_emulator.sql.changes import DUPLICATE, NO_MATCH, StagedChange
from spectra_emulator.sql.rewrites.context import quoted_name
from spectra_emulator.sql.warehouse_loads import LoadedColumn
from spectra_emulator.sql.warehouse_places import RECORD, JobPlaces, text_literal

_S, _T = "spectra_s", "spectra_t"


@dataclass(frozen=True)
class WarehouseChange:
    """`records` is how many the file had, good or not."""

    change: StagedChange
    places: JobPlaces
    columns: tuple[LoadedColumn, ...]
    records: int

    def value(self, name: str) -> str:
        """Return a record's value for a column of the table."""
        return self._loaded(name).value(_S)

    def present(self, name: str) -> str:
        flag = self._loaded(name).flag
        return "TRUE" if flag is None else f'{_S}."{flag}"'

    def _loaded(self, name: str) -> LoadedColumn:
        return next(column for column in self.columns if column.column.target.name == name)

    @property
    def staged(self) -> str:
        return f"{self.places.staged} AS {_S}"

    @property
    def table(self) -> str:
        return f"{self.change.place} AS {_T}"


def transaction(change: WarehouseChange) -> tuple[str, ...]:
    """Return the statements, to be run as one transaction."""
    places = change.places
    return (
        f"LOCK {places.applied}",
        f"DELETE FROM {places.staged} WHERE (SELECT COUNT(*) FROM {places.applied} WHERE job_id = {places.job}) > 0",  # noqa: S608 - quoted
        *_faults(change),
        f"DELETE FROM {places.staged} WHERE {_is_faulty(places)}",  # noqa: S608 - quoted
        _marking(change),
        *_APPLICATIONS[change.change.operation](change),
    )


def _marking(change: WarehouseChange) -> str:
    """Mark the job as applied, once, with how many records went in and how many did not."""
    places = change.places
    good = f"(SELECT COUNT(*) FROM {places.staged})"  # noqa: S608 - quoted
    return (
        f"INSERT INTO {places.applied} (job_id, processed, failed)"  # noqa: S608 - quoted
        f" SELECT {places.job}, {good}, {change.records} - {good}"
        f" WHERE (SELECT COUNT(*) FROM {places.applied} WHERE job_id = {places.job}) = 0"
    )


def _is_faulty(places: JobPlaces) -> str:
    return f'"{RECORD}" IN (SELECT record FROM {places.failed} WHERE job_id = {places.job})'  # noqa: S608 - quoted


def _faults(change: WarehouseChange) -> tuple[str, ...]:
    """Note each record that breaks a rule of the table, with the first reason."""
    reasons = _REASONS[change.change.operation](change)
    if not reasons:
        return ()
    places = change.places
    branches = " ".join(f"WHEN {condition} THEN {text_literal(reason)}" for condition, reason in reasons)
    key = change.change.primary_key if change.change.operation is Operation.INSERT else change.change.key
    found = (
        f'SELECT {_S}."{RECORD}" AS record, CASE {branches} END AS reason'  # noqa: S608 - quoted
        f" FROM ({_numbered(change, key, 'ASC')}) AS {_S} LEFT JOIN ({_matching(change, key)}) AS spectra_m"
        f' ON spectra_m.record = {_S}."{RECORD}"'
    )
    noted = f"SELECT {places.job}, record, reason FROM ({found}) AS spectra_f WHERE reason IS NOT NULL"  # noqa: S608 - quoted
    return (f"INSERT INTO {places.failed} (job_id, record, reason) {noted}",)


def _numbered(change: WarehouseChange, key: Sequence[str], order: str) -> str:
    """Return the query of the staged records with `place`: which of those with their key each is."""
    keys = ", ".join(_grouped(change, name) for name in key)
    over = f'PARTITION BY {keys} ORDER BY {_S}."{RECORD}" {order}'
    return f"SELECT {_S}.*, ROW_NUMBER() OVER ({over}) AS place FROM {change.staged}"  # noqa: S608 - quoted


def _grouped(change: WarehouseChange, name: str) -> str:
    """Return a key's value as it counts: strings are equal without their trailing blanks."""
    return f"RTRIM({change.value(name)})" if name in change.change.texts else change.value(name)


def _matching(change: WarehouseChange, key: Sequence[str]) -> str:
    """Return the query of the records that have rows in the table."""
    joined = f"{change.staged} JOIN {change.table} ON {_same(change, key, _T)}"
    return f'SELECT DISTINCT {_S}."{RECORD}" AS record FROM {joined}'  # noqa: S608 - quoted


def _same(change: WarehouseChange, key: Sequence[str], table: str) -> str:
    return " AND ".join(f"{table}.{quoted_name(name)} = {change.value(name)}" for name in key)


Reasons = tuple[tuple[str, str], ...]
_IS_NEW = "spectra_m.record IS NULL"


def _insert_reasons(change: WarehouseChange) -> Reasons:
    """Only a declared primary key is held to be unique; of equal records the first goes in."""
    key = change.change.primary_key
    if not key or not set(key) <= set(change.change.columns):
        return ()
    return (("spectra_m.record IS NOT NULL", DUPLICATE), (f"{_S}.place > 1", DUPLICATE))


def _match_reasons(change: WarehouseChange) -> Reasons:
    return (*_null_keys(change), (_IS_NEW, NO_MATCH))


def _upsert_reasons(change: WarehouseChange) -> Reasons:
    lacking = [(_IS_NEW, f'column "{name}" may not be null') for name in change.change.required]
    absent = [
        (f"NOT {change.present(name)} AND {_IS_NEW}", f'column "{name}" may not be null')
        for name in change.change.needed
    ]
    return (*_null_keys(change), *lacking, *absent)


def _null_keys(change: WarehouseChange) -> Reasons:
    return tuple(
        (f"{change.value(name)} IS NULL", f'key column "{name}" may not be null') for name in change.change.key
    )


def _inserted(change: WarehouseChange) -> tuple[str, ...]:
    names, values = _new_row(change)
    return (f"INSERT INTO {change.change.place} ({names}) SELECT {values} FROM {change.staged}",)  # noqa: S608 - quoted


def _updated(change: WarehouseChange) -> tuple[str, ...]:
    return (_superseded(change), *_update(change))


def _upserted(change: WarehouseChange) -> tuple[str, ...]:
    names, values = _new_row(change)
    first_key = quoted_name(change.change.key[0])
    joined = f"{change.staged} LEFT JOIN {change.table} ON {_same(change, change.change.key, _T)}"
    new = f"SELECT {values} FROM {joined} WHERE {_T}.{first_key} IS NULL"  # noqa: S608 - quoted
    return (_superseded(change), *_update(change), f"INSERT INTO {change.change.place} ({names}) {new}")


def _deleted(change: WarehouseChange) -> tuple[str, ...]:
    place = change.change.place
    return (f"DELETE FROM {place} USING {change.staged} WHERE {_same(change, change.change.key, place)}",)  # noqa: S608 - quoted


def _superseded(change: WarehouseChange) -> str:
    """Drop the records that a later one with their key replaces."""
    others = f'SELECT "{RECORD}" FROM ({_numbered(change, change.change.key, "DESC")}) AS {_S} WHERE {_S}.place > 1'  # noqa: S608 - quoted
    return f'DELETE FROM {change.places.staged} WHERE "{RECORD}" IN ({others})'  # noqa: S608 - quoted


def _update(change: WarehouseChange) -> tuple[str, ...]:
    place = change.change.place
    changed = [name for name in change.change.columns if name not in change.change.key]
    if not changed:
        return ()
    assignments = ", ".join(f"{quoted_name(name)} = {_changed(change, name)}" for name in changed)
    return (f"UPDATE {place} SET {assignments} FROM {change.staged} WHERE {_same(change, change.change.key, place)}",)  # noqa: S608 - quoted


def _changed(change: WarehouseChange, name: str) -> str:
    value = change.value(name)
    if name not in (change.change.presence or {}):
        return value
    return f"CASE WHEN {change.present(name)} THEN {value} ELSE {change.change.place}.{quoted_name(name)} END"


def _new_row(change: WarehouseChange) -> tuple[str, str]:
    names = change.change.columns
    return ", ".join(map(quoted_name, names)), ", ".join(_first_value(change, name) for name in names)


def _first_value(change: WarehouseChange, name: str) -> str:
    default, value = (change.change.defaults or {}).get(name), change.value(name)
    return value if default is None else f"CASE WHEN {change.present(name)} THEN {value} ELSE {default} END"


_REASONS: Mapping[Operation, Callable[[WarehouseChange], Reasons]] = {
    Operation.INSERT: _insert_reasons,
    Operation.UPDATE: _match_reasons,
    Operation.UPSERT: _upsert_reasons,
    Operation.DELETE: _match_reasons,
}
_APPLICATIONS: Mapping[Operation, Callable[[WarehouseChange], tuple[str, ...]]] = {
    Operation.INSERT: _inserted,
    Operation.UPDATE: _updated,
    Operation.UPSERT: _upserted,
    Operation.DELETE: _deleted,
}
