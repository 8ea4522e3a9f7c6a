"""The emulator as other people's tests use it."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from spectra_emulator.control_client import ServerError
from spectra_emulator.testing import SpectraEmulator, StartError, TestTenant


@pytest.fixture(scope="module")
def emulator() -> Iterator[SpectraEmulator]:
    with SpectraEmulator() as started:
        yield started


def queried(tenant: TestTenant, sql: str) -> Any:
    request = urllib.request.Request(
        f"{tenant.url}/queries",
        json.dumps({"sql": sql}).encode(),
        {**tenant.headers, "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)["data"]


def test_the_demo_tenant_answers(emulator: SpectraEmulator) -> None:
    assert queried(emulator.tenant, "SELECT COUNT(*) > 0 AS filled FROM sales") == [{"filled": True}]


def test_a_new_tenant_has_its_own_tables(emulator: SpectraEmulator) -> None:
    tenant = emulator.new_tenant()
    tenant.sql("CREATE TABLE mine AS SELECT 7 AS n")

    assert queried(tenant, "SELECT n FROM mine") == [{"n": 7}]
    assert tenant.requests()[0]["sql"] == "SELECT n FROM mine"
    tenant.remove()
    with pytest.raises(urllib.error.HTTPError) as refused:
        queried(tenant, "SELECT 1")
    refused.value.close()


def test_the_clock_is_in_the_tests_hand(emulator: SpectraEmulator) -> None:
    emulator.clock.freeze("2030-01-31T12:00:00Z")
    emulator.clock.advance("24h")
    seen = (emulator.clock.now, queried(emulator.tenant, "SELECT CAST(CURRENT_DATE AS VARCHAR) AS d"))
    emulator.clock.reset()

    assert seen == ("2030-02-01T12:00:00.000Z", [{"d": "2030-02-01"}])


def test_calls_fail_as_the_test_says(emulator: SpectraEmulator) -> None:
    emulator.faults.add({"error": "RATE_LIMITED"}, times=1, match={"operation": "executeQuery"})
    with pytest.raises(urllib.error.HTTPError, match="429") as refused:
        queried(emulator.tenant, "SELECT 1 AS n")
    refused.value.close()

    assert queried(emulator.tenant, "SELECT 1 AS n") == [{"n": 1}]
    assert emulator.faults.list()[0]["fired"] == 1


def test_a_reset_brings_everything_back(emulator: SpectraEmulator) -> None:
    emulator.clock.freeze("2030-01-31T12:00:00Z")
    emulator.faults.add({"error": "RATE_LIMITED"})
    emulator.sql("DELETE FROM sales")
    emulator.reset()

    assert not emulator.clock.now.startswith("2030")
    assert queried(emulator.tenant, "SELECT COUNT(*) > 0 AS filled FROM sales") == [{"filled": True}]


def test_a_state_is_saved_and_returned_to(emulator: SpectraEmulator, tmp_path: Path) -> None:
    tenant = emulator.new_tenant()
    tenant.sql("CREATE TABLE mine AS SELECT 7 AS n")
    emulator.snapshots.save("seven", tenant.tenant_id)
    tenant.sql("DELETE FROM mine")
    emulator.snapshots.export("seven", tmp_path / "seven.zip")
    emulator.snapshots.remove("seven")
    emulator.snapshots.take_in(tmp_path / "seven.zip", "again")

    assert emulator.snapshots.load("again") == [tenant.tenant_id]
    assert queried(tenant, "SELECT n FROM mine") == [{"n": 7}]
    assert [each["name"] for each in emulator.snapshots.list()] == ["again"]


def test_what_the_server_refuses_is_raised(emulator: SpectraEmulator) -> None:
    with pytest.raises(ServerError, match="syntax"):
        emulator.sql("SELEC")


def test_a_server_that_does_not_start_says_why() -> None:
    with pytest.raises(StartError, match="unknown option --no-such-option"):
        SpectraEmulator("--no-such-option").start()


def test_a_stopped_emulator_can_be_started_again() -> None:
    emulator = SpectraEmulator()
    for _ in range(2):
        with emulator:
            assert queried(emulator.tenant, "SELECT 1 AS n") == [{"n": 1}]


@pytest.mark.parametrize("flags", [("--control-token=s3cret",), ("--control-token", "s3cret")], ids=["joined", "apart"])
def test_a_control_token_is_sent_and_told(flags: tuple[str, ...]) -> None:
    with SpectraEmulator(*flags) as emulator:
        emulator.clock.freeze("2030-01-31T12:00:00Z")

        assert emulator.clock.now == "2030-01-31T12:00:00.000Z"
        assert emulator.tenant.environ["SPECTRA_CONTROL_TOKEN"] == "s3cret"
