"""What Redshift says of a statement, as the errors of the contract."""

from __future__ import annotations

from collections.abc import Mapping

from spectra_emulator.adapters.redshift.error_classes import is_of_the_warehouse, words_of
from spectra_emulator.domain.errors import InternalError, InvalidSql, SpectraError

_READ_ONLY = "25006"
_FATAL = frozenset({"FATAL", "PANIC"})
_NOT_AUTHENTICATED = frozenset({"28000", "28P01"})


class LostConnectionError(Exception):
    """The connection is of no more use, and what was sent last may or may not have run."""


class TooLargeResultError(LostConnectionError):
    """The rest of a result was left unread, which makes the connection useless too."""


class WarehouseError(Exception):
    """An error as the server words it; `fields` by the letters of PostgreSQL's protocol."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__(fields.get("M", ""))
        self.fields = fields

    @property
    def sql_state(self) -> str:
        return self.fields.get("C", "")

    @property
    def message(self) -> str:
        """The first line: further ones tell of the server's inside."""
        return self.fields.get("M", "").strip().partition("\n")[0]

    @property
    def fatal(self) -> bool:
        return self.fields.get("S") in _FATAL or self.fields.get("V") in _FATAL

    @property
    def not_authenticated(self) -> bool:
        return self.sql_state in _NOT_AUTHENTICATED

    @property
    def position(self) -> int | None:
        """Where in the SQL as sent it is, 1-based, in characters."""
        told = self.fields.get("P", "")
        return int(told) if told.isdecimal() else None


def meaning(error: WarehouseError, *, reads: bool = True) -> SpectraError:
    """Return the contract's error; a statement's own fault is the client's to mend.

    `reads` says that the transaction was one that may only read.
    """
    if _is_of_the_warehouse(error, reads=reads):
        return InternalError("The warehouse cannot run statements now", sql_state=error.sql_state)
    details: dict[str, object] = {"sql_state": error.sql_state}
    if hint := error.fields.get("H"):
        details["hint"] = hint
    if error.position is not None:
        details["sent_position"] = error.position
    return InvalidSql(error.message, **details)


def _is_of_the_warehouse(error: WarehouseError, *, reads: bool) -> bool:
    if error.sql_state == _READ_ONLY:
        return not reads
    return is_of_the_warehouse(error.sql_state, words_of(error.message))


def lost() -> InternalError:
    return InternalError("The connection to the warehouse was lost; whether the statement ran is not known")
