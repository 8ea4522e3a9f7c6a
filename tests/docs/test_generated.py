"""The pages that are made from code and data are those that `make docs` writes."""

from __future__ import annotations

import pytest

from tests.docs.generated import PAGES, ROOT


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_the_one_that_make_docs_writes(page: str) -> None:
    assert (ROOT / page).read_text(encoding="utf-8") == PAGES[page]()
