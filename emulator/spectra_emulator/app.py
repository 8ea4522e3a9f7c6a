"""The composition root: settings in, a web application and its life out."""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

from litestar.handlers import BaseRouteHandler
from litestar.types import ASGIApp

from spectra_emulator.adapters.duckdb_engine.engine import DuckDbEngine
from spectra_emulator.adapters.embedded_s3 import BUCKET, EmbeddedS3
from spectra_emulator.adapters.presigned_urls import PresignedUrls
from spectra_emulator.adapters.recorded_store import RecordedStore
from spectra_emulator.adapters.recorded_work import WorkRecorder
from spectra_emulator.adapters.s3_signatures import S3Signatures
from spectra_emulator.adapters.s3_store import embedded_store, external_store
from spectra_emulator.adapters.snapshot_files import SnapshotFiles
from spectra_emulator.adapters.tenants_file import ExampleKey
from spectra_emulator.api.application import application
from spectra_emulator.api.base_url import base_urls
from spectra_emulator.api.bulk_jobs import bulk_job_routes
from spectra_emulator.api.fault_gate import FaultGate
from spectra_emulator.api.gate import Gate
from spectra_emulator.api.jobs import job_routes
from spectra_emulator.api.object_links import ObjectGateway, object_links
from spectra_emulator.api.queries import query_routes
from spectra_emulator.api.query_threads import QueryThreads
from spectra_emulator.api.recorder import Recorder
from spectra_emulator.api.service import service_routes
from spectra_emulator.console.routes import console_routes
from spectra_emulator.control.plane import Plane
from spectra_emulator.control.routes import Controls, control_routes
from spectra_emulator.control.snapshots import Snapshots
from spectra_emulator.data_directory import DataDirectory
from spectra_emulator.domain.errors import SpectraError
from spectra_emulator.engines import Engines, engines
from spectra_emulator.ground import (
    Ground,
    authentication,
    browser_origins,
    control_guard,
    default_permissions,
    error_links,
    identities_told,
    known_tenants,
    links_key,
    rate_limiter,
    tenancy_rules,
)
from spectra_emulator.ports import ObjectStore, QueryEngine
from spectra_emulator.preparation import Preparation, preparation
from spectra_emulator.services.bulk_jobs import BulkJobService, BulkPorts
from spectra_emulator.services.bulk_queue import BulkQueue
from spectra_emulator.services.bulk_transfers import BulkTransfers
from spectra_emulator.services.bulk_work import BulkWork, Workshop
from spectra_emulator.services.clock import SteerableClock
from spectra_emulator.services.explanations import Explanations
from spectra_emulator.services.faults import Faults
from spectra_emulator.services.hindrances import Hindrances
from spectra_emulator.services.idempotency import Idempotency
from spectra_emulator.services.job_control import JobControl
from spectra_emulator.services.jobs import JobService
from spectra_emulator.services.journal import Journal
from spectra_emulator.services.no_snapshots import NoSnapshots
from spectra_emulator.services.peer_duties import PeerDuties
from spectra_emulator.services.queries import QueryPorts, QueryService
from spectra_emulator.services.snapshots import SnapshotPorts, SnapshotService
from spectra_emulator.services.tenant_locks import TenantLocks
from spectra_emulator.services.tenants import TenantPorts, TenantService
from spectra_emulator.settings import GatewayKind, Settings
from spectra_emulator.stores import SHARED, stores

_QUERIES_AT_ONCE = 256
_CALLS_AT_ONCE = 32
_OBJECT_CALLS_AT_ONCE = 32
_PREPARED_AHEAD = 4
"""How many queries of a tenant are made ready, or finished, while as many as the engine takes are running."""
_TIDY_SECONDS = 3600.0
_LOOK_FOR_LATE_JOBS_SECONDS = 5.0
_LAST_WORK_SECONDS = 0.2
_BEATS_A_LEASE = 5
_LOOK_AT_PEERS_SECONDS = 0.5
_IN_A_WAREHOUSE = "The tables lie in a warehouse"
_log = logging.getLogger(__name__)


def new_id() -> str:
    return str(uuid.uuid4())


@dataclass(frozen=True)
class Bulk:
    """The parts that carry bulk jobs out."""

    jobs: BulkJobService
    work: BulkWork
    queue: BulkQueue
    objects: ObjectStore
    embedded: EmbeddedS3

    def close(self) -> None:
        """Begin no more work, and take what ends from now on as unfinished."""
        self.work.close()
        self.queue.close()


