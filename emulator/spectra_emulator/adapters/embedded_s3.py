"""The S3 that comes with the emulator: moto in a process of its own, started when first needed."""

from __future__ import annotations

import http.client
import json
import secrets
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from spectra_emulator.domain.errors import InternalError

BUCKET = "spectra"
SECRET_HEADER = "x-spectra-secret"  # noqa: S105 - the header's name, not what it holds

_MODULE = "spectra_emulator.adapters.embedded_s3_process"
_IN_MEMORY_BYTES = 256 * 1024
_FREES_MEMORY = {"MALLOC_MMAP_THRESHOLD_": str(2**20), "MALLOC_ARENA_MAX": "2"}
"""What makes glibc give the memory of bodies back, which it would keep for the next."""
_PIECE_BYTES = 256 * 1024
_ANSWER_SECONDS = 60.0
_END_SECONDS = 5.0


@dataclass(frozen=True)
class Endpoint:
    """Where the process listens, and the secret without which it answers nothing."""

    port: int
    secret: str = field(repr=False)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@dataclass(frozen=True)
class S3Answer:
    """An answer whose content is read piece by piece, and must be closed; header names are lower case."""

    status: int
    headers: Mapping[str, str]
    content: http.client.HTTPResponse

    def pieces(self) -> Iterator[bytes]:
        while piece := self.content.read(_PIECE_BYTES):
            yield piece

    def close(self) -> None:
        self.content.close()


class EmbeddedS3:
    """Runs the process; with a folder, objects are kept there and found again."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._endpoint: Endpoint | None = None
        self._closed = False

    @property
    def untouched(self) -> bool:
        """Tell whether there can be no object yet, without starting the process."""
        return self._process is None and (self._folder is None or not self._folder.exists())

    def endpoint(self) -> Endpoint:
        """Return where the process listens, starting it where it does not run.

        Raises: InternalError.
        """
        with self._lock:
            if self._closed:
                raise InternalError("The embedded S3 has ended with its server")
            if self._endpoint is None or self._process is None or self._process.poll() is not None:
                self._endpoint = self._started()
            return self._endpoint

    def exchange(
        self, method: str, target: str, headers: Mapping[str, str], body: IO[bytes] | None = None, size_bytes: int = 0
    ) -> S3Answer:
        """Send a request and return its answer; `target` is an encoded path with its query.

        Raises: InternalError.
        """
        endpoint = self.endpoint()
        connection = http.client.HTTPConnection("127.0.0.1", endpoint.port, timeout=_ANSWER_SECONDS)
        connection.blocksize = _PIECE_BYTES
        sent = {**headers, SECRET_HEADER: endpoint.secret, "content-length": str(size_bytes)}
        try:
            connection.request(method, target, body, sent)
            answer = connection.getresponse()
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            raise InternalError("The embedded S3 does not answer") from error
        return S3Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer)

    def close(self) -> None:
        """End the process, where it runs, for good."""
        with self._lock:
            self._closed = True
            if self._process is not None:
                _end(self._process)
                self._process = self._endpoint = None

    def _started(self) -> Endpoint:
        if self._process is not None:
            _end(self._process)
        self._process = subprocess.Popen(  # noqa: S603 - this very interpreter and a module of ours
            [sys.executable, "-I", "-m", _MODULE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={
                "MOTO_S3_DEFAULT_KEY_BUFFER_SIZE": str(_IN_MEMORY_BYTES),
                "TMPDIR": tempfile.gettempdir(),
                **_FREES_MEMORY,
            },
        )
        secret = secrets.token_hex()
        folder = None if self._folder is None else str(self._folder)
        port = _port(self._process, json.dumps({"secret": secret, "folder": folder}))
        if not port:
            _end(self._process)
            raise InternalError("The embedded S3 does not start")
        return Endpoint(int(port), secret)


def _port(process: subprocess.Popen[str], configuration: str) -> str:
    """Return the line in which the process names its port, empty where it ended instead."""
    if process.stdin is None or process.stdout is None:
        return ""
    try:
        process.stdin.write(f"{configuration}\n")
        process.stdin.flush()
    except BrokenPipeError:
        return ""
    return process.stdout.readline()


def _end(process: subprocess.Popen[str]) -> None:
    """Close the pipe by which the process knows that it is needed, and wait."""
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
    try:
        process.wait(_END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
