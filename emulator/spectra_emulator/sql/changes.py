"""Staged records as changes of a table: DuckDB's statements for insert, update, upsert and delete.

The staged table has a column for each of the table's that the file fills, under the same name, and `fault`: why a
record is none, or NULL. Its rows stand in the file's order; of two records with one key the last wins. What is found
wrong stands in a table of its own, `faults`, since rows of a table are appended in far less memory than changed.

Source: "Updating and inserting new data" (merge by a staging table).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from spectra_emulator.domain.bulk_jobs import Operation
from spectra_emulator.sql.rewrites.blanks import trimmed
from spectra_emulator.sql.rewrites.context import quoted, quoted_name
from spectra_emulator.sql.script_steps import spelt

STAGED = "temp.staged"
FAULTS = "temp.faults"
SUPERSEDED = "temp.superseded"
REPEATED = "temp.repeated"
NO_MATCH = "no matching record"
DUPLICATE = "duplicate key: a record with this primary key exists"
"""Aliases are names that hardly any table gives a column: `s.id` would navigate into a SUPER column called `s`."""

_READ = "spectra_s.fault IS NULL"
GOOD = f"NOT EXISTS (SELECT 1 FROM {FAULTS} spectra_f WHERE spectra_f.record = spectra_s.rowid)"  # noqa: S608 - our own name
LAST = f"{GOOD} AND NOT EXISTS (SELECT 1 FROM {SUPERSEDED} spectra_o WHERE spectra_o.record = spectra_s.rowid)"  # noqa: S608 - our own name

ONCE = f"NOT EXISTS (SELECT 1 FROM {REPEATED} spectra_m WHERE spectra_m.record = spectra_s.rowid)"  # noqa: S608 - our own name


def staged_name(name: str) -> str:
    """Return what a table's column is called where it is staged, beside `fault` and `rowid`."""
    return f"v:{name}"


def _staged(name: str) -> str:
    return f'"spectra_s".{quoted_name(staged_name(name))}'


@dataclass(frozen=True)
class StagedChange:
    """`columns` are those that the file fills; `presence` names, for some, the staged flag that a record has it.

    Of those columns, `defaults` has for some what fills them in a new row, and `needed` are such as it cannot lack.
    Of its keys, `texts` are strings, which are equal without their trailing blanks.
    `required` are columns that a new row needs and the file lacks; `columns` are all of the table's where `whole`.
    """

    operation: Operation
    schema: str
    table: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    primary_key: tuple[str, ...] = ()
    texts: frozenset[str] = frozenset()
    presence: Mapping[str, str] | None = None
    defaults: Mapping[str, str] | None = None
    needed: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    whole: bool = False

    @property
    def place(self) -> str:
        return spelt(self.schema, self.table)


def change_statements(change: StagedChange) -> tuple[str, ...]:
    """Return what notes the faults of the staged records and then makes the changes of the good ones."""
    return (noting(_FAULTS[change.operation](change)), *_APPLICATIONS[change.operation](change))


def noting(faults: Sequence[str] = ()) -> str:
    """Return what creates the table of faults: one for each record, a value's before those of the queries `faults`.

    It is one statement, since DuckDB 1.5 loses rows that a transaction adds to a table of its own after a statement
    that added none.
    """
    of_values = f"SELECT spectra_s.rowid AS record, fault AS reason FROM {STAGED} spectra_s WHERE fault IS NOT NULL"  # noqa: S608 - our own name
    queries = enumerate((of_values, *faults))
    found = " UNION ALL ".join(f"SELECT *, {rank} AS rank FROM ({query})" for rank, query in queries)  # noqa: S608 - our own
    reasons = f"SELECT record, arg_min(reason, rank) AS reason FROM ({found}) GROUP BY record"  # noqa: S608 - our own
    return f"CREATE TEMP TABLE {FAULTS} AS {reasons}"


def _insert_faults(change: StagedChange) -> tuple[str, ...]:
    """Only a declared primary key is held to be unique; of equal records the first goes in."""
    if not change.primary_key or not set(change.primary_key) <= set(change.columns):
        return ()
    rows = f"SELECT 1 FROM {change.place} spectra_t WHERE {_matches(change, change.primary_key)}"  # noqa: S608 - names are quoted
    repeated = _repeated(change, change.primary_key, "min", "spectra_s.rowid > r.chosen", _READ)
    return _fault(f"EXISTS ({rows})", DUPLICATE), f"SELECT record, {quoted(DUPLICATE)} FROM ({repeated})"  # noqa: S608 - names are quoted


def _match_faults(change: StagedChange) -> tuple[str, ...]:
    return (*_null_key_faults(change), _fault(_is_new(change), NO_MATCH))


def _upsert_faults(change: StagedChange) -> tuple[str, ...]:
    lacking = [_fault(_is_new(change), f'column "{name}" may not be null') for name in change.required]
    absent = [
        _fault(f"NOT {_present(change, name)} AND {_is_new(change)}", f'column "{name}" may not be null')
        for name in change.needed
    ]
    return (*_null_key_faults(change), *lacking, *absent)


def _null_key_faults(change: StagedChange) -> tuple[str, ...]:
    return tuple(_fault(f"{_staged(name)} IS NULL", f'key column "{name}" may not be null') for name in change.key)


def _inserted(change: StagedChange) -> tuple[str, ...]:
    return (_insertion(change, GOOD),)


def _updated(change: StagedChange) -> tuple[str, ...]:
    return (_superseding(change), *_update(change))


