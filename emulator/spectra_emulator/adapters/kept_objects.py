"""The objects of the embedded S3 as files, so that they outlive it."""

from __future__ import annotations

import fcntl
import hashlib
import json
import logging
import os
import threading
from datetime import datetime
from pathlib import Path

from moto.s3.models import FakeKey, S3Backend

_SUFFIX = ".object"
_log = logging.getLogger(__name__)


class KeptObjects:
    """Mirrors one bucket: a file an object, named after its key's digest, with a line of JSON before the content.

    The folder is locked while this process lives: a successor waits until its predecessor is really gone.
    """

    def __init__(self, folder: Path, backend: S3Backend, bucket: str) -> None:
        self._folder = folder
        self._backend = backend
        self._bucket = bucket
        self._changing = threading.Lock()
        folder.mkdir(parents=True, exist_ok=True)
        self._folder_lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(self._folder_lock, fcntl.LOCK_EX)

    def put_back(self) -> None:
        """Give the bucket what an earlier process kept; what that left unfinished is deleted."""
        for unfinished in self._folder.glob("*.unfinished"):
            unfinished.unlink()
        for file in self._folder.glob(f"*{_SUFFIX}"):
            try:
                self._put_back(file)
            except (ValueError, KeyError, TypeError):
                _log.exception("the kept object %s is not whole: it is left out", file.name)

    def keep(self, key: str) -> None:
        """Bring the object's file to what the bucket holds now."""
        file = self._folder / f"{hashlib.sha256(key.encode()).hexdigest()}{_SUFFIX}"
        with self._changing:
            found = self._backend.get_object(self._bucket, key)
            if found is None:
                file.unlink(missing_ok=True)
            else:
                _write(found, file)

    def _put_back(self, file: Path) -> None:
        with file.open("rb") as kept:
            head = json.loads(kept.readline())
            content = kept.read()
        if len(content) != head.get("size_bytes", len(content)):
            raise ValueError(file.name)
        restored = self._backend.put_object(self._bucket, head["key"], content, etag=head["etag"])
        restored.set_metadata(head["metadata"])
        restored.last_modified = datetime.fromisoformat(head["last_modified"])


def _write(found: FakeKey, file: Path) -> None:
    """Write the object aside and rename it: there is never half of one."""
    head = {
        "key": found.name,
        "etag": found.etag.strip('"'),
        "metadata": dict(found.metadata),
        "size_bytes": found.size,
        "last_modified": found.last_modified.isoformat(),
    }
    unfinished = file.with_suffix(".unfinished")
    with unfinished.open("wb") as kept:
        kept.write(json.dumps(head).encode() + b"\n")
        kept.write(found.value)
        kept.flush()
        os.fsync(kept.fileno())
    unfinished.rename(file)
