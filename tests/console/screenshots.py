"""`make screenshots`: the pictures of docs/images, from the real console on the demonstration."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, Page

from tests.console.chromium import running_chromium
from tests.console.pages import PHONE, new_context, visited
from tests.emulator import Emulators, eventually

IMAGES = Path(__file__).parents[2] / "docs" / "images"
SQL = """\
SELECT DATE_TRUNC('month', sale_date)::DATE AS month,
       SUM(amount) AS total,
       SUM(discount * amount) AS given
FROM sales
WHERE year = 2024
GROUP BY month
ORDER BY month"""


@dataclass(frozen=True)
class Picture:
    """`options` are those of a new browser; `prepare` brings the screen to what is to be seen."""

    path: str
    prepare: Callable[[Page], None]
    options: Mapping[str, object] = field(default_factory=dict)


def queried(page: Page) -> None:
    page.locator(".samples").wait_for()
    page.get_by_label("SQL", exact=True).fill(SQL)
    page.keyboard.press("Control+Enter")
    page.get_by_role("grid", name="Result").wait_for()
    page.get_by_role("region", name="Translation").locator("summary").first.wait_for()


def asked(page: Page) -> None:
    queried(page)
    page.locator("main").evaluate("main => main.scrollTo(0, 0)")


def charted(page: Page) -> None:
    queried(page)
    page.get_by_role("tab", name="Chart").click()
    page.get_by_role("img").wait_for()


def rows_shown(page: Page) -> None:
    page.locator(".table-rows [role=gridcell]").first.wait_for()


def job_opened(page: Page) -> None:
    page.locator(".job-open").filter(has_text="InProgress").first.click()
    page.locator(".job-facts").wait_for()


def refused_shown(page: Page) -> None:
    page.locator(".bulk-link").filter(has_text="upsert").first.click()
    page.get_by_role("grid", name="Refused records").get_by_role("gridcell").first.wait_for()


def call_opened(page: Page) -> None:
    queried(page)
    page.get_by_role("link", name="Journal").click()
    page.get_by_role("gridcell", name="executeQuery").first.click()
    page.locator(".entry-facts").wait_for()


def faults_listed(page: Page) -> None:
    page.get_by_label("Operation").select_option("getJobResults")
    page.get_by_label("Times").fill("2")
    page.get_by_role("button", name="Add the fault").click()
    page.locator(".list-table").wait_for()
    page.locator(".toast").wait_for(state="detached")


def tenants_listed(page: Page) -> None:
    page.locator(".list-table").wait_for()


def operation_sent(page: Page) -> None:
    page.locator(".operation[open]").get_by_role("button", name="Send").click()
    page.locator(".operation[open] .badge-good").last.wait_for()


LIGHT = {"color_scheme": "light"}
DARK = {"color_scheme": "dark"}
SMALL = {**PHONE, "device_scale_factor": 1.5}
PICTURES: Mapping[str, Picture] = {
    "console-light": Picture("query", queried, LIGHT),
    "console-dark": Picture("query", charted, DARK),
    "console-phone": Picture("query", asked, SMALL),
    "console-tables": Picture("tables/public.sales", rows_shown, LIGHT),
    "console-jobs": Picture("jobs", job_opened, LIGHT),
    "console-bulk": Picture("bulk", refused_shown, LIGHT),
    "console-journal": Picture("query", call_opened, {**DARK, "viewport": {"width": 1280, "height": 600}}),
    "console-time": Picture("time", faults_listed, LIGHT),
    "console-tenants": Picture("tenants", tenants_listed, LIGHT),
    "console-contract": Picture("contract/executeQuery", operation_sent, DARK),
}


def take(browser: Browser, url: str, folder: Path) -> None:
    """Write every picture as a PNG."""
    for name, picture in PICTURES.items():
        context = new_context(browser, **picture.options)
        page = visited(context, url, picture.path).page
        picture.prepare(page)
        page.screenshot(path=folder / f"{name}.png")
        context.close()


def main() -> None:
    with TemporaryDirectory(prefix="spectra-screenshots-") as name:
        emulators = Emulators(Path(name))
        try:
            server = emulators.start("--no-browser", command="demo")
            eventually(lambda: server.control("GET", "/ready").status == 200, seconds=60)
            with running_chromium(Path(name)) as browser:
                IMAGES.mkdir(exist_ok=True)
                take(browser, server.url, IMAGES)
        finally:
            emulators.stop_all()


if __name__ == "__main__":
    main()
