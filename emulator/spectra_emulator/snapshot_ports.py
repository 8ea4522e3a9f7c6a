"""What snapshots need beyond the ports that every service shares."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Protocol, TypeVar

from spectra_emulator.domain.queries import QueryAnswer
from spectra_emulator.domain.snapshots import Listed, MadeKey, Manifest, TenantPart, TenantRecords

Shape = TypeVar("Shape")


class SnapshotEngine(Protocol):
    """Tables out of a tenant's database and into it."""

    def paused(self, tenant_id: str) -> AbstractContextManager[None]:
        """Let those that write wait, once those under way have ended; those that read go on.

        Raises: Conflict where somebody writes for too long.
        """
        ...

    def copy(self, tenant_id: str, file: Path) -> bool:
        """Write all tables to a file, while `paused`; False where the tenant has not used any."""
        ...

    def folded(self, file: Path) -> None:
        """Make a copy one file that needs no log.

        Raises: InvalidRequest where it is no database that this engine reads.
        """
        ...

    def replace(self, tenant_id: str, file: Path | None, meanwhile: Callable[[], None]) -> None:
        """Serve the file, or what the fixtures make; what runs ends, and what comes waits until `meanwhile` is done."""
        ...

    def tenant_ids(self) -> tuple[str, ...]: ...


class SnapshotState(Protocol):
    def exported(self, tenant_id: str) -> TenantRecords:
        """Return all that is recorded of the tenant, as of one moment."""
        ...

    def replaced(self, tenant_id: str, records: TenantRecords, now: datetime) -> None:
        """Make these the tenant's records, at once; queries that were under way have failed.

        Raises: Conflict where another tenant has a job of the same id.
        """
        ...

    def tenant_ids(self) -> tuple[str, ...]: ...


class SnapshotAnswers(Protocol):
    def kept(self, tenant_id: str) -> Sequence[tuple[str, bool]]:
        """Return the tenant's job ids that have an answer, oldest first, and whether each is under a key."""
        ...

    def put(self, tenant_id: str, job_id: str, answer: QueryAnswer, *, keyed: bool) -> None: ...

    def get(self, tenant_id: str, job_id: str) -> QueryAnswer | None: ...

    def drop(self, job_ids: Sequence[str]) -> None: ...


class SnapshotKeys(Protocol):
    def made(self, tenant_id: str) -> tuple[MadeKey, ...]:
        """Return the keys that were made for the tenant."""
        ...

    def restore(self, tenant_id: str, keys: Sequence[MadeKey]) -> None:
        """Let these be the keys that were made for the tenant, and no others."""
        ...

    def tenant_ids(self) -> frozenset[str]: ...


class SnapshotWriter(Protocol):
    """A snapshot being written; `scratch` is an empty folder beside it."""

    @property
    def scratch(self) -> Path: ...

    def add_file(self, name: str, file: Path) -> None: ...

    def add_bytes(self, name: str, content: bytes) -> None: ...

    def add_json(self, name: str, value: object) -> None: ...

    def finish(self, *, whole: bool, objects: bool, tenants: tuple[TenantPart, ...], now: datetime) -> Manifest:
        """Make it a snapshot of that name, in place of any before."""
        ...


class SnapshotReader(Protocol):
    """A snapshot being read; all that is read is compared with its checksum.

    Everything raises Conflict where the file is not what its manifest says.
    """

    @property
    def manifest(self) -> Manifest: ...

    @property
    def known(self) -> bool:
        """Tell whether this very file was found good before, or saved here, and nobody has changed it since."""
        ...

    def note_good(self) -> None:
        """Remember that all of the file is as it should be."""
        ...

    def extract(self, name: str, file: Path) -> None: ...

    def read(self, name: str) -> bytes: ...

    def read_json(self, name: str, shape: type[Shape]) -> Shape: ...


class SnapshotStore(Protocol):
    """Snapshots by name."""

    def writing(self, name: str) -> AbstractContextManager[SnapshotWriter]: ...

    def opened(self, name: str) -> AbstractContextManager[SnapshotReader]:
        """Lend a reader.

        Raises: NotFound, Conflict where the file is no snapshot, broken or of a newer version.
        """
        ...

    def listed(self) -> list[Listed]: ...

    def remove(self, name: str) -> None:
        """Delete the file.

        Raises: NotFound.
        """
        ...
