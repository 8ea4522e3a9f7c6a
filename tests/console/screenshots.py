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


def charted(page: Page) -> None:
    queried(page)
    page.get_by_role("tab", name="Chart").click()
    page.get_by_role("img").wait_for()


def settled(page: Page) -> None:
    page.wait_for_load_state("networkidle")


PICTURES: Mapping[str, Picture] = {
    "console-light": Picture("query", queried, {"color_scheme": "light"}),
    "console-dark": Picture("query", charted, {"color_scheme": "dark"}),
    "console-phone": Picture("query", queried, {**PHONE, "device_scale_factor": 1.5}),
    "console-tables": Picture("tables/public.sales", settled, {"color_scheme": "light"}),
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
