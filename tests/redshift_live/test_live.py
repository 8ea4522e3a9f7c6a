"""What only a real Redshift can prove: TLS, IAM, its own SQL, UNLOAD and its system views."""

from __future__ import annotations

import os
import subprocess
import time
import urllib.request
from typing import Any

import pytest

from tests.emulator import COMMAND, Answer, eventually
from tests.redshift.asking import Beside
from tests.redshift_live.conftest import Live

ENDLESS = "SELECT count(*) AS n FROM stv_blocklist a CROSS JOIN stv_blocklist b CROSS JOIN stv_blocklist c"
VALUES = """
    SELECT 1::smallint AS a, 2::bigint AS b, 1.50::decimal(10,2) AS c, 1.5::float8 AS d, 0.1::real AS e, true AS f,
           'x'::varchar AS g, 'ab'::char(4) AS h, DATE '2024-01-15' AS i, TIMESTAMP '2024-01-15 10:00:00.5' AS j,
           TIMESTAMPTZ '2024-01-15 10:00:00+02' AS k, TIME '10:00:01' AS l, JSON_PARSE('{"a":[1]}') AS m,
           'abc'::varbyte AS n, NULL::integer AS o
"""
EXPECTED = {
    "a": 1,
    "b": 2,
    "c": 1.5,
    "d": 1.5,
    "e": 0.1,
    "f": True,
    "g": "x",
    "h": "ab",
    "i": "2024-01-15",
    "j": "2024-01-15T10:00:00.500",
    "k": "2024-01-15T08:00:00Z",
    "l": "10:00:01",
    "m": {"a": [1]},
    "n": "616263",
    "o": None,
}


def asked(live: Live, sql: str, **parameters: int) -> Answer:
    body = {"sql": sql, "parameters": parameters}
    return live.server.call("POST", "/queries", body, key=live.api_key, tenant=live.tenant_id)


def called(live: Live, method: str, path: str, body: object = None) -> Answer:
    return live.server.call(method, path, body, key=live.api_key, tenant=live.tenant_id)


def test_doctor_finds_nothing_missing(live: Live) -> None:
    flags = ["--backend", os.environ["TEST_REDSHIFT_BACKEND"], "--s3", os.environ["TEST_REDSHIFT_S3"]]
    more = ["--fixtures", os.environ["TEST_REDSHIFT_FIXTURES"], "--tenant", live.tenant_id]
    done = subprocess.run(
        [COMMAND, "doctor", *flags, *more], capture_output=True, text=True, env=live.environ, check=False
    )
    assert (done.returncode, "missing" in done.stdout) == (0, False), done.stdout + done.stderr


def test_values_of_every_type_come_as_the_contract_says(live: Live) -> None:
    assert asked(live, VALUES).json["data"] == [EXPECTED]


def test_the_query_id_is_redshifts_own(live: Live) -> None:
    metadata = asked(live, "SELECT count(*) AS n FROM svv_tables").json["metadata"]
    assert called(live, "GET", f"/jobs/{metadata['query_id']}").json["job_id"] == metadata["job_id"]


@pytest.mark.parametrize("sql", ["SELECT nope FROM svv_tables", "SELECT 1 / 0 AS x", "SELECT 'a'::integer AS x"])
def test_an_error_is_the_clients_and_names_its_state(live: Live, sql: str) -> None:
    answer = asked(live, sql)
    assert (answer.status, answer.code) == (400, "INVALID_SQL")


def test_a_timeout_ends_the_statement(live: Live) -> None:
    begun = time.monotonic()
    assert asked(live, ENDLESS, timeout_seconds=5).code == "QUERY_TIMEOUT"
    assert time.monotonic() - begun < 30


def test_a_row_is_exported_and_comes_back(live: Live) -> None:
    job = called(live, "POST", "/bulk/jobs", {"operation": "query", "object": "x", "query": "SELECT 7 AS n"}).json
    called(live, "PATCH", f"/bulk/jobs/{job['job_id']}", {"state": "UploadComplete"})

    def ended() -> dict[str, Any] | None:
        found: dict[str, Any] = called(live, "GET", f"/bulk/jobs/{job['job_id']}").json
        return found if found["state"] in ("JobComplete", "Failed") else None

    assert eventually(ended, 300)["state"] == "JobComplete"
    link = called(live, "GET", f"/bulk/jobs/{job['job_id']}/results").json["download_url"]
    with urllib.request.urlopen(link) as answer:
        assert answer.read() == b"n\n7\n"


def test_requests_beside_each_other_do_not_disturb(live: Live) -> None:
    answers: list[Answer] = []
    running = [Beside(lambda: answers.append(asked(live, "SELECT 1 AS n"))) for _ in range(12)]
    for one in running:
        one.ended()
    assert [answer.json["data"] for answer in answers] == [[{"n": 1}]] * 12
