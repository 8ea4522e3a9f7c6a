"""docs/data/errors.yaml says of each failure what the server says."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from spectra_emulator.domain.errors import BY_CODE

from tests.docs.error_pages import answered
from tests.docs.errors import Cause, Entry, entries
from tests.emulator import Answer, Emulator

CAUSES = [(entry.code, cause) for entry in entries() for cause in entry.causes]
PLAYED = [(code, cause) for code, cause in CAUSES if cause.needs is None]
SHOWN = [entry for entry in entries() if entry.causes[0].answer is not None]
INSERT = {"operation": "insert", "object": "sales"}


@dataclass(frozen=True)
class Stage:
    """A server with the jobs that calls name."""

    server: Emulator
    jobs: dict[str, str]

    def played(self, cause: Cause) -> Answer:
        usual = {"Authorization": "Bearer spk_tenant-123_demo", "X-Tenant-ID": "tenant-123"}
        usual |= {} if cause.content is None else {"Content-Type": "application/json"}
        headers = {name: value for name, value in {**usual, **cause.headers}.items() if value is not None}
        content = None if cause.content is None else cause.content.encode()
        return self.server.request(cause.method, "/v1" + cause.path.format(**self.jobs), content, headers)


@pytest.fixture(scope="module")
def stage(server: Emulator) -> Stage:
    opened, aborted = (server.call("POST", "/bulk/jobs", INSERT).json["job_id"] for _ in range(2))
    server.call("PATCH", f"/bulk/jobs/{aborted}", {"state": "Aborted"})
    query = server.query("SELECT 1 AS n").json["metadata"]["query_id"]
    return Stage(server, {"open_job": opened, "aborted_job": aborted, "completed_query": query})


def said(answer: Answer) -> set[Any]:
    return {answer.json["error"]["message"], answer.details.get("reason")}


def test_every_code_of_the_contract_has_a_page() -> None:
    assert {entry.code for entry in entries()} == set(BY_CODE)


@pytest.mark.parametrize(("code", "cause"), PLAYED, ids=lambda value: getattr(value, "because", ""))
def test_a_call_fails_as_its_page_says(stage: Stage, code: str, cause: Cause) -> None:
    answer = stage.played(cause)

    assert (answer.status, answer.code) == (BY_CODE[code].status, code)
    assert cause.provoked or cause.says in said(answer)


@pytest.mark.parametrize("entry", SHOWN, ids=lambda entry: entry.code)
def test_the_answer_that_a_page_shows_is_the_one_that_comes(stage: Stage, entry: Entry) -> None:
    error = stage.played(entry.causes[0]).json["error"]
    shown = json.loads(json.dumps(answered(entry)).replace("http://127.0.0.1:8439", stage.server.url))
    known = {"request_id": error["details"]["request_id"]} if "request_id" in error["details"] else {}

    assert error == {**shown, "details": {**shown["details"], **known}}


def test_every_page_shows_an_answer() -> None:
    assert [entry.code for entry in SHOWN] == [entry.code for entry in entries()]
