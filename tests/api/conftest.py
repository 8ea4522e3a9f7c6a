"""What the tests of the API share: the server, in front of each engine where that may make a difference."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.api.bulk_client import BulkClient
from tests.api.engines import DEVIATIONS, FILES, deviations_told
from tests.emulator import Emulator, Emulators
from tests.engine_servers import DUCKDB, ENGINES, engine_server


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run the tests of those files in front of every engine."""
    if "server" in metafunc.fixturenames and metafunc.module.__name__.rpartition(".")[2] in FILES:
        metafunc.parametrize("server", ENGINES, indirect=True, scope="session")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Expect of a warehouse what the guide says of it, and nothing else."""
    told = deviations_told()
    for item in items:
        row = _deviation(item)
        if row is not None:
            item.add_marker(pytest.mark.xfail(reason=f"{row}: {told[row]}", raises=(AssertionError, KeyError)))


def _deviation(item: pytest.Item) -> str | None:
    """Return the row of the guide that speaks of the test in front of this engine, None where it is to pass."""
    if not isinstance(item, pytest.Function) or not hasattr(item, "callspec"):
        return None
    engine = item.callspec.params.get("server", DUCKDB)
    if engine == DUCKDB:
        return None
    case = item.callspec.id.removeprefix(f"{engine}-")
    return DEVIATIONS.get(f"{item.originalname}[{case}]", DEVIATIONS.get(item.originalname))


@pytest.fixture(scope="session")
def server(
    request: pytest.FixtureRequest, emulators: Emulators, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Emulator]:
    engine = getattr(request, "param", DUCKDB)
    with engine_server(engine, emulators, tmp_path_factory.mktemp(engine), "--rate-limits", "off") as started:
        yield started


@pytest.fixture
def bulk(server: Emulator) -> BulkClient:
    return BulkClient(server)
