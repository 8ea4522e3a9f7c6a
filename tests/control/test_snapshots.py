"""Snapshots of a running server: what was saved is there again, and nothing else."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from tests.ceph import RealS3
from tests.durability.snapshot_readers import read_through_loads
from tests.emulator import TENANT, Answer, Emulator, Emulators, eventually

SELECT = {"sql": "SELECT COUNT(*) AS n FROM noted"}
CANARY = "c4n4ry-secret-value"
OTHER = "tenant-456"


@pytest.fixture(scope="module")
def own(emulators: Emulators) -> Emulator:
    return emulators.start("--rate-limit-queries", "50")


@pytest.fixture
def server(own: Emulator) -> Iterator[Emulator]:
    """Lend the server as it started, with one table of two rows."""
    own.control("PUT", "/clock", {"action": "reset"})
    own.control("POST", "/reset", {})
    own.sql("CREATE TABLE noted (n INT); INSERT INTO noted VALUES (1), (2)")
    yield own
    own.control("PUT", "/clock", {"action": "reset"})
    own.control("PUT", "/jobs", {"pace": "automatic"})


def saved(server: Emulator, name: str = "before", **members: object) -> Any:
    answer = server.control("POST", "/snapshots", {"name": name, **members})
    assert answer.status == 201, answer.content
    return answer.json


def load(server: Emulator, name: str = "before", **members: object) -> Answer:
    return server.control("POST", f"/snapshots/{name}/load", members)


def counted(server: Emulator) -> int:
    return int(server.call("POST", "/queries", SELECT).json["data"][0]["n"])


def inserted(server: Emulator, content: bytes) -> str:
    """Create a job that inserts into `noted`, upload its file and return its id."""
    job = server.call("POST", "/bulk/jobs", {"operation": "insert", "object": "noted"}).json
    parts = urlsplit(job["upload_url"])
    assert server.request("PUT", f"{parts.path}?{parts.query}", content).status == 200
    return str(job["job_id"])


def closed(server: Emulator, job_id: str) -> None:
    server.call("PATCH", f"/bulk/jobs/{job_id}", {"state": "UploadComplete"})


def state(server: Emulator, job_id: str) -> str:
    return str(server.call("GET", f"/bulk/jobs/{job_id}").json["state"])


def completed(server: Emulator, job_id: str) -> bool:
    return bool(eventually(lambda: state(server, job_id) == "JobComplete"))


def exported(server: Emulator) -> str:
    request = {"operation": "query", "object": "noted", "query": "SELECT n FROM noted"}
    job_id = str(server.call("POST", "/bulk/jobs", request).json["job_id"])
    closed(server, job_id)
    assert completed(server, job_id)
    return job_id


def result(server: Emulator, job_id: str) -> bytes:
    link = server.call("GET", f"/bulk/jobs/{job_id}/results").json["download_url"]
    return requests.get(link, timeout=20).content


def downloaded(server: Emulator, name: str = "before") -> bytes:
    answer = server.control("GET", f"/snapshots/{name}/file")
    assert answer.status == 200, answer.content
    return answer.content


def upload(server: Emulator, content: bytes, name: str = "taken") -> Answer:
    return server.request("PUT", f"/_spectra/snapshots/{name}/file", content, {"Content-Type": "application/zip"})


def test_tables_are_as_they_were_saved(server: Emulator) -> None:
    saved(server)
    server.sql("DELETE FROM noted; CREATE TABLE later AS SELECT 1 AS n")

    assert load(server).status == 200
    assert counted(server) == 2
    assert server.query("SELECT n FROM later").status == 400
    assert server.sql("INSERT INTO noted VALUES (3)").status == 200


def test_queries_find_their_jobs_and_answers_again_and_later_ones_are_gone(server: Emulator) -> None:
    kept = server.call("POST", "/queries", SELECT).json
    saved(server)
    later = server.call("POST", "/queries", SELECT).json
    server.control("POST", "/reset", {})
    load(server)
    results = [server.call("GET", f"/jobs/{each['metadata']['query_id']}/results") for each in (kept, later)]

    assert results[0].json["data"] == kept["data"]
    assert results[1].status == 404


def test_an_idempotency_key_is_known_again(server: Emulator) -> None:
    headers = {"X-Idempotency-Key": "once"}
    first = server.call("POST", "/queries", SELECT, headers=headers)
    saved(server)
    server.control("POST", "/reset", {})
    load(server)
    replayed = server.call("POST", "/queries", SELECT, headers=headers)

    assert replayed.json == first.json
    assert replayed.headers["idempotency-replayed"] == "true"


def test_counted_calls_are_counted_again(server: Emulator) -> None:
    left = server.call("POST", "/queries", SELECT).headers["x-ratelimit-remaining"]
    saved(server)
    for _ in range(3):
        counted(server)
    load(server)

    assert int(server.call("POST", "/queries", SELECT).headers["x-ratelimit-remaining"]) == int(left) - 1


def test_objects_are_there_again_and_later_ones_are_not(server: Emulator) -> None:
    kept = exported(server)
    saved(server)
    later = exported(server)
    server.control("POST", "/reset", {})
    load(server)

    assert result(server, kept) == b"n\n1\n2\n"
    assert server.call("GET", f"/bulk/jobs/{later}").status == 404


def test_objects_can_be_left_out(server: Emulator) -> None:
    kept = exported(server)
    assert saved(server, objects=False)["objects"] is False
    load(server)

    assert result(server, kept) == b"n\n1\n2\n"


def test_the_clock_returns_with_a_snapshot_of_all(server: Emulator) -> None:
    server.control("PUT", "/clock", {"action": "freeze", "at": "2030-01-31T12:00:00Z"})
    saved(server)
    server.control("PUT", "/clock", {"action": "advance", "by": "24h"})
    load(server)

    assert server.control("GET", "/clock").json["now"] == "2030-01-31T12:00:00.000Z"


def test_the_clock_stays_with_a_snapshot_of_one(server: Emulator) -> None:
    saved(server, tenant_id=TENANT)
    server.control("PUT", "/clock", {"action": "freeze", "at": "2030-01-31T12:00:00Z"})
    load(server)

    assert server.control("GET", "/clock").json["frozen"] is True


def test_a_removed_tenant_is_back_with_its_key(server: Emulator) -> None:
    made = server.control("POST", "/tenants", {"tenant_id": "made"}).json
    saved(server)
    server.control("DELETE", "/tenants/made")
    load(server)
    answer = server.call("POST", "/queries", {"sql": "SELECT 1 AS n"}, key=made["api_key"], tenant="made")
    server.control("DELETE", "/tenants/made")

    assert answer.status == 200


def test_a_job_under_way_is_taken_up_again_exactly_once(server: Emulator) -> None:
    server.control("PUT", "/jobs", {"pace": "manual"})
    job_id = inserted(server, b"n\n7\n8\n")
    closed(server, job_id)
    saved(server)
    server.control("PUT", "/jobs", {"pace": "automatic"})
    assert completed(server, job_id)
    load(server)

    assert completed(server, job_id)
    assert counted(server) == 4


def test_a_job_that_waits_when_the_snapshot_is_loaded_does_not_run_on(server: Emulator) -> None:
    job_id = inserted(server, b"n\n7\n")
    saved(server)
    server.control("PUT", "/jobs", {"pace": "manual"})
    closed(server, job_id)
    load(server)
    server.control("PUT", "/jobs", {"pace": "automatic"})

    assert (state(server, job_id), counted(server)) == ("Open", 2)


def test_a_tenant_alone_is_loaded_and_the_others_stay(server: Emulator) -> None:
    server.sql("CREATE TABLE noted AS SELECT 1 AS n", OTHER)
    saved(server)
    server.sql("DELETE FROM noted")
    server.sql("DELETE FROM noted", OTHER)
    loaded = load(server, tenant_id=TENANT).json["tenants"]

    assert (loaded, counted(server)) == ([TENANT], 2)
    assert (
        server.sql("INSERT INTO noted SELECT 2 WHERE 0 = (SELECT COUNT(*) FROM noted)", OTHER).json["rows_affected"]
        == 1
    )


def test_a_snapshot_is_carried_to_another_server(server: Emulator, emulators: Emulators) -> None:
    kept = exported(server)
    saved(server, tenant_id=TENANT)
    other = emulators.start("--rate-limits", "off")
    taken = upload(other, downloaded(server), "carried")
    load(other, "carried")

    assert (taken.status, taken.json["tenants"]) == (201, [TENANT])
    assert (counted(other), result(other, kept)) == (2, b"n\n1\n2\n")
    other.stop()


def test_snapshots_outlive_a_server_with_a_data_directory(emulators: Emulators, tmp_path: Path) -> None:
    first = emulators.start("--data-dir", str(tmp_path))
    first.sql("CREATE TABLE noted AS SELECT 1 AS n")
    saved(first)
    first.sql("DELETE FROM noted")
    first.kill()
    second = emulators.start("--data-dir", str(tmp_path))

    assert load(second).status == 200
    assert counted(second) == 1
    second.stop()


def test_a_load_that_a_kill_cut_in_half_is_done_again_at_the_next_start(emulators: Emulators, tmp_path: Path) -> None:
    first = emulators.start("--data-dir", str(tmp_path))
    first.sql("CREATE TABLE noted AS SELECT 1 AS n")
    saved(first)
    first.sql("DELETE FROM noted")
    first.kill()
    (tmp_path / "loading" / "left").mkdir(parents=True)
    (tmp_path / "loading" / "begun.json").write_text(json.dumps({"name": "before", "tenant_id": TENANT}))
    second = emulators.start("--data-dir", str(tmp_path))

    assert counted(second) == 1
    assert list((tmp_path / "loading").iterdir()) == []
    second.stop()


def test_a_folder_of_ones_own_keeps_the_files(emulators: Emulators, tmp_path: Path) -> None:
    server = emulators.start("--snapshot-dir", str(tmp_path / "mine"))
    saved(server, "first")
    server.stop()

    assert [file.name for file in (tmp_path / "mine").iterdir()] == ["first.zip"]


def test_snapshots_are_listed_and_removed(server: Emulator) -> None:
    saved(server, "listed", tenant_id=TENANT)
    listed = {each["name"]: each for each in server.control("GET", "/snapshots").json["snapshots"]}
    removed = [server.control("DELETE", "/snapshots/listed").status for _ in range(2)]

    assert (listed["listed"]["tenants"], listed["listed"]["problem"]) == ([TENANT], None)
    assert removed == [200, 404]


def test_the_manifest_tells_what_is_there_and_no_secret(server: Emulator) -> None:
    server.sql(f"INSERT INTO noted SELECT LEN('{CANARY}')")
    server.query(f"SELECT '{CANARY}' AS secret")
    made = server.control("POST", "/tenants", {"tenant_id": "made"}).json
    inserted(server, f"n\n{CANARY}\n".encode())
    saved(server)
    server.control("DELETE", "/tenants/made")
    with zipfile.ZipFile(io.BytesIO(downloaded(server))) as archive:
        manifest = archive.read("manifest.json").decode()
        names = set(archive.namelist())

    assert set(json.loads(manifest)["files"]) == names - {"manifest.json"}
    assert [secret for secret in (CANARY, made["api_key"], "Signature") if secret in manifest] == []


def rewritten(content: bytes, change: Callable[[str, bytes], bytes]) -> bytes:
    """Return the zip with each member as `change` makes it."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return target.getvalue()


