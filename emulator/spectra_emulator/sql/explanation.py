"""What a query becomes for DuckDB, and by which rewrites."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from inspect import getdoc

from sqlglot import exp

from spectra_emulator.domain.catalogue import Catalogue
from spectra_emulator.domain.sql_rules import SqlRules
from spectra_emulator.sql.calls import call_of
from spectra_emulator.sql.duckdb import OutputColumn, translated
from spectra_emulator.sql.guard import parse_read_only
from spectra_emulator.sql.refusals import construct

_PACKAGE = f"{__package__}.rewrites."


@dataclass(frozen=True)
class Rewrite:
    """A rewrite that was applied `times` times.

    `family` is the module that holds it, `summary` its own description where it has one; `before` and `after` are
    Redshift's SQL and DuckDB's where it was first applied.
    """

    family: str
    construct: str
    summary: str | None
    before: str
    after: str
    times: int = 1


@dataclass(frozen=True)
class Explanation:
    """`sql` is DuckDB's; the row cap of the API is not yet on it."""

    sql: str
    columns: tuple[OutputColumn, ...]
    rewrites: tuple[Rewrite, ...]
    warnings: tuple[str, ...] = ()


@dataclass
class Ledger:
    """Counts the rewrites that are applied, in the order in which each was first done."""

    rewrites: dict[tuple[str, str], Rewrite] = field(default_factory=dict)

    def note(self, node: exp.Expr, rewrite: Callable[..., str], text: str) -> None:
        place = (rewrite.__module__.removeprefix(_PACKAGE), _spelt(node))
        known = self.rewrites.get(place)
        if known is not None:
            self.rewrites[place] = replace(known, times=known.times + 1)
            return
        summary = (getdoc(rewrite) or "").partition("\n")[0] or None
        self.rewrites[place] = Rewrite(*place, summary, node.sql(dialect="redshift"), text)


def explained(sql: str, catalogue: Catalogue, rules: SqlRules, user: str = "") -> Explanation:
    """Translate a query of the catalogue's tables, asked by a database user, and tell how.

    Raises: InvalidSql, SqlBlocked, as the API does.
    """
    ledger = Ledger()
    translation = translated(parse_read_only(sql, rules, catalogue.functions), catalogue, ledger.note, user)
    rewrites = tuple(ledger.rewrites.values())
    return Explanation(translation.sql, translation.columns, rewrites, tuple(lost_values(translation.columns)))


def lost_values(columns: Sequence[OutputColumn]) -> Iterator[str]:
    """Warn of columns whose values a row of the answer cannot hold, since its members have one name each."""
    counted = Counter(column.name for column in columns)
    for name, times in counted.items():
        if times > 1:
            yield f'{times} columns are called "{name}": a row keeps the value of the last; tell them apart with AS'


def _spelt(node: exp.Expr) -> str:
    call = call_of(node)
    return construct(node) if call is None else call.name.upper()
