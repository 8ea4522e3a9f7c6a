"""Asks the target for what it declares that it can do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from spectra_conformance.answer import UnansweredError
from spectra_conformance.session import Session
from spectra_conformance.target import CAPABILITIES, Identity, Target
from spectra_conformance.verdicts import Outcome, Verdict

OK = 200
DENIED = frozenset({401, 403})

DECIDED_BY_A_CAPABILITY: Mapping[str, tuple[str, ...]] = {
    "second_tenant": ("AUTH-01",),
    "jwt": ("AUTH-01", "AUTH-02"),
    "sigv4": ("AUTH-01", "AUTH-10"),
    "restricted_key": ("PRM-01",),
    "query_key": ("PRM-01",),
    "sandbox_table": ("BLK-02",),
    "rate_limits": ("RTL-02", "RTL-03"),
    "union": ("SQL-08",),
}
"""The requirements that fail where a capability is declared and absent."""


@dataclass(frozen=True)
class Capability:
    """`found` is None where nothing was asked."""

    name: str
    declared: bool
    found: bool | None
    shown: str = ""


def capabilities(session: Session) -> Iterator[tuple[Capability, Outcome | None]]:
    """Yield each capability, with a failure where it is declared and absent."""
    for name in CAPABILITIES:
        declared = session.target.can(name)
        probe = _PROBES.get(name)
        if probe is None or not declared:
            yield Capability(name, declared, None), None
            continue
        found, shown, curl = probe(session)
        capability = Capability(name, declared, found, shown)
        yield capability, None if found else _absent(capability, curl)


def without(session: Session, absent: frozenset[str]) -> Session:
    """Return the session with a target that no longer declares, nor uses, what it does not have."""
    target = replace(session.target, capabilities=session.target.capabilities - absent)
    for name in absent & _FORGOTTEN.keys():
        target = _FORGOTTEN[name](target)
    session.wire.target = target
    return replace(session, target=target)


_FORGOTTEN: Mapping[str, Callable[[Target], Target]] = {
    "second_tenant": lambda target: replace(target, peer=None),
    "jwt": lambda target: replace(target, jwt=None),
    "sigv4": lambda target: replace(target, sigv4=None),
    "restricted_key": lambda target: replace(target, restricted=None),
    "query_key": lambda target: replace(target, querying=None),
}
"""Takes the credentials of a capability away: nothing more is asked as somebody who is refused."""

Finding = tuple[bool, str, str]
"""Whether it is there, what was seen, and a command that shows it again."""


def _accepts(identity: Identity | None, session: Session) -> Finding:
    try:
        answer = session.client(identity).get("/bulk/jobs?limit=1", check=False)
    except UnansweredError as error:
        return False, str(error), ""
    return answer.status not in DENIED, answer.shown[:300], answer.curl


def _runs(sql: str, session: Session) -> Finding:
    try:
        answer = session.client(session.target.owner).send("POST", "/queries", json={"sql": sql}, check=False)
    except UnansweredError as error:
        return False, str(error), ""
    return answer.status == OK, answer.shown[:300], answer.curl


def _may_query(session: Session) -> Finding:
    try:
        answer = session.client(session.target.querying).query("SELECT 1 AS n")
    except UnansweredError as error:
        return False, str(error), ""
    return answer.status not in DENIED, answer.shown[:300], answer.curl


def _has_rate_headers(session: Session) -> Finding:
    try:
        answer = session.client(session.target.owner).get("/bulk/jobs?limit=1", check=False)
    except UnansweredError as error:
        return False, str(error), ""
    limit = answer.headers.get("x-ratelimit-limit")
    return limit is not None, f"X-RateLimit-Limit: {limit or 'absent'}", answer.curl


_PROBES: Mapping[str, Callable[[Session], Finding]] = {
    "second_tenant": lambda session: _accepts(session.target.peer, session),
    "jwt": lambda session: _accepts(session.target.jwt, session),
    "sigv4": lambda session: _accepts(session.target.sigv4, session),
    "restricted_key": lambda session: _accepts(session.target.restricted, session),
    "query_key": _may_query,
    "sandbox_table": lambda session: _runs(
        f"SELECT COUNT(*) AS n FROM {session.target.sandbox_table}",  # noqa: S608 -- the operator names it
        session,
    ),
    "rate_limits": _has_rate_headers,
    "union": lambda session: _runs("SELECT 1 AS n UNION SELECT 2 AS n", session),
}


def _absent(capability: Capability, curl: str) -> Outcome:
    return Outcome(
        requirements=DECIDED_BY_A_CAPABILITY[capability.name],
        check=f"capability:{capability.name}",
        layer="scenarios",
        verdict=Verdict.FAIL,
        expected=f"as it is declared, {CAPABILITIES[capability.name]}",
        actual=capability.shown,
        curl=curl,
    )
