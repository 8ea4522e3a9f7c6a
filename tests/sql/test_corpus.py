"""Every case of the corpus gives its answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from spectra_emulator.domain.errors import SpectraError

from tests.sql.corpus_cases import Case, Family, families
from tests.sql.corpus_engine import CorpusEngine

CASES = [(family, case) for family in families() for case in family.cases]
ANSWERED = [pytest.param(*one, id=f"{one[0].name}-{one[1].id}") for one in CASES if one[1].error is None]
REFUSED = [pytest.param(*one, id=f"{one[0].name}-{one[1].id}") for one in CASES if one[1].error is not None]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CorpusEngine]:
    opened = CorpusEngine(tmp_path_factory.mktemp("corpus"))
    yield opened
    opened.engine.close()


@pytest.mark.parametrize(("family", "case"), ANSWERED)
def test_a_statement_has_the_answer_of_the_guide(corpus: CorpusEngine, family: Family, case: Case) -> None:
    answer = corpus.answer(family, case)
    assert (answer.rows, answer.columns, answer.types) == (case.rows, case.columns, case.types)


@pytest.mark.parametrize(("family", "case"), REFUSED)
def test_a_statement_is_refused_by_name(corpus: CorpusEngine, family: Family, case: Case) -> None:
    with pytest.raises(SpectraError) as raised:
        corpus.answer(family, case)
    assert case.error is not None
    assert raised.value.code == case.error.code
    assert case.error.message in raised.value.message
    assert case.error.sql_state in {None, raised.value.details.get("sql_state")}


def test_no_two_cases_of_a_family_share_an_id() -> None:
    counted = Counter((family.name, case.id) for family, case in CASES)
    assert [place for place, count in counted.items() if count > 1] == []


def test_no_case_stands_twice() -> None:
    counted = Counter((family.tables, case.setup, case.sql) for family, case in CASES)
    assert [sql for (_, _, sql), count in counted.items() if count > 1] == []
