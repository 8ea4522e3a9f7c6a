"""The pages of the error codes, to which errors link."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.console.conftest import OpenPage
from tests.console.pages import PHONE
from tests.emulator import Emulator, Emulators


def expect_page(page: Page, code: str) -> None:
    expect(page.locator("main h2").first).to_have_text(code)
    expect(page.locator(".causes")).to_contain_text("Guard it, as by NULLIF(divisor, 0)")
    expect(page.locator(".to-copy").first).to_contain_text(f"X-Spectra-Fault: {code}")


@pytest.mark.parametrize("device", [{}, PHONE], ids=["desktop", "phone"])
def test_an_errors_link_opens_its_page(
    console_server: Emulator, open_page: OpenPage, device: dict[str, object]
) -> None:
    link = console_server.query("SELECT 1/0 AS n").json["error"]["details"]["help_url"]
    base, _, place = link.partition("/_spectra/ui#/")

    assert base == console_server.url
    expect_page(open_page(place, **device), "INVALID_SQL")


def test_a_page_is_read_without_identity_or_control_token(emulators: Emulators, open_page: OpenPage) -> None:
    guarded = emulators.start("--control-token", "s3cret")
    page = open_page("errors/INVALID_SQL", guarded)
    expect_page(page, "INVALID_SQL")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("link", name="Query").click()

    expect(page.get_by_role("dialog", name="Control token")).to_be_visible()


def test_what_failed_in_the_console_leads_to_its_page_and_stays(page: Page) -> None:
    page.get_by_label("SQL", exact=True).fill("SELECT 1/0 AS n")
    page.get_by_role("button", name="Run").click()
    with page.context.expect_page() as opened:
        page.get_by_role("alert").get_by_role("link", name="What to do about INVALID_SQL").click()

    expect_page(opened.value, "INVALID_SQL")
    expect(page.get_by_role("alert")).not_to_contain_text("help_url")
    opened.value.close()


def test_the_codes_are_found_and_the_command_copied_by_keys_alone(page: Page) -> None:
    keys = page.keyboard
    keys.press("g")
    keys.press("e")
    page.get_by_role("link", name="RATE_LIMITED").focus()
    keys.press("Enter")
    expect(page).to_have_title("Errors · Spectra console")
    page.get_by_role("button", name="Copy the command").focus()
    keys.press("Enter")
    page.get_by_text("Command copied").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")

    assert copied.startswith("spectra-emulator faults add '{")
    assert '"error":"RATE_LIMITED"' in copied


def test_a_code_that_there_is_not_is_said(open_page: OpenPage) -> None:
    expect(open_page("errors/__proto__").get_by_text("There is no error __proto__")).to_be_visible()
