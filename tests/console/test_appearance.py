"""What the console looks like: readable for everybody, in light and dark, on a desk and on a phone, and at once."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.clients.conftest import NODE_MODULES, not_run
from tests.console.conftest import OpenPage
from tests.console.pages import DESKTOP
from tests.console.test_workbench import BY_REGION, run

_log = logging.getLogger(__name__)
AXE = NODE_MODULES / "axe-core" / "axe.min.js"
AXE_RUN = "options => axe.run(options)"
SERIOUS = frozenset({"serious", "critical"})
ONLY: dict[str, dict[str, Any]] = {"light": {}, "dark": {"runOnly": ["color-contrast"]}}
PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"
TRANSFERRED = "performance.getEntriesByType('resource').reduce((sum, each) => sum + each.encodedBodySize, 0)"


def findings(page: Page, scheme: str = "light") -> list[str]:
    """Return what axe finds serious; it comes in by the test's own channel, past the page's policy.

    In the dark it looks at colours alone: nothing else is other than in the light.
    """
    if not AXE.is_file():
        not_run("axe-core, which `make test` fetches with npm")
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(AXE_RUN, {"resultTypes": ["violations"], **ONLY[scheme]})["violations"]
    return [f"{each['id']}: {each['nodes'][0]['html']}" for each in found if each["impact"] in SERIOUS]


@pytest.mark.parametrize("scheme", ONLY)
def test_the_workbench_has_no_serious_finding(open_page: OpenPage, scheme: str) -> None:
    page = open_page(color_scheme=scheme)
    run(page, BY_REGION)
    page.get_by_role("grid", name="Result").wait_for()
    page.get_by_role("region", name="Translation").locator("summary").first.wait_for()
    with_rows = findings(page, scheme)
    page.get_by_role("tab", name="Chart").click()
    with_chart = findings(page, scheme)
    run(page, "SELECT nothing FROM nowhere")
    page.get_by_role("alert").wait_for()

    assert (with_rows, with_chart, findings(page, scheme)) == ([], [], [])


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


def test_the_page_is_small(open_page: OpenPage) -> None:
    page = open_page(viewport=DESKTOP)
    page.locator(".samples").wait_for()
    transferred = page.evaluate(TRANSFERRED)

    assert transferred <= 600_000
    _log.info("first paint after %d ms, %d kB", page.evaluate(PAINT), transferred / 1000)
