"""A Redshift query as a DuckDB query with the same answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from sqlglot import exp

from spectra_emulator.domain.catalogue import Catalogue
from spectra_emulator.domain.errors import InvalidSql
from spectra_emulator.sql.duckdb_functions import TRANSLATED
from spectra_emulator.sql.names import resolved
from spectra_emulator.sql.refusals import unsupported
from spectra_emulator.sql.rewrites import (
    arithmetic,
    bits,
    casts,
    columns,
    comparisons,
    conditionals,
    intervals,
    navigation,
    number_operators,
    object_transforms,
    patterns,
    queries,
    row_values,
    similarity,
    strings,
    time_zones,
    try_casts,
    windows,
)
from spectra_emulator.sql.rewrites.context import Context, Note, Rule, quoted_name
from spectra_emulator.sql.rewrites.own_functions import own_functions
from spectra_emulator.sql.rewrites.spatial_casts import shown
from spectra_emulator.sql.scopes import Field, Names
from spectra_emulator.sql.type_names import SPATIAL, SqlType

RULES: Mapping[type[exp.Expr], Rule] = MappingProxyType(
    {
        **queries.RULES,
        **columns.RULES,
        **arithmetic.RULES,
        **navigation.RULES,
        **intervals.RULES,
        **number_operators.RULES,
        **bits.RULES,
        **time_zones.RULES,
        **comparisons.RULES,
        **row_values.RULES,
        **patterns.RULES,
        **similarity.RULES,
        **conditionals.RULES,
        **strings.RULES,
        **casts.RULES,
        **try_casts.RULES,
        **object_transforms.RULES,
        **windows.RULES,
    }
)


@dataclass(frozen=True)
class OutputColumn:
    """`type` is Redshift's bare name, or None where only the engine's own is known."""

    name: str
    type: str | None


@dataclass(frozen=True)
class Translation:
    """`sql` is DuckDB's text, its columns named apart; `columns` name them as Redshift does, perhaps alike.

    `quick_sql`, where there is one, gives the same answer sooner, or fails where `sql` might not.
    """

    sql: str
    columns: tuple[OutputColumn, ...]
    quick_sql: str | None = None


def context_of(names: Names, note: Note | None = None, user: str = "") -> Context:
    functions = {**TRANSLATED, **own_functions(names.functions)} if names.functions else TRANSLATED
    return Context(names, RULES, functions, note=note, user=user)


def translated(query: exp.Expr, catalogue: Catalogue, note: Note | None = None, user: str = "") -> Translation:
    """Return a query of the catalogue's tables for DuckDB; the tree stays as it is, and `note` is told each rewrite.

    `user` is the database user who asks.

    Raises: InvalidSql for what Redshift would refuse, and for what DuckDB would answer differently.
    """
    try:
        return translation(query, catalogue, note, user)
    except RecursionError as error:
        raise InvalidSql("The query is nested too deeply", sql_state="54001") from error


def translation(query: exp.Expr, catalogue: Catalogue, note: Note | None, user: str) -> Translation:
    context = context_of(resolved(query, catalogue), note, user)
    text = context.text(query)
    fields = context.names.outputs[id(query)]
    columns = tuple(OutputColumn(one.name, shown_type(query, context.field_type(one))) for one in fields)
    quick = quick_text(context, query)
    return Translation(readable(text, fields, columns), columns, quick and readable(quick, fields, columns))


def quick_text(context: Context, query: exp.Expr) -> str | None:
    """Return the query's text with every shortcut that there is, None without any.

    A TRY would hide that a shortcut failed, and a text with shortcuts may be too long where the one without is not.
    """
    if not context.shortcuts:
        return None
    try:
        text = replace(context, note=None, texts={}, quick=True).text(query)
    except InvalidSql:
        return None
    return None if "TRY(" in text else text


def readable(text: str, fields: Sequence[Field], columns: Sequence[OutputColumn]) -> str:
    """Return a query with its spatial columns as the text that clients get."""
    if all(column.type not in SPATIAL for column in columns):
        return text
    places = [f'"made".{quoted_name(one.key)}' for one in fields]
    items = (
        f"{shown(place) if column.type in SPATIAL else place} AS {quoted_name(one.key)}"
        for place, one, column in zip(places, fields, columns, strict=True)
    )
    return f'SELECT {", ".join(items)} FROM ({text}) AS "made"'  # noqa: S608 - quoted names and our own text


def shown_type(query: exp.Expr, kind: SqlType) -> str:
    """Return a result column's type.

    Raises: InvalidSql where how Redshift shows its values is not covered.
    """
    if kind.name == "HLLSKETCH":
        raise unsupported(query, "a result column of type HLLSKETCH, whose text depends on Redshift's own hash,")
    return kind.name
