"""What the console looks like: readable for everybody, in light and dark, on a desk and on a phone, and at once."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.clients.conftest import NODE_MODULES, not_run
from tests.console.conftest import OpenPage
from tests.console.pages import DESKTOP, PHONE
from tests.console.test_workbench import BY_REGION, run
from tests.emulator import eventually

AXE = NODE_MODULES / "axe-core" / "axe.min.js"
SERIOUS = frozenset({"serious", "critical"})
PLACES = {"workbench": "query", "tables": "tables", "table": "tables/public.markets"}
KINDS: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "phone": {**PHONE, "color_scheme": "light"},
}
EACH = pytest.mark.parametrize("options", KINDS.values(), ids=KINDS)
PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"
TRANSFERRED = "performance.getEntriesByType('resource').reduce((sum, each) => sum + each.encodedBodySize, 0)"


def findings(page: Page) -> list[str]:
    """Return what axe finds serious; it comes in by the test's own channel, past the page's policy."""
    if not AXE.is_file():
        not_run("axe-core, which `make test` fetches with npm")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
    return [f"{each['id']}: {each['nodes'][0]['html']}" for each in found if each["impact"] in SERIOUS]


@EACH
def test_the_workbench_has_no_serious_finding(open_page: OpenPage, options: dict[str, Any]) -> None:
    page = open_page(**options)
    run(page, BY_REGION)
    page.get_by_role("grid", name="Result").wait_for()
    page.get_by_role("region", name="Translation").locator("summary").first.wait_for()
    with_rows = findings(page)
    page.get_by_role("tab", name="Chart").click()
    with_chart = findings(page)
    run(page, "SELECT nothing FROM nowhere")
    page.get_by_role("alert").wait_for()

    assert (with_rows, with_chart, findings(page)) == ([], [], [])


def test_the_tables_have_no_serious_finding(open_page: OpenPage) -> None:
    page = open_page("tables/public.markets")
    page.get_by_role("grid", name="Rows of markets").wait_for()
    with_rows = findings(page)
    page.get_by_role("tab", name="Columns").click()

    assert (with_rows, findings(page)) == ([], [])


def test_menus_and_dialogs_have_no_serious_finding(open_page: OpenPage) -> None:
    page = open_page()
    page.get_by_role("button", name="Identity").click()
    in_menu = findings(page)
    page.get_by_role("menuitem", name="Another identity").click()
    page.get_by_role("dialog", name="Identity").wait_for()

    assert (in_menu, findings(page)) == ([], [])


@pytest.mark.parametrize("path", PLACES.values(), ids=PLACES)
def test_a_phone_scrolls_in_one_direction_alone(open_page: OpenPage, path: str) -> None:
    page = open_page(path, **PHONE)
    page.locator(".samples, .table-link").first.wait_for(state="attached")

    assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert page.evaluate("document.querySelector('main').scrollWidth") <= 360


def test_the_theme_is_the_systems_until_another_is_chosen(open_page: OpenPage) -> None:
    page = open_page(color_scheme="dark", viewport=DESKTOP)
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    as_system = page.evaluate(ground)
    page.get_by_role("button", name="Change the theme").click()
    light = page.evaluate(ground)
    page.reload()

    assert (as_system, light) == ("rgb(15, 17, 21)", "rgb(246, 247, 249)")
    assert page.evaluate(ground) == light


def test_the_keys_are_told(page: Page) -> None:
    page.keyboard.press("?")

    expect(page.get_by_role("dialog", name="Keys")).to_contain_text("Run the query")


def test_the_page_is_there_at_once_and_small(open_page: OpenPage) -> None:
    page = open_page(viewport=DESKTOP)

    def soon() -> bool:
        page.reload()
        page.locator("main[data-screen]").wait_for()
        return bool(0 < page.evaluate(PAINT) <= 300)

    assert eventually(soon, seconds=60)
    assert page.evaluate(TRANSFERRED) <= 600_000
