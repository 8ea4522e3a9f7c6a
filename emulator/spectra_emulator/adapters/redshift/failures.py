"""What Redshift says of a statement, as the errors of the contract."""

from __future__ import annotations

from collections.abc import Mapping

from spectra_emulator.domain.errors import InternalError, InvalidSql, SpectraError

CANCELLED = "57014"
_OF_THE_WAREHOUSE = ("08", "53", "57", "58", "F0")
"""Classes of states that no other statement would have been spared."""
_FATAL = frozenset({"FATAL", "PANIC"})
_NOT_AUTHENTICATED = frozenset({"28000", "28P01"})


class LostConnectionError(Exception):
    """The connection is of no more use, and what was sent last may or may not have run."""


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


def meaning(error: WarehouseError) -> SpectraError:
    """Return the contract's error; a statement's own fault is the client's to mend."""
    if error.sql_state.startswith(_OF_THE_WAREHOUSE):
        return InternalError("The warehouse cannot run statements now", sql_state=error.sql_state)
    details: dict[str, object] = {"sql_state": error.sql_state}
    if hint := error.fields.get("H"):
        details["hint"] = hint
    if error.position is not None:
        details["sent_position"] = error.position
    return InvalidSql(error.message, **details)


def lost() -> InternalError:
    return InternalError("The connection to the warehouse was lost; whether the statement ran is not known")
