"""A Redshift of the reader's own: named by environment variables, and never counted where there is none."""

from __future__ import annotations

import os
from dataclasses import dataclass

import pytest

from tests.emulator import Emulator, Emulators, bare_environment

WANTED = ("BACKEND", "FIXTURES", "TENANT", "API_KEY", "S3")
"""`TEST_REDSHIFT_` and each; docs/redshift.md says what they hold."""


@dataclass(frozen=True)
class Live:
    """A server in front of the warehouse, called as the tenant; `environ` is what it was started with."""

    server: Emulator
    tenant_id: str
    api_key: str
    environ: dict[str, str]


@pytest.fixture(scope="session")
def live(emulators: Emulators) -> Live:
    settings = {name: os.environ.get(f"TEST_REDSHIFT_{name}", "") for name in WANTED}
    if missing := [f"TEST_REDSHIFT_{name}" for name, text in settings.items() if not text]:
        pytest.skip(f"not run: no Redshift to test; set {', '.join(missing)}")
    flags = ["--backend", settings["BACKEND"], "--fixtures", settings["FIXTURES"], "--s3", settings["S3"]]
    given = {name: value for name, value in os.environ.items() if name.startswith("SPECTRA_")}
    server = emulators.start(*flags, "--rate-limits", "off", environ=given)
    return Live(server, settings["TENANT"], settings["API_KEY"], {**bare_environment(), **given})
