"""Which SQL a client may run."""

from __future__ import annotations

from dataclasses import replace

import pytest
from spectra_emulator.domain.errors import InvalidSql, SpectraError, SqlBlocked
from spectra_emulator.domain.sql_rules import SecurityLevel, SqlRules
from spectra_emulator.sql.guard import parse_read_only
from sqlglot import exp

from tests.requirements import requirement

STANDARD = SqlRules()
STRICT = SqlRules(security_level=SecurityLevel.STRICT)
PERMISSIVE = SqlRules(security_level=SecurityLevel.PERMISSIVE)

HARMLESS = [
    "SELECT 'please update me'",
    "SELECT 'DROP TABLE x; DELETE FROM y -- /* UNION */'",
    "SELECT * FROM t WHERE a='x' AND b=1 OR c='y'",
    "SELECT CAST(x AS CHAR(3)) FROM t",
    "SELECT truncated, created, updated_at, sys_id, pg_count FROM t",
    'SELECT "drop", "select" AS "update" FROM t',
    "SELECT '0x41', x41 FROM t",
    "SELECT 1",
    "SELECT 1 WHERE 1 = 1;",
    "(SELECT 1)",
    "SELECT TOP 5 * FROM public.sales",
    "SELECT DISTINCT a FROM t ORDER BY a DESC NULLS LAST LIMIT 10 OFFSET 5",
    "SELECT a FROM t FETCH FIRST 5 ROWS ONLY",
    "WITH x AS (SELECT * FROM sales), y (b) AS (SELECT 1) SELECT * FROM x, y WHERE x.id IN (1, 2)",
    "SELECT * FROM (SELECT id, ROW_NUMBER() OVER (PARTITION BY a ORDER BY b DESC) AS rn FROM t) AS s WHERE rn = 1",
    "SELECT * FROM a JOIN b USING (id) LEFT JOIN c ON c.id = a.id FULL JOIN d ON TRUE CROSS JOIN e NATURAL JOIN f",
    "SELECT a FROM t INTERSECT SELECT b FROM u EXCEPT SELECT c FROM v MINUS SELECT d FROM w",
    "SELECT a, COUNT(*) FROM t GROUP BY ROLLUP (a, b) HAVING COUNT(*) > 2",
    "SELECT a FROM t GROUP BY GROUPING SETS ((a), (b), ()) QUALIFY ROW_NUMBER() OVER (ORDER BY a) = 1",
    "SELECT a::VARCHAR(10), b::NUMERIC(12, 2), c::SUPER, d::TIMESTAMPTZ, e::DOUBLE PRECISION, f::BOOL FROM t",
    "SELECT DATE '2024-01-01' + 1, TIMESTAMP '2024-01-01 00:00:00', INTERVAL '3 days 2 hours', INTERVAL '1' MONTH",
    "SELECT -1, +2, NOT TRUE, a || b, a % 2, a ^ 2, |/ 4, ~1, 1 << 2, 5 & 3, 5 | 2, a <> b, a != b, 'a'\n'b' FROM t",
    "SELECT a FROM t WHERE a LIKE 'x%' ESCAPE '!' OR b NOT ILIKE 'y' OR c SIMILAR TO 'z' OR d ~ 'e' OR f !~ 'g'",
    "SELECT a FROM t WHERE a IS NOT NULL AND b BETWEEN 1 AND 2 AND c NOT IN ('a') AND (d, e) IN ((1, 2))",
    "SELECT a FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.id = t.id) AND a > ALL (SELECT b FROM u)",
    "SELECT public.sales.id, s.* FROM public.sales s",
    "SELECT ts AT TIME ZONE 'UTC', 1.5e10, .5 FROM t",
    "SELECT json FROM t AS list WHERE format = 1",
]


def blocked(sql: str, rules: SqlRules = STANDARD) -> SqlBlocked:
    with pytest.raises(SqlBlocked) as raised:
        parse_read_only(sql, rules)
    return raised.value


def invalid(sql: str, rules: SqlRules = STANDARD) -> InvalidSql:
    with pytest.raises(InvalidSql) as raised:
        parse_read_only(sql, rules)
    return raised.value


@requirement("SQL-01", "SQL-11", "SQL-12")
@pytest.mark.parametrize("sql", HARMLESS)
def test_an_ordinary_query_passes(sql: str) -> None:
    assert isinstance(parse_read_only(sql, STANDARD), exp.Query)


