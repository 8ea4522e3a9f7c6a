"""The settings that decide which SQL a client may send."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class SecurityLevel(StrEnum):
    """`strict` admits no subqueries, no CTEs and few functions; `permissive` admits catalogue views too."""

    STRICT = "strict"
    STANDARD = "standard"
    PERMISSIVE = "permissive"


@dataclass(frozen=True)
class SqlRules:
    """Limits count per statement; `max_length` is in characters.

    `foreign_functions` lets functions through that nobody here knows: the database that gets the query does.
    """

    security_level: SecurityLevel = SecurityLevel.STANDARD
    allow_union: bool = False
    allow_cte: bool = True
    max_joins: int = 10
    max_subqueries: int = 5
    max_length: int = 100_000
    foreign_functions: bool = False
