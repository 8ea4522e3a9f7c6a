"""Take a bulk job through its life, asserting what each step has to answer."""

from __future__ import annotations

import random
import time
from typing import Any

from spectra_conformance.answer import Answer
from spectra_conformance.client import TERMINAL_STATES, UPLOAD_TYPES, Client
from spectra_conformance.suite.asides import note
from spectra_conformance.suite.asking import NOWHERE, numbers

TABLE = NOWHERE
"""What exports name as their object: it is required as text and never resolved."""

DELETE = {"operation": "delete", "object": TABLE, "external_id_field": "id"}

SEVEN_ROWS = f"{numbers(1)} SELECT n, 'name ' || n::VARCHAR AS name FROM numbers WHERE n < 7 ORDER BY n"
LONG_DIGITS = 10
THREES = 12
"""How often three rows to change are made at one time: at least as often as scenarios ask for them."""
MANY = 4000
"""Records of a file that has some 300 kB."""
BEGUN_AT_CREATION = "exports begin when they are created"
OK, CREATED, FORBIDDEN = 200, 201, 403
GZIPPED_TYPES = (
    UPLOAD_TYPES[0],
    {"content-type": "text/csv", "content-encoding": "gzip"},
    *UPLOAD_TYPES[1:],
)
"""The same for a compressed file."""
_FAST_POLL_SECONDS = 0.02
_SLOWEST_POLL_SECONDS = 0.5
_POLL_GROWTH = 1.2


USED_IDS: set[int] = set()
"""The ids of all sandbox rows that this run may have made."""


def fresh_ids(count: int) -> int:
    """Return the first of `count` ids of sandbox rows that no other run is likely to use."""
    first = random.SystemRandom().randrange(10**9, 10**14)
    USED_IDS.update(range(first, first + count))
    return first


def swept(client: Client, table: str) -> None:
    """Delete every row that this run may have made."""
    file = "id\n" + "".join(f"{id_}\n" for id_ in sorted(USED_IDS))
    job_id = uploaded(client, file.encode(), operation="delete", object=table, external_id_field="id")
    closed(client, job_id)
    client.settled(job_id)
    USED_IDS.clear()


def created(client: Client, **members: object) -> str:
    """Return the id of a new bulk job."""
    answer = client.bulk(**members)
    assert answer.status == CREATED, answer.shown
    return str(answer.json()["job_id"])


def closed(client: Client, job_id: str) -> Answer:
    """Set a job to UploadComplete and return the answer."""
    answer = client.set_state(job_id, "UploadComplete")
    assert answer.status == OK, answer.shown
    return answer


def begun(client: Client, job_id: str) -> Answer | None:
    """Start an export and return the answer, None where the deployment began it when it was created."""
    if record(client, job_id)["state"] == "Open":
        return closed(client, job_id)
    note(BEGUN_AT_CREATION)
    return None


def record(client: Client, job_id: str) -> dict[str, Any]:
    """Return a bulk job's record."""
    answer = client.get(f"/bulk/jobs/{job_id}")
    assert answer.status == OK, answer.shown
    found: dict[str, Any] = answer.json()
    return found


def ended(client: Client, job_id: str, state: str) -> dict[str, Any]:
    """Return a bulk job's record once it has ended in `state`."""
    answer = client.settled(job_id)
    assert answer.status == OK, answer.shown
    found: dict[str, Any] = answer.json()
    assert found["state"] == state, answer.shown
    return found


def exported(client: Client, query: str, *, state: str = "JobComplete", **options: object) -> str:
    """Return the id of an export that has ended in `state`."""
    job_id = created(client, operation="query", object=TABLE, query=query, **options)
    begun(client, job_id)
    ended(client, job_id, state)
    return job_id


def uploaded(client: Client, file: bytes, **members: object) -> str:
    """Return the id of an open data job whose file is there."""
    job_id = created(client, **members)
    link = client.get(f"/bulk/jobs/{job_id}/upload-url")
    assert link.status == OK, link.shown
    put = sent_up(client, link.json()["upload_url"], file, gzipped=members.get("compression") == "GZIP")
    assert put.status == OK, put.shown
    return job_id


def sent_up(client: Client, url: str, file: bytes, *, gzipped: bool = False) -> Answer:
    """Upload a file under one content type after another, until the link takes it as what it was signed for."""
    usual, *others = GZIPPED_TYPES if gzipped else UPLOAD_TYPES
    put = client.upload(url, file, usual)
    for headers in others:
        if put.status != FORBIDDEN:
            break
        put = client.upload(url, file, headers)
        note(f"{put.status} to an upload with {headers or 'no content type'}")
    return put


def imported(client: Client, file: bytes, state: str = "JobComplete", **members: Any) -> str:
    """Return the id of a data job that has ended in `state`."""
    job_id = uploaded(client, file, **members)
    closed(client, job_id)
    ended(client, job_id, state)
    return job_id


def results(client: Client, job_id: str) -> dict[str, Any]:
    """Return what an ended job's results say."""
    answer = client.get(f"/bulk/jobs/{job_id}/results")
    assert answer.status == OK, answer.shown
    found: dict[str, Any] = answer.json()
    return found


def downloaded(client: Client, job_id: str) -> bytes:
    """Return the file of a finished export."""
    answer = client.download(results(client, job_id)["download_url"])
    assert answer.status == OK, answer.shown
    return answer.body


def seen_in(client: Client, job_id: str, state: str) -> str:
    """Poll until a job is in a passing state, at first fast, and return its id."""
    seconds = client.wire.target.settle_seconds
    give_up_at, pause = time.monotonic() + seconds, _FAST_POLL_SECONDS
    while (found := record(client, job_id)["state"]) != state:
        assert found not in TERMINAL_STATES, f"the job ended as {found} and was not seen as {state}"
        assert time.monotonic() < give_up_at, f"the job is {found}, not {state}, after {seconds} s"
        time.sleep(pause)
        pause = min(pause * _POLL_GROWTH, _SLOWEST_POLL_SECONDS)
    return job_id