def newer(name: str, content: bytes) -> bytes:
    return content.replace(b'"version": 1', b'"version": 99') if name == "manifest.json" else content


def forged(name: str, content: bytes) -> bytes:
    return content.replace(b"jobs", b"jobz") if name.endswith("records.json") else content


def foreign(name: str, content: bytes) -> bytes:
    return b"{}" if name == "manifest.json" else content


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda whole: whole[: len(whole) // 2], "no whole zip file"),
        (lambda _: b"PK but nothing else", "no whole zip file"),
        (lambda whole: rewritten(whole, forged), "has another checksum than its manifest says"),
        (lambda whole: rewritten(whole, foreign), "no snapshot of this emulator"),
        (lambda whole: rewritten(whole, newer), "version 99 of the format, and this emulator reads up to 1"),
    ],
    ids=["cut", "not a zip", "changed", "foreign", "newer"],
)
def test_a_file_that_is_no_good_is_refused_and_says_why(
    server: Emulator, change: Callable[[bytes], bytes], said: str
) -> None:
    saved(server, tenant_id=TENANT)
    answer = upload(server, change(downloaded(server)), "spoilt")

    assert (answer.status, answer.code) == (409, "CONFLICT")
    assert said in answer.json["error"]["message"]
    assert load(server, "spoilt").status == 404


