"""Strings that differ in trailing blanks alone are one key: of groups, of DISTINCT, of partitions, of an order.

A key is a string without its blanks. What is shown of a group is its key and the fewest blanks that a row of it had,
which is one of its strings as it was.

Source: "Character types" (significance of trailing blanks), "LISTAGG" (DISTINCT).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from sqlglot import exp

from spectra_emulator.sql.calls import call_of
from spectra_emulator.sql.refusals import unsupported
from spectra_emulator.sql.rewrites.conditionals import case_results
from spectra_emulator.sql.rewrites.context import (
    Context,
    GroupKey,
    bare,
    is_text_literal,
    quoted_name,
    reference_text,
    untyped,
)
from spectra_emulator.sql.rewrites.grouped import group_keys
from spectra_emulator.sql.rewrites.likeness import Likenesses
from spectra_emulator.sql.scopes import Field, Reference
from spectra_emulator.sql.type_names import SqlType

TRIMMING = frozenset({"trim", "btrim", "rtrim"})
NOT_GROUPED = (exp.Query, exp.Literal, exp.Null, exp.Boolean)
LONGEST_REPEATED = 5_000
"""Of a text, in characters; a longer one is trimmed without a look at its end first."""


def without_blanks(text: str, kind: SqlType) -> str:
    """Return a string without its trailing blanks; few have any, and to look is cheaper than to trim."""
    trimmed = f"rtrim({text}, ' ')"
    if len(text) <= LONGEST_REPEATED:
        trimmed = f"CASE WHEN suffix({text}, ' ') THEN {trimmed} ELSE {text} END"
    return f"({trimmed} COLLATE NOCASE)" if kind.insensitive else f"({trimmed})"


def has_blanks(context: Context, node: exp.Expr | Reference) -> bool:
    """Tell whether a value is a string that may end in blanks; a CHAR is kept without them."""
    if isinstance(node, Reference):
        return context.reference_type(node).name == "VARCHAR"
    node = bare(node)
    if is_text_literal(node):
        return bool(node.name.endswith(" "))
    if untyped(node) or context.type(node).name != "VARCHAR" or is_trimmed(node):
        return False
    return not isinstance(node, exp.Case) or any(has_blanks(context, one) for one in case_results(node))


def is_trimmed(node: exp.Expr) -> bool:
    call = None if isinstance(node, exp.Column) else call_of(node)
    return call is not None and call.name in TRIMMING and len(call.arguments) == 1


def type_of(context: Context, node: exp.Expr | Reference) -> SqlType:
    return context.reference_type(node) if isinstance(node, Reference) else context.type(node)


def own_text(context: Context, node: exp.Expr | Reference) -> str:
    return reference_text(node) if isinstance(node, Reference) else context.text(node)


def key_text(context: Context, node: exp.Expr | Reference) -> str:
    """Return what tells a value from others: equal values have equal keys."""
    key = None if context.grouped is None else context.grouped(node)
    if key is not None:
        return key.text
    text = own_text(context, node)
    return without_blanks(text, type_of(context, node)) if has_blanks(context, node) else text


def group_key(text: str, kind: SqlType) -> GroupKey:
    key = without_blanks(text, kind)
    return GroupKey(key, f"({key} || repeat(' ', min(strlen({text})) - strlen({key})))")


@dataclass(frozen=True)
class GroupKeys:
    """The keys of one SELECT by the number of what they are keys of; `outer` are those of the queries around it."""

    alike: Likenesses
    keys: dict[int, GroupKey]
    outer: Callable[[exp.Expr | Reference], GroupKey | None] | None = None

    def of(self, node: exp.Expr | Reference) -> GroupKey | None:
        """Return the key that stands for an expression.

        Raises: InvalidSql where it is one of a query around this one.
        """
        if isinstance(node, NOT_GROUPED):
            return None
        if self.outer is not None and isinstance(node, exp.Column):
            refuse_key_of_blanks(node, self.outer(node))
        return self.keys.get(self.alike.of(node)) if self.keys else None


def refuse_key_of_blanks(node: exp.Column, key: GroupKey | None) -> None:
    if key is not None and key.shown != key.text:
        raise unsupported(node, "a column of GROUP BY that may have trailing blanks within a subquery")


def of_rows(context: Context) -> Context:
    """Return the context of what a SELECT within a query with GROUP BY computes for each row that it reads."""
    if context.grouped is None:
        return context
    return replace(context, grouped=GroupKeys(Likenesses(context.names), {}, context.grouped).of)


def of_groups(context: Context, node: exp.Expr) -> Context:
    """Return the context of what a SELECT computes for each row or group that it returns."""
    listed = list(group_keys(context, node))
    if not any(has_blanks(context, one) for one in listed):
        return context
    alike = Likenesses(context.names)
    keys = {alike.of(one): own_key(context, one) for one in listed}
    return replace(context, grouped=GroupKeys(alike, keys, context.grouped).of)


def own_key(context: Context, node: exp.Expr | Reference) -> GroupKey:
    """Return the key of what a SELECT groups by; one without blanks is shown as it is computed of the rows."""
    text = own_text(context, node)
    return group_key(text, type_of(context, node)) if has_blanks(context, node) else GroupKey(text, text)


def distinct_text(context: Context, fields: Iterable[Field]) -> str:
    """Return DISTINCT over the keys of a SELECT's columns; it is plain where these are the columns themselves."""
    listed = [origin for column in fields for origin in column.origins[:1] if isinstance(origin, exp.Expr | Reference)]
    varying = [one for one in listed if not is_constant(one)]
    if not any(has_blanks(context, one) for one in varying):
        return "DISTINCT "
    return f"DISTINCT ON ({', '.join(key_text(context, one) for one in varying)}) "


def is_constant(node: exp.Expr | Reference) -> bool:
    """Tell whether a value is a literal, which DISTINCT ON would take for a column's number."""
    return isinstance(node, exp.Expr) and isinstance(bare(node), exp.Literal | exp.Null)


SIDE = '":side"'
HAVING = {"INTERSECT": f" HAVING min({SIDE}) = 0 AND max({SIDE}) = 1", "EXCEPT": f" HAVING max({SIDE}) = 0"}


def combined(word: str, sides: Iterable[str], columns: Iterable[tuple[str, SqlType]]) -> str:
    """Return a set operation without duplicates over the keys of its rows; those shown are the left side's."""
    listed = list(columns)
    names = ", ".join([*(quoted_name(name) for name, _ in listed), SIDE])
    rows = " UNION ALL ".join(f"FROM ({side}) SELECT *, {place}" for place, side in enumerate(sides))
    keys = ", ".join(key for key, _ in combined_columns(listed))
    shown = ", ".join(shown for _, shown in combined_columns(listed))
    groups = f'FROM ({rows}) AS "both"({names}) SELECT {shown} GROUP BY {keys}{HAVING.get(word, "")}'
    return f"FROM ({groups}) SELECT *"


def combined_columns(columns: Iterable[tuple[str, SqlType]]) -> Iterator[tuple[str, str]]:
    """Yield each column's key and what is shown of it."""
    for name, kind in columns:
        text = f'"both".{quoted_name(name)}'
        if kind.name != "VARCHAR":
            yield text, f"{text} AS {quoted_name(name)}"
            continue
        key = without_blanks(text, kind)
        fewest = f"coalesce(min(strlen({text})) FILTER (WHERE {SIDE} = 0), min(strlen({text})))"
        yield key, f"({key} || repeat(' ', {fewest} - strlen({key}))) AS {quoted_name(name)}"
