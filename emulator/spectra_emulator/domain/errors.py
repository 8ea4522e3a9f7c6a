"""The errors of the contract: one class per documented code.

    SpectraError
    ├── InvalidRequest   400   malformed body, field or query parameter
    ├── InvalidSql       400   syntax, unknown name, complexity, run-time error of a statement
    ├── SqlBlocked       400   a statement or pattern that the SQL rules refuse
    ├── Unauthorized     401
    ├── Forbidden        403
    ├── NotFound         404
    ├── Conflict         409
    ├── PayloadTooLarge  413
    ├── RateLimited      429
    ├── InternalError    500
    │   └── OperatorError    what the log alone tells
    └── QueryTimeout     504

Raise them anywhere; `api/envelope.py` is the one place that writes them.
"""

from __future__ import annotations

from typing import ClassVar

Details = dict[str, object]


class SpectraError(Exception):
    """A failure that the contract has a code for.

    `details` is sent to the client as it stands: it must hold JSON values and no secret.
    """

    code: ClassVar[str]
    status: ClassVar[int]

    def __init__(self, message: str, **details: object) -> None:
        super().__init__(message)
        self.message = message
        self.details: Details = details


class InvalidRequest(SpectraError):
    """A malformed request; `details.field` names the part that is wrong."""

    code = "INVALID_REQUEST"
    status = 400


class InvalidSql(SpectraError):
    """SQL that cannot run; `details` may hold `position` (1-based), `hint` and `sql_state`."""

    code = "INVALID_SQL"
    status = 400


class SqlBlocked(SpectraError):
    """SQL that the rules refuse; `details` holds `pattern` and `reason`."""

    code = "SQL_BLOCKED"
    status = 400


class Unauthorized(SpectraError):
    code = "UNAUTHORIZED"
    status = 401


class Forbidden(SpectraError):
    code = "FORBIDDEN"
    status = 403


class NotFound(SpectraError):
    code = "NOT_FOUND"
    status = 404


class Conflict(SpectraError):
    code = "CONFLICT"
    status = 409


class PayloadTooLarge(SpectraError):
    code = "PAYLOAD_TOO_LARGE"
    status = 413


class RateLimited(SpectraError):
    """Too many calls; `details.retry_after` is in whole seconds, at least 1."""

    code = "RATE_LIMITED"
    status = 429


class InternalError(SpectraError):
    code = "INTERNAL_ERROR"
    status = 500


class OperatorError(InternalError):
    """What only the operator can mend: clients learn nothing of it, the log and `doctor` the reason."""

    def __init__(self, reason: str, **facts: object) -> None:
        super().__init__("The server cannot do this now; its operator's log has the reason")
        self.reason = reason
        self.facts: Details = facts

    def __str__(self) -> str:
        told = "; ".join(f"{name} {value}" for name, value in self.facts.items())
        return f"{self.reason} ({told})" if told else self.reason


class QueryTimeout(SpectraError):
    code = "QUERY_TIMEOUT"
    status = 504


BY_CODE: dict[str, type[SpectraError]] = {kind.code: kind for kind in SpectraError.__subclasses__()}
