"""What the end of a Parquet file says of its columns; the rows are not read.

Source: the Apache Parquet format, FileMetaData, in Thrift's compact protocol.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

MAGIC = b"PAR1"
PHYSICAL = ("BOOLEAN", "INT32", "INT64", "INT96", "FLOAT", "DOUBLE", "BYTE_ARRAY", "FIXED_LEN_BYTE_ARRAY")
CONVERTED = {0: "TEXT", 5: "DECIMAL", 6: "DATE", 9: "TIMESTAMP", 10: "TIMESTAMP"}
LOGICAL = {1: "TEXT", 5: "DECIMAL", 6: "DATE", 8: "TIMESTAMP"}
_LENGTH_BYTES = 4
_LONG_LIST = 15
_SCHEMA, _ROWS = 2, 3
_TYPE, _NAME, _CHILDREN, _CONVERTED, _LOGICAL = 1, 4, 5, 6, 10


@dataclass(frozen=True)
class Contents:
    """`columns` gives each column's type: what it means where the file says so, else how it is stored."""

    rows: int
    columns: dict[str, str]


def contents(file: bytes) -> Contents:
    """Return what a file says of itself.

    Raises: LookupError, ValueError, TypeError where it is no Parquet file.
    """
    if file[:4] != MAGIC or file[-4:] != MAGIC:
        raise ValueError("no Parquet file: it does not begin and end with PAR1")
    end = len(file) - len(MAGIC) - _LENGTH_BYTES
    size = int.from_bytes(file[end : end + _LENGTH_BYTES], "little")
    told = _Reader(file[end - size : end]).struct()
    leaves = [one for one in told[_SCHEMA] if not one.get(_CHILDREN)]
    return Contents(told[_ROWS], {one[_NAME].decode(): _type(one) for one in leaves})


def _type(element: dict[int, Any]) -> str:
    meant = next(iter(element.get(_LOGICAL, {})), None)
    known = LOGICAL.get(meant or 0) or CONVERTED.get(element.get(_CONVERTED, -1))
    return known or PHYSICAL[element[_TYPE]]


class _Reader:
    """Reads Thrift's compact protocol; a struct becomes its values by the numbers of its fields."""

    def __init__(self, written: bytes) -> None:
        self._written = written
        self._at = 0
        self._values: dict[int, Callable[[], Any]] = {
            1: lambda: True,
            2: lambda: False,
            3: self._byte,
            **dict.fromkeys((4, 5, 6), self._integer),
            7: lambda: self._bytes(8),
            8: lambda: self._bytes(self._varint()),
            **dict.fromkeys((9, 10), self._list),
            12: self.struct,
        }

    def struct(self) -> dict[int, Any]:
        fields: dict[int, Any] = {}
        number = 0
        while head := self._byte():
            number = number + (head >> 4) if head >> 4 else self._integer()
            fields[number] = self._values[head & 15]()
        return fields

    def _list(self) -> list[Any]:
        head = self._byte()
        count = head >> 4 if head >> 4 != _LONG_LIST else self._varint()
        return [self._element(head & 15) for _ in range(count)]

    def _element(self, kind: int) -> Any:
        # In a list a boolean is a byte of its own.
        return self._byte() == 1 if kind in (1, 2) else self._values[kind]()

    def _integer(self) -> int:
        zigzag = self._varint()
        return (zigzag >> 1) ^ -(zigzag & 1)

    def _varint(self) -> int:
        value, shift = 0, 0
        while (byte := self._byte()) & 0x80:
            value |= (byte & 0x7F) << shift
            shift += 7
        return value | byte << shift

    def _bytes(self, count: int) -> bytes:
        self._at += count
        return self._written[self._at - count : self._at]

    def _byte(self) -> int:
        return self._bytes(1)[0]
