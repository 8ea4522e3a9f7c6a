"""The body of a request to `/_s3`: received into a file, checked against what its sender says of it."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import tempfile
import zlib
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol, cast

from litestar.types import HTTPRequestEvent, Receive

from spectra_emulator.adapters.aws_chunked import ChunkedBody, chunked_body
from spectra_emulator.adapters.s3_signatures import UNSIGNED, Proof
from spectra_emulator.api.s3_errors import S3Error

IN_MEMORY_BYTES = 256 * 1024
FRAMING_BYTES = 64 * 1024
"""What chunks and trailers may add to any body, beside an eighth of the most that an object may have."""

_CONTENT_SHA256 = b"x-amz-content-sha256"
_CODES = {_CONTENT_SHA256: "XAmzContentSHA256Mismatch"}


class ClientGoneError(Exception):
    """The client went away before its request was complete."""


class _Digest(Protocol):
    def update(self, content: bytes, /) -> None: ...

    def digest(self) -> bytes: ...


class _Crc32:
    def __init__(self) -> None:
        self._value = 0

    def update(self, content: bytes, /) -> None:
        self._value = zlib.crc32(content, self._value)

    def digest(self) -> bytes:
        return self._value.to_bytes(4, "big")


def _md5() -> _Digest:
    return hashlib.md5(usedforsecurity=False)


def _sha1() -> _Digest:
    return hashlib.sha1(usedforsecurity=False)


# Newer checksums (CRC32C, CRC64NVME) are taken unchecked: nothing in the standard library computes them.
_DIGESTS: dict[bytes, Callable[[], _Digest]] = {
    _CONTENT_SHA256: hashlib.sha256,
    b"content-md5": _md5,
    b"x-amz-checksum-crc32": _Crc32,
    b"x-amz-checksum-sha1": _sha1,
    b"x-amz-checksum-sha256": hashlib.sha256,
}


class ObjectBody:
    """Holds a body's content: in memory while small, else in a file without a name."""

    def __init__(self, proof: Proof, headers: Mapping[bytes, bytes], max_bytes: int, folder: Path) -> None:
        self._headers = headers
        self._max_bytes = max_bytes
        self._framing: ChunkedBody | None = chunked_body(proof)
        self._digests = {name: _DIGESTS[name]() for name in _stated(proof, headers)}
        self._expected_bytes = _length(headers, b"x-amz-decoded-content-length" if self._framing else b"content-length")
        self.size_bytes = 0
        self._received_bytes = 0
        self.file = tempfile.SpooledTemporaryFile(IN_MEMORY_BYTES, dir=str(folder))  # noqa: SIM115 - closed by `close`
        self._require_fit(self._expected_bytes or 0)
        self._require_fit_framed(_length(headers, b"content-length") or 0)

    async def receive(self, receive: Receive, calls: ThreadPoolExecutor) -> None:
        """Take in the whole body.

        Raises: S3Error, ClientGoneError, InvalidRequest, Unauthorized.
        """
        loop = asyncio.get_running_loop()
        more = True
        while more:
            message = cast("HTTPRequestEvent", await receive())
            if message["type"] != "http.request":
                raise ClientGoneError
            more = bool(message.get("more_body"))
            if message.get("body"):
                await loop.run_in_executor(calls, self._add, message["body"])
        self._check()
        self.file.seek(0)

    def close(self) -> None:
        self.file.close()

    def _add(self, received: bytes) -> None:
        self._received_bytes += len(received)
        self._require_fit_framed(self._received_bytes)
        content = received if self._framing is None else self._framing.content(received)
        self.size_bytes += len(content)
        self._require_fit(self.size_bytes)
        for digest in self._digests.values():
            digest.update(content)
        self.file.write(content)

    def _check(self) -> None:
        if self._framing is not None:
            self._framing.require_complete()
        if self._expected_bytes not in (None, self.size_bytes):
            raise S3Error("IncompleteBody", "The body has another length than its headers say")
        trailers = {} if self._framing is None else self._framing.trailers
        for name, digest in self._digests.items():
            _require_equal(name, trailers.get(name, self._headers.get(name, b"")), digest.digest())

    def _require_fit(self, size_bytes: int) -> None:
        if size_bytes > self._max_bytes:
            raise S3Error("EntityTooLarge", f"An object may have {self._max_bytes} bytes at most")

    def _require_fit_framed(self, size_bytes: int) -> None:
        most = self._max_bytes + self._max_bytes // 8 + FRAMING_BYTES
        if size_bytes > most:
            raise S3Error("EntityTooLarge", f"A body in chunks may have {most} bytes at most, its framing among them")


def _stated(proof: Proof, headers: Mapping[bytes, bytes]) -> frozenset[bytes]:
    """Return which digests the sender gives, in headers or behind the body."""
    in_trailers = {name.strip().lower() for name in headers.get(b"x-amz-trailer", b"").split(b",")}
    stated = _DIGESTS.keys() & (headers.keys() | in_trailers)
    unsigned = proof.payload == UNSIGNED or proof.payload.startswith("STREAMING-")
    return frozenset(stated - {_CONTENT_SHA256} if unsigned else stated)


def _length(headers: Mapping[bytes, bytes], name: bytes) -> int | None:
    text = headers.get(name, b"")
    if text and not text.isdigit():
        raise S3Error("InvalidArgument", f"{name.decode()} must be a number of bytes")
    return int(text) if text else None


def _require_equal(name: bytes, stated: bytes, digest: bytes) -> None:
    found: dict[bytes, Any] = {_CONTENT_SHA256: digest.hex().encode()}
    if stated != found.get(name, base64.b64encode(digest)):
        raise S3Error(_CODES.get(name, "BadDigest"), f"The body is not what {name.decode()} says")
