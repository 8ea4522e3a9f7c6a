"""What is drawn anew while one looks: the focus stays, nothing is said twice, nothing late replaces what is newer."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Route, expect

from tests.console.conftest import OpenPage
from tests.emulator import Emulator

REFRESHED = "() => globalThis.asked > 2"
COUNT_CALLS = """() => {
    globalThis.asked = 0;
    const real = fetch;
    globalThis.fetch = (...call) => real(...call).finally(() => (globalThis.asked += 1));
}"""
SPOKEN = """() => {
    globalThis.spoken = 0;
    new MutationObserver(() => (globalThis.spoken += 1)).observe(document.body, { childList: true, subtree: true,
        characterData: true });
}"""


@pytest.fixture
def faulty(console_server: Emulator) -> Iterator[Emulator]:
    yield console_server
    console_server.control("DELETE", "/faults")


def looked_again(page: Page) -> None:
    """Wait until the screen has asked the server a few times more."""
    page.evaluate(COUNT_CALLS)
    page.wait_for_function(REFRESHED)


def test_the_abort_button_keeps_the_focus_while_its_job_is_watched(open_page: OpenPage) -> None:
    page = open_page("bulk")
    page.get_by_label("Table", exact=True).fill("markets")
    page.get_by_role("button", name="Create the job").click()
    abort = page.get_by_role("button", name="Abort")
    abort.focus()
    looked_again(page)

    expect(abort).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("The job was aborted.")).to_be_visible()
    assert page.evaluate("document.activeElement !== document.body")


def test_a_job_keeps_the_focus_as_others_come_and_gives_it_back(console_server: Emulator, open_page: OpenPage) -> None:
    job_id = console_server.query("SELECT 1 AS one").json["metadata"]["job_id"]
    page = open_page("jobs")
    row = page.locator(".job-open").filter(has_text=job_id)
    row.focus()
    newer = console_server.query("SELECT 2 AS two").json["metadata"]["job_id"]
    expect(page.locator(".job-open").first).to_contain_text(newer)
    expect(row).to_be_focused()
    for leave in ("Escape", "Enter"):
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Close the job").focus()
        page.keyboard.press(leave)
        expect(row).to_be_focused()
        expect(page.get_by_role("region", name="Job", exact=True)).to_be_hidden()


def test_removing_a_rule_keeps_the_focus_among_the_rules(faulty: Emulator, open_page: OpenPage) -> None:
    for number in range(2):
        rule = {"match": {"sql": f"never {number}"}, "action": {"error": "CONFLICT"}, "times": 1}
        faulty.control("POST", "/faults", rule)
    page = open_page("time")
    page.get_by_role("button", name="Remove rule 2").focus()
    faulty.query("SELECT 'never 1' AS counted")
    expect(page.get_by_role("row").nth(2).get_by_role("cell").nth(4)).to_have_text("1")
    expect(page.get_by_role("button", name="Remove rule 2")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Remove rule 1")).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.get_by_text("No faults")).to_be_visible()
    assert page.evaluate("document.activeElement !== document.body")


def test_a_failure_that_lasts_is_said_once(page: Page) -> None:
    page.route("**/jobs?limit=*", lambda route: route.fulfill(status=500, json={"error": {"code": "INTERNAL_ERROR"}}))
    page.goto(page.url.partition("#")[0] + "#/jobs")
    expect(page.get_by_role("alert")).to_contain_text("INTERNAL_ERROR")
    page.evaluate(SPOKEN)
    looked_again(page)

    assert page.evaluate("spoken") == 0


def test_a_job_that_is_not_there_is_named(open_page: OpenPage) -> None:
    page = open_page("jobs/no-such-job")

    expect(page.get_by_role("alert")).to_contain_text("NOT_FOUND")


def test_a_bulk_list_without_jobs_says_so(console_server: Emulator, open_page: OpenPage) -> None:
    console_server.control("POST", "/reset", {"tenant_id": "tenant-123"})

    expect(open_page("bulk").get_by_text("No bulk jobs yet")).to_be_visible()


def test_a_pause_holds_while_calls_are_searched(console_server: Emulator, open_page: OpenPage) -> None:
    console_server.call("GET", "/jobs/seen-before-the-pause")
    page = open_page("journal")
    page.get_by_role("searchbox").fill("4xx the-pause")
    expect(page.get_by_role("status").filter(has_text=re.compile("^1 (?:call|of)"))).to_be_visible()
    page.get_by_role("button", name="Pause").click()
    console_server.call("GET", "/jobs/seen-after-the-pause")
    looked_on = open_page("journal?find=4xx+after-the-pause")
    expect(looked_on.get_by_role("gridcell", name="/v1/jobs/seen-after-the-pause")).to_be_visible()

    expect(page.get_by_role("gridcell", name="/v1/jobs/seen-after-the-pause")).to_have_count(0)
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("gridcell", name="/v1/jobs/seen-after-the-pause")).to_be_visible()


def test_a_late_answer_does_not_replace_a_later_call(console_server: Emulator, open_page: OpenPage) -> None:
    for number in (1, 2):
        console_server.call("GET", f"/jobs/raced-{number}", headers={"X-Request-ID": f"race-{number}"})
    page = open_page("journal?find=raced-")
    held: list[Route] = []
    page.route("**/requests/race-1", lambda route: held.append(route))  # noqa: PLW0108 - it has to take attributes
    page.get_by_role("gridcell", name="/v1/jobs/raced-1").click()
    page.get_by_role("gridcell", name="/v1/jobs/raced-2").click()
    heading = page.get_by_role("region", name="Call", exact=True).locator(".entry-target")
    expect(heading).to_have_text("GET /v1/jobs/raced-2")
    with page.expect_response("**/requests/race-1"):
        held[0].continue_()

    page.evaluate("new Promise(requestAnimationFrame)")
    expect(heading).to_have_text("GET /v1/jobs/raced-2")


def test_calls_that_came_during_a_break_are_caught_up(console_server: Emulator, page: Page) -> None:
    page.route("**/requests/stream*", lambda route: route.abort("connectionrefused"))
    page.get_by_role("link", name="Journal").click()
    expect(page.get_by_role("alert")).to_contain_text("It is tried again")
    console_server.call("GET", "/jobs/made-during-the-break")
    page.unroute("**/requests/stream*")

    expect(page.get_by_role("gridcell", name="/v1/jobs/made-during-the-break")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)


def test_calls_that_were_passed_over_are_told(console_server: Emulator, page: Page) -> None:
    console_server.query("SELECT 1 AS one")
    [newest] = console_server.control("GET", "/requests?limit=1").json["requests"]
    late = json.dumps({**newest, "id": "after-a-gap", "number": newest["number"] + 7})
    page.route("**/requests/stream*", lambda route: route.fulfill(content_type="text/event-stream", body=event(late)))
    page.get_by_role("link", name="Journal").click()

    expect(page.get_by_text("6 calls came too fast to be shown here.")).to_be_visible()


def event(entry: str) -> str:
    return f"event: entry\ndata: {entry}\n\n"