@dataclass(frozen=True)
class App:
    """A web application and what it holds open."""

    asgi: ASGIApp
    ground: Ground
    engine: QueryEngine
    bulk: Bulk
    duties: PeerDuties
    pools: tuple[ThreadPoolExecutor, ...]
    preparation: Preparation
    example: ExampleKey | None = None
    stopped: threading.Event = field(default_factory=threading.Event)

    def start(self, url: str, give_up: Callable[[], object]) -> None:
        """Begin what runs beside the requests; `url` is where this machine reaches them."""
        threading.Thread(target=self.engine.warm_up, daemon=True).start()
        self.bulk.work.recover()
        self._repeat(self._tidy, _TIDY_SECONDS)
        self._repeat(self.bulk.work.expire, _LOOK_FOR_LATE_JOBS_SECONDS)
        for due in (self._tidy, self.bulk.work.expire):
            self.ground.clock.watch(due)
        if self.duties.peers.shared:
            self._repeat(self.duties.beat, self.ground.settings.state_lease_seconds / _BEATS_A_LEASE)
            self._repeat(self.duties.attend, _LOOK_AT_PEERS_SECONDS)
        self.preparation.begin(self._told_to_hooks(url), give_up)

    def stop(self) -> None:
        """End every statement, so that requests under way are answered that the server stops."""
        self.stopped.set()
        self.preparation.hooks.stop()
        self.bulk.close()
        self.engine.close()

    def close(self) -> None:
        """End everything that runs and keep what is durable."""
        self.stop()
        self.bulk.embedded.close()
        self.bulk.queue.wait(_LAST_WORK_SECONDS)
        for pool in self.pools:
            pool.shutdown(cancel_futures=True)
        with suppress(SpectraError):
            self.duties.peers.leave()
        self.ground.stores.close()

    def _told_to_hooks(self, url: str) -> dict[str, str]:
        """Return the variables that seed hooks reach the server by."""
        token = self.ground.settings.control_token
        return {
            "SPECTRA_API_URL": f"{url}/v1",
            "SPECTRA_CONTROL_URL": f"{url}/_spectra",
            **({} if token is None else {"SPECTRA_CONTROL_TOKEN": token}),
            **({} if self.example is None else _identity(self.example)),
        }

    def _repeat(self, act: Callable[[], None], seconds: float) -> None:
        """Act now and every so often, until the application is closed."""

        def acting() -> None:
            failing = _failed(act, failing=False)
            while not self.stopped.wait(seconds):
                failing = _failed(act, failing=failing)

        threading.Thread(target=acting, daemon=True).start()

    def _tidy(self) -> None:
        """Drop what is past its retention."""
        oldest = self.ground.clock() - timedelta(days=self.ground.settings.retention_days)
        self.bulk.jobs.forget_before(oldest)
        self.ground.stores.answers.drop(self.ground.state.forget_before(oldest))


def _failed(act: Callable[[], None], *, failing: bool) -> bool:
    """Act, and tell whether that failed; of failures in a row the log has the first."""
    try:
        act()
    except Exception:  # noqa: BLE001 - a thread that ended would leave the server dead to the others
        if not failing:
            _log.warning("what the server does time and again is put off", exc_info=True)
        return True
    return False


def _identity(example: ExampleKey) -> dict[str, str]:
    return {"SPECTRA_API_KEY": example.key, "SPECTRA_TENANT_ID": example.tenant_id}


