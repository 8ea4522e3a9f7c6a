"""What a tester lets go wrong: rules that match calls, and what then happens."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from random import Random

from spectra_emulator.domain.bulk_jobs import BulkJobState
from spectra_emulator.domain.errors import BY_CODE, SpectraError

BULK_WORK = "bulkWork"
"""The operation that a bulk job's own work goes by, in rules and in the journal."""

FAULT_MESSAGE = "A fault that a test asked for"
_DETAILS: Mapping[str, Mapping[str, object]] = {
    "RATE_LIMITED": {"retry_after": 1},
    "QUERY_TIMEOUT": {"timeout_seconds": 60},
    "SQL_BLOCKED": {"pattern": "fault", "reason": "a test asked for it"},
}
"""What the contract requires of an error's details."""


@dataclass(frozen=True)
class Call:
    """A call as rules see it; names of `headers` are lower-case, `sql` is empty where there is none."""

    operation: str
    tenant_id: str
    headers: Mapping[str, str] = field(default_factory=dict)
    sql: str = ""
    job_id: str = ""


@dataclass(frozen=True)
class Match:
    """Every member that is set must fit; `sql` is a part of the text in any case, `header_value` None any value."""

    operation: str | None = None
    tenant_id: str | None = None
    header_name: str | None = None
    header_value: str | None = None
    sql: str | None = None
    job_id: str | None = None

    def fits(self, call: Call) -> bool:
        return (
            self.operation in (None, call.operation)
            and self.tenant_id in (None, call.tenant_id)
            and self.job_id in (None, call.job_id)
            and (self.sql is None or self.sql.lower() in call.sql.lower())
            and self._header_fits(call.headers)
        )

    def _header_fits(self, headers: Mapping[str, str]) -> bool:
        if self.header_name is None:
            return True
        found = headers.get(self.header_name.lower())
        return found is not None and self.header_value in (None, found)


class Spread(StrEnum):
    FIXED = "fixed"
    UNIFORM = "uniform"
    LOGNORMAL = "lognormal"


@dataclass(frozen=True)
class Latency:
    """Milliseconds: of FIXED `low`, of UNIFORM from `low` to `high`, of LOGNORMAL with median `low` and `sigma`."""

    spread: Spread
    low: float
    high: float = 0.0
    sigma: float = 0.0

    def seconds(self, random: Random) -> float:
        match self.spread:
            case Spread.FIXED:
                drawn = self.low
            case Spread.UNIFORM:
                drawn = random.uniform(self.low, self.high)
            case Spread.LOGNORMAL:
                drawn = random.lognormvariate(math.log(self.low), self.sigma)
        return drawn / 1000


class Moment(StrEnum):
    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True)
class BodyFault:
    """Cut the answer after so many bytes, or send at most so many a second."""

    cut_after_bytes: int | None = None
    bytes_per_second: int | None = None


@dataclass(frozen=True)
class JobFault:
    """Fail a bulk job as it enters a state, or let its first records be refused."""

    fail_in: BulkJobState | None = None
    failed_records: int = 0


@dataclass(frozen=True)
class Action:
    """What happens, all of it; a drop `BEFORE` does no work, one `AFTER` loses the answer of work that was done."""

    error: str | None = None
    message: str | None = None
    details: Mapping[str, object] | None = None
    latency: Latency | None = None
    drop: Moment | None = None
    body: BodyFault | None = None
    object_store: str | None = None
    job: JobFault | None = None

    @property
    def on_the_connection(self) -> bool:
        """Tell whether the action needs a client that waits for an answer."""
        return self.drop is not None or self.body is not None

    @property
    def raised(self) -> SpectraError | None:
        """Return the error to answer, with what the contract requires of its details."""
        if self.error is None:
            return None
        details = {**_DETAILS.get(self.error, {}), **(self.details or {})}
        return BY_CODE[self.error](self.message or FAULT_MESSAGE, **details)


@dataclass(frozen=True)
class Rule:
    """`times` None is without end; `after` is how many matching calls it lets pass first."""

    id: str
    match: Match
    action: Action
    times: int | None = None
    after: int = 0
    probability: float = 1.0
    seed: int = 0
    expires_at: datetime | None = None

    def fits(self, call: Call) -> bool:
        """Tell whether the call matches and can be met so: nobody waits for an answer of a bulk job's work."""
        return self.match.fits(call) and not (call.operation == BULK_WORK and self.action.on_the_connection)


def asked_for(code: str) -> Action:
    """Return the action that a request's own header asks for: an error's code, or DROP_CONNECTION.

    Raises: ValueError.
    """
    if code == "DROP_CONNECTION":
        return Action(drop=Moment.BEFORE)
    if code not in BY_CODE:
        raise ValueError(f"{code} is not one of DROP_CONNECTION, {', '.join(sorted(BY_CODE))}")
    return Action(error=code)
