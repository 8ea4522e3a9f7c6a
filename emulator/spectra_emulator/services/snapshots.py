"""Save what tenants are at one moment, and bring them back to it, while the server runs."""

from __future__ import annotations

import json
import logging
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from spectra_emulator.domain.bulk_files import tenant_prefix
from spectra_emulator.domain.errors import NotFound, SpectraError
from spectra_emulator.domain.snapshots import (
    ClockState,
    KeptAnswer,
    Listed,
    MadeKey,
    Manifest,
    TenantPart,
    TenantRecords,
    checked_keys,
    checked_name,
    checked_records,
    kept_answer,
    restored_answer,
)
from spectra_emulator.domain.tenancy import folder_name
from spectra_emulator.ports import ObjectStore
from spectra_emulator.services.bulk_work import BulkWork
from spectra_emulator.services.clock import ClockReading, SteerableClock
from spectra_emulator.services.tenant_locks import TenantLocks
from spectra_emulator.snapshot_ports import (
    SnapshotAnswers,
    SnapshotEngine,
    SnapshotKeys,
    SnapshotReader,
    SnapshotState,
    SnapshotStore,
    SnapshotWriter,
)

_CLOCK = "clock.json"
_TABLES = "tables.duckdb"
_RECORDS = "records.json"
_KEYS = "keys.json"
_ANSWERS = "answers.json"
_OBJECTS = "objects.json"
_ANY_TENANT = "*"
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class SnapshotPorts:
    """Where what a snapshot holds comes from and goes to."""

    store: SnapshotStore
    engine: SnapshotEngine
    state: SnapshotState
    answers: SnapshotAnswers
    objects: ObjectStore
    keys: SnapshotKeys


@dataclass(frozen=True)
class _Staged:
    """A tenant as a snapshot has it, checked and laid out; `objects` is None where they were left out."""

    tenant_id: str
    tables: Path | None
    records: TenantRecords
    keys: tuple[MadeKey, ...]
    answers: tuple[tuple[KeptAnswer, Path], ...]
    objects: tuple[tuple[str, Path], ...] | None


