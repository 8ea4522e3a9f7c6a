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
    """Receive so many bytes, in one piece where they come in time."""
    received = b""
    while len(received) < size:
        try:
            piece = link.recv(size - len(received), socket.MSG_WAITALL)
        except ConnectionError as error:
            raise EOFError from error
        if not piece:
            raise EOFError
        received += piece
    return received
