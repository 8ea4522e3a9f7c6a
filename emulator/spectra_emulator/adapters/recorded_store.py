"""An object store whose calls are told to the journal."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from spectra_emulator.domain.errors import SpectraError
from spectra_emulator.domain.journal import Caller, Entry, Kind, Sent
from spectra_emulator.ports import Clock, ObjectStore

_DONE = 200
_MISSING = 404
_NOTHING = Sent()


@dataclass
class _Call:
    """What is to be told of a call."""

    status: int = _DONE
    request: Sent = _NOTHING
    answer: Sent = _NOTHING


@dataclass(frozen=True)
class RecordedStore:
    """Does what `store` does; links are made without a call, so of them nothing is told."""

    store_told: ObjectStore
    note: Callable[[Entry], None]
    clock: Clock

    def warm_up(self) -> None:
        self.store_told.warm_up()

    def upload_link(self, key: str, lifetime: timedelta, base_url: str) -> str:
        return self.store_told.upload_link(key, lifetime, base_url)

    def download_link(self, key: str, lifetime: timedelta, base_url: str) -> str:
        return self.store_told.download_link(key, lifetime, base_url)

    def size_bytes(self, key: str) -> int | None:
        with self._call("HEAD", "HeadObject", key) as call:
            found = self.store_told.size_bytes(key)
            call.status = _MISSING if found is None else _DONE
        return found

    def fetch(self, key: str, file: Path) -> None:
        with self._call("GET", "GetObject", key) as call:
            self.store_told.fetch(key, file)
            call.answer = Sent(size_bytes=file.stat().st_size)

    def store(self, file: Path, key: str) -> None:
        with self._call("PUT", "PutObject", key) as call:
            call.request = Sent(size_bytes=file.stat().st_size)
            self.store_told.store(file, key)

    def keys(self, prefix: str) -> list[str]:
        with self._call("GET", "ListObjects", prefix):
            return self.store_told.keys(prefix)

    def delete(self, prefix: str) -> None:
        with self._call("DELETE", "DeleteObjects", prefix):
            self.store_told.delete(prefix)

    @contextmanager
    def _call(self, method: str, operation: str, key: str) -> Iterator[_Call]:
        started_at = time.perf_counter()
        call = _Call()
        try:
            yield call
        except SpectraError as error:
            said = error.message.encode()
            call.status, call.answer = error.status, Sent(body=said, size_bytes=len(said))
            raise
        finally:
            self.note(
                Entry(
                    number=0,
                    at=self.clock(),
                    kind=Kind.OBJECT_STORE,
                    id=f"store-{uuid.uuid4().hex[:12]}",
                    method=method,
                    target=key,
                    operation=operation,
                    caller=Caller(key.partition("/")[0]),
                    status=call.status,
                    milliseconds=(time.perf_counter() - started_at) * 1000,
                    request=call.request,
                    answer=call.answer,
                )
            )
