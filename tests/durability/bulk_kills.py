"""Kill a server at random moments while bulk jobs run; count what was lost, applied twice or is stuck.

    python -m tests.durability.bulk_kills --kills 200

Every request is repeated until it is answered. What was answered must hold: a job that was created is there, one that
is complete has changed just what its counters say or gives all of its rows, one that failed says why, and one that
failed or was aborted has changed nothing.
"""

from __future__ import annotations

import argparse
import gzip
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from tests.durability.killed_server import PATIENCE_SECONDS, KilledServer, Killer, Persistent, Reply

EXPORTED_ROWS = 40_000
TABLES = f"""
    CREATE TABLE ledger (job VARCHAR(64) NOT NULL, n BIGINT);
    CREATE TABLE accounts (id BIGINT PRIMARY KEY, job VARCHAR(64), n BIGINT);
    CREATE TABLE counted (n BIGINT);
    INSERT INTO counted
        SELECT a.id FROM (SELECT id FROM sales LIMIT {EXPORTED_ROWS}) a;
"""
TERMINAL = {"JobComplete", "Failed", "Aborted"}


@dataclass(frozen=True)
class Acknowledged:
    """A job whose creation was answered, and the file it was given; `ids` is what it changes in `accounts`."""

    job_id: str
    operation: str
    records: int = 0
    refused: int = 0
    ids: range = range(0)


@dataclass
class Tally:
    kills: int = 0
    jobs: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        return not (self.lost or self.doubled or self.stuck)

    def __str__(self) -> str:
        numbers = f"{self.kills} kills, {sum(self.jobs.values())} jobs {dict(self.jobs)}"
        found = {
            "lost": self.lost,
            "applied twice": self.doubled,
            "stuck": self.stuck,
            "failed with a reason": self.failed,
        }
        return "\n".join([numbers, *(f"{len(jobs)} {name} {jobs[:5]}" for name, jobs in found.items())])


class Mix:
    """Clients that run a mix of jobs until told to stop; all that was acknowledged is kept in `jobs`."""

    def __init__(self, client: Persistent, seed: int, number: int, progress: threading.Event) -> None:
        self._client = client
        self._chance = random.Random(seed * 1000 + number)
        self._ids: Iterator[int] = count(number * 10**9, 10_000)
        self.jobs: list[Acknowledged] = []
        self._progress = progress
        self.stopped = threading.Event()
        self.errors: list[BaseException] = []

    def run(self) -> None:
        """Work until told to stop."""
        kinds: list[Callable[[], None]] = [
            self._insert,
            self._insert,
            self._upsert_and_delete,
            self._export,
            self._abort,
        ]
        try:
            while not self.stopped.is_set():
                self._chance.choice(kinds)()
        except BaseException as error:  # noqa: BLE001 - shown by the thread that waits for this one
            self.errors.append(error)

    def _insert(self) -> None:
        records, refused = self._chance.randint(1, 5000), self._chance.choice([0, 0, 3])
        job_id, link = self._created({"operation": "insert", "object": "ledger"})
        lines = [f"{job_id},{n}" for n in range(records)] + [f"{job_id},many"] * refused
        self._carried_out(Acknowledged(job_id, "insert", records, refused), link, ["job,n", *lines])

    def _upsert_and_delete(self) -> None:
        records = self._chance.randint(1, 3000)
        first = next(self._ids)
        ids = range(first, first + records)
        job_id, link = self._created({"operation": "upsert", "object": "accounts", "external_id_field": "id"})
        upsert = Acknowledged(job_id, "upsert", records, ids=ids)
        state = self._carried_out(upsert, link, ["id,job,n", *(f"{each},{job_id},1" for each in ids)])
        if state == "JobComplete":
            self.jobs.remove(upsert)
            job_id, link = self._created({"operation": "delete", "object": "accounts", "external_id_field": "id"})
            self._carried_out(Acknowledged(job_id, "delete", records, ids=ids), link, ["id", *map(str, ids)])

    def _export(self) -> None:
        request = {"operation": "query", "object": "counted", "query": "SELECT n FROM counted", "compression": "GZIP"}
        job_id, _ = self._created(request)
        self._carried_out(Acknowledged(job_id, "query", EXPORTED_ROWS), None, [])

    def _abort(self) -> None:
        job_id, link = self._created({"operation": "insert", "object": "ledger"})
        records = self._chance.randint(1000, 20_000)
        self.jobs.append(Acknowledged(job_id, "insert", records))
        self._upload(link, ["job,n", *(f"{job_id},{n}" for n in range(records))])
        self._patched(job_id, "UploadComplete")
        time.sleep(self._chance.uniform(0, 0.1))
        self._patched(job_id, "Aborted")

    def _created(self, request: dict[str, str]) -> tuple[str, str | None]:
        key = f"{self._chance.getrandbits(128):032x}"
        body = self._client.call("POST", "/bulk/jobs", request, {"X-Idempotency-Key": key}).json
        return body["job_id"], body.get("upload_url")

    def _carried_out(self, job: Acknowledged, link: str | None, lines: list[str]) -> str:
        """Upload, close and wait for the end, and return the state it ended in."""
        self.jobs.append(job)
        self._upload(link, lines)
        self._patched(job.job_id, "UploadComplete")
        return str(ended(self._client, job.job_id)["state"])

    def _upload(self, link: str | None, lines: list[str]) -> None:
        if link is not None:
            reply = self._client.follow("PUT", link, "\n".join(lines).encode())
            assert reply.status == 200, reply
            self._progress.set()

    def _patched(self, job_id: str, state: str) -> None:
        """Ask for the state; a conflict says that an earlier try, or the end of the job, came first."""
        reply = self._client.call("PATCH", f"/bulk/jobs/{job_id}", {"state": state})
        assert reply.status in {200, 409}, reply


