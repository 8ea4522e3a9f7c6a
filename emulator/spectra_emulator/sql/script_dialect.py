"""The grammar of Redshift's statements that are no queries, where sqlglot has none or another dialect's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, ClassVar

from sqlglot import exp
from sqlglot.dialects.redshift import Redshift
from sqlglot.parsers.redshift import RedshiftParser
from sqlglot.tokenizer_core import TokenType

REMOVE_DUPLICATES = "REMOVE DUPLICATES"

_AS_COMMANDS = frozenset(("ANALYSE", "ANALYZE", "CLOSE", "COMMENT", "DEALLOCATE", "LOCK", "REFRESH"))
_COMMANDS = frozenset((*Redshift.Tokenizer.COMMANDS, TokenType.COMMAND))
_MODES = frozenset(("ISOLATION", "LEVEL", "ONLY", "READ", "SERIALIZABLE", "WRITE"))
_BLOCK_WORDS = frozenset(("TRANSACTION", "WORK"))


class EncodeProperty(exp.Property):
    """ENCODE AUTO of a whole table."""

    arg_types: ClassVar[dict[str, bool]] = {"this": True}


def _attribute(parser: Any) -> exp.Expr:
    """Return DISTKEY or SORTKEY behind a column, which have no effect on any answer."""
    return exp.Var(this=parser.token_before(1).text.upper())


def _identity(parser: Any) -> exp.Expr:
    """Return IDENTITY [(seed, step)], whose values nobody else may give."""
    numbers = parser.parse_seed_and_step()
    return exp.GeneratedAsIdentityColumnConstraint(this=True, **numbers)


def _sort_key(parser: Any) -> exp.Expr:
    return parser.parse_sort_key()  # type: ignore[no-any-return]  # sqlglot's callbacks are untyped


def _interleaved(parser: Any) -> exp.Expr | None:
    return parser.parse_sort_key() if parser.takes("SORTKEY") else None


def _encode(parser: Any) -> exp.Expr | None:
    return EncodeProperty(this=exp.Var(this="AUTO")) if parser.takes("AUTO") else None


class ScriptParser(RedshiftParser):
    """Statements of scripts: transactions, table attributes and MERGE as Redshift has them."""

    CONSTRAINT_PARSERS: ClassVar[dict[str, Callable[..., Any]]] = {
        **RedshiftParser.CONSTRAINT_PARSERS,
        "DISTKEY": _attribute,
        "SORTKEY": _attribute,
        "IDENTITY": _identity,
    }
    PROPERTY_PARSERS: ClassVar[dict[str, Callable[..., Any]]] = {
        **RedshiftParser.PROPERTY_PARSERS,
        "SORTKEY": _sort_key,
        "INTERLEAVED": _interleaved,
        "ENCODE": _encode,
    }

    def takes(self, *words: str) -> bool:
        """Pass the words if they come next, and tell whether they did."""
        return bool(self._match_text_seq(*words))

    def token_before(self, distance: int) -> Any:
        """Return the token that stands `distance` before the current one."""
        return self._tokens[self._index - distance]

    def parse_seed_and_step(self) -> dict[str, exp.Expr | None]:
        """Return where an identity column starts and by what it grows, as far as they are said."""
        if not self._match(TokenType.L_PAREN):
            return {}
        start = self._parse_bitwise()
        self._match(TokenType.COMMA)
        increment = self._parse_bitwise()
        self._match_r_paren()
        return {"start": start, "increment": increment}

    def parse_sort_key(self) -> exp.Expr:
        """Return SORTKEY AUTO or SORTKEY (column, …)."""
        columns = None if self.takes("AUTO") else self._parse_wrapped_id_vars()
        return exp.SortKeyProperty(this=columns)

    def _parse_statement(self) -> exp.Expr | None:
        word = self._curr.text.upper() if self._curr else ""
        ending = _TRANSACTION_WORDS.get(word)
        if ending is not None:
            self._advance()
            return ending(self)
        if word in _AS_COMMANDS or (self._curr and self._curr.token_type in _COMMANDS):
            self._advance()
            return self._parse_as_command(self._prev)
        return super()._parse_statement()

    def parse_abort(self) -> exp.Expr:
        """Return ABORT, which is ROLLBACK."""
        self._match_texts(_BLOCK_WORDS)
        return exp.Rollback()

    def parse_start(self) -> exp.Expr:
        """Return START TRANSACTION, which is BEGIN."""
        if not self.takes("TRANSACTION"):
            self.raise_error("TRANSACTION is expected", self._curr)
        self._retreat(self._index - 1)
        return self._parse_transaction()

    def _parse_create(self) -> Any:
        self._match_text_seq("LOCAL")
        return super()._parse_create()

    def _parse_star_op(self, *_keywords: str) -> list[exp.Expr] | None:
        """Leave EXCLUDE to the select list as a whole; Redshift has no other word behind a star."""
        return None

    def _parse_alter_table_alter(self) -> exp.Expr | None:
        """Take ALTER COLUMN … ENCODE … and ALTER ENCODE AUTO, which have no effect on any answer."""
        index = self._index
        self._match(TokenType.COLUMN)
        if self.takes("ENCODE", "AUTO") or (self._parse_id_var() and self.takes("ENCODE") and self._parse_var()):
            return exp.AlterSortKey(this=exp.Var(this="ENCODE"))
        self._retreat(index)
        return super()._parse_alter_table_alter()

    def _parse_value(self, values: bool = True) -> exp.Tuple | None:
        """Take no VALUES for a column: MERGE may insert without a list of columns."""
        if not values and self._curr and self._curr.text.upper() == "VALUES":
            return None
        return super()._parse_value(values)

    def _parse_when_matched(self) -> exp.Whens:
        if self.takes("REMOVE", "DUPLICATES"):
            return exp.Whens(expressions=[exp.Var(this=REMOVE_DUPLICATES)])
        return super()._parse_when_matched()

    def _parse_transaction(self) -> exp.Transaction | exp.Command:
        """Take the modes of a transaction without commas between them, as they are words."""
        transaction = super()._parse_transaction()
        while self._curr and self._curr.text.upper() in _MODES:
            self._advance()
            transaction.append("modes", self._prev.text.upper())
        return transaction


_TRANSACTION_WORDS: Mapping[str, Callable[[ScriptParser], exp.Expr]] = MappingProxyType(
    {"ABORT": ScriptParser.parse_abort, "START": ScriptParser.parse_start}
)
