"""What the console says where the server refuses, or is not there, and that it goes on afterwards."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.console.conftest import OpenPage
from tests.console.test_workbench import run
from tests.emulator import COMMAND, TENANT, Emulator, Emulators, bare_environment, free_port

ONE = "SELECT 1 AS one"


@pytest.fixture
def faulty(console_server: Emulator) -> Iterator[Emulator]:
    yield console_server
    console_server.control("DELETE", "/faults")


def called_as(page: Page, credential: str) -> None:
    """Let the page call as the tenant with that credential from now on."""
    identity = json.dumps({"tenant_id": TENANT, "credential": credential})
    page.evaluate("identity => sessionStorage.setItem('spectra.identity', identity)", identity)
    page.reload()


def test_a_limit_that_is_reached_says_when_to_try_again(faulty: Emulator, page: Page) -> None:
    faulty.control("POST", "/faults", {"match": {"sql": ONE}, "action": {"error": "RATE_LIMITED"}, "times": 1})
    run(page, ONE)
    expect(page.get_by_role("alert")).to_contain_text("RATE_LIMITED")
    expect(page.get_by_role("alert")).to_contain_text("retry_after")
    run(page, ONE)

    expect(page.get_by_role("gridcell")).to_have_text(["1"])


def test_a_credential_that_has_expired_is_named_and_exchanged(page: Page) -> None:
    command = [COMMAND, "token", "--tenant", TENANT, "--expired"]
    minted = subprocess.run(command, capture_output=True, text=True, check=True, env=bare_environment()).stdout
    called_as(page, minted.strip())
    run(page, ONE)
    expect(page.get_by_role("alert")).to_contain_text("UNAUTHORIZED")
    expect(page.get_by_role("alert")).to_contain_text("With other credentials")
    page.get_by_role("button", name="Identity").click()
    page.get_by_role("menuitem", name="spk_tenant-123_demo").first.click()
    run(page, ONE)

    expect(page.get_by_role("gridcell")).to_have_text(["1"])


def test_a_server_that_goes_and_comes_back_is_met_again(emulators: Emulators, open_page: OpenPage) -> None:
    port = str(free_port())
    first = emulators.start("--port", port)
    page = open_page(server=first)
    journal = open_page("journal", server=first)
    journal.get_by_role("button", name="Pause").wait_for()
    first.stop()
    run(page, ONE)
    expect(page.get_by_role("alert")).to_contain_text("UNREACHABLE")
    expect(journal.get_by_role("alert")).to_contain_text("It is tried again")
    second = emulators.start("--port", port)
    run(page, ONE)
    expect(page.get_by_role("gridcell")).to_have_text(["1"])

    expect(journal.get_by_role("gridcell", name="executeQuery")).to_be_visible()
    expect(journal.get_by_role("alert")).to_have_count(0)
    second.stop()
