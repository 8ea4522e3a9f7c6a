"""What only several calls together show: the workload's steps that are no single request."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from spectra_conformance.answer import UNREADABLE, Answer, UnansweredError
from spectra_conformance.client import Client
from spectra_conformance.diff.workload import Step
from spectra_conformance.session import Session

KEY = "x-idempotency-key"
SQL = "SELECT 1 AS a"
OK = 200
LONGEST_KEY = 128
PAGE = {"limit": 1}
PAGES = 3


@dataclass(frozen=True)
class Fact:
    """`tell` makes the calls and returns what they showed; one that `writes` is no part of a read-only run."""

    name: str
    promise: str
    tell: Callable[[Session], Any]
    needs_peer: bool = False
    writes: bool = False

    @property
    def step(self) -> Step:
        return Step(f"fact-{self.name}", "POST", "/queries", "fact", self.promise)


def facts(session: Session) -> Iterator[Fact]:
    """Yield every fact that the target allows to ask for."""
    for fact in FACTS:
        able = session.target.peer or not fact.needs_peer
        if able and not (fact.writes and session.target.read_only):
            yield fact


def told(fact: Fact, session: Session) -> Any:
    """Return what a fact's calls showed, or that they cannot be read."""
    try:
        return fact.tell(session)
    except (AssertionError, UnansweredError, *UNREADABLE) as error:
        return f"unreadable: {type(error).__name__}"


def _owner(session: Session) -> Client:
    return session.client(session.target.owner)


def _peer(session: Session) -> Client:
    return session.client(session.target.peer)


def _key() -> dict[str, str | None]:
    return {KEY: f"spectra-conformance-{uuid.uuid4()}"}


def _query_id(answer: Answer) -> str:
    return str(answer.json()["metadata"]["query_id"])


def _same_key_twice(session: Session) -> Any:
    key, owner = _key(), _owner(session)
    first, second = (owner.query(SQL, headers=key) for _ in range(2))
    return {"same_id": _query_id(first) == _query_id(second), "same_body": first.body == second.body}


def _another_key(session: Session) -> Any:
    owner = _owner(session)
    return {"same_id": _query_id(owner.query(SQL, headers=_key())) == _query_id(owner.query(SQL, headers=_key()))}


def _no_key(session: Session) -> Any:
    owner = _owner(session)
    return {"same_id": _query_id(owner.query(SQL)) == _query_id(owner.query(SQL))}


def _key_of_another_tenant(session: Session) -> Any:
    key = _key()
    first, second = (client.query(SQL, headers=key) for client in (_owner(session), _peer(session)))
    return {"same_id": _query_id(first) == _query_id(second)}


def _key_after_a_failure(session: Session) -> Any:
    key, owner = _key(), _owner(session)
    return [owner.query(sql, headers=key).status for sql in ("SELEC 1", SQL)]


def _longest_key(session: Session) -> Any:
    key = str(uuid.uuid4()).ljust(LONGEST_KEY, "k")
    return _owner(session).query(SQL, headers={KEY: key}).status


def _too_long_a_key(session: Session) -> Any:
    key = str(uuid.uuid4()).ljust(LONGEST_KEY + 1, "k")
    return _owner(session).query(SQL, headers={KEY: key}).status


def _record_of_a_query(session: Session) -> Any:
    owner = _owner(session)
    record = owner.get(f"/jobs/{_query_id(owner.query(SQL))}").json()
    return {name: record[name] for name in ("status", "row_count", "error")} | {
        "tenant": record.get("tenant_id", session.target.owner.tenant) == session.target.owner.tenant
    }


def _rows_again(session: Session) -> Any:
    owner = _owner(session)
    query = owner.query("SELECT 1 AS a, 'é' AS b, CAST(NULL AS INTEGER) AS c")
    again = owner.get(f"/jobs/{_query_id(query)}/results").json()
    same = again["data"] == query.json()["data"]
    return {"same_rows": same, "columns": again["metadata"]["columns"], "row_count": again["metadata"]["row_count"]}


def _cancel_of_a_query(session: Session) -> Any:
    owner = _owner(session)
    query_id = _query_id(owner.query(SQL))
    return {
        "cancel": owner.delete(f"/jobs/{query_id}").status,
        "after": owner.get(f"/jobs/{query_id}").json()["status"],
    }


def _query_of_another_tenant(session: Session) -> Any:
    query_id, peer = _query_id(_owner(session).query(SQL)), _peer(session)
    seen = [peer.get(path).status for path in (f"/jobs/{query_id}", f"/jobs/{query_id}/results")]
    return {"seen": any(status == OK for status in seen)}


def _tenant_header_of_another(session: Session) -> Any:
    query_id = _query_id(_owner(session).query(SQL))
    pretending = _peer(session).acting_as(session.target.owner.tenant)
    return {"seen": pretending.get(f"/jobs/{query_id}").status == OK}


def _pages(session: Session) -> Any:
    owner, ids, token = _owner(session), list[str](), None
    for _ in range(PAGES):
        page = owner.get("/bulk/jobs", params=PAGE | ({"offset": token} if token else {})).json()
        ids += [job["job_id"] for job in page["jobs"]]
        token = page.get("next_offset")
        if token is None:
            break
    return {"repeated": len(set(ids)) < len(ids)}


FACTS = (
    Fact("same-key-twice", "IDM-12", _same_key_twice),
    Fact("another-key", "IDM-01", _another_key),
    Fact("no-key", "HDR-06", _no_key),
    Fact("key-of-another-tenant", "IDM-04", _key_of_another_tenant, needs_peer=True),
    Fact("key-after-a-failure", "IDM-06", _key_after_a_failure, writes=True),
    Fact("longest-key", "IDM-10", _longest_key),
    Fact("too-long-a-key", "IDM-10", _too_long_a_key),
    Fact("record-of-a-query", "JOB-13", _record_of_a_query),
    Fact("rows-again", "JOB-22", _rows_again),
    Fact("cancel-of-a-query", "JOB-31", _cancel_of_a_query, writes=True),
    Fact("query-of-another-tenant", "TEN-01", _query_of_another_tenant, needs_peer=True),
    Fact("tenant-header-of-another", "TEN-01", _tenant_header_of_another, needs_peer=True),
    Fact("pages", "BLK-77", _pages),
)