@requirement("SQL-02", "QRY-61", "ERR-22")
def test_drop_table_is_blocked_in_the_words_of_the_contract() -> None:
    error = blocked("DROP TABLE users")

    assert error.message == "Query contains forbidden patterns"
    assert error.details == {
        "pattern": "DROP TABLE",
        "reason": "DDL statements are not allowed",
        "rule": "FORBIDDEN_STATEMENT",
    }


@requirement("SQL-02", "SQL-03", "SQL-04", "SQL-15", "SQL-17")
@pytest.mark.parametrize(
    ("sql", "pattern"),
    [
        ("CREATE OR REPLACE VIEW v AS SELECT 1", "CREATE VIEW"),
        ("create temp table x (a int)", "CREATE TABLE"),
        ("CREATE PERSISTENT SECRET s (TYPE s3)", "CREATE SECRET"),
        ("ALTER TABLE t ADD COLUMN a INT", "ALTER TABLE"),
        ("DROP SCHEMA s CASCADE", "DROP SCHEMA"),
        ("TRUNCATE t", "TRUNCATE"),
        ("INSERT INTO t VALUES (1)", "INSERT INTO"),
        ("UPDATE t SET a = 1", "UPDATE"),
        ("DELETE FROM t", "DELETE FROM"),
        ("DELETE t", "DELETE"),
        ("MERGE INTO t USING s ON t.a = s.a WHEN MATCHED THEN UPDATE SET a = 1", "MERGE INTO"),
        ("GRANT SELECT ON t TO u", "GRANT"),
        ("REVOKE ALL ON t FROM u", "REVOKE"),
        ("VACUUM", "VACUUM"),
        ("ANALYZE t", "ANALYZE"),
        ("COPY t FROM 's3://bucket'", "COPY"),
        ("COPY (SELECT 1) TO '/tmp/x'", "COPY"),
        ("UNLOAD ('SELECT 1') TO 's3://bucket'", "UNLOAD"),
        ("CALL p()", "CALL"),
        ("EXECUTE p", "EXECUTE"),
        ("PREPARE p AS SELECT 1", "PREPARE"),
        ("EXPLAIN SELECT 1", "EXPLAIN"),
        ("SHOW TABLES", "SHOW"),
        ("SET search_path TO x", "SET"),
        ("RESET ALL", "RESET"),
        ("BEGIN", "BEGIN"),
        ("COMMIT", "COMMIT"),
        ("VALUES (1)", "VALUES"),
        ("TABLE t", "TABLE"),
        ("LOCK t", "LOCK"),
        ("USE other", "USE"),
        ("ATTACH 'x.db' AS x", "ATTACH"),
        ("PRAGMA version", "PRAGMA"),
        ("INSTALL httpfs", "INSTALL"),
        ("LOAD 'x'", "LOAD"),
        ("FROM t", "FROM"),
        ("PIVOT t ON a USING COUNT(*)", "PIVOT"),
        ("SUMMARIZE t", "SUMMARIZE"),
        ("IMPORT DATABASE 'x'", "IMPORT"),
    ],
)
@pytest.mark.parametrize("rules", [STRICT, STANDARD, PERMISSIVE], ids=["strict", "standard", "permissive"])
def test_a_statement_that_is_no_query_is_blocked(sql: str, pattern: str, rules: SqlRules) -> None:
    error = blocked(sql, rules)

    assert error.details["pattern"] == pattern
    assert error.details["rule"] == "FORBIDDEN_STATEMENT"
    assert error.status == 400


@requirement("SQL-05")
@pytest.mark.parametrize(
    ("sql", "pattern"),
    [
        ("SELECT 1; SELECT 2", ";"),
        ("SELECT 1; DROP TABLE x", "DROP TABLE"),
        ("SELECT 1;;SELECT 2;", ";"),
        ("SELECT 1 -- a\n; DELETE FROM t", "DELETE FROM"),
    ],
)
def test_stacked_statements_are_blocked(sql: str, pattern: str) -> None:
    assert blocked(sql).details["pattern"] == pattern


