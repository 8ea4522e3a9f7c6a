"""A tenant made ahead of the one who asks for it."""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from spectra_emulator.adapters.duckdb_engine.lane import EngineFailureError, WorkerLostError
from spectra_emulator.adapters.duckdb_engine.tenant_database import TenantDatabase
from spectra_emulator.domain.errors import SpectraError

_HEAD_START_SECONDS = 0.01
"""Lets whoever took a spare begin to use it before the next one takes its share of the processors."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Spare:
    """A database, open and unnamed: nobody has used it, and no restart finds it."""

    tenant_id: str
    database: TenantDatabase


class Spares:
    """Keeps one spare, from when the first was taken on."""

    def __init__(self, made: Callable[[str], TenantDatabase]) -> None:
        self._made = made
        self._lock = threading.Lock()
        self._ready: Spare | None = None
        self._under_way: str | None = None
        self._closed = False

    @property
    def hidden(self) -> frozenset[str]:
        """Return the ids of what is no tenant yet."""
        with self._lock:
            ready = None if self._ready is None else self._ready.tenant_id
            return frozenset(each for each in (ready, self._under_way) if each is not None)

    def taken(self) -> Spare | None:
        """Return the spare where there is one, and begin to make the next."""
        with self._lock:
            spare, self._ready = self._ready, None
            if spare is not None:
                spare.database.name()
            if self._under_way is None and not self._closed:
                self._under_way = new_tenant_id()
                making = threading.Timer(_HEAD_START_SECONDS, self._make, [self._under_way])
                making.daemon = True
                making.start()
        return spare

    def close(self) -> None:
        """Remove the spare; one that is being made is removed when it is."""
        with self._lock:
            self._closed = True
            spare, self._ready = self._ready, None
        if spare is not None:
            spare.database.remove()

    def _make(self, tenant_id: str) -> None:
        database = self._made(tenant_id)
        opened = _opened(database)
        with self._lock:
            self._under_way = None
            kept = opened and not self._closed
            self._ready = Spare(tenant_id, database) if kept else None
        if not kept:
            database.remove()


def _opened(database: TenantDatabase) -> bool:
    try:
        database.warm_up()
        database.hide()
    except (SpectraError, EngineFailureError, WorkerLostError, OSError) as error:
        _log.warning("no tenant could be made ahead: %s", error)
        return False
    return True


def new_tenant_id() -> str:
    return f"tenant-{uuid.uuid4().hex[:12]}"
