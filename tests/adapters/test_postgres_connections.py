"""The database of the shared state: its tables, a bounded number of connections, and what happens when it is away."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from spectra_emulator.adapters.postgres import Connections, PostgresState, prepare
from spectra_emulator.domain.errors import InternalError
from spectra_emulator.domain.idempotency import Held
from spectra_emulator.domain.jobs import JobStatus
from spectra_emulator.ports import UnreadableStateError

from tests.adapters.test_state_stores import DAY, KEY
from tests.fakes import NOON, job
from tests.postgres import Postgres, PostgresDatabase
from tests.shared_state import SharedDatabase, location


@contextmanager
def away(postgres: Postgres, database: PostgresDatabase) -> Iterator[None]:
    """Break every connection to the database and refuse any more, until the block ends."""
    postgres.sql(f"ALTER DATABASE {database.name} ALLOW_CONNECTIONS false")
    broken(postgres, database)
    yield
    postgres.sql(f"ALTER DATABASE {database.name} ALLOW_CONNECTIONS true")


def broken(postgres: Postgres, database: PostgresDatabase) -> None:
    postgres.sql(f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{database.name}'")


@pytest.fixture
def state(shared_database: SharedDatabase) -> PostgresState:
    return shared_database.server()[0]


def test_servers_that_start_at_once_on_an_empty_database_make_its_tables_once(
    postgres_database: PostgresDatabase,
) -> None:
    connections = Connections(location(postgres_database), 8)
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: prepare(connections), range(8)))
    with connections.lent() as connection:
        versions = connection.execute("SELECT version FROM spectra_state_version").fetchall()
    connections.close()

    assert versions == [(1,)]


def test_a_state_of_another_version_is_refused_and_left_alone(shared_database: SharedDatabase) -> None:
    shared_database.run("UPDATE spectra_state_version SET version = 2")
    with pytest.raises(UnreadableStateError, match="has version 2 where this server knows 1"):
        prepare(shared_database.connections(1))
    shared_database.run("UPDATE spectra_state_version SET version = 1")


def test_a_server_whose_clock_is_off_the_databases_is_refused(shared_database: SharedDatabase) -> None:
    with pytest.raises(UnreadableStateError, match="keep the clocks of all servers together"):
        prepare(shared_database.connections(1), most_seconds_apart=0)


def test_connections_to_a_database_that_was_read_only_are_made_anew(
    postgres: Postgres, shared_database: SharedDatabase, state: PostgresState
) -> None:
    name = shared_database.database.name
    postgres.sql(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    broken(postgres, shared_database.database)
    with pytest.raises(InternalError):
        state.add_job(job("job-1"))
    postgres.sql(f"ALTER DATABASE {name} RESET default_transaction_read_only")
    state.add_job(job("job-2"))

    assert state.job("tenant-123", "job-2") == job("job-2")


def test_a_clock_behind_the_window_counts_in_it(state: PostgresState) -> None:
    """A server whose clock is behind does not begin windows anew."""
    state.count_call("tenant-123", "queries", 1, timedelta(seconds=60), NOON + timedelta(seconds=90))

    assert not state.count_call("tenant-123", "queries", 1, timedelta(seconds=60), NOON).admitted


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        pytest.param({"password": "not-the-password"}, "password authentication failed", id="password"),
        pytest.param({"database": "nowhere"}, 'database "nowhere" does not exist', id="database"),
        pytest.param({"port": 1}, "refused", id="port"),
        pytest.param(
            {"options": {"sslmode": "verify-full", "sslrootcert": "system"}}, "does not support SSL", id="no TLS"
        ),
    ],
)
def test_a_state_out_of_reach_is_one_error_that_names_it_and_no_password(
    shared_database: SharedDatabase, wrong: dict[str, object], reason: str
) -> None:
    given = replace(location(shared_database.database), **wrong)  # type: ignore[arg-type] # fields by name
    with pytest.raises(UnreadableStateError, match=reason) as raised:
        prepare(Connections(given, 1))

    assert str(given) in str(raised.value)
    assert str(given.password) not in f"{raised.value} {raised.value.__cause__} {given!r}"


def test_a_caller_beyond_the_bound_waits_and_gives_up(shared_database: SharedDatabase) -> None:
    connections = shared_database.connections(1, patience_seconds=0.05)
    with connections.lent(), pytest.raises(InternalError, match="busy"), connections.lent():
        pass

    with connections.lent() as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_connection_that_broke_while_nobody_had_it_harms_nobody(
    postgres: Postgres, shared_database: SharedDatabase, state: PostgresState
) -> None:
    state.add_job(job())
    broken(postgres, shared_database.database)

    assert state.job("tenant-123", "job-1") == job()


def test_a_database_that_is_away_is_an_error_and_all_is_well_once_it_is_back(
    postgres: Postgres, shared_database: SharedDatabase, state: PostgresState
) -> None:
    state.add_job(job())
    with away(postgres, shared_database.database), pytest.raises(InternalError, match="cannot be reached"):
        state.job("tenant-123", "job-1")

    assert state.job("tenant-123", "job-1") == job()


def test_a_connection_that_breaks_in_a_transaction_leaves_nothing_half_done(
    postgres: Postgres, shared_database: SharedDatabase, state: PostgresState
) -> None:
    def half_done() -> None:
        with shared_database.connections().lent() as connection, connection.transaction():
            connection.execute("DELETE FROM spectra_state_version")
            broken(postgres, shared_database.database)

    with pytest.raises(InternalError):
        half_done()

    prepare(shared_database.connections(1))
    assert state.tenant_ids() == ()


def test_a_query_whose_end_could_not_be_written_has_failed_once_it_can_be(
    postgres: Postgres, shared_database: SharedDatabase, state: PostgresState
) -> None:
    state.add_job(job())
    done = replace(job(), status=JobStatus.COMPLETED, completed_at=NOON)
    with away(postgres, shared_database.database), pytest.raises(InternalError):
        state.move_job(done)
    state.recover(NOON)
    found = state.job("tenant-123", "job-1")

    assert found is not None
    assert (found.status, found.error is not None) == (JobStatus.FAILED, True)


def test_a_key_that_could_not_be_given_back_is_free_once_it_can_be(
    postgres: Postgres, shared_database: SharedDatabase, state: PostgresState
) -> None:
    taken = state.reserve(KEY, NOON, NOON + DAY)
    with away(postgres, shared_database.database), pytest.raises(InternalError):
        state.release(KEY, taken.token)
    state.recover(NOON)

    assert state.reserve(KEY, NOON, NOON + DAY).held is Held.TAKEN_NOW
