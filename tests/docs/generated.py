"""Every page that is made from code or data; `python -m tests.docs.generated` writes them all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from tests.docs import api_pages, command_line_page, configuration_page, error_pages, llms_page
from tests.sql import support_matrix

ROOT = Path(__file__).parents[2]


def _sql_support() -> str:
    return support_matrix.written(support_matrix.supported())


PAGES: Mapping[str, Callable[[], str]] = {
    "docs/configuration.md": configuration_page.written,
    "docs/command-line.md": command_line_page.written,
    "docs/api.md": api_pages.api,
    "docs/control-plane.md": api_pages.control,
    "docs/sql-support.md": _sql_support,
    **error_pages.PAGES,
    "llms.txt": llms_page.written,
}
"""By path from the root; llms.txt reads the others, so it comes last."""

if __name__ == "__main__":
    for name, written in PAGES.items():
        (ROOT / name).parent.mkdir(exist_ok=True)
        (ROOT / name).write_text(written(), encoding="utf-8")
