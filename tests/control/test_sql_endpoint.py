from __future__ import annotations

from pathlib import Path

import pytest

from tests.api.bulk_client import BulkClient
from tests.credentials import query_as, token
from tests.emulator import Emulator, Emulators
from tests.requirements import requirement

COLOURS = "CREATE TABLE colours (name VARCHAR(16)); INSERT INTO colours VALUES ('red'), ('blue')"


def names(server: Emulator, tenant: str) -> list[str]:
    rows = query_as(server, tenant, "SELECT name FROM colours ORDER BY name").json["data"]
    return [row["name"] for row in rows]


def test_a_script_makes_a_table_and_says_what_it_did(server: Emulator) -> None:
    answer = server.sql(COLOURS, "script")

    assert (answer.status, answer.json) == (200, {"statements": 2, "rows_affected": 2, "tables": ["public.colours"]})
    assert names(server, "script") == ["blue", "red"]


def test_what_a_script_changed_is_seen_by_the_next_query(server: Emulator) -> None:
    server.sql(COLOURS, "changes")
    names(server, "changes")
    answer = server.sql(
        "UPDATE colours SET name = 'green' WHERE name = 'red'; DELETE FROM colours WHERE name = 'blue'", "changes"
    )

    assert answer.json == {"statements": 2, "rows_affected": 2, "tables": ["public.colours"]}
    assert names(server, "changes") == ["green"]


def test_a_changed_table_is_seen_by_a_query_that_ran_before(server: Emulator) -> None:
    server.sql(COLOURS, "columns")
    before = query_as(server, "columns", "SELECT * FROM colours").json["metadata"]["columns"]
    server.sql("ALTER TABLE colours ADD COLUMN shade INTEGER", "columns")

    assert before == ["name"]
    assert query_as(server, "columns", "SELECT * FROM colours").json["metadata"]["columns"] == ["name", "shade"]


def test_a_failing_script_changes_nothing(server: Emulator) -> None:
    server.sql(COLOURS, "whole")
    answer = server.sql(
        "INSERT INTO colours VALUES ('green'); INSERT INTO colours VALUES ('no', 'such', 'column')", "whole"
    )

    assert (answer.status, answer.code) == (400, "INVALID_SQL")
    assert names(server, "whole") == ["blue", "red"]


def test_a_script_of_one_tenant_is_no_other_tenants(server: Emulator) -> None:
    server.sql(COLOURS, "here")

    assert query_as(server, "there", "SELECT * FROM colours").details["sql_state"] == "42P01"


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("CREATE TABEL x (a INTEGER)", "INVALID_SQL"),
        ("INSERT INTO nothing_here VALUES (1)", "INVALID_SQL"),
        ("SELECT 1 FORM x", "INVALID_SQL"),
        ("INSERT INTO spectra_conformance_sandbox VALUES (1, NULL, 1, NULL)", "INVALID_SQL"),
        ("INSERT INTO spectra_conformance_sandbox VALUES (1, 'x', 'no number', NULL)", "INVALID_SQL"),
        ("ATTACH '/tmp/x.duckdb' AS x", "INVALID_SQL"),
        ("INSTALL httpfs", "INVALID_SQL"),
        ("COPY spectra_conformance_sandbox TO '/tmp/stolen.csv'", "INVALID_SQL"),
        ("PRAGMA database_list", "INVALID_SQL"),
    ],
)
def test_what_is_wrong_with_a_script_is_said(server: Emulator, sql: str, code: str) -> None:
    answer = server.sql(sql, "wrong")

    assert (answer.status, answer.code) == (400, code)
    assert answer.json["error"]["message"]


@pytest.mark.parametrize("body", [{}, {"sql": None}, {"sql": 5}, {"sql": ["SELECT 1"]}], ids=str)
def test_a_body_without_sql_is_refused(server: Emulator, body: object) -> None:
    answer = server.control("POST", "/tenants/wrong/sql", body)

    assert (answer.status, answer.code, answer.details["field"]) == (400, "INVALID_REQUEST", "sql")


@requirement("TEN-06")
@pytest.mark.parametrize("tenant", ["a%20b", "x" * 129, "%2E%2E%2Fx"])
def test_a_tenant_that_cannot_be_is_refused(server: Emulator, tenant: str) -> None:
    answer = server.control("POST", f"/tenants/{tenant}/sql", {"sql": "SELECT 1"})

    assert answer.status in {400, 404}
    assert answer.code in {"INVALID_REQUEST", "NOT_FOUND"}


def test_a_script_leaves_no_job(server: Emulator) -> None:
    server.sql(COLOURS, "jobless")

    assert server.control("GET", "/tenants/jobless/jobs").json["jobs"] == []


def test_a_script_may_hold_thousands_of_rows(server: Emulator) -> None:
    values = ", ".join(f"({number}, 'name {number}', 1.5, '2026-01-29')" for number in range(2000))
    answer = server.sql(f"INSERT INTO spectra_conformance_sandbox VALUES {values}", "long")

    assert (answer.status, answer.json.get("rows_affected")) == (200, 2000)


