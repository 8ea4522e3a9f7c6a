"""Request bodies, from the wire to their shapes."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterable
from typing import Any

import msgspec
import pytest
from spectra_emulator.api.body import Body, parsed, read_body
from spectra_emulator.api.shapes import BulkJobBody, QueryBody
from spectra_emulator.domain.errors import InvalidRequest, PayloadTooLarge

from tests.requirements import requirement


def read(chunks: Iterable[bytes], max_bytes: int) -> tuple[Body, int]:
    """Read a body that comes in chunks; return it and how many of them were taken."""
    waiting = list(chunks)
    taken: list[bytes] = []

    async def receive() -> Any:
        taken.append(waiting[len(taken)])
        return {"type": "http.request", "body": taken[-1], "more_body": len(taken) < len(waiting)}

    return asyncio.run(read_body(receive, max_bytes)), len(taken)


def body(content: bytes, *, too_large: bool = False) -> Body:
    return Body(content, hashlib.sha256(content).hexdigest(), too_large)


def refusal(content: bytes, shape: type = QueryBody, content_type: str | None = "application/json") -> InvalidRequest:
    with pytest.raises(InvalidRequest) as refused:
        parsed(body(content), content_type, shape)
    return refused.value


@pytest.mark.parametrize("chunks", [[b"abcdef"], [b"ab", b"", b"cdef"], [b"a"] * 3 + [b"def"]], ids=repr)
def test_a_body_in_chunks_is_read_whole(chunks: list[bytes]) -> None:
    whole = b"".join(chunks)

    assert read(chunks, max_bytes=6)[0] == body(whole)


@requirement("LIM-05", "ERR-17")
def test_a_body_over_the_limit_is_read_to_its_end_and_not_kept() -> None:
    found, taken = read([b"abc", b"def", b"g"], max_bytes=6)

    assert (found.content, found.too_large, taken) == (b"", True, 3)


def test_a_body_far_over_the_limit_is_not_read_to_its_end() -> None:
    found, taken = read([b"x" * 2**20] * 100, max_bytes=6)

    assert (found.too_large, taken) == (True, 65)


def test_a_client_that_goes_away_ends_the_body() -> None:
    async def receive() -> Any:
        return {"type": "http.disconnect"}

    assert asyncio.run(read_body(receive, 6)) == body(b"")


def test_a_million_tiny_chunks_take_no_longer_than_their_bytes_deserve() -> None:
    found, taken = read([b"x"] * 300_000, max_bytes=2**20)

    assert (len(found.content), taken) == (300_000, 300_000)


@requirement("LIM-05", "ERR-17")
def test_a_body_over_the_limit_is_refused_before_anything_else_of_it_is_judged() -> None:
    with pytest.raises(PayloadTooLarge):
        parsed(body(b"", too_large=True), "text/html", QueryBody)


@requirement("GEN-02", "GEN-03")
@pytest.mark.parametrize(
    "content_type", ["application/json", "application/json; charset=utf-8", "Application/JSON", " application/json ;x"]
)
def test_json_is_accepted_with_parameters_and_in_any_case(content_type: str) -> None:
    assert parsed(body(b'{"sql":"SELECT 1"}'), content_type, QueryBody).sql == "SELECT 1"


@requirement("GEN-03")
@pytest.mark.parametrize(
    "content_type", [None, "", "text/plain", "application/x-www-form-urlencoded", "application/jsonp"]
)
def test_another_content_type_is_refused_by_name(content_type: str | None) -> None:
    error = refusal(b'{"sql":"SELECT 1"}', content_type=content_type)

    assert error.details == {"field": "Content-Type"}


@requirement("QRY-08", "GEN-02")
@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="none"),
        pytest.param(b"{", id="cut off"),
        pytest.param(b"SELECT 1", id="no JSON"),
        pytest.param(b"[]", id="an array"),
        pytest.param(b"null", id="null"),
        pytest.param(b'"text"', id="a string"),
        pytest.param(b'{"sql":"SELECT 1"} {}', id="two objects"),
        pytest.param(b'{"sql":"\x00"}', id="a raw NUL"),
        pytest.param(b'{"sql":"\xff"}', id="not UTF-8"),
        pytest.param(b'{"sql":"SELECT 1","x":' + b"[" * 100_000 + b"]" * 100_000 + b"}", id="nested deeply"),
        pytest.param(b"[" * 100_000, id="100,000 brackets"),
    ],
)
def test_what_is_no_json_object_is_refused(content: bytes) -> None:
    assert refusal(content).details["field"] in {"body", "sql"}


@requirement("QRY-05", "QRY-06", "GEN-08", "BLK-15")
@pytest.mark.parametrize(
    ("shape", "content", "field"),
    [
        pytest.param(QueryBody, {}, "sql", id="sql missing"),
        pytest.param(QueryBody, {"sql": None}, "sql", id="sql null"),
        pytest.param(QueryBody, {"sql": 1}, "sql", id="sql a number"),
        pytest.param(QueryBody, {"sql": "x", "parameters": []}, "parameters", id="parameters an array"),
        pytest.param(QueryBody, {"sql": "x", "parameters": {"limit": 0}}, "parameters.limit", id="limit 0"),
        pytest.param(QueryBody, {"sql": "x", "parameters": {"limit": 10_001}}, "parameters.limit", id="limit 10001"),
        pytest.param(QueryBody, {"sql": "x", "parameters": {"limit": "5"}}, "parameters.limit", id="limit a string"),
        pytest.param(QueryBody, {"sql": "x", "parameters": {"limit": True}}, "parameters.limit", id="limit true"),
        pytest.param(QueryBody, {"sql": "x", "parameters": {"limit": 1.5}}, "parameters.limit", id="limit a fraction"),
        pytest.param(
            QueryBody, {"sql": "x", "parameters": {"timeout_seconds": 301}}, "parameters.timeout_seconds", id="301 s"
        ),
        pytest.param(
            QueryBody, {"sql": "x", "parameters": {"timeout_seconds": None}}, "parameters.timeout_seconds", id="null s"
        ),
        pytest.param(BulkJobBody, {"operation": "insert"}, "object", id="object missing"),
        pytest.param(BulkJobBody, {"operation": "insert", "object": "a b"}, "object", id="object no name"),
        pytest.param(BulkJobBody, {"operation": "insert", "object": "a--"}, "object", id="object a comment"),
        pytest.param(BulkJobBody, {"operation": "insert", "object": "a.b.c"}, "object", id="object too deep"),
        pytest.param(BulkJobBody, {"operation": "insert", "object": "a\n"}, "object", id="object with a line end"),
        pytest.param(BulkJobBody, {"operation": "insert", "object": "a" * 257}, "object", id="object too long"),
        pytest.param(
            BulkJobBody, {"operation": "insert", "object": "a", "column_delimiter": ",,"}, "column_delimiter", id="two"
        ),
        pytest.param(
            BulkJobBody,
            {"operation": "insert", "object": "a", "column_mappings": [{"source_column": "x"}]},
            "column_mappings[0].target_column",
            id="deep inside",
        ),
    ],
)
def test_a_wrong_member_is_named_by_its_path(shape: type, content: dict[str, object], field: str) -> None:
    assert refusal(msgspec.json.encode(content), shape).details == {"field": field}


@pytest.mark.parametrize(
    ("shape", "content", "message"),
    [
        (QueryBody, {}, "sql is required"),
        (QueryBody, {"sql": None}, "sql must be a string, not null"),
        (QueryBody, [], "The request body must be an object, not an array"),
        (QueryBody, {"sql": "x", "parameters": []}, "parameters must be an object or null, not an array"),
        (QueryBody, {"sql": "x", "parameters": {"limit": 0}}, "parameters.limit must be at least 1"),
        (BulkJobBody, {"object": "a"}, "operation is required"),
        (
            BulkJobBody,
            {"operation": "insert", "object": "a", "external_id_field": None},
            "external_id_field must be the name of a column, such as id",
        ),
        (
            BulkJobBody,
            {"operation": "insert", "object": "a", "column_mappings": [{"source_column": "", "target_column": "b"}]},
            "column_mappings[0].source_column must have a length of at least 1",
        ),
    ],
)
def test_a_wrong_member_is_explained_in_words(shape: type, content: object, message: str) -> None:
    assert refusal(msgspec.json.encode(content), shape).message == message


@requirement("GEN-06", "QRY-10")
def test_unknown_members_are_ignored() -> None:
    found = parsed(body(b'{"sql":"SELECT 1","timeout_seconds":5,"metadata":{}}'), "application/json", QueryBody)

    assert found == QueryBody("SELECT 1")


@requirement("QRY-02")
@pytest.mark.parametrize("parameters", [b"null", b"{}"])
def test_parameters_may_be_null_or_empty(parameters: bytes) -> None:
    found = parsed(body(b'{"sql":"SELECT 1","parameters":%b}' % parameters), "application/json", QueryBody)

    assert found.parameters is None or found.parameters.limit == 10_000
