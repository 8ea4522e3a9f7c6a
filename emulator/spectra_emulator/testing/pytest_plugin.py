"""Fixtures for pytest: one emulator a session, a fresh tenant a test. pytest finds them by itself."""

from __future__ import annotations

import json
import warnings
from collections.abc import Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

from spectra_emulator.control_client import ServerError
from spectra_emulator.testing.emulator import SpectraEmulator, TestTenant

_TENANT = pytest.StashKey[TestTenant]()
_SHOWN_CALLS = 10


class _Removals:
    """Removes the tenant of a test while pytest prepares the next one, which starts when it is gone."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "spectra-removal")
        self._under_way: Future[None] | None = None

    def begin(self, tenant: TestTenant) -> None:
        self.settle()
        self._under_way = self._thread.submit(_remove, tenant)

    def settle(self) -> None:
        """Wait until the last one is gone, and warn where it could not be removed."""
        under_way, self._under_way = self._under_way, None
        trouble = None if under_way is None else under_way.exception()
        if trouble is not None:
            warnings.warn(pytest.PytestWarning(f"a test's tenant could not be removed: {trouble}"), stacklevel=2)

    def end(self) -> None:
        self._thread.shutdown()


_REMOVALS = pytest.StashKey[_Removals]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addini("spectra_options", "Options of `spectra-emulator serve` for the fixtures.", "args", default=[])


@pytest.fixture(scope="session")
def spectra(pytestconfig: pytest.Config) -> Iterator[SpectraEmulator]:
    """One running emulator; under pytest-xdist one for each worker."""
    removals = pytestconfig.stash[_REMOVALS] = _Removals()
    with SpectraEmulator(*pytestconfig.getini("spectra_options")) as emulator:
        yield emulator
        removals.end()
    del pytestconfig.stash[_REMOVALS]
    removals.settle()


@pytest.fixture
def spectra_tenant(spectra: SpectraEmulator, request: pytest.FixtureRequest) -> Iterator[TestTenant]:
    """Return a tenant that no other test sees; it is gone before the next test begins."""
    removals = request.config.stash[_REMOVALS]
    tenant = spectra.new_tenant()
    removals.settle()
    request.node.stash[_TENANT] = tenant
    yield tenant
    removals.begin(tenant)


@pytest.hookimpl(tryfirst=True)
def pytest_fixture_setup(fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest) -> None:
    """Let no other fixture see the tenant of the test before."""
    if fixturedef.argname not in {"spectra", "spectra_tenant"}:
        _settle(request.config)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> None:
    """Let no test see the tenant of the one before it."""
    _settle(item.config)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Attach the journal's last calls to a test that failed."""
    report = yield
    tenant = item.stash.get(_TENANT, None)
    if report.when == "call" and report.failed and tenant is not None:
        report.sections.append(("Spectra requests, newest first", _told(tenant)))
    return report


def _settle(config: pytest.Config) -> None:
    removals = config.stash.get(_REMOVALS, None)
    if removals is not None:
        removals.settle()


def _remove(tenant: TestTenant) -> None:
    try:
        tenant.remove()
    except ServerError as error:
        if error.code != "NOT_FOUND":  # the test may have removed it
            raise


def _told(tenant: TestTenant) -> str:
    try:
        return "\n".join(_line(entry) for entry in tenant.requests(_SHOWN_CALLS))
    except Exception as error:  # noqa: BLE001 - the report of a failure must not fail
        return f"the journal could not be read: {error}"


def _line(entry: dict[str, Any]) -> str:
    facts = {name: entry[name] for name in ("sql", "fault") if entry[name]}
    said = f" {json.dumps(facts)}" if facts else ""
    body = entry["answer"]["body"] if entry["status"] >= 400 else ""  # noqa: PLR2004 - where errors begin
    return f"{entry['method']} {entry['target']} => {entry['status']}{said} {body}".rstrip()
