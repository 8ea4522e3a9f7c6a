"""The Data API's operations, over statements and an acted Redshift."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.dataapi.acted import ActedRedshift
from tests.dataapi.fields import field as spelt
from tests.dataapi.fields import metadata
from tests.dataapi.statements import ENDED, Gate, Statement, run

Given = Mapping[str, Any]
_LONGEST = 100 * 1024
_CALLERS = "Database", "WorkgroupName", "ClusterIdentifier", "SecretArn"


class CallError(Exception):
    """A call is refused with the API's own code."""

    def __init__(self, code: str, message: str = "", status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


@dataclass
class Operations:
    """`identity` is the database user of a caller who names neither a user nor a secret."""

    redshift: ActedRedshift
    page_rows: int = 100
    identity: str = ""
    gates: list[Gate] = field(default_factory=list)
    statements: dict[str, Statement] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, operation: str, given: Given) -> dict[str, Any]:
        """Do what the call asks.

        Raises: CallError.
        """
        doers: dict[str, Callable[[Given], dict[str, Any]]] = {
            "ExecuteStatement": lambda call: self._submit(call, batch=False),
            "BatchExecuteStatement": lambda call: self._submit(call, batch=True),
            "DescribeStatement": self._describe,
            "CancelStatement": self._cancel,
            "GetStatementResult": self._result,
            "ListStatements": self._list,
        }
        if operation not in doers:
            raise CallError("ValidationException", f"{operation} is not acted out")
        return doers[operation](given)

    def forget(self) -> None:
        """Let all statements be older than a day."""
        self.statements.clear()

    def _submit(self, given: Given, *, batch: bool) -> dict[str, Any]:
        sqls = given["Sqls"] if batch else [given["Sql"]]
        if any(len(sql.encode()) > _LONGEST for sql in sqls):
            raise CallError("ValidationException", "Query exceeds 100 KB")
        if ("WorkgroupName" in given) == ("ClusterIdentifier" in given):
            raise CallError("ValidationException", "Give either a workgroup or a cluster")
        with self.lock:
            known = self.statements.get(self.tokens.get(given.get("ClientToken", ""), ""))
            statement = known or Statement(self._user(given), given, batch)
            self.statements[statement.id] = statement
            self.tokens[given.get("ClientToken", "")] = statement.id
        if known is None:
            threading.Thread(target=run, args=(statement, self.redshift, self.gates), daemon=True).start()
        statement.wait(given.get("WaitTimeSeconds", 0))
        told = {key: given[key] for key in _CALLERS if key in given}
        return {"Id": statement.id, "CreatedAt": statement.created_at, **told}

    def _user(self, given: Given) -> str:
        """Return the database user: a cluster's by name, or the last part of the secret's name."""
        if "DbUser" in given and "ClusterIdentifier" not in given:
            raise CallError("ValidationException", "A workgroup takes no DbUser")
        return str(given.get("DbUser") or given.get("SecretArn", self.identity).rpartition("/")[2])

    def _found(self, statement_id: str) -> tuple[Statement, int]:
        whole, _, part = statement_id.partition(":")
        if whole not in self.statements:
            raise CallError("ResourceNotFoundException", "Query does not exist.")
        return self.statements[whole], int(part or 1) - 1

    def _describe(self, given: Given) -> dict[str, Any]:
        statement, part = self._found(given["Id"])
        statement.wait(given.get("WaitTimeSeconds", 0))
        parts = [self._part(statement, number) for number, _ in enumerate(statement.sqls)]
        told = {**parts[part], "Id": given["Id"], "Duration": int((time.time() - statement.created_at) * 1e9)}
        if statement.batch and ":" not in given["Id"]:
            told = {**told, "RedshiftQueryId": 0, "ResultRows": -1, "SubStatements": parts}
        return told

    def _part(self, statement: Statement, number: int) -> dict[str, Any]:
        outcome = statement.outcomes[number] if number < len(statement.outcomes) else None
        has_result = outcome is not None and outcome.columns is not None
        return {
            "Id": f"{statement.id}:{number + 1}" if statement.batch else statement.id,
            "Status": statement.status,
            "Error": statement.error,
            "CreatedAt": statement.created_at,
            "UpdatedAt": time.time(),
            "QueryString": statement.sqls[number],
            "HasResultSet": has_result,
            "ResultRows": -1 if outcome is None else outcome.affected,
            "RedshiftQueryId": int(statement.id[:7], 16) + number if has_result else -1,
        }

    def _cancel(self, given: Given) -> dict[str, Any]:
        statement, _ = self._found(given["Id"])
        if statement.status in ENDED:
            raise CallError(
                "ValidationException", f"Could not cancel a query that is already in {statement.status} state"
            )
        statement.cancelled.set()
        self.redshift.cancel(statement.db_user, statement.id)
        return {"Status": True}

    def _result(self, given: Given) -> dict[str, Any]:
        statement, part = self._found(given["Id"])
        outcome = statement.outcomes[part] if statement.status == "FINISHED" else None
        if outcome is None or outcome.columns is None:
            raise CallError("ResourceNotFoundException", "Query does not have result.")
        start = int(given.get("NextToken") or 0)
        end = start + self.page_rows
        kinds = [column.type for column in outcome.columns]
        told = {
            "ColumnMetadata": [metadata(column) for column in outcome.columns],
            "Records": [list(map(spelt, row, kinds)) for row in outcome.rows[start:end]],
            "TotalNumRows": len(outcome.rows),
        }
        return told if end >= len(outcome.rows) else {**told, "NextToken": str(end)}

    def _list(self, given: Given) -> dict[str, Any]:
        wanted = given.get("Status", "ALL")
        found = [
            one
            for one in sorted(self.statements.values(), key=lambda each: each.created_at, reverse=True)
            if one.name.startswith(given.get("StatementName", "")) and wanted in {"ALL", one.status}
        ]
        start, size = int(given.get("NextToken") or 0), given.get("MaxResults") or 100
        told = {"Statements": [_listed(one) for one in found[start : start + size]]}
        return told if start + size >= len(found) else {**told, "NextToken": str(start + size)}


def _listed(statement: Statement) -> dict[str, Any]:
    return {
        "Id": statement.id,
        "Status": statement.status,
        "StatementName": statement.name,
        "QueryStrings": statement.sqls,
        "IsBatchStatement": statement.batch,
        "CreatedAt": statement.created_at,
    }
