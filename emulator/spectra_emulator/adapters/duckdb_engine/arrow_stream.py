"""Rows of a relation as Arrow batches of a chosen size, in bounded memory and without pyarrow."""

from __future__ import annotations

import ctypes
import sys
import threading
from types import ModuleType, SimpleNamespace

import arro3.core
import duckdb

_CAPSULE_NAME = b"arrow_array_stream"
_importing = threading.Lock()


class _ArrowArrayStream(ctypes.Structure):
    """The five pointers of a stream.

    Source: Apache Arrow, "The Arrow C stream interface".
    """

    _fields_ = (
        ("get_schema", ctypes.c_void_p),
        ("get_next", ctypes.c_void_p),
        ("get_last_error", ctypes.c_void_p),
        ("release", ctypes.c_void_p),
        ("private_data", ctypes.c_void_p),
    )


def batches(relation: duckdb.DuckDBPyRelation, rows: int) -> arro3.core.RecordBatchReader:
    """Begin the query and return its result, at most `rows` rows at a time.

    DuckDB lets only pyarrow choose the size of a batch: its own capsule holds a million rows at once. What it asks
    of pyarrow is one function, which is lent to it here.
    """
    with _importing:
        sys.modules["pyarrow"] = _lent
        try:
            reader: arro3.core.RecordBatchReader = relation.to_arrow_reader(rows)
        finally:
            del sys.modules["pyarrow"]
    return reader


def _imported(address: int) -> arro3.core.RecordBatchReader:
    """Take the stream at `address` over from its producer."""
    stream = _ArrowArrayStream()
    ctypes.memmove(ctypes.byref(stream), address, ctypes.sizeof(stream))
    _ArrowArrayStream.from_address(address).release = None
    capsule = _new_capsule(ctypes.addressof(stream), _CAPSULE_NAME, None)
    return arro3.core.RecordBatchReader.from_arrow_pycapsule(capsule)


_new_capsule = ctypes.pythonapi.PyCapsule_New
_new_capsule.restype = ctypes.py_object
_new_capsule.argtypes = (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p)

_lent = ModuleType("pyarrow")
_lent.lib = SimpleNamespace(RecordBatchReader=SimpleNamespace(_import_from_c=_imported))  # type: ignore[attr-defined]  # a module made here has only what it is given
