from __future__ import annotations

from pathlib import Path

import pytest

from tests.credentials import OTHER_TENANT, query_as, token
from tests.emulator import TENANT, Answer, Emulator, Emulators
from tests.long_running import running_query
from tests.requirements import requirement

INSERT = {"operation": "insert", "object": "sales"}
COUNT = "SELECT COUNT(*) AS n FROM spectra_conformance_sandbox"
ADD = "INSERT INTO spectra_conformance_sandbox VALUES (1, 'a', 1.50, '2026-01-29')"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("reset")


@pytest.fixture(scope="module")
def own(emulators: Emulators, files: Path) -> Emulator:
    """Start a server that tests may reset, with its temporary files in a folder of the tests."""
    return emulators.start("--rate-limit-queries", "50", environ={"TMPDIR": str(files)})


def database_files(files: Path) -> set[tuple[str, int]]:
    """Return path and inode of each database file of the tenant `reader`; a file that was copied anew has another."""
    return {(str(file), file.stat().st_ino) for file in files.glob("*/tenants/t-reader/*.duckdb")}


def reset(server: Emulator, body: object) -> Answer:
    return server.control("POST", "/reset", body)


def rows(server: Emulator, tenant: str) -> int:
    return int(query_as(server, tenant, COUNT).json["data"][0]["n"])


def test_a_reset_brings_back_the_rows_of_the_fixtures(own: Emulator) -> None:
    assert own.sql("DELETE FROM sales WHERE year <> 2024; DROP TABLE orders", TENANT).status == 200
    answer = reset(own, {"tenant_id": TENANT})

    assert (answer.status, answer.json) == (200, {"tenants": [TENANT]})
    assert own.query("SELECT COUNT(*) AS n FROM sales").json["data"] == [{"n": 259_200}]
    assert own.query("SELECT COUNT(*) AS n FROM orders").status == 200


def test_a_reset_drops_tables_that_a_test_made(own: Emulator) -> None:
    assert own.sql("CREATE TABLE colours (name VARCHAR(16))", "maker").status == 200
    reset(own, {"tenant_id": "maker"})

    assert query_as(own, "maker", "SELECT * FROM colours").details["sql_state"] == "42P01"


def test_a_reset_of_one_tenant_leaves_the_others(own: Emulator) -> None:
    own.sql(ADD, "kept")
    own.sql(ADD, "cleared")
    reset(own, {"tenant_id": "cleared"})

    assert (rows(own, "kept"), rows(own, "cleared")) == (1, 0)


@pytest.mark.parametrize("body", [{}, {"tenant_id": None}], ids=str)
def test_a_reset_without_a_tenant_resets_all(own: Emulator, body: object) -> None:
    own.sql(ADD, "one")
    own.sql(ADD, "two")
    answer = reset(own, body)

    assert {"one", "two"} <= set(answer.json["tenants"])
    assert (rows(own, "one"), rows(own, "two")) == (0, 0)


def test_a_reset_forgets_query_jobs_and_bulk_jobs(own: Emulator) -> None:
    job_id = query_as(own, "jobs", "SELECT 1 AS a").json["metadata"]["job_id"]
    bulk_id = own.call("POST", "/bulk/jobs", INSERT, key=token("jobs"), tenant="jobs").json["job_id"]
    reset(own, {"tenant_id": "jobs"})
    paths = (f"/jobs/{job_id}", f"/jobs/{job_id}/results", f"/bulk/jobs/{bulk_id}")

    assert [own.call("GET", path, key=token("jobs"), tenant="jobs").status for path in paths] == [404] * 3


@requirement("IDM-02")
def test_a_reset_forgets_idempotency_keys(own: Emulator) -> None:
    def keyed() -> Answer:
        headers = {"X-Idempotency-Key": "once"}
        body = {"sql": "SELECT 1 AS a"}
        return own.call("POST", "/queries", body, key=token("keys"), tenant="keys", headers=headers)

    first = keyed()
    reset(own, {"tenant_id": "keys"})

    assert keyed().json["metadata"]["query_id"] != first.json["metadata"]["query_id"]


@requirement("RTL-06")
def test_a_reset_forgets_counted_calls(own: Emulator) -> None:
    query_as(own, "windows", "SELECT 1 AS a")
    query_as(own, "windows", "SELECT 1 AS a")
    reset(own, {"tenant_id": "windows"})

    assert query_as(own, "windows", "SELECT 1 AS a").headers["x-ratelimit-remaining"] == "49"


def test_a_tenant_whose_tables_were_only_read_is_not_built_again(own: Emulator, files: Path) -> None:
    query_as(own, "reader", COUNT)
    before = database_files(files)
    reset(own, {"tenant_id": "reader"})
    query_as(own, "reader", COUNT)

    assert before
    assert database_files(files) == before


def test_a_reset_of_a_tenant_that_was_never_used_does_no_harm(own: Emulator) -> None:
    assert reset(own, {"tenant_id": "never-used"}).status == 200
    assert rows(own, "never-used") == 0


def test_a_tenant_is_reset_again_and_again(own: Emulator) -> None:
    for _ in range(3):
        own.sql(ADD, "again")
        reset(own, {"tenant_id": "again"})

    assert rows(own, "again") == 0


def test_a_query_that_runs_into_a_reset_ends(own: Emulator) -> None:
    own.sql(ADD, OTHER_TENANT)
    with running_query(own, key=token(OTHER_TENANT), tenant=OTHER_TENANT) as running:
        assert reset(own, {"tenant_id": OTHER_TENANT}).status == 200
        answer = running.answer.result(timeout=20)

    assert answer.status >= 400
    assert rows(own, OTHER_TENANT) == 0


@pytest.mark.parametrize("tenant_id", ["", "a b", "../x", "x" * 129, 5, []], ids=str)
def test_a_tenant_that_cannot_be_is_refused(own: Emulator, tenant_id: object) -> None:
    answer = reset(own, {"tenant_id": tenant_id})

    assert (answer.status, answer.code, answer.details["field"]) == (400, "INVALID_REQUEST", "tenant_id")


def test_kept_data_is_not_reset(emulators: Emulators, tmp_path: Path) -> None:
    durable = emulators.start("--data-dir", str(tmp_path))
    durable.sql(ADD, "kept")
    answer = reset(durable, {})

    assert (answer.status, answer.code) == (403, "FORBIDDEN")
    assert "--allow-reset" in answer.json["error"]["message"]
    assert rows(durable, "kept") == 1
    durable.stop()


def test_kept_data_is_reset_where_that_was_allowed(emulators: Emulators, tmp_path: Path) -> None:
    durable = emulators.start("--data-dir", str(tmp_path), "--allow-reset")
    durable.sql(ADD, "kept")

    assert reset(durable, {}).status == 200
    assert rows(durable, "kept") == 0
    durable.stop()