def test_a_snapshot_that_broke_on_disk_changes_nothing(emulators: Emulators, tmp_path: Path) -> None:
    server = emulators.start("--snapshot-dir", str(tmp_path))
    server.sql("CREATE TABLE noted AS SELECT 1 AS n")
    saved(server)
    server.sql("DELETE FROM noted")
    file = tmp_path / "before.zip"
    file.write_bytes(rewritten(file.read_bytes(), forged))

    assert "another checksum" in load(server).json["error"]["message"]
    assert counted(server) == 0
    server.stop()


@pytest.mark.parametrize("name", ["", ".hidden", "../up", "a b", "x" * 65])
def test_a_name_that_cannot_be_is_refused(server: Emulator, name: str) -> None:
    answer = server.control("POST", "/snapshots", {"name": name})

    assert (answer.status, answer.details["field"]) == (400, "name")


def test_what_is_not_there_is_said(server: Emulator) -> None:
    saved(server, tenant_id=TENANT)
    answers = [
        load(server, "absent"),
        load(server, tenant_id=OTHER),
        server.control("POST", "/snapshots", {"name": "n", "tenant_id": "nobody"}),
        server.control("GET", "/snapshots/absent/file"),
    ]

    assert [answer.status for answer in answers] == [404] * 4


def test_clients_that_read_meanwhile_see_one_state_or_the_other(emulators: Emulators) -> None:
    server = emulators.start("--rate-limits", "off")
    seen = read_through_loads(server, rows=20_000, loads=6)
    server.stop()

    assert (seen.wrong, set(seen.answers)) == ([], {1, 2})


def test_objects_in_an_s3_of_ones_own_are_saved_too(emulators: Emulators, ceph: RealS3) -> None:
    keys = ("--s3-access-key-id", ceph.access_key_id, "--s3-secret-access-key", ceph.secret_access_key)
    own = emulators.start("--rate-limits", "off", "--s3", f"{ceph.url}/snapshots", "--s3-create-bucket", "on", *keys)
    own.sql("CREATE TABLE noted AS SELECT 1 AS n")
    kept = exported(own)
    saved(own, tenant_id=TENANT)
    own.control("POST", "/reset", {"tenant_id": TENANT})
    load(own)

    assert result(own, kept) == b"n\n1\n"
    own.stop()


def test_a_kill_before_a_load_touched_anything_does_not_stop_the_next_start(
    emulators: Emulators, tmp_path: Path
) -> None:
    (tmp_path / "loading").mkdir()
    (tmp_path / "loading" / "begun.json").write_text('{"name": "befo')
    server = emulators.start("--data-dir", str(tmp_path))

    assert server.query("SELECT 1 AS n").status == 200
    server.stop()
