"""A connection that sends what no well-behaved client would, and reads answers one by one."""

from __future__ import annotations

import http.client
import io
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from tests.emulator import DEMO_KEY, TENANT, Answer

AS_DEMO = f"Authorization: Bearer {DEMO_KEY}\r\nX-Tenant-ID: {TENANT}\r\n".encode()
_SECONDS = 20.0


class _KeptReader(io.BufferedReader):
    def close(self) -> None:
        """Stay open: the next answer stands behind the one that was read."""


class RawConnection:
    """One kept-alive connection; no wait on it is longer than `_SECONDS`."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.netloc = parts.netloc
        self._socket = socket.create_connection((parts.hostname, parts.port), timeout=_SECONDS)
        self._reader = _KeptReader(self._socket.makefile("rb", buffering=0))  # type: ignore[arg-type] # a raw file

    def makefile(self, _mode: str) -> Any:
        """Give `http.client` the one reader of this connection."""
        return self._reader

    def send(self, content: bytes) -> None:
        self._socket.sendall(content)

    def receive(self, method: str = "GET") -> Answer:
        """Read exactly one answer."""
        answer = http.client.HTTPResponse(self, method=method)  # type: ignore[arg-type] # it asks for makefile alone
        answer.begin()
        return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())

    def exchange(self, content: bytes, method: str = "GET") -> Answer:
        self.send(content)
        return self.receive(method)

    def call(self, method: str, path: str, headers: bytes = AS_DEMO, body: bytes = b"") -> Answer:
        """Send one request with the header lines as they are given."""
        return self.exchange(request(self.netloc, method, path, headers, body), method)

    def ended(self) -> bool:
        """Wait for the server to end the connection."""
        return self._reader.read(1) == b""

    def close(self) -> None:
        self._reader.raw.close()
        self._socket.close()


def request(netloc: str, method: str, path: str, headers: bytes = AS_DEMO, body: bytes = b"") -> bytes:
    """Return a request's bytes with Host and, where there is a body, its length and type."""
    described = b"Content-Type: application/json\r\nContent-Length: %d\r\n" % len(body) if body else b""
    first = f"{method} {path} HTTP/1.1\r\nHost: {netloc}\r\n".encode("latin-1")
    return first + headers + described + b"\r\n" + body


@contextmanager
def connected(url: str) -> Iterator[RawConnection]:
    connection = RawConnection(url)
    try:
        yield connection
    finally:
        connection.close()
