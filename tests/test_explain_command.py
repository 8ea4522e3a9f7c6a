"""`spectra-emulator explain`: a query's translation without a server."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from spectra_emulator.domain.sql_rules import SqlRules
from spectra_emulator.sql.explanation import explained

from tests.sql.warehouse import sales

CONSOLE_SCRIPT = Path(sys.executable).with_name("spectra-emulator")
SCHEMA = "CREATE TABLE parts (id INT, name VARCHAR(9), price DECIMAL(8,2));"


def explain(folder: Path, *arguments: str, sent: str | None = None) -> subprocess.CompletedProcess[str]:
    command = [CONSOLE_SCRIPT, "explain", *arguments]
    return subprocess.run(command, cwd=folder, input=sent, capture_output=True, text=True, check=False, timeout=60)


def test_a_query_of_the_demo_tables_shows_its_sql_columns_and_rewrites(tmp_path: Path) -> None:
    answer = explain(tmp_path, "SELECT AVG(quantity) FROM sales")
    assert (answer.returncode, answer.stderr) == (0, "")
    assert '"public"."sales"' in answer.stdout
    assert "  avg  BIGINT" in answer.stdout
    assert "aggregates: AVG" in answer.stdout


def test_a_query_of_a_schema_of_ones_own_is_explained_as_json(tmp_path: Path) -> None:
    (tmp_path / "schema.sql").write_text(SCHEMA)
    answer = explain(tmp_path, "SELECT price / 3 AS third FROM parts", "--schema", "schema.sql", "--json")
    explanation = json.loads(answer.stdout)
    assert explanation["columns"] == [{"name": "third", "type": "DECIMAL"}]
    assert "arithmetic" in {one["family"] for one in explanation["rewrites"]}


@pytest.mark.parametrize(("file", "sent"), [("query.sql", None), ("-", "SELECT 5 / 2 AS two")])
def test_a_query_may_come_from_a_file_or_standard_input(tmp_path: Path, file: str, sent: str | None) -> None:
    (tmp_path / "query.sql").write_text("SELECT 5 / 2 AS two")
    answer = explain(tmp_path, "--file", file, sent=sent)
    assert (answer.returncode, "two  INTEGER" in answer.stdout) == (0, True)


@pytest.mark.parametrize(
    ("sql", "code"), [("SELECT 1 UNION SELECT 2", "SQL_BLOCKED"), ("SELECT levenshtein('a', 'b')", "INVALID_SQL")]
)
def test_a_refusal_is_said_as_the_api_says_it(tmp_path: Path, sql: str, code: str) -> None:
    answer = explain(tmp_path, sql, "--json")
    assert (answer.returncode, json.loads(answer.stdout)["error"]["code"]) == (1, code)
    assert explain(tmp_path, sql).stdout.startswith(f"{code}: ")


def test_columns_of_one_name_are_warned_of(tmp_path: Path) -> None:
    answer = explain(tmp_path, "SELECT 1 + 1, 2 + 2", "--json")
    assert json.loads(answer.stdout)["warnings"] == [
        '2 columns are called "?column?": a row keeps the value of the last; tell them apart with AS'
    ]
    assert "Warnings" not in explain(tmp_path, "SELECT 1 + 1 AS two").stdout


def test_the_rules_on_sql_are_settings(tmp_path: Path) -> None:
    assert explain(tmp_path, "SELECT 1 UNION SELECT 2", "--sql-allow-union").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "the query is one argument or --file FILE"),
        (["SELECT 1", "--file", "q.sql"], "the query is one argument or --file FILE"),
        (["--file", "absent.sql"], "cannot read absent.sql: No such file or directory"),
        (["SELECT 1", "--schema", "wrong.sql"], "cannot make the tables of the schema: "),
    ],
)
def test_a_wrong_call_is_one_line_and_exit_2(tmp_path: Path, arguments: list[str], message: str) -> None:
    (tmp_path / "wrong.sql").write_text("CREATE TABEL t (a INT)")
    answer = explain(tmp_path, *arguments)
    assert (answer.returncode, answer.stdout) == (2, "")
    assert message in answer.stderr


def test_only_the_rewrites_that_were_applied_are_told() -> None:
    explanation = explained("SELECT qty / 2, qty / 3 FROM sales", sales().catalogue(), SqlRules())
    applied = {(one.family, one.construct): one.times for one in explanation.rewrites}
    assert applied[("arithmetic", "DIV")] == 2
    assert {family for family, _ in applied} == {"arithmetic", "columns", "queries"}
