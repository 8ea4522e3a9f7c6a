"""Where the API's own records lie: with this server alone, or in a database that several share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from spectra_emulator.adapters.answer_files import AnswerFiles
from spectra_emulator.adapters.api_keys import ApiKey, ApiKeys
from spectra_emulator.adapters.authentication import KnownKeys
from spectra_emulator.adapters.sole_server import SoleServer
from spectra_emulator.adapters.sqlite_state import SqliteState
from spectra_emulator.data_directory import DataDirectory
from spectra_emulator.domain.state_location import StateLocation
from spectra_emulator.ports import AnswerStore, KeyRing, Peers, StateStore
from spectra_emulator.settings import Settings
from spectra_emulator.settings_sources import SettingsError
from spectra_emulator.snapshot_ports import SnapshotAnswers, SnapshotKeys, SnapshotState

SHARED = "The state is shared with other servers"
_PEER_CONNECTIONS = 3


class Keys(KnownKeys, KeyRing, Protocol):
    """API keys, made and looked up."""


class ClosedAnswers(AnswerStore, Protocol):
    """Answers that are closed at the server's end."""

    def close(self) -> None: ...


@dataclass(frozen=True)
class Copied:
    """What snapshots are taken of."""

    state: SnapshotState
    answers: SnapshotAnswers
    keys: SnapshotKeys


@dataclass(frozen=True)
class Stores:
    """`copied` is None where no server alone can tell what the records are at one moment."""

    state: StateStore
    answers: ClosedAnswers
    keys: Keys
    peers: Peers
    copied: Copied | None

    def close(self) -> None:
        self.state.close()
        self.answers.close()


def stores(settings: Settings, directory: DataDirectory, configured: tuple[ApiKey, ...]) -> Stores:
    """Open them; `configured` are the API keys that the fixtures name.

    Raises: SettingsError, UnreadableStateError.
    """
    location = settings.state_location()
    return _own(settings, directory, configured) if location is None else _shared(settings, location, configured)


def _own(settings: Settings, directory: DataDirectory, configured: tuple[ApiKey, ...]) -> Stores:
    durable = directory.durable
    state = SqliteState(directory.path / "state.sqlite" if durable else None)
    answers = AnswerFiles(directory.path / "answers", settings.result_store_bytes, durable=durable)
    keys = ApiKeys(configured, directory.path / "keys.json" if durable else None)
    return Stores(state, answers, keys, SoleServer(state), Copied(state, answers, keys))


def _shared(settings: Settings, location: StateLocation, configured: tuple[ApiKey, ...]) -> Stores:
    if settings.s3_location() is None:
        raise SettingsError("state: servers that share it share their objects too; set s3 to s3://bucket or its URL")
    try:
        from spectra_emulator.adapters import postgres  # noqa: PLC0415 - an extra, and 0.1 s of start-up
    except ImportError as error:
        raise SettingsError("state: PostgreSQL needs an extra: pip install 'spectra-emulator[postgres]'") from error
    connections = postgres.Connections(location, settings.state_connections)
    postgres.prepare(connections)
    member = postgres.Member(settings.state_lease_seconds)
    return Stores(
        postgres.PostgresState(connections, member),
        postgres.PostgresAnswers(connections, settings.result_store_bytes),
        postgres.PostgresKeys(ApiKeys(configured), connections),
        postgres.PostgresPeers(postgres.Connections(location, _PEER_CONNECTIONS), member),
        copied=None,
    )
