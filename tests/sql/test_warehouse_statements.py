"""What is sent to Redshift for bulk jobs, held against sqlglot's grammar of Redshift and the documented syntax.

The pages are of the Database Developer Guide, `docs.aws.amazon.com/redshift/latest/dg/`; each test names its own.
"""

from __future__ import annotations

import re

import pytest
import sqlglot
from spectra_emulator.domain.bulk_jobs import Operation
from spectra_emulator.domain.catalogue import Column, Table
from spectra_emulator.domain.files import FileFormat
from spectra_emulator.domain.sql_rules import SecurityLevel, SqlRules
from spectra_emulator.sql.file_columns import ImportTarget
from spectra_emulator.sql.file_imports import import_plan
from spectra_emulator.sql.file_records import FileShape
from spectra_emulator.sql.guard import parse_read_only
from spectra_emulator.sql.warehouse_changes import WarehouseChange, transaction
from spectra_emulator.sql.warehouse_loads import Access, copy_text, load_errors_query, loaded, staging_statements
from spectra_emulator.sql.warehouse_places import (
    JobPlaces,
    applied_query,
    failed_query,
    left_behind_query,
    preparation,
    text_literal,
    unstaging,
)
from spectra_emulator.sql.warehouse_unloads import probe_text, unload_text, unloaded
from sqlglot import exp

PLACES = JobPlaces("db_user_acme", "bulk-0f-1'\\")
ROLE = Access("arn:aws:iam::123456789012:role/Spectra", "eu-west-1")
KINDS = (
    *("INTEGER", "VARCHAR(20)", "VARCHAR", "DECIMAL(12,2)", "SUPER", "VARBYTE(16)", "GEOMETRY", "GEOGRAPHY"),
    *("TIMESTAMPTZ", "TIMETZ", "DATE", "BOOLEAN", "REAL", "DOUBLE PRECISION", "CHAR(3)"),
)
TABLE = Table(
    "public",
    'odd "table"',
    tuple(Column(f"Col {number}", kind, nullable=number > 0) for number, kind in enumerate(KINDS)),
    ("Col 0",),
)
RULES = SqlRules(SecurityLevel.PERMISSIVE, allow_union=True)
LITERAL = r"'(?:[^'\\]|''|\\.)*'"


def change(operation: Operation, sparse: frozenset[int] = frozenset()) -> WarehouseChange:
    shape = FileShape(tuple(column.name for column in TABLE.columns), sparse=sparse)
    key = () if operation is Operation.INSERT else ("Col 0",)
    target = ImportTarget(operation, TABLE, key, defaults=(("Col 1", "'none'::varchar"),))
    plan = import_plan("/file", FileFormat(), shape, target)
    return WarehouseChange(plan.change, PLACES, loaded(plan.filled), 7)


def parsed(statement: str) -> exp.Expr:
    """Return the one tree; Redshift's grammar leaves nothing of it unread."""
    (tree,) = sqlglot.parse(statement, read="redshift", error_level=sqlglot.ErrorLevel.RAISE)
    assert tree is not None
    assert not isinstance(tree, exp.Command), statement
    return tree


@pytest.mark.parametrize("sparse", [frozenset[int](), frozenset({1, 3})], ids=["whole", "sparse"])
@pytest.mark.parametrize("operation", [one for one in Operation if one is not Operation.QUERY])
def test_a_change_is_sql_of_redshift(operation: Operation, sparse: frozenset[int]) -> None:
    """Pages: "INSERT" (r_INSERT_30), "UPDATE" (r_UPDATE), "DELETE" (r_DELETE), "ROW_NUMBER" (r_WF_ROW_NUMBER)."""
    locking, *others = transaction(change(operation, sparse))

    assert [type(parsed(one)) for one in others][:1] == [exp.Delete]
    assert {type(parsed(one)) for one in others} <= {exp.Insert, exp.Update, exp.Delete}
    assert re.fullmatch(r'LOCK "db_user_acme"\."spectra_applied_jobs"', locking)


@pytest.mark.parametrize("operation", [one for one in Operation if one is not Operation.QUERY])
def test_a_change_locks_first_and_marks_before_it_changes(operation: Operation) -> None:
    """Pages: "LOCK" (r_LOCK), "Serializable isolation" (c_serial_isolation): the first to read takes the snapshot."""
    statements = transaction(change(operation))
    changes = re.compile(r'(INSERT INTO|UPDATE|DELETE FROM) "public"."odd ""table"""')
    changing = [number for number, one in enumerate(statements) if changes.match(one)]
    marks = 'INSERT INTO "db_user_acme"."spectra_applied_jobs"'
    (marking,) = [number for number, one in enumerate(statements) if one.startswith(marks)]

    assert statements[0].startswith("LOCK ")
    assert marking < min(changing)


def test_the_tables_of_jobs_are_sql_of_redshift() -> None:
    """Pages: "CREATE TABLE" (r_CREATE_TABLE_NEW), "DATEADD" (r_DATEADD_function), "DROP TABLE" (r_DROP_TABLE)."""
    kinds = [type(parsed(one)) for one in preparation(PLACES)]
    staging = [type(parsed(one)) for one in staging_statements(PLACES, change(Operation.UPSERT).columns, None)]

    assert kinds == [exp.Create, exp.Create, exp.Delete, exp.Delete]
    assert staging == [exp.Drop, exp.Create]
    assert isinstance(parsed(unstaging(PLACES)), exp.Drop)


QUESTIONS = [
    applied_query(PLACES),
    failed_query(PLACES, -1, 100),
    load_errors_query("s3://b/k'", -1, 100),
    left_behind_query(PLACES),
]


