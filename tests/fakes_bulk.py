"""Small stand-ins for the ports of bulk work, and a bench that puts the services together over them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Container
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from spectra_emulator.adapters.sole_server import SoleServer
from spectra_emulator.adapters.sqlite_state import SqliteState
from spectra_emulator.domain.bulk_jobs import BulkJob, BulkJobRequest, Operation
from spectra_emulator.domain.files import MAX_UPLOAD_BYTES, Change, ExportFile, ImportFile
from spectra_emulator.domain.sql_rules import SqlRules
from spectra_emulator.ports import Applied, Peers, Progress, StateStore
from spectra_emulator.services.bulk_jobs import BulkJobService, BulkPorts
from spectra_emulator.services.bulk_queue import BulkTask
from spectra_emulator.services.bulk_transfers import BulkTransfers
from spectra_emulator.services.bulk_work import BulkWork, Workshop
from spectra_emulator.services.faults import Faults
from spectra_emulator.services.hindrances import Hindrances
from spectra_emulator.services.idempotency import Idempotency
from sqlglot import exp

from tests.fakes import FixedClock, caller, numbers

BASE = "http://here:8439"
EXPORT = BulkJobRequest(Operation.QUERY, "sales", query="SELECT * FROM sales", compression="GZIP")
INSERT = BulkJobRequest(Operation.INSERT, "public.sales")


class FakeObjects:
    """Objects in memory."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.on_store: Callable[[str], None] = lambda _: None

    def warm_up(self) -> None:
        """Need nothing."""

    def upload_link(self, key: str, lifetime: timedelta, base_url: str) -> str:
        return f"{base_url}/put/{key}?for={lifetime.total_seconds():.0f}"

    def download_link(self, key: str, lifetime: timedelta, base_url: str) -> str:
        return f"{base_url}/get/{key}?for={lifetime.total_seconds():.0f}"

    def size_bytes(self, key: str) -> int | None:
        return len(self.objects[key]) if key in self.objects else None

    def fetch(self, key: str, file: Path) -> None:
        file.write_bytes(self.objects[key])

    def store(self, file: Path, key: str) -> None:
        self.on_store(key)
        self.objects[key] = file.read_bytes()

    def keys(self, prefix: str) -> list[str]:
        return sorted(key for key in self.objects if key.startswith(prefix))

    def delete(self, prefix: str) -> None:
        for key in [key for key in self.objects if key.startswith(prefix)]:
            del self.objects[key]


class FakeBulkEngine:
    """An engine without tables: records are lines, a line that begins with `bad` breaks a rule.

    `on_work` runs within every export and import, before it has an effect.
    """

    def __init__(self) -> None:
        self.rows = [b"1", b"2", b"3"]
        self.done: dict[str, Applied] = {}
        self.changes: list[Change] = []
        self.cancelled: list[str] = []
        self.on_work: Callable[[str, Progress], None] = lambda _job_id, _progress: None

    def functions(self, tenant_id: str, db_user: str = "") -> Container[str]:  # noqa: ARG002 - the port's shape
        return ()

    def export(
        self,
        tenant_id: str,  # noqa: ARG002 - the port's shape
        job_id: str,
        query: exp.Query,  # noqa: ARG002 - the port's shape
        target: ExportFile,
        progress: Progress,
        db_user: str = "",  # noqa: ARG002 - the port's shape
    ) -> int:
        self.on_work(job_id, progress)
        target.file.write_bytes(b"\n".join(self.rows))
        return len(self.rows)

    def apply(
        self,
        tenant_id: str,  # noqa: ARG002 - the port's shape
        job_id: str,
        change: Change,
        source: ImportFile,
        progress: Progress,
        db_user: str = "",  # noqa: ARG002 - the port's shape
    ) -> Applied:
        self.on_work(job_id, progress)
        self.changes.append(change)
        records = source.file.read_bytes().splitlines()
        refused = [record for record in records if record.startswith(b"bad")]
        if refused:
            source.failed_file.write_bytes(b"\n".join(refused))
        self.done[job_id] = Applied(len(records) - len(refused), len(refused))
        return self.done[job_id]

    def applied(self, tenant_id: str, job_id: str, db_user: str = "") -> Applied | None:  # noqa: ARG002 - the port's shape
        return self.done.get(job_id)

    def cancel(self, tenant_id: str, query_id: str) -> bool:  # noqa: ARG002 - the port's shape
        self.cancelled.append(query_id)
        return True


@dataclass
class BulkBench:
    """The services of bulk jobs over fakes; work runs when `work_off` is called."""

    folder: Path
    state: StateStore = field(default_factory=SqliteState)
    engine: FakeBulkEngine = field(default_factory=FakeBulkEngine)
    objects: FakeObjects = field(default_factory=FakeObjects)
    clock: FixedClock = field(default_factory=FixedClock)
    tasks: list[BulkTask] = field(default_factory=list)
    peers: Peers | None = None

    def __post_init__(self) -> None:
        self.me = caller()
        self.start()

    def start(self) -> None:
        """Put the services together, as a server does when it starts on what is kept."""
        rules = SqlRules()
        hindrances, peers = Hindrances(Faults(self.clock)), self.peers or SoleServer(self.state)
        workshop = Workshop(self.state, self.clock, self.folder, self.tasks.append, hindrances, peers)
        self.work = BulkWork(BulkTransfers(self.engine, self.objects, rules, MAX_UPLOAD_BYTES), workshop)
        idempotency = Idempotency(self.state, self.clock, timedelta(days=1), strict=False)
        ports = BulkPorts(self.state, self.objects, self.clock, numbers(), timedelta(hours=1))
        self.jobs = BulkJobService(ports, self.work, idempotency, rules)

    def work_off(self) -> None:
        while self.tasks:
            self.tasks.pop(0).run()

    def created(self, request: BulkJobRequest) -> BulkJob:
        return self.jobs.create(self.me, request, None, BASE)[0]

    def closed(self, request: BulkJobRequest, upload: bytes | None = None) -> BulkJob:
        """Create a job, upload its file and close it."""
        job = self.created(request)
        if upload is not None:
            self.objects.objects[f"tenant-123/uploads/{job.job_id}.csv"] = upload
        return self.jobs.close(self.me, job.job_id)

    def worked_off(self, request: BulkJobRequest, upload: bytes | None = None) -> BulkJob:
        job = self.closed(request, upload)
        self.work_off()
        return self.seen(job)

    def seen(self, job: BulkJob) -> BulkJob:
        return self.jobs.found(self.me, job.job_id)

    def forget_folder(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
