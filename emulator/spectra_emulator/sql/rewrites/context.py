"""What a rewrite is given, and what it gives."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlglot import exp

from spectra_emulator.domain.errors import InvalidSql
from spectra_emulator.sql.calls import Call, call_of
from spectra_emulator.sql.functions import KNOWN
from spectra_emulator.sql.refusals import construct, invalid, unsupported
from spectra_emulator.sql.rewrites.shared_arguments import LONGEST_REPEATED, shared
from spectra_emulator.sql.scopes import Field, Names, Reference
from spectra_emulator.sql.type_names import SUPER, VARCHAR, SqlType
from spectra_emulator.sql.types import unified

MAX_TEXT = 200_000
MAX_QUERY_TEXT = 1_000_000
"""What the engine is given at most of one expression and of one query, in characters."""
LAZY = frozenset({"coalesce", "nvl", "nvl2", "decode"})
"""Functions that compute no argument which they do not need."""
OF_GROUPS = frozenset({"grouping", "grouping_id"})
"""The functions that look like aggregates and take what a query groups by."""

Note = Callable[[exp.Expr, Callable[..., str], str], None]
"""Takes a node, the function that wrote it, and DuckDB's text."""


@dataclass(frozen=True)
class Rule:
    """How one kind of node is typed and written; a node with an argument not in `known` is refused."""

    type: Callable[[Context, exp.Expr], SqlType]
    text: Callable[[Context, exp.Expr], str]
    known: frozenset[str] = frozenset({"this", "expression"})


@dataclass(frozen=True)
class Function:
    """How one function of Redshift is typed and written; `most` is None where any number of arguments will do."""

    type: Callable[[Context, Call], SqlType]
    text: Callable[[Context, Call], str]
    least: int = 1
    most: int | None = 1
    family: str = "scalar"


@dataclass(frozen=True)
class GroupKey:
    """DuckDB's texts of what a query groups by, and of what it shows of it."""

    text: str
    shown: str


