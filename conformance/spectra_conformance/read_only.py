"""What a run that may not write is allowed to send."""

from __future__ import annotations

import json
import re

READING = frozenset({"GET", "HEAD"})
_FIRST_WORD = re.compile(r"\A(?:\s|--[^\n]*\n)*(select|with)\b", re.IGNORECASE)
_WRITING = re.compile(
    r"\b(insert|update|delete|merge|create|alter|drop|truncate|grant|revoke|copy|unload|call|into|vacuum|analyze|execute"
    r"|prepare|set|begin|commit|lock|nextval|setval|pg_\w+|lo_\w+)\b",
    re.IGNORECASE,
)


class WriteRefusedError(Exception):
    """The kit was about to send a write in a run that may only read: its own fault, never the deployment's."""


def allows(method: str, path: str, body: bytes | None) -> bool:
    """Say whether a request only reads; `path` is under the base URL.

    A query counts as reading only if one plain SELECT is all that its text can mean: no word of a statement that
    writes, not even in a literal, no function that acts, and no second statement.
    """
    if method in READING:
        return True
    return method == "POST" and path.partition("?")[0] == "/queries" and _selects(body)


def _selects(body: bytes | None) -> bool:
    try:
        request = json.loads(body or b"")
    except ValueError:
        return False
    sql = request.get("sql") if isinstance(request, dict) else None
    if not isinstance(sql, str):
        return False
    one_statement = ";" not in sql.rstrip().rstrip(";")
    return bool(_FIRST_WORD.match(sql)) and one_statement and not _WRITING.search(sql)


def refuse_writes(method: str, path: str, body: bytes | None) -> None:
    """Raise unless the request only reads.

    Raises: WriteRefusedError.
    """
    if not allows(method, path, body):
        raise WriteRefusedError(f"{method} {path} is no read, and this run is read-only")
