"""The journal, the clock, faults, tenants and the contract in a real browser."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from tests.console.conftest import OpenPage
from tests.console.test_injection import PAYLOADS, assert_harmless, literal
from tests.emulator import Emulator


@pytest.fixture
def steered(console_server: Emulator) -> Iterator[Emulator]:
    """Return the server, whose clock, faults and jobs are as they were once the test is over."""
    yield console_server
    console_server.control("POST", "/reset", {"tenant_id": "tenant-123"})
    console_server.control("PUT", "/clock", {"action": "reset"})
    console_server.control("DELETE", "/faults")


def test_a_call_appears_as_it_ends_and_opens_with_its_sql(console_server: Emulator, open_page: OpenPage) -> None:
    page = open_page("journal")
    page.get_by_role("button", name="Pause").wait_for()
    named = {"X-Request-ID": "seen-in-the-journal"}
    console_server.call("POST", "/queries", {"sql": "SELECT 5 / 2 AS seen_in_the_journal"}, headers=named)
    page.get_by_role("searchbox").fill("POST 2xx seen-in-the-journal")
    expect(page.get_by_role("status").filter(has_text=re.compile("^1 (?:call|of)"))).to_be_visible()
    page.get_by_role("gridcell").first.click()
    call = page.get_by_role("region", name="Call", exact=True)

    expect(call.locator("pre").first).to_contain_text("SELECT 5 / 2 AS seen_in_the_journal")
    expect(call.get_by_text("As the engine got it")).to_be_visible()


def test_a_path_is_short_in_the_journal_and_whole_in_the_call(console_server: Emulator, open_page: OpenPage) -> None:
    page = open_page("journal")
    job_id = "bulk-12345678-9abc-4def-8123-456789abcdef"
    console_server.call("GET", f"/bulk/jobs/{job_id}/results")
    page.get_by_role("searchbox").fill(f"GET 4xx {job_id}/results")
    page.get_by_role("gridcell", name="/v1/bulk/jobs/bulk-12345678…/results").click()
    call = page.get_by_role("region", name="Call", exact=True)

    expect(call.locator(".entry-facts dd").first).to_have_text(f"/v1/bulk/jobs/{job_id}/results")


def test_a_call_is_copied_as_curl_without_its_key(console_server: Emulator, open_page: OpenPage) -> None:
    console_server.query("SELECT 1 AS copied")
    page = open_page("journal")
    page.get_by_role("gridcell").first.click()
    page.get_by_role("region", name="Call", exact=True).get_by_role("button", name="curl").click()
    expect(page.get_by_text("curl command copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")

    assert copied.startswith("curl")
    assert "spk_tenant" not in copied


def test_calls_are_searched(console_server: Emulator, open_page: OpenPage) -> None:
    console_server.query("SELECT nothing FROM nowhere")
    console_server.query("SELECT 1 AS fine")
    page = open_page("journal")
    page.get_by_label("Only refused and failed").check()

    expect(page.get_by_role("grid", name="Calls").get_by_role("row").nth(1)).to_contain_text("400")
    expect(page.get_by_role("grid", name="Calls").get_by_text("200", exact=True)).to_have_count(0)


def test_the_clock_is_stopped_moved_and_let_go(steered: Emulator, open_page: OpenPage) -> None:
    page = open_page("time")
    clock = page.get_by_role("region", name="Clock")
    clock.get_by_role("button", name="Freeze").click()
    expect(clock.locator(".panel-head .badge")).to_have_text("frozen")
    clock.get_by_label("Time to set").fill("2031-02-03T04:05:06")
    clock.get_by_role("button", name="Set", exact=True).click()
    clock.get_by_role("button", name="+24h").click()

    expect(clock.get_by_label("The server's time")).to_have_text("2031-02-04 04:05:06 UTC")
    assert steered.query("SELECT GETDATE() AS now").json["data"] == [{"now": "2031-02-04T04:05:06"}]
    clock.get_by_role("button", name="Back to the machine's time").click()
    expect(clock.get_by_text("as the machine's clock")).to_be_visible()


def test_a_fault_is_added_counted_and_removed(steered: Emulator, open_page: OpenPage) -> None:
    page = open_page("time")
    faults = page.get_by_role("region", name="Faults")
    faults.get_by_label("Operation").select_option("executeQuery")
    faults.get_by_label("Times").fill("1")
    faults.get_by_role("button", name="Add the fault").click()
    expect(faults.get_by_role("cell", name="answers RATE_LIMITED")).to_be_visible()

    assert [steered.query("SELECT 1 AS one").status for _ in range(2)] == [429, 200]
    expect(faults.get_by_role("row").nth(1).get_by_role("cell").nth(5)).to_have_text("1")
    faults.get_by_role("button", name="Remove rule 1").click()
    expect(faults.get_by_text("No faults")).to_be_visible()


def test_a_tenant_is_made_used_filled_and_removed(open_page: OpenPage) -> None:
    page = open_page("tenants")
    page.get_by_role("button", name="Make a tenant").click()
    page.get_by_label("Id", exact=True).fill("made-in-the-console")
    page.get_by_role("button", name="Make it").click()
    page.get_by_role("button", name="Use it in this console").click()
    page.get_by_role("button", name="Run SQL made-in-the-console").click()
    page.get_by_role("textbox", name="SQL").fill("CREATE TABLE t (a INT); INSERT INTO t VALUES (1), (2)")
    page.get_by_role("button", name="Run it").click()
    expect(page.get_by_text("2 statements ran, 2 rows written")).to_be_visible()
    page.get_by_role("button", name="Remove made-in-the-console").click()
    page.get_by_role("button", name="Remove it").click()

    expect(page.get_by_text("made-in-the-console was removed")).to_be_visible()


def test_the_removed_tenant_is_no_longer_shown(console_server: Emulator, open_page: OpenPage) -> None:
    console_server.control("POST", "/tenants", {"tenant_id": "removed-soon"})
    page = open_page("tenants")
    page.get_by_role("button", name="Make a tenant").click()
    page.get_by_label("Id", exact=True).fill("removed-soon")
    page.get_by_role("button", name="Make it").click()
    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("CONFLICT")
    page.get_by_label("Id", exact=True).fill("removed-now")
    page.get_by_role("button", name="Make it").click()
    page.get_by_role("button", name="Use it in this console").click()
    expect(page.locator(".identity-name")).to_have_text("removed-now")
    page.get_by_role("button", name="Remove removed-now").click()
    page.get_by_role("button", name="Remove it").click()

    expect(page.locator(".identity-name")).to_have_text("tenant-123")
    assert console_server.control("DELETE", "/tenants/removed-soon").status == 200


def test_a_script_that_fails_stays_to_be_mended(open_page: OpenPage) -> None:
    page = open_page("tenants")
    page.get_by_role("button", name="Run SQL tenant-456").click()
    script = page.get_by_role("textbox", name="SQL")
    script.fill("CREATE TABEL t (a INT)")
    page.get_by_role("button", name="Run it").click()

    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("INVALID_SQL")
    expect(script).to_have_value("CREATE TABEL t (a INT)")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Run SQL tenant-456")).to_be_focused()


def test_a_tenant_is_reset(console_server: Emulator, open_page: OpenPage) -> None:
    console_server.sql("CREATE TABLE gone_soon (a INTEGER)", tenant="tenant-456")
    page = open_page("tenants")
    page.get_by_role("button", name="Reset tenant-456").click()
    page.get_by_role("button", name="Reset it").click()
    expect(page.get_by_text("tenant-456 was reset")).to_be_visible()

    tables = console_server.control("GET", "/tenants/tenant-456/tables").json["tables"]
    assert "gone_soon" not in {each["name"] for each in tables}


def test_an_operation_is_copied_as_a_command_that_a_shell_reads_as_it_was_written(open_page: OpenPage) -> None:
    page = open_page("contract/executeQuery")
    body = '{"sql": "SELECT \'$HOME\' AS \\"a`b`\\""}\n'
    page.get_by_label("Body, application/json").fill(body)
    page.get_by_label("X-Idempotency-Key").fill("it's $HOME `now` \\")
    page.locator(".operation[open]").get_by_role("button", name="curl").click()
    page.get_by_text("curl command copied").wait_for()
    command = page.evaluate("navigator.clipboard.readText()")
    shell = f"curl() {{ printf '%s\\0' \"$@\"; }}; SPECTRA_API_KEY=key; {command}"
    words = subprocess.run(["sh", "-c", shell], capture_output=True, text=True, check=True).stdout.split("\0")

    assert body in words
    assert {"X-Idempotency-Key: it's $HOME `now` \\", "Authorization: Bearer key"} <= set(words)


def test_an_operation_of_the_contract_is_sent_with_exact_numbers(open_page: OpenPage) -> None:
    page = open_page("contract/executeQuery")
    page.get_by_label("Body, application/json").fill('{"sql": "SELECT 9007199254740993 AS big, 1.50 AS exact"}')
    page.get_by_role("button", name="Send").click()

    expect(page.locator(".operation[open] pre").last).to_contain_text('"big": 9007199254740993')
    expect(page.locator(".operation[open] pre").last).to_contain_text('"exact": 1.50')


def test_what_callers_send_is_text_in_the_journal(console_server: Emulator, open_page: OpenPage) -> None:
    everything = " ".join(PAYLOADS.values())
    console_server.call("GET", f"/jobs/{quote(everything, safe='')}", headers={"X-Request-ID": PAYLOADS["image"]})
    console_server.query(f"SELECT {literal(everything)} AS value")
    page = open_page("journal?find=2xx+executeQuery")
    page.get_by_role("gridcell").first.click()
    call = page.get_by_role("region", name="Call", exact=True)
    expect(call.locator("pre").first).to_contain_text(literal(everything))
    assert_harmless(page)
    page.get_by_role("searchbox").fill("4xx v1/jobs/%3cimg")
    page.get_by_role("gridcell", name="404").first.click()

    expect(call).to_contain_text(PAYLOADS["image"])
    assert_harmless(page)


def test_names_of_bulk_jobs_and_faults_are_text(steered: Emulator, open_page: OpenPage) -> None:
    rule = {"match": {"sql": PAYLOADS["image"]}, "action": {"error": "CONFLICT", "message": PAYLOADS["script"]}}
    steered.control("POST", "/faults", rule)
    page = open_page("time")
    expect(page.get_by_role("cell", name=PAYLOADS["image"])).to_be_visible()
    assert_harmless(page)
    file = {"name": f"{PAYLOADS['image']}.csv", "mimeType": "text/csv", "buffer": b"id\n1\n"}
    page = open_page("bulk")
    page.get_by_label("What to do").select_option("insert")
    page.get_by_label("Table", exact=True).fill("customers")
    page.get_by_role("button", name="Create the job").click()
    page.locator("#upload-file").set_input_files(file)

    expect(page.get_by_text("is uploaded")).to_contain_text(PAYLOADS["image"])
    assert_harmless(page)
