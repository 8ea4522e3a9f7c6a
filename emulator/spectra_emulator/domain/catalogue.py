"""The tables of one tenant, with the types that Redshift would report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Column:
    """`type` is spelt as in Redshift DDL, upper case: `VARCHAR(64)`, `DECIMAL(12,2)`, `CHAR(3)`, `SUPER`."""

    name: str
    type: str
    nullable: bool = True


@dataclass(frozen=True)
class Table:
    """`name` is folded to lower case unless it was created quoted with case sensitivity on."""

    schema: str
    name: str
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...] = ()
    is_view: bool = False


@dataclass(frozen=True)
class Catalogue:
    """All tables of a tenant by (schema, name); `version` grows whenever one changes."""

    tables: Mapping[tuple[str, str], Table] = field(default_factory=dict)
    version: int = 0
    default_schema: str = "public"

    def table(self, name: str, schema: str | None = None) -> Table | None:
        return self.tables.get(((schema or self.default_schema).lower(), name.lower()))