def test_a_transaction_left_open_is_rolled_back(server: Emulator) -> None:
    server.sql("BEGIN; CREATE TABLE left_open (a INTEGER)")

    assert server.query("SELECT 1 AS one").status == 200
    assert server.query("SELECT a FROM left_open").code == "INVALID_SQL"
    assert server.sql("CREATE TABLE left_open (a INTEGER); DROP TABLE left_open").status == 200


def test_a_script_that_breaks_leaves_the_next_one_whole(server: Emulator) -> None:
    server.sql("CREATE TABLE broken (a INTEGER DEFAULT b)")

    assert server.sql("CREATE TABLE whole (a INTEGER); DROP TABLE whole").status == 200


def test_rows_that_the_engine_would_lose_are_refused(server: Emulator) -> None:
    barren = "CREATE TABLE many (id BIGINT); INSERT INTO many SELECT id FROM sales WHERE id < 0"
    together = server.sql(f"{barren}; INSERT INTO many SELECT id FROM sales")
    server.sql(barren)
    apart = server.sql("INSERT INTO many SELECT id FROM sales")
    counted = server.query("SELECT COUNT(*) AS n FROM many")
    server.sql("DROP TABLE many")

    assert (together.status, together.code) == (400, "INVALID_SQL")
    assert (apart.json["rows_affected"], counted.json["data"]) == (259200, [{"n": 259200}])


@pytest.mark.parametrize(
    "definition",
    ["name VARCHAR(16)", "id BIGINT IDENTITY(1, 1), name CHAR(4)", "name VARCHAR(8) DEFAULT 'x', day DATE"],
)
def test_a_table_of_a_script_is_there_after_a_restart(emulators: Emulators, tmp_path: Path, definition: str) -> None:
    first = emulators.start("--data-dir", str(tmp_path / "data"))
    first.sql(f"CREATE TABLE kept ({definition}); INSERT INTO kept (name) VALUES ('a'), ('b')")
    first.stop()
    second = emulators.start("--data-dir", str(tmp_path / "data"))

    assert second.query("SELECT name FROM kept ORDER BY name").json["data"] == [{"name": "a"}, {"name": "b"}]


def test_rows_after_a_merge_that_added_none_are_kept_or_refused(server: Emulator) -> None:
    actions = "WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (0)"
    server.sql("CREATE TABLE met (id BIGINT); CREATE TABLE few (id BIGINT)")
    together = server.sql(
        f"MERGE INTO met USING few ON met.id = few.id {actions}; INSERT INTO met SELECT id FROM sales"
    )
    counted = server.query("SELECT COUNT(*) AS n FROM met").json["data"]
    server.sql("DROP TABLE met; DROP TABLE few")

    assert (together.status, counted) in [(400, [{"n": 0}]), (200, [{"n": 259200}])]


def test_a_script_goes_on_with_the_tables_of_before_its_own_rollback(server: Emulator) -> None:
    undone = "BEGIN; ALTER TABLE undone DROP COLUMN b; ROLLBACK; UPDATE undone SET b = 3"
    server.sql("CREATE TABLE undone (a INTEGER, b INTEGER); INSERT INTO undone VALUES (1, 2)")

    assert server.sql(undone).status == 200
    assert server.query("SELECT a, b FROM undone").json["data"] == [{"a": 1, "b": 3}]
    server.sql("DROP TABLE undone")


def test_a_function_of_the_tenants_own_works_in_queries_and_in_bulk_queries(server: Emulator) -> None:
    tenant = "functions"
    server.sql("CREATE FUNCTION f_twice(INT) RETURNS INT IMMUTABLE AS $$ SELECT $1 * 2 $$ LANGUAGE sql", tenant)
    bulk = BulkClient(server, token(tenant), tenant)
    job = bulk.exported("SELECT f_twice(21) AS n")

    assert query_as(server, tenant, "SELECT f_twice(21) AS n").json["data"] == [{"n": 42}]
    assert (job["state"], bulk.export_text(job["job_id"]).splitlines()) == ("JobComplete", ["n", "42"])


def test_a_function_of_another_tenants_is_unknown_to_a_bulk_query(server: Emulator) -> None:
    server.sql("CREATE FUNCTION f_mine(INT) RETURNS INT IMMUTABLE AS $$ SELECT $1 $$ LANGUAGE sql", "first-owner")
    request = {"operation": "query", "object": "sales", "query": "SELECT f_mine(1) AS n"}
    answer = BulkClient(server, token("second-owner"), "second-owner").call("POST", "", request)

    assert (answer.status, answer.code) == (400, "INVALID_SQL")
    assert "f_mine does not exist" in answer.content.decode()


def test_a_query_and_a_bulk_query_name_the_tenants_database_user(server: Emulator) -> None:
    bulk = BulkClient(server, token("named"), "named")
    job = bulk.exported("SELECT CURRENT_USER AS u")

    assert query_as(server, "named", "SELECT CURRENT_USER AS u").json["data"] == [{"u": "tenant_named"}]
    assert bulk.export_text(job["job_id"]).splitlines() == ["u", "tenant_named"]
    assert query_as(server, "named", "SELECT SESSION_USER").json["metadata"]["columns"] == ["session_user"]