def ended(client: Persistent, job_id: str) -> dict[str, Any]:
    """Return the job once it has ended, or as it is when patience has ended."""
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while True:
        reply = client.call("GET", f"/bulk/jobs/{job_id}")
        job: dict[str, Any] = reply.json if reply.status == 200 else {"state": "lost"}
        if job["state"] in {*TERMINAL, "lost"} or time.monotonic() > give_up_at:
            return job
        time.sleep(0.05)


def audited(client: Persistent, jobs: list[Acknowledged], kills: int) -> Tally:
    """Compare what every job says with what is in the tables and in the store."""
    tally = Tally(kills)
    ledger = {row["job"]: row["records"] for row in _by_job(client, "ledger")}
    accounts = {row["job"]: row["records"] for row in _by_job(client, "accounts")}
    for job in jobs:
        record = ended(client, job.job_id)
        tally.jobs[f"{job.operation} {record['state']}"] += 1
        if record["state"] == "lost":
            tally.lost.append(f"{job.job_id}: no such job")
        elif record["state"] not in TERMINAL:
            tally.stuck.append(f"{job.job_id}: {record}")
        else:
            _compare(client, tally, job, record, {"insert": ledger, "upsert": accounts}.get(job.operation, {}))
    return tally


def _by_job(client: Persistent, table: str) -> list[dict[str, Any]]:
    return client.rows(f"SELECT job, COUNT(*) AS records FROM {table} GROUP BY job")


def _compare(
    client: Persistent, tally: Tally, job: Acknowledged, record: dict[str, Any], changed: dict[str, int]
) -> None:
    complete = record["state"] == "JobComplete"
    if record["state"] == "Failed":
        (tally.failed if record.get("error") else tally.stuck).append(f"{job.job_id}: {record.get('error')}")
    if complete and job.operation == "query":
        if _exported_rows(client, job.job_id) != EXPORTED_ROWS:
            tally.lost.append(f"{job.job_id}: the file of an export is not whole")
        return
    counted = (record["number_records_processed"], record["number_records_failed"])
    promised = (job.records, job.refused) if complete else (0, 0)
    if counted != promised:
        tally.doubled.append(f"{job.job_id}: {job.operation} counted {counted}, not {promised}")
    _compare_rows(tally, job, changed.get(job.job_id, 0), promised[0] if job.operation != "delete" else 0)
    if complete and job.refused and not _refused_are_kept(client, job):
        tally.lost.append(f"{job.job_id}: its refused records")


def _compare_rows(tally: Tally, job: Acknowledged, found: int, promised: int) -> None:
    if found < promised:
        tally.lost.append(f"{job.job_id}: {found} of {promised} rows")
    if found > promised:
        tally.doubled.append(f"{job.job_id}: {found} rows, not {promised}")


def _exported_rows(client: Persistent, job_id: str) -> int:
    results = client.call("GET", f"/bulk/jobs/{job_id}/results")
    if results.status != 200:
        return -1
    file = client.follow("GET", results.json["download_url"])
    if file.status != 200 or len(file.content) != results.json["size_bytes"]:
        return -1
    return gzip.decompress(file.content).count(b"\n") - 1


def _refused_are_kept(client: Persistent, job: Acknowledged) -> bool:
    reply: Reply = client.call("GET", f"/bulk/jobs/{job.job_id}/failed-results")
    return reply.status == 200 and len(reply.content.splitlines()) == job.refused + 1


def killed(kills: int, seed: int, folder: Path, clients: int = 3) -> Tally:
    """Run the mix under so many kills and return what an audit of it finds."""
    server = KilledServer(folder / "data")
    try:
        client = Persistent(server.port)
        made = client.control("/tenants/tenant-123/sql", {"sql": TABLES})
        assert made.status == 200, made
        progress = threading.Event()
        mixes = [Mix(client, seed, number, progress) for number in range(clients)]
        killer = Killer(server, kills, random.Random(seed), progress)
        _run(mixes, killer)
        return audited(client, [job for mix in mixes for job in mix.jobs], killer.done)
    finally:
        server.stop()


def _run(mixes: list[Mix], killer: Killer) -> None:
    """Run the clients for as long as the killer works."""
    threads = [threading.Thread(target=mix.run) for mix in mixes]
    for thread in (*threads, killer):
        thread.start()
    killer.wait()
    for mix in mixes:
        mix.stopped.set()
    for thread in threads:
        thread.join()
    errors = [error for mix in mixes for error in mix.errors]
    assert not errors, errors


def main() -> int:
    parser = argparse.ArgumentParser(description="Kill a server while bulk jobs run, and count what went wrong.")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="spectra-kills-") as folder:
        tally = killed(options.kills, options.seed, Path(folder))
    print(f"seed {options.seed}\n{tally}")  # noqa: T201 - a command line prints
    return 0 if tally.clean else 1


if __name__ == "__main__":
    sys.exit(main())
