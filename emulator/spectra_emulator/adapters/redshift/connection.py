"""One connection to Redshift over the wire; the only module that knows the driver."""

from __future__ import annotations

import math
import ssl
import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from spectra_emulator.adapters.redshift.credentials import Credential
from spectra_emulator.adapters.redshift.failures import LostConnectionError, TooLargeResultError, WarehouseError
from spectra_emulator.adapters.redshift.warehouse import RESULT_BYTES, VALUE_BYTES
from spectra_emulator.domain.backend_location import BackendLocation
from spectra_emulator.domain.catalogue import Column
from spectra_emulator.domain.errors import OperatorError

APPLICATION = "spectra-emulator"
GRACE_SECONDS = 10.0
"""How much longer than the server's own timeout an answer is awaited."""
CONNECT_SECONDS = 15.0
_STEP_SECONDS = 30.0
_SILENT_SECONDS, _PROBE_SECONDS, _PROBES = 60, 15, 4
"""When and how often a silent server is probed: AWS's load balancers forget a connection after 350 s of silence."""
_IN_TEXT = 0
_DATA_ROW = b"D"
_AUTHORITIES = "SSL_CERT_FILE names a file of further authorities"
_WHO = "SELECT pg_backend_pid(), current_user, usesuper FROM pg_user WHERE usename = current_user"
_COUNT = struct.Struct("!H")
_TIMEOUT_STEP = 100
"""Timeouts are rounded up to tenths of a second, so that statement after statement needs none set."""

TYPES: dict[int, str] = {
    16: "BOOLEAN",
    18: "CHAR",
    19: "VARCHAR",
    20: "BIGINT",
    21: "SMALLINT",
    23: "INTEGER",
    25: "VARCHAR",
    26: "BIGINT",
    700: "REAL",
    701: "DOUBLE PRECISION",
    705: "VARCHAR",
    1042: "CHAR",
    1043: "VARCHAR",
    1082: "DATE",
    1083: "TIME",
    1114: "TIMESTAMP",
    1184: "TIMESTAMPTZ",
    1186: "INTERVAL",
    1188: "INTERVAL",
    1190: "INTERVAL",
    1266: "TIMETZ",
    1700: "DECIMAL",
    2935: "HLLSKETCH",
    3000: "GEOMETRY",
    3001: "GEOGRAPHY",
    3999: "GEOMETRY",
    4000: "SUPER",
    6551: "VARBYTE",
}
"""Redshift's types by the numbers that the server gives them; any other is shown as text."""

_MEASURED = frozenset({"CHAR", "VARCHAR", "DECIMAL"})
_HEADER = 4
"""What PostgreSQL adds to lengths and precisions."""

_AS_BYTES = frozenset({16, 20, 21, 23, 26, 700, 701})
"""What the driver reads from bytes; all else is taken as the text that the server writes.

So no value is beyond a Python type, which would leave the driver in the middle of a message.
"""


_Handle = Callable[[bytes, object], None]


@dataclass(frozen=True)
class Answer:
    """`affected` is -1 where the server does not say how many rows a statement changed."""

    columns: tuple[Column, ...]
    rows: Sequence[Sequence[object]]
    affected: int


