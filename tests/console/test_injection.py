"""Markup that comes from data is text: it neither runs nor shows as anything else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from tests.console.conftest import OpenPage
from tests.console.test_jobs import CUSTOMERS
from tests.console.test_workbench import run
from tests.emulator import Emulator

PAYLOADS = {
    "image": "<img src=x onerror=document.title=1>",
    "script": "</pre><script>document.title=1</script>",
    "svg": "<svg onload=document.title=1>",
    "attribute": "' onfocus=document.title=1 autofocus x='",
    "link": "javascript:document.title=1",
    "template": "${document.title=1}{{document.title=1}}",
}


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def assert_harmless(page: Page) -> None:
    """Nothing ran; what a policy had to stop fails the page's fixture."""
    assert page.title().endswith("· Spectra console")
    assert page.locator("main img, main script, main iframe, [onerror], [onload], [onfocus]").count() == 0


@pytest.fixture
def hostile_table(console_server: Emulator) -> Iterator[str]:
    name = PAYLOADS["image"]
    made = console_server.sql(
        f'CREATE TABLE "{name}" ("{PAYLOADS["svg"]}" VARCHAR(80) DEFAULT {literal(PAYLOADS["image"])})'
    )
    assert made.status == 200, made.json
    yield name
    console_server.sql(f'DROP TABLE "{name}"')


def test_values_and_column_names_are_text(page: Page) -> None:
    run(page, "SELECT " + ", ".join(f'{literal(each)} AS "{each}"' for each in PAYLOADS.values()))

    expect(page.get_by_role("gridcell")).to_have_text([*PAYLOADS.values()])
    expect(page.get_by_role("columnheader").locator("span")).to_have_text([*PAYLOADS.values()])
    page.get_by_role("gridcell").first.dblclick()
    expect(page.get_by_role("dialog").locator("pre")).to_have_text(PAYLOADS["image"])
    assert_harmless(page)


def test_what_is_written_and_its_translation_are_text(page: Page) -> None:
    everything = " ".join(PAYLOADS.values()).replace("'", "")
    page.get_by_label("SQL", exact=True).fill(f"SELECT {literal(everything)} AS a, 5 / 2 AS b")

    expect(page.get_by_role("region", name="Translation")).to_contain_text(everything)
    assert_harmless(page)


@pytest.mark.parametrize("name", ["image", "script"])
def test_error_messages_are_text(page: Page, name: str) -> None:
    run(page, f'SELECT "{PAYLOADS[name]}" FROM sales')

    expect(page.get_by_role("alert")).to_contain_text(PAYLOADS[name])
    assert_harmless(page)


def test_a_chart_of_hostile_labels_is_text(page: Page) -> None:
    run(
        page,
        f'SELECT region || {literal(PAYLOADS["svg"])} AS "{PAYLOADS["image"]}", COUNT(*) AS n FROM sales GROUP BY 1',
    )
    page.get_by_role("tab", name="Chart").click()

    expect(page.locator(".chart-picture rect")).to_have_count(3)
    assert_harmless(page)


def test_names_of_tables_and_their_columns_are_text(open_page: OpenPage, hostile_table: str) -> None:
    page = open_page("tables")
    page.locator(".table-link").filter(has_text=hostile_table).click()
    page.get_by_role("tab", name="Columns").click()

    expect(page.get_by_role("grid", name="Columns")).to_contain_text(PAYLOADS["svg"])
    expect(page.locator(".table-head h2")).to_contain_text(hostile_table)
    assert_harmless(page)


def test_completions_are_text(open_page: OpenPage, hostile_table: str) -> None:
    page = open_page()
    page.locator(".samples").wait_for()
    page.get_by_label("SQL", exact=True).fill("SELECT * FROM ")
    page.keyboard.press("Control+Space")

    expect(page.get_by_role("option").filter(has_text=hostile_table)).to_be_visible()
    assert_harmless(page)


@pytest.mark.parametrize("path", ["tables/{}", "query?sql={}", "{}"])
def test_the_address_is_text(open_page: OpenPage, path: str) -> None:
    assert_harmless(open_page(path.format(quote(PAYLOADS["image"], safe=""))))


def test_a_request_id_is_text(page: Page) -> None:
    hostile = {"X-Request-ID": PAYLOADS["image"]}
    page.route("**/v1/queries", lambda route: route.continue_(headers={**route.request.headers, **hostile}))
    run(page, "SELECT nothing FROM nowhere")

    expect(page.get_by_role("alert")).to_contain_text(PAYLOADS["image"])
    assert_harmless(page)


def test_a_jobs_error_is_text(console_server: Emulator, open_page: OpenPage) -> None:
    made = console_server.call("POST", "/bulk/jobs", {"operation": "insert", "object": "customers"}).json["job_id"]
    failing = {"code": "INTERNAL_ERROR", "message": PAYLOADS["script"]}
    assert console_server.control("POST", f"/jobs/{made}/fail", failing).status == 200
    for path in ("jobs", "bulk"):
        page = open_page(f"{path}/{made}")
        expect(page.get_by_role("alert")).to_contain_text(PAYLOADS["script"])
        assert_harmless(page)


def test_refused_records_are_text(console_server: Emulator, open_page: OpenPage) -> None:
    rest = "a@example.com,EMEA,DE,Bonn,SMB,2026-01-02,true"
    records = [CUSTOMERS.partition("\n")[0], *(f'none,"{each}",{rest}' for each in PAYLOADS.values())]
    made = console_server.call("POST", "/bulk/jobs", {"operation": "insert", "object": "customers"}).json["job_id"]
    link = console_server.call("GET", f"/bulk/jobs/{made}/upload-url").json["upload_url"]
    console_server.request("PUT", link.removeprefix(console_server.url), "\n".join(records).encode())
    console_server.call("PATCH", f"/bulk/jobs/{made}", {"state": "UploadComplete"})
    page = open_page(f"bulk/{made}")

    rows = page.get_by_role("grid", name="Refused records")
    for payload in PAYLOADS.values():
        expect(rows).to_contain_text(payload)
    assert_harmless(page)


def test_what_is_known_of_identities_and_snapshots_is_text(console_server: Emulator, page: Page) -> None:
    hostile = PAYLOADS["image"]
    identity = {"tenant_id": hostile, "credential": hostile, "note": hostile}
    page.evaluate("told => sessionStorage.setItem('spectra.identities', JSON.stringify([told]))", identity)
    page.goto(page.url.partition("#")[0] + "#/tenants")
    page.reload()
    page.locator("main[data-screen=tenants]").wait_for()
    page.get_by_role("button", name="Identity").click()
    page.get_by_role("menuitem").filter(has_text=hostile).click()
    expect(page.locator(".identity-name")).to_have_text(hostile)
    assert_harmless(page)
    console_server.control("POST", f"/snapshots/{quote(hostile, safe='')}", {})
    page.get_by_role("link", name="Journal").click()
    page.get_by_role("gridcell", name=re.compile("snapshots")).first.click()
    expect(page.locator(".entry-target")).to_contain_text("/_spectra/snapshots/%3Cimg")
    assert_harmless(page)
