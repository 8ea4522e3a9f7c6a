"""What the control plane does to tenants."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from spectra_emulator.adapters.answer_files import AnswerFiles
from spectra_emulator.adapters.api_keys import ApiKeys
from spectra_emulator.adapters.sqlite_state import SqliteState
from spectra_emulator.domain.errors import Forbidden, InvalidSql
from spectra_emulator.domain.jobs import JobStatus
from spectra_emulator.domain.queries import QueryAnswer
from spectra_emulator.services.tenants import TenantPorts, TenantService

from tests.fakes import ONE_ROW, FakeEngine, job
from tests.fakes_bulk import BulkBench, FakeObjects

ANSWER = QueryAnswer("1", ONE_ROW, execution_time_ms=4)


@dataclass(frozen=True)
class World:
    """Each of two tenants has a job `job-<tenant_id>` with its answer, and an uploaded file."""

    engine: FakeEngine
    state: SqliteState
    answers: AnswerFiles
    objects: FakeObjects
    service: TenantService

    def has_traces(self, tenant_id: str) -> bool:
        answer = self.answers.get(tenant_id, f"job-{tenant_id}")
        files = [key for key in self.objects.objects if key.startswith(f"{tenant_id}/")]
        return bool(self.state.jobs(tenant_id) or files) or answer is not None


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    engine = FakeEngine()
    state = SqliteState()
    answers = AnswerFiles(tmp_path / "answers", 2**20, durable=False)
    bench = BulkBench(tmp_path / "bulk", state)
    for tenant_id in ("tenant-123", "tenant-456"):
        state.add_job(job(f"job-{tenant_id}", tenant_id=tenant_id))
        answers.put(tenant_id, f"job-{tenant_id}", ANSWER, keyed=False)
        bench.objects.objects[f"{tenant_id}/uploads/bulk-1.csv"] = b"id\n1\n"
    service = TenantService(TenantPorts(engine, state, answers, bench.objects, ApiKeys([])), bench.work, may_reset=True)
    yield World(engine, state, answers, bench.objects, service)
    state.close()


def test_a_reset_tenant_has_its_fixtures_and_no_traces(world: World) -> None:
    assert world.service.reset("tenant-123") == ("tenant-123",)
    assert world.engine.reset_tenants == ["tenant-123"]
    assert (world.has_traces("tenant-123"), world.has_traces("tenant-456")) == (False, True)


def test_a_reset_without_a_tenant_resets_all_that_are_known(world: World) -> None:
    assert world.service.reset(None) == ("tenant-123", "tenant-456")
    assert world.engine.reset_tenants == ["tenant-123", "tenant-456"]
    assert (world.has_traces("tenant-123"), world.has_traces("tenant-456")) == (False, False)


def test_data_that_is_kept_is_not_reset(world: World) -> None:
    with pytest.raises(Forbidden, match="--allow-reset"):
        replace(world.service, may_reset=False).reset("tenant-123")

    assert (world.engine.reset_tenants, world.has_traces("tenant-123")) == ([], True)


def test_a_script_reaches_the_tenant_s_engine_parsed(world: World) -> None:
    outcome = world.service.run_sql("tenant-123", "CREATE TABLE t (a INT); INSERT INTO t VALUES (1);")

    assert (outcome.statements, world.engine.scripts) == (2, [("tenant-123", 2)])


def test_a_malformed_script_reaches_no_engine(world: World) -> None:
    with pytest.raises(InvalidSql):
        world.service.run_sql("tenant-123", "CREATE TABLE t (a INT); INSRT INTO t VALUES (1)")

    assert world.engine.scripts == []


def test_jobs_are_listed_by_status(world: World) -> None:
    assert world.service.jobs("tenant-123", JobStatus.COMPLETED) == []
    assert world.service.jobs("tenant-123", None) == [job("job-tenant-123")]