class Connection:
    """A session in UTC that is in no transaction; one statement at a time.

    One that is not `usable` can do no more, one that is `spent` is to do no more.
    """

    def __init__(self, driver: Any, read_text: Any, result_bytes: int, seconds: float) -> None:
        self._driver = driver
        self._result_bytes = result_bytes
        self._held_bytes = 0
        driver.message_types[_DATA_ROW] = self._bounded(driver.message_types[_DATA_ROW])
        driver.autocommit = True
        for number in TYPES.keys() - _AS_BYTES:
            driver.redshift_types[number] = (_IN_TEXT, read_text)
        self._timeout_ms = 0
        self._last_query_id = ""
        self.statements = 0
        self.usable = True
        self.spent = False
        self.run("SET timezone TO 'UTC'", seconds)
        self.run("SET datestyle TO 'ISO'", seconds)
        (process_id, user, superuser), *_ = self.run(_WHO, seconds).rows
        self.process_id, self.user, self.superuser = int(str(process_id)), str(user), superuser is True

    def run(self, sql: str, seconds: float = _STEP_SECONDS) -> Answer:
        """Run one statement and return all its rows; wait no longer than `seconds` for each part of the answer.

        Raises: WarehouseError, LostConnectionError, TooLargeResultError.
        """
        self.statements += 1
        self._held_bytes = 0
        try:
            self._driver._usock.settimeout(seconds)  # noqa: SLF001 - the driver sets one timeout for all statements
            cursor = self._driver.cursor()
            cursor.execute(sql)
            columns = _columns(() if cursor.ps is None else cursor.ps["row_desc"])
            return Answer(columns, cursor.fetchall() if columns else (), -1 if columns else cursor.rowcount)
        except TooLargeResultError:
            raise
        except Exception as error:
            raise _told(error) from error

    def _bounded(self, handle: _Handle) -> _Handle:
        """Take rows as they come in, until they are too many bytes: the driver would hold them all."""

        def handled(row: bytes, cursor: object) -> None:
            (values,) = _COUNT.unpack_from(row)
            self._held_bytes += len(row) + VALUE_BYTES * values
            if self._held_bytes > self._result_bytes:
                raise TooLargeResultError
            handle(row, cursor)

        return handled

    def begin(self, mode: str, label: str, timeout_ms: int, seconds: float = _STEP_SECONDS) -> None:
        """Begin a transaction whose statements carry the label and end after the timeout; `seconds` as in `run`.

        Raises: WarehouseError, LostConnectionError.
        """
        self.limit(timeout_ms, seconds)
        self.run(f"SET query_group TO {literal(label)}", seconds)
        self.run(f"BEGIN {mode}", seconds)

    def limit(self, timeout_ms: int, seconds: float = _STEP_SECONDS) -> None:
        """Let the server end a statement after the timeout; `seconds` as in `run`."""
        rounded = -(-timeout_ms // _TIMEOUT_STEP) * _TIMEOUT_STEP
        if rounded != self._timeout_ms:
            self._timeout_ms = 0
            self.run(f"SET statement_timeout TO {rounded}", seconds)
            self._timeout_ms = rounded

    def query_id(self) -> str:
        """Return Redshift's id of the query that has just run, empty where the leader node alone ran it."""
        told = str(self.run("SELECT last_user_query_id()").rows[0][0])
        fresh = told not in ("-1", "None", self._last_query_id)
        self._last_query_id = told
        return told if fresh else ""

    def commit(self) -> None:
        """End the transaction.

        Raises: WarehouseError, LostConnectionError.
        """
        self.run("COMMIT")

    def roll_back(self) -> None:
        """Undo the transaction, with it what it set; a connection that cannot is of no more use."""
        self._timeout_ms = 0
        if not self.usable:
            return
        try:
            self.run("ROLLBACK")
        except (WarehouseError, LostConnectionError):
            self.usable = False

    def close(self) -> None:
        """Say good-bye where there is anybody to hear it."""
        _close(self._driver)


def opened(
    location: BackendLocation,
    credential: Credential,
    result_bytes: int = RESULT_BYTES,
    seconds: float = CONNECT_SECONDS,
) -> Connection:
    """Connect by TLS, with the server's certificate checked; wait no longer than `seconds` for each answer.

    Raises: WarehouseError, LostConnectionError, OperatorError where the driver is not installed.
    """
    try:
        import redshift_connector  # noqa: PLC0415 - an extra, which only this engine needs
        from redshift_connector.utils.type_utils import text_recv  # noqa: PLC0415 - as above
    except ImportError as error:
        raise OperatorError('The driver is missing: install "spectra-emulator[redshift]"') from error
    try:
        driver = redshift_connector.connect(
            host=location.host,
            port=location.port,
            database=location.database,
            user=credential.user,
            password=credential.password,
            ssl=True,
            sslmode="verify-full",
            timeout=math.ceil(seconds),
            tcp_keepalive_idle=_SILENT_SECONDS,
            tcp_keepalive_interval=_PROBE_SECONDS,
            tcp_keepalive_count=_PROBES,
            max_prepared_statements=0,
            application_name=APPLICATION,
        )
    except Exception as error:
        raise _told(error, f"{location.host}:{location.port}: ") from error
    try:
        return Connection(driver, text_recv, result_bytes, seconds)
    except BaseException:
        _close(driver)
        raise


def _close(driver: Any) -> None:
    file = driver._sock  # noqa: SLF001 - the driver leaves it open where the server is gone
    for close in (driver.close, file.close):
        with suppress(Exception):
            driver._usock.settimeout(1.0)  # noqa: SLF001 - as above
            close()


def literal(text: str) -> str:
    """Return the text in quotes, whatever a backslash means in the session."""
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def _columns(described: Iterable[Mapping[str, Any]]) -> tuple[Column, ...]:
    return tuple(Column(one["label"].decode(), _type(one["type_oid"], one["type_modifier"])) for one in described)


def _type(number: int, modifier: int) -> str:
    """Return a type with its length or precision, where the server tells it."""
    name, size = TYPES.get(number, "VARCHAR"), modifier - _HEADER
    if size < 0 or name not in _MEASURED:
        return name
    return f"{name}({size >> 16},{size & 0xFFFF})" if name == "DECIMAL" else f"{name}({size})"


def _told(error: Exception, place: str = "") -> Exception:
    """Return what the driver's error means: the server's own words, or what of the network it met at the place."""
    fields = error.args[0] if error.args and isinstance(error.args[0], dict) else None
    if fields is None:
        return LostConnectionError(f"{place}{_network_reason(error)}")
    told = WarehouseError(fields)
    return LostConnectionError(told.message) if told.fatal and not told.not_authenticated else told


def _network_reason(error: Exception) -> str:
    """Return in words what the driver wraps, often as the last of its arguments."""
    wrapped = error
    while wrapped.args and isinstance(wrapped.args[-1], Exception):
        wrapped = wrapped.args[-1]
    if isinstance(wrapped, ssl.SSLCertVerificationError):
        return f"its certificate cannot be trusted: {wrapped.verify_message}; {_AUTHORITIES}"
    if isinstance(wrapped, TimeoutError):
        return "no answer in time"
    told = wrapped.strerror if isinstance(wrapped, OSError) else None
    return told or " ".join(str(wrapped).split()) or type(wrapped).__name__