@requirement("SQL-06")
@pytest.mark.parametrize(
    ("sql", "pattern"),
    [
        ("WITH a AS (DELETE FROM t RETURNING *) SELECT * FROM a", "DELETE FROM"),
        ("WITH a AS (INSERT INTO t VALUES (1)) SELECT 1", "INSERT INTO"),
        ("WITH a AS (UPDATE t SET b = 1) SELECT 1", "UPDATE"),
        ("WITH a AS (SELECT 1) DELETE FROM t", "DELETE FROM"),
        ("WITH a AS (SELECT 1) INSERT INTO t SELECT * FROM a", "INSERT INTO"),
        ("WITH a AS (COPY t TO 'x') SELECT 1", "COPY"),
        ("SELECT * INTO x FROM t", "SELECT INTO"),
        ("SELECT * INTO TEMP x FROM t", "SELECT INTO"),
        ("SELECT * FROM t FOR UPDATE", "FOR UPDATE"),
    ],
)
def test_a_query_that_changes_data_is_blocked(sql: str, pattern: str) -> None:
    assert blocked(sql).details["pattern"] == pattern


@requirement("SQL-07")
@pytest.mark.parametrize(
    "sql", ["SELECT 1 /* a */", "/* a */ SELECT 1", "SELECT/**/1", "SELECT 1 --", "SELECT 1 -- ", "SELECT 1 --;"]
)
def test_a_comment_that_could_hide_something_is_blocked_below_permissive(sql: str) -> None:
    error = blocked(sql)

    assert error.details["pattern"] in ("/*", "--")
    assert "sql_security_level=permissive" in str(error.details["reason"])
    assert parse_read_only(sql, PERMISSIVE)


@requirement("SQL-07")
@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1 -- a note",
        "-- a note\nSELECT 1",
        "SELECT 1 -- a note /* of stars */",
        "SELECT 1 --\n, 2",
        "SELECT '/* a */', '--' FROM t",
        'SELECT "a--b" FROM t',
    ],
)
def test_ordinary_comments_and_literals_that_look_like_one_pass(sql: str) -> None:
    assert parse_read_only(sql, STANDARD)


@requirement("SQL-08")
@pytest.mark.parametrize(
    "sql", ["SELECT 1 UNION SELECT 2", "SELECT 1 UNION ALL (SELECT 2)", "SELECT * FROM (SELECT 1 UNION SELECT 2)"]
)
def test_union_needs_its_switch(sql: str) -> None:
    error = blocked(sql)

    assert error.details["pattern"] == "UNION"
    assert "sql_allow_union" in str(error.details["reason"])
    assert parse_read_only(sql, SqlRules(allow_union=True))


@requirement("SQL-09")
@pytest.mark.parametrize(
    ("sql", "name"),
    [
        ("SELECT * FROM information_schema.tables", "information_schema"),
        ("SELECT * FROM PG_CATALOG.pg_class", "PG_CATALOG"),
        ("SELECT relname FROM pg_class", "pg_class"),
        ('SELECT * FROM "stl_query"', "stl_query"),
        ("SELECT * FROM svv_tables s", "svv_tables"),
        ("SELECT * FROM sys_query_history", "sys_query_history"),
        ("SELECT pg_class.relname FROM t", "pg_class"),
        ("SELECT 1 WHERE EXISTS (SELECT 1 FROM stv_inflight)", "stv_inflight"),
    ],
)
def test_system_objects_are_blocked_below_permissive(sql: str, name: str) -> None:
    error = blocked(sql)

    assert error.details["pattern"] == name
    assert error.details["rule"] == "FORBIDDEN_OBJECT"
    assert "sql_security_level=permissive" in str(error.details["reason"])
    assert parse_read_only(sql, PERMISSIVE)


@pytest.mark.parametrize("sql", ["SELECT 'information_schema', 'pg_class'", "SELECT stl_x AS svv_y FROM t"])
def test_literals_and_columns_named_like_system_objects_pass(sql: str) -> None:
    assert parse_read_only(sql, STANDARD)


@pytest.mark.parametrize("rules", [STANDARD, PERMISSIVE], ids=["standard", "permissive"])
@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM other.public.sales",
        "SELECT * FROM other.public.sales, items other",
        "SELECT * FROM items other, (SELECT * FROM other.public.sales) x",
        "SELECT x.* FROM (SELECT * FROM other.public.sales) x JOIN items other ON TRUE",
        "WITH x AS (SELECT * FROM other.public.sales) SELECT x.* FROM x, items other",
        'SELECT * FROM "/etc/passwd"',
        'SELECT * FROM "data.parquet"',
        'SELECT * FROM "s3://bucket/*.csv"',
    ],
)
def test_other_databases_and_files_are_blocked_at_every_level(sql: str, rules: SqlRules) -> None:
    assert blocked(sql, rules).details["rule"] == "FORBIDDEN_OBJECT"


