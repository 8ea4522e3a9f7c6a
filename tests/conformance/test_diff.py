"""The workload, played on real deployments and compared."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from spectra_conformance.diff import layer, trace
from spectra_conformance.diff.commands import compare, record
from spectra_conformance.diff.comparison import Difference, differences, noisy, tolerances
from spectra_conformance.diff.masks import masked
from spectra_conformance.diff.player import Player
from spectra_conformance.diff.trace import Record, Trace, TraceError
from spectra_conformance.diff.workload import Step, written
from spectra_conformance.requirements import requirements
from spectra_conformance.target import Target
from spectra_conformance.target_sources import target

from tests.conformance.kit import DEMO, failed, session_on
from tests.conformance.wrapped import Passing, wrapped
from tests.emulator import Emulator

UNLIMITED = dict.fromkeys(("queries", "job_reads", "bulk_creations", "bulk_reads"), 60_000)


def test_the_trace_that_comes_with_the_kit_is_long() -> None:
    assert len(trace.read(layer.golden()).records) > 400


def test_the_workload_keeps_to_its_creations(tmp_path: Path) -> None:
    with session_on("http://127.0.0.1:9", tmp_path, profile="full") as (session, _):
        assert layer.plan(session).calls["bulk_creations"] <= 30


def broken(passing: Passing) -> Passing:
    """Answer 500 where 404 is due, cut a row off, leave out what is null, and let peers in."""
    if passing.path.startswith("/v1/jobs/") and passing.status == 404:
        return replace(passing, status=500)
    if passing.path == "/v1/queries" and passing.status == 200:
        answer = json.loads(passing.body)
        return replace(passing, body=json.dumps({**answer, "data": answer["data"][:-1]}).encode())
    if passing.status == 401:
        return replace(passing, status=200)
    return passing


def test_broken_promises_are_found_and_named(server: Emulator, tmp_path: Path) -> None:
    with (
        wrapped(server.url, broken) as url,
        session_on(url, tmp_path, no_pacing=False, limits=UNLIMITED) as (session, outcomes),
    ):
        layer.run(session)
    assert failed(outcomes) >= {
        "diff:query-constants",
        "diff:query-big",
        "diff:stranger",
        "diff:route",
        "diff:export-csv",
    }
    assert {id_ for outcome in outcomes if outcome.check == "diff:stranger" for id_ in outcome.requirements} == {
        "AUTH-03"
    }


@pytest.fixture(scope="module")
def recorded(server: Emulator, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """Record a sound deployment, and return what was said as well."""
    said: list[str] = []
    path = tmp_path_factory.mktemp("recorded") / "trace.json"
    assert record(read_quickly(server.url), path, said.append) == 0
    return path, said


def read_quickly(url: str) -> Target:
    settings = {"read_only": True, "no_pacing": False, "rate_limits": False, "limits": UNLIMITED}
    return target({**DEMO, "url": f"{url}/v1", **settings})


def test_a_deployment_is_played_twice_to_find_what_is_noisy(recorded: tuple[Path, list[str]]) -> None:
    path, said = recorded

    assert said[0].endswith("steps are noisy")
    assert said[-1] == f"{len(trace.read(path).records)} steps in {path}"


def test_a_difference_is_told_with_its_requirement(server: Emulator, recorded: tuple[Path, list[str]]) -> None:
    said: list[str] = []
    with wrapped(server.url, broken) as url:
        assert compare(read_quickly(url), recorded[0], said.append) == 1
    told = {line.partition(":")[0] for line in said}

    assert any(line.startswith("AUTH-03  stranger-wrong-key-list") for line in told)


def test_the_trace_that_comes_with_the_kit_is_what_the_emulator_answers_today(recorded: tuple[Path, list[str]]) -> None:
    today, kept = trace.read(recorded[0]).records, trace.read(layer.golden()).records
    stale = [name for name, one in today.items() if (one.status, one.body) != (kept[name].status, kept[name].body)]

    assert stale == [], "record it anew: spectra-conformance record"


STEP = Step("one", "GET", "/x", "query", "QRY-40")


def both(step: Step, expected: Record, actual: Record, *, promised: bool) -> list[Difference]:
    return list(
        differences(Trace({step.name: expected}), Trace({step.name: actual}, {step.name: step}), promised=promised)
    )


def answer(status: int = 200, body: Any = None) -> Record:
    return Record(status, body or {}, ["application/json"])


TOLERATED = (
    pytest.param("AUTH-03", answer(401), answer(403), id="forbidden for unauthorized"),
    pytest.param("TEN-02", answer(404), answer(403), id="forbidden for another tenant's job"),
    pytest.param("JOB-23", answer(409), answer(404), id="no results yet"),
    pytest.param("QRY-40", answer(), answer(200, {"more": 1}), id="another member"),
    pytest.param(
        "QRY-40",
        answer(200, {"metadata": {"total_rows": 1000, "row_count": 1, "truncated": True}}),
        answer(200, {"metadata": {"total_rows": 2, "row_count": 1, "truncated": True}}),
        id="more rows than were counted",
    ),
    pytest.param(
        "SQL-02",
        answer(400, {"error": {"code": "SQL_BLOCKED"}}),
        answer(400, {"error": {"code": "INVALID_SQL"}}),
        id="code",
    ),
    pytest.param("BLK-22", answer(409), answer(400), id="bad request for a conflict"),
)


@pytest.mark.parametrize(("promise", "expected", "actual"), TOLERATED)
def test_a_run_does_not_blame_what_the_contract_leaves_open(promise: str, expected: Record, actual: Record) -> None:
    assert both(replace(STEP, promise=promise), expected, actual, promised=True) == []
    assert both(replace(STEP, promise=promise), expected, actual, promised=False) != []


BROKEN = (
    pytest.param("JOB-16", answer(404), answer(500), "JOB-16", id="status"),
    pytest.param("QRY-40", answer(200, {"data": [1]}), answer(200, {"data": ["1"]}), "QRY-20", id="type of a value"),
    pytest.param(
        "QRY-40", answer(200, {"data": [1]}), answer(200, {"data": [True]}), "QRY-20", id="boolean for a number"
    ),
    pytest.param(
        "QRY-60",
        answer(400, {"error": {"code": "INVALID_SQL"}}),
        answer(400, {"error": {"code": "X"}}),
        "QRY-60",
        id="code",
    ),
    pytest.param(
        "QRY-40",
        answer(200, {"metadata": {"truncated": True}}),
        answer(200, {"metadata": {}}),
        "QRY-25",
        id="absent member",
    ),
)


UNTOLERATED = (
    pytest.param("SQL-02", 400, 403, id="blocked as forbidden"),
    pytest.param("SQL-05", 400, 200, id="stacked statements run"),
    pytest.param("BLK-21", 400, 409, id="a state of its own as a conflict"),
    pytest.param("BLK-22", 409, 200, id="a conflict taken"),
    pytest.param("JOB-23", 409, 200, id="rows before the end"),
    pytest.param("JOB-25", 409, 404, id="an import that is not there"),
    pytest.param("TEN-02", 404, 200, id="another tenant's job"),
    pytest.param("AUTH-03", 401, 200, id="a stranger served"),
    pytest.param("BLK-72", 400, 500, id="a server error"),
)


@pytest.mark.parametrize(("promise", "expected", "actual"), UNTOLERATED)
def test_no_tolerance_hides_a_broken_must(promise: str, expected: int, actual: int) -> None:
    (found,) = both(replace(STEP, promise=promise), answer(expected), answer(actual), promised=True)
    assert found.requirements == (promise,)


@pytest.mark.parametrize("code", ["INVALID_REQUEST", "INTERNAL_ERROR", None])
@pytest.mark.parametrize("promise", ["BLK-22", "TEN-02", "JOB-23", "SQL-03", "GEN-09"])
def test_no_tolerance_hides_a_wrong_code(promise: str, code: str | None) -> None:
    expected, actual = (answer(400, {"error": {"code": one}}) for one in ("SQL_BLOCKED", code))
    (found,) = both(replace(STEP, promise=promise), expected, actual, promised=True)
    assert found.place == "error.code"


@pytest.mark.parametrize(
    ("kind", "member", "expected"), [("bulk-job", "state", "JobComplete"), ("job", "status", "COMPLETED")]
)
def test_a_job_that_failed_is_no_job_that_is_complete(kind: str, member: str, expected: str) -> None:
    step = replace(STEP, kind=kind, promise="BLK-40")
    found = both(step, answer(200, {member: expected}), answer(200, {member: "Failed"}), promised=True)
    assert [difference.place for difference in found] == [member]


@pytest.mark.parametrize(("promise", "expected", "actual", "named"), BROKEN)
def test_a_run_blames_what_the_contract_promises(promise: str, expected: Record, actual: Record, named: str) -> None:
    found = both(replace(STEP, promise=promise), expected, actual, promised=True)
    assert [difference.requirements[0] for difference in found] == [named]


def test_a_step_that_differs_from_itself_is_noisy() -> None:
    first, second = (Trace({"one": answer(200, {"data": [n]})}, {"one": STEP}) for n in (1, 2))
    assert noisy(first, second) == {"one"}


def test_what_changes_from_run_to_run_is_masked() -> None:
    told = {"job_id": "1", "created_at": "2026", "download_url": "http://x", "message": "x", "error": None, "n": 1}
    kept = {
        "job_id": "<id>",
        "created_at": "<time>",
        "download_url": "<link>",
        "message": "<text>",
        "error": None,
        "n": 1,
    }
    assert masked(told) == kept


def test_what_only_the_emulator_sends_makes_no_difference() -> None:
    sent = {"error": {"code": "CONFLICT", "details": {"status": "RUNNING", "help_url": "http://127.0.0.1:8439/x"}}}
    without = {"error": {"code": "CONFLICT", "details": {"status": "RUNNING"}}}

    assert masked(sent) == masked(without)
    assert masked({"help_url": "http://x"}) == {"help_url": "<link>"}


def test_a_long_list_is_kept_as_its_hash() -> None:
    assert masked(list(range(100)))[:3] == [100, 0, 99]
    assert masked(list(range(100)))[3] != masked([*range(99), 98])[3]


def test_a_file_that_is_no_trace_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("{}")
    with pytest.raises(TraceError, match="no trace of format 1"):
        trace.read(tmp_path / "x.json")


def test_every_requirement_that_the_workload_names_exists() -> None:
    named = {id_ for ids in layer.deciders().values() for id_ in ids}
    assert (
        named | tolerances()["statuses"].keys() | set(tolerances()["any_code"]) | tolerances()["codes"].keys()
        <= requirements().keys()
    )


def test_the_trace_holds_the_whole_workload(tmp_path: Path) -> None:
    recorded = trace.read(layer.golden()).records
    with session_on("http://127.0.0.1:9", tmp_path, profile="full") as (session, _):
        player = Player(session, lambda step: step.name not in recorded and step.kind != "created")
        assert player.play().records == {}
    assert {name.partition("-create")[0] for name in recorded if name.endswith("-create")} == written()["lives"].keys()
