"""What every store of answers promises: files, and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from spectra_emulator.adapters.answer_files import AnswerFiles
from spectra_emulator.adapters.postgres import PostgresAnswers
from spectra_emulator.ports import AnswerStore

from tests.adapters.test_answer_files import PLENTY, TENANT, answer, filled, kept
from tests.requirements import requirement
from tests.shared_state import SharedDatabase

Store = Callable[[int], AnswerStore]
"""Opens a store that holds at most so many bytes."""


def in_files(_request: pytest.FixtureRequest, folder: Path) -> Store:
    return lambda max_bytes: AnswerFiles(folder / "answers", max_bytes, durable=True)


def in_postgres(request: pytest.FixtureRequest, _folder: Path) -> Store:
    database: SharedDatabase = request.getfixturevalue("shared_database")
    return lambda max_bytes: PostgresAnswers(database.connections(), max_bytes)


@pytest.fixture(params=[in_files, in_postgres], ids=["files", "PostgreSQL"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    opened: Store = request.param(request, tmp_path)
    return opened


def test_an_answer_comes_back_as_it_was(store: Store) -> None:
    answers = filled(store(PLENTY), "a")

    assert answers.get(TENANT, "a") == answer("a")


@requirement("TEN-01", "TEN-02")
def test_another_tenant_cannot_read_the_answer(store: Store) -> None:
    assert filled(store(PLENTY), "a").get("tenant-456", "a") is None


def test_an_unknown_answer_is_none(store: Store) -> None:
    assert store(PLENTY).get(TENANT, "job-1") is None


@requirement("LIM-14")
def test_the_oldest_answers_make_room(store: Store) -> None:
    answers = filled(store(3000), "abcde")

    assert kept(answers, "abcde") == "cde"


@requirement("LIM-14", "IDM-02")
def test_an_answer_under_a_key_outlives_those_without(store: Store) -> None:
    answers = filled(store(3000), "abcde", keyed="a")

    assert kept(answers, "abcde") == "ade"


@requirement("LIM-14")
def test_the_oldest_keyed_answer_goes_when_all_are_keyed(store: Store) -> None:
    answers = filled(store(3000), "abcde", keyed="abcde")

    assert kept(answers, "abcde") == "cde"


@requirement("LIM-14")
def test_an_answer_beyond_the_whole_bound_is_not_kept_and_costs_no_other(store: Store) -> None:
    answers = filled(store(3000), "ab", keyed="a")
    answers.put(TENANT, "huge", answer("huge", 3001), keyed=True)

    assert (kept(answers, "ab"), answers.get(TENANT, "huge")) == ("ab", None)


def test_a_cleared_tenant_has_no_answers_and_others_keep_theirs(store: Store) -> None:
    answers = filled(store(PLENTY), "ab")
    answers.put("tenant-456", "c", answer("c"), keyed=False)
    answers.clear(TENANT)

    assert kept(answers, "ab") == ""
    assert answers.get("tenant-456", "c") == answer("c")


def test_dropped_answers_leave_their_room_to_others(store: Store) -> None:
    answers = filled(store(3000), "abc")
    answers.drop("abc")

    assert kept(filled(answers, "def"), "abcdef") == "def"


def test_the_engines_own_id_of_the_query_comes_back_with_the_answer(store: Store) -> None:
    answers, given = store(PLENTY), answer("a")
    answers.put(TENANT, "a", replace(given, rows=replace(given.rows, query_id="9001")), keyed=False)
    found = answers.get(TENANT, "a")

    assert found is not None
    assert (found.rows.query_id, found.shown_query_id) == ("9001", "9001")


def test_an_answer_that_is_put_again_takes_its_room_once(store: Store) -> None:
    answers = filled(store(3000), "aaaaaabc")

    assert kept(answers, "abc") == "abc"


@requirement("LIM-14")
def test_many_that_put_and_drop_at_once_keep_the_account(store: Store) -> None:
    answers = store(10_000)
    with ThreadPoolExecutor(16) as threads:
        list(threads.map(lambda n: answers.put(TENANT, f"job-{n}", answer(), keyed=n % 2 == 0), range(60)))
        list(threads.map(lambda n: answers.drop([f"job-{n}", f"job-{n + 1}"]), range(60)))

    assert kept(filled(answers, "abcdefghij"), "abcdefghij") == "abcdefghij"
