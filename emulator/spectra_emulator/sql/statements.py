"""Which kind of statement a text holds, told by its first words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from sqlglot import exp
from sqlglot.tokenizer_core import Token, TokenType

from spectra_emulator.sql.vocabulary import words

QUERY_WORDS = frozenset(("SELECT", "WITH", "("))
ONLY_QUERIES = "Only SELECT statements are allowed"
NO_DDL = "DDL statements are not allowed"
NO_DML = "Statements that change data are not allowed"
NO_ADMIN = "Administrative statements are not allowed"
NO_LOAD = "Statements that load or unload data are not allowed"
NO_SESSION = "Session and transaction statements are not allowed"
NO_CALL = "Statements that run other statements are not allowed"

_REASONS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(words("ALTER COMMENT CREATE DROP RENAME TRUNCATE"), NO_DDL),
        **dict.fromkeys(words("DELETE INSERT MERGE REPLACE UPDATE UPSERT"), NO_DML),
        **dict.fromkeys(
            words("ANALYZE ANALYSE CANCEL CHECKPOINT CLUSTER GRANT KILL REFRESH REINDEX REVOKE VACUUM"), NO_ADMIN
        ),
        **dict.fromkeys(words("COPY EXPORT IMPORT LOAD UNLOAD"), NO_LOAD),
        **dict.fromkeys(
            words(
                "ABORT ATTACH BEGIN CLOSE COMMIT DETACH DISCARD END FETCH INSTALL LISTEN LOCK NOTIFY PRAGMA RELEASE"
                " RESET ROLLBACK SAVEPOINT SET START UNLISTEN USE"
            ),
            NO_SESSION,
        ),
        **dict.fromkeys(words("CALL DEALLOCATE DECLARE DO EXEC EXECUTE PREPARE"), NO_CALL),
        **dict.fromkeys(words("DESC DESCRIBE EXPLAIN FROM PIVOT SHOW SUMMARIZE TABLE UNPIVOT VALUES"), ONLY_QUERIES),
    }
)
_OBJECTS = words(
    """
    AGGREGATE COLUMN DATABASE DATASHARE FUNCTION GROUP INDEX LIBRARY MACRO MODEL OPERATOR POLICY PROCEDURE ROLE SCHEMA
    SECRET SEQUENCE SYSTEM TABLE TRIGGER TYPE USER VIEW
    """
)
_SECOND_WORDS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "ALTER": _OBJECTS,
        "CREATE": _OBJECTS,
        "DROP": _OBJECTS,
        "DELETE": frozenset(("FROM",)),
        "INSERT": frozenset(("INTO",)),
        "MERGE": frozenset(("INTO",)),
    }
)
_WORDS = 7

BLOCKED_NODES: Mapping[type[exp.Expr], tuple[str, str]] = MappingProxyType(
    {
        exp.Insert: ("INSERT INTO", NO_DML),
        exp.Update: ("UPDATE", NO_DML),
        exp.Delete: ("DELETE FROM", NO_DML),
        exp.Merge: ("MERGE INTO", NO_DML),
        exp.MultitableInserts: ("INSERT INTO", NO_DML),
        exp.Into: ("SELECT INTO", "Statements that create tables are not allowed"),
        exp.Lock: ("FOR UPDATE", "Statements that lock rows are not allowed"),
        exp.Create: ("CREATE", NO_DDL),
        exp.Drop: ("DROP", NO_DDL),
        exp.Alter: ("ALTER", NO_DDL),
        exp.TruncateTable: ("TRUNCATE", NO_DDL),
        exp.Comment: ("COMMENT", NO_DDL),
        exp.Copy: ("COPY", NO_LOAD),
        exp.LoadData: ("LOAD", NO_LOAD),
        exp.Grant: ("GRANT", NO_ADMIN),
        exp.Revoke: ("REVOKE", NO_ADMIN),
        exp.Analyze: ("ANALYZE", NO_ADMIN),
        exp.Refresh: ("REFRESH", NO_ADMIN),
        exp.Set: ("SET", NO_SESSION),
        exp.Use: ("USE", NO_SESSION),
        exp.Transaction: ("BEGIN", NO_SESSION),
        exp.Commit: ("COMMIT", NO_SESSION),
        exp.Rollback: ("ROLLBACK", NO_SESSION),
        exp.Command: ("command", ONLY_QUERIES),
        exp.Describe: ("DESCRIBE", ONLY_QUERIES),
        exp.Summarize: ("SUMMARIZE", ONLY_QUERIES),
        exp.Values: ("VALUES", ONLY_QUERIES),
    }
)
"""Statements that may hide inside a query, each with its pattern and reason."""


@dataclass(frozen=True)
class ForbiddenStatement:
    """A statement that is no query; `pattern` is its telling words, such as `DROP TABLE`."""

    pattern: str
    reason: str


def forbidden(statement: Sequence[Token]) -> ForbiddenStatement | None:
    """Return what is forbidden about a statement's kind or a common table expression's, or None.

    None stands for a query and for what is no statement at all.
    """
    starts = (0, *(start for start in range(2, len(statement)) if _opens_expression(statement, start)))
    return next(filter(None, (_forbidden_at(statement[start : start + _WORDS]) for start in starts)), None)


def _opens_expression(statement: Sequence[Token], start: int) -> bool:
    """Tell whether `AS (` stands before `start`."""
    opened = statement[start - 1].token_type == TokenType.L_PAREN
    return opened and statement[start - 2].token_type == TokenType.ALIAS


def _forbidden_at(statement: Sequence[Token]) -> ForbiddenStatement | None:
    first = _word(statement[0])
    reason = _REASONS.get(first)
    if reason is None:
        return None
    return ForbiddenStatement(" ".join(filter(None, (first, _second_word(first, statement)))), reason)


def _second_word(first: str, statement: Sequence[Token]) -> str | None:
    wanted = _SECOND_WORDS.get(first, frozenset())
    nearby = (_word(token) for token in statement[1:])
    return next((word for word in nearby if word in wanted), None)


def _word(token: Token) -> str:
    return "" if token.token_type in (TokenType.IDENTIFIER, TokenType.STRING) else token.text.upper()
