"""Who calls, and the jobs that many scenarios look at: each is made once a run."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from uuid import uuid4

import pytest

from spectra_conformance.answer import UNREADABLE, UnansweredError
from spectra_conformance.client import Client, readier
from spectra_conformance.suite import bulk
from spectra_conformance.suite.asking import slow_count
from spectra_conformance.suite.pytest_plugin import WIRE
from spectra_conformance.target import Identity, Target
from spectra_conformance.wire import Wire


@pytest.fixture(scope="session")
def wire(pytestconfig: pytest.Config) -> Wire:
    return pytestconfig.stash[WIRE]


@pytest.fixture(scope="session")
def target(wire: Wire) -> Target:
    return wire.target


@pytest.fixture(scope="session")
def owner(wire: Wire) -> Client:
    return Client(wire, wire.target.owner)


@pytest.fixture(scope="session")
def anonymous(owner: Client) -> Client:
    return owner.anonymous()


@pytest.fixture(scope="session")
def peer(wire: Wire) -> Client:
    return Client(wire, _declared(wire.target.peer))


@pytest.fixture(scope="session")
def tenants(wire: Wire) -> list[Client]:
    """Return all tenants whose credentials are given."""
    return [Client(wire, identity) for identity in (wire.target.owner, wire.target.peer) if identity]


@pytest.fixture
def either(wire: Wire) -> Client:
    """Return the tenant that may create a bulk job sooner: for jobs that no other scenario looks at."""
    return readier(wire, "bulk_creations")


@pytest.fixture
def asker(wire: Wire) -> Client:
    """Return the tenant that may query sooner: for queries of no table, which any tenant may ask."""
    return readier(wire, "queries")


@pytest.fixture(scope="session")
def restricted(wire: Wire) -> Client:
    return Client(wire, _declared(wire.target.restricted))


@pytest.fixture(scope="session")
def querying(wire: Wire) -> Client:
    return Client(wire, _declared(wire.target.querying))


@pytest.fixture(scope="session")
def jwt(wire: Wire) -> Client:
    return Client(wire, _declared(wire.target.jwt))


@pytest.fixture(scope="session")
def refused(wire: Wire) -> list[Client]:
    return [Client(wire, identity) for identity in wire.target.refused_jwts]


@pytest.fixture(scope="session")
def sigv4(wire: Wire) -> Client:
    return Client(wire, _declared(wire.target.sigv4))


@pytest.fixture
def key() -> str:
    """Return an idempotency key that nobody has used."""
    return f"spectra-conformance-{uuid4()}"


@pytest.fixture(scope="session")
def sandbox(owner: Client, target: Target) -> Iterator[str]:
    """Return the one table that may be written to; it is left without a row of ours."""
    if target.sandbox_table is None:
        raise LookupError("a scenario writes without needing sandbox_table")
    yield target.sandbox_table
    if bulk.USED_IDS:
        # A deployment that deletes nothing is found by the scenarios; here it must not end the layer.
        with suppress(AssertionError, UnansweredError, *UNREADABLE):
            bulk.swept(owner, target.sandbox_table)


@pytest.fixture
def first() -> int:
    """Return the first of ten ids that nobody uses."""
    return bulk.fresh_ids(10)


@pytest.fixture(scope="session")
def unused_threes() -> list[int]:
    """Return the first ids of rows that are in the table for scenarios to come."""
    return []


@pytest.fixture(scope="session")
def many() -> range:
    """Return the ids of rows that make the file of the threes too large for one piece of a connection."""
    first = bulk.fresh_ids(bulk.MANY)
    return range(first, first + bulk.MANY)


@pytest.fixture
def three(owner: Client, sandbox: str, unused_threes: list[int], many: range) -> int:
    """Return the first id of three rows that are in the table: a, b and c, with seven free ids after them.

    One import makes them for all scenarios, since creations are few.
    """
    if not unused_threes:
        begin = bulk.fresh_ids(10 * bulk.THREES)
        firsts = range(begin, begin + 10 * bulk.THREES, 10)
        rows = (f"{one},a,1.50,2024-02-29\n{one + 1},b,2.50,\n{one + 2},c,,\n" for one in firsts)
        more = (f"{id_},{id_:0>64},,\n" for id_ in many)
        file = f"id,name,amount,created\n{''.join((*more, *rows))}"
        bulk.imported(owner, file.encode(), operation="insert", object=sandbox)
        unused_threes += firsts
    return unused_threes.pop()


@pytest.fixture(scope="session")
def finished_export(owner: Client) -> str:
    """Return the id of an export that is complete: seven rows, CSV, compressed."""
    return bulk.exported(owner, bulk.SEVEN_ROWS, compression="GZIP")


@pytest.fixture(scope="session")
def import_ids() -> list[int]:
    """Return the ids of the finished import's records, the refused one last."""
    first = bulk.fresh_ids(3)
    return [first, first + 1, first + 2]


