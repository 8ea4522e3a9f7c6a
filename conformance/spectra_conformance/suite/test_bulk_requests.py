"""What a bulk job may be asked for."""

from __future__ import annotations

import pytest

from spectra_conformance.client import Client
from spectra_conformance.suite.asides import hold, note
from spectra_conformance.suite.asking import NOWHERE
from spectra_conformance.suite.refusals import assert_code_fits, assert_refused, hold_field
from spectra_conformance.suite.registry import decides
from spectra_conformance.suite.test_bulk_jobs import EXPORT, INSERT

CREATED, BAD_REQUEST = 201, 400

WRONG: dict[str, tuple[dict[str, object], str]] = {
    "no-operation": ({"object": NOWHERE, "query": "SELECT 1 AS a"}, "operation"),
    "unknown-operation": ({**INSERT, "operation": "truncate"}, "operation"),
    "no-query": ({"operation": "query", "object": NOWHERE}, "query"),
    "unknown-format": ({**EXPORT, "content_type": "XML"}, "content_type"),
}
MORE_WRONG: dict[str, tuple[dict[str, object], str]] = {
    "unknown-compression": ({**EXPORT, "compression": "ZIP"}, "compression"),
    "no-object": ({"operation": "insert"}, "object"),
    "operation-in-capitals": ({**INSERT, "operation": "INSERT"}, "operation"),
    "empty-query": ({**EXPORT, "query": ""}, "query"),
    "blank-query": ({**EXPORT, "query": "  "}, "query"),
    "format-in-small-letters": ({**EXPORT, "content_type": "csv"}, "content_type"),
    "empty-object": ({**INSERT, "object": ""}, "object"),
    "object-with-a-semicolon": ({**INSERT, "object": f"{NOWHERE}; x"}, "object"),
}


@pytest.mark.parametrize("case", WRONG)
@decides("BLK-01", "BLK-02", "BLK-03", "BLK-04", "BLK-06", "BLK-15", "ERR-10", bulk_creations=1, queries=0)
def test_a_bulk_job_with_a_wrong_member_is_refused(either: Client, case: str) -> None:
    assert_wrong(either, *WRONG[case])


@pytest.mark.parametrize("case", MORE_WRONG)
@decides(
    "BLK-01", "BLK-03", "BLK-04", "BLK-05", "BLK-06", "BLK-15", "ERR-10", profile="full", bulk_creations=1, queries=0
)
def test_a_bulk_job_with_a_slightly_wrong_member_is_refused(either: Client, case: str) -> None:
    assert_wrong(either, *MORE_WRONG[case])


def assert_wrong(owner: Client, members: dict[str, object], field: str) -> None:
    """Assert that a creation is refused for one of its members."""
    answer = owner.bulk(**members)
    assert answer.status == BAD_REQUEST, answer.shown
    assert answer.code in {"INVALID_REQUEST", "INVALID_SQL"}, answer.shown
    hold("BLK-15", answer.code, "INVALID_REQUEST", "error.code")
    hold_field(answer, "BLK-05", field)


@pytest.mark.parametrize(
    ("members", "field"),
    [
        pytest.param({**INSERT, "object": "a b"}, "object", id="object-with-a-blank"),
        pytest.param({**INSERT, "object": "a.b.c"}, "object", id="object-of-three-parts"),
        pytest.param({**INSERT, "object": "t" * 257}, "object", id="object-of-257"),
        pytest.param({"operation": "query", "query": "SELECT 1 AS a"}, "object", id="export-without-object"),
    ],
)
@decides("BLK-05", "BLK-16", profile="full", bulk_creations=1, queries=0)
def test_an_object_that_is_no_table_is_refused(either: Client, members: dict[str, object], field: str) -> None:
    answer = either.bulk(**members)

    hold("BLK-05", answer.status, BAD_REQUEST, "status")
    if answer.status != CREATED:
        assert_refused(answer, "INVALID_REQUEST")
        hold_field(answer, "BLK-05", field)


@pytest.mark.parametrize("members", [{"object": "t" * 256}, {"object": "_t.Spectra_1$"}])
@decides("BLK-05", "BLK-02", profile="full", bulk_creations=1, queries=0)
def test_an_object_may_be_any_table(either: Client, members: dict[str, str]) -> None:
    answer = either.bulk(operation="insert", **members)

    assert (answer.status, answer.json()["object"]) == (CREATED, members["object"]), answer.shown


OPTIONS: dict[str, tuple[dict[str, object], bool]] = {
    "all-of-them": (
        {
            "operation": "upsert",
            "object": f"{NOWHERE}.Spectra_1$",
            "external_id_field": "a_1",
            "line_ending": "CRLF",
            "column_delimiter": "|",
            "column_mappings": [{"source_column": "a", "target_column": "b"}],
        },
        True,
    ),
    "unknown-line-ending": ({**INSERT, "line_ending": "CR"}, False),
    "quote-as-delimiter": ({**INSERT, "column_delimiter": '"'}, False),
    "transform": (
        {**INSERT, "column_mappings": [{"source_column": "a", "target_column": "b", "transform": "upper"}]},
        False,
    ),
    "zstd": ({**INSERT, "compression": "ZSTD"}, False),
}


@pytest.mark.parametrize("case", OPTIONS)
@decides("BLK-07", "BLK-08", "BLK-09", "BLK-10", "BLK-11", profile="full", bulk_creations=1, queries=0)
def test_options_are_taken_and_wrong_ones_refused(either: Client, case: str) -> None:
    members, taken = OPTIONS[case]

    assert either.bulk(**members).status == (CREATED if taken else BAD_REQUEST)


@decides("BLK-16", profile="full", bulk_creations=1, queries=0)
def test_a_query_given_with_another_operation_is_ignored(either: Client) -> None:
    answer = either.bulk(**INSERT, query="SELECT 1 AS a")

    assert (answer.status, answer.json()["operation"], answer.json()["state"]) == (CREATED, "insert", "Open")


@pytest.mark.parametrize("content", [b"{", b"[]"])
@decides("BLK-15", "GEN-02", "ERR-10", bulk_creations=1, queries=0, profile="full")
def test_a_creation_without_a_json_object_is_refused(either: Client, content: bytes) -> None:
    answer = either.post("/bulk/jobs", content=content, headers={"content-type": "application/json"})

    assert_refused(answer, "INVALID_REQUEST")


@decides("BLK-03", "LIM-06", "SQL-18", profile="full", bulk_creations=2, queries=0)
def test_the_query_of_a_bulk_job_has_a_longest_length(either: Client) -> None:
    start, end = "SELECT LEN('", "') AS n"
    fits = f"{start}{'x' * 49_000}') + LEN('{'y' * (100_000 - len(start) - 49_000 - 10 - len(end))}{end}"
    taken, refused = (either.bulk(operation="query", object=NOWHERE, query=sql) for sql in (fits, fits + " "))

    assert (len(fits), taken.status) == (100_000, CREATED), taken.shown
    if refused.status == CREATED:
        note("blanks at the end do not count")
        return
    assert refused.status in {BAD_REQUEST, 413}, refused.shown
    assert_code_fits(refused)
