"""What a request's body and its type may be."""

from __future__ import annotations

import json

import pytest

from spectra_conformance.client import Client
from spectra_conformance.suite.asking import exact
from spectra_conformance.suite.refusals import assert_code_fits, assert_refused, hold_field
from spectra_conformance.suite.registry import decides
from spectra_conformance.suite.test_queries import JSON

OK, BAD_REQUEST, UNSUPPORTED = 200, 400, 415


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"{", id="half"),
        pytest.param(b"SELECT 1", id="no-json"),
        pytest.param(b"[]", id="list"),
        pytest.param(b"null", id="null"),
        pytest.param(b'"SELECT 1"', id="text"),
        pytest.param(b"42", id="number"),
        pytest.param(b'{"sql": "SELECT 1 AS a"} x', id="more-after-it"),
        pytest.param(b'{"sql": "\xff\xfe"}', id="no-utf-8"),
        pytest.param(b"{'sql': 'SELECT 1 AS a'}", id="single-quotes"),
    ],
)
@decides("QRY-08", "GEN-02", "ERR-10", writes=True)
def test_a_body_that_is_no_json_object_is_refused(owner: Client, content: bytes) -> None:
    answer = owner.post("/queries", content=content, headers={"content-type": JSON})

    assert_refused(answer, "INVALID_REQUEST")


@pytest.mark.parametrize("content_type", [f"{JSON}; charset=utf-8", "Application/JSON", f"{JSON};charset=UTF-8"])
@decides("GEN-03", "GEN-02", profile="full")
def test_parameters_of_the_content_type_are_accepted(owner: Client, content_type: str) -> None:
    content = json.dumps({"sql": "SELECT 'é' AS a"}, ensure_ascii=False).encode()
    answer = owner.post("/queries", content=content, headers={"content-type": content_type})

    assert exact(answer)["data"] == [{"a": "é"}]


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "application/jsonx", None])
@decides("GEN-03", "ERR-10", writes=True)
def test_another_content_type_is_refused(owner: Client, content_type: str | None) -> None:
    answer = owner.post("/queries", content=b'{"sql": "SELECT 1 AS a"}', headers={"content-type": content_type})

    assert_refused(answer, "INVALID_REQUEST", tolerated={OK, UNSUPPORTED})
    if answer.status == BAD_REQUEST:
        hold_field(answer, "GEN-03", "Content-Type")


@pytest.mark.parametrize(
    ("sql", "accepted"),
    [
        pytest.param("SELECT '\\ud800' AS a", True, id="lone-surrogate"),
        pytest.param("SELECT '\\u0000' AS a", True, id="nul"),
        pytest.param("\\u0000", False, id="nul-alone"),
        pytest.param("SELECT \\u0001", False, id="control"),
    ],
)
@decides("GEN-02", "SQL-19", "QRY-60", writes=True, profile="full")
def test_odd_characters_are_no_server_error(owner: Client, sql: str, accepted: bool) -> None:
    answer = owner.post("/queries", content=f'{{"sql": "{sql}"}}'.encode(), headers={"content-type": JSON})

    assert answer.status in ({OK, BAD_REQUEST} if accepted else {BAD_REQUEST}), answer.shown
    assert_code_fits(answer)


@decides("GEN-02", "QRY-08", writes=True, profile="full")
def test_a_deeply_nested_body_is_no_server_error(owner: Client) -> None:
    nested = b'{"sql": ' + b"[" * 5000 + b"]" * 5000 + b"}"
    answer = owner.post("/queries", content=nested, headers={"content-type": JSON})

    assert_refused(answer, "INVALID_REQUEST")
