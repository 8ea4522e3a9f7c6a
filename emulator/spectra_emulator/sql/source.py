"""A client's text as tokens, with the bounds that hold before any parser sees it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlglot.errors import TokenError
from sqlglot.tokenizer_core import Token, TokenType

from spectra_emulator.domain.errors import InvalidSql
from spectra_emulator.sql.dialect import DIALECT

MAX_LENGTH = 100_000
MAX_TOKENS = 40_000
SYNTAX_ERROR = "SQL syntax error"

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f\ud800-\udfff]")
_BLOCK_MARK = re.compile(r"/\*|\*/")
_NUMBER = re.compile(r"\d+(\.\d*)?([eE][+-]?\d+)?(?!\w)")
_JOINED_NUMBERS = re.compile(r"[\d.]+[eE][+-]?\d+(?P<sign>[+-])[\d.]+")
_SIGNS = {"+": TokenType.PLUS, "-": TokenType.DASH}
_LINE_END = re.compile(r"[\r\n]|\Z")


@dataclass(frozen=True)
class Comment:
    """A comment outside literals; `start` and `end` are 0-based offsets, `end` exclusive."""

    block: bool
    start: int
    end: int


@dataclass(frozen=True)
class Source:
    """A text and its tokens; the offsets of the tokens are those of the text."""

    sql: str
    tokens: tuple[Token, ...]
    comments: tuple[Comment, ...]

    def statements(self) -> tuple[tuple[Token, ...], ...]:
        """Return the tokens of each statement, empty statements left out."""
        parts: list[list[Token]] = [[]]
        for token in self.tokens:
            if token.token_type == TokenType.SEMICOLON:
                parts.append([])
            else:
                parts[-1].append(token)
        return tuple(tuple(part) for part in parts if part)


def read(sql: str, max_length: int = MAX_LENGTH, max_tokens: int = MAX_TOKENS) -> Source:
    """Return the tokens of `sql`.

    Raises: InvalidSql for a text that is too long, holds control characters or cannot be divided into tokens.
    """
    require_length(sql, max_length)
    _check_text(sql)
    tokens = _tokens(sql)
    if len(tokens) > max_tokens:
        raise InvalidSql(
            "SQL statement is too complex", limit=max_tokens, actual=len(tokens), rule="COMPLEXITY_EXCEEDED"
        )
    comments = tuple(_comments(sql, tokens))
    for token in tokens:
        token.comments = []
        if token.text == "#" and token.token_type == TokenType.VAR:
            token.token_type = TokenType.HASH
        if token.token_type == TokenType.HEREDOC_STRING:
            token.token_type = TokenType.STRING
    return Source(sql, tokens, comments)


def require_length(sql: str, max_length: int) -> None:
    """Pass a text of at most `max_length` characters.

    Raises: InvalidSql.
    """
    if (length := len(sql.strip())) > max_length:
        raise InvalidSql(
            f"SQL statement is longer than {max_length} characters",
            length=length,
            max_length=max_length,
            rule="QUERY_TOO_LONG",
        )


def _check_text(sql: str) -> None:
    if found := _CONTROL.search(sql):
        raise InvalidSql(
            SYNTAX_ERROR,
            position=found.start() + 1,
            hint=f"Remove the control character U+{ord(found.group()):04X}",
        )


def _tokens(sql: str) -> tuple[Token, ...]:
    tokenizer = DIALECT.tokenizer()
    try:
        return tuple(_numbers_apart(sql, tokenizer.tokenize(sql)))
    except TokenError as error:
        start = _after_comments(sql, tokenizer.tokens[-1].end + 1 if tokenizer.tokens else 0)
        raise InvalidSql(
            SYNTAX_ERROR, position=start + 1, hint=f"Check for a missing {_closing(sql, start)}"
        ) from error


def _numbers_apart(sql: str, tokens: Iterable[Token]) -> Iterator[Token]:
    """Yield the tokens, 1e3+1 as a sum: sqlglot takes the second sign for a part of the number."""
    taken = -1
    for token in tokens:
        joined = _JOINED_NUMBERS.fullmatch(token.text) if token.token_type == TokenType.NUMBER else None
        parts = [token] if joined is None else _split(sql, token, token.start + joined.start("sign"))
        yield from (part for part in parts if part.start > taken)
        taken = max(taken, parts[-1].end)


def _split(sql: str, token: Token, sign: int) -> list[Token]:
    """Return two numbers and the sign between them, the second as long as it goes on beyond the token."""
    second = _NUMBER.match(sql, sign + 1)
    places = (
        (TokenType.NUMBER, token.start, sign),
        (_SIGNS[sql[sign]], sign, sign + 1),
        (TokenType.NUMBER, sign + 1, second.end() if second else token.end + 1),
    )
    column = token.col - token.end
    return [Token(kind, sql[start:end], token.line, column + end - 1, start, end - 1) for kind, start, end in places]


def _closing(sql: str, start: int) -> str:
    if sql.startswith("/*", start):
        return "'*/'"
    return "closing double quote" if sql.startswith('"', start) else "closing quote"


def _after_comments(sql: str, start: int) -> int:
    """Return the offset of the first text from `start` on that is neither blank nor a line comment."""
    while sql.startswith("--", start := _after_blanks(sql, start, len(sql))):
        start = _line_end(sql, start)
    return start


def _comments(sql: str, tokens: tuple[Token, ...]) -> Iterator[Comment]:
    """Yield the comments between the tokens; whatever else stands there is a syntax error."""
    ends = (-1, *(token.end for token in tokens))
    starts = (*(token.start for token in tokens), len(sql))
    for end, start in zip(ends, starts, strict=True):
        if start - end > 1 and not sql[end + 1 : start].isspace():
            yield from _comments_between(sql, end + 1, start)


def _comments_between(sql: str, start: int, end: int) -> Iterator[Comment]:
    while (start := _after_blanks(sql, start, end)) < end:
        block = sql.startswith("/*", start)
        if not block and not sql.startswith("--", start):
            raise InvalidSql(SYNTAX_ERROR, position=start + 1, hint=f"Remove '{sql[start]}'")
        stop = _block_end(sql, start) if block else _line_end(sql, start)
        yield Comment(block, start, stop)
        start = stop


def _after_blanks(sql: str, start: int, end: int) -> int:
    while start < end and sql[start].isspace():
        start += 1
    return start


def _block_end(sql: str, start: int) -> int:
    """Return where a block comment ends; such comments nest."""
    depth = 0
    for mark in _BLOCK_MARK.finditer(sql, start):
        depth += 1 if mark.group() == "/*" else -1
        if not depth:
            return mark.end()
    raise InvalidSql(SYNTAX_ERROR, position=start + 1, hint="Check for a missing '*/'")


def _line_end(sql: str, start: int) -> int:
    found = _LINE_END.search(sql, start)
    return found.start() if found else len(sql)
