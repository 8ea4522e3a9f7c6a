"""What a read-only query may be made of: every kind of node, and every part of each."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Mapping
from types import MappingProxyType

from sqlglot import exp

from spectra_emulator.domain.errors import InvalidSql
from spectra_emulator.sql.dialect import function_name
from spectra_emulator.sql.foreign_functions import called_name
from spectra_emulator.sql.functions import KNOWN
from spectra_emulator.sql.refusals import construct, located
from spectra_emulator.sql.source import SYNTAX_ERROR
from spectra_emulator.sql.vocabulary import words

_MODIFIERS = words("with_ order limit offset")
_BINARY = words("this expression")
_UNARY = words("this")
_ITEMS = words("expressions")

_OPERATORS = (
    exp.Add, exp.And, exp.BitwiseAnd, exp.BitwiseLeftShift, exp.BitwiseOr, exp.BitwiseRightShift, exp.BitwiseXor,
    exp.EQ, exp.Escape, exp.GT, exp.GTE, exp.Is, exp.LT, exp.LTE, exp.Mod, exp.Mul, exp.NEQ, exp.Or, exp.Pow,
    exp.RegexpILike, exp.RegexpLike, exp.SimilarTo, exp.Sub, exp.WithinGroup,
)  # fmt: skip
_PREFIXES = (
    exp.All, exp.Any, exp.BitwiseNot, exp.Boolean, exp.Cbrt, exp.DataTypeParam, exp.Exists, exp.From, exp.Having,
    exp.IgnoreNulls, exp.Neg, exp.Not, exp.Paren, exp.Prior, exp.Qualify, exp.RespectNulls, exp.Sqrt, exp.Var,
    exp.Where,
)  # fmt: skip
_LISTS = (exp.Cube, exp.Distinct, exp.GroupingSets, exp.Order, exp.Rollup, exp.Tuple)

_PARTS: Mapping[type[exp.Expr], frozenset[str]] = MappingProxyType(
    {
        **dict.fromkeys(_OPERATORS, _BINARY),
        **dict.fromkeys(_PREFIXES, _UNARY),
        **dict.fromkeys(_LISTS, _ITEMS),
        **dict.fromkeys((exp.Except, exp.Intersect, exp.Union), _MODIFIERS | words("this expression distinct")),
        exp.Select: _MODIFIERS | words("expressions distinct from_ joins where group having qualify connect exclude"),
        exp.Subquery: _MODIFIERS | words("this alias joins pivots"),
        exp.With: words("expressions recursive"),
        exp.CTE: words("this alias"),
        exp.TableAlias: words("this columns"),
        exp.Table: words("this db catalog alias joins pivots"),
        exp.Connect: words("start connect nocycle"),
        exp.Join: words("this on using side kind method"),
        exp.Group: words("expressions grouping_sets cube rollup"),
        exp.Ordered: words("this desc nulls_first"),
        exp.Limit: words("expression"),
        exp.Offset: words("expression"),
        exp.Fetch: words("direction count limit_options"),
        exp.LimitOptions: words("rows"),
        exp.Alias: words("this alias"),
        exp.Column: words("this table db catalog join_mark"),
        exp.Identifier: words("this quoted"),
        exp.Star: frozenset(),
        exp.Null: frozenset(),
        exp.Literal: words("this is_string"),
        exp.DataType: words("this expressions"),
        exp.Div: words("this expression typed safe"),
        exp.DPipe: words("this expression safe"),
        exp.Like: words("this expression negate"),
        exp.ILike: words("this expression negate"),
        exp.Between: words("this low high"),
        exp.In: words("this expressions query"),
        exp.Case: words("this ifs default"),
        exp.If: words("this true"),
        exp.Cast: words("this to"),
        exp.TryCast: words("this to safe"),
        exp.ObjectTransform: words("this keep set_"),
        exp.Concat: words("expressions safe coalesce"),
        exp.AtTimeZone: words("this zone"),
        exp.Interval: words("this unit fraction_in_string"),
        exp.IntervalSpan: words("this expression"),
        exp.HexString: words("this"),
        exp.Dot: words("this expression"),
        exp.Bracket: words("this expressions alias"),
        exp.Unnest: words("expressions alias"),
        exp.AtIndex: words("this expression"),
        exp.Pivot: words("this unpivot expressions fields include_nulls alias columns pivot_column_naming"),
        exp.PivotAlias: words("this alias"),
        exp.Window: words("this partition_by order spec over"),
        exp.WindowSpec: words("kind start start_side end end_side"),
    }
)

_TYPES = frozenset(
    (
        exp.DType.BIGINT, exp.DType.BOOLEAN, exp.DType.BPCHAR, exp.DType.CHAR, exp.DType.DATE, exp.DType.DECIMAL,
        exp.DType.DOUBLE, exp.DType.FLOAT, exp.DType.GEOGRAPHY, exp.DType.GEOMETRY, exp.DType.HLLSKETCH, exp.DType.INT,
        exp.DType.INTERVAL, exp.DType.NCHAR, exp.DType.NVARCHAR, exp.DType.SMALLINT, exp.DType.SUPER, exp.DType.TEXT,
        exp.DType.TIME, exp.DType.TIMESTAMP, exp.DType.TIMESTAMPTZ, exp.DType.TIMETZ, exp.DType.VARBINARY,
        exp.DType.VARCHAR,
    )
)  # fmt: skip

_LACKING: Mapping[type[exp.Expr], str] = MappingProxyType(
    {
        exp.Parameter: "A bind parameter",
        exp.Placeholder: "A bind parameter",
    }
)
"""What Redshift has, or a client may expect, and the emulator has not."""

_JOINABLE = (exp.From, exp.Join, exp.Subquery)
_Unit = exp.Var | exp.IntervalSpan | exp.Literal | None
_MAX_DIGITS = 64
_BARE_TEXT = re.compile(r"[A-Za-z_][A-Za-z0-9_ ]*")


_NAME = re.compile(r"[^\W\d][\w$]*")
_HEX_DIGITS = re.compile(r"[0-9A-Fa-f]*")
_NUMBER = re.compile(r"(?=\.?\d)\d*\.?\d*([eE][+-]?\d+)?")


def check(node: exp.Expr, own_functions: Container[str] = ()) -> None:
    """Refuse a node that no query of Redshift holds, or that has a part which Redshift's has not.

    Raises: InvalidSql.
    """
    if _is_own(called_name(node), own_functions):
        return
    parts = _PARTS.get(type(node))
    if parts is not None:
        _check_parts(node, parts)
    elif function_name(node) not in KNOWN:
        raise _refused(node, construct(node), _LACKING.get(type(node)))
    if not _is_sound(node):
        raise _refused(node, f"{construct(node)} {node.name}".strip(), None)


def _is_own(name: str | None, own_functions: Container[str]) -> bool:
    return name is not None and name not in KNOWN and name in own_functions


def _check_parts(node: exp.Expr, parts: frozenset[str]) -> None:
    for name, value in node.args.items():
        if value and name not in parts:
            raise _refused(node, f"{construct(node)} with {name.strip('_').replace('_', ' ')}", None)


def _refused(node: exp.Expr, found: str, lacking: str | None) -> InvalidSql:
    if lacking is not None:
        return InvalidSql(f"{lacking} is not supported by the emulator", sql_state="0A000", **located(node))
    return InvalidSql(SYNTAX_ERROR, hint=f"Redshift has no such construct: {found}", **located(node))


def _is_sound(node: exp.Expr) -> bool:
    demand = _DEMANDS.get(type(node))
    return demand(node) if demand else _holds_bare_text(node) and isinstance(node.args.get("unit"), _Unit)


def _holds_bare_text(node: exp.Expr) -> bool:
    """Tell whether text that is printed as it stands is made of plain words."""
    return all(_BARE_TEXT.fullmatch(value) for value in node.args.values() if isinstance(value, str))


def _is_name(node: exp.Expr) -> bool:
    return bool(node.args.get("quoted") or _NAME.fullmatch(node.name))


def _is_literal(node: exp.Expr) -> bool:
    return bool(node.is_string or (len(node.name) <= _MAX_DIGITS and _NUMBER.fullmatch(node.name)))


def _is_type(node: exp.Expr) -> bool:
    return isinstance(node.this, exp.Interval) or node.this in _TYPES


def _gives_rows_once(node: exp.Expr) -> bool:
    """Tell whether a set operation is one of Redshift's: of those that keep duplicates it has only UNION ALL."""
    return bool(node.args.get("distinct"))


