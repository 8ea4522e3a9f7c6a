"""Messages between the server and its engine processes: a header in MessagePack, then raw bytes."""

from __future__ import annotations

import socket
import struct
from typing import Any

import msgspec

_LENGTHS = struct.Struct("!IQ")
Header = dict[str, Any]


def send(link: socket.socket, header: Header, payload: bytes = b"") -> None:
    """Send one message whole."""
    packed = msgspec.msgpack.encode(header)
    link.sendall(_LENGTHS.pack(len(packed), len(payload)) + packed)
    if payload:
        link.sendall(payload)


def receive(link: socket.socket) -> tuple[Header, bytes]:
    """Wait for one message.

    Raises: EOFError where the other side is gone, TimeoutError by the socket's own timeout before the first byte.
    """
    header_size, payload_size = _LENGTHS.unpack(_exactly(link, _LENGTHS.size))
    link.settimeout(None)
    header: Header = msgspec.msgpack.decode(_exactly(link, header_size))
    return header, _exactly(link, payload_size) if payload_size else b""


def _exactly(link: socket.socket, size: int) -> bytes:
    received = bytearray(size)
    view = memoryview(received)
    while view:
        try:
            count = link.recv_into(view)
        except ConnectionError as error:
            raise EOFError from error
        if count == 0:
            raise EOFError
        view = view[count:]
    return bytes(received)
