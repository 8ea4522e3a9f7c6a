"""Every answer is held against the description: status, headers, content type, body."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml
from spectra_conformance import contract, openapi
from spectra_conformance.answer import Answer
from spectra_conformance.requirements import requirements
from spectra_conformance.verdicts import Outcome, Verdict, by_requirement

JSON = {"content-type": "application/json"}
RATES = {"x-ratelimit-limit": "100", "x-ratelimit-remaining": "99", "x-ratelimit-reset": "1738234800"}
EXAMPLES = Path(__file__).parents[1] / "examples"
JOB = json.loads((EXAMPLES / "completed_job.json").read_text())
QUERY = json.loads((EXAMPLES / "query_result.json").read_text())
RESULTS = "/bulk/jobs/a/results"
FILE = {
    "download_url": "https://api.example/a",
    "expires_at": "2026-01-29T11:00:00Z",
    "format": "csv",
    "compression": "none",
    "size_bytes": 1,
}
NOT_FOUND = {"error": {"code": "NOT_FOUND", "message": "No such job", "details": {}}}
GATEWAY = JSON | {"x-amzn-errortype": "AccessDeniedException"}


def answer(
    status: int, body: object, headers: Mapping[str, str] = JSON | RATES, method: str = "GET", path: str = "/jobs/a"
) -> Answer:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    worded = contract.written_by_gateway(status, headers, content)
    return Answer(method, f"https://api.example/v1{path}", status, headers, content, 0.1, {}, from_gateway=worded)


def kinds(one: Answer, *, rate_limited: bool = True) -> set[str]:
    path = one.url.removeprefix("https://api.example/v1")
    return {problem.kind for problem in contract.problems(one, path, rate_limited=rate_limited)}


def without(body: Mapping[str, object], name: str) -> dict[str, object]:
    return {key: value for key, value in body.items() if key != name}


@pytest.mark.parametrize(
    "one",
    [
        pytest.param(answer(200, JOB), id="job"),
        pytest.param(answer(200, JOB | {"extra": 1}), id="more members"),
        pytest.param(answer(200, JOB | {"submitted_at": "2026-01-29T10:00:00.123+00:00"}), id="another RFC 3339"),
        pytest.param(
            answer(200, JOB, JSON | RATES | {"content-type": "application/json; charset=utf-8"}), id="charset"
        ),
        pytest.param(answer(200, QUERY, method="POST", path="/queries"), id="query"),
        pytest.param(answer(404, NOT_FOUND, JSON), id="error without counted headers"),
        pytest.param(answer(404, {"error": {"code": "NOT_FOUND", "message": "x"}}, JSON), id="no details"),
        pytest.param(answer(404, NOT_FOUND, JSON, path="/nothing"), id="unknown route"),
        pytest.param(answer(415, {"error": {"code": "INVALID_REQUEST", "message": "x"}}, JSON), id="tolerated status"),
        pytest.param(answer(200, {"jobs": []}, path="/bulk/jobs"), id="no token on the last page"),
        pytest.param(answer(200, FILE, path=RESULTS), id="file"),
        pytest.param(answer(200, without(FILE, "compression"), path=RESULTS), id="no compression"),
        pytest.param(answer(200, FILE | {"compression": None}, path=RESULTS), id="compression null"),
        pytest.param(answer(200, {"job_id": "a", "status": "FAILED", "error": {}}, path=RESULTS[5:]), id="failed job"),
        pytest.param(answer(403, {"Message": "denied"}, GATEWAY), id="gateway"),
        pytest.param(answer(403, {"message": "denied"}, GATEWAY, path="/nothing"), id="gateway off the routes"),
    ],
)
def test_what_the_contract_allows_is_no_problem(one: Answer) -> None:
    assert kinds(one) == set()


@pytest.mark.parametrize(
    ("one", "kind"),
    [
        pytest.param(answer(202, JOB), "unpromised-status", id="202"),
        pytest.param(answer(302, JOB), "unpromised-status", id="redirect"),
        pytest.param(answer(502, NOT_FOUND), "undescribed-status", id="502"),
        pytest.param(answer(500, {"error": {"code": "INTERNAL_ERROR", "message": "x"}}), "server-error", id="500"),
        pytest.param(answer(200, JOB, RATES | {"content-type": "text/plain"}), "content-type", id="text"),
        pytest.param(answer(200, b"{", JSON | RATES), "no-json", id="no JSON"),
        pytest.param(answer(200, b'{"data": NaN}', JSON | RATES), "no-json", id="NaN"),
        pytest.param(answer(200, without(JOB, "submitted_at")), "missing-member", id="missing member"),
        pytest.param(answer(200, JOB | {"status": "DONE"}), "wrong-value", id="another status"),
        pytest.param(answer(200, without(FILE, "size_bytes"), path=RESULTS), "missing-member", id="no size of a file"),
        pytest.param(
            answer(200, FILE | {"compression": "GZIP"}, path=RESULTS), "wrong-value", id="compression in caps"
        ),
        pytest.param(answer(200, {"jobs": [], "next_offset": 3}, path="/bulk/jobs"), "wrong-value", id="odd token"),
        pytest.param(answer(200, JOB | {"row_count": "15"}), "wrong-value", id="text for a number"),
        pytest.param(answer(200, JOB | {"submitted_at": "2026-01-29 10:00"}), "timestamp", id="no RFC 3339"),
        pytest.param(answer(200, JOB | {"job_id": "a b"}), "job-id", id="job id"),
        pytest.param(answer(404, {"message": "x"}, JSON), "envelope", id="no envelope"),
        pytest.param(answer(404, {"error": {"code": "NOT_FOUND"}}, JSON), "envelope", id="no message"),
        pytest.param(answer(404, {"error": {"code": "GONE", "message": "x"}}, JSON), "error-code", id="unknown code"),
        pytest.param(answer(404, {"error": {"code": "CONFLICT", "message": "x"}}, JSON), "error-code", id="wrong code"),
        pytest.param(answer(404, {"message": "x"}, JSON, path="/nothing"), "envelope", id="unknown route"),
        pytest.param(
            answer(404, {"error": NOT_FOUND["error"] | {"details": {"x": 'File "a.py", line 8, in run'}}}, JSON),
            "stack-trace",
            id="stack trace",
        ),
        pytest.param(answer(200, JOB, JSON), "rate-headers", id="no rate headers"),
        pytest.param(
            answer(200, JOB, JSON | RATES | {"x-ratelimit-limit": "many"}), "rate-header-value", id="no number"
        ),
        pytest.param(answer(200, JOB, JSON | RATES | {"x-request-id": " "}), "request-id", id="request id"),
    ],
)
def test_what_it_does_not_allow_is_named_by_kind(one: Answer, kind: str) -> None:
    assert kind in kinds(one)


def test_absent_rate_headers_of_a_deployment_that_declares_none_are_a_lesser_problem() -> None:
    found = contract.problems(answer(200, JOB, JSON), "/jobs/a", rate_limited=False)

    assert {(problem.kind, problem.requirements) for problem in found} == {("undeclared-rate-headers", ("RTL-09",))}


@pytest.mark.parametrize(
    ("one", "requirement", "verdict"),
    [
        pytest.param(answer(200, without(JOB, "tenant_id")), "JOB-15", Verdict.WARN, id="no tenant"),
        pytest.param(answer(200, without(JOB, "execution_time_ms")), "JOB-15", Verdict.WARN, id="no time taken"),
        pytest.param(answer(200, without(JOB, "submitted_at")), "GEN-07", Verdict.FAIL, id="not submitted"),
        pytest.param(answer(200, JOB | {"status": "TIMEOUT"}), "JOB-15", Verdict.WARN, id="timeout as a status"),
        pytest.param(answer(200, JOB | {"status": "DONE"}), "GEN-07", Verdict.FAIL, id="unknown status"),
        pytest.param(
            answer(200, QUERY | {"metadata": without(QUERY["metadata"], "total_rows")}, method="POST", path="/queries"),
            "QRY-24",
            Verdict.WARN,
            id="no total",
        ),
        pytest.param(
            answer(500, {"error": {"code": "QUERY_FAILED", "message": "x"}}, method="POST", path="/queries"),
            "QRY-63",
            Verdict.WARN,
            id="failed in the engine",
        ),
        pytest.param(
            answer(404, NOT_FOUND, JSON, method="POST", path="/bulk/jobs"), "ERR-24", Verdict.WARN, id="404 of a table"
        ),
        pytest.param(answer(502, NOT_FOUND, JSON), "ERR-24", Verdict.FAIL, id="502"),
        pytest.param(answer(200, {"job_id": "a"}, path=RESULTS), "BLK-67", Verdict.PASS, id="counters left out"),
        pytest.param(answer(200, JOB, JSON | RATES | {"x-request-id": " "}), "HDR-05", Verdict.PASS, id="request id"),
    ],
)
def test_a_problem_counts_for_what_its_promise_does(one: Answer, requirement: str, verdict: Verdict) -> None:
    path = one.url.removeprefix("https://api.example/v1")
    found = contract.problems(one, path, rate_limited=False)
    outcomes = [Outcome(problem.requirements, "x", "scenarios", problem.verdict) for problem in found]
    levels = {id_: each.level for id_, each in requirements().items()}

    assert by_requirement(outcomes, levels)[requirement] is verdict


def test_a_wrong_code_breaks_the_promise_of_its_status() -> None:
    wrong = answer(409, {"error": {"code": "NOT_FOUND", "message": "x"}}, JSON, path="/jobs/a/results")

    assert {"ERR-02", "ERR-16"} == {
        id_ for one in contract.problems(wrong, "/jobs/a/results", rate_limited=True) for id_ in one.requirements
    }


def test_every_kind_breaks_requirements_that_exist() -> None:
    named = {id_ for ids in contract.KINDS.values() for id_ in ids} | set(contract.BY_STATUS.values())

    assert named <= requirements().keys()


def test_the_description_of_the_kit_is_the_one_of_the_api() -> None:
    assert openapi.document() == yaml.safe_load(openapi.text())
    assert len(openapi.operations()) == 12
