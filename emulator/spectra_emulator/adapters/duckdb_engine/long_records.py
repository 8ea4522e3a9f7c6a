"""Where a CSV file's records end, so that none is longer than the engine reads, which would pass it over."""

from __future__ import annotations

import mmap
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from spectra_emulator.domain.errors import InvalidRequest
from spectra_emulator.sql.file_records import LONG_RECORD_BYTES, MAX_RECORD_BYTES


def record_bytes(file: Path, delimiter: str, check: Callable[[], None]) -> int:
    """Return how many bytes to give each record of the file, calling `check` now and then.

    Raises: InvalidRequest where a record is longer than any may be.
    """
    if file.stat().st_size <= MAX_RECORD_BYTES:
        return MAX_RECORD_BYTES
    with _mapped(file) as content:
        if _first_longer(content, MAX_RECORD_BYTES, delimiter, check) is None:
            return MAX_RECORD_BYTES
        start = _first_longer(content, LONG_RECORD_BYTES, delimiter, check)
        if start is not None:
            raise InvalidRequest(_refusal(content, start))
    return LONG_RECORD_BYTES


@contextmanager
def _mapped(file: Path) -> Iterator[mmap.mmap]:
    with file.open("rb") as content, mmap.mmap(content.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        yield mapped


def _first_longer(content: mmap.mmap, limit: int, delimiter: str, check: Callable[[], None]) -> int | None:
    """Return where the first record longer than `limit` bytes begins, None where there is none."""
    records = _records(delimiter)
    start = 0
    while len(content) - start > limit:
        check()
        end = _end(content, start, start + limit, records)
        if end == start:
            return start
        start = end
    return None


def _end(content: mmap.mmap, start: int, stop: int, records: re.Pattern[bytes]) -> int:
    """Return where the last record ends of those that lie between both places; `start` where none does."""
    if content.find(b'"', start, stop) < 0:
        return max(content.rfind(end, start, stop) + 1 for end in (b"\n", b"\r")) or start
    found = records.match(content, start, stop)
    return start if found is None else found.end()


def _records(delimiter: str) -> re.Pattern[bytes]:
    """Return the pattern of whole records: a quote opens at a field's start alone, and a quoted newline ends none."""
    sign = re.escape(delimiter.encode())
    quoted = rb'(?<![^%b\r\n])"(?:[^"]++|"")*+"' % sign
    stray = rb'(?<=[^%b\r\n])"' % sign
    return re.compile(rb'(?:(?:[^"\r\n]++|%b|%b)*+[\r\n]++)*+' % (quoted, stray))


def _refusal(content: mmap.mmap, start: int) -> str:
    line = content[:start].count(b"\n") + 1
    return (
        f"The file's record on line {line} is longer than {LONG_RECORD_BYTES} bytes, the most that one may have,"
        " or a quote in it is never closed"
    )
