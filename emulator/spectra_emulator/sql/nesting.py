"""How deep a statement is nested: on its tokens before a recursive parser sees them, and on its tree."""

from __future__ import annotations

from collections.abc import Iterable

from sqlglot import exp
from sqlglot.tokenizer_core import Token, TokenType

from spectra_emulator.domain.errors import InvalidSql
from spectra_emulator.sql.source import SYNTAX_ERROR

MAX_DEPTH = 100
MAX_PREFIXES = 50
MAX_TREE_DEPTH = 200
TOO_DEEP = "SQL statement is nested too deeply"

_PAIRS = {
    TokenType.R_PAREN: TokenType.L_PAREN,
    TokenType.R_BRACKET: TokenType.L_BRACKET,
    TokenType.R_BRACE: TokenType.L_BRACE,
}
_OPENERS = {
    TokenType.L_PAREN: ")",
    TokenType.L_BRACKET: "]",
    TokenType.L_BRACE: "}",
}
_PREFIXES = frozenset(
    (TokenType.NOT, TokenType.DASH, TokenType.PLUS, TokenType.TILDE, TokenType.RLIKE, TokenType.PARAMETER)
)


def check(tokens: Iterable[Token]) -> None:
    """Refuse brackets that do not match, and nesting that a parser would not survive.

    Raises: InvalidSql.
    """
    open_brackets: list[Token] = []
    cases = prefixes = 0
    for token in tokens:
        kind = token.token_type
        prefixes = prefixes + 1 if kind in _PREFIXES else 0
        cases += (kind == TokenType.CASE) - (kind == TokenType.END)
        if kind in _OPENERS:
            open_brackets.append(token)
        elif kind in _PAIRS:
            _close(open_brackets, token)
        if len(open_brackets) + max(cases, 0) > MAX_DEPTH or prefixes > MAX_PREFIXES:
            raise too_deep(token)
    if open_brackets:
        raise _unclosed(open_brackets[-1])


def check_tree(tree: exp.Expr) -> None:
    """Refuse a tree that recursive readers would not survive, such as one of a thousand casts in a row.

    Raises: InvalidSql.
    """
    level: list[exp.Expr] = [tree]
    for _ in range(MAX_TREE_DEPTH):
        level = [child for node in level for child in node.iter_expressions()]
    if level:
        raise too_deep()


def too_deep(token: Token | None = None) -> InvalidSql:
    """Return the error for a statement that nests too deeply, at `token` where that is known."""
    place = {} if token is None else {"position": token.start + 1}
    return InvalidSql(TOO_DEEP, limit=MAX_DEPTH, rule="COMPLEXITY_EXCEEDED", **place)


def _close(open_brackets: list[Token], token: Token) -> None:
    if not open_brackets or open_brackets.pop().token_type != _PAIRS[token.token_type]:
        raise InvalidSql(
            SYNTAX_ERROR,
            position=token.start + 1,
            hint=f"Remove '{token.text}', or open it before position {token.start + 1}",
        )


def _unclosed(token: Token) -> InvalidSql:
    closing = _OPENERS[token.token_type]
    return InvalidSql(
        SYNTAX_ERROR,
        position=token.start + 1,
        hint=f"Check for a missing '{closing}' for the '{token.text}' at position {token.start + 1}",
    )
