"""Two servers in front of one warehouse, on one state: what one is asked to stop runs on the other."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from tests.emulator import OWN_FIXTURES, TENANT, Answer, Emulator, Emulators, eventually, free_port
from tests.postgres import Postgres
from tests.redshift.asking import Beside
from tests.redshift.redshift_like import RedshiftLike

TOKEN = "a-token-of-tests"


@dataclass(frozen=True)
class Pair:
    first: Emulator
    second: Emulator

    def running(self) -> list[str]:
        """Return the ids of the queries that run on either."""
        answer = self.first.request(
            "GET", f"/_spectra/tenants/{TENANT}/jobs?status=RUNNING", headers={"X-Spectra-Control-Token": TOKEN}
        )
        return [job["job_id"] for job in answer.json["jobs"]]

    def cancel_late(self, sql: str, seconds: float) -> None:
        """Cancel a query of the first by the second, so much later that it may just have ended."""
        asked = Beside(lambda: self.first.query(sql))
        for job_id in eventually(lambda: self.running() or (asked.over and ["none"])):
            time.sleep(seconds)
            self.second.call("DELETE", f"/jobs/{job_id}")
        asked.ended()


@pytest.fixture(scope="module")
def pair(redshift: RedshiftLike, postgres: Postgres, emulators: Emulators) -> Iterator[Pair]:
    """Return two servers, each with one connection to the warehouse for a tenant."""
    database = postgres.database()
    environ = {
        "SPECTRA_DB_PASSWORDS": json.dumps(redshift.passwords),
        "SPECTRA_CONTROL_TOKEN": TOKEN,
        "SPECTRA_STATE_PASSWORD": database.password,
    }
    flags = (
        *("--backend", redshift.url, "--db-connections", "1", "--state", database.url, "--rate-limits", "off"),
        *("--fixtures", str(OWN_FIXTURES), "--s3", f"http://127.0.0.1:{free_port()}/bucket"),
    )
    with ThreadPoolExecutor(2) as threads:
        servers = list(threads.map(lambda _: emulators.start(*flags, environ=environ), range(2)))
    yield Pair(*servers)
    for server in servers:
        server.stop()


def test_a_query_that_one_runs_is_cancelled_through_the_other(pair: Pair, redshift: RedshiftLike) -> None:
    redshift.sql("CREATE OR REPLACE VIEW lasting AS SELECT pg_sleep(60)::text AS a; GRANT SELECT ON lasting TO PUBLIC")
    answers: list[Answer] = []
    asked = Beside(lambda: answers.append(pair.first.query("SELECT a FROM lasting")))
    redshift.begins("FROM lasting")
    (job_id,) = pair.running()
    cancelled = pair.second.call("DELETE", f"/jobs/{job_id}")
    asked.ended()
    redshift.ends("FROM lasting")

    assert (cancelled.status, cancelled.json["status"]) == (200, "CANCELLED")
    assert (answers[0].status, answers[0].details["status"]) == (409, "CANCELLED")


def test_a_cancel_through_the_other_never_ends_the_next_query_of_the_session(
    pair: Pair, redshift: RedshiftLike
) -> None:
    """Both queries go by the one connection that the server has: a late cancel would find the second there."""
    redshift.sql("CREATE OR REPLACE VIEW brief AS SELECT pg_sleep(0.1)::text AS a; GRANT SELECT ON brief TO PUBLIC")
    following: Counter[int] = Counter()
    for number in range(10):
        pair.cancel_late("SELECT a FROM brief", number / 100)
        following[pair.first.query("SELECT a FROM brief").status] += 1

    assert following == {200: 10}


def test_two_hundred_identical_requests_over_both_reach_the_warehouse_once(pair: Pair, redshift: RedshiftLike) -> None:
    headers = {"X-Idempotency-Key": "two-hundred"}
    before = len(redshift.relay.statements)

    def asked(number: int) -> Answer:
        server = (pair.first, pair.second)[number % 2]
        return server.call("POST", "/queries", {"sql": "SELECT count(*) AS once FROM sales"}, headers=headers)

    with ThreadPoolExecutor(50) as threads:
        answers = list(threads.map(asked, range(200)))

    assert Counter(answer.status for answer in answers) == {200: 200}
    assert len({answer.content for answer in answers}) == 1
    assert sum("AS once" in sql for sql in redshift.relay.statements[before:]) == 1