@pytest.mark.parametrize("query", QUESTIONS)
def test_questions_about_a_job_are_sql_of_redshift(query: str) -> None:
    """Pages: "SYS_LOAD_ERROR_DETAIL" (SYS_LOAD_ERROR_DETAIL), "PG_CLASS_INFO" (r_PG_CLASS_INFO)."""
    assert isinstance(parsed(query), exp.Select)


COPY_SYNTAX = (
    rf'COPY "\w+"\."\w+" FROM {LITERAL} IAM_ROLE (?:default|{LITERAL}) FORMAT AS JSON \'auto\''
    rf" DATEFORMAT AS 'auto' TIMEFORMAT AS 'auto' MAXERROR AS 100000 COMPUPDATE OFF(?: REGION AS {LITERAL})?"
)
UNLOAD_SYNTAX = (
    rf"UNLOAD \(({LITERAL})\) TO {LITERAL} IAM_ROLE (?:default|{LITERAL}) FORMAT AS PARQUET MANIFEST ALLOWOVERWRITE"
    rf" PARALLEL OFF(?: REGION AS {LITERAL})?"
)


@pytest.mark.parametrize("access", [Access(), ROLE], ids=["default role", "role and region"])
def test_copy_is_as_documented(access: Access) -> None:
    """Pages: "COPY" (r_COPY), "COPY from JSON format" (copy-usage_notes-copy-from-json)."""
    statement = copy_text(PLACES, "s3://bucket/o'dd/records.json", access)

    assert isinstance(parsed(statement), exp.Copy)
    assert re.fullmatch(COPY_SYNTAX, statement)


def test_values_that_copy_does_not_read_from_json_are_loaded_as_text() -> None:
    """Pages: "Loading a column of the VARBYTE data type" (copy-usage-varbyte), "FROM_HEX" (r_FROM_HEX)."""
    columns = {column.column.target.type: column for column in change(Operation.INSERT).columns}

    assert [columns[kind].definition.split(" ", 1)[1] for kind in ("VARBYTE(16)", "GEOMETRY")] == ["VARCHAR(65535)"] * 2
    assert columns["VARBYTE(16)"].value("s") == 'FROM_HEX(s."c5")'


QUERIES = [
    "SELECT a, b AS a FROM t ORDER BY 2 DESC NULLS LAST LIMIT 10 OFFSET 3",
    "SELECT 'it''s', '\\\\x' FROM t WHERE c LIKE 'a\\\\_%'",
    "WITH w AS (SELECT 1 AS n) SELECT n, SUM(n) OVER () FROM w ORDER BY n + 1",
    "SELECT a FROM t UNION ALL SELECT b FROM u ORDER BY 1",
    "SELECT TOP 5 a FROM t ORDER BY b",
]


@pytest.mark.parametrize("access", [Access(), ROLE], ids=["default role", "role and region"])
@pytest.mark.parametrize("sql", QUERIES)
def test_unload_is_as_documented(sql: str, access: Access) -> None:
    """Pages: "UNLOAD" (r_UNLOAD), whose query takes no LIMIT outside; "FROM clause" (r_FROM_clause30)."""
    query, columns = parse_read_only(sql, RULES), [Column("a", "INTEGER"), Column("a", "TIMETZ")]
    statement = unload_text(query, columns, "s3://bucket/pre'fix_", access)
    found = re.fullmatch(UNLOAD_SYNTAX, statement)

    assert found is not None
    selected = re.sub(r"''|\\(.)", lambda one: one[1] or "'", found[1][1:-1])
    outer = parsed(selected)
    assert isinstance(outer, exp.Select)
    assert not outer.args.get("limit")
    assert (outer.args.get("order") is None) == (query.args.get("order") is None)


@pytest.mark.parametrize(
    ("sql", "order", "carried"),
    [
        pytest.param("SELECT a, b FROM t ORDER BY b DESC", "ORDER BY c1 DESC", 0, id="by name"),
        pytest.param("SELECT a, b FROM t ORDER BY 2", "ORDER BY c1", 0, id="by place"),
        pytest.param("SELECT a, b FROM t ORDER BY c", "ORDER BY k0", 1, id="by what is not selected"),
        pytest.param("SELECT a, b + 1 FROM t ORDER BY b + 1", "ORDER BY c1", 0, id="by an expression selected"),
        pytest.param("SELECT * FROM t ORDER BY t.a", "ORDER BY k0", 1, id="by a column of a star"),
        pytest.param("SELECT a, b FROM t ORDER BY a, c, b", "ORDER BY c0, k1, c1", 1, id="by several"),
    ],
)
def test_the_order_is_said_again_outside(sql: str, order: str, carried: int) -> None:
    """Page: "UNLOAD" (r_UNLOAD): with PARALLEL OFF the files are sorted as the query says."""
    columns = [Column("a", "INTEGER"), Column("b", "INTEGER")]
    outer = unloaded(parse_read_only(sql, RULES), columns)

    assert outer.args["order"].sql("redshift").strip() == order
    assert len(outer.args["from_"].this.args["alias"].columns) == 2 + carried


def test_the_columns_of_a_query_are_asked_for_without_its_rows() -> None:
    assert probe_text(parse_read_only("SELECT a FROM t ORDER BY a LIMIT 5", RULES)).endswith("LIMIT 0")


def test_a_text_ends_nowhere_but_at_its_end() -> None:
    """Page: "UNLOAD" (r_UNLOAD): quotes within the query are doubled."""
    assert text_literal("it's \\ here") == "'it''s \\\\ here'"
