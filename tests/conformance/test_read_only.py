"""A read-only run provably sends no write."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from spectra_conformance import wire
from spectra_conformance.client import Client
from spectra_conformance.identities import bearer
from spectra_conformance.journal import Journal
from spectra_conformance.pacing import Pacer
from spectra_conformance.read_only import WriteRefusedError, allows
from spectra_conformance.target import Target

from tests.conformance.deployments import Reply, answering


def query(sql: object) -> bytes:
    return json.dumps({"sql": sql}).encode()


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1 AS n",
        "select 1;",
        "WITH a AS (SELECT 1 AS n) SELECT n FROM a",
        "-- first\nSELECT 1 AS n",
        " \n SELECT 1",
    ],
)
def test_a_select_reads(sql: str) -> None:
    assert allows("POST", "/queries", query(sql))


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_asking_reads(method: str) -> None:
    assert allows(method, "/bulk/jobs?limit=1", None)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        pytest.param("POST", "/bulk/jobs", b"{}", id="create"),
        pytest.param("PATCH", "/bulk/jobs/a", b"{}", id="state"),
        pytest.param("DELETE", "/jobs/a", None, id="cancel"),
        pytest.param("PUT", "/queries", query("SELECT 1"), id="put"),
        pytest.param("POST", "/jobs", query("SELECT 1"), id="another route"),
        pytest.param("POST", "/queries", None, id="no body"),
        pytest.param("POST", "/queries", b"{", id="no JSON"),
        pytest.param("POST", "/queries", b"[]", id="no object"),
        pytest.param("POST", "/queries", query(1), id="no text"),
        *(
            pytest.param("POST", "/queries", query(sql), id=sql)
            for sql in (
                "DROP TABLE a",
                "INSERT INTO a VALUES (1)",
                "SELECT 1; DROP TABLE a",
                "SELECT 1 INTO a",
                "WITH a AS (DELETE FROM b RETURNING *) SELECT * FROM a",
                "WITH a AS (SELECT 1) UPDATE b SET c = 1",
                "/* SELECT */ TRUNCATE a",
                "EXPLAIN SELECT 1",
                "SELECT 'drop table a'",
                "SELECT pg_terminate_backend(1)",
                "SELECT nextval('a')",
            )
        ),
    ],
)
def test_anything_else_is_no_read(method: str, path: str, body: bytes | None) -> None:
    assert not allows(method, path, body)


@pytest.mark.parametrize(
    "write",
    [
        pytest.param(lambda client: client.bulk(operation="query"), id="create"),
        pytest.param(lambda client: client.set_state("a", "Aborted"), id="state"),
        pytest.param(lambda client: client.delete("/jobs/a"), id="cancel"),
        pytest.param(lambda client: client.query("DROP TABLE a"), id="SQL"),
        pytest.param(lambda client: client.upload(f"{client.wire.target.url}/file", b"rows"), id="upload"),
    ],
)
def test_a_write_of_a_read_only_run_never_reaches_the_wire(tmp_path: Path, write: Callable[[Client], object]) -> None:
    with answering(lambda _: Reply()) as deployment:
        target = Target(deployment.url, bearer("owner", "tenant-1", "a-key"), read_only=True)
        client = Client(wire.opened(target, Pacer(target.limits), Journal(tmp_path / "journal")), target.owner)
        with client.wire.http, pytest.raises(WriteRefusedError, match="this run is read-only"):
            write(client)

    assert deployment.received == []
