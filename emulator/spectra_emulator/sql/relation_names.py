"""What the relations of a FROM clause stand for."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping

from sqlglot import exp

from spectra_emulator.domain.catalogue import Catalogue, Table
from spectra_emulator.domain.errors import InvalidSql
from spectra_emulator.sql.column_lookup import only
from spectra_emulator.sql.navigation import elements_of, unnesting_of
from spectra_emulator.sql.nearest import nearest
from spectra_emulator.sql.objects import is_system_name
from spectra_emulator.sql.pivots import rotated
from spectra_emulator.sql.refusals import invalid, unsupported
from spectra_emulator.sql.scopes import (
    Field,
    Names,
    Reference,
    Scope,
    Source,
    folded,
    table_fields,
    unique,
    unknown,
)
from spectra_emulator.sql.system_views import system_view


class RelationResolver(ABC):
    """Fills `names` with the relations of FROM clauses."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.names = Names(functions=catalogue.functions, catalogue=catalogue)
        self.correlated: set[int] = set()
        """The SELECTs, by `id()`, that refer to columns of the query around them."""

    @abstractmethod
    def query(self, node: exp.Expr, parent: Scope | None, ctes: Mapping[str, tuple[Field, ...]]) -> tuple[Field, ...]:
        """Resolve a query and return its columns."""

    @abstractmethod
    def visit(self, node: exp.Expr | None, scope: Scope) -> None:
        """Resolve the names below a node."""

    def sources(self, node: exp.Select, scope: Scope) -> None:
        clause = node.args.get("from_")
        if clause is None:
            return
        self.add_source(clause.this, scope)
        self.joined(node.args.get("joins") or (), scope)

    def joined(self, joins: Iterable[exp.Join], scope: Scope) -> None:
        for join in joins:
            before = list(scope.sources)
            self.add_source(join.this, scope)
            self.merge(join, before, scope)
            self.visit(join.args.get("on"), scope)

    def add_source(self, node: exp.Expr, scope: Scope) -> None:
        if node.args.get("pivots"):
            self.add_source(self.rotated_source(node, scope), scope)
            return
        unnesting = unnesting_of(node, scope)
        if unnesting is not None:
            self.visit(unnesting.value, scope)
            self.names.unnestings[id(node)] = unnesting
            source = elements_of(unnesting)
        elif isinstance(node, exp.Table) and isinstance(node.this, exp.Identifier):
            source = self.table_source(node, scope)
        elif isinstance(node, exp.Subquery):
            fields = self.renamed(node, self.query(node.this, scope.parent, scope.ctes))
            source = Source(folded(node.alias) or f"unnamed:{len(scope.sources)}", fields)
            self.names.tables[id(node)] = (None, source.alias)
        elif isinstance(node, exp.Table):
            raise invalid(node, "SQL syntax error: FROM takes a table or a subquery, and no function", "42601")
        else:
            raise unsupported(node, f"{type(node).__name__.upper()} in FROM")
        if scope.sees(source.alias):
            raise invalid(node, f'table name "{source.alias}" specified more than once', "42712")
        scope.sources.append(source)

    def rotated_source(self, node: exp.Expr, scope: Scope) -> exp.Subquery:
        """Return the subquery that stands for a relation with PIVOT or UNPIVOT."""
        inner = node.copy()
        inner.set("pivots", None)
        apart = Scope(scope.parent, scope.ctes)
        self.add_source(inner, apart)
        (source,) = apart.sources
        if source.unnested:
            raise invalid(node, "PIVOT and UNPIVOT take no unnested SUPER", "0A000")
        subquery = rotated(node, inner, source.fields)
        self.names.replaced[id(node)] = subquery
        return subquery

    def table_source(self, node: exp.Table, scope: Scope) -> Source:
        name, schema = folded(node.this), folded(node.args.get("db")) or None
        alias = folded(node.alias) or name
        if schema is None and name in scope.ctes:
            self.names.tables[id(node)] = (None, name)
            return Source(alias, self.renamed(node, scope.ctes[name]))
        table = self.system_table(node, name, schema) or self.catalogue.table(name, schema)
        if table is None:
            raise self.unknown_table(node, name, schema, scope)
        self.names.tables[id(node)] = (table.schema, table.name)
        return Source(alias, self.renamed(node, table_fields(table)), table.schema)

    def system_table(self, node: exp.Table, name: str, schema: str | None) -> Table | None:
        """Return a catalogue view, which the tenant's catalogue answers."""
        view = system_view(schema, name)
        if view is None:
            return None
        self.names.system[id(node)] = view.text(self.catalogue)
        return view.table

    def unknown_table(self, node: exp.Table, name: str, schema: str | None, scope: Scope) -> InvalidSql:
        spelt = f"{schema}.{name}" if schema else name
        if is_system_name(schema or name):
            return unsupported(node, f"the system relation {spelt}")
        known = [table for owner, table in self.catalogue.tables if owner == (schema or self.catalogue.default_schema)]
        return unknown("relation", spelt, "42P01", node.this, nearest(name, [*known, *scope.ctes]))

    def merge(self, join: exp.Join, before: list[Source], scope: Scope) -> None:
        """Note the columns that USING or NATURAL compares, and the one that they become."""
        pairs = []
        earlier = Scope(None, {}, before, dict(scope.merged))
        for name in self.using(join, earlier, scope.sources[-1]):
            left = only(earlier.named(name, None, None), name, join)
            right = only(scope.named(name, scope.sources[-1].alias, None), name, join)
            pairs.append((left, right))
            sides = (right, left) if join.side == "RIGHT" else (left, right)
            scope.merged[name] = Reference(sides[0].bounds + sides[1].bounds) if join.side == "FULL" else sides[0]
        self.names.pairs[id(join)] = tuple(pairs)

    def using(self, join: exp.Join, earlier: Scope, source: Source) -> Iterable[str]:
        if join.method == "NATURAL":
            return [column.name for column in source.fields if earlier.named(column.name, None, None)]
        return [folded(identifier) for identifier in join.args.get("using") or ()]

    def renamed(self, node: exp.Expr, fields: tuple[Field, ...]) -> tuple[Field, ...]:
        """Apply the column list of an alias."""
        alias = node.args.get("alias")
        if alias is None or not alias.args.get("columns"):
            return fields
        names = [folded(column) for column in alias.args["columns"]]
        if len(names) > len(fields):
            spelt = f'table "{folded(alias.this)}" has {len(fields)} columns available but {len(names)} specified'
            raise invalid(alias, spelt, "42P10")
        names += [column.name for column in fields[len(names) :]]
        return tuple(
            Field(name, key, column.origins) for name, key, column in zip(names, unique(names), fields, strict=True)
        )
