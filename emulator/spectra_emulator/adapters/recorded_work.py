"""What a bulk job has the engine do, told to the journal."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from spectra_emulator.domain.errors import InternalError, SpectraError
from spectra_emulator.domain.faults import BULK_WORK
from spectra_emulator.domain.journal import Caller, Entry, Kind, Statement
from spectra_emulator.ports import Clock

_DONE = 200


@dataclass
class Work:
    """`statement` is the job's SQL and what it became, where it came that far."""

    statement: Statement | None = None
    status: int = InternalError.status


@dataclass(frozen=True)
class WorkRecorder:
    note: Callable[[Entry], None]
    clock: Clock

    @contextmanager
    def work(self, tenant_id: str, job_id: str) -> Iterator[Work]:
        """Lend what is to be told of an attempt at a job, and tell it at the end."""
        started_at = time.perf_counter()
        work = Work()
        try:
            yield work
            work.status = _DONE
        except SpectraError as error:
            work.status = error.status
            raise
        finally:
            self.note(
                Entry(
                    number=0,
                    at=self.clock(),
                    kind=Kind.BULK_WORK,
                    id=job_id,
                    method="SQL",
                    target=job_id,
                    operation=BULK_WORK,
                    caller=Caller(tenant_id),
                    status=work.status,
                    milliseconds=(time.perf_counter() - started_at) * 1000,
                    statement=work.statement,
                )
            )