def _upserted(change: StagedChange) -> tuple[str, ...]:
    """Replace whole rows where the records are whole, which is far faster than to update them."""
    if not change.whole or change.presence:
        return (_superseding(change), *_update(change), _insertion(change, f"{LAST} AND {_is_new(change)}"))
    if set(change.key) == set(change.primary_key):
        return (_superseding(change), *_deleted(change), _insertion(change, LAST))
    return (
        _superseding(change),
        _repeating(change),
        *_deleted(change, f"{GOOD} AND {ONCE}"),
        *_update(change, f"{LAST} AND NOT {ONCE}"),
        _insertion(change, f"{LAST} AND {ONCE}"),
    )


def _deleted(change: StagedChange, condition: str = GOOD) -> tuple[str, ...]:
    matching = f"{condition} AND {_matches(change, change.key)}"
    return (f"DELETE FROM {change.place} AS spectra_t USING {STAGED} spectra_s WHERE {matching}",)  # noqa: S608 - names are quoted


def _update(change: StagedChange, condition: str = LAST) -> tuple[str, ...]:
    changed = [name for name in change.columns if name not in change.key]
    if not changed:
        return ()
    assignments = ", ".join(f"{quoted_name(name)} = {_new_value(change, name)}" for name in changed)
    records = f"SELECT * FROM {STAGED} spectra_s WHERE {condition}"  # noqa: S608 - our own names
    matching = _matches(change, change.key)
    return (f"UPDATE {change.place} AS spectra_t SET {assignments} FROM ({records}) spectra_s WHERE {matching}",)  # noqa: S608 - names are quoted


def _insertion(change: StagedChange, condition: str) -> str:
    names = ", ".join(map(quoted_name, change.columns))
    values = ", ".join(_first_value(change, name) for name in change.columns)
    return f"INSERT INTO {change.place} ({names}) SELECT {values} FROM {STAGED} spectra_s WHERE {condition}"  # noqa: S608 - names are quoted


def _first_value(change: StagedChange, name: str) -> str:
    default, value = (change.defaults or {}).get(name), _staged(name)
    return value if default is None else f"CASE WHEN {_present(change, name)} THEN {value} ELSE {default} END"


def _present(change: StagedChange, name: str) -> str:
    return f"spectra_s.{quoted_name((change.presence or {})[name])}"


def _new_value(change: StagedChange, name: str) -> str:
    value = _staged(name)
    if name not in (change.presence or {}):
        return value
    return f"CASE WHEN {_present(change, name)} THEN {value} ELSE spectra_t.{quoted_name(name)} END"


def _superseding(change: StagedChange) -> str:
    return (
        f"CREATE TEMP TABLE {SUPERSEDED} AS {_repeated(change, change.key, 'max', 'spectra_s.rowid < r.chosen', GOOD)}"
    )


def _repeating(change: StagedChange) -> str:
    """Note the records that match several rows: those stay as many as they are."""
    joined = f"{STAGED} spectra_s JOIN {change.place} spectra_t ON {_matches(change, change.key)}"
    rows = f"SELECT spectra_s.rowid AS record FROM {joined}"  # noqa: S608 - names are quoted
    return f"CREATE TEMP TABLE {REPEATED} AS {rows} GROUP BY record HAVING count(*) > 1"


def _repeated(change: StagedChange, key: Sequence[str], extreme: str, condition: str, among: str) -> str:
    """Return the query of records that share their key with others, but for the one chosen among them."""
    values = [_compared(change, name, _staged(name)) for name in key]
    names = ", ".join(f"{value} AS k{number}" for number, value in enumerate(values))
    chosen = f"{extreme}(spectra_s.rowid) AS chosen"
    groups = f"SELECT {names}, {chosen} FROM {STAGED} spectra_s WHERE {among} GROUP BY {', '.join(values)}"  # noqa: S608 - names are quoted
    same = " AND ".join(f"r.k{number} = {value}" for number, value in enumerate(values))
    repeated = f"{groups} HAVING count(*) > 1"
    joined = f"{STAGED} spectra_s JOIN ({repeated}) r ON {same}"
    return f"SELECT spectra_s.rowid AS record FROM {joined} WHERE {among} AND {condition}"  # noqa: S608 - names are quoted


def _is_new(change: StagedChange) -> str:
    return f"NOT EXISTS (SELECT 1 FROM {change.place} spectra_t WHERE {_matches(change, change.key)})"  # noqa: S608 - names are quoted


def _matches(change: StagedChange, key: Sequence[str]) -> str:
    rows = {name: f'"spectra_t".{quoted_name(name)}' for name in key}
    return " AND ".join(
        f"{_compared(change, name, rows[name])} = {_compared(change, name, _staged(name))}" for name in key
    )


def _compared(change: StagedChange, name: str, value: str) -> str:
    """Return a key's value as SQL's own `=` looks at it."""
    return trimmed(value) if name in change.texts else value


def _fault(condition: str, reason: str) -> str:
    return f"SELECT spectra_s.rowid, {quoted(reason)} FROM {STAGED} spectra_s WHERE {_READ} AND {condition}"  # noqa: S608 - names are quoted


Statements = Callable[[StagedChange], tuple[str, ...]]
_FAULTS: Mapping[Operation, Statements] = {
    Operation.INSERT: _insert_faults,
    Operation.UPDATE: _match_faults,
    Operation.UPSERT: _upsert_faults,
    Operation.DELETE: _match_faults,
}
_APPLICATIONS: Mapping[Operation, Statements] = {
    Operation.INSERT: _inserted,
    Operation.UPDATE: _updated,
    Operation.UPSERT: _upserted,
    Operation.DELETE: _deleted,
}
