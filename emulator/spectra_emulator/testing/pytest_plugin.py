"""Fixtures for pytest: one emulator a session, a fresh tenant a test. pytest finds them by itself."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator
from typing import Any

import pytest

from spectra_emulator.testing.emulator import SpectraEmulator, TestTenant

_TENANT = pytest.StashKey[TestTenant]()
_SHOWN_CALLS = 10


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addini("spectra_options", "Options of `spectra-emulator serve` for the fixtures.", "args", default=[])


@pytest.fixture(scope="session")
def spectra(pytestconfig: pytest.Config) -> Iterator[SpectraEmulator]:
    """One running emulator; under pytest-xdist one for each worker."""
    with SpectraEmulator(*pytestconfig.getini("spectra_options")) as emulator:
        yield emulator


@pytest.fixture
def spectra_tenant(spectra: SpectraEmulator, request: pytest.FixtureRequest) -> Iterator[TestTenant]:
    """Return a tenant that no other test sees; it is gone after the test."""
    tenant = spectra.new_tenant()
    request.node.stash[_TENANT] = tenant
    yield tenant
    tenant.remove()


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
