"""Runs of the kit that many tests look at: each is made once."""

from __future__ import annotations

import pytest

from tests.conformance.command import KitRun, played_on
from tests.conformance.wrapped import Passing, wrapped
from tests.emulator import Emulator, Emulators


@pytest.fixture(scope="session")
def own_server(emulators: Emulators) -> Emulator:
    """Return a server that nobody else creates jobs on."""
    return emulators.start("--rate-limits", "off")


@pytest.fixture(scope="session")
def conforming(own_server: Emulator, tmp_path_factory: pytest.TempPathFactory) -> KitRun:
    """Run all layers as `standard` does on a sound deployment."""
    return played_on(tmp_path_factory.mktemp("conforming"), own_server.url)


@pytest.fixture(scope="session")
def reading(server: Emulator, tmp_path_factory: pytest.TempPathFactory) -> tuple[KitRun, list[Passing]]:
    """Run reading alone what invents requests, and return what was sent as well; `test_diff` records reading alone."""
    seen: list[Passing] = []

    def note(passing: Passing) -> Passing:
        seen.append(passing)
        return passing

    with wrapped(server.url, note) as url:
        layers = ("--layer", "contract", "--layer", "scenarios")
        return played_on(tmp_path_factory.mktemp("reading"), url, "--read-only", *layers), seen
