"""A bare HTTP client on one connection that is kept alive: the same bytes and calls for every server measured."""

from __future__ import annotations

import json
import re
import socket
from types import TracebackType
from typing import Self

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_END = b"\r\n\r\n"
_CHUNK = 65_536
_TIMEOUT_SECONDS = 60.0
_KEY = "spk_tenant-123_demo"
TENANT = "tenant-123"


class AnswerError(Exception):
    """A server answered with something else than 200."""


class Connection:
    """Sends one request at a time."""

    def __init__(self, port: int) -> None:
        self._link = socket.create_connection(("127.0.0.1", port), timeout=_TIMEOUT_SECONDS)
        self._link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._link.close()

    def fileno(self) -> int:
        return self._link.fileno()

    def send(self, request: bytes) -> None:
        self._link.sendall(request)

    def answer(self) -> bytes:
        """Return the body of the next answer.

        Raises: AnswerError.
        """
        received = self._link.recv(_CHUNK)
        while _END not in received:
            chunk = self._link.recv(_CHUNK)
            if not chunk:
                raise AnswerError(f"the connection ended after {received[:200]!r}")
            received += chunk
        head, _, body = received.partition(_END)
        body = self._rest(head, body)
        if head.split(b" ", 2)[1] != b"200":
            raise AnswerError(f"{head.splitlines()[0]!r} {body[:500]!r}")
        return body

    def ask(self, request: bytes) -> bytes:
        """Send a request and return the body of its answer.

        Raises: AnswerError.
        """
        self.send(request)
        return self.answer()

    def _rest(self, head: bytes, begun: bytes) -> bytes:
        length = _LENGTH.search(head)
        size = int(length[1]) if length else len(begun)
        if size == len(begun):
            return begun
        body = bytearray(size)
        body[: len(begun)] = begun
        rest = memoryview(body)[len(begun) :]
        while rest:
            count = self._link.recv_into(rest)
            if not count:
                raise AnswerError("the connection ended within a body")
            rest = rest[count:]
        return bytes(body)


def get(path: str) -> bytes:
    """Return a GET request."""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()


def query(sql: str, **parameters: int) -> bytes:
    """Return a query of the demo tenant as a request."""
    body = json.dumps({"sql": sql, "parameters": parameters}).encode()
    head = (
        "POST /v1/queries HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {_KEY}\r\nX-Tenant-ID: {TENANT}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
