"""The directory that a server keeps its data in: its own for its life, or one that outlives it."""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
import tempfile
import time
from contextlib import suppress
from pathlib import Path

_FORMAT = "2"
_PREFIX = "spectra-emulator-"
_YOUNG_SECONDS = 60.0


class DirectoryTakenError(Exception):
    """Another server uses the directory, or it cannot be used at all; the message says which."""


class DataDirectory:
    """`path` is locked until `close`; a temporary one is deleted then.

    Raises: DirectoryTakenError.
    """

    def __init__(self, kept: Path | None) -> None:
        self.durable = kept is not None
        if kept is None:
            _remove_abandoned()
        self.path = kept.absolute() if kept is not None else Path(tempfile.mkdtemp(prefix=_PREFIX))
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            self._lock = _locked(self.path)
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
            os.close(self._lock)
            raise DirectoryTakenError(f"the data directory {self.path} was written by another version")


def _locked(folder: Path) -> int:
    """Return a descriptor that holds the folder's lock until it is closed.

    Raises: BlockingIOError where another server holds it, OSError where the folder cannot be used.
    """
    lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        raise
    return lock


def _remove_abandoned() -> None:
    """Delete temporary folders of servers that were killed; one just made may not have its lock yet."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with suppress(OSError):
            found = folder.lstat()
            ours = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()
            if ours and time.time() - found.st_mtime > _YOUNG_SECONDS:
                os.close(_locked(folder))
                shutil.rmtree(folder, ignore_errors=True)
