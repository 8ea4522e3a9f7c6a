"""What a signed link says of its own end."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from spectra_conformance.suite.links import own_end

SIGNED = "https://bucket.s3.amazonaws.com/a/b.csv?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=00"


@pytest.mark.parametrize(
    ("url", "end"),
    [
        pytest.param(
            f"{SIGNED}&X-Amz-Date=20260129T100000Z&X-Amz-Expires=3600",
            datetime(2026, 1, 29, 11, tzinfo=UTC),
            id="version 4",
        ),
        pytest.param(
            "https://d1.cloudfront.net/a?Expires=1769680800&Signature=00&Key-Pair-Id=K1",
            datetime(2026, 1, 29, 10, tzinfo=UTC),
            id="seconds since 1970",
        ),
        pytest.param("https://example.com/a?token=00", None, id="another form"),
        pytest.param("https://example.com/a?expires=3600&sig=00", None, id="seconds from now, perhaps"),
        pytest.param(f"{SIGNED}&X-Amz-Expires=3600", None, id="no beginning"),
        pytest.param(f"{SIGNED}&X-Amz-Date=today&X-Amz-Expires=3600", None, id="no date"),
    ],
)
def test_a_link_tells_when_it_ends_where_its_form_is_known(url: str, end: datetime | None) -> None:
    assert own_end(url) == end
