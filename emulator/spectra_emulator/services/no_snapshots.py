"""Snapshots where none can be made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from spectra_emulator.domain.errors import Conflict
from spectra_emulator.domain.snapshots import Listed, Manifest, checked_name
from spectra_emulator.snapshot_ports import SnapshotStore


class SnapshotMaking(Protocol):
    """Snapshots, made and loaded."""

    def save(self, name: str, tenant_id: str | None = None, *, objects: bool = True) -> Manifest: ...

    def load(self, name: str, tenant_id: str | None = None) -> tuple[str, ...]: ...

    def listed(self) -> list[Listed]: ...

    def remove(self, name: str) -> None: ...


@dataclass(frozen=True)
class NoSnapshots:
    """Refuses to make and to load any, where tables or records are not this server's to copy."""

    reason: str
    store: SnapshotStore

    def save(self, name: str, tenant_id: str | None = None, *, objects: bool = True) -> Manifest:  # noqa: ARG002 - the shape of all
        raise Conflict(f"{self.reason}: no snapshot can be made")

    def load(self, name: str, tenant_id: str | None = None) -> tuple[str, ...]:  # noqa: ARG002 - the shape of all
        raise Conflict(f"{self.reason}: no snapshot can be loaded")

    def listed(self) -> list[Listed]:
        return self.store.listed()

    def remove(self, name: str) -> None:
        self.store.remove(checked_name(name))
