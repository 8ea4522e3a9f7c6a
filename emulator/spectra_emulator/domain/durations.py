"""Spans of time as people write them: 90s, 15m, 24h, 7d."""

from __future__ import annotations

from datetime import timedelta

EXAMPLES = "90s, 15m, 24h or 7d"
_UNITS = {"s": timedelta(seconds=1), "m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_MAX_COUNT = 100_000


def duration(text: str) -> timedelta:
    """Return the span that a text such as `24h` names.

    Raises: ValueError.
    """
    unit = _UNITS.get(text[-1:])
    if unit is None or not text[:-1].isdecimal() or not 0 < int(text[:-1]) <= _MAX_COUNT:
        raise ValueError(f"{text} is not a time such as {EXAMPLES}")
    return int(text[:-1]) * unit
