"""Pages of bulk jobs."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest
from litestar.datastructures import MultiDict
from spectra_emulator.api.paging import page, wanted_page
from spectra_emulator.domain.bulk_jobs import BulkJob, BulkJobFilter, BulkJobRequest, BulkJobState, Operation
from spectra_emulator.domain.errors import InvalidRequest

from tests.fakes import NOON
from tests.requirements import requirement


def wanted(**parameters: str) -> BulkJobFilter:
    return wanted_page(MultiDict(parameters))


def jobs(count: int) -> list[BulkJob]:
    request = BulkJobRequest(Operation.INSERT, "sales")
    ages = [NOON - timedelta(microseconds=number) for number in range(count)]
    return [BulkJob(f"bulk-{age.microsecond}", "t", request, BulkJobState.OPEN, age, age) for age in ages]


def token(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode()


@requirement("BLK-72")
def test_a_page_has_25_jobs_unless_asked_otherwise() -> None:
    assert (wanted(), wanted(limit="100").limit) == (BulkJobFilter(limit=25), 100)


@requirement("BLK-72")
@pytest.mark.parametrize("limit", ["0", "101", "-1", "", "x", "1.0", "1e1", "+5", " 5", "\u0665", "0x5", "9" * 5000])
def test_a_limit_that_is_no_whole_number_from_1_to_100_is_refused(limit: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        wanted(limit=limit)

    assert refused.value.details == {"field": "limit"}


@requirement("BLK-70", "BLK-71")
def test_filters_are_the_documented_words() -> None:
    found = wanted(state="JobComplete", operation="upsert")

    assert (found.state, found.operation) == (BulkJobState.JOB_COMPLETE, Operation.UPSERT)


@requirement("BLK-70", "BLK-71")
@pytest.mark.parametrize(
    ("field", "text"), [("state", "open"), ("state", ""), ("operation", "INSERT"), ("operation", "merge")]
)
def test_another_word_is_refused_and_the_words_are_named(field: str, text: str) -> None:
    with pytest.raises(InvalidRequest, match="must be one of") as refused:
        wanted(**{field: text})

    assert refused.value.details == {"field": field}


@requirement("BLK-74", "BLK-75")
@pytest.mark.parametrize("found", [0, 1, 3])
def test_the_last_page_has_no_token(found: int) -> None:
    last = page(jobs(found), BulkJobFilter(limit=3))

    assert (len(last.jobs), last.next_offset) == (found, None)


@requirement("BLK-73", "BLK-77")
def test_a_token_continues_after_the_last_job_shown_to_the_microsecond() -> None:
    first = page(jobs(4), BulkJobFilter(limit=3))
    assert first.next_offset is not None
    shown = jobs(4)[2]

    assert (len(first.jobs), wanted(offset=first.next_offset).before) == (3, (shown.created_at, shown.job_id))


@requirement("BLK-73")
def test_a_token_may_keep_or_lose_its_padding() -> None:
    text = token('{"last_key":["2026-01-29T12:00:00Z","bulk-1"]}')

    assert wanted(offset=text) == wanted(offset=text.rstrip("="))


@requirement("BLK-73")
@pytest.mark.parametrize(
    "offset",
    [
        pytest.param("", id="empty"),
        pytest.param("5", id="a number"),
        pytest.param("ümlaut", id="not ASCII"),
        pytest.param("!!!!", id="not base64"),
        pytest.param(token("no JSON"), id="not JSON"),
        pytest.param(token("{}"), id="no key"),
        pytest.param(token('{"last_key":["yesterday","bulk-1"]}'), id="no moment"),
        pytest.param(token('{"last_key":["0001-01-01T00:00:00","bulk-1"]}'), id="no time zone"),
        pytest.param(token('{"last_key":["2026-01-29T12:00:00Z",5]}'), id="no id"),
        pytest.param(token('{"last_key":["2026-01-29T12:00:00Z"]}'), id="half a key"),
    ],
)
def test_what_is_no_token_is_refused(offset: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        wanted(offset=offset)

    assert refused.value.details == {"field": "offset"}
