"""A bare HTTP client on one connection that is kept alive: the same bytes and calls for every server measured."""

from __future__ import annotations

import json
import re
import socket
from types import TracebackType
from typing import Self

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_END = b"\r\n\r\n"
_LARGEST_ANSWER = 8 * 2**20
_TIMEOUT_SECONDS = 60.0
KEY = "spk_tenant-123_demo"
TENANT = "tenant-123"


class AnswerError(Exception):
    """A server answered with something else than 200."""


class Connection:
    """Sends one request at a time; its buffer is reused, so that receiving costs the client little."""

    def __init__(self, port: int) -> None:
        self._link = socket.create_connection(("127.0.0.1", port), timeout=_TIMEOUT_SECONDS)
        self._link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer = bytearray(_LARGEST_ANSWER)
        self._view = memoryview(self._buffer)

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

    def answer(self) -> memoryview:
        """Return the body of the next answer, valid until the one after it.

        Raises: AnswerError.
        """
        received = self._received(0)
        while (end := self._buffer.find(_END, 0, received)) < 0:
            received += self._received(received)
        head = bytes(self._view[:end])
        begins = end + len(_END)
        length = _LENGTH.search(head)
        size = begins + int(length[1]) if length else received
        if size > len(self._buffer):
            raise AnswerError(f"an answer of {size} bytes is more than this client takes")
        while received < size:
            received += self._received(received)
        body = self._view[begins:size]
        if head.split(b" ", 2)[1] != b"200":
            raise AnswerError(f"{head.splitlines()[0]!r} {bytes(body[:500])!r}")
        return body

    def ask(self, request: bytes) -> memoryview:
        """Send a request and return the body of its answer.

        Raises: AnswerError.
        """
        self.send(request)
        return self.answer()

    def _received(self, begins: int) -> int:
        """Receive behind what is there and return how much came."""
        count = self._link.recv_into(self._view[begins:])
        if not count:
            raise AnswerError("the connection ended within an answer")
        return count


def get(path: str) -> bytes:
    """Return a GET request."""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()


def post(path: str, body: str) -> bytes:
    """Return a POST request of JSON without credentials."""
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body.encode())}\r\n\r\n{body}".encode()


def query(sql: str, **parameters: int) -> bytes:
    """Return a query of the demo tenant as a request."""
    body = json.dumps({"sql": sql, "parameters": parameters}).encode()
    head = (
        "POST /v1/queries HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {KEY}\r\nX-Tenant-ID: {TENANT}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
