"""`spectra-emulator explain`: what a query becomes for DuckDB, and why."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from spectra_emulator.command_line import SOURCES, Command, Invocation, UsageError
from spectra_emulator.domain.errors import SpectraError
from spectra_emulator.settings_flags import add_flags

EXPLAIN_SETTINGS = (
    *("fixtures", "sql_security_level", "sql_allow_union", "sql_allow_cte"),
    *("sql_max_joins", "sql_max_subqueries", "sql_max_length"),
)
STANDARD_INPUT = "-"


def explain(invocation: Invocation) -> int:
    options = invocation.options
    sql = _sql_of(options)
    schema = None if options.schema is None else _text_of(options.schema)
    settings = invocation.loaded().settings
    from spectra_emulator.commands.explanations import answer, catalogue_of  # noqa: PLC0415 - 0.3 s for other commands

    try:
        catalogue = catalogue_of(settings, options.tenant, schema)
    except SpectraError as error:
        raise UsageError(f"cannot make the tables of the schema: {error.message}") from error
    text, code = answer(sql, catalogue, settings, options.tenant, as_json=options.json)
    print(text)
    return code


def _sql_of(options: argparse.Namespace) -> str:
    """Return the query: the argument, a file's text or standard input.

    Raises: UsageError.
    """
    if (options.sql is None) == (options.file is None):
        raise UsageError('the query is one argument or --file FILE, such as "SELECT 1" or --file -')
    return str(options.sql) if options.file is None else _text_of(options.file)


def _text_of(file: str) -> str:
    try:
        return sys.stdin.read() if file == STANDARD_INPUT else Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read {file}: {getattr(error, 'strerror', None) or error}") from error


def _explain_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("sql", nargs="?", metavar="SQL", help="Query in Redshift's SQL.")
    parser.add_argument("--file", metavar="FILE", help="File that holds the query; - is standard input.")
    parser.add_argument("--schema", metavar="FILE", help="Script that makes the tables, in place of the fixtures.")
    parser.add_argument("--tenant", default="local", metavar="TENANT", help="Tenant whose fixtures count. [local]")
    parser.add_argument("--json", action="store_true", help="Print JSON instead of text.")
    add_flags(parser, EXPLAIN_SETTINGS)


EXPLAIN = Command("Show what a query becomes for DuckDB, and why.", explain, _explain_options, SOURCES, "SQL [options]")
