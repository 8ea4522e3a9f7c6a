"""Stored answers: in memory while small in sum, else in files; in files at once where they must outlive the server."""

from __future__ import annotations

import logging
import shutil
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from spectra_emulator.domain.queries import QueryAnswer, Rows

MEMORY_BYTES = 16 * 2**20
ENTRY_BYTES = 512
"""What an answer costs beside its rows."""
_log = logging.getLogger(__name__)


class _Head(msgspec.Struct):
    """All of an answer but its rows, and their size; the first line of its file."""

    tenant_id: str
    size_bytes: int
    query_id: str
    columns: tuple[str, ...]
    column_types: tuple[str, ...]
    row_count: int
    total_rows: int
    execution_time_ms: int
    keyed: bool
    engine_query_id: str = ""


@dataclass
class _Entry:
    """`rows_json` is None once the rows lie in the answer's file."""

    head: _Head
    size_bytes: int
    rows_json: bytes | None


class AnswerFiles:
    """Holds at most `max_bytes`; the oldest answers go first, those under an idempotency key last."""

    def __init__(self, folder: Path, max_bytes: int, *, durable: bool) -> None:
        self._folder = folder
        self._max_bytes = max_bytes
        self._durable = durable
        self._lock = threading.Lock()
        self._entries: dict[str, _Entry] = {}
        self._in_memory: dict[str, int] = {}
        self._bytes = self._bytes_in_memory = 0
        folder.mkdir(parents=True, exist_ok=True)
        for file in sorted(folder.iterdir(), key=lambda file: file.stat().st_mtime):
            self._take_up(file)

    def put(self, tenant_id: str, job_id: str, answer: QueryAnswer, *, keyed: bool) -> None:
        """Keep the answer, unless it alone is beyond the bound."""
        rows = answer.rows
        if len(rows.rows_json) + ENTRY_BYTES > self._max_bytes:
            return
        head = _Head(
            tenant_id=tenant_id,
            size_bytes=len(rows.rows_json),
            query_id=answer.query_id,
            columns=rows.columns,
            column_types=rows.column_types,
            row_count=rows.row_count,
            total_rows=rows.total_rows,
            execution_time_ms=answer.execution_time_ms,
            keyed=keyed,
            engine_query_id=rows.query_id,
        )
        with self._lock:
            self._remove(job_id)
            self._add(job_id, _Entry(head, len(rows.rows_json) + ENTRY_BYTES, rows.rows_json))
            self._make_room()

    def get(self, tenant_id: str, job_id: str) -> QueryAnswer | None:
        with self._lock:
            entry = self._entries.get(job_id)
            if entry is None or entry.head.tenant_id != tenant_id:
                return None
            rows_json = self._rows(job_id, entry)
        head = entry.head
        rows = Rows(rows_json, head.columns, head.column_types, head.row_count, head.total_rows, head.engine_query_id)
        return QueryAnswer(head.query_id, rows, head.execution_time_ms)

    def kept(self, tenant_id: str) -> list[tuple[str, bool]]:
        """Return the tenant's job ids that have an answer, oldest first, and whether each is under a key."""
        with self._lock:
            entries = [(job_id, entry.head) for job_id, entry in self._entries.items()]
        return [(job_id, head.keyed) for job_id, head in entries if head.tenant_id == tenant_id]

    def drop(self, job_ids: Sequence[str]) -> None:
        with self._lock:
            for job_id in job_ids:
                self._remove(job_id)

    def clear(self, tenant_id: str) -> None:
        with self._lock:
            for job_id in [known for known, entry in self._entries.items() if entry.head.tenant_id == tenant_id]:
                self._remove(job_id)

    def close(self) -> None:
        """Delete the files, unless they are to be found again."""
        if not self._durable:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _add(self, job_id: str, entry: _Entry) -> None:
        self._entries[job_id] = entry
        self._bytes += entry.size_bytes
        self._in_memory[job_id] = entry.size_bytes
        self._bytes_in_memory += entry.size_bytes
        if self._durable:
            self._spill(job_id)

    def _make_room(self) -> None:
        """Move the oldest answers to files beyond the share of memory, and drop the oldest beyond the whole."""
        while self._bytes_in_memory > MEMORY_BYTES:
            self._spill(next(iter(self._in_memory)))
        while self._bytes > self._max_bytes:
            unkeyed = (job_id for job_id, entry in self._entries.items() if not entry.head.keyed)
            self._remove(next(unkeyed, None) or next(iter(self._entries)))

    def _spill(self, job_id: str) -> None:
        entry = self._entries[job_id]
        if entry.rows_json is None:
            return
        file = self._file(job_id)
        unfinished = file.with_suffix(".unfinished")
        unfinished.write_bytes(msgspec.json.encode(entry.head) + b"\n" + entry.rows_json)
        unfinished.rename(file)
        entry.rows_json = None
        self._bytes_in_memory -= self._in_memory.pop(job_id)

    def _rows(self, job_id: str, entry: _Entry) -> bytes:
        if entry.rows_json is not None:
            return entry.rows_json
        return self._file(job_id).read_bytes().partition(b"\n")[2]

    def _remove(self, job_id: str) -> None:
        entry = self._entries.pop(job_id, None)
        if entry is None:
            return
        self._bytes -= entry.size_bytes
        self._bytes_in_memory -= self._in_memory.pop(job_id, 0)
        self._file(job_id).unlink(missing_ok=True)

    def _take_up(self, file: Path) -> None:
        """List an answer that an earlier server left; an unfinished or damaged one is deleted."""
        if file.suffix != ".answer":
            file.unlink()
            return
        try:
            head = _head(file)
        except msgspec.MsgspecError as error:
            _log.warning("the stored answer %s is damaged and was dropped: %s", file.name, error)
            file.unlink()
            return
        entry = _Entry(head, head.size_bytes + ENTRY_BYTES, None)
        self._entries[file.stem] = entry
        self._bytes += entry.size_bytes

    def _file(self, job_id: str) -> Path:
        return self._folder / f"{job_id}.answer"


def _head(file: Path) -> _Head:
    """Read the first line of an answer's file.

    Raises: MsgspecError where it is damaged, or the rows behind it are not all there.
    """
    with file.open("rb") as answer:
        first = answer.readline()
    head = msgspec.json.decode(first, type=_Head)
    rows_bytes = file.stat().st_size - len(first)
    if rows_bytes != head.size_bytes:
        message = f"it has {rows_bytes} bytes of rows where {head.size_bytes} were written"
        raise msgspec.DecodeError(message)
    return head
