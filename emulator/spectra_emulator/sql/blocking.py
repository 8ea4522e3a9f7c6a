"""The refusal of the contract for SQL that the rules forbid."""

from __future__ import annotations

from spectra_emulator.domain.errors import SqlBlocked

MAX_PATTERN = 200


def blocked(pattern: str, reason: str, rule: str) -> SqlBlocked:
    """Return the refusal of `pattern`; `reason` names the setting that would allow it, where one does."""
    return SqlBlocked("Query contains forbidden patterns", pattern=pattern[:MAX_PATTERN], reason=reason, rule=rule)
