"""Which SQL a client may run: one read-only query, told from its tree by allow-lists."""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from itertools import pairwise

from sqlglot import exp
from sqlglot.tokenizer_core import Token, TokenType

from spectra_emulator.domain.errors import InvalidSql, SqlBlocked
from spectra_emulator.domain.sql_rules import SecurityLevel, SqlRules
from spectra_emulator.sql import function_rules, grammar, objects, parsing
from spectra_emulator.sql.blocking import blocked
from spectra_emulator.sql.column_names import MAX_COLUMNS
from spectra_emulator.sql.foreign_functions import FOREIGN
from spectra_emulator.sql.source import Comment, Source, read
from spectra_emulator.sql.statements import BLOCKED_NODES, forbidden

_HEX = re.compile(r"[xX][0-9A-Fa-f]+")


def parse_read_only(sql: str, rules: SqlRules, own_functions: Container[str] = ()) -> exp.Query:
    """Return the tree of the one query that `sql` holds, if the rules allow it; `own_functions` are the tenant's.

    Raises: InvalidSql, SqlBlocked.
    """
    source = read(sql, rules.max_length)
    statement = _only_query(source.statements())
    _check_comments(source, rules)
    _check_hex(statement)
    _check_complexity(statement, rules)
    tree = parsing.parse(source, statement)
    _check_nodes(tree, rules, own_functions)
    if not isinstance(tree, exp.Query):
        raise parsing.syntax_error(source, statement, statement[0])
    return tree


def _only_query(statements: Sequence[Sequence[Token]]) -> Sequence[Token]:
    if not statements:
        raise InvalidSql("SQL statement is empty", rule="EMPTY_QUERY")
    for found in filter(None, map(forbidden, statements)):
        raise blocked(found.pattern, found.reason, "FORBIDDEN_STATEMENT")
    if len(statements) > 1:
        raise blocked(";", "Only one statement is allowed", "FORBIDDEN_STATEMENT")
    return statements[0]


def _check_comments(source: Source, rules: SqlRules) -> None:
    if rules.security_level == SecurityLevel.PERMISSIVE:
        return
    for comment in source.comments:
        if comment.block:
            raise _blocked_comment("/*", "Block comments are not allowed")
        if _dangles(source.sql, comment):
            raise _blocked_comment("--", "An empty comment at the end is not allowed")


def _blocked_comment(pattern: str, reason: str) -> SqlBlocked:
    return blocked(pattern, f"{reason}; sql_security_level=permissive allows them", "FORBIDDEN_PATTERN")


def _dangles(sql: str, comment: Comment) -> bool:
    """Tell whether a line comment is bare and cuts off whatever might have followed."""
    return not sql[comment.start :].strip("-; \t\r\n\f\v")


def _check_hex(statement: Sequence[Token]) -> None:
    for token in statement:
        if parsing.is_prefixed_hex(token):
            raise blocked(f"0x{token.text[:40]}", "Hexadecimal literals are not allowed", "INJECTION_DETECTED")
    for number, word in pairwise(statement):
        joined = number.token_type == TokenType.NUMBER and number.end + 1 == word.start
        if joined and number.text == "0" and _HEX.fullmatch(word.text):
            raise blocked(f"0{word.text[:40]}", "Hexadecimal literals are not allowed", "INJECTION_DETECTED")


def _check_complexity(statement: Sequence[Token], rules: SqlRules) -> None:
    kinds = [token.token_type for token in statement]
    subqueries = kinds.count(TokenType.SELECT) - 1
    if subqueries > 0 and rules.security_level == SecurityLevel.STRICT:
        raise blocked(
            "subquery", "Subqueries are not allowed; sql_security_level=standard allows them", "FORBIDDEN_PATTERN"
        )
    if subqueries > rules.max_subqueries:
        raise _too_complex("subqueries", rules.max_subqueries, subqueries)
    if (joins := kinds.count(TokenType.JOIN)) > rules.max_joins:
        raise _too_complex("joins", rules.max_joins, joins)


def _too_complex(what: str, limit: int, actual: int) -> InvalidSql:
    return InvalidSql(
        f"SQL statement has too many {what}: {actual} where sql_max_{what} allows {limit}",
        limit=limit,
        actual=actual,
        rule=f"TOO_MANY_{what.upper()}",
    )


def _check_nodes(tree: exp.Expr, rules: SqlRules, own_functions: Container[str]) -> None:
    if rules.foreign_functions:
        own_functions = FOREIGN
    nodes = list(tree.walk(bfs=False))
    for node in nodes:
        _check_statement(node)
    for node in nodes:
        _check_query(node, rules)
        objects.check(node, rules)
        function_rules.check(node, rules, own_functions)
        grammar.check(node, own_functions)
    if (joins := sum(isinstance(node, exp.Join) for node in nodes)) > rules.max_joins:
        raise _too_complex("joins", rules.max_joins, joins)


def _check_statement(node: exp.Expr) -> None:
    if found := BLOCKED_NODES.get(type(node)):
        raise blocked(*found, "FORBIDDEN_STATEMENT")


def _check_query(node: exp.Expr, rules: SqlRules) -> None:
    if isinstance(node, exp.Union) and not rules.allow_union:
        raise blocked("UNION", "UNION is not allowed; sql_allow_union allows it", "FORBIDDEN_PATTERN")
    if isinstance(node, exp.With):
        _check_with(rules)
    if isinstance(node, exp.Select) and (columns := len(node.expressions)) > MAX_COLUMNS:
        raise InvalidSql(
            f"A select list has at most {MAX_COLUMNS} entries, not {columns}",
            limit=MAX_COLUMNS,
            actual=columns,
            rule="COMPLEXITY_EXCEEDED",
            sql_state="54011",
        )


def _check_with(rules: SqlRules) -> None:
    if rules.security_level == SecurityLevel.STRICT:
        raise blocked(
            "WITH",
            "Common table expressions are not allowed; sql_security_level=standard allows them",
            "CTE_NOT_ALLOWED",
        )
    if not rules.allow_cte:
        raise blocked("WITH", "Common table expressions are not allowed; sql_allow_cte allows them", "CTE_NOT_ALLOWED")
