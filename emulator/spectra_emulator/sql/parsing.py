"""Text of a client to a tree whose nodes know where they stood."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from sqlglot import exp
from sqlglot.errors import ParseError
from sqlglot.tokenizer_core import Token, TokenType

from spectra_emulator.domain.errors import InvalidSql
from spectra_emulator.sql import chains, group_all, nesting
from spectra_emulator.sql.dialect import DIALECT, SyntaxFault
from spectra_emulator.sql.nearest import nearest
from spectra_emulator.sql.source import SYNTAX_ERROR, Source, read
from spectra_emulator.sql.vocabulary import words

MAX_NODES = 20_000
SCRIPT_LENGTH = 20_000_000
SCRIPT_TOKENS = 4_000_000
SCRIPT_NODES = 2_000_000
"""What a trusted script may hold: rows by the thousand in one INSERT."""


_KEYWORDS = words(
    """
    BETWEEN CASE CREATE DELETE DISTINCT EXCEPT FROM GROUP HAVING INNER INSERT INTERSECT INTO JOIN LEFT LIMIT OFFSET
    ORDER OUTER PARTITION RIGHT SELECT TABLE THEN UNION UPDATE VALUES WHEN WHERE WITH
    """
)
_CLAUSES = frozenset(
    (
        TokenType.COMMA,
        TokenType.R_PAREN,
        TokenType.FROM,
        TokenType.WHERE,
        TokenType.GROUP_BY,
        TokenType.HAVING,
        TokenType.ORDER_BY,
        TokenType.LIMIT,
    )
)
_MISPLACED_AFTER = {
    TokenType.COMMA: _CLAUSES,
    TokenType.SELECT: _CLAUSES,
    TokenType.DISTINCT: _CLAUSES,
    TokenType.L_PAREN: frozenset((TokenType.COMMA, TokenType.FROM, TokenType.TABLE)),
    TokenType.UNION: frozenset((TokenType.FROM, TokenType.TABLE)),
    TokenType.EXCEPT: frozenset((TokenType.FROM, TokenType.TABLE)),
    TokenType.INTERSECT: frozenset((TokenType.FROM, TokenType.TABLE)),
    TokenType.ALL: frozenset((TokenType.FROM, TokenType.TABLE)),
}
_UNFINISHED = frozenset((TokenType.COMMA, TokenType.SELECT, TokenType.DISTINCT))
_RESERVED = frozenset(("ORDER",))
_LABELLED = frozenset((TokenType.DOT, TokenType.ALIAS))
_NAMING = frozenset((TokenType.VAR, TokenType.IDENTIFIER, TokenType.R_PAREN))
_NEGATED = frozenset((TokenType.RLIKE, TokenType.IRLIKE, TokenType.LIKE, TokenType.ILIKE))
_INTERVAL = re.compile(r"\s*[+-]?[\d.:\s+-]+|\s*([+-]?[\d.]+\s*[A-Za-z]+,?\s*)+([+-]?\d+:[\d:.]+\s*)?", re.IGNORECASE)
_TOO_MANY_NODES = "Maximum number of AST nodes"
_MAX_QUOTED = 40
_TYPO = 0.7


def parse_one(sql: str) -> exp.Expr:
    """Return the one statement of `sql`.

    Raises: InvalidSql.
    """
    trees = _parsed(read(sql), MAX_NODES)
    if len(trees) != 1:
        raise InvalidSql(f"Exactly one SQL statement is expected, not {len(trees)}")
    return trees[0]


def parse_script(sql: str) -> tuple[exp.Expr, ...]:
    """Return the statements of a script in order.

    Raises: InvalidSql.
    """
    return _parsed(read(sql, SCRIPT_LENGTH, SCRIPT_TOKENS), SCRIPT_NODES)


def _parsed(source: Source, max_nodes: int) -> tuple[exp.Expr, ...]:
    return tuple(parse(source, statement, max_nodes) for statement in source.statements())


def parse(source: Source, statement: Sequence[Token], max_nodes: int = MAX_NODES) -> exp.Expr:
    """Return the tree of one statement of `source`.

    Raises: InvalidSql.
    """
    nesting.check(statement)
    for fault in _misplaced(statement):
        raise syntax_error(source, statement, fault)
    try:
        trees = DIALECT.parser(max_nodes=max_nodes).parse(list(statement), source.sql)
    except SyntaxFault as fault:
        if str(fault).startswith(_TOO_MANY_NODES):
            raise InvalidSql("SQL statement is too complex", limit=max_nodes, rule="COMPLEXITY_EXCEEDED") from fault
        raise syntax_error(source, statement, fault.token) from fault
    except ParseError as error:
        raise InvalidSql(SYNTAX_ERROR) from error
    except RecursionError as error:
        raise nesting.too_deep() from error
    if len(trees) != 1 or trees[0] is None:
        raise syntax_error(source, statement, statement[0])
    group_all.expand(trees[0])
    chains.balance(trees[0])
    nesting.check_tree(trees[0])
    return trees[0]


def position_of(node: exp.Expr) -> int | None:
    """Return the 1-based offset, in characters of the client's text, at which an identifier or a function begins."""
    start = node.meta_get("start")
    if start is None:
        start = min(
            (part.meta_get("start") for part in node.walk() if part.meta_get("start") is not None), default=None
        )
    return None if start is None else int(start) + 1


