"""A relay that makes PostgreSQL acceptable to redshift_connector, and breaks connections where a test asks it to.

It speaks TLS, drops the start-up options that PostgreSQL does not know, calls the server 8.0.2, takes `query_group` for
PostgreSQL's `application_name`, and gives JSON and BYTEA the numbers of Redshift's SUPER and VARBYTE.
"""

from __future__ import annotations

import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

KNOWN = frozenset({b"user", b"database", b"application_name", b"client_encoding"})
OIDS = {114: 4000, 3802: 4000, 17: 6551}
SSL_REQUEST = 80877103
PROTOCOL = 196608
VERSION = b"server_version\0"

Read = Callable[[int], bytes]
Changed = Callable[[bytes, bytes], bytes]


@dataclass
class Relay:
    """Listens on `port`.

    `started` holds the options of every start-up seen, `statements` every SQL text, `executed` those that have been
    told to run.
    """

    target_port: int
    tls: ssl.SSLContext
    started: list[dict[bytes, bytes]] = field(default_factory=list)
    listener: socket.socket = field(init=False)
    statements: list[str] = field(default_factory=list)
    executed: list[str] = field(default_factory=list)
    links: set[socket.socket] = field(default_factory=set)
    _muted: bool = False
    _last_words: str = ""

    def __post_init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))

    @property
    def port(self) -> int:
        return int(self.listener.getsockname()[1])

    @property
    def open_links(self) -> int:
        return len(self.links)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Take connections until the block ends."""
        thread = threading.Thread(target=self._accept, daemon=True)
        thread.start()
        try:
            yield
        finally:
            with suppress(OSError):
                self.listener.shutdown(socket.SHUT_RDWR)
            self.listener.close()
            self.cut()
            thread.join(5)

    @contextmanager
    def silent(self, last_words: str = "") -> Iterator[None]:
        """Let no answer through, from the moment on that a statement with those words runs, until the block ends."""
        self._muted, self._last_words = not last_words, last_words
        try:
            yield
        finally:
            self._muted, self._last_words = False, ""

    def cut(self) -> None:
        """Break every connection at once."""
        for link in tuple(self.links):
            with suppress(OSError):
                link.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                plain, _ = self.listener.accept()
                threading.Thread(target=self._serve, args=(plain,), daemon=True).start()

    def _serve(self, plain: socket.socket) -> None:
        with suppress(OSError, EOFError), self._client(plain) as client:
            read = reader(client)
            options = options_of(read)
            self.started.append(options)
            with socket.create_connection(("127.0.0.1", self.target_port)) as server:
                server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                server.sendall(_start_up(options))
                self._linked(client, server, read)

    @contextmanager
    def _client(self, plain: socket.socket) -> Iterator[socket.socket]:
        with plain:
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            assert _ints(plain.recv(8)) == (8, SSL_REQUEST)
            plain.sendall(b"S")
            with self.tls.wrap_socket(plain, server_side=True) as client:
                yield client

    def _linked(self, client: socket.socket, server: socket.socket, read: Read) -> None:
        self.links.add(client)
        back = threading.Thread(target=self._pump, args=(reader(server), client, _told), daemon=True)
        back.start()
        try:
            self._pump(read, server, _asked)
        finally:
            self.links.discard(client)
            for end in (server, client):
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
            back.join(5)

    def _pump(self, read: Read, target: socket.socket, changed: Changed) -> None:
        statement = ""
        with suppress(OSError, EOFError), _ended_with(target):
            while True:
                kind, size = struct.unpack("!cI", read(5))
                body = read(size - 4)
                if changed is _asked:
                    statement = self._noted(kind, body, statement)
                body = changed(kind, body)
                if not (changed is _told and self._muted):
                    target.sendall(kind + struct.pack("!I", len(body) + 4) + body)

    def _noted(self, kind: bytes, body: bytes, statement: str) -> str:
        """Note what a message asks for, and return the statement that its connection is at."""
        if kind == b"P":
            statement = body.split(b"\0")[1].decode()
            self.statements.append(statement)
        if kind == b"E":
            self.executed.append(statement)
            self._muted = self._muted or (self._last_words != "" and self._last_words in statement)
        return statement


@contextmanager
def _ended_with(target: socket.socket) -> Iterator[None]:
    """Pass the end of one side on to the other."""
    try:
        yield
    finally:
        with suppress(OSError):
            target.shutdown(socket.SHUT_RDWR)


def _asked(kind: bytes, body: bytes) -> bytes:
    return body.replace(b"SET query_group TO", b"SET application_name TO") if kind == b"P" else body


def _told(kind: bytes, body: bytes) -> bytes:
    if kind == b"S" and body.startswith(VERSION):
        return VERSION + b"8.0.2\0"
    return _described(body) if kind == b"T" else body


def _described(body: bytes) -> bytes:
    """Give the columns of a row description Redshift's numbers."""
    (count,) = struct.unpack_from("!h", body)
    changed, at = bytearray(body), 2
    for _ in range(count):
        at = body.index(b"\0", at) + 1
        (oid,) = struct.unpack_from("!I", body, at + 6)
        struct.pack_into("!I", changed, at + 6, OIDS.get(oid, oid))
        at += 18
    return bytes(changed)


def options_of(read: Read) -> dict[bytes, bytes]:
    size, protocol = _ints(read(8))
    assert protocol == PROTOCOL
    words = read(size - 8).rstrip(b"\0").split(b"\0")
    return dict(zip(words[::2], words[1::2], strict=True))


def _start_up(options: dict[bytes, bytes]) -> bytes:
    known = b"".join(b"%b\0%b\0" % option for option in options.items() if option[0] in KNOWN) + b"\0"
    return struct.pack("!II", len(known) + 8, PROTOCOL) + known


def _ints(content: bytes) -> tuple[int, int]:
    first, second = struct.unpack("!II", content)
    return first, second


def reader(source: socket.socket) -> Read:
    """Return what reads so many bytes, from parts as large as they come."""
    kept = bytearray()

    def read(size: int) -> bytes:
        while len(kept) < size:
            part = source.recv(65536)
            if not part:
                raise EOFError
            kept.extend(part)
        content = bytes(kept[:size])
        del kept[:size]
        return content

    return read
