"""Who may change all that is a tenant's."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event

from spectra_emulator.services.tenant_locks import TenantLocks


def test_a_tenant_is_held_by_one_at_a_time() -> None:
    locks, held = TenantLocks(), Event()

    def wait() -> bool:
        with locks.held("tenant-123"):
            return held.is_set()

    with ThreadPoolExecutor() as threads, locks.held("tenant-123"):
        waiting = threads.submit(wait)
        held.set()

    assert waiting.result() is True


def test_who_waits_for_several_holds_none_of_them() -> None:
    locks = TenantLocks()

    def hold(*tenant_ids: str) -> tuple[str, ...]:
        with locks.held(*tenant_ids):
            return tenant_ids

    with ThreadPoolExecutor() as threads:
        with locks.held("a"):
            both = threads.submit(hold, "a", "b")
            alone = threads.submit(hold, "b").result()
        assert (alone, both.result()) == (("b",), ("a", "b"))
