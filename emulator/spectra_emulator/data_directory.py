"""The directory that a server keeps its data in: its own for its life, or one that outlives it."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from pathlib import Path

_FORMAT = "1"


class DirectoryTakenError(Exception):
    """Another server uses the directory, or it cannot be used at all; the message says which."""


class DataDirectory:
    """`path` is locked until `close`; a temporary one is deleted then.

    Raises: DirectoryTakenError.
    """

    def __init__(self, kept: Path | None) -> None:
        self.durable = kept is not None
        self.path = kept.absolute() if kept is not None else Path(tempfile.mkdtemp(prefix="spectra-emulator-"))
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            self._lock = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise DirectoryTakenError(f"the data directory {self.path} is in use by another server") from error
        except OSError as error:
            raise DirectoryTakenError(f"the data directory {self.path} cannot be used: {error.strerror}") from error
        self._check_format()

    def close(self) -> None:
        if not self.durable:
            shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._lock)

    def _check_format(self) -> None:
        stamp = self.path / "format"
        if not stamp.exists():
            stamp.write_text(_FORMAT, encoding="ascii")
        elif stamp.read_text(encoding="ascii") != _FORMAT:
            raise DirectoryTakenError(f"the data directory {self.path} was written by another version")
