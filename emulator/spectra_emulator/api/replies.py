"""Answers on the wire."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

import msgspec
from litestar.response.base import ASGIResponse
from litestar.response.streaming import ASGIStreamingResponse

from spectra_emulator.api.shapes import query_metadata
from spectra_emulator.domain.queries import QueryAnswer

_PART_BYTES = 256 * 1024
_JSON = msgspec.json.Encoder()
_REPLAYED = {"idempotency-replayed": "true"}


def json_reply(shape: object, status: int = 200, *, replayed: bool = False) -> ASGIResponse:
    """Return a JSON answer; a replay says that it is one."""
    return _reply(_JSON.encode(shape), status, replayed=replayed)


def query_reply(answer: QueryAnswer, *, replayed: bool = False) -> ASGIResponse:
    """Return rows as the engine wrote them, with their metadata."""
    body = b'{"data":%b,"metadata":%b}' % (answer.rows.rows_json, _JSON.encode(query_metadata(answer)))
    return _reply(body, 200, replayed=replayed)


def csv_reply(file: BinaryIO) -> ASGIStreamingResponse:
    """Return the rest of a file, a part at a time, and close it."""
    return ASGIStreamingResponse(iterator=_parts(file), media_type="text/csv")


def _parts(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while part := file.read(_PART_BYTES):
            yield part


def _reply(body: bytes, status: int, *, replayed: bool) -> ASGIResponse:
    headers = _REPLAYED if replayed else {}
    return ASGIResponse(body=body, status_code=status, media_type="application/json", headers=headers)
