"""The servers that tests share."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.ceph import UNPACKED, RealS3, running_ceph
from tests.clients.conftest import not_run
from tests.emulator import Emulator, Emulators, eventually
from tests.postgres import UNPACKED as UNPACKED_POSTGRES
from tests.postgres import Postgres, PostgresDatabase, running_postgres
from tests.shared_state import SharedDatabase

settings.register_profile("steady", deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None)
settings.load_profile("steady")
signal.signal(signal.SIGINT, signal.default_int_handler)  # a suite in the background has children that would ignore it

_SLOW = ("conformance", "fuzz", "durability", "testing", "docs", "control/test_sn", "dataapi", "test_server_process")
"""Begun first: no worker has a long file left when the others are done."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sort tests by how long their files take."""
    here = Path(__file__).parent
    items.sort(key=lambda item: not item.path.relative_to(here).as_posix().startswith(_SLOW))


@pytest.fixture(scope="session")
def emulators(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulators]:
    """Servers with settings of a test's own; those that still run end with the session."""
    started = Emulators(tmp_path_factory.mktemp("emulators"))
    yield started
    started.stop_all()


@pytest.fixture(scope="session")
def server(emulators: Emulators) -> Emulator:
    """Return the demo server without rate limits, shared by all tests that leave no trace that matters."""
    return emulators.start("--rate-limits", "off")


@pytest.fixture(scope="session")
def limited_server(emulators: Emulators) -> Emulator:
    """Return a demo server with the documented rate limits."""
    return emulators.start()


@pytest.fixture(scope="session")
def demo_server(emulators: Emulators) -> Emulator:
    """Return a demonstration, with its jobs, whose browser notes in `opened` what it is to open."""
    browser = emulators.folder / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {emulators.folder}/opened\n', encoding="utf-8")
    browser.chmod(0o700)
    started = emulators.start(command="demo", environ={"BROWSER": f"{browser} %s"})
    eventually(lambda: started.control("GET", "/ready").status == 200, seconds=60)  # its seed hook has run
    return started


@pytest.fixture(scope="session")
def ceph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealS3]:
    """Return an S3 that is not ours: the one that TEST_S3_URL names, else Ceph, started when first needed."""
    if url := os.environ.get("TEST_S3_URL"):
        yield RealS3(url, os.environ["TEST_S3_ACCESS_KEY_ID"], os.environ["TEST_S3_SECRET_ACCESS_KEY"])
        return
    if not UNPACKED.is_dir():
        not_run("Debian's Ceph packages (apt-get)")
    with running_ceph(tmp_path_factory.mktemp("ceph")) as started:
        yield started


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """Return a PostgreSQL 15, started when first needed."""
    if not UNPACKED_POSTGRES.is_dir():
        not_run("Debian's PostgreSQL packages (apt-get)")
    with running_postgres() as started:
        yield started


@pytest.fixture
def postgres_database(postgres: Postgres) -> PostgresDatabase:
    """Return an empty database of the test's own."""
    return postgres.database()


@pytest.fixture(scope="session")
def _prepared_database(postgres: Postgres) -> SharedDatabase:
    made = SharedDatabase(postgres.database())
    made.prepare()
    return made


@pytest.fixture
def shared_database(_prepared_database: SharedDatabase) -> Iterator[SharedDatabase]:
    """Return a database with the empty tables of the state that servers share."""
    _prepared_database.empty()
    yield _prepared_database
    _prepared_database.close()
