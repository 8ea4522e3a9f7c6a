"""What several servers share, in PostgreSQL; needs the extra `postgres`."""

from spectra_emulator.adapters.postgres.answers import PostgresAnswers
from spectra_emulator.adapters.postgres.connections import Connections
from spectra_emulator.adapters.postgres.keys import PostgresKeys
from spectra_emulator.adapters.postgres.membership import Member
from spectra_emulator.adapters.postgres.peers import PostgresPeers
from spectra_emulator.adapters.postgres.schema import prepare
from spectra_emulator.adapters.postgres.state import PostgresState

__all__ = ["Connections", "Member", "PostgresAnswers", "PostgresKeys", "PostgresPeers", "PostgresState", "prepare"]
