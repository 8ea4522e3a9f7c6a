"""What schemathesis wrote about a run, as outcomes of checks."""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from spectra_conformance import contract, openapi
from spectra_conformance.answer import Answer
from spectra_conformance.contract_layer.promises import BROKEN, Promise, promises
from spectra_conformance.verdicts import Outcome, Verdict

UNDECLARED = "undeclared"
FAILED = "failure"


@dataclass(frozen=True)
class Finding:
    """One breach; `requirements` are those it broke, `complaint` says how."""

    requirements: tuple[str, ...]
    complaint: str
    answer: Answer
    verdict: Verdict = Verdict.FAIL


@dataclass
class Tally:
    """What became of one check on one operation; `findings` holds one breach for each set of requirements."""

    seen: int = 0
    failed: int = 0
    findings: dict[tuple[str, ...], Finding] = field(default_factory=dict)


@dataclass
class Findings:
    """`troubles` are what kept schemathesis from its work; `cases` is how many answers it judged.

    `from_gateway` counts by status the errors that API Gateway worded itself.
    """

    tallies: dict[tuple[str, str], Tally] = field(default_factory=dict)
    troubles: list[str] = field(default_factory=list)
    cases: int = 0
    finished: bool = False
    from_gateway: Counter[int] = field(default_factory=Counter)


def check_id(promise: Promise, operation_id: str) -> str:
    """Return the name of a check on an operation, as `--only` takes it."""
    return f"contract:{promise.code or promise.name}:{operation_id}"


def read(path: Path) -> Findings:
    """Read the events of a run, also of one that was cut short."""
    findings = Findings()
    for event, content in _events(path):
        if event == "ScenarioFinished":
            _add_scenario(findings, content.get("recorder", {}))
        elif event in ("NonFatalError", "FatalError"):
            findings.troubles.append(_trouble(content))
        findings.finished |= event == "EngineFinished"
    return findings


def outcomes(findings: Findings, seed: int) -> Iterator[Outcome]:
    """Yield what each check found: a failure for each set of broken requirements, and what held."""
    for (name, operation_id), tally in findings.tallies.items():
        promise = promises()[name]
        for finding in tally.findings.values():
            yield _failure(promise, operation_id, finding, tally, seed)
        broken = {id_ for ids in tally.findings for id_ in ids}
        held = tuple(id_ for id_ in promise.requirements(operation_id) if id_ not in broken)
        if held:
            note = f"{tally.seen} answers"
            yield Outcome(held, check_id(promise, operation_id), "contract", Verdict.PASS, note=note, seed=seed)


def _events(path: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            try:
                yield next(iter(json.loads(line).items()))
            except ValueError:  # the last line of a process that was killed as it wrote
                return


def _trouble(content: Mapping[str, Any]) -> str:
    value = content.get("value", content.get("exception", content))
    return str(value.get("message", value) if isinstance(value, dict) else value)[:1000]


def _add_scenario(findings: Findings, recorder: Mapping[str, Any]) -> None:
    for interaction in recorder.get("interactions", {}).values():
        response = interaction.get("response") or {}
        headers = {name.lower(): values[0] for name, values in response.get("headers", {}).items()}
        status = response.get("status_code", 0)
        if contract.written_by_gateway(status, headers, _bytes(response.get("content")) or b""):
            findings.from_gateway[status] += 1
    for case_id, checks in recorder.get("checks", {}).items():
        findings.cases += 1
        case = recorder["cases"][case_id]["value"]
        operation_id = _operation_id(case["method"], case["path"])
        for check in checks:
            if check["name"] in promises():
                _add_check(findings, check, operation_id, recorder, case_id)


def _add_check(
    findings: Findings, check: Mapping[str, Any], operation_id: str, recorder: Mapping[str, Any], case_id: str
) -> None:
    tally = findings.tallies.setdefault((check["name"], operation_id), Tally())
    tally.seen += 1
    if check["status"] != FAILED:
        return
    tally.failed += 1
    failure = check["failure_info"]["failure"]
    answer = _answer(recorder, failure.get("case_id") or case_id)
    finding = _finding(promises()[check["name"]], operation_id, failure, answer)
    tally.findings.setdefault(finding.requirements, finding)


def _finding(promise: Promise, operation_id: str, failure: Mapping[str, Any], answer: Answer) -> Finding:
    message = str(failure.get("message") or failure.get("title"))
    named = BROKEN.match(message)
    if named is None:
        return Finding(promise.requirements(operation_id), message, answer)
    verdict = Verdict.WARN if named["warning"] else Verdict.FAIL
    return Finding(tuple(named["requirements"].split(" ")), message[named.end() :], answer, verdict)


def _failure(promise: Promise, operation_id: str, finding: Finding, tally: Tally, seed: int) -> Outcome:
    return Outcome(
        finding.requirements,
        check_id(promise, operation_id),
        "contract",
        finding.verdict,
        expected=promise.name.replace("_", " "),
        actual=f"{finding.complaint}; the answer was {finding.answer.shown}",
        curl=finding.answer.curl,
        note=f"in {tally.failed} of {tally.seen} answers",
        seed=seed,
    )


def _operation_id(method: str, path: str) -> str:
    described = (one for one in openapi.operations() if one.method == method and one.path == path)
    return next((one.operation_id for one in described), UNDECLARED)


def _answer(recorder: Mapping[str, Any], case_id: str) -> Answer:
    interaction = recorder.get("interactions", {}).get(case_id, {})
    request, response = interaction.get("request", {}), interaction.get("response") or {}
    return Answer(
        method=request.get("method", ""),
        url=request.get("uri", ""),
        status=response.get("status_code", 0),
        headers={},
        body=_bytes(response.get("content")) or b"",
        elapsed=response.get("elapsed", 0.0),
        sent_headers={name.lower(): values[0] for name, values in request.get("headers", {}).items()},
        sent_body=_bytes(request.get("body")),
    )


def _bytes(written: object) -> bytes | None:
    return base64.b64decode(written["$base64"]) if isinstance(written, dict) and "$base64" in written else None