def syntax_error(source: Source, statement: Sequence[Token], fault: Token) -> InvalidSql:
    """Return the error for a statement that makes no sense from `fault` on; a falsy `fault` is the statement's end."""
    word = _misspelt(statement, fault) or fault or statement[-1]
    written = source.sql[word.start : word.end + 1][:_MAX_QUOTED]
    return InvalidSql(SYNTAX_ERROR, position=word.start + 1, hint=f"Check for missing keyword near '{written}'")


def _misspelt(statement: Sequence[Token], fault: Token) -> Token | None:
    """Return the word at the fault or just before it that looks like a keyword gone wrong."""
    after = [token.start for token in statement].index(fault.start) if fault else len(statement)
    nearby = statement[max(after - 1, 0) : after + 1]
    return next((token for token in nearby if _looks_like_keyword(token)), None)


def _looks_like_keyword(token: Token) -> bool:
    return token.token_type == TokenType.VAR and nearest(token.text, _KEYWORDS, cutoff=_TYPO) is not None


def _misplaced(statement: Sequence[Token]) -> Iterator[Token]:
    """Yield the tokens that sqlglot forgives and Redshift does not."""
    for before, token in pairwise(statement):
        if any(rule(before, token) for rule in _FAULTS):
            yield token
    if statement[-1].token_type in _UNFINISHED:
        yield statement[-1]


def _is_empty_item(before: Token, token: Token) -> bool:
    return token.token_type in _MISPLACED_AFTER.get(before.token_type, ())


def _is_reserved(before: Token, token: Token) -> bool:
    return token.token_type == TokenType.VAR and token.text.upper() in _RESERVED and before.token_type not in _LABELLED


def _is_exclamation(before: Token, token: Token) -> bool:
    return before.token_type == TokenType.NOT and before.text == "!" and token.token_type not in _NEGATED


def is_prefixed_hex(token: Token) -> bool:
    """Tell whether a token is 0x…, which Redshift has not, rather than X'…'."""
    return token.token_type == TokenType.HEX_STRING and token.end - token.start < len(token.text) + len("X'")


def _is_foreign_hex(_: Token, token: Token) -> bool:
    return is_prefixed_hex(token)


def _is_sampling(before: Token, token: Token) -> bool:
    """Tell whether a relation is followed by TABLESAMPLE, which Redshift has not."""
    return token.token_type == TokenType.VAR and token.text.upper() == "TABLESAMPLE" and before.token_type in _NAMING


def _is_string_beside(before: Token, token: Token) -> bool:
    """Tell whether two strings stand in one line, where Redshift makes one of strings in several."""
    return before.token_type == token.token_type == TokenType.STRING and before.line == token.line


def _is_brace(_: Token, token: Token) -> bool:
    return token.token_type == TokenType.L_BRACE


def _is_odd_interval(before: Token, token: Token) -> bool:
    is_interval = before.token_type == TokenType.INTERVAL and token.token_type == TokenType.STRING
    return is_interval and not _INTERVAL.fullmatch(token.text)


_FAULTS = (
    _is_empty_item,
    _is_reserved,
    _is_exclamation,
    _is_foreign_hex,
    _is_brace,
    _is_odd_interval,
    _is_sampling,
    _is_string_beside,
)
