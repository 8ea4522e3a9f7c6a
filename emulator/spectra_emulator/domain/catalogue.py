"""The tables of one tenant, with the types that Redshift would report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Column:
    """`type` is spelt as in Redshift DDL, upper case: `VARCHAR(64)`, `DECIMAL(12,2)`, `CHAR(3)`, `SUPER`.

    `default` is the engine's own text of what the column gets where nothing is given.
    """

    name: str
    type: str
    nullable: bool = True
    default: str = ""


@dataclass(frozen=True)
class Table:
    """`name` is folded to lower case unless it was created quoted with case sensitivity on.

    `comment` is what the engine keeps about it: a table's key, what a view is made of.
    """

    schema: str
    name: str
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...] = ()
    is_view: bool = False
    comment: str = ""


@dataclass(frozen=True)
class ScalarFunction:
    """A function of the tenant's own: types as in Redshift DDL, `body` the SELECT that it stands for."""

    name: str
    argument_types: tuple[str, ...]
    type: str
    body: str


@dataclass(frozen=True)
class Catalogue:
    """All tables of a tenant by (schema, name) and its functions by name; `version` grows whenever one changes."""

    tables: Mapping[tuple[str, str], Table] = field(default_factory=dict)
    version: int = 0
    default_schema: str = "public"
    functions: Mapping[str, ScalarFunction] = field(default_factory=dict)

    def table(self, name: str, schema: str | None = None) -> Table | None:
        return self.tables.get(((schema or self.default_schema).lower(), name.lower()))
