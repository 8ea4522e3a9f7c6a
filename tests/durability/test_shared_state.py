"""Two servers behind one state in PostgreSQL: what holds for one holds across them."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count

import pytest
import requests

from tests.api.bulk_client import SANDBOX, BulkClient
from tests.ceph import RealS3
from tests.credentials import OTHER_KEY, OTHER_TENANT
from tests.emulator import TENANT, Answer, Emulator, Emulators, bare_environment, eventually
from tests.long_running import running_query
from tests.moto_s3 import BUCKET, running_moto, s3_client, s3_environment, s3_flags
from tests.postgres import Postgres, PostgresDatabase
from tests.requirements import requirement

SMALL = "SELECT id FROM sales ORDER BY id LIMIT 5"
ENDLESS = "SELECT COUNT(*) AS n FROM sales a, sales b, sales c WHERE a.id + b.id + c.id = -1"
RANDOM = "SELECT RANDOM() AS n, COUNT(*) AS many FROM sales a CROSS JOIN customers b"
LEASE_SECONDS = 3
RATES = (
    *("--rate-limit-jobs", "100"),
    *(word for bucket in ("queries", "bulk-create", "bulk-read") for word in (f"--rate-limit-{bucket}", "1000000")),
)
_keys = (f"key-{number}" for number in count())


@dataclass(frozen=True)
class Cluster:
    """Servers on one state and one S3; any more start on the same."""

    emulators: Emulators
    database: PostgresDatabase
    s3: RealS3
    servers: tuple[Emulator, ...] = ()

    def started(self, *flags: str) -> Emulator:
        shared = ("--state", self.database.url, "--state-lease-seconds", str(LEASE_SECONDS), *s3_flags(self.s3))
        environ = {"SPECTRA_STATE_PASSWORD": self.database.password, **s3_environment(self.s3)}
        return self.emulators.start(*RATES, *shared, *flags, environ=environ)


@pytest.fixture(scope="module")
def cluster(emulators: Emulators, postgres: Postgres) -> Iterator[Cluster]:
    """Return two servers that were started at once on an empty database."""
    with running_moto() as s3:
        alone = Cluster(emulators, postgres.database(), s3)
        with ThreadPoolExecutor(2) as threads:
            servers = tuple(threads.map(lambda _: alone.started(), range(2)))
        yield Cluster(emulators, alone.database, s3, servers)
        for server in servers:
            server.stop()


@pytest.fixture
def first(cluster: Cluster) -> Emulator:
    return cluster.servers[0]


@pytest.fixture
def second(cluster: Cluster) -> Emulator:
    return cluster.servers[1]


@dataclass(frozen=True)
class Aftermath:
    """What a server was at when it was killed, and the answer to a request that it had left open."""

    exports: tuple[str, ...]
    imported: str
    query: str
    answer: Answer


@pytest.fixture(scope="module")
def aftermath(cluster: Cluster) -> Aftermath:
    """Kill a server with an export begun, an export and an import waiting, and a query under a key."""
    doomed, key = cluster.started(), next(_keys)
    doomed.control("PUT", "/jobs", {"pace": "manual"})
    upload = BulkClient(doomed).created(operation="insert", object=SANDBOX)
    requests.put(upload["upload_url"], b"id,name\n1,a\n2,b\n", timeout=60).raise_for_status()
    BulkClient(doomed).patched(upload["job_id"], "UploadComplete")
    exports = closed(doomed), closed(doomed)
    with ThreadPoolExecutor(1) as threads:
        asked = threads.submit(under_key, doomed, key)
        (query,) = eventually(lambda: waiting_queries(doomed))
        doomed.control("POST", f"/jobs/{exports[0]}/advance")
        eventually(lambda: state_of(doomed, exports[0]) == "InProgress")
        doomed.kill()
        assert asked.exception() is not None
    return Aftermath(exports, upload["job_id"], query, under_key(cluster.servers[0], key))


def closed(server: Emulator, query: str = SMALL) -> str:
    """Return the id of an export that was left to the server."""
    bulk = BulkClient(server)
    job_id = str(bulk.created(operation="query", object="sales", query=query)["job_id"])
    assert bulk.patched(job_id, "UploadComplete").status == 200
    return job_id


def state_of(server: Emulator, job_id: str) -> str:
    return str(BulkClient(server).call("GET", f"/{job_id}").json["state"])


def waiting_queries(server: Emulator) -> list[str]:
    jobs = server.control("GET", f"/tenants/{TENANT}/jobs?status=QUEUED").json["jobs"]
    return [job["job_id"] for job in jobs]


def stored(s3: RealS3, prefix: str) -> list[str]:
    client = s3_client(s3)
    return [found["Key"] for found in client.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", [])]


def under_key(server: Emulator, key: str, sql: str = RANDOM) -> Answer:
    return server.call("POST", "/queries", {"sql": sql}, headers={"X-Idempotency-Key": key})


def statuses(server: Emulator, tenant: str = TENANT) -> Counter[str]:
    return Counter(job["status"] for job in server.control("GET", f"/tenants/{tenant}/jobs").json["jobs"])


@requirement("IDM-02", "IDM-08")
def test_two_hundred_identical_requests_over_both_run_once(cluster: Cluster, first: Emulator) -> None:
    before, key = statuses(first), next(_keys)
    with ThreadPoolExecutor(100) as threads:
        answers = list(threads.map(lambda number: under_key(cluster.servers[number % 2], key), range(200)))

    assert Counter(answer.status for answer in answers) == {200: 200}
    assert len({answer.content for answer in answers}) == 1
    assert statuses(first) - before == {"COMPLETED": 1}


@requirement("RTL-01", "RTL-06")
def test_a_limit_of_a_hundred_admits_a_hundred_over_both(cluster: Cluster) -> None:
    def called(number: int) -> Answer:
        return cluster.servers[number % 2].call("GET", "/jobs/none", key=OTHER_KEY, tenant=OTHER_TENANT)

    with ThreadPoolExecutor(32) as threads:
        answers = list(threads.map(called, range(250)))

    assert Counter(answer.status for answer in answers) == {404: 100, 429: 150}


def test_the_exports_of_a_killed_server_are_taken_over_and_finish_once(
    aftermath: Aftermath, second: Emulator, cluster: Cluster
) -> None:
    ended = [BulkClient(second).ended(job_id) for job_id in aftermath.exports]
    results = [BulkClient(second).call("GET", f"/{job_id}/results").json for job_id in aftermath.exports]
    files = [requests.get(result["download_url"], timeout=60).content for result in results]

    assert [(job["state"], job["number_records_processed"]) for job in ended] == [("JobComplete", 5)] * 2
    assert [file.count(b"\n") for file in files] == [6, 6]
    assert [len(stored(cluster.s3, f"{TENANT}/exports/{job_id}/")) for job_id in aftermath.exports] == [1, 1]


def test_the_import_of_a_killed_server_is_taken_over_and_applied_once(aftermath: Aftermath, cluster: Cluster) -> None:
    ended = BulkClient(cluster.servers[0]).ended(aftermath.imported)
    counted = [each.query(f"SELECT COUNT(*) AS n FROM {SANDBOX}").json["data"][0]["n"] for each in cluster.servers]

    assert (ended["state"], ended["number_records_processed"]) == ("JobComplete", 2)
    assert sorted(counted) == [0, 2]


@requirement("IDM-06")
def test_the_query_of_a_killed_server_has_failed_and_its_key_is_free(aftermath: Aftermath, second: Emulator) -> None:
    job = second.control("GET", f"/jobs/{aftermath.query}").json["job"]

    assert (job["status"], job["error"]["code"], aftermath.answer.status) == ("FAILED", "INTERNAL_ERROR", 200)


def test_a_job_that_one_works_on_is_aborted_through_the_other(first: Emulator, second: Emulator) -> None:
    job_id = closed(first, ENDLESS)
    eventually(lambda: state_of(first, job_id) == "InProgress")
    aborted = BulkClient(second).patched(job_id, "Aborted")

    assert (aborted.status, state_of(first, job_id)) == (200, "Aborted")


def test_a_query_that_one_runs_is_cancelled_through_the_other(first: Emulator, second: Emulator) -> None:
    with running_query(first) as running:
        cancelled = second.call("DELETE", f"/jobs/{running.job_id}")
        answer = running.answer.result(timeout=60)

    assert (cancelled.status, answer.status, answer.details["status"]) == (200, 409, "CANCELLED")


def test_what_one_answered_the_other_repeats(first: Emulator, second: Emulator) -> None:
    answered = first.query(RANDOM).json
    found = second.call("GET", f"/jobs/{answered['metadata']['job_id']}/results")

    assert (found.status, found.json["data"]) == (200, answered["data"])


def test_a_key_that_one_made_opens_the_other_until_it_is_revoked(first: Emulator, second: Emulator) -> None:
    made = first.control("POST", "/tenants", {}).json
    of_tenant = {"key": made["api_key"], "tenant": made["tenant_id"]}
    before = second.call("GET", "/jobs/none", **of_tenant).status
    first.control("DELETE", f"/tenants/{made['tenant_id']}")

    assert (before, second.call("GET", "/jobs/none", **of_tenant).status) == (404, 401)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        pytest.param("PUT", "/clock", {"action": "advance", "by": "1h"}, id="moving the clock"),
        pytest.param("POST", "/snapshots", {"name": "all"}, id="saving a snapshot"),
        pytest.param("POST", "/snapshots/all/load", {}, id="loading a snapshot"),
    ],
)
def test_what_concerns_one_server_alone_is_refused_with_the_reason(
    first: Emulator, method: str, path: str, body: dict[str, str]
) -> None:
    refused = first.control(method, path, body)

    assert (refused.status, refused.code) == (409, "CONFLICT")
    assert refused.json["error"]["message"].startswith("The state is shared with other servers: ")


def test_a_database_that_goes_away_is_an_error_with_its_request_and_no_end(
    cluster: Cluster, postgres: Postgres, first: Emulator
) -> None:
    name = cluster.database.name
    postgres.sql(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    postgres.sql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
    away = first.query("SELECT 1 AS n")
    postgres.sql(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    back = first.query("SELECT 1 AS n")

    assert (away.status, away.code, back.status) == (500, "INTERNAL_ERROR", 200)
    assert away.details["request_id"] == away.headers["x-request-id"]


def test_no_log_holds_the_password(cluster: Cluster) -> None:
    written = "".join(server.log.read_text() for server in cluster.servers)

    assert "POST /v1/queries" in written
    assert cluster.database.password not in written


def refused(flags: tuple[str, ...], environ: dict[str, str], code: str) -> subprocess.CompletedProcess[str]:
    """Return how a server ended that could not start; `code` runs before it."""
    run = f"import sys; {code}; from spectra_emulator.cli import main; sys.exit(main(['serve', *sys.argv[1:]]))"
    return subprocess.run(
        [sys.executable, "-c", run, "--port", "0", *flags],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**bare_environment(), **environ},
    )


@pytest.mark.parametrize(
    ("flags", "code", "reason"),
    [
        pytest.param(("--s3", "s3://bucket"), "pass", "password authentication failed", id="wrong password"),
        pytest.param((), "pass", "share their objects too", id="objects of its own"),
        pytest.param(
            ("--s3", "s3://bucket"), "sys.modules['psycopg'] = None", "spectra-emulator[postgres]", id="no driver"
        ),
    ],
)
def test_a_server_that_cannot_use_the_state_says_why_in_a_line(
    cluster: Cluster, flags: tuple[str, ...], code: str, reason: str
) -> None:
    ended = refused(("--state", cluster.database.url, *flags), {"SPECTRA_STATE_PASSWORD": "hunter2"}, code)

    assert (ended.returncode != 0, ended.stdout, reason in ended.stderr) == (True, "", True)
    assert ("Traceback" in ended.stderr, "hunter2" in ended.stderr) == (False, False)
