"""A connection that sends what no well-behaved client would, and reads answers one by one."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from tests.emulator import DEMO_KEY, TENANT, Answer

AS_DEMO = f"Authorization: Bearer {DEMO_KEY}\r\nX-Tenant-ID: {TENANT}\r\n".encode()


class RawConnection:
    """One kept-alive connection; every wait on it ends after `_SECONDS`."""

    _SECONDS = 20.0

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.netloc = parts.netloc
        self._socket = socket.create_connection((parts.hostname, parts.port), timeout=self._SECONDS)

    def send(self, content: bytes) -> None:
        self._socket.sendall(content)

    def receive(self, method: str = "GET") -> Answer:
        """Read exactly one answer; a later one of a pipeline stays for the next call."""
        answer = http.client.HTTPResponse(_Unbuffered(self._socket), method=method)
        answer.begin()
        return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())

    def exchange(self, content: bytes, method: str = "GET") -> Answer:
        self.send(content)
        return self.receive(method)

    def call(self, method: str, path: str, headers: bytes = AS_DEMO, body: bytes = b"") -> Answer:
        """Send one request with the header lines as they are given."""
        return self.exchange(request(self.netloc, method, path, headers, body), method)

    def closed_by_server(self) -> bool:
        """Wait for the server to end the connection."""
        return self._socket.recv(1) == b""

    def close(self) -> None:
        self._socket.close()


class _Unbuffered(socket.socket):
    """Hands `http.client` a file that reads no further than it is asked to."""

    def __init__(self, connected: socket.socket) -> None:
        super().__init__(fileno=socket.dup(connected.fileno()))
        self.settimeout(connected.gettimeout())

    def makefile(self, mode: str) -> object:  # type: ignore[override] # the one form http.client asks for
        return socket.SocketIO(self, mode[:1])  # type: ignore[arg-type] # r of rb


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
