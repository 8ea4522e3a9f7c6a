"""What the control plane does to tenants."""

from __future__ import annotations

from dataclasses import dataclass

from spectra_emulator.domain.bulk_files import tenant_prefix
from spectra_emulator.domain.errors import Forbidden
from spectra_emulator.domain.jobs import Job, JobStatus
from spectra_emulator.ports import AnswerStore, ObjectStore, QueryEngine, ScriptOutcome, StateStore
from spectra_emulator.services.bulk_work import BulkWork
from spectra_emulator.sql.parsing import parse_script


@dataclass(frozen=True)
class TenantService:
    """`may_reset` is False where data was meant to be kept."""

    engine: QueryEngine
    state: StateStore
    answers: AnswerStore
    objects: ObjectStore
    bulk_work: BulkWork
    may_reset: bool

    def reset(self, tenant_id: str | None) -> tuple[str, ...]:
        """Bring one tenant, or all, back to the fixtures as loaded, with no jobs, keys or counted calls.

        Raises: Forbidden.
        """
        if not self.may_reset:
            raise Forbidden("A data directory is not reset unless the server runs with --allow-reset")
        known = {*self.engine.tenant_ids(), *self.state.tenant_ids()}
        tenant_ids = tuple(sorted(known)) if tenant_id is None else (tenant_id,)
        for each in tenant_ids:
            self._reset(each)
        return tenant_ids

    def _reset(self, tenant_id: str) -> None:
        """Forget the jobs first: what still runs of them then finds nothing to complete."""
        self._cancel_queries(tenant_id)
        self.state.clear(tenant_id)
        self.bulk_work.forget(tenant_id)
        self.engine.reset(tenant_id)
        self.objects.delete(tenant_prefix(tenant_id))
        self.answers.clear(tenant_id)

    def _cancel_queries(self, tenant_id: str) -> None:
        """End what runs: nobody could find its job any more."""
        for job in self.state.jobs(tenant_id, JobStatus.RUNNING):
            self.engine.cancel(tenant_id, job.job_id.removeprefix("job-"))

    def run_sql(self, tenant_id: str, sql: str) -> ScriptOutcome:
        """Run Redshift DDL and DML in the tenant's database, as one transaction.

        Raises: InvalidSql, InternalError.
        """
        return self.engine.run_script(tenant_id, parse_script(sql))

    def jobs(self, tenant_id: str, status: JobStatus | None) -> list[Job]:
        return self.state.jobs(tenant_id, status)
