"""The workload, played on real deployments and compared."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
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
from spectra_conformance.target_sources import target
from spectra_conformance.verdicts import Outcome

from tests.conformance.kit import DEMO, failed, session_on, unhappy
from tests.conformance.wrapped import Passing, wrapped
from tests.emulator import Emulator


@dataclass(frozen=True)
class PlayedRun:
    outcomes: list[Outcome]
    creations_planned: int
    creations_sent: int
    steps: int


@pytest.fixture(scope="module")
def played(server: Emulator, tmp_path_factory: pytest.TempPathFactory) -> PlayedRun:
    """Run the layer with all of its workload on a sound deployment."""
    with session_on(server.url, tmp_path_factory.mktemp("diff"), profile="full") as (session, outcomes):
        layer.run(session)
        sent = session.wire.pacer.calls[f"{DEMO['tenant']} bulk_creations"]
        return PlayedRun(
            outcomes, layer.plan(session).calls["bulk_creations"], sent, len(trace.read(layer.golden()).records)
        )


def test_a_sound_deployment_answers_as_the_trace_that_comes_with_the_kit(played: PlayedRun) -> None:
    assert unhappy(played.outcomes) == []
    assert {outcome.check for outcome in played.outcomes} == layer.deciders().keys()


def test_the_workload_keeps_to_its_creations(played: PlayedRun) -> None:
    assert played.creations_sent == played.creations_planned <= 30


def test_the_workload_is_long(played: PlayedRun) -> None:
    assert played.steps > 400


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
    with wrapped(server.url, broken) as url, session_on(url, tmp_path, profile="standard") as (session, outcomes):
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


def test_a_read_only_run_sends_reads_alone(server: Emulator, tmp_path: Path) -> None:
    seen: list[tuple[str, str]] = []

    def note(passing: Passing) -> Passing:
        seen.append((passing.method, passing.path))
        return passing

    with wrapped(server.url, note) as url, session_on(url, tmp_path, read_only=True) as (session, outcomes):
        layer.run(session)
    assert {path for method, path in seen if method != "GET"} == {"/v1/queries"}
    assert unhappy(outcomes) == []


def test_two_deployments_that_are_alike_do_not_differ(server: Emulator, tmp_path: Path) -> None:
    said: list[str] = []
    one = target({**DEMO, "url": f"{server.url}/v1", "profile": "standard", "read_only": True})
    assert record(one, tmp_path / "trace.json", said.append) == 0
    assert compare(one, tmp_path / "trace.json", said.append) == 0
    assert said[0].endswith("steps are noisy")
    assert "0 differences" in said[-1]


def test_a_difference_is_told_with_its_requirement(server: Emulator) -> None:
    said: list[str] = []
    with wrapped(server.url, broken) as url:
        sound, other = (target({**DEMO, "url": f"{at}/v1", "read_only": True}) for at in (server.url, url))
        assert compare(sound, other, said.append) == 1
    assert any(line.startswith("AUTH-03  stranger-wrong-key-list") for line in said)


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


def test_a_long_list_is_kept_as_its_hash() -> None:
    assert masked(list(range(100)))[:3] == [100, 0, 99]
    assert masked(list(range(100)))[3] != masked([*range(99), 98])[3]


def test_a_file_that_is_no_trace_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("{}")
    with pytest.raises(TraceError, match="no trace of format 1"):
        trace.read(tmp_path / "x.json")


def test_every_requirement_that_the_workload_names_exists() -> None:
    named = {id_ for ids in layer.deciders().values() for id_ in ids}
    assert named | tolerances()["statuses"].keys() | set(tolerances()["any_code"]) <= requirements().keys()


def test_the_trace_holds_the_whole_workload(tmp_path: Path) -> None:
    recorded = trace.read(layer.golden()).records
    with session_on("http://127.0.0.1:9", tmp_path, profile="full") as (session, _):
        player = Player(session, lambda step: step.name not in recorded and step.kind != "created")
        assert player.play().records == {}
    assert {name.partition("-create")[0] for name in recorded if name.endswith("-create")} == written()["lives"].keys()
