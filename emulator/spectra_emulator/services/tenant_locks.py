"""One at a time changes all that is a tenant's: a reset, a removal, a snapshot that is saved or loaded."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class TenantLocks:
    """Whoever needs several takes them at once or not at all, so that no two wait for each other."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._held: set[str] = set()

    @contextmanager
    def held(self, *tenant_ids: str) -> Iterator[None]:
        """Let nobody else hold one of the tenants meanwhile."""
        wanted = frozenset(tenant_ids)
        with self._changed:
            self._changed.wait_for(lambda: self._held.isdisjoint(wanted))
            self._held |= wanted
        try:
            yield
        finally:
            with self._changed:
                self._held -= wanted
                self._changed.notify_all()
