"""What DuckDB raises, as the errors of the contract; no engine text that could hold a path is passed on."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass

from spectra_emulator.adapters.duckdb_engine.lane import EngineFailureError
from spectra_emulator.domain.errors import InternalError, InvalidRequest, InvalidSql, SpectraError

_log = logging.getLogger(__name__)
_KIND = re.compile(r"(\w[\w ]*?) Error: ([^\n]*)")
_TOO_LONG = re.compile(r"CHECK constraint failed.*(strlen|octet_length)\(.*?\) <= (\d+)")
_NARROW = re.compile(
    r"Overflow (?:in|on)\b(?:.*?\b(INT\d+))?|destination type (INT\d+)|string '[-+ \d.]+' to (INT\d+)$"
    r"|cast decimal value .* to type (INT\d+)|\bto (?:type )?(DECIMAL\(\d+,\d+\))"
)
_INTEGERS = {"INT16": "smallint", "INT32": "integer", "INT64": "bigint", "INT128": "decimal"}
_IN_OTHER_WORDS = (
    (re.compile(r'Schema with name "?(.*?)"? already exists'), "42P06", 'schema "{}" already exists'),
    (re.compile(r'Column with name "?(.*?)"? already exists'), "42701", 'column "{}" specified more than once'),
    (re.compile(r'Duplicate column name "?(.*?)"?(?: |$)'), "42701", 'column "{}" specified more than once'),
    (re.compile(r'Duplicate CTE name "(.*?)"'), "42712", 'WITH query name "{}" specified more than once'),
    (re.compile(r"(?i)values lists must"), "42601", "VALUES lists must all be the same length"),
    (re.compile(r"NOT NULL constraint failed: (?:.*\.)?(.*)$"), "23502", "Cannot insert a NULL value into column {}"),
    (re.compile(r"ORDER term out of range"), "42P10", "the position in ORDER BY is not in the select list"),
    (re.compile(r"ORDER BY non-integer literal"), "42601", "non-integer constant in ORDER BY"),
)
"""The engine's words, the state and the message of Redshift, with what the words name."""
_MEASURED = {"strlen": "character varying", "octet_length": "binary varying"}


_MEMORY_SETTING = "statement_memory_bytes"
_TOO_MUCH_MEMORY = (
    "The statement needs more memory than the emulator gives a tenant's statements"
    f" (the setting {_MEMORY_SETTING}, --{_MEMORY_SETTING.replace('_', '-')})"
)


@dataclass(frozen=True)
class _Meaning:
    """`message` None passes the engine's first line on: it speaks of values and types alone."""

    sql_state: str
    message: str | None = None


_MEANINGS: dict[str, _Meaning] = {
    "Conversion": _Meaning("22P02"),
    "Out of Range": _Meaning("22003"),
    "Invalid Input": _Meaning("22023"),
    "Mismatch Type": _Meaning("42804"),
    "Constraint": _Meaning("23000"),
    "Out of Memory": _Meaning("53200", _TOO_MUCH_MEMORY),
    "Binder": _Meaning("0A000"),
    "Catalog": _Meaning("0A000"),
    "Parser": _Meaning("0A000"),
    "Not implemented": _Meaning("0A000"),
    "Permission": _Meaning("42501", "The statement reaches beyond the tenant's tables"),
    "Syntax": _Meaning("22025"),
    "Dependency": _Meaning("2BP01"),
    "TransactionContext": _Meaning("25000"),
}
_BY_WORDS: dict[str, _Meaning] = {
    "division by zero": _Meaning("22012", "division by zero"),
    "value out of range: overflow": _Meaning("22003"),
    "launched in read-only mode": _Meaning("25006", "A transaction that is READ ONLY cannot write"),
    "date out of range": _Meaning("22008"),
    "Overflow in": _Meaning("22003"),
    "Duplicate key": _Meaning("23505"),
}
_OF_A_FUNCTION = re.compile(r"while executing the UDF: (\w+): ([^\n]*)")
"""What a function in Python raised: the kind and the first line."""
_TOLD_TO_CLIENTS = frozenset({"SpatialError", "GEOSException"})
_LACKING = "is not supported by the emulator"
_OF_THE_WORKER: dict[str, type[SpectraError]] = {kind.__name__: kind for kind in (InvalidRequest, InvalidSql)}
_BREAKING = frozenset({"FatalException", "InternalException"})
_WITHOUT_MEMORY = frozenset({"MemoryError", "OutOfMemoryException"})
_INTERRUPTED = "InterruptException"
_GAP = "The emulator's engine does not take this statement"


