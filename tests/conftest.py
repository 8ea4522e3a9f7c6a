"""The servers that tests share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.emulator import Emulator, Emulators


@pytest.fixture(scope="session")
def emulators(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulators]:
    """Servers with settings of a test's own; those that still run end with the session."""
    started = Emulators(tmp_path_factory.mktemp("emulators"))
    yield started
    started.stop_all()


@pytest.fixture(scope="session")
def server(emulators: Emulators) -> Emulator:
    """The demo server without rate limits, shared by all tests that leave no trace that matters."""
    return emulators.start("--rate-limits", "off")


@pytest.fixture(scope="session")
def limited_server(emulators: Emulators) -> Emulator:
    """A demo server with the documented rate limits."""
    return emulators.start()
