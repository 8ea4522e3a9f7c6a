"""Stored answers."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import pytest
from spectra_emulator.adapters.answer_files import ENTRY_BYTES, MEMORY_BYTES, AnswerFiles
from spectra_emulator.domain.queries import QueryAnswer, Rows
from spectra_emulator.ports import AnswerStore

from tests.requirements import requirement

Answers = TypeVar("Answers", bound=AnswerStore)

PLENTY = 2**30
TENANT = "tenant-123"


def answer(name: str = "q-1", size_bytes: int = 1000) -> QueryAnswer:
    rows_json = b"[" + b"1" * (size_bytes - ENTRY_BYTES - 2) + b"]"
    return QueryAnswer(name, Rows(rows_json, ("a", "a b\n"), ("INTEGER", "VARCHAR"), 1, 3), execution_time_ms=7)


def store(folder: Path, max_bytes: int = PLENTY, *, durable: bool = False) -> AnswerFiles:
    return AnswerFiles(folder / "answers", max_bytes, durable=durable)


def filled(answers: Answers, names: str, *, keyed: str = "", size_bytes: int = 1000) -> Answers:
    for name in names:
        answers.put(TENANT, name, answer(name, size_bytes), keyed=name in keyed)
    return answers


def kept(answers: AnswerStore, names: str) -> str:
    return "".join(name for name in names if answers.get(TENANT, name))


@requirement("LIM-14")
def test_what_exceeds_the_share_of_memory_lies_in_files(tmp_path: Path) -> None:
    half = MEMORY_BYTES // 2
    answers = filled(store(tmp_path), "abc", size_bytes=half)

    assert [file.stem for file in (tmp_path / "answers").iterdir()] == ["a"]
    assert answers.get(TENANT, "a") == answer("a", half)


@requirement("LIM-14")
def test_files_are_bounded_too(tmp_path: Path) -> None:
    half = MEMORY_BYTES // 2
    answers = filled(store(tmp_path, max_bytes=4 * half), "abcdefgh", size_bytes=half)

    assert kept(answers, "abcdefgh") == "efgh"
    assert sorted(file.stem for file in (tmp_path / "answers").iterdir()) == ["e", "f"]


@pytest.mark.parametrize("durable", [True, False], ids=["in files", "in memory"])
def test_a_dropped_answer_is_gone(tmp_path: Path, durable: bool) -> None:
    answers = filled(store(tmp_path, durable=durable), "abc")
    answers.drop(["a", "unknown", "c"])

    assert kept(answers, "abc") == "b"


@requirement("JOB-27")
def test_durable_answers_are_found_by_the_next_server(tmp_path: Path) -> None:
    filled(store(tmp_path, durable=True), "ab")

    assert store(tmp_path, durable=True).get(TENANT, "b") == answer("b")


@requirement("LIM-14")
def test_the_next_server_keeps_the_order_and_the_keys(tmp_path: Path) -> None:
    filled(store(tmp_path, durable=True), "abc", keyed="a")
    for age, name in enumerate("cba"):
        os.utime(tmp_path / "answers" / f"{name}.answer", (1_000_000 - age, 1_000_000 - age))
    answers = filled(store(tmp_path, max_bytes=3000, durable=True), "d")

    assert kept(answers, "abcd") == "acd"


def test_an_answer_that_was_being_written_is_not_taken_up(tmp_path: Path) -> None:
    filled(store(tmp_path, durable=True), "a")
    (tmp_path / "answers" / "b.unfinished").write_bytes(b'{"tenant_id":')

    assert kept(store(tmp_path, durable=True), "ab") == "a"
    assert not (tmp_path / "answers" / "b.unfinished").exists()


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"no JSON\n[]", id="no head"),
        pytest.param(b'{"tenant_id": "tenant-123"}\n[]', id="half a head"),
        pytest.param(b"\xff\xfe\n[]", id="no text"),
        pytest.param(None, id="rows cut short"),
    ],
)
def test_a_damaged_answer_is_dropped_with_one_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, content: bytes | None
) -> None:
    filled(store(tmp_path, durable=True), "ab")
    file = tmp_path / "answers" / "b.answer"
    file.write_bytes(file.read_bytes()[:-1] if content is None else content)

    assert kept(store(tmp_path, durable=True), "ab") == "a"
    assert ([record.levelname for record in caplog.records], file.exists()) == (["WARNING"], False)


def test_answers_that_need_not_last_leave_no_file(tmp_path: Path) -> None:
    answers = filled(store(tmp_path), "abc", size_bytes=MEMORY_BYTES // 2)
    answers.close()

    assert not (tmp_path / "answers").exists()


def test_answers_that_last_stay_after_closing(tmp_path: Path) -> None:
    filled(store(tmp_path, durable=True), "a").close()

    assert kept(store(tmp_path, durable=True), "a") == "a"


@requirement("LIM-14")
def test_many_writers_keep_within_the_bound(tmp_path: Path) -> None:
    answers = store(tmp_path, max_bytes=10_000, durable=True)
    with ThreadPoolExecutor(16) as threads:
        list(threads.map(lambda n: answers.put(TENANT, f"job-{n}", answer(), keyed=n % 2 == 0), range(200)))

    found = [answers.get(TENANT, f"job-{number}") for number in range(200)]
    assert len([each for each in found if each is not None]) == 10
    assert len(list((tmp_path / "answers").iterdir())) == 10
