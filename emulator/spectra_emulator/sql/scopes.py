"""The relations that a part of a query sees, and their columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlglot import exp

from spectra_emulator.domain.catalogue import Catalogue, ScalarFunction, Table
from spectra_emulator.domain.errors import InvalidSql
from spectra_emulator.sql.parsing import position_of
from spectra_emulator.sql.type_names import SqlType, parsed_type


@dataclass(frozen=True, eq=False)
class Field:
    """One column of a relation: `key` is its unique name in DuckDB, `origins` what its type comes from."""

    name: str
    key: str
    origins: tuple[SqlType | exp.Expr | Reference, ...]


@dataclass(frozen=True, eq=False)
class Reference:
    """A column of a FROM clause; more than one bound where USING merged them, the first that is not NULL counts."""

    bounds: tuple[tuple[str, Field], ...]


@dataclass(frozen=True, eq=False)
class Source:
    """A relation of a FROM clause: its alias, its schema where it is a table, its columns.

    The alias of an unnested SUPER is a value of its own: what follows it is an attribute and no column.
    """

    alias: str
    fields: tuple[Field, ...]
    schema: str | None = None
    unnested: bool = False


@dataclass(eq=False)
class Scope:
    """The names that an expression sees: `merged` are USING's columns, `aliases` the select list's own.

    A `hierarchical` one has LEVEL, by CONNECT BY. `marked` are the columns with (+) so far.
    """

    parent: Scope | None
    ctes: Mapping[str, tuple[Field, ...]]
    sources: list[Source] = field(default_factory=list)
    merged: dict[str, Reference] = field(default_factory=dict)
    aliases: dict[str, exp.Expr] = field(default_factory=dict)
    hierarchical: bool = False
    marked: list[exp.Expr] = field(default_factory=list)

    def sees(self, alias: str) -> bool:
        return any(source.alias == alias for source in self.sources)

    def named(self, name: str, table: str | None, schema: str | None) -> list[Reference]:
        if table is None and name in self.merged:
            return [self.merged[name]]
        return [
            Reference(((source.alias, column),))
            for source in self.sources
            if table in ({None} if source.unnested else {None, source.alias}) and schema in {None, source.schema}
            for column in source.fields
            if column.name == name
        ]

    def chain(self) -> Iterator[Scope]:
        scope: Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.parent


@dataclass(frozen=True, eq=False)
class Unnesting:
    """An array, or with `unpivot` an object, whose elements a FROM clause names `alias`, their place or key `at`."""

    value: exp.Expr
    alias: str
    at: str | None
    unpivot: bool


@dataclass(frozen=True)
class MarkedJoins:
    """`base` are the relations that are joined as before, by their place in FROM; `outer` those that a LEFT JOIN adds.

    Each of `outer` has the conditions of its join; `rest` are the conditions that WHERE keeps.
    """

    base: tuple[int, ...]
    outer: tuple[tuple[int, tuple[exp.Expr, ...]], ...]
    rest: tuple[exp.Expr, ...]


@dataclass(frozen=True)
class Names:
    """The answers, by `id()` of the tree's nodes, which must outlive them.

    `columns`: what a column stands for, an expression where it is an alias of the select list.
    `outputs`: the columns of each query. `tables`: a table's (schema, name), the schema None for a CTE.
    `pairs`: the columns that USING compares. `ordinals`: the output that GROUP BY or ORDER BY names.
    `paths`: the attributes of a SUPER that a column's name goes on with. `unnestings`: the SUPER that FROM unnests.
    `sources`: the relations of a SELECT's own FROM. `system`: DuckDB's query in place of a catalogue view.
    `replaced`: the subquery in place of a relation with PIVOT. `marks`: the joins that a SELECT's WHERE marks with (+).
    `functions`: the tenant's own. `catalogue`: all that the tenant has.
    """

    columns: dict[int, Reference | exp.Expr] = field(default_factory=dict)
    outputs: dict[int, tuple[Field, ...]] = field(default_factory=dict)
    tables: dict[int, tuple[str | None, str]] = field(default_factory=dict)
    pairs: dict[int, tuple[tuple[Reference, Reference], ...]] = field(default_factory=dict)
    ordinals: dict[int, int] = field(default_factory=dict)
    paths: dict[int, tuple[str, ...]] = field(default_factory=dict)
    unnestings: dict[int, Unnesting] = field(default_factory=dict)
    sources: dict[int, tuple[Source, ...]] = field(default_factory=dict)
    system: dict[int, str] = field(default_factory=dict)
    replaced: dict[int, exp.Expr] = field(default_factory=dict)
    marks: dict[int, MarkedJoins] = field(default_factory=dict)
    functions: Mapping[str, ScalarFunction] = field(default_factory=dict)
    catalogue: Catalogue = field(default_factory=Catalogue)


def folded(identifier: exp.Expr | str | None) -> str:
    """Return a name as Redshift keeps it: in lower case, even when quoted."""
    return (identifier if isinstance(identifier, str) else identifier.name if identifier else "").lower()


def unique(names: Sequence[str]) -> tuple[str, ...]:
    """Return `names` with a number after each repeated one."""
    taken: dict[str, int] = {}
    keys = []
    for name in names:
        taken[name] = taken.get(name, 0) + 1
        keys.append(name if taken[name] == 1 else f"{name}:{taken[name]}")
    return tuple(keys)


def table_fields(table: Table) -> tuple[Field, ...]:
    return tuple(Field(column.name, column.name, (parsed_type(column.type),)) for column in table.columns)


def unknown(kind: str, name: str, sql_state: str, node: exp.Expr, meant: str | None) -> InvalidSql:
    """Return the error for a name that stands for nothing, with the one that was perhaps meant."""
    details: dict[str, object] = {"sql_state": sql_state}
    if (position := position_of(node)) is not None:
        details["position"] = position
    if meant is not None:
        details["hint"] = f"Perhaps you meant {meant}."
    return InvalidSql(f'{kind} "{name}" does not exist', **details)


def grouping_items(items: Iterable[exp.Expr]) -> Iterator[exp.Expr]:
    """Yield the items of a clause, those within GROUPING SETS, ROLLUP and CUBE one by one."""
    for item in items:
        if isinstance(item, exp.GroupingSets | exp.Rollup | exp.Cube | exp.Tuple):
            yield from grouping_items(item.expressions)
        else:
            yield item
