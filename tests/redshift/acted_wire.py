"""PostgreSQL's protocol in front of the acted Redshift: what redshift_connector needs of it, and no more.

A transaction that writes is kept until its COMMIT and runs then, since that is how the acted Redshift takes them.
"""

from __future__ import annotations

import json
import re
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import count

from spectra_emulator.adapters.redshift.connection import TYPES
from spectra_emulator.domain.catalogue import Column
from spectra_emulator.domain.errors import SpectraError
from spectra_emulator.ports import StatementCancelledError, StatementTimeoutError

from tests.dataapi.acted import ActedRedshift, Outcome
from tests.redshift.relay import Read, options_of, reader

NUMBERS = {name: number for number, name in sorted(TYPES.items(), reverse=True)} | {"VARCHAR": 1043, "CHAR": 1042}
BINARY = {16: "!?", 20: "!q", 21: "!h", 23: "!i", 700: "!f", 701: "!d"}
CANCELLED = {"C": "57014", "M": "Query (1) cancelled on user's request"}


@dataclass
class Session:
    """One connection; `label` and `timeout_ms` are what it has set, `pending` what its transaction will do."""

    process_id: int
    user: str
    label: str = ""
    timeout_ms: int = 3_600_000
    writes: bool = False
    running: bool = False
    queries: int = 0
    pending: list[str] = field(default_factory=list)


@dataclass
class ActedWire:
    redshift: ActedRedshift
    tls: ssl.SSLContext
    listener: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0)))
    sessions: dict[int, Session] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=lambda: count(1000))
    links: set[socket.socket] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"redshift://localhost:{self.listener.getsockname()[1]}/dev"

    @contextmanager
    def running(self) -> Iterator[None]:
        thread = threading.Thread(target=self._accept, daemon=True)
        thread.start()
        try:
            yield
        finally:
            for link in (self.listener, *self.links):
                with suppress(OSError):
                    link.shutdown(socket.SHUT_RDWR)
            self.listener.close()
            thread.join(5)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                plain, _ = self.listener.accept()
                threading.Thread(target=self._serve, args=(plain,), daemon=True).start()

    def _serve(self, plain: socket.socket) -> None:
        with suppress(OSError, EOFError), plain:
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            plain.recv(8)
            plain.sendall(b"S")
            with self.tls.wrap_socket(plain, server_side=True) as link:
                self.links.add(link)
                try:
                    self._talk(link)
                finally:
                    self.links.discard(link)

    def _talk(self, link: socket.socket) -> None:
        read = reader(link)
        user = options_of(read)[b"user"].decode().removeprefix("IAM:")
        link.sendall(_message(b"R", struct.pack("!I", 3)))
        _told(read)
        session = self.sessions[number] = Session(number := next(self.numbers), user)
        started = _message(b"R", struct.pack("!I", 0)) + _message(b"S", b"server_version\x008.0.2\0")
        link.sendall(started + _message(b"Z", b"I"))
        try:
            Conversation(self, session, link.sendall).hold(read)
        finally:
            del self.sessions[session.process_id]

    def cancel(self, user: str, process_id: int) -> bool:
        """Stop what runs in a session of the user's."""
        session = self.sessions.get(process_id)
        if session is None or session.user != user or not session.running:
            return False
        return self.redshift.cancel(user, session.label)