def test_a_warehouse_gets_no_name_that_may_be_of_another_database() -> None:
    sql = "SELECT (SELECT MAX(a) FROM other.public.sales) AS a FROM items other"
    rules = replace(STANDARD, foreign_functions=True)

    assert parse_read_only(sql, STANDARD)
    assert blocked(sql, rules).details["rule"] == "FORBIDDEN_OBJECT"


@pytest.mark.parametrize("call", ["tools.upper('a')", "tools.mine(1)", "mine(1)"])
def test_a_function_of_a_users_own_is_none_of_the_strict_levels(call: str) -> None:
    rules = replace(STANDARD, foreign_functions=True)

    assert parse_read_only(f"SELECT {call} AS a", rules)
    assert blocked(f"SELECT {call} AS a", replace(rules, security_level=SecurityLevel.STRICT)).details["rule"] == (
        "FUNCTION_NOT_ALLOWED"
    )


@pytest.mark.parametrize("rules", [STANDARD, PERMISSIVE], ids=["standard", "permissive"])
@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('x')",
        "SELECT * FROM range(1000000000)",
        "SELECT * FROM generate_series(1, 10)",
        "SELECT * FROM t, LATERAL (SELECT 1)",
        "SELECT * FROM (VALUES (1))",
        "SELECT * FROM (SHOW ALL TABLES)",
        "SELECT * FROM (FROM t)",
        "(SELECT 1) JOIN t ON TRUE",
        "(SELECT 1) AS x",
        "SELECT * FROM t TABLESAMPLE (10)",
        "SELECT * FROM t PIVOT (SUM(a) FOR b IN (ANY))",
        "SELECT * FROM t AT (VERSION => 1)",
        "SELECT * REPLACE (1 AS a) FROM t",
        "SELECT COLUMNS('a') FROM t",
        "SELECT DISTINCT ON (a) a FROM t",
        "SELECT a FROM t UNION BY NAME SELECT a FROM u",
        "SELECT a FROM t EXCEPT ALL SELECT a FROM u",
        "SELECT SUM(a) FILTER (WHERE b) FROM t",
        "SELECT SUM(a ORDER BY b) FROM t",
        "SELECT SUM(a LIMIT 1) FROM t",
        "SELECT SUM(a) OVER w FROM t WINDOW w AS (ORDER BY a)",
        "SELECT list_transform(a, x -> x + 1) FROM t",
        "SELECT f(a => 1) FROM t",
        "SELECT [1, 2]",
        "SELECT {'a': 1}",
        "SELECT [x FOR x IN a]",
        "SELECT #1 FROM t",
        "SELECT $1",
        "SELECT ?",
        "SELECT :name",
        "SELECT @@version",
        "SELECT a := 1",
        "SELECT a FROM t WHERE a == 1",
        "SELECT a @> b, a <@ b FROM t",
        "SELECT a FROM t WHERE b GLOB 'x'",
        "SELECT '{}'::JSON",
        "SELECT a::INT[] FROM t",
        "SELECT a::STRUCT(b INT) FROM t",
        "SELECT E'a'",
        "SELECT N'a'",
        "SELECT 1e",
        "SELECT `a` FROM t",
        "SELECT x.f(1) FROM t",
        'SELECT EXTRACT("day) FROM x" FROM a) FROM t',
        "SELECT * FROM t AS x (a INT)",
        "SELECT a FROM t LIMIT 10 PERCENT",
        "SELECT a FROM t FETCH FIRST 5 ROWS WITH TIES",
        "SELECT a FROM t WHERE a IN UNNEST([1])",
        "SELECT MAX(a) KEEP (DENSE_RANK FIRST ORDER BY b) FROM t",
        "SELECT",
        "foo",
        "1",
    ],
)
def test_what_redshift_has_not_is_refused(sql: str, rules: SqlRules) -> None:
    with pytest.raises(SpectraError) as raised:
        parse_read_only(sql, SqlRules(security_level=rules.security_level, allow_union=True))

    assert raised.value.code in ("INVALID_SQL", "SQL_BLOCKED")


