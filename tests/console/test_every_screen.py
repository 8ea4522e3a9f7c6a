"""Every screen, and what opens on it: for everybody to read, on a phone too, and by keys alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import pytest
from playwright.sync_api import Page, expect

from tests.console.conftest import OpenPage
from tests.console.pages import PHONE
from tests.console.test_appearance import findings
from tests.console.test_jobs import CUSTOMERS
from tests.emulator import Emulator, eventually

TABBED = ".samples, .table-link, .job-open, .bulk-link, main [role=gridcell], .list-table td, .operation, .causes"
WIDTHS = "[document.documentElement.scrollWidth, document.querySelector('main').scrollWidth]"
MOST_TABS = 60


def button(name: str, title: str) -> Callable[[Page], None]:
    """Return what presses a button and waits for its dialog."""

    def press(page: Page) -> None:
        page.get_by_role("button", name=name).click()
        page.get_by_role("dialog", name=title).wait_for()

    return press


def first(selector: str, opened: str) -> Callable[[Page], None]:
    """Return what clicks the first of its kind and waits for what it opens."""

    def click(page: Page) -> None:
        page.locator(selector).first.click()
        page.locator(opened).first.wait_for()

    return click


def seen(selector: str) -> Callable[[Page], None]:
    return lambda page: page.locator(selector).first.wait_for(state="attached")


def identities(page: Page) -> None:
    page.get_by_role("button", name="Identity").click()
    page.get_by_role("menuitem").first.wait_for()


def another_identity(page: Page) -> None:
    identities(page)
    page.get_by_role("menuitem", name="Another identity").click()
    page.get_by_role("dialog", name="Identity").wait_for()


OPENED: Mapping[str, tuple[str, Callable[[Page], None]]] = {
    "the workbench": ("query", seen(".samples")),
    "the identities": ("query", identities),
    "another identity": ("query", another_identity),
    "the tables": ("tables", seen(".table-link")),
    "a table": ("tables/public.markets", seen(".table-detail [role=gridcell]")),
    "its columns": (
        "tables/public.markets",
        first("[role=tab]:has-text('Columns')", "[role=grid][aria-label^=Columns]"),
    ),
    "the jobs": ("jobs", seen(".job-open")),
    "a job": ("jobs", first(".job-open", ".job-facts")),
    "no such job": ("jobs/nothing", seen(".job-detail .failure")),
    "a new bulk job": ("bulk", seen(".bulk-link")),
    "a bulk job": ("bulk", first(".bulk-link:has-text('insert')", "[aria-label='Refused records'] [role=gridcell]")),
    "the journal": ("journal", seen("[role=gridcell]")),
    "a call": ("journal", first("[role=gridcell]", ".entry-facts")),
    "the clock and the faults": ("time", seen(".list-table")),
    "the tenants": ("tenants", seen(".list-table")),
    "a new tenant": ("tenants", button("Make a tenant", "Make a tenant")),
    "a script": ("tenants", button("Run SQL tenant-123", "Run SQL for tenant-123")),
    "a removal": ("tenants", button("Remove tenant-123", "Remove tenant-123?")),
    "the contract": ("contract/executeQuery", seen(".operation[open] .try-field")),
    "the errors": ("errors", seen(".causes")),
    "an error": ("errors/INVALID_SQL", seen(".to-copy")),
}


@pytest.fixture
def filled(console_server: Emulator) -> Emulator:
    """Return the server with a bulk job that refused a record, a fault of some length, and calls in its journal."""
    console_server.control("POST", "/reset", {"tenant_id": "tenant-123"})
    console_server.control("DELETE", "/faults")
    console_server.query("SELECT 1 AS one")
    made = console_server.call("POST", "/bulk/jobs", {"operation": "insert", "object": "customers"}).json["job_id"]
    link = console_server.call("GET", f"/bulk/jobs/{made}/upload-url").json["upload_url"]
    console_server.request("PUT", link.removeprefix(console_server.url), CUSTOMERS.encode())
    console_server.call("PATCH", f"/bulk/jobs/{made}", {"state": "UploadComplete"})
    job = f"/bulk/jobs/{made}"
    assert eventually(lambda: console_server.call("GET", job).json["state"] == "JobComplete")
    rule = {"match": {"sql": "a text of some length that is never sent"}, "action": {"error": "CONFLICT"}}
    console_server.control("POST", "/faults", rule)
    return console_server


def visit(page: Page, path: str, prepare: Callable[[Page], None]) -> Page:
    """Come to a place within the page, as by a link."""
    page.keyboard.press("Escape")
    page.evaluate("location.hash = '#/nowhere-else'")
    page.locator("main[data-screen=query]").wait_for()
    page.evaluate("path => { location.hash = `#/${path}`; }", path)
    page.locator(f"main[data-screen={path.partition('/')[0]}]").wait_for()
    prepare(page)
    return page


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_screen_and_nothing_that_opens_has_a_serious_finding(open_page: OpenPage, scheme: str) -> None:
    page = open_page(color_scheme=scheme)
    found = {name: findings(visit(page, *place), scheme) for name, place in OPENED.items()}

    assert found == {name: [] for name in OPENED}


@pytest.mark.usefixtures("filled")
def test_no_screen_and_nothing_that_opens_is_wider_than_a_phone(open_page: OpenPage) -> None:
    page = open_page(**PHONE)
    widths = {name: visit(page, *place).evaluate(WIDTHS) for name, place in OPENED.items()}

    assert widths == {name: [360, 360] for name in OPENED}


def tab_to(page: Page, name: str) -> None:
    """Press Tab until what has that name has the focus, as somebody would who has no mouse."""
    focused = "[document.activeElement.getAttribute('aria-label'), document.activeElement.innerText]"
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if any(re.match(name, each or "") for each in page.evaluate(focused)):
            return
    message = f"{name} is not reached by Tab"
    raise AssertionError(message)


WAYS: Mapping[str, tuple[str, str, str]] = {
    "Tables": ("t", "markets", ".table-head"),
    "Jobs": ("j", "JobComplete", ".job-facts"),
    "Bulk": ("b", "JobComplete", "[aria-label='Bulk job'] .bulk-steps"),
    "Journal": ("l", "Calls", ".entry-facts"),
    "Time & faults": ("f", "Remove rule 1", "h3:has-text('No faults')"),
    "Tenants": ("u", "Run SQL tenant-123", "dialog textarea:focus"),
    "Contract": ("c", "POST", ".operation[open] form"),
    "Errors": ("e", "RATE_LIMITED", ".to-copy"),
    "Query": ("q", "SELECT \\* FROM customers", ".sql-keyword"),
}
"""The letter after `g`, what Tab leads to, and what is there once Enter was pressed on it."""


@pytest.mark.usefixtures("filled")
def test_the_way_through_every_screen_needs_no_mouse(page: Page) -> None:
    keys = page.keyboard
    for title, (letter, name, opened) in WAYS.items():
        keys.press("g")
        keys.press(letter)
        expect(page).to_have_title(f"{title} · Spectra console")
        seen(TABBED)(page)
        tab_to(page, name)
        keys.press("Enter")
        expect(page.locator(opened).first).to_be_visible()
        keys.press("Escape")
        assert page.evaluate("document.activeElement !== document.body"), title
