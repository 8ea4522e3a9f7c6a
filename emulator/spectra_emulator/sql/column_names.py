"""The name that Redshift gives to a column whose expression has no alias."""

from __future__ import annotations

from sqlglot import exp

from spectra_emulator.sql.calls import TRIMS, written_name
from spectra_emulator.sql.dialect import OPERATOR, function_name

MAX_COLUMNS = 1664
UNNAMED = "?column?"
FUNCTION_COLUMNS = {
    "nvl": "coalesce",
    "nvl2": "case",
    "decode": "case",
    "extract": "date_part",
    "date_part": "pgdate_part",
    "log": "dlog10",
    "trim": "btrim",
    "substr": "substring",
    "len": "len",
    "sysdate": "timestamp",
    "getdate": "getdate",
    "current_date": "date",
    "current_timestamp": "timestamptz",
    "current_time": "timetz",
    "localtime": "time",
    "localtimestamp": "timestamp",
    "datediff": "date_diff",
    "dateadd": "date_add",
    "pow": "power",
    "approximate": "count",
    "ceil": "ceil",
}
TYPE_COLUMNS = {
    exp.DType.SMALLINT: "int2",
    exp.DType.INT: "int4",
    exp.DType.BIGINT: "int8",
    exp.DType.DECIMAL: "numeric",
    exp.DType.FLOAT: "float4",
    exp.DType.DOUBLE: "float8",
    exp.DType.BOOLEAN: "bool",
    exp.DType.CHAR: "bpchar",
    exp.DType.NCHAR: "bpchar",
    exp.DType.BPCHAR: "bpchar",
    exp.DType.VARCHAR: "varchar",
    exp.DType.NVARCHAR: "varchar",
    exp.DType.TEXT: "text",
    exp.DType.DATE: "date",
    exp.DType.TIMESTAMP: "timestamp",
    exp.DType.TIMESTAMPTZ: "timestamptz",
    exp.DType.TIME: "time",
    exp.DType.TIMETZ: "timetz",
    exp.DType.SUPER: "super",
    exp.DType.VARBINARY: "varbyte",
}
ZONED_COLUMNS = {"timestamp": "timestamptz", "timestamptz": "timestamp"}
WRITTEN_SO = (exp.Mod, exp.DPipe, exp.Pow, exp.Sqrt, exp.Cbrt)
TRANSPARENT = (exp.Paren, exp.Window, exp.WithinGroup, exp.IgnoreNulls, exp.RespectNulls, exp.Bracket)


def redshift_name(node: exp.Expr) -> str:
    """Return the column name of an expression without an alias."""
    return firm_name(node) or weak_name(node) or UNNAMED


def firm_name(node: exp.Expr) -> str | None:
    """Return the name that a column or a function gives, through a cast or CASE around it too."""
    while isinstance(node, TRANSPARENT):
        node = node.this
    if isinstance(node, exp.Column):
        return str(node.name).lower()
    if isinstance(node, exp.Dot):
        return str(node.expression.name).lower()
    if isinstance(node, exp.Cast):
        return firm_name(node.this)
    if isinstance(node, exp.Case):
        default = node.args.get("default")
        return None if default is None else firm_name(default)
    if isinstance(node, exp.AtTimeZone):
        return ZONED_COLUMNS.get(redshift_name(node.this), "timezone")
    return function_column(node)


def weak_name(node: exp.Expr) -> str | None:
    """Return the name that only a cast, an interval or CASE gives: that of the outermost."""
    while isinstance(node, TRANSPARENT):
        node = node.this
    if isinstance(node, exp.Cast):
        return type_column(node.to.this)
    if isinstance(node, exp.Interval):
        return type_column(node)
    return "case" if isinstance(node, exp.Case) else None


def interval_column(qualifier: exp.Expr | None) -> str:
    """Return the name of the type that an interval has by its qualifier: of years and months, or of days and less."""
    if qualifier is None:
        return "interval"
    first = next(iter(qualifier.find_all(exp.Var)), qualifier).name.lower()
    return "intervaly2m" if first.split(" ")[0] in {"year", "month"} else "intervald2s"


def type_column(kind: exp.DType | exp.Interval) -> str:
    if isinstance(kind, exp.Interval):
        return interval_column(kind.args.get("unit"))
    return TYPE_COLUMNS.get(kind, str(kind.value).lower())


def is_operator(node: exp.Expr) -> bool:
    """Tell whether a call was written as an operator, which gives no name."""
    return node.meta_get(OPERATOR) is not None or (isinstance(node, WRITTEN_SO) and function_name(node) is None)


def function_column(node: exp.Expr) -> str | None:
    if isinstance(node, exp.ApproxQuantile):
        return "percentile_disc"
    if isinstance(node, exp.Trim):
        return TRIMS.get(str(node.args.get("position") or ""), "btrim")
    if isinstance(node, exp.Anonymous) and node.name.lower() == "log":
        return "dlog10" if len(node.expressions) == 1 else "log"
    name = None if is_operator(node) else written_name(node)
    return None if name is None else FUNCTION_COLUMNS.get(name, name)