@requirement("SQL-11")
@pytest.mark.parametrize("sql", ["SELECT 0x41", "SELECT * FROM t WHERE a = 0X4A4B", "SELECT 0xDEADBEEF FROM t"])
def test_a_hexadecimal_literal_is_blocked(sql: str) -> None:
    assert str(blocked(sql).details["pattern"]).lower().startswith("0x")


@requirement("SQL-13")
@pytest.mark.parametrize("join", [" JOIN t ON TRUE", ", t", " CROSS JOIN t"], ids=["join", "comma", "cross"])
def test_the_number_of_joins_is_limited(join: str) -> None:
    error = invalid("SELECT 1 FROM t" + join * 11)

    assert (error.details["limit"], error.details["actual"]) == (10, 11)
    assert "sql_max_joins" in error.message
    assert parse_read_only("SELECT 1 FROM t" + join * 10, STANDARD)


@requirement("SQL-13")
def test_the_number_of_subqueries_is_limited() -> None:
    error = invalid("SELECT " + ", ".join(["(SELECT 1)"] * 6))

    assert (error.details["limit"], error.details["actual"]) == (5, 6)
    assert "sql_max_subqueries" in error.message
    assert parse_read_only("SELECT " + ", ".join(["(SELECT 1)"] * 5), STANDARD)


@requirement("SQL-13", "QRY-07")
def test_the_length_is_limited_by_its_setting() -> None:
    error = invalid("SELECT 12345", SqlRules(max_length=10))

    assert (error.details["length"], error.details["max_length"]) == (12, 10)


def test_the_select_list_is_as_wide_as_redshifts_at_most() -> None:
    assert parse_read_only("SELECT " + ", ".join(["1"] * 1664), STANDARD)
    assert invalid("SELECT " + ", ".join(["1"] * 1665)).details["limit"] == 1664


@requirement("SQL-16")
@pytest.mark.parametrize("name", ["a" * 128, "ü" * 64], ids=["ascii", "multibyte"])
def test_an_identifier_has_at_most_127_bytes(name: str) -> None:
    error = invalid(f"SELECT {name} FROM t")

    assert error.details["rule"] == "IDENTIFIER_TOO_LONG"
    assert (error.details["limit"], error.details["actual"]) == (127, 128)


@requirement("SQL-14")
@pytest.mark.parametrize(
    "sql", ["SELECT (SELECT 1)", "SELECT * FROM (SELECT 1)", "WITH x AS (SELECT 1) SELECT * FROM x"]
)
def test_the_level_strict_has_no_subqueries_and_no_common_table_expressions(sql: str) -> None:
    assert "sql_security_level=standard" in str(blocked(sql, STRICT).details["reason"])


@requirement("SQL-14")
def test_the_level_strict_runs_plain_queries() -> None:
    assert parse_read_only("SELECT region, SUM(amount) FROM sales s JOIN t USING (id) GROUP BY region LIMIT 5", STRICT)


@requirement("SQL-14")
def test_common_table_expressions_have_a_switch_of_their_own() -> None:
    error = blocked("WITH x AS (SELECT 1) SELECT * FROM x", SqlRules(allow_cte=False))

    assert error.details["rule"] == "CTE_NOT_ALLOWED"
    assert "sql_allow_cte" in str(error.details["reason"])


def test_a_recursive_common_table_expression_passes() -> None:
    sql = "WITH RECURSIVE r (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 5) SELECT n FROM r"

    assert parse_read_only(sql, SqlRules(allow_union=True))


@requirement("SQL-16", "QRY-06")
@pytest.mark.parametrize("sql", ["", " \n", ";;", "-- only a note"])
def test_an_empty_text_is_no_statement(sql: str) -> None:
    assert invalid(sql).details["rule"] == "EMPTY_QUERY"


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT '\\'); DROP TABLE x; --'",
        "SELECT 'it''s'",
        'SELECT "a""b" FROM t',
        'SELECT a AS "x\n--" FROM t',
    ],
)
def test_quotes_inside_quotes_hide_nothing(sql: str) -> None:
    tree = parse_read_only(sql, STANDARD)

    assert parse_read_only(tree.sql(dialect="redshift"), STANDARD) == tree