_DEMANDS: Mapping[type[exp.Expr], Callable[[exp.Expr], bool]] = MappingProxyType(
    {
        exp.All: lambda node: isinstance(node.this, exp.Query),
        exp.Any: lambda node: isinstance(node.this, exp.Query),
        exp.Anonymous: lambda node: node.name.lower() in KNOWN,
        exp.DataType: _is_type,
        exp.Except: _gives_rows_once,
        exp.Identifier: _is_name,
        exp.Intersect: _gives_rows_once,
        exp.Join: lambda node: node.args.get("method") in (None, "", "NATURAL") and _holds_bare_text(node),
        exp.Literal: _is_literal,
        exp.Dot: lambda node: isinstance(node.expression, exp.Identifier),
        exp.HexString: lambda node: bool(_HEX_DIGITS.fullmatch(str(node.this))),
        exp.Pivot: lambda node: bool(node.args.get("unpivot") or node.args.get("fields")),
        exp.Select: lambda node: bool(node.expressions),
        exp.Interval: lambda node: (
            (isinstance(node.parent, exp.DataType) or isinstance(node.this, exp.Literal))
            and isinstance(node.args.get("unit"), _Unit)
        ),
        exp.Subquery: lambda node: not node.args.get("joins") or isinstance(node.parent, _JOINABLE),
        exp.Table: lambda node: isinstance(node.this, exp.Identifier),
        exp.TableAlias: lambda node: all(
            isinstance(column, exp.Identifier) for column in node.args.get("columns") or ()
        ),
    }
)
