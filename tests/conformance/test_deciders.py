"""Every requirement is decided by a check of the kit, and every check decides some."""

from __future__ import annotations

from pathlib import Path

from spectra_conformance import page
from spectra_conformance.deciders import by_requirement, checks
from spectra_conformance.requirements import requirements

PAGE = Path(__file__).parents[2] / "conformance" / "requirements.md"
MOST_BEYOND = 16
"""How many requirements may say that no deployment can be asked; none may join them."""


def test_every_requirement_is_decided_or_says_why_it_cannot_be() -> None:
    undecided = {id_ for id_ in requirements() if id_ not in by_requirement()}

    assert undecided == {one.id for one in requirements().values() if one.beyond}


def test_those_that_cannot_be_decided_do_not_grow_in_number() -> None:
    assert len([one for one in requirements().values() if one.beyond]) <= MOST_BEYOND


def test_no_must_of_the_reference_is_beyond_the_kit_but_for_time_and_size() -> None:
    beyond = {one.id for one in requirements().values() if one.beyond and one.level == "MUST"}

    assert beyond == {"LIM-04"}


def test_every_check_decides_requirements_that_exist() -> None:
    wrong = {check: ids for check, ids in checks().items() if not ids or not requirements().keys() >= set(ids)}

    assert wrong == {}


def test_the_page_of_requirements_is_fresh() -> None:
    assert PAGE.read_text() == page.markdown(), "write it anew: spectra-conformance requirements --markdown > " + str(
        PAGE
    )
