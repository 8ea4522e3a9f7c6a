"""The few functions that DuckDB asks of pyarrow, answered by arro3.

DuckDB hands vectors to Python, and takes them back, by way of pyarrow alone, which weighs more than all else here.
What it asks for is lent to it: importing a batch and a schema at an address, and a table's columns.

Source: Apache Arrow, "The Arrow C data interface", "The Arrow C stream interface".
"""

from __future__ import annotations

import ctypes
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import ModuleType, SimpleNamespace

import arro3.core

_POINTER, _NUMBER = ctypes.c_void_p, ctypes.c_int64
_new_capsule = ctypes.pythonapi.PyCapsule_New
_new_capsule.restype = ctypes.py_object
_new_capsule.argtypes = (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p)
_lock = threading.Lock()


class _ArrowArrayStream(ctypes.Structure):
    _fields_ = (
        ("get_schema", _POINTER),
        ("get_next", _POINTER),
        ("get_last_error", _POINTER),
        ("release", _POINTER),
        ("private_data", _POINTER),
    )


class _ArrowSchema(ctypes.Structure):
    _fields_ = (
        ("format", _POINTER),
        ("name", _POINTER),
        ("metadata", _POINTER),
        ("flags", _NUMBER),
        ("n_children", _NUMBER),
        ("children", _POINTER),
        ("dictionary", _POINTER),
        ("release", _POINTER),
        ("private_data", _POINTER),
    )


class _ArrowArray(ctypes.Structure):
    _fields_ = (
        ("length", _NUMBER),
        ("null_count", _NUMBER),
        ("offset", _NUMBER),
        ("n_buffers", _NUMBER),
        ("n_children", _NUMBER),
        ("buffers", _POINTER),
        ("children", _POINTER),
        ("dictionary", _POINTER),
        ("release", _POINTER),
        ("private_data", _POINTER),
    )


class _Moved:
    """A structure taken over from its producer; `capsule` is good for as long as this is kept."""

    def __init__(self, kind: type[ctypes.Structure], address: int, name: bytes) -> None:
        self._kept = kind()
        ctypes.memmove(ctypes.byref(self._kept), address, ctypes.sizeof(self._kept))
        kind.from_address(address).release = None
        self.capsule = _new_capsule(ctypes.addressof(self._kept), name, None)


class Table:
    """Batches under the class that DuckDB looks for."""

    def __init__(self, batches: Sequence[arro3.core.RecordBatch]) -> None:
        self._batches = list(batches)

    @classmethod
    def from_batches(cls, batches: Sequence[arro3.core.RecordBatch], _schema: arro3.core.Schema) -> Table:
        return cls(batches)

    @classmethod
    def of(cls, column: arro3.core.Array) -> Table:
        """Return a table of one column."""
        return cls([arro3.core.RecordBatch.from_arrays([column], names=["c0"])])

    @property
    def columns(self) -> tuple[arro3.core.Array, ...]:
        return tuple(self._batches[0].columns)

    def __arrow_c_schema__(self) -> object:
        return self._batches[0].schema.__arrow_c_schema__()

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return arro3.core.Table.from_batches(self._batches).__arrow_c_stream__(requested_schema)


def _batch(address: int, schema: arro3.core.Schema) -> arro3.core.RecordBatch:
    moved = _Moved(_ArrowArray, address, b"arrow_array")
    return arro3.core.RecordBatch.from_arrow_pycapsule(schema.__arrow_c_schema__(), moved.capsule)


def _schema(address: int) -> arro3.core.Schema:
    moved = _Moved(_ArrowSchema, address, b"arrow_schema")
    return arro3.core.Schema.from_arrow_pycapsule(moved.capsule)


def _reader(address: int) -> arro3.core.RecordBatchReader:
    moved = _Moved(_ArrowArrayStream, address, b"arrow_array_stream")
    return arro3.core.RecordBatchReader.from_arrow_pycapsule(moved.capsule)


class _RecordBatch:
    _import_from_c = staticmethod(_batch)


class _Schema:
    _import_from_c = staticmethod(_schema)


class _RecordBatchReader:
    _import_from_c = staticmethod(_reader)


_module = ModuleType("pyarrow")
_module.lib = SimpleNamespace(  # type: ignore[attr-defined]  # a module made here has only what it is given
    Table=Table, RecordBatch=_RecordBatch, Schema=_Schema, RecordBatchReader=_RecordBatchReader
)


@contextmanager
def lent() -> Iterator[None]:
    """Lend what DuckDB asks for while it begins to read a result."""
    with _lock:
        was_lent = "pyarrow" in sys.modules
        sys.modules["pyarrow"] = _module
        try:
            yield
        finally:
            if not was_lent:
                del sys.modules["pyarrow"]


def lend() -> None:
    """Lend it for good: functions in Python are called at any time."""
    with _lock:
        sys.modules["pyarrow"] = _module
