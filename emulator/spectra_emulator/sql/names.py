"""What every name of a query stands for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlglot import exp

from spectra_emulator.domain.catalogue import Catalogue
from spectra_emulator.domain.errors import InvalidSql
from spectra_emulator.sql import correlations, hierarchies
from spectra_emulator.sql.calls import DATEPART_FIRST, written_name
from spectra_emulator.sql.column_lookup import check_width, only, starred, unknown_column, without
from spectra_emulator.sql.column_names import redshift_name
from spectra_emulator.sql.navigation import navigated
from spectra_emulator.sql.outer_marks import marked_joins
from spectra_emulator.sql.parsing import position_of
from spectra_emulator.sql.refusals import invalid, unsupported
from spectra_emulator.sql.relation_names import RelationResolver
from spectra_emulator.sql.scopes import (
    Field,
    Names,
    Reference,
    Scope,
    folded,
    grouping_items,
    unique,
)


def resolved(query: exp.Expr, catalogue: Catalogue) -> Names:
    """Return what every name of a query stands for.

    Raises: InvalidSql for a name that stands for nothing, or for two things.
    """
    resolver = Resolver(catalogue)
    resolver.query(query, None, {})
    correlations.check(query, resolver.names, resolver.correlated)
    return resolver.names


class Resolver(RelationResolver):
    """Walks a tree once, inside out, and fills `names`."""

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
        visible, named = dict(ctes), set[str]()
        for cte in clause.expressions:
            name = folded(cte.args["alias"].this)
            if name in named:
                raise invalid(cte, f'WITH query name "{name}" specified more than once', "42712")
            named.add(name)
            if clause.args.get("recursive") and isinstance(cte.this, exp.SetOperation):
                check_recursive(cte, name)
                anchor = self.query(cte.this.this, parent, visible)
                visible[name] = self.renamed(cte, anchor)
            visible[name] = self.renamed(cte, self.query(cte.this, parent, visible))
        return visible

    def set_operation(
        self, node: exp.SetOperation, parent: Scope | None, ctes: Mapping[str, tuple[Field, ...]]
    ) -> tuple[Field, ...]:
        for operand in (node.this, node.expression):
            refuse_limit(operand)
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
        self.connect(node, scope)
        fields = self.select_list(node, scope)
        aliases = scope.aliases
        scope.aliases = {}
        self.visit(node.args.get("where"), scope)
        self.outer_joins(node, scope)
        self.visit(node.args.get("having"), scope)
        self.visit_items(node.args.get("group"), fields, scope)
        scope.aliases = aliases
        self.visit(node.args.get("qualify"), scope)
        for window in node.args.get("windows") or ():
            self.visit_window(window, scope)
        self.visit_items(node.args.get("order"), fields, scope)
        return fields

    def connect(self, node: exp.Select, scope: Scope) -> None:
        """Resolve CONNECT BY, which gives the rest of a SELECT its LEVEL."""
        clause = node.args.get("connect")
        if clause is None:
            return
        hierarchies.check(clause)
        scope.hierarchical = True
        self.names.sources[id(node)] += (hierarchies.LEVELS,)
        self.visit(clause.args.get("start"), scope)
        self.visit(clause.args["connect"], scope)

    def outer_joins(self, node: exp.Select, scope: Scope) -> None:
        """Note the joins that WHERE marks with (+)."""
        if scope.marked:
            self.names.marks[id(node)] = marked_joins(node, scope.sources, self.names)
            scope.marked.clear()

    def visit_items(self, clause: exp.Expr | None, fields: Sequence[Field], scope: Scope) -> None:
        """Resolve GROUP BY, where a column of FROM comes before an alias, or ORDER BY, where it comes after."""
        for item in grouping_items(clause.expressions) if clause else ():
            check_constant(item)
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
            self.check_alike(expression, [fields[place - 1] for place in places])
            position = places[0] if places else None
        if position is not None:
            self.names.ordinals[id(expression)] = position
        return position is not None

    def check_alike(self, named: exp.Column, found: Sequence[Field]) -> None:
        """Pass a name of one output, or of several that are the same.

        Raises: InvalidSql.
        """
        if len({self.meant(one) for one in found}) > 1:
            raise invalid(named, f'"{folded(named.this)}" is ambiguous: it names several columns', "42702")

    def meant(self, column: Field) -> object:
        """Return what is equal for two outputs of the same value."""
        origin = column.origins[0]
        if isinstance(origin, exp.Column):
            origin = self.names.columns[id(origin)]
        return origin.bounds if isinstance(origin, Reference) else origin

    def select_list(self, node: exp.Select, scope: Scope) -> tuple[Field, ...]:
        named: list[tuple[str, exp.Expr | Reference]] = []
        for item in node.expressions:
            expression = item.this if isinstance(item, exp.Alias) else item
            if isinstance(expression, exp.Star) or (
                isinstance(expression, exp.Column) and isinstance(expression.this, exp.Star)
            ):
                named += starred(expression, scope)
                check_width(named, expression)
                continue
            self.visit(expression, scope)
            named.append((folded(item.alias) or redshift_name(expression), expression))
            if isinstance(item, exp.Alias):
                scope.aliases.setdefault(folded(item.alias), expression)
        named = without(node.args.get("exclude") or (), named)
        keys = unique([name for name, _ in named])
        return tuple(Field(name, key, (origin,)) for (name, origin), key in zip(named, keys, strict=True))

    def visit(self, node: exp.Expr | None, scope: Scope) -> None:
        """Resolve the names below a node, in the order of the text."""
        waiting = [] if node is None else [node]
        while waiting:
            waiting += reversed(self.visited(waiting.pop(), scope))

    def visited(self, node: exp.Expr, scope: Scope) -> list[exp.Expr]:
        """Resolve one node and return the nodes below it that are still to be resolved."""
        if isinstance(node, exp.Column):
            self.names.columns[id(node)] = self.column(node, scope)
            if node.args.get("join_mark"):
                scope.marked.append(node)
        elif isinstance(node, exp.Prior):
            self.visit(node.this, scope)
            hierarchies.take_parents(node, self.names, hierarchical=scope.hierarchical)
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
        for distance, level in enumerate(scope.chain()):
            found = level.named(name, table, schema)
            if found:
                self.note_correlation(node, distance)
                return only(found, name, node.this)
            if hierarchies.is_level(name, table, level):
                return hierarchies.level_reference()
            if table is None and name in level.aliases:
                return level.aliases[name]
        into = navigated(node, scope)
        if into is not None:
            self.names.paths[id(node)] = into[1]
            return into[0]
        raise unknown_column(node, table, scope)

    def note_correlation(self, node: exp.Column, distance: int) -> None:
        """Note the subquery whose column is of the query around it; one further out is refused."""
        if distance > 1:
            raise correlations.skips(node)
        if distance:
            self.correlated.add(id(node.find_ancestor(exp.Select)))


def check_constant(item: exp.Expr) -> None:
    """Pass an item of ORDER BY or GROUP BY that is no literal other than a whole number.

    Raises: InvalidSql.
    """
    literal = item.this if isinstance(item, exp.Ordered) else item
    if isinstance(literal, exp.Literal) and not (literal.is_int or literal.name.isdigit()):
        raise invalid(literal, "non-integer constant in ORDER BY or GROUP BY", "42601")


def check_recursive(cte: exp.Expr, name: str) -> None:
    """Pass a common table expression that does not name itself, or does so as Redshift has it.

    Raises: InvalidSql.
    """
    query = cte.this
    if all(folded(table.this) != name or table.args.get("db") for table in query.expression.find_all(exp.Table)):
        return
    if not isinstance(query, exp.Union) or query.args.get("distinct"):
        raise invalid(query, f'recursive common table expression "{name}" must be a UNION ALL', "42P19")
    if not cte.args["alias"].args.get("columns"):
        raise invalid(cte, f'recursive common table expression "{name}" needs a list of column names', "42P19")
    if any(one.args.get(part) for one in (query, query.expression) for part in ("order", "limit", "offset")):
        raise invalid(query, f'recursive common table expression "{name}" takes no ORDER BY or LIMIT', "42P19")


def refuse_limit(operand: exp.Expr) -> None:
    """Pass a query of a set operation that gives all of its rows.

    Raises: InvalidSql.
    """
    inner: exp.Expr | None = operand
    while inner is not None:
        if inner.args.get("limit") or inner.args.get("offset"):
            raise invalid(inner, "LIMIT may not be used within input to set operations", "0A000")
        inner = inner.this if isinstance(inner, exp.Subquery) else None
