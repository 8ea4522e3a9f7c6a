"""Real worker processes for tests of the embedded engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from spectra_emulator.adapters.duckdb_engine.bulk_engine import DuckDbBulkEngine
from spectra_emulator.adapters.duckdb_engine.engine import DuckDbEngine
from spectra_emulator.adapters.duckdb_engine.fixture_files import FixtureFiles
from spectra_emulator.adapters.duckdb_engine.fork_client import ForkClient
from spectra_emulator.adapters.duckdb_engine.lane import Lane
from spectra_emulator.adapters.duckdb_engine.worker_client import WorkerClient, WorkerLimits

from tests.adapters.duckdb_engine.desk import Desk

LIMITS = WorkerLimits(memory_bytes=2**30, threads=2, lanes=8)

Workers = Callable[..., WorkerClient]
Engines = Callable[..., DuckDbEngine]

TABLES = """
CREATE TABLE people (
  id BIGINT PRIMARY KEY, name VARCHAR(8) NOT NULL, amount DECIMAL(12,2), active BOOLEAN, born DATE, seen TIMESTAMP,
  zoned TIMESTAMPTZ, score DOUBLE PRECISION, code CHAR(3), rank SMALLINT, tags SUPER, exact DECIMAL(38,10)
);
CREATE TABLE loose (id INTEGER, name VARCHAR(8), city VARCHAR(20) DEFAULT 'Oslo');
CREATE TABLE keyless (label VARCHAR(8), size INTEGER);
CREATE VIEW names AS SELECT name FROM people;
INSERT INTO loose VALUES (1, 'Ada', 'Bern'), (2, 'Bob', 'Rome');
CREATE TABLE many (n BIGINT, twice BIGINT, text VARCHAR(20));
"""


@pytest.fixture(scope="session")
def forks() -> Iterator[ForkClient]:
    client = ForkClient()
    yield client
    client.close()


@pytest.fixture
def workers(forks: ForkClient, tmp_path: Path) -> Iterator[Workers]:
    """Open workers on files of the test's own; they end with it."""
    opened: list[WorkerClient] = []

    def worker(name: str = "tenant", limits: WorkerLimits = LIMITS, *, hardened: bool = True) -> WorkerClient:
        opened.append(WorkerClient(forks, tmp_path / f"{name}.duckdb", limits, lambda: None, hardened=hardened))
        return opened[-1]

    yield worker
    for each in opened:
        each.kill()


@pytest.fixture
def worker(workers: Workers) -> WorkerClient:
    return workers()


@pytest.fixture
def lane(worker: WorkerClient) -> Iterator[Lane]:
    with worker.lane() as lent:
        yield lent


@pytest.fixture
def fixtures(tmp_path: Path) -> Path:
    """Make an empty folder of fixtures for all tenants and for one."""
    folder = tmp_path / "fixtures"
    (folder / "all").mkdir(parents=True)
    (folder / "tenants" / "tenant-123").mkdir(parents=True)
    return folder


@pytest.fixture
def engines(fixtures: Path, tmp_path: Path) -> Iterator[Engines]:
    """Open engines over the test's fixtures, one folder of databases for all of them."""
    opened: list[DuckDbEngine] = []

    def engine(limits: WorkerLimits = LIMITS, max_workers: int = 4) -> DuckDbEngine:
        opened.append(DuckDbEngine(tmp_path / "tenants", FixtureFiles(fixtures), limits, max_workers))
        return opened[-1]

    yield engine
    for each in opened:
        each.close()


@pytest.fixture
def engine(engines: Engines) -> DuckDbEngine:
    return engines()


@pytest.fixture(scope="session")
def files_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckDbEngine]:
    """Open one engine for all tests of files: a tenant whose tables hold every type."""
    folder = tmp_path_factory.mktemp("engine")
    (folder / "fixtures" / "all").mkdir(parents=True)
    (folder / "fixtures" / "all" / "tables.sql").write_text(TABLES)
    opened = DuckDbEngine(folder / "tenants", FixtureFiles(folder / "fixtures"), LIMITS, max_workers=4)
    yield opened
    opened.close()


@pytest.fixture
def desk(files_engine: DuckDbEngine, tmp_path: Path) -> Desk:
    """Return a desk whose tenant's tables are as its fixtures made them."""
    files_engine.reset("tenant-123")
    return Desk(files_engine, DuckDbBulkEngine(files_engine), tmp_path)
