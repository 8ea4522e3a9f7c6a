"""What the control plane does to tenants."""

from __future__ import annotations

from dataclasses import dataclass, field

from spectra_emulator.domain.bulk_files import tenant_prefix
from spectra_emulator.domain.bulk_jobs import BulkJob, BulkJobFilter, as_job
from spectra_emulator.domain.errors import Conflict, Forbidden, NotFound
from spectra_emulator.domain.jobs import Job, JobStatus
from spectra_emulator.ports import (
    MAX_LISTED_JOBS,
    AnswerStore,
    KeyRing,
    ObjectStore,
    QueryEngine,
    ScriptOutcome,
    StateStore,
)
from spectra_emulator.services.bulk_work import BulkWork
from spectra_emulator.services.tenant_locks import TenantLocks
from spectra_emulator.sql.parsing import parse_script


@dataclass(frozen=True)
class TenantPorts:
    """Where a tenant's things lie."""

    engine: QueryEngine
    state: StateStore
    answers: AnswerStore
    objects: ObjectStore
    keys: KeyRing


@dataclass(frozen=True)
class TenantService:
    """`may_reset` is False where data was meant to be kept."""

    ports: TenantPorts
    bulk_work: BulkWork
    may_reset: bool
    locks: TenantLocks = field(default_factory=TenantLocks)

    def known(self) -> tuple[str, ...]:
        """Return the tenants that have a key, a database or a job."""
        ids = {*self.ports.keys.tenant_ids(), *self._used()}
        return tuple(sorted(ids - {"*"}))

    def create(self, tenant_id: str | None, permissions: frozenset[str] | None) -> tuple[str, str]:
        """Make a tenant with the tables that every tenant begins with; return its id and its API key.

        Raises: Conflict where there is one of that id.
        """
        made = tenant_id or self.ports.engine.fresh()
        with self.locks.held(made):
            if tenant_id is not None and made in self.known():
                raise Conflict("There is a tenant of that id", tenant_id=made)
            key = self.ports.keys.make(made, permissions)
            self.ports.engine.catalogue(made)
        return made, key

    def remove(self, tenant_id: str) -> None:
        """Drop all that is the tenant's, and the keys that were made for it.

        Raises: NotFound, Forbidden.
        """
        with self.locks.held(tenant_id):
            made = self.ports.keys.made_for(tenant_id)
            if not made and tenant_id not in self.known():
                raise NotFound("There is no such tenant", tenant_id=tenant_id)
            if not self.may_reset and not made:
                raise Forbidden("A data directory's tenant is not removed unless the server runs with --allow-reset")
            self.ports.keys.revoke(tenant_id)
            self._forget(tenant_id)
            self.ports.engine.remove(tenant_id)

    def reset(self, tenant_id: str | None) -> tuple[str, ...]:
        """Bring one tenant, or all, back to the fixtures as loaded, with no jobs, keys or counted calls.

        Raises: Forbidden.
        """
        if not self.may_reset:
            raise Forbidden("A data directory is not reset unless the server runs with --allow-reset")
        tenant_ids = tuple(sorted(self._used())) if tenant_id is None else (tenant_id,)
        for each in tenant_ids:
            with self.locks.held(each):
                self._forget(each)
                self.ports.engine.reset(each)
        return tenant_ids

    def _used(self) -> set[str]:
        return {*self.ports.engine.tenant_ids(), *self.ports.state.tenant_ids()}

    def _forget(self, tenant_id: str) -> None:
        """Drop all but the tables; the jobs first: what still runs of them then finds nothing to complete."""
        self._cancel_queries(tenant_id)
        self.ports.state.clear(tenant_id)
        self.bulk_work.forget(tenant_id)
        self.ports.objects.delete(tenant_prefix(tenant_id))
        self.ports.answers.clear(tenant_id)

    def _cancel_queries(self, tenant_id: str) -> None:
        """End what runs: nobody could find its job any more."""
        for job in self.ports.state.jobs(tenant_id, JobStatus.RUNNING):
            self.ports.engine.cancel(tenant_id, job.job_id.removeprefix("job-"))

    def run_sql(self, tenant_id: str, sql: str) -> ScriptOutcome:
        """Run Redshift DDL and DML in the tenant's database, as one transaction.

        Raises: InvalidSql, InternalError.
        """
        return self.ports.engine.run_script(tenant_id, parse_script(sql))

    def jobs(self, tenant_id: str, status: JobStatus | None) -> list[Job]:
        return self.ports.state.jobs(tenant_id, status)

    def bulk_jobs(self, tenant_id: str, status: JobStatus | None, limit: int) -> list[BulkJob]:
        """Return the tenant's newest bulk jobs that the Job API would show with the status."""
        newest = self.ports.state.bulk_jobs(tenant_id, BulkJobFilter(MAX_LISTED_JOBS))
        return [job for job in newest if status is None or as_job(job).status is status][:limit]
