"""What goes over the wire is what Redshift's developer guide documents, page by page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import sqlglot
from spectra_emulator.adapters.redshift.catalogue import COLUMNS, KEYS, VIEWS
from spectra_emulator.commands.examination import IGNORING, PROTECTED
from sqlglot import exp

from tests.redshift.asking import asked
from tests.redshift.redshift_like import RedshiftLike

GUIDE = {
    "BEGIN": r"BEGIN READ (ONLY|WRITE)",
    "COMMIT": r"COMMIT",
    "ROLLBACK": r"ROLLBACK",
    "SET": r"SET (timezone|datestyle|query_group) TO '[^']*'",
    "statement_timeout": r"SET statement_timeout TO \d+",
    "LAST_USER_QUERY_ID": r"SELECT last_user_query_id\(\)",
    "PG_CANCEL_BACKEND": r"SELECT pg_cancel_backend\(\d+\)",
    "PG_BACKEND_PID": r"SELECT pg_backend_pid\(\), current_user, usesuper FROM pg_user WHERE usename = current_user",
    "SYS_QUERY_HISTORY": r"SELECT session_id FROM sys_query_history WHERE query_label = '[^']*' AND status IN \(.*\)",
    "SVV_COLUMNS": re.escape(COLUMNS),
    "SVV_TABLES": re.escape(VIEWS),
    "PG_CONSTRAINT": re.escape(KEYS),
    "SVV_RLS_RELATION": re.escape(PROTECTED),
    "SVV_SYSTEM_PRIVILEGES": re.escape(IGNORING),
    "SELECT": r"SELECT id FROM sales ORDER BY id LIMIT 101",
}
"""Each statement by the title of its page; the last is the test's own."""

PAGE = Path(__file__).parents[2] / "docs" / "redshift.md"
ADMINISTRATION = {
    "CREATE USER": r'CREATE USER "\w+" PASSWORD DISABLE',
    "CREATE SCHEMA": r'CREATE SCHEMA "\w+" AUTHORIZATION "\w+"',
    "CREATE ROLE": r"CREATE ROLE \w+",
    "GRANT": r'GRANT [A-Z, ]+ ON (SCHEMA|ALL TABLES IN SCHEMA) \w+ TO "\w+"',
    "GRANT (role permissions)": r'GRANT ROLE \w+ TO "\w+"',
    "GRANT (ASSUMEROLE permissions)": r"GRANT ASSUMEROLE ON 'arn:aws:iam::[^']+' TO ROLE \w+ FOR COPY, UNLOAD",
    "CREATE RLS POLICY": r"CREATE RLS POLICY \w+ WITH \(\w+ VARCHAR\(\d+\)\) USING \(.+\)",
    "ATTACH RLS POLICY": r"ATTACH RLS POLICY \w+ ON [\w.]+ TO PUBLIC",
    "ALTER TABLE": r"ALTER TABLE [\w.]+ ROW LEVEL SECURITY ON",
}


def page(statement: str, guide: dict[str, str]) -> str | None:
    return next((title for title, form in guide.items() if re.fullmatch(form, statement, re.DOTALL)), None)


def test_every_statement_of_a_query_and_a_cancel_has_its_page(redshift: RedshiftLike) -> None:
    before, engine = len(redshift.relay.statements), redshift.engine()
    asked(engine, "SELECT id FROM sales ORDER BY id")
    engine.warehouse.cancel(redshift.login(), "nothing")
    assert engine.catalogue("tenant-123").table("sales")
    sent = redshift.relay.statements[before:]
    assert [statement for statement in sent if page(statement, GUIDE) is None] == []
    pages = {page(statement, GUIDE) for statement in sent}
    assert pages >= {"BEGIN", "LAST_USER_QUERY_ID", "SYS_QUERY_HISTORY", "SELECT"}


@pytest.mark.parametrize(
    "statement", [COLUMNS, VIEWS, KEYS, PROTECTED, IGNORING, "SET query_group TO 'x'", "COMMIT", "ROLLBACK"]
)
def test_a_statement_is_within_the_grammar_that_clients_queries_are_read_by(statement: str) -> None:
    assert not isinstance(sqlglot.parse_one(statement, read="redshift"), exp.Command)


def administration() -> list[str]:
    blocks = re.findall(r"```sql\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    text = "\n".join(line.partition("--")[0] for line in "".join(blocks).splitlines())
    return [" ".join(statement.split()) for statement in text.split(";") if statement.strip()]


@pytest.mark.parametrize("statement", administration())
def test_what_an_administrator_is_told_to_run_is_documented(statement: str) -> None:
    assert page(statement, ADMINISTRATION) is not None
