"""docs/sql-support.md says what the code and the corpus say."""

from __future__ import annotations

from collections import Counter

from spectra_emulator.sql.functions import KNOWN

from tests.sql.support_matrix import PAGE, cases_by_page, lacking, pages, supported, written


def test_the_page_is_the_one_that_make_docs_writes() -> None:
    assert PAGE.read_text(encoding="utf-8") == written(supported())


def test_every_case_is_traced_to_a_page_of_the_guide() -> None:
    assert set(cases_by_page()) - {page.title for page in pages()} == set()


def test_every_known_function_stands_on_exactly_one_page() -> None:
    counted = Counter(name for page in pages() for name in page.functions)
    assert counted == Counter(dict.fromkeys(KNOWN, 1))


def test_what_the_emulator_lacks_is_named() -> None:
    assert [case.id for cases in cases_by_page().values() for case in cases if lacking(case) == ""] == []


def test_no_page_is_without_a_case() -> None:
    assert [one.page.title for one in supported() if one.answered + one.refused == 0] == []
