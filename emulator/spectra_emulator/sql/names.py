"""What every name of a query stands for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlglot import exp

from spectra_emulator.domain.catalogue import Catalogue
from spectra_emulator.domain.errors import InvalidSql
from spectra_emulator.sql.calls import DATEPART_FIRST, written_name
from spectra_emulator.sql.column_names import MAX_COLUMNS, redshift_name
from spectra_emulator.sql.navigation import elements_of, navigated, unnesting_of
from spectra_emulator.sql.nearest import nearest
from spectra_emulator.sql.parsing import position_of
from spectra_emulator.sql.refusals import invalid, unsupported
from spectra_emulator.sql.scopes import (
    Field,
    Names,
    Reference,
    Scope,
    Source,
    folded,
    grouping_items,
    table_fields,
    unique,
    unknown,
)


def resolved(query: exp.Expr, catalogue: Catalogue) -> Names:
    """Return what every name of a query stands for.

    Raises: InvalidSql for a name that stands for nothing, or for two things.
    """
    resolver = Resolver(catalogue)
    resolver.query(query, None, {})
    return resolver.names


class Resolver:
    """Walks a tree once, inside out, and fills `names`."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.names = Names()

    def query(self, node: exp.Expr, parent: Scope | None, ctes: Mapping[str, tuple[Field, ...]]) -> tuple[Field, ...]:
        """Resolve a query and return its columns."""
        ctes = self.with_ctes(node, parent, ctes)
        if isinstance(node, exp.Subquery):
            fields = self.query(node.this, parent, ctes)
            self.order_by_output(node, fields)
        elif isinstance(node, exp.SetOperation):
            fields = self.set_operation(node, parent, ctes)
        elif isinstance(node, exp.Select):
            fields = self.select(node, Scope(parent, ctes))
        else:
            raise unsupported(node, type(node).__name__.upper())
        self.names.outputs[id(node)] = fields
        return fields

    def with_ctes(
        self, node: exp.Expr, parent: Scope | None, ctes: Mapping[str, tuple[Field, ...]]
    ) -> Mapping[str, tuple[Field, ...]]:
        clause = node.args.get("with_") or exp.With(expressions=[])
        visible = dict(ctes)
        for cte in clause.expressions:
            name = folded(cte.args["alias"].this)
            if clause.args.get("recursive") and isinstance(cte.this, exp.SetOperation):
                anchor = self.query(cte.this.this, parent, visible)
                visible[name] = self.renamed(cte, anchor)
            visible[name] = self.renamed(cte, self.query(cte.this, parent, visible))
        return visible

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

    def set_operation(
        self, node: exp.SetOperation, parent: Scope | None, ctes: Mapping[str, tuple[Field, ...]]
    ) -> tuple[Field, ...]:
        left = self.query(node.this, parent, ctes)
        right = self.query(node.expression, parent, ctes)
        if len(left) != len(right):
            raise InvalidSql(f"each {node.key.upper()} query must have the same number of columns", sql_state="42601")
        fields = tuple(
            Field(mine.name, mine.key, mine.origins + theirs.origins) for mine, theirs in zip(left, right, strict=True)
        )
        self.order_by_output(node, fields)
        return fields

    def order_by_output(self, node: exp.Expr, fields: Sequence[Field]) -> None:
        order = node.args.get("order")
        for ordered in order.expressions if order else ():
            if not self.ordinal(ordered.this, fields):
                raise unsupported(ordered.this, "ORDER BY an expression over a set operation")

    def select(self, node: exp.Select, scope: Scope) -> tuple[Field, ...]:
        self.sources(node, scope)
        self.names.sources[id(node)] = tuple(scope.sources)
        fields = self.select_list(node, scope)
        aliases = scope.aliases
        scope.aliases = {}
        for clause in ("where", "having"):
            self.visit(node.args.get(clause), scope)
        self.visit_items(node.args.get("group"), fields, scope)
        scope.aliases = aliases
        self.visit(node.args.get("qualify"), scope)
        for window in node.args.get("windows") or ():
            self.visit_window(window, scope)
        self.visit_items(node.args.get("order"), fields, scope)
        return fields

    def visit_items(self, clause: exp.Expr | None, fields: Sequence[Field], scope: Scope) -> None:
        """Resolve GROUP BY, where a column of FROM comes before an alias, or ORDER BY, where it comes after."""
        for item in grouping_items(clause.expressions) if clause else ():
            expression = item.this if isinstance(item, exp.Ordered) else item
            column_first = isinstance(clause, exp.Group) and isinstance(expression, exp.Column)
            if (
                column_first
                and scope.named(folded(expression.this), folded(expression.args.get("table")) or None, None)
            ) or not self.ordinal(expression, fields):
                self.visit(expression, scope)

    def ordinal(self, expression: exp.Expr, fields: Sequence[Field]) -> bool:
        """Note the output that an item names by number or by name, and tell whether it names one."""
        position = None
        if isinstance(expression, exp.Literal) and not expression.is_string:
            position = int(expression.this) if expression.this.isdigit() else 0
            if not 1 <= position <= len(fields):
                raise InvalidSql(
                    f"position {expression.this} is not in select list",
                    position=position_of(expression),
                    sql_state="42P10",
                )
        elif isinstance(expression, exp.Column) and not expression.args.get("table"):
            places = [place for place, one in enumerate(fields, 1) if one.name == folded(expression.this)]
            position = places[0] if places else None
        if position is not None:
            self.names.ordinals[id(expression)] = position
        return position is not None

    def sources(self, node: exp.Select, scope: Scope) -> None:
        clause = node.args.get("from_")
        if clause is None:
            return
        self.add_source(clause.this, scope)
        for join in node.args.get("joins") or ():
            before = list(scope.sources)
            self.add_source(join.this, scope)
            self.merge(join, before, scope)
            self.visit(join.args.get("on"), scope)

    def add_source(self, node: exp.Expr, scope: Scope) -> None:
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
        else:
            raise unsupported(node, f"{type(node).__name__.upper()} in FROM")
        if scope.sees(source.alias):
            raise invalid(node, f'table name "{source.alias}" specified more than once', "42712")
        scope.sources.append(source)

    def table_source(self, node: exp.Table, scope: Scope) -> Source:
        name, schema = folded(node.this), folded(node.args.get("db")) or None
        alias = folded(node.alias) or name
        if schema is None and name in scope.ctes:
            self.names.tables[id(node)] = (None, name)
            return Source(alias, self.renamed(node, scope.ctes[name]))
        table = self.catalogue.table(name, schema)
        if table is None:
            raise self.unknown_table(node, name, schema, scope)
        self.names.tables[id(node)] = (table.schema, table.name)
        return Source(alias, self.renamed(node, table_fields(table)), table.schema)

    def unknown_table(self, node: exp.Table, name: str, schema: str | None, scope: Scope) -> InvalidSql:
        spelt = f"{schema}.{name}" if schema else name
        known = [table for owner, table in self.catalogue.tables if owner == (schema or self.catalogue.default_schema)]
        return unknown("relation", spelt, "42P01", node.this, nearest(name, [*known, *scope.ctes]))

    def merge(self, join: exp.Join, before: list[Source], scope: Scope) -> None:
        """Note the columns that USING or NATURAL compares, and the one that they become."""
        pairs = []
        earlier = Scope(None, {}, before, dict(scope.merged))
        for name in self.using(join, earlier, scope.sources[-1]):
            left = self.only(earlier.named(name, None, None), name, join)
            right = self.only(scope.named(name, scope.sources[-1].alias, None), name, join)
            pairs.append((left, right))
            sides = (right, left) if join.side == "RIGHT" else (left, right)
            scope.merged[name] = Reference(sides[0].bounds + sides[1].bounds) if join.side == "FULL" else sides[0]
        self.names.pairs[id(join)] = tuple(pairs)

    def using(self, join: exp.Join, earlier: Scope, source: Source) -> Iterable[str]:
        if join.method == "NATURAL":
            return [column.name for column in source.fields if earlier.named(column.name, None, None)]
        return [folded(identifier) for identifier in join.args.get("using") or ()]

    def only(self, found: list[Reference], name: str, node: exp.Expr) -> Reference:
        if not found:
            raise unknown("column", name, "42703", node, None)
        if len(found) > 1:
            raise invalid(node, f'column reference "{name}" is ambiguous', "42702")
        return found[0]

    def select_list(self, node: exp.Select, scope: Scope) -> tuple[Field, ...]:
        named: list[tuple[str, exp.Expr | Reference]] = []
        for item in node.expressions:
            expression = item.this if isinstance(item, exp.Alias) else item
            if isinstance(expression, exp.Star) or (
                isinstance(expression, exp.Column) and isinstance(expression.this, exp.Star)
            ):
                named += self.starred(expression, scope)
                _check_width(named, expression)
                continue
            self.visit(expression, scope)
            named.append((folded(item.alias) or redshift_name(expression), expression))
            if isinstance(item, exp.Alias):
                scope.aliases.setdefault(folded(item.alias), expression)
        keys = unique([name for name, _ in named])
        return tuple(Field(name, key, (origin,)) for (name, origin), key in zip(named, keys, strict=True))

    def starred(self, star: exp.Expr, scope: Scope) -> list[tuple[str, Reference]]:
        table = folded(star.args.get("table")) if isinstance(star, exp.Column) else None
        if any(value for name, value in star.args.items() if name not in {"this", "table"}):
            raise unsupported(star, "EXCEPT, REPLACE or RENAME after *")
        if table and not scope.sees(table):
            raise unknown(
                "relation", table, "42P01", star.args["table"], nearest(table, (one.alias for one in scope.sources))
            )
        if not scope.sources:
            raise InvalidSql(
                "SELECT * with no tables specified is not valid", position=position_of(star), sql_state="42601"
            )
        merged = [] if table else list(scope.merged.items())
        return merged + [
            (column.name, Reference(((source.alias, column),)))
            for source in scope.sources
            if table in {None, source.alias}
            for column in source.fields
            if table or column.name not in scope.merged
        ]

    def visit(self, node: exp.Expr | None, scope: Scope) -> None:
        """Resolve the names below a node, in the order of the text."""
        waiting = [] if node is None else [node]
        while waiting:
            waiting += reversed(self.visited(waiting.pop(), scope))

    def visited(self, node: exp.Expr, scope: Scope) -> list[exp.Expr]:
        """Resolve one node and return the nodes below it that are still to be resolved."""
        if isinstance(node, exp.Column):
            self.names.columns[id(node)] = self.column(node, scope)
        elif isinstance(node, exp.Query):
            self.query(node, scope, scope.ctes)
        elif isinstance(node, exp.Window):
            self.visit_window(node, scope)
        else:
            skipped = 1 if written_name(node) in DATEPART_FIRST else 0
            return list(node.iter_expressions())[skipped:]
        return []

    def visit_window(self, window: exp.Expr, scope: Scope) -> None:
        """Resolve a window, whose own name and alias are no columns."""
        for part in ("this", "order", "spec"):
            self.visit(window.args.get(part), scope)
        for part in window.args.get("partition_by") or ():
            self.visit(part, scope)

    def column(self, node: exp.Column, scope: Scope) -> Reference | exp.Expr:
        name = folded(node.this)
        table, schema = folded(node.args.get("table")) or None, folded(node.args.get("db")) or None
        for level in scope.chain():
            found = level.named(name, table, schema)
            if found:
                return self.only(found, name, node.this)
            if table is None and name in level.aliases:
                return level.aliases[name]
        into = navigated(node, scope)
        if into is not None:
            self.names.paths[id(node)] = into[1]
            return into[0]
        raise self.unknown_column(node, table, scope)

    def unknown_column(self, node: exp.Column, table: str | None, scope: Scope) -> InvalidSql:
        levels = list(scope.chain())
        if table and not any(level.sees(table) for level in levels):
            aliases = [source.alias for level in levels for source in level.sources]
            return unknown("relation", table, "42P01", node.args["table"], nearest(table, aliases))
        known = [
            column.name
            for level in levels
            for source in level.sources
            if table in {None, source.alias}
            for column in source.fields
        ]
        return unknown("column", folded(node.this), "42703", node.this, nearest(folded(node.this), known))


def _check_width(named: Sequence[object], star: exp.Expr) -> None:
    """Stop a select list that its stars make too wide, before the next one multiplies it."""
    if len(named) > MAX_COLUMNS:
        raise InvalidSql(
            f"A select list has at most {MAX_COLUMNS} entries", limit=MAX_COLUMNS, position=position_of(star)
        )
