"""A query as Redshift's UNLOAD: its rows in their order, under names of ours, in types that Parquet files hold.

Source: "UNLOAD" (no LIMIT in the outer query; PARALLEL OFF keeps the order), "FROM clause" (column aliases).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from sqlglot import exp

from spectra_emulator.domain.catalogue import Column
from spectra_emulator.sql.redshift import redshift_text
from spectra_emulator.sql.rewrites.context import quoted
from spectra_emulator.sql.type_names import parsed_type
from spectra_emulator.sql.warehouse_loads import Access
from spectra_emulator.sql.warehouse_places import text_literal

_RESULT = "spectra_result"
_AS_TEXT: Mapping[str, Callable[[exp.Expr], exp.Expr]] = {
    **dict.fromkeys(("TIME", "TIMETZ", "INTERVAL"), lambda value: exp.cast(value, "VARCHAR")),
    "VARBYTE": lambda value: exp.func("TO_HEX", value),
    "GEOMETRY": lambda value: exp.func("ST_AsHexEWKB", value),
    "GEOGRAPHY": lambda value: exp.func("ST_AsHexEWKB", value),
}
"""Types that do not go to Parquet, or not exactly."""

_READ_AS_TEXT = frozenset({"INTERVAL", "VARBYTE", "GEOMETRY", "GEOGRAPHY", "HLLSKETCH"})


def probe_text(query: exp.Query) -> str:
    """Return the query that tells the columns and gives no row."""
    return redshift_text(query.copy().limit(0))


def unload_text(query: exp.Query, columns: Sequence[Column], url: str, access: Access) -> str:
    """Return the UNLOAD of a query to files whose names begin with `url`, listed in a manifest."""
    selected = redshift_text(unloaded(query, columns))
    return (
        f"UNLOAD ({text_literal(selected)}) TO {text_literal(url)} {access.role_text} FORMAT AS PARQUET"
        f" MANIFEST ALLOWOVERWRITE PARALLEL OFF{access.region_text}"
    )


def unloaded(query: exp.Query, columns: Sequence[Column]) -> exp.Select:
    """Return a query of the same rows, in the same order, with columns called `c0`, `c1` and so on.

    The query stands inside, since UNLOAD takes no LIMIT outside and no two columns of one name; its ORDER BY is said
    again outside, by what it is in the result, where keys that are not in it are carried along.
    """
    ordered: Sequence[exp.Expr] = () if query.args.get("order") is None else query.args["order"].expressions
    keys = [_key(one, query, columns) for one in ordered]
    carried = {f"k{number}": ordered[number].this for number, key in enumerate(keys) if key is None}
    names = [f"c{number}" for number, _ in enumerate(columns)]
    outer = exp.Select(expressions=[_output(name, column) for name, column in zip(names, columns, strict=True)])
    outer = outer.from_(exp.Subquery(this=_inner(query, carried), alias=_alias([*names, *carried])))
    if ordered:
        outer.set("order", exp.Order(expressions=_said_again(ordered, keys, names)))
    return outer


def _inner(query: exp.Query, carried: Mapping[str, exp.Expr]) -> exp.Query:
    """Return the query with the carried keys at its end; where it takes only some rows, its order says which."""
    inner = query.copy()
    if isinstance(inner, exp.Select):
        inner = inner.select(*(exp.alias_(value.copy(), name) for name, value in carried.items()), copy=False)
    if not inner.args.get("limit") and not inner.args.get("offset"):
        inner.set("order", None)
    return inner


def _alias(names: Sequence[str]) -> exp.TableAlias:
    return exp.TableAlias(this=exp.to_identifier(_RESULT), columns=[exp.to_identifier(name) for name in names])


def _said_again(ordered: Sequence[exp.Expr], keys: Sequence[int | None], names: Sequence[str]) -> list[exp.Expr]:
    said = [one.copy() for one in ordered]
    for number, (again, key) in enumerate(zip(said, keys, strict=True)):
        again.set("this", exp.column(f"k{number}" if key is None else names[key]))
    return said


def _key(ordered: exp.Expr, query: exp.Query, columns: Sequence[Column]) -> int | None:
    """Return which output column a key is, None where it is none."""
    key = ordered.this
    if isinstance(key, exp.Literal) and not key.is_string:
        return int(key.name) - 1
    if isinstance(key, exp.Column) and not key.table:
        found = [place for place, column in enumerate(columns) if column.name.lower() == key.name.lower()]
        return found[0] if len(found) == 1 else None
    values = [one.unalias() for one in query.selects]
    if any(value.is_star for value in values):
        return None
    return next((place for place, value in enumerate(values) if value == key), None)


def _output(name: str, column: Column) -> exp.Expr:
    made = _AS_TEXT.get(parsed_type(column.type).name)
    value = exp.column(name)
    return value if made is None else exp.alias_(made(value), name)


def reading(files: Sequence[str], columns: Sequence[Column]) -> str:
    """Return DuckDB's query of the unloaded rows, in the types that the embedded engine would give them."""
    if not files:
        values = [f"CAST(NULL AS {_read_type(column)}) AS c{number}" for number, column in enumerate(columns)]
        return f"SELECT {', '.join(values)} WHERE false"
    values = [f"{_read(f'c{number}', column)}" for number, column in enumerate(columns)]
    return f"SELECT {', '.join(values)} FROM read_parquet([{', '.join(map(quoted, files))}])"  # noqa: S608 - quoted


def _read(name: str, column: Column) -> str:
    """Return a column's value; a decimal whose scale the warehouse did not tell keeps the one of the file."""
    if column.type == "DECIMAL":
        return name
    value = f"CAST({name} AS {_read_type(column)})"
    if parsed_type(column.type).name == "CHAR":
        value = f"rtrim({value}, ' ')"
    return f"{value} AS {name}"


def _read_type(column: Column) -> str:
    kind = parsed_type(column.type)
    return "VARCHAR" if kind.name in _READ_AS_TEXT else kind.duckdb
