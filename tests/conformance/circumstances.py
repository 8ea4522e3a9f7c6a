"""A run that was, for reports."""

from __future__ import annotations

from datetime import UTC, datetime

from spectra_conformance.capabilities import Capability
from spectra_conformance.results import Circumstances

CIRCUMSTANCES = Circumstances(
    kit_version="0.1.0",
    contract_sha256="c0ffee",
    schemathesis_version="4.32.5",
    url="https://api.example/v1",
    profile="standard",
    seed=7,
    read_only=False,
    strict=False,
    pacing=True,
    started_at=datetime(2026, 1, 29, 10, tzinfo=UTC),
    seconds=61.5,
    capabilities=(
        Capability("jwt", declared=True, found=False, shown="401"),
        Capability("union", declared=False, found=None),
    ),
    calls={"queries": 12},
    checked_answers=40,
    deviations={"401 worded by API Gateway": 3},
)
