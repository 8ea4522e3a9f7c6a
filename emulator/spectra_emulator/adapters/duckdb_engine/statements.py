"""What a lane can be asked to do, run inside the worker process."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from importlib import import_module

import duckdb

from spectra_emulator.adapters.duckdb_engine import applied_jobs, late_functions, result_json
from spectra_emulator.adapters.duckdb_engine.wire import Header
from spectra_emulator.adapters.duckdb_engine.work import Work

Answer = tuple[Header, bytes]

_COLUMNS = """
    SELECT schema_name, table_name, column_index, column_name, data_type, comment, is_nullable,
           nullif(column_default, 'NULL')
    FROM duckdb_columns()
    WHERE NOT internal AND schema_name <> 'spectra_internal' AND database_name = current_database()
"""
"""Neither joined nor sorted here: every script waits for it, and the engine plans that longer than it runs."""

_TABLES = """
    SELECT schema_name, table_name, comment, false FROM duckdb_tables() WHERE NOT internal
    UNION ALL SELECT schema_name, view_name, comment, true FROM duckdb_views() WHERE NOT internal
"""
_DEFAULTED = """
    SELECT column_name, column_default FROM duckdb_columns()
    WHERE schema_name = ? AND table_name = ? AND column_default IS NOT NULL AND column_default <> 'NULL'
"""
_BEYOND_SHORTCUTS = (duckdb.OutOfRangeException, duckdb.ConversionException, duckdb.InvalidInputException)
_READERS = {
    "csv": "read_csv(?, header = true)",
    "json": "read_json(?)",
    "parquet": "read_parquet(?)",
}


def answered(work: Work, request: Header) -> Answer:
    """Do what the request asks; one that lacks the spatial functions is done again with them.

    Raises: duckdb.Error and whatever else the engine raises.
    """
    try:
        return _done(work, request)
    except duckdb.CatalogException as error:
        settle(work.cursor, request)
        if not late_functions.provided(work.cursor, error):
            raise
    return _done(work, request)


def _done(work: Work, request: Header) -> Answer:
    doer = _DOERS.get(request["do"])
    return _file_doer(request["do"])(work, request) if doer is None else doer(work.cursor, request)


def settle(cursor: duckdb.DuckDBPyConnection, request: Header) -> None:
    """End what an answered request left open; its client need not wait for it."""
    if request["do"] == "query":
        with suppress(duckdb.TransactionException):
            cursor.execute("ROLLBACK")


def warm_up(cursor: duckdb.DuckDBPyConnection) -> None:
    """Load what the first statements would wait for."""
    _catalogue(cursor, {})
    _query(cursor, {"sql": "SELECT 1", "quick_sql": None, "count_sql": None, "columns": ["one"], "cap": 1})
    cursor.execute("ROLLBACK")


def _query(cursor: duckdb.DuckDBPyConnection, request: Header) -> Answer:
    """Fetch at most `cap` rows as JSON, and count all where more came; `settle` ends the transaction."""
    quick = _quickly_fetched(cursor, request)
    fetched = quick or _fetched(cursor, request["sql"], request)
    total = fetched.row_count
    if fetched.overflowed:
        total = cursor.execute(request["count_sql"]).fetchall()[0][0]
    header = {
        "types": fetched.types,
        "row_count": fetched.row_count,
        "total_rows": total,
        "quick_failed": quick is None and request.get("quick_sql") is not None,
    }
    return header, fetched.rows_json


def _fetched(cursor: duckdb.DuckDBPyConnection, sql: str, request: Header) -> result_json.Fetched:
    cursor.execute("BEGIN TRANSACTION READ ONLY")
    return result_json.fetched(cursor, sql, request["columns"], request["cap"])


def _quickly_fetched(cursor: duckdb.DuckDBPyConnection, request: Header) -> result_json.Fetched | None:
    """Fetch by the shortcuts, None where they do not hold or there are none."""
    if request.get("quick_sql") is None:
        return None
    try:
        return _fetched(cursor, request["quick_sql"], request)
    except _BEYOND_SHORTCUTS:
        cursor.execute("ROLLBACK")
        return None


def _execute(cursor: duckdb.DuckDBPyConnection, request: Header) -> Answer:
    """Run one statement; DML answers how many rows it wrote."""
    result = cursor.execute(request["sql"])
    first = result.fetchall() if result.description else []
    counted = result.description is not None and [column[0] for column in result.description] == ["Count"]
    return {"rows_affected": first[0][0] if counted and first else 0}, b""


def _catalogue(cursor: duckdb.DuckDBPyConnection, _: Header) -> Answer:
    return {"columns": cursor.execute(_COLUMNS).fetchall(), "tables": cursor.execute(_TABLES).fetchall()}, b""


def _applied(cursor: duckdb.DuckDBPyConnection, request: Header) -> Answer:
    return {"counts": applied_jobs.found(cursor, request["job_id"])}, b""


def _defaulted(cursor: duckdb.DuckDBPyConnection, request: Header) -> Answer:
    """Tell which of a table's columns fill themselves, and by what expression."""
    found = cursor.execute(_DEFAULTED, [request["schema"], request["table"]]).fetchall()
    return {"columns": dict(found)}, b""


def _load(cursor: duckdb.DuckDBPyConnection, request: Header) -> Answer:
    """Fill a table from a file, its names folded and nested values as SUPER; make the table where there is none."""
    reader = _READERS[request["format"]]
    found = cursor.execute(f"DESCRIBE SELECT * FROM {reader}", [request["path"]]).fetchall()  # noqa: S608 - our own texts
    columns = ", ".join(_loaded_column(number, row[0], row[1]) for number, row in enumerate(found, 1))
    verb = "INSERT INTO {} BY NAME" if request["exists"] else "CREATE TABLE {} AS"
    sql = f"{verb.format(request['table'])} SELECT {columns} FROM {reader}"  # noqa: S608 - the operator's own file, before any client
    cursor.execute(sql, [request["path"]])
    return {}, b""


def _loaded_column(number: int, name: str, kind: str) -> str:
    nested = kind.endswith("]") or kind.startswith(("STRUCT", "MAP", "JSON"))
    value = f"CAST(to_json(#{number}) AS JSON)" if nested else f"#{number}"
    quoted = name.lower().replace('"', '""')
    return f'{value} AS "{quoted}"'


_DOERS: dict[str, Callable[[duckdb.DuckDBPyConnection, Header], Answer]] = {
    "query": _query,
    "execute": _execute,
    "catalogue": _catalogue,
    "load": _load,
    "applied": _applied,
    "defaulted": _defaulted,
}
_FILE_DOERS = {
    "export": "exports.answered",
    "look": "file_looks.answered",
    "import": "imports.answered",
    "clean": "warehouse_files.cleaned",
    "refuse": "warehouse_files.refused",
    "render": "warehouse_files.rendered",
}


def _file_doer(name: str) -> Callable[[Work, Header], Answer]:
    """Load what moves files when it is first needed: most workers never do, and all would bear its memory."""
    module, _, function = _FILE_DOERS[name].partition(".")
    doer: Callable[[Work, Header], Answer] = getattr(import_module(f"{__package__}.{module}"), function)
    return doer
