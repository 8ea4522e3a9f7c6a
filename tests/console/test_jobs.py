"""Jobs on their timeline, and the bulk wizard, in a real browser."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.console.conftest import OpenPage
from tests.emulator import Answer, Emulator

CUSTOMERS = """id,name,email,region,country,city,segment,signup_date,is_active
90001,Ann,a@example.com,EMEA,DE,Bonn,SMB,2026-01-02,true
none,Bob,b@example.com,EMEA,DE,Bonn,SMB,2026-01-02,true
"""


@pytest.fixture
def by_hand(console_server: Emulator) -> Iterator[Emulator]:
    """Return a server whose jobs step when they are told to."""
    console_server.control("PUT", "/jobs", {"pace": "manual"})
    yield console_server
    console_server.control("PUT", "/jobs", {"pace": "automatic"})


@pytest.fixture
def held_query(by_hand: Emulator) -> Iterator[list[Answer]]:
    """Return where the answer of a query comes that waits for its first step."""
    answers: list[Answer] = []
    asking = threading.Thread(target=lambda: answers.append(by_hand.query("SELECT 41 + 1 AS answer")))
    asking.start()
    yield answers
    by_hand.control("PUT", "/jobs", {"pace": "automatic"})
    asking.join()


def opened(page: Page, state: str) -> Locator:
    """Open the newest job once it is in the state."""
    row = page.locator(".job-open").first
    expect(row.locator(".badge")).to_have_text(state)
    row.click()
    return page.get_by_role("region", name="Job", exact=True)


@pytest.mark.usefixtures("held_query")
def test_a_held_job_takes_one_step_and_then_another(open_page: OpenPage) -> None:
    job = opened(open_page("jobs"), "QUEUED")
    expect(job.get_by_text("waits for a step")).to_be_visible()
    job.get_by_role("button", name="Advance one step").click()
    expect(job.locator(".panel-head .badge").first).to_have_text("RUNNING")
    job.get_by_role("button", name="Advance one step").click()

    expect(job.locator(".panel-head .badge").first).to_have_text("COMPLETED")
    expect(job.get_by_role("button", name="Cancel")).to_have_count(0)


@pytest.mark.usefixtures("held_query")
def test_a_job_is_failed_with_the_code_that_was_chosen(open_page: OpenPage) -> None:
    page = open_page("jobs")
    opened(page, "QUEUED").get_by_role("button", name="Fail…").click()
    page.get_by_label("Error code").select_option("QUERY_TIMEOUT")
    page.get_by_role("button", name="Fail it").click()

    expect(page.get_by_role("region", name="Job", exact=True).get_by_role("alert")).to_contain_text("QUERY_TIMEOUT")


@pytest.mark.usefixtures("held_query")
def test_a_job_is_cancelled(open_page: OpenPage) -> None:
    job = opened(open_page("jobs"), "QUEUED")
    job.get_by_role("button", name="Cancel").click()

    expect(job.locator(".panel-head .badge").first).to_have_text("CANCELLED")


def test_jobs_of_one_api_are_shown_alone(console_server: Emulator, open_page: OpenPage) -> None:
    console_server.query("SELECT 1 AS one")
    made = console_server.call("POST", "/bulk/jobs", {"operation": "insert", "object": "customers"}).json
    page = open_page("jobs")
    page.get_by_label("Which jobs").select_option("bulk")

    expect(page.locator(f".job-open:has-text('{made['job_id']}')")).to_be_visible()
    expect(page.locator(".job-open code").filter(has_text="job-").filter(has_not_text="bulk-")).to_have_count(0)


@pytest.mark.parametrize("way", ["choice", "drop"])
def test_an_import_goes_from_the_form_to_its_refused_records(open_page: OpenPage, way: str) -> None:
    page = open_page("bulk")
    page.get_by_label("What to do").select_option("insert")
    page.get_by_label("Table", exact=True).fill("customers")
    page.get_by_role("button", name="Create the job").click()
    page.get_by_text("Drop the file here").wait_for()
    _give(page, way)
    expect(page.get_by_text("people.csv is uploaded")).to_be_visible()
    page.get_by_role("button", name="The upload is complete").click()

    expect(page.get_by_text("record went in")).to_have_text("1 record went in, 1 was refused.")
    expect(page.get_by_role("grid", name="Refused records").get_by_role("row").nth(1)).to_contain_text("Bob")


def _give(page: Page, way: str) -> None:
    if way == "choice":
        file: Any = {"name": "people.csv", "mimeType": "text/csv", "buffer": CUSTOMERS.encode()}
        page.locator("#upload-file").set_input_files(file)
        return
    dropped = page.evaluate_handle(
        "text => { const data = new DataTransfer(); data.items.add(new File([text], 'people.csv')); return data; }",
        CUSTOMERS,
    )
    page.locator(".drop").dispatch_event("drop", {"dataTransfer": dropped})


def test_an_export_is_begun_and_fetched(open_page: OpenPage) -> None:
    page = open_page("bulk")
    page.get_by_label("Table", exact=True).fill("markets")
    page.get_by_role("button", name="Create the job").click()
    page.get_by_role("button", name="The upload is complete").click()
    with page.expect_download() as fetched:
        page.get_by_role("link", name="Download").click()

    assert fetched.value.path().read_text(encoding="utf-8").startswith("market")


def test_a_bulk_job_is_aborted(open_page: OpenPage) -> None:
    page = open_page("bulk")
    page.get_by_label("Table", exact=True).fill("markets")
    page.get_by_role("button", name="Create the job").click()
    page.get_by_role("button", name="Abort").click()

    expect(page.get_by_text("The job was aborted. Nothing was changed.")).to_be_visible()