@dataclass
class Conversation:
    """Statements of one session; what a SELECT gives is known when it is described, and sent when it is executed."""

    wire: ActedWire
    session: Session
    send: Callable[[bytes], object]
    sql: str = ""
    outcome: Outcome | None = None
    failed: bool = False

    def hold(self, read: Read) -> None:
        acts = {b"P": self._parse, b"D": self._describe, b"B": self._bind, b"E": self._execute}
        while (told := _told(read))[0] != b"X":
            kind, body = told
            if kind == b"S":
                self.failed = False
                self.send(_message(b"Z", b"T" if self.session.writes else b"I"))
            elif kind in acts and not self.failed:
                self._guarded(partial(acts[kind], body))

    def _guarded(self, act: Callable[[], None]) -> None:
        try:
            act()
        except (StatementTimeoutError, StatementCancelledError):
            self._fail(CANCELLED)
        except SpectraError as error:
            state, position = error.details.get("sql_state", "XX000"), error.details.get("position")
            told = {"C": str(state), "M": error.message}
            self._fail(told if position is None else {**told, "P": str(position)})

    def _fail(self, fields: dict[str, str]) -> None:
        self.failed = True
        self.session.pending.clear()
        body = b"".join(f"{key}{text}\0".encode() for key, text in {"S": "ERROR", **fields}.items())
        self.send(_message(b"E", body + b"\0"))

    def _parse(self, body: bytes) -> None:
        self.sql, self.outcome = body.split(b"\0")[1].decode(), None
        self.send(_message(b"1"))

    def _describe(self, _: bytes) -> None:
        self.outcome = self._answer()
        columns = None if self.outcome is None else self.outcome.columns
        self.send(_message(b"t", struct.pack("!h", 0)) + (_message(b"n") if columns is None else _described(columns)))

    def _bind(self, _: bytes) -> None:
        self.send(_message(b"2"))

    def _execute(self, _: bytes) -> None:
        if self.outcome is None:
            self._do()
        outcome = self.outcome or Outcome()
        rows = b"".join(_row(row, outcome.columns or ()) for row in outcome.rows)
        self.send(rows + _message(b"C", b"SELECT\0" if outcome.columns else b"DONE\0"))

    def _answer(self) -> Outcome | None:
        """Return what a query gives; None for what is no query."""
        session = self.session
        if self.sql.startswith("SELECT pg_backend_pid()"):
            columns = (Column("pid", "INTEGER"), Column("u", "VARCHAR"), Column("s", "BOOLEAN"))
            return Outcome(columns, [[session.process_id, session.user, False]])
        if self.sql == "SELECT last_user_query_id()":
            return _one("BIGINT", session.process_id * 1000 + session.queries)
        if found := re.fullmatch(r"SELECT pg_cancel_backend\((\d+)\)", self.sql):
            return _one("BOOLEAN", self.wire.cancel(session.user, int(found[1])))
        if found := re.match(r"SELECT session_id FROM sys_query_history WHERE query_label = '(.*?)'", self.sql):
            mine = [one for one in self.wire.sessions.values() if one.user == session.user and one.running]
            return Outcome(
                (Column("session_id", "INTEGER"),), [[one.process_id] for one in mine if one.label == found[1]]
            )
        is_query = re.match(r"\s*[(]*\s*(SELECT|WITH)\b", self.sql, re.IGNORECASE)
        return self._ran([self.sql])[-1] if is_query and not session.writes else None

    def _do(self) -> None:
        session = self.session
        if found := re.fullmatch(r"SET query_group TO '(.*)'", self.sql):
            session.label = found[1]
        elif found := re.fullmatch(r"SET statement_timeout TO (\d+)", self.sql):
            session.timeout_ms = int(found[1])
        elif self.sql.startswith("BEGIN"):
            session.writes = self.sql.endswith("READ WRITE")
        elif self.sql in ("COMMIT", "ROLLBACK"):
            statements, session.pending, session.writes = session.pending, [], False
            if self.sql == "COMMIT" and statements:
                self._ran(statements)
        elif session.writes:
            session.pending.append(self.sql)

    def _ran(self, statements: Sequence[str]) -> list[Outcome]:
        self.session.running = True
        try:
            timeout = f"SET statement_timeout TO {self.session.timeout_ms}"
            return self.wire.redshift.ran(self.session.user, self.session.label, [timeout, *statements])
        finally:
            self.session.running = False
            self.session.queries += 1


def _one(kind: str, value: object) -> Outcome:
    return Outcome((Column("x", kind),), [[value]])


def _message(kind: bytes, body: bytes = b"") -> bytes:
    return kind + struct.pack("!I", len(body) + 4) + body


def _told(read: Read) -> tuple[bytes, bytes]:
    kind, size = struct.unpack("!cI", read(5))
    return kind, read(size - 4)


def _number(column: Column) -> int:
    return NUMBERS.get(column.type.partition("(")[0], 1043)


def _modifier(column: Column) -> int:
    """Return PostgreSQL's number for a length or for precision and scale, -1 for neither."""
    match [int(size) for size in re.findall(r"\d+", column.type)]:
        case [length]:
            return length + 4
        case [precision, scale]:
            return (precision << 16 | scale) + 4
        case _:
            return -1


def _described(columns: Sequence[Column]) -> bytes:
    fields = b"".join(
        column.name.encode() + b"\0" + struct.pack("!ihihih", 0, 0, _number(column), -1, _modifier(column), 0)
        for column in columns
    )
    return _message(b"T", struct.pack("!h", len(columns)) + fields)


def _row(row: Sequence[object], columns: Sequence[Column]) -> bytes:
    values = [_value(value, column) for value, column in zip(row, columns, strict=True)]
    sized = (struct.pack("!i", -1) if value is None else struct.pack("!i", len(value)) + value for value in values)
    return _message(b"D", struct.pack("!h", len(values)) + b"".join(sized))


def _value(value: object, column: Column) -> bytes | None:
    """Return the bytes of a value as the driver asks for its type: some packed, the others as Redshift prints them."""
    if value is None:
        return None
    if form := BINARY.get(_number(column)):
        return struct.pack(form, float(str(value)) if form in ("!f", "!d") else value)
    if isinstance(value, dict | list) or column.type == "SUPER":
        return json.dumps(value, separators=(",", ":"), default=float).encode()
    text = str(value)
    return (text.replace("T", " ").replace("Z", "+00") if column.type.startswith("TIMESTAMP") else text).encode()
