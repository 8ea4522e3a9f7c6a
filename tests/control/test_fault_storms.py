"""Faults under many calls at once, on streams and on the object store."""

from __future__ import annotations

import http.client
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.api.bulk_client import BulkClient, path_of
from tests.credentials import OTHER_KEY, OTHER_TENANT
from tests.emulator import Emulator, Emulators

BROKEN = (http.client.IncompleteRead, http.client.RemoteDisconnected, ConnectionError)


@pytest.fixture(scope="module")
def shared(emulators: Emulators) -> Emulator:
    return emulators.start("--rate-limits", "off")


@pytest.fixture
def server(shared: Emulator) -> Iterator[Emulator]:
    yield shared
    shared.control("DELETE", "/faults")


def ruled(server: Emulator, action: object, **members: object) -> None:
    assert server.control("POST", "/faults", {"action": action, **members}).status == 201


def test_a_rule_fires_exactly_so_often_under_32_threads(server: Emulator) -> None:
    ruled(server, {"error": "CONFLICT"}, times=50, after=10)
    with ThreadPoolExecutor(32) as threads:
        answers = Counter(threads.map(lambda _: server.call("GET", "/jobs/none").status, range(200)))

    assert answers == {409: 50, 404: 150}
    assert server.control("GET", "/faults").json["rules"][0]["fired"] == 50


def test_a_late_answer_keeps_no_other_waiting(server: Emulator) -> None:
    ruled(server, {"latency": {"fixed_ms": 60_000}}, match={"header": {"name": "X-Late"}})
    started = [threading.Event() for _ in range(40)]

    def late(begun: threading.Event) -> None:
        link = http.client.HTTPConnection("127.0.0.1", int(server.url.rpartition(":")[2]), timeout=30)
        link.request("GET", "/v1/jobs/none", headers={"X-Late": "1", "Authorization": "Bearer spk_tenant-123_demo"})
        begun.set()
        time.sleep(0.5)
        link.close()

    with ThreadPoolExecutor(40) as threads:
        waiting = [threads.submit(late, each) for each in started]
        assert all(each.wait(30) for each in started)
        assert server.query("SELECT 1 AS n").status == 200
        assert not any(each.done() and each.exception() for each in waiting)


def test_an_upload_is_refused_for_one_tenant_alone(server: Emulator) -> None:
    ruled(server, {"object_store": "SlowDown"}, match={"operation": "putObject", "tenant_id": OTHER_TENANT})
    clients = [BulkClient(server), BulkClient(server, OTHER_KEY, OTHER_TENANT)]
    jobs = [client.created(operation="insert", object="customers") for client in clients]

    assert [server.request("PUT", path_of(job["upload_url"]), b"id\n").status for job in jobs] == [200, 503]


@pytest.mark.parametrize(
    "action", [{"body": {"cut_after_bytes": 5}}, {"drop": "after"}, {"drop": "before"}], ids=["cut", "after", "before"]
)
def test_a_download_breaks_off(server: Emulator, action: object) -> None:
    client = BulkClient(server)
    job = client.exported("SELECT * FROM sales LIMIT 50")
    results = client.call("GET", f"/{job['job_id']}/results").json
    ruled(server, action, match={"operation": "getObject", "tenant_id": client.tenant}, times=1)

    with pytest.raises(BROKEN):
        server.request("GET", path_of(results["download_url"]))
    assert server.request("GET", path_of(results["download_url"])).status == 200


@pytest.mark.parametrize("action", [{"body": {"cut_after_bytes": 5}}, {"drop": "after"}], ids=["cut", "drop"])
def test_the_file_of_failed_records_breaks_off(server: Emulator, action: object) -> None:
    client = BulkClient(server)
    server.sql("CREATE TABLE IF NOT EXISTS numbered (n INT)")
    job = client.imported(b"n\nnot-a-number\n", operation="insert", object="numbered")
    ruled(server, action, match={"operation": "getBulkJobFailedResults"}, times=1)

    with pytest.raises(BROKEN):
        client.call("GET", f"/{job['job_id']}/failed-results")
    assert client.call("GET", f"/{job['job_id']}/failed-results").status == 200


def test_a_reset_leaves_faults_and_the_clock_as_they_are(server: Emulator) -> None:
    ruled(server, {"error": "CONFLICT"}, id="kept")
    server.control("PUT", "/clock", {"action": "freeze", "at": "2030-01-31T12:00:00Z"})
    server.control("POST", "/reset", {})
    kept = server.control("GET", "/faults").json["rules"][0]["id"], server.control("GET", "/clock").json["frozen"]
    server.control("PUT", "/clock", {"action": "reset"})

    assert kept == ("kept", True)


def test_a_shared_host_lets_no_request_ask_for_faults(emulators: Emulators) -> None:
    server = emulators.start("--no-fault-header")
    body = {"sql": "SELECT 1 AS n"}

    assert server.call("POST", "/queries", body, headers={"X-Spectra-Fault": "QUERY_TIMEOUT"}).status == 200
