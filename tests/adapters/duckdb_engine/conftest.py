"""One engine for the tests of files: a tenant whose tables hold every type."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from spectra_emulator.adapters.duckdb_engine.bulk_engine import DuckDbBulkEngine
from spectra_emulator.adapters.duckdb_engine.engine import DuckDbEngine
from spectra_emulator.adapters.duckdb_engine.fixture_files import FixtureFiles
from spectra_emulator.adapters.duckdb_engine.worker_client import WorkerLimits

from tests.adapters.duckdb_engine.desk import Desk

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
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckDbEngine]:
    folder = tmp_path_factory.mktemp("engine")
    (folder / "fixtures" / "all").mkdir(parents=True)
    (folder / "fixtures" / "all" / "tables.sql").write_text(TABLES)
    limits = WorkerLimits(memory_bytes=2**30, threads=2, lanes=8)
    opened = DuckDbEngine(folder / "tenants", FixtureFiles(folder / "fixtures"), limits, max_workers=4)
    yield opened
    opened.close()


@pytest.fixture
def desk(engine: DuckDbEngine, tmp_path: Path) -> Desk:
    """Return a desk whose tenant's tables are as its fixtures made them."""
    engine.reset("tenant-123")
    return Desk(engine, DuckDbBulkEngine(engine), tmp_path)