@dataclass(frozen=True)
class Context:
    """Types and DuckDB's text of the nodes of one statement; both are kept by the node's `id()`."""

    names: Names
    rules: Mapping[type[exp.Expr], Rule]
    functions: Mapping[str, Function]
    types: dict[int, SqlType] = field(default_factory=dict)
    texts: dict[tuple[int, int, bool], tuple[object, object, str]] = field(default_factory=dict)
    """By node, grouping and narrowness; both objects are kept with the text, so that no other gets their `id()`."""
    narrow: bool = False
    """Compute DECIMALs in 64 bits, where what does not fit is NULL, or an error where shortcuts are taken."""
    quick: bool = False
    """Take shortcuts: with one, a text gives the same answer sooner, or fails where it does not hold."""
    shortcuts: set[str] = field(default_factory=set)
    """The shortcuts that there are."""
    note: Note | None = None
    """Is told of every rewrite that was applied."""
    user: str = ""
    """Who asks, where that is known: not within what is kept for later, a function or a view."""
    grouped: Callable[[exp.Expr | Reference], GroupKey | None] | None = None
    """Gives the key that stands for an expression in a query with GROUP BY, None where it stands for itself."""

    def shortcut(self, name: str) -> bool:
        """Note that there is a shortcut, and tell whether to take it."""
        self.shortcuts.add(name)
        return self.quick

    def type(self, node: exp.Expr) -> SqlType:
        """Return a node's type.

        Raises: InvalidSql.
        """
        known = self.types.get(id(node))
        if known is None:
            known = self.types[id(node)] = self.found_type(node)
        return known

    def found_type(self, node: exp.Expr) -> SqlType:
        rule = self.rules.get(type(node))
        if rule is not None:
            return rule.type(self, node)
        call = self.call(node)
        return self.function(call).type(self, call)

    def text(self, node: exp.Expr) -> str:
        """Return DuckDB's text of an expression, safe to stand as an operand.

        Raises: InvalidSql.
        """
        place = (id(node), id(self.grouped), self.narrow)
        known = self.texts.get(place)
        if known is None:
            known = self.texts[place] = (node, self.grouped, self.written(node))
        return known[2]

    def written(self, node: exp.Expr) -> str:
        shown = self.shown(node)
        if shown is not None:
            return shown
        rule = self.rules.get(type(node))
        if rule is not None:
            self.refuse_unknown_arguments(node, rule.known)
            return self.noted(node, rule.text, rule.text(self, node))
        call = self.call(node)
        function = self.function(call)
        text = function.text(self.beside(call, function), call)
        return self.noted(node, function.text, self.shared(call, text) if function.family == "scalar" else text)

    def shared(self, call: Call, text: str) -> str:
        """Return a scalar call's text with its long arguments computed once; what is evaluated lazily stays so."""
        if len(text) < LONGEST_REPEATED or call.name in LAZY:
            return text
        places = ((id(one), id(self.grouped), self.narrow) for one in call.arguments)
        return shared(text, [self.texts[place][2] for place in places if place in self.texts])

    def shown(self, node: exp.Expr | Reference) -> str | None:
        """Return what a query with GROUP BY shows of an expression that it groups by, None where it is no such."""
        key = None if self.grouped is None else self.grouped(node)
        return None if key is None else key.shown

    def beside(self, call: Call, function: Function) -> Context:
        """Return the context of a call's arguments: an aggregate's are of the rows, not of their groups."""
        if function.family != "aggregate" or call.over or call.name in OF_GROUPS:
            return self
        return replace(self, grouped=None)

    def noted(self, node: exp.Expr, rewrite: Callable[..., str], text: str) -> str:
        """Tell what was rewritten, and stop an expression whose text doubles with every level."""
        if self.note is not None:
            self.note(node, rewrite, text)
        if len(text) > (MAX_QUERY_TEXT if isinstance(node, exp.Query) else MAX_TEXT):
            raise invalid(node, "The expression is too complex: divide it into subqueries", "54001")
        return text

    def refuse_unknown_arguments(self, node: exp.Expr, known: frozenset[str]) -> None:
        for name, value in node.args.items():
            if value and name not in known:
                raise unsupported(node, f"{name.strip('_').upper()} in {construct(node)}")

    def call(self, node: exp.Expr, over: str = "") -> Call:
        if isinstance(node, exp.Star):
            raise invalid(node, "SQL syntax error", "42601")
        call = call_of(node, over)
        if call is None:
            raise unsupported(node, construct(node))
        return call

    def function(self, call: Call) -> Function:
        """Return the table's line for a call whose form fits it.

        Raises: InvalidSql.
        """
        function = self.functions.get(call.name)
        if function is None:
            raise self.unknown_function(call)
        count = len(call.arguments)
        if count < function.least or (function.most is not None and count > function.most):
            raise invalid(call.node, f"function {call.name} does not take {count} arguments", "42883")
        if function.family == "scalar" and (call.over or call.distinct or call.order or call.nulls):
            raise invalid(call.node, f"{call.name} is no aggregate or window function", "42809")
        if function.family == "window" and not call.over:
            raise invalid(call.node, f"window function {call.name} requires an OVER clause", "42809")
        return function

    def unknown_function(self, call: Call) -> InvalidSql:
        if call.name in KNOWN:
            return unsupported(call.node, f"function {call.name}")
        return invalid(call.node, f"function {call.name} does not exist", "42883")

    def field_type(self, column: Field) -> SqlType:
        """Return the type of a relation's column."""
        known = self.types.get(id(column))
        if known is None:
            known = self.types[id(column)] = self.unified_origins(column)
        return known

    def unified_origins(self, column: Field) -> SqlType:
        literals = [one for one in column.origins if isinstance(one, exp.Expr) and untyped(one)]
        typed = [self.origin_type(one) for one in column.origins if one not in literals]
        common = unified(typed) if typed else VARCHAR
        if common is None:
            spelt = " and ".join(sorted({one.text for one in typed}))
            raise InvalidSql(f'types {spelt} of column "{column.name}" cannot be matched', sql_state="42804")
        return roomy(common, literals, typed)

    def origin_type(self, origin: SqlType | exp.Expr | Reference) -> SqlType:
        if isinstance(origin, SqlType):
            return origin
        return self.reference_type(origin) if isinstance(origin, Reference) else self.type(origin)

    def reference_type(self, reference: Reference) -> SqlType:
        common = unified(self.field_type(column) for _, column in reference.bounds)
        if common is None:
            raise InvalidSql(f'types of column "{reference.bounds[0][1].name}" cannot be matched', sql_state="42804")
        return common

    def common_type(self, nodes: Iterable[exp.Expr], construct: str) -> SqlType:
        """Return the type that values of one result share; bare strings and NULLs take that of the others."""
        nodes = list(nodes)
        typed = [self.type(node) for node in nodes if not untyped(node)]
        common = unified(typed) if typed else VARCHAR
        if common is None:
            spelt = " and ".join(dict.fromkeys(one.text for one in typed))
            if SUPER in typed:
                raise unsupported(nodes[0], f"{construct} of {spelt} without a CAST")
            raise invalid(nodes[0], f"{construct} types {spelt} cannot be matched", "42804")
        return roomy(common, [node for node in nodes if untyped(node)], typed)


def roomy(common: SqlType, literals: Iterable[exp.Expr], typed: Sequence[SqlType]) -> SqlType:
    """Widen the common type of strings to hold the bare ones too."""
    if not common.is_string:
        return common
    lengths = [len(bare(node).name.encode()) for node in literals if is_text_literal(node)]
    known = [] if not typed else [common.size]
    if None in known:
        return common
    return replace(common, size=max([*lengths, *(size or 0 for size in known)], default=None))


def bare(node: exp.Expr) -> exp.Expr:
    while isinstance(node, exp.Paren):
        node = node.this
    return node


def is_text_literal(node: exp.Expr) -> bool:
    return isinstance(bare(node), exp.Literal) and bool(bare(node).args.get("is_string"))


def untyped(node: exp.Expr) -> bool:
    """Tell whether a node is a bare string or NULL, which takes its type from its surroundings."""
    return isinstance(bare(node), exp.Null) or is_text_literal(node)


def integer_literal(node: exp.Expr) -> int | None:
    """Return the value of a whole number as it is written, or None."""
    node = bare(node)
    if isinstance(node, exp.Neg):
        value = integer_literal(node.this)
        return None if value is None else -value
    is_number = isinstance(node, exp.Literal) and not node.args.get("is_string")
    return int(node.name) if is_number and node.name.isdigit() else None


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def quoted_name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def reference_text(reference: Reference) -> str:
    texts = [f"{quoted_name(alias)}.{quoted_name(column.key)}" for alias, column in reference.bounds]
    return texts[0] if len(texts) == 1 else f"COALESCE({', '.join(texts)})"


def failing(condition: str, message: str, otherwise: str) -> str:
    """Return a text that raises where the condition is true; a NULL condition passes."""
    return f"CASE WHEN {condition} THEN error({quoted(message)}) ELSE {otherwise} END"