@dataclass(frozen=True)
class SnapshotService:
    """`folder` lies on the file system of the tables; what a load leaves there when it is killed is done again."""

    ports: SnapshotPorts
    bulk_work: BulkWork
    clock: SteerableClock
    folder: Path
    locks: TenantLocks = field(default_factory=TenantLocks)
    _one_at_a_time: threading.Lock = field(default_factory=threading.Lock)

    def save(self, name: str, tenant_id: str | None = None, *, objects: bool = True) -> Manifest:
        """Save one tenant, or all that are known; a snapshot of that name is replaced once the new one is whole.

        Raises: InvalidRequest, NotFound, Conflict, InternalError.
        """
        chosen = self._chosen(tenant_id)
        with self._one_at_a_time, self.ports.store.writing(checked_name(name)) as snapshot:
            tenants = tuple(self._saved(snapshot, each, objects=objects) for each in chosen)
            reading = self.clock.reading()
            snapshot.add_json(_CLOCK, ClockState(reading.now, reading.frozen, reading.offset.total_seconds()))
            return snapshot.finish(whole=tenant_id is None, objects=objects, tenants=tenants, now=reading.now)

    def load(self, name: str, tenant_id: str | None = None) -> tuple[str, ...]:
        """Bring the snapshot's tenants, or one of them, back to it; the clock too where it is of all and none is named.

        Nothing is touched before everything was read and checked.

        Raises: InvalidRequest, NotFound, Conflict, InternalError.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with (
            self._one_at_a_time,
            self.ports.store.opened(checked_name(name)) as snapshot,
            tempfile.TemporaryDirectory(dir=self.folder) as folder,
            ExitStack() as stilled,
        ):
            parts = _wanted(snapshot.manifest, tenant_id)
            staged = [self._staged(snapshot, part, Path(folder)) for part in parts]
            clock = snapshot.read_json(_CLOCK, ClockState)
            if tenant_id is None:
                snapshot.note_good()
            stilled.enter_context(self.locks.held(*(each.tenant_id for each in staged)))
            for each in staged:
                stilled.enter_context(self.bulk_work.stilled(each.tenant_id))
            if snapshot.manifest.whole and tenant_id is None:
                self.clock.restore(ClockReading(clock.now, clock.frozen, timedelta(seconds=clock.offset_seconds)))
            for each in staged:
                self._put_in(name, each)
            return tuple(each.tenant_id for each in staged)

    def listed(self) -> list[Listed]:
        return self.ports.store.listed()

    def remove(self, name: str) -> None:
        """Delete a snapshot.

        Raises: InvalidRequest, NotFound.
        """
        self.ports.store.remove(checked_name(name))

    def finish_interrupted(self) -> None:
        """Do again what a server that was killed had begun to load: it may have put in one half of a tenant."""
        begun = self._begun()
        shutil.rmtree(self.folder, ignore_errors=True)
        if begun is None:
            return
        try:
            self.load(begun["name"], begun["tenant_id"])
        except SpectraError as error:
            _log.warning("the snapshot %s was half loaded and cannot be again: %s", begun["name"], error.message)

    def _begun(self) -> dict[str, str] | None:
        """Return what was being loaded; where its mark was not written whole, nothing had been touched."""
        try:
            begun: dict[str, str] = json.loads(self._mark.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return None
        return begun

    @property
    def _mark(self) -> Path:
        return self.folder / "begun.json"

    def _chosen(self, tenant_id: str | None) -> tuple[str, ...]:
        ports = self.ports
        known = {*ports.engine.tenant_ids(), *ports.state.tenant_ids(), *ports.keys.tenant_ids()} - {_ANY_TENANT}
        if tenant_id is None:
            return tuple(sorted(known))
        if tenant_id not in known:
            raise NotFound("There is no such tenant", tenant_id=tenant_id)
        return (tenant_id,)

    def _saved(self, snapshot: SnapshotWriter, tenant_id: str, *, objects: bool) -> TenantPart:
        """Save the records first and nobody writing: then no record tells of rows or objects that are not saved."""
        with self.locks.held(tenant_id):
            return self._saved_alone(snapshot, tenant_id, objects=objects)

    def _saved_alone(self, snapshot: SnapshotWriter, tenant_id: str, *, objects: bool) -> TenantPart:
        tables = snapshot.scratch / _TABLES
        with self.ports.engine.paused(tenant_id):
            records = self.ports.state.exported(tenant_id)
            used = self.ports.engine.copy(tenant_id, tables)
        part = TenantPart(tenant_id, folder_name(tenant_id), used)
        if used:
            self.ports.engine.folded(tables)
            snapshot.add_file(part.member(_TABLES), tables)
            tables.unlink()
        snapshot.add_json(part.member(_RECORDS), records)
        snapshot.add_json(part.member(_KEYS), self.ports.keys.made(tenant_id))
        self._save_answers(snapshot, part, {job.job_id for job in records.jobs})
        if objects:
            self._save_objects(snapshot, part)
        return part

    def _save_answers(self, snapshot: SnapshotWriter, part: TenantPart, job_ids: set[str]) -> None:
        saved = []
        for job_id, keyed in self.ports.answers.kept(part.tenant_id):
            answer = self.ports.answers.get(part.tenant_id, job_id) if job_id in job_ids else None
            if answer is not None:
                snapshot.add_bytes(part.member(f"answers/{job_id}"), answer.rows.rows_json)
                saved.append(kept_answer(job_id, answer, keyed=keyed))
        snapshot.add_json(part.member(_ANSWERS), saved)

    def _save_objects(self, snapshot: SnapshotWriter, part: TenantPart) -> None:
        keys: list[str] = []
        file = snapshot.scratch / "object"
        for key in self.ports.objects.keys(tenant_prefix(part.tenant_id)):
            try:
                self.ports.objects.fetch(key, file)
            except NotFound:
                continue
            snapshot.add_file(part.member(f"objects/{len(keys)}"), file)
            keys.append(key)
        snapshot.add_json(part.member(_OBJECTS), keys)

    def _staged(self, snapshot: SnapshotReader, part: TenantPart, folder: Path) -> _Staged:
        own = folder / part.folder
        own.mkdir()
        tables = None
        if part.tables:
            tables = own / _TABLES
            snapshot.extract(part.member(_TABLES), tables)
            if not snapshot.known:
                self.ports.engine.folded(tables)
        records = checked_records(part.tenant_id, snapshot.read_json(part.member(_RECORDS), TenantRecords))
        return _Staged(
            part.tenant_id,
            tables,
            records,
            snapshot.read_json(part.member(_KEYS), tuple[MadeKey, ...]),
            _staged_answers(snapshot, part, own, {job.job_id for job in records.jobs}),
            _staged_objects(snapshot, part, own) if snapshot.manifest.objects else None,
        )

    def _put_in(self, name: str, staged: _Staged) -> None:
        """Exchange tables and records at once; what they need is there before, what they need not goes afterwards."""
        ports, tenant_id = self.ports, staged.tenant_id
        for key, file in staged.objects or ():
            ports.objects.store(file, key)
        kept = {job_id for job_id, _ in ports.answers.kept(tenant_id)}
        for answer, file in staged.answers:
            if answer.job_id not in kept:
                restored = restored_answer(answer, file.read_bytes())
                ports.answers.put(tenant_id, answer.job_id, restored, keyed=answer.keyed)

        def exchange() -> None:
            ports.state.replaced(tenant_id, staged.records, self.clock())
            ports.keys.restore(tenant_id, staged.keys)

        with self._marked(name, tenant_id):
            ports.engine.replace(tenant_id, staged.tables, exchange)
        ports.answers.drop(sorted(kept - {answer.job_id for answer, _ in staged.answers}))
        self._drop_other_objects(staged)

    def _drop_other_objects(self, staged: _Staged) -> None:
        if staged.objects is not None:
            wanted = {key for key, _ in staged.objects}
            for key in self.ports.objects.keys(tenant_prefix(staged.tenant_id)):
                if key not in wanted:
                    self.ports.objects.delete(key)

    @contextmanager
    def _marked(self, name: str, tenant_id: str) -> Iterator[None]:
        """Note what is being exchanged, for `finish_interrupted`."""
        self._mark.write_text(json.dumps({"name": name, "tenant_id": tenant_id}), encoding="utf-8")
        try:
            yield
        finally:
            self._mark.unlink()


def _wanted(manifest: Manifest, tenant_id: str | None) -> tuple[TenantPart, ...]:
    parts = tuple(part for part in manifest.tenants if tenant_id in (None, part.tenant_id))
    if not parts and tenant_id is not None:
        raise NotFound("The snapshot has no such tenant", tenant_id=tenant_id)
    return parts


def _staged_answers(
    snapshot: SnapshotReader, part: TenantPart, folder: Path, job_ids: set[str]
) -> tuple[tuple[KeptAnswer, Path], ...]:
    answers = snapshot.read_json(part.member(_ANSWERS), tuple[KeptAnswer, ...])
    staged = [(answer, folder / answer.job_id) for answer in answers if answer.job_id in job_ids]
    for answer, file in staged:
        snapshot.extract(part.member(f"answers/{answer.job_id}"), file)
    return tuple(staged)


def _staged_objects(snapshot: SnapshotReader, part: TenantPart, folder: Path) -> tuple[tuple[str, Path], ...]:
    keys = checked_keys(part.tenant_id, snapshot.read_json(part.member(_OBJECTS), tuple[str, ...]))
    staged = [(key, folder / f"object-{number}") for number, key in enumerate(keys)]
    for number, (_, file) in enumerate(staged):
        snapshot.extract(part.member(f"objects/{number}"), file)
    return tuple(staged)