def meaning(failure: EngineFailureError) -> SpectraError:
    """Return the contract's error for what the engine raised."""
    if failure.kind == "MemoryError":
        return _out_of_memory()
    if failure.kind in _OF_THE_WORKER:
        return _OF_THE_WORKER[failure.kind](failure.message)
    if raised := _OF_A_FUNCTION.search(failure.message):
        return _of_a_function(raised[1], raised[2], failure)
    found = _KIND.search(failure.message)
    if found is None or found[1].strip() not in _MEANINGS:
        _log.error("engine failure %s: %s", failure.kind, failure.message)
        return InternalError("The SQL engine failed")
    known = _reworded(found[2]) or _refused_value(found[2], failure.message)
    return known or _explained(found[1].strip(), found[2].strip(), failure.message)


def _refused_value(first_line: str, message: str) -> InvalidSql | None:
    """Return the error for a value that its type does not hold, None where something else went wrong."""
    if too_long := _TOO_LONG.search(message):
        return InvalidSql(f"value too long for type {_MEASURED[too_long[1]]}({too_long[2]})", sql_state="22001")
    narrow = _NARROW.search(first_line)
    return None if narrow is None else _out_of_range(next(filter(None, narrow.groups()), None))


def _reworded(first_line: str) -> InvalidSql | None:
    """Return Redshift's words for what the engine finds before the translation does, None where it has others."""
    for words, state, message in _IN_OTHER_WORDS:
        if found := words.search(first_line):
            return InvalidSql(message.format(*found.groups()), sql_state=state)
    return None


def _of_a_function(kind: str, first_line: str, failure: EngineFailureError) -> SpectraError:
    if kind == "MemoryError":
        return _out_of_memory()
    if kind not in _TOLD_TO_CLIENTS:
        _log.error("engine failure %s: %s", failure.kind, failure.message)
        return InternalError("The SQL engine failed")
    return InvalidSql(first_line, sql_state="0A000" if _LACKING in first_line else "22023")


def interrupted(failure: EngineFailureError) -> bool:
    """Tell whether the statement was stopped for another's sake: its own timeout and cancel never come this way."""
    return failure.kind == _INTERRUPTED


def out_of_memory(failure: EngineFailureError) -> bool:
    """Tell whether the worker had no more memory to give, which it may go on holding.

    A result that finds none while it is handed over fails as an error of Arrow, which names the engine's in its text.
    """
    named = _KIND.search(failure.message)
    by_name = failure.kind in _WITHOUT_MEMORY or "UDF: MemoryError" in failure.message
    return by_name or (named is not None and named[1].strip() == "Out of Memory")


def breaks_engine(failure: EngineFailureError) -> bool:
    """Tell whether the database takes no statement after this one."""
    return failure.kind in _BREAKING


def worker_lost() -> SpectraError:
    """Return the error for a statement that ended its worker process each time it was tried."""
    return _out_of_memory()


def _explained(kind: str, first_line: str, message: str) -> SpectraError:
    by_words = next((known for words, known in _BY_WORDS.items() if words in message), None)
    known = by_words or _MEANINGS[kind]
    if known.message == _TOO_MUCH_MEMORY:
        return _out_of_memory()
    text = known.message or first_line
    if known.sql_state == "0A000":
        text = f"{_GAP}: {first_line}"
    return InvalidSql(text, sql_state=known.sql_state)


def _out_of_range(kind: str | None) -> InvalidSql:
    of_type = "" if kind is None else f" of type {_INTEGERS.get(kind, kind.lower())}"
    return InvalidSql(f"value out of range: overflow{of_type}", sql_state="22003")


def _out_of_memory() -> InvalidSql:
    known = _MEANINGS["Out of Memory"]
    return InvalidSql(known.message or "", sql_state=known.sql_state, setting=_MEMORY_SETTING)
