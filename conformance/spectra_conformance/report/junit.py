"""The report as JUnit XML: one test case a requirement, one suite a chapter."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import groupby
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from spectra_conformance.report.wording import again
from spectra_conformance.results import Result, Results
from spectra_conformance.verdicts import Verdict

_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_KINDS = {Verdict.FAIL: "failure", Verdict.ERROR: "error"}


def written(results: Results) -> str:
    """Return the report as XML; a waived requirement and a warning count as passed, with their text as output."""
    whole = Element("testsuites", name="spectra-conformance", time=f"{results.circumstances.seconds:.3f}")
    for chapter, group in groupby(results.results, key=lambda result: result.requirement.chapter):
        _suite(whole, chapter, list(group))
    indent(whole)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(whole, encoding="unicode") + "\n"


def _suite(whole: Element, chapter: str, results: list[Result]) -> None:
    counted = [result.verdict for result in results if result.counts]
    suite = SubElement(
        whole,
        "testsuite",
        name=chapter,
        tests=str(len(results)),
        failures=str(counted.count(Verdict.FAIL)),
        errors=str(counted.count(Verdict.ERROR)),
        skipped=str(counted.count(Verdict.NOT_APPLICABLE)),
    )
    for result in results:
        _case(suite, result)


def _case(suite: Element, result: Result) -> None:
    requirement = result.requirement
    seconds = sum(outcome.seconds for outcome in result.outcomes)
    name = f"{requirement.id} {requirement.promise}"
    case = SubElement(suite, "testcase", classname=requirement.chapter, name=_clean(name), time=f"{seconds:.3f}")
    kind = _KINDS.get(result.verdict)
    if kind and result.counts:
        SubElement(case, kind, message=_clean(f"{requirement.level}: {requirement.promise}")).text = _told(result)
    elif result.verdict is Verdict.NOT_APPLICABLE:
        SubElement(case, "skipped", message=_clean(result.reason))
    elif result.broken:
        SubElement(case, "system-out").text = _told(result)


def _told(result: Result) -> str:
    waived = [f"waived until {result.waiver.expires}: {result.waiver.reason}"] if result.waiver else []
    return _clean("\n\n".join([*waived, *_evidence(result)]))


def _evidence(result: Result) -> Iterable[str]:
    for one in result.broken:
        yield f"expected: {one.expected}\ncame: {one.actual}\n{one.curl}\nrepeat with {again(one)}"


def _clean(text: str) -> str:
    """Return a text without what XML cannot hold."""
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)
