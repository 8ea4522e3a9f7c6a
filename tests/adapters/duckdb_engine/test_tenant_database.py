"""One tenant's database over its life."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from spectra_emulator.adapters.duckdb_engine.fork_client import ForkClient
from spectra_emulator.adapters.duckdb_engine.lane import EngineFailureError, Lane
from spectra_emulator.adapters.duckdb_engine.pristine import Pristine
from spectra_emulator.adapters.duckdb_engine.tenant_database import TenantDatabase
from spectra_emulator.adapters.duckdb_engine.worker_client import WorkerClient
from spectra_emulator.domain.catalogue import Catalogue, Column
from spectra_emulator.domain.errors import Conflict

from tests.adapters.duckdb_engine.asking import executed, rows
from tests.adapters.duckdb_engine.conftest import LIMITS

Open = Callable[[], TenantDatabase]


class Builds:
    """Fills a database with one table, and counts how often."""

    def __init__(self) -> None:
        self.count = 0
        self.failing = False

    def __call__(self, lane: Lane) -> None:
        self.count += 1
        executed(lane, "CREATE TABLE public.t AS SELECT range AS n FROM range(5)")
        executed(lane, "COMMENT ON COLUMN public.t.n IS 'INTEGER'")
        if self.failing:
            executed(lane, "no SQL")


@pytest.fixture
def builds() -> Builds:
    return Builds()


@pytest.fixture
def opened(forks: ForkClient, tmp_path: Path, builds: Builds) -> Iterator[Open]:
    """Open the tenant's database anew, as each server does that finds the folder."""
    databases: list[TenantDatabase] = []

    def database() -> TenantDatabase:
        folder = tmp_path / "t-tenant-123"

        def worker(path: Path, hardened: bool) -> WorkerClient:
            return WorkerClient(forks, path, LIMITS, lambda: None, hardened=hardened)

        databases.append(TenantDatabase("tenant-123", folder, worker, Pristine(folder, worker, builds)))
        return databases[-1]

    yield database
    for each in databases:
        each.stop()


@pytest.fixture
def database(opened: Open) -> TenantDatabase:
    return opened()


def counted(database: TenantDatabase, table: str = "public.t") -> int:
    with database.worker().lane() as lane:
        return int(rows(lane, f"SELECT count(*) AS n FROM {table}")[0]["n"])


def written(database: TenantDatabase, *statements: str) -> None:
    worker = database.worker()
    database.note_written()
    with worker.lane() as lane:
        executed(lane, *statements)


def test_a_database_is_built_when_first_used_and_once(database: TenantDatabase, opened: Open, builds: Builds) -> None:
    before = builds.count

    assert (before, counted(database), builds.count) == (0, 5, 1)
    database.stop()
    assert (counted(opened()), builds.count) == (5, 1)


def test_a_failed_build_leaves_nothing_that_is_served(database: TenantDatabase, builds: Builds) -> None:
    builds.failing = True
    with pytest.raises(EngineFailureError):
        database.worker()
    builds.failing = False

    assert (counted(database), builds.count) == (5, 2)


def test_the_catalogue_names_columns_with_their_redshift_types(database: TenantDatabase) -> None:
    table = database.catalogue().table("T", "PUBLIC")

    assert table is not None
    assert (table.schema, table.name, table.columns) == ("public", "t", (Column("n", "INTEGER"),))


def test_the_catalogue_tells_keys_views_and_what_may_be_null(database: TenantDatabase) -> None:
    written(
        database,
        "CREATE TABLE public.k (a INTEGER NOT NULL, b VARCHAR NOT NULL, c DOUBLE)",
        'COMMENT ON TABLE public.k IS \'PRIMARY KEY ("a", "b")\'',
        "CREATE VIEW public.v AS SELECT a FROM public.k",
    )
    catalogue = database.catalogue()
    keyed, view = catalogue.table("k"), catalogue.table("v")

    assert keyed is not None
    assert view is not None
    assert (keyed.primary_key, keyed.is_view, view.is_view) == (("a", "b"), False, True)
    assert keyed.columns == (
        Column("a", "INTEGER", nullable=False),
        Column("b", "VARCHAR", nullable=False),
        Column("c", "DOUBLE PRECISION"),
    )


def test_the_catalogue_has_the_same_version_until_a_table_changes(database: TenantDatabase) -> None:
    first = database.catalogue()
    database.take_catalogue(first)
    unchanged = database.catalogue()
    database.take_catalogue(Catalogue())

    assert unchanged.version == first.version
    assert database.catalogue().version > first.version


def test_a_database_made_again_has_a_version_of_its_own(opened: Open) -> None:
    first = opened()
    version = first.catalogue().version
    first.remove()

    assert opened().catalogue().version != version


def test_a_removed_database_comes_back_for_nobody(database: TenantDatabase, tmp_path: Path) -> None:
    database.catalogue()
    database.remove()
    for ask in (database.worker, database.catalogue):
        with pytest.raises(Conflict, match="removed"):
            ask()

    assert not (tmp_path / "t-tenant-123").exists()


def test_a_reset_database_is_as_the_fixtures_made_it(database: TenantDatabase, builds: Builds) -> None:
    written(database, "DELETE FROM public.t", "CREATE TABLE public.other AS SELECT 1 AS n")
    database.reset()

    assert (counted(database), builds.count) == (5, 1)
    assert database.catalogue().table("other") is None


def test_a_database_that_was_not_written_stays_open_through_a_reset(database: TenantDatabase) -> None:
    worker = database.worker()
    database.reset()

    assert database.worker() is worker


def test_a_database_written_by_an_earlier_server_is_reset_too(opened: Open) -> None:
    first = opened()
    written(first, "DELETE FROM public.t")
    first.stop()
    second = opened()

    assert counted(second) == 0
    second.reset()
    assert counted(second) == 5


def test_the_log_of_a_killed_worker_is_not_played_after_a_reset(opened: Open) -> None:
    first = opened()
    written(first, "INSERT INTO public.t VALUES (9)")
    first.stop()
    second = opened()
    second.reset()

    assert counted(second) == 5


@pytest.mark.parametrize("end", ["stop", "stop_if_idle"])
def test_what_was_written_is_there_when_the_database_opens_again(opened: Open, end: str) -> None:
    first = opened()
    written(first, "INSERT INTO public.t VALUES (9)")
    getattr(first, end)()

    assert counted(opened()) == 6


def test_a_worker_that_was_killed_from_outside_is_replaced(database: TenantDatabase) -> None:
    lost = database.worker()
    os.kill(lost._pid, signal.SIGKILL)  # noqa: SLF001 - a test that kills the process from outside must know it
    lost.kill()

    assert counted(database) == 5


def test_a_database_is_open_and_busy_only_while_it_is(database: TenantDatabase) -> None:
    seen = [(database.open, database.idle)]
    with database.worker().lane():
        seen.append((database.open, database.idle))
    seen.append((database.open, database.idle))
    database.stop()
    seen.append((database.open, database.idle))

    assert seen == [(False, True), (True, False), (True, True), (False, True)]