def built(settings: Settings, directory: DataDirectory) -> App:
    """Return the application that the settings describe.

    Raises: SettingsError.
    """
    file = known_tenants(settings)
    kept = stores(settings, directory, tuple(file.api_keys))
    clock = SteerableClock(bound_by=SHARED if kept.peers.shared else "")
    state, answers, keys = kept.state, kept.answers, kept.keys
    state.recover(clock())
    kept.peers.beat()
    ground = Ground(settings, directory, file, clock, kept)
    served = engines(ground)
    engine = served.queries
    calls = ThreadPoolExecutor(_CALLS_AT_ONCE, thread_name_prefix="call")
    query_calls = ThreadPoolExecutor(_QUERIES_AT_ONCE, thread_name_prefix="query")
    query_threads = QueryThreads(query_calls, served.lanes + _PREPARED_AHEAD)
    hindrances = Hindrances(Faults(clock))
    gate = Gate(
        authenticator=authentication(ground),
        limiter=rate_limiter(ground),
        tenancy=tenancy_rules(ground),
        max_body_bytes=settings.max_body_bytes,
        calls=calls,
        faults=FaultGate(hindrances.faults, header_allowed=settings.fault_header) if settings.control_enabled else None,
    )
    idempotency = Idempotency(
        state, clock, timedelta(seconds=settings.idempotency_ttl_seconds), strict=settings.idempotency_strict
    )
    journal = Journal(settings.journal_entries if settings.control_enabled else 0, settings.journal_bytes)
    bulk = _bulk(ground, served, idempotency, hindrances, journal)
    ports = QueryPorts(engine, state, answers, clock, new_id, steps=hindrances.steps)
    queries = QueryService(ports, idempotency, settings.sql_rules())
    base_url = base_urls(settings.public_url)
    versioned = [
        *query_routes(gate, query_threads, queries, settings.default_timeout_seconds, settings.max_response_bytes),
        *job_routes(gate, JobService(engine, state, answers, bulk.jobs, clock), base_url),
        *bulk_job_routes(gate, bulk.jobs, base_url),
    ]
    others: list[BaseRouteHandler] = [*service_routes(settings.public_url)]
    object_calls = ThreadPoolExecutor(_OBJECT_CALLS_AT_ONCE, thread_name_prefix="object")
    if settings.s3_location() is None:
        others.append(object_links(_gateway(ground, bulk, object_calls, hindrances.faults)))
    locks = TenantLocks()
    snapshots = _snapshots(ground, served.embedded, bulk, locks)
    recorder = None
    may_reset = settings.allow_reset or not state.durable
    tenants = TenantService(TenantPorts(engine, state, answers, bulk.objects, keys), bulk.work, may_reset, locks)
    prepared = preparation(settings, tenants, engine, state, bulk.objects)
    if settings.control_enabled:
        recorder = Recorder(journal, clock)
        controls = Controls(
            tenants=tenants,
            clock=clock,
            faults=hindrances.faults,
            jobs=JobControl(engine, state, bulk.work, hindrances.steps, clock),
            journal=journal,
            snapshots=snapshots,
            readiness=prepared.readiness,
            seeded=prepared.after_reset,
            explanations=Explanations(engine, settings.sql_rules()),
            identities=identities_told(ground),
            base_url=base_url,
        )
        others += control_routes(Plane(gate, control_guard(settings)), controls)
    if settings.console_enabled:
        others += console_routes(control_guard(settings), browser_origins(settings))
    behind_aws = settings.gateway is GatewayKind.AWS
    links = error_links(settings, base_url)
    asgi = application(versioned, others, settings.cors_origins, recorder, links, behind_aws_gateway=behind_aws)
    duties = PeerDuties(kept.peers, state, bulk.work, engine, clock)
    return App(asgi, ground, engine, bulk, duties, (calls, query_calls, object_calls), prepared, file.example)


def _bulk(ground: Ground, served: Engines, idempotency: Idempotency, hindrances: Hindrances, journal: Journal) -> Bulk:
    settings, directory, clock, state = ground.settings, ground.directory, ground.clock, ground.state
    rules = settings.sql_rules()
    embedded = EmbeddedS3(directory.path / "objects" if directory.durable else None)
    location = settings.s3_location()
    links = PresignedUrls(links_key(directory), BUCKET, clock)
    objects: ObjectStore = embedded_store(embedded, links) if location is None else external_store(location)
    if journal.on:
        objects = RecordedStore(objects, journal.add, clock)
    queue = BulkQueue()
    workshop = Workshop(state, clock, directory.path / "bulk", queue.run_later, hindrances, ground.stores.peers)
    bulk_engine = served.bulk(objects, WorkRecorder(journal.add, clock) if journal.on else None)
    work = BulkWork(BulkTransfers(bulk_engine, objects, rules, settings.max_upload_bytes), workshop)
    ports = BulkPorts(state, objects, clock, new_id, timedelta(seconds=settings.link_lifetime_seconds))
    return Bulk(BulkJobService(ports, work, idempotency, rules), work, queue, objects, embedded)


def _snapshots(ground: Ground, engine: DuckDbEngine | None, bulk: Bulk, locks: TenantLocks) -> Snapshots:
    """Return what makes snapshots, once it has finished what a server that was killed had begun to load."""
    files = SnapshotFiles((ground.settings.snapshot_dir or ground.directory.path / "snapshots").absolute())
    files.remove_unfinished()
    copied = ground.stores.copied
    if engine is None:
        return Snapshots(NoSnapshots(_IN_A_WAREHOUSE, files), files)
    if copied is None:
        return Snapshots(NoSnapshots(SHARED, files), files)
    ports = SnapshotPorts(files, engine, copied.state, copied.answers, bulk.objects, copied.keys)
    service = SnapshotService(ports, bulk.work, ground.clock, ground.directory.path / "loading", locks)
    service.finish_interrupted()
    return Snapshots(service, files)


def _gateway(ground: Ground, bulk: Bulk, calls: ThreadPoolExecutor, faults: Faults) -> ObjectGateway:
    return ObjectGateway(
        signatures=S3Signatures([*ground.file.access_keys, links_key(ground.directory)], ground.clock),
        embedded=bulk.embedded,
        may_upload=bulk.jobs.may_upload,
        calls=calls,
        spool_folder=ground.directory.path,
        max_upload_bytes=ground.settings.max_upload_bytes,
        default_permissions=default_permissions(ground.settings),
        public_url=ground.settings.public_url,
        faults=faults if ground.settings.control_enabled else None,
    )
