"""Read and compare the timestamps of answers."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from spectra_conformance.answer import Answer

_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
SKEW = timedelta(minutes=2)
"""How far a deployment's clock may be from ours."""


def moment(text: object) -> datetime:
    """Return a timestamp's moment.

    Raises: AssertionError where it is not RFC 3339.
    """
    assert isinstance(text, str), f"a timestamp is text, not {text!r}"
    assert _RFC_3339.fullmatch(text), f"{text!r} is not RFC 3339"
    return datetime.fromisoformat(text)


def answered_at(answer: Answer) -> datetime:
    """Return when the deployment answered, by its own clock where it says so."""
    date = answer.headers.get("date")
    return parsedate_to_datetime(date) if date else datetime.now(UTC)
