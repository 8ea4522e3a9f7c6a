"""The tables browser in a real browser."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.console.conftest import OpenPage
from tests.emulator import Emulator


def test_a_table_shows_its_first_rows_and_how_many_there_are(open_page: OpenPage) -> None:
    page = open_page("tables")
    page.get_by_role("link", name="sales").click()

    rows = page.get_by_role("grid", name="Rows of sales")
    expect(rows).to_have_attribute("aria-rowcount", "201")
    expect(page.get_by_text("259,200 rows, the first 200 shown")).to_be_visible()


def test_a_table_shows_its_columns_as_redshift_spells_them(open_page: OpenPage) -> None:
    page = open_page("tables/public.customers")
    page.get_by_role("tab", name="Columns").click()

    columns = page.get_by_role("grid", name="Columns of customers")
    expect(columns.get_by_role("row").nth(2)).to_have_text("nameVARCHAR(64)nonone")


def test_a_table_is_found_by_the_name_of_a_column(open_page: OpenPage) -> None:
    page = open_page("tables")
    page.get_by_role("searchbox").fill("signup")

    expect(page.locator(".table-link span")).to_have_text(["customers"])


def test_a_table_leads_to_a_query_of_it(open_page: OpenPage) -> None:
    page = open_page("tables/public.markets")
    page.get_by_role("button", name="Query").click()
    expect(page.get_by_label("SQL", exact=True)).to_have_value(re.compile("FROM public.markets"))
    page.keyboard.press("Control+Enter")

    expect(page.get_by_role("grid", name="Result").get_by_role("columnheader").first).to_contain_text("market")


def test_the_tables_need_no_mouse(open_page: OpenPage) -> None:
    page = open_page("tables")
    page.locator(".table-link").first.wait_for()
    for key in ("j", "j", "k", "/"):
        page.keyboard.press(key)

    expect(page.get_by_role("region", name="customers")).to_be_visible()
    expect(page.get_by_role("searchbox")).to_be_focused()


def test_views_and_empty_tables_are_shown_as_what_they_are(console_server: Emulator, open_page: OpenPage) -> None:
    console_server.sql("CREATE TABLE shelf (a INTEGER, PRIMARY KEY (a)); CREATE VIEW shelf_view AS SELECT a FROM shelf")
    page = open_page("tables/public.shelf_view")

    expect(page.locator(".table-head .badge")).to_have_text("view")
    expect(page.get_by_text("No rows")).to_be_visible()
    _dropped(console_server, page)


def _dropped(server: Emulator, page: Page) -> None:
    server.sql("DROP VIEW shelf_view; DROP TABLE shelf")
    page.reload()
    expect(page.get_by_text("This tenant has no public.shelf_view.")).to_be_visible()
