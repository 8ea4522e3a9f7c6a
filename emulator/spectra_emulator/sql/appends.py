"""ALTER TABLE APPEND: all rows of one table become another's.

Source: "ALTER TABLE APPEND".
"""

from __future__ import annotations

import re

from sqlglot import exp

from spectra_emulator.domain.catalogue import Catalogue, Column, Table
from spectra_emulator.domain.errors import InvalidSql
from spectra_emulator.sql.identities import sequences
from spectra_emulator.sql.parsing import parse_one
from spectra_emulator.sql.refusals import unsupported
from spectra_emulator.sql.rewrites.context import quoted_name
from spectra_emulator.sql.script_steps import ScriptStep, existing_table, spelt

_NAME = r'((?:"[^"]+"|[^\s"]+)+)'
_FORM = re.compile(
    rf"TABLE\s+{_NAME}\s+APPEND\s+FROM\s+{_NAME}(?:\s+(IGNOREEXTRA|FILLTARGET))?", re.IGNORECASE | re.DOTALL
)
_IGNORED, _FILLED = "IGNOREEXTRA", "FILLTARGET"


def append_step(rest: str, catalogue: Catalogue) -> ScriptStep | None:
    """Return what an ALTER comes to, None where it is no APPEND.

    Raises: InvalidSql.
    """
    form = _FORM.fullmatch(rest)
    if form is None:
        return None
    target, source = (table_of(name, catalogue) for name in form.groups()[:2])
    names = ", ".join(map(quoted_name, shared(target, source, (form[3] or "").upper())))
    into, out_of = (spelt(one.schema, one.name) for one in (target, source))
    moved = f"INSERT INTO {into} ({names}) SELECT {names} FROM {out_of}"  # noqa: S608 - quoted names
    touched = frozenset(f"{one.schema}.{one.name}" for one in (target, source))
    return ScriptStep((moved, f"DELETE FROM {out_of}"), touched=touched)  # noqa: S608 - a quoted name


def table_of(name: str, catalogue: Catalogue) -> Table:
    node = parse_one(f"SELECT 1 FROM {name}").find(exp.Table)  # noqa: S608 - parsed, never run
    table = existing_table(node or exp.Table(), catalogue)
    if table.is_view or sequences(table):
        raise unsupported(exp.null(), f"ALTER TABLE APPEND of {table.name}, a view or a table with an IDENTITY column,")
    return table


def shared(target: Table, source: Table, word: str) -> list[str]:
    """Return the columns that two tables share.

    Raises: InvalidSql where one has others that nothing was said about, or of another form, and for one table alone.
    """
    ours, theirs = ({column.name: column for column in one.columns} for one in (target, source))
    if target == source:
        raise mismatch(f"{target.name} cannot be appended to itself")
    if theirs.keys() - ours.keys() and word != _IGNORED:
        raise mismatch(f"{source.name} has columns that {target.name} lacks; add {_IGNORED}")
    if ours.keys() - theirs.keys() and word != _FILLED:
        raise mismatch(f"{target.name} has columns that {source.name} lacks; add {_FILLED}")
    for name in ours.keys() & theirs.keys():
        if form_of(ours[name]) != form_of(theirs[name]):
            raise mismatch(f'column "{name}" is not of one type, or not of one NOT NULL, in both tables')
    return [name for name in ours if name in theirs]


def form_of(column: Column) -> tuple[str, bool]:
    return column.type, column.nullable


def mismatch(reason: str) -> InvalidSql:
    return InvalidSql(f"ALTER TABLE APPEND: {reason}", sql_state="42804")
