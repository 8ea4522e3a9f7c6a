"""Every report tells the same run: the verdicts, the evidence, and how to see it again."""

from __future__ import annotations

import json
import re
from datetime import date
from xml.etree import ElementTree as ET

import pytest
from spectra_conformance.report.console import summary
from spectra_conformance.report.files import FILES
from spectra_conformance.requirements import requirements
from spectra_conformance.results import Results, judged
from spectra_conformance.verdicts import Outcome, Verdict
from spectra_conformance.waivers import Waiver

from tests.conformance.circumstances import CIRCUMSTANCES

CURL = "curl -X GET -H 'x-tenant-id: t' https://api.example/v1/jobs/a"
FAILED = Outcome(
    ("GEN-04", "GEN-09"),
    "jobs.an_unknown_job_is_not_found",
    "scenarios",
    Verdict.FAIL,
    expected="application/json",
    actual="text/html: <script>alert('x')</script> | \x00",
    curl=CURL,
    seed=7,
)
HELD = Outcome(("GEN-07",), "answer:missing-member", "scenarios", Verdict.PASS, note="held on 40 answers")
SKIPPED = Outcome(("TEN-01",), "tenants.apart", "scenarios", Verdict.NOT_APPLICABLE, note="no second tenant")
WAIVED = Outcome(("GEN-13",), "answer:unpromised-status", "scenarios", Verdict.FAIL, actual="202")
WAIVER = Waiver("GEN-13", "until the migration", date(2999, 1, 1))
RESULTS = Results(
    CIRCUMSTANCES, judged([FAILED, HELD, SKIPPED, WAIVED], requirements(), {}, [WAIVER]), ("a waiver expired",)
)
WRITTEN = {name: written(RESULTS) for name, written in FILES.items()} | {"console": summary(RESULTS)}


@pytest.mark.parametrize("name", WRITTEN)
def test_a_report_shows_a_failure_with_its_evidence(name: str) -> None:
    told = WRITTEN[name].replace("&#x27;", "'").replace("&gt;", ">")

    for text in ("GEN-04", "application/json", "jobs.an_unknown_job_is_not_found", CURL, "until the migration"):
        assert text in told


@pytest.mark.parametrize("name", ["console", "html", "junit", "markdown"])
def test_a_report_for_people_says_how_to_see_a_failure_again(name: str) -> None:
    assert "--only 'jobs.an_unknown_job_is_not_found' --seed 7" in WRITTEN[name].replace("&#x27;", "'")


def test_the_json_report_is_versioned_and_says_what_a_rerun_needs() -> None:
    report = json.loads(WRITTEN["json"])
    run = report["run"]

    assert (report["schema_version"], report["exit_code"], report["waiver_complaints"]) == (1, 1, ["a waiver expired"])
    assert (run["kit_version"], run["contract_sha256"], run["schemathesis_version"]) == ("0.1.0", "c0ffee", "4.32.5")
    assert (run["seed"], run["profile"]) == (7, "standard")
    assert run["capabilities"][0] == {"name": "jwt", "declared": True, "found": False, "shown": "401"}


def test_the_json_report_has_every_requirement_with_its_verdict() -> None:
    verdicts = {one["id"]: one["verdict"] for one in json.loads(WRITTEN["json"])["requirements"]}

    assert verdicts.keys() == requirements().keys()
    assert [verdicts[id_] for id_ in ("GEN-04", "GEN-09", "GEN-07", "TEN-01")] == [
        "fail",
        "warn",
        "pass",
        "not-applicable",
    ]


def test_the_junit_report_has_a_case_for_every_requirement() -> None:
    suites = ET.fromstring(WRITTEN["junit"].encode())
    failed = [case.get("name", "").split()[0] for case in suites.iter("testcase") if case.find("failure") is not None]

    assert len(list(suites.iter("testcase"))) == len(requirements())
    assert failed == ["GEN-04"]


def test_the_page_needs_no_network_and_runs_nothing_from_a_deployment() -> None:
    page = WRITTEN["html"]

    assert re.findall(r"""(?:src|href)\s*=|url\(|@import|fetch\(""", page) == []
    assert "<script>alert" not in page
    assert page.count("<details") == len(requirements())


def test_a_cell_of_the_summary_stays_a_cell() -> None:
    (row,) = [line for line in WRITTEN["markdown"].splitlines() if "GEN-04 MUST" in line]

    assert len(re.split(r"(?<!\\)\|", row)) == 7
    assert "<script>" not in row
