"""A guarded query as the text that Redshift gets."""

from __future__ import annotations

import re

from sqlglot import exp
from sqlglot.errors import UnsupportedError
from sqlglot.generators.redshift import RedshiftGenerator

from spectra_emulator.domain.errors import InvalidSql
from spectra_emulator.sql.dialect import FUNCTION, SpectraRedshift
from spectra_emulator.sql.refusals import located

_PRECISION = re.compile(r" ([0-9]+)$")


class _Printer(RedshiftGenerator):
    """Redshift's own spellings where sqlglot prints another dialect's, or drops a part."""

    def escape_str(self, text: str, *_: object, **__: object) -> str:
        """Double quotes and backslashes: no text ends early, whatever a backslash means in the session."""
        return text.replace("\\", "\\\\").replace("'", "''")

    def datatype_sql(self, expression: exp.DataType) -> str:
        """Leave TEXT what it is, where sqlglot makes it as wide as can be."""
        bare = expression.is_type("text") and not expression.expressions
        return "TEXT" if bare else super().datatype_sql(expression)

    def interval_sql(self, expression: exp.Interval) -> str:
        """Leave the qualifier outside the quotes."""
        unit = expression.args.get("unit")
        qualifier = "" if unit is None else " " + _PRECISION.sub(r"(\1)", unit.name)
        return f"INTERVAL {self.sql(expression, 'this')}{qualifier}"

    def bracket_sql(self, expression: exp.Bracket) -> str:
        """Keep the alias of an array in FROM."""
        alias = self.sql(expression, "alias")
        return super().bracket_sql(expression) + (f" AS {alias}" if alias else "")


class _SentRedshift(SpectraRedshift):
    ORIGINAL_NAME_META_KEY = FUNCTION
    Generator = _Printer


_SENT = _SentRedshift()


def redshift_text(query: exp.Expr) -> str:
    """Return the query in Redshift's dialect, without comments.

    Raises: InvalidSql where it is nested too deeply, or holds what cannot be written.
    """
    try:
        return _SENT.generate(query, comments=False, normalize_functions=False)
    except RecursionError as error:
        raise InvalidSql("The query is nested too deeply", sql_state="54001") from error
    except UnsupportedError as error:
        raise InvalidSql("The query cannot be written for Redshift", sql_state="0A000", **located(query)) from error