@pytest.fixture(scope="session")
def aborted_running() -> list[tuple[Client, str]]:
    """Return the jobs that scenarios aborted while they ran, and whose they are."""
    return []


@pytest.fixture(scope="session")
def finished_import(owner: Client, sandbox: str, import_ids: list[int]) -> str:
    """Return the id of an insert that is complete: two records in, one refused."""
    first = import_ids[0]
    file = f"id,name,amount\n{first},a,1.50\n{first + 1},b,\n{first + 2},,2.50\n"
    return bulk.imported(owner, file.encode(), operation="insert", object=sandbox)


@pytest.fixture(scope="session")
def failed_export(owner: Client) -> str:
    """Return the id of an export whose query fails as it runs."""
    return bulk.exported(owner, "SELECT CAST(t AS INTEGER) AS n FROM (SELECT 'x' AS t) AS texts", state="Failed")


@pytest.fixture(scope="session")
def aborted_export(owner: Client) -> str:
    """Return the id of an aborted export, which would have run for long where it began at its creation."""
    job_id = bulk.created(owner, operation="query", object=bulk.TABLE, query=slow_count(bulk.LONG_DIGITS))
    owner.set_state(job_id, "Aborted")
    return job_id


@pytest.fixture(scope="session")
def aborted_import(owner: Client, sandbox: str) -> tuple[str, int]:
    """Return the id of an insert that was aborted when its file was there, and the id of the row in that file."""
    first = bulk.fresh_ids(10)
    job_id = bulk.uploaded(owner, f"id,name\n{first},aborted\n".encode(), operation="insert", object=sandbox)
    answer = owner.set_state(job_id, "Aborted")
    assert answer.status == 200, answer.shown
    return job_id, first


@pytest.fixture(scope="session")
def open_export(owner: Client) -> str:
    job_id = bulk.created(owner, operation="query", object=bulk.TABLE, query=bulk.SEVEN_ROWS)
    if bulk.record(owner, job_id)["state"] != "Open":
        pytest.skip(bulk.BEGUN_AT_CREATION)
    return job_id


@pytest.fixture(scope="session")
def open_import(owner: Client) -> str:
    """Return the id of an open insert into a table that cannot exist."""
    return bulk.created(owner, operation="insert", object=bulk.TABLE)


@pytest.fixture(scope="session")
def their_key() -> str:
    """Return the key that the second tenant's delete was created with."""
    return f"spectra-conformance-{uuid4()}"


@pytest.fixture(scope="session")
def theirs(peer: Client, their_key: str) -> str:
    """Return the id of an open delete of the second tenant."""
    answer = peer.bulk({"x-idempotency-key": their_key}, **bulk.DELETE)
    assert answer.status == bulk.CREATED, answer.shown
    return str(answer.json()["job_id"])


@pytest.fixture(scope="session")
def finished_query(owner: Client) -> str:
    """Return the query_id of a query that has answered with one row."""
    answer = owner.query("SELECT 1 AS a, 'x' AS b")
    assert answer.status == 200, answer.shown
    return str(answer.json()["metadata"]["query_id"])


@pytest.fixture(scope="session", autouse=True)
def early_answer(owner: Client) -> tuple[str, float, bytes]:
    """Return a key, when it was used first, and the answer that it got: made before all else."""
    key = f"spectra-conformance-{uuid4()}"
    answer = owner.query("SELECT RANDOM() AS r", {"x-idempotency-key": key})
    return key, time.monotonic(), answer.body


def _declared(identity: Identity | None) -> Identity:
    if identity is None:
        raise LookupError("a scenario calls as somebody whom its needs do not name")
    return identity
