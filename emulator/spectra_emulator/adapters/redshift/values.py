"""Values of Redshift as the JSON of an answer, exactly as the embedded engine writes them."""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

import msgspec

from spectra_emulator.domain.catalogue import Column

Rendered = Callable[[object], bytes]

_JSON = msgspec.json.Encoder()
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?")
_TRUE = frozenset({"t", "true", "1", "on", "y", "yes"})
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?(?:([+-]\d\d)(?::?(\d\d))?|Z)?")
_CLOCK = re.compile(r"(\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?(?:([+-]\d\d)(?::?(\d\d))?|Z)?")
_MILLISECONDS, _MICROSECONDS = 3, 6
_NULL = b"null"
_REAL = struct.Struct("f")
_REAL_DIGITS = range(6, 10)
_LEAST_PLAIN, _MOST_PLAIN = -5, 9
"""The powers of ten within which a float is written without an exponent."""


def base_type(column: Column) -> str:
    """Return the name without length or precision: `DECIMAL` of `DECIMAL(12,2)`."""
    return column.type.partition("(")[0].strip().upper()


def rows_json(columns: Sequence[Column], rows: Sequence[Sequence[object]]) -> bytes:
    """Return a JSON array of one object a row; where two columns share a name, the row keeps the last."""
    places = {column.name: place for place, column in enumerate(columns)}
    kept = [
        (place, _JSON.encode(columns[place].name) + b":", RENDERED.get(base_type(columns[place]), _text))
        for place in sorted(places.values())
    ]
    members = (b",".join(key + _value(rendered, row[place]) for place, key, rendered in kept) for row in rows)
    return b"[" + b",".join(b"{%b}" % one for one in members) + b"]"


def _value(rendered: Rendered, value: object) -> bytes:
    return _NULL if value is None else rendered(value)


def _text(value: object) -> bytes:
    return _JSON.encode(value if isinstance(value, str) else str(value))


def _padded(value: object) -> bytes:
    return _text(str(value).rstrip(" "))


def _whole(value: object) -> bytes:
    return str(int(str(value))).encode()


def _boolean(value: object) -> bytes:
    true = value if isinstance(value, bool) else str(value).lower() in _TRUE
    return b"true" if true else b"false"


def _double(value: object) -> bytes:
    number = float(str(value))
    return _float(repr(number)) if math.isfinite(number) else _NULL


def _real(value: object) -> bytes:
    """Write the shortest number that is the same in four bytes."""
    number = float(str(value))
    if not math.isfinite(number):
        return _NULL
    texts = (f"{number:.{digits}g}" for digits in _REAL_DIGITS)
    return _float(next(text for text in texts if _REAL.pack(float(text)) == _REAL.pack(number)))


def _float(text: str) -> bytes:
    """Write a float's digits with a point, and with an exponent where it is far from 1: `1.0e20`."""
    number = Decimal(text)
    exponent = number.adjusted()
    if not number or _LEAST_PLAIN <= exponent <= _MOST_PLAIN:
        return _pointed(f"{number:f}").encode()
    return f"{_pointed(f'{number.scaleb(-exponent).normalize():f}')}e{exponent}".encode()


def _pointed(digits: str) -> str:
    return digits if "." in digits else f"{digits}.0"


def _decimal(value: object) -> bytes:
    """Keep every digit, with no exponent."""
    text = str(value)
    if _NUMBER.fullmatch(text):
        return text.encode()
    number = Decimal(text)
    return f"{number:f}".encode() if number.is_finite() else _NULL


def _date(value: object) -> bytes:
    return _text(value.isoformat() if isinstance(value, date) else value)


def _timestamp(value: object) -> bytes:
    found = _MOMENT.fullmatch(_iso(value))
    if found is None:
        return _text(value)
    day, clock, fraction = found[1], found[2], found[3]
    return _text(f"{day}T{clock}{_fraction(fraction)}")


def _timestamptz(value: object) -> bytes:
    found = _MOMENT.fullmatch(_iso(value))
    if found is None:
        return _text(value)
    try:
        moment = datetime.fromisoformat(f"{found[1]}T{found[2]}{found[4] or '+00'}:{found[5] or '00'}").astimezone(UTC)
    except (ValueError, OverflowError):
        return _text(value)
    return _text(f"{moment:%Y-%m-%dT%H:%M:%S}{_fraction(found[3])}Z".rjust(len("2024-01-15T00:00:00Z"), "0"))


def _time(value: object) -> bytes:
    found = _CLOCK.fullmatch(_iso(value))
    return _text(value) if found is None else _text(f"{found[1]}{_fraction(found[2])}")


def _timetz(value: object) -> bytes:
    """Write the clock in UTC, its offset as `+00`."""
    found = _CLOCK.fullmatch(_iso(value))
    if found is None:
        return _text(value)
    try:
        local = datetime.fromisoformat(f"2000-01-02T{found[1]}{found[3] or '+00'}:{found[4] or '00'}").astimezone(UTC)
    except ValueError:
        return _text(value)
    digits = (found[2] or "").rstrip("0")
    return _text(f"{local:%H:%M:%S}{'.' if digits else ''}{digits}+00")


def _iso(value: object) -> str:
    return value.isoformat(" ") if isinstance(value, datetime) else str(value)


def _fraction(digits: str | None) -> str:
    """Write a part of a second in three or six digits, or none."""
    significant = (digits or "").rstrip("0")
    if not significant:
        return ""
    return "." + significant.ljust(_MILLISECONDS if len(significant) <= _MILLISECONDS else _MICROSECONDS, "0")


def _nested(value: object) -> bytes:
    """Put the JSON that a SUPER holds in its place; what is none of it stays text."""
    text = str(value).encode()
    try:
        msgspec.json.decode(text, type=msgspec.Raw)
    except msgspec.DecodeError:
        return _text(value)
    return text


def _hexadecimal(value: object) -> bytes:
    return _text(value.hex() if isinstance(value, bytes | bytearray | memoryview) else str(value).removeprefix("\\x"))


RENDERED: dict[str, Rendered] = {
    "SMALLINT": _whole,
    "INTEGER": _whole,
    "BIGINT": _whole,
    "DECIMAL": _decimal,
    "REAL": _real,
    "DOUBLE PRECISION": _double,
    "BOOLEAN": _boolean,
    "CHAR": _padded,
    "VARCHAR": _text,
    "DATE": _date,
    "TIMESTAMP": _timestamp,
    "TIMESTAMPTZ": _timestamptz,
    "TIME": _time,
    "TIMETZ": _timetz,
    "INTERVAL": _text,
    "SUPER": _nested,
    "VARBYTE": _hexadecimal,
    "GEOMETRY": _text,
    "GEOGRAPHY": _text,
    "HLLSKETCH": _text,
}
