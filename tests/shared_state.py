"""The state that servers share, in a database of the tests."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import psycopg
from spectra_emulator.adapters.postgres.connections import Connections
from spectra_emulator.adapters.postgres.membership import Member
from spectra_emulator.adapters.postgres.peers import PostgresPeers
from spectra_emulator.adapters.postgres.schema import prepare
from spectra_emulator.adapters.postgres.state import PostgresState
from spectra_emulator.domain.state_location import StateLocation, state_location

from tests.postgres import PostgresDatabase

LEASE_SECONDS = 60.0


def location(database: PostgresDatabase) -> StateLocation:
    return replace(state_location(database.url), password=database.password)


@dataclass
class SharedDatabase:
    """A database with the tables of the state, and what was opened on it."""

    database: PostgresDatabase
    opened: list[Connections] = field(default_factory=list)

    def connections(self, most: int = 16, patience_seconds: float = 10.0) -> Connections:
        made = Connections(location(self.database), most, patience_seconds)
        self.opened.append(made)
        return made

    def prepare(self) -> None:
        prepare(self.connections(1))

    def close(self) -> None:
        while self.opened:
            self.opened.pop().close()

    def empty(self) -> None:
        tables = ("jobs", "bulk_jobs", "idempotency_keys", "rate_windows", "servers", "answers", "api_keys")
        emptied = "; ".join(f"DELETE FROM spectra_{table}" for table in tables)
        self.run(f"{emptied}; UPDATE spectra_answer_bytes SET bytes = 0")

    def run(self, script: str) -> None:
        with psycopg.connect(self.database.conninfo, autocommit=True) as connection:
            connection.execute(script.encode())

    def state(self, member: Member | None = None) -> PostgresState:
        return PostgresState(self.connections(), member or Member(LEASE_SECONDS))

    def server(self, lease_seconds: float = LEASE_SECONDS) -> tuple[PostgresState, PostgresPeers]:
        """Return the store and the membership of one more server that lives."""
        member = Member(lease_seconds)
        peers = PostgresPeers(self.connections(2), member)
        peers.beat()
        return self.state(member), peers
