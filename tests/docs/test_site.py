"""The documentation's site: it builds without a warning, holds every page and fetches nothing from elsewhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.blocks import PAGES, ROOT
from tests.docs.site_pages import BESIDE, DOCS, LINK

FETCHED = re.compile(r"<(?:script|link|img|iframe|source)\b[^>]*\b(?:src|href)=\"?(https?://[^\" >]+|//[^\" >]+)")
ELSEWHERE = re.compile(r"url\((?:https?:)?//|@import")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--site-dir", folder],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    told = built.stdout + built.stderr
    assert (built.returncode, [line for line in told.splitlines() if "WARNING" in line]) == (0, []), told
    return folder


def html_of(page: str) -> str:
    return page.removeprefix(DOCS).replace("README.md", "index.md").removesuffix(".md") + ".html"


def test_every_page_is_in_the_site(site: Path) -> None:
    assert [page for page in PAGES if not (site / html_of(page)).is_file()] == []


def test_no_page_lies_where_the_site_does_not_look() -> None:
    assert [page for page in PAGES if not page.startswith(DOCS) and page not in BESIDE] == []


def test_a_page_fetches_nothing_from_elsewhere(site: Path) -> None:
    pages = {path.name: FETCHED.findall(path.read_text(encoding="utf-8")) for path in site.rglob("*.html")}
    styles = {path.name: ELSEWHERE.findall(path.read_text(encoding="utf-8")) for path in site.rglob("*.css")}

    assert {name: found for name, found in (pages | styles).items() if found} == {}


def test_the_links_of_llms_txt_lead_to_pages(site: Path) -> None:
    linked = [match[2] for match in LINK.finditer((site / "llms.txt").read_text(encoding="utf-8")) if match[2]]

    assert len(linked) > len(PAGES) / 2
    assert [name for name in linked if not (site / name).is_file()] == []


@pytest.mark.parametrize("page", PAGES)
def test_the_links_of_a_page_lead_somewhere_on_github(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    linked = [match[2] for match in LINK.finditer(text) if match[2]]

    assert [name for name in linked if not ((ROOT / page).parent / name).exists()] == []
