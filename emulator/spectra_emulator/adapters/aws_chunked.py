"""The framing `aws-chunked`, in which SDKs send bodies whose signature or checksum comes piece by piece.

Source: "Signature Calculations for the Authorization Header: Transferring Payload in Multiple Chunks", Amazon S3 API
Reference.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping

from spectra_emulator.adapters.s3_signatures import Proof
from spectra_emulator.adapters.sigv4 import ALGORITHM, refusal, signing_key
from spectra_emulator.domain.errors import InvalidRequest

PREFIX = "STREAMING-"
SIGNED = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
KINDS = frozenset({"STREAMING-UNSIGNED-PAYLOAD-TRAILER", SIGNED, f"{SIGNED}-TRAILER"})

_LONGEST_LINE = 8192
_CHUNK_SIZE = re.compile(rb"[0-9a-fA-F]{1,16}")
_MOST_TRAILERS = 16
_EMPTY_SHA256 = hashlib.sha256(b"").hexdigest()
_TRAILER_SIGNATURE = b"x-amz-trailer-signature"


class ChunkSignatures:
    """Checks the chain of signatures, each of which covers the one before."""

    def __init__(self, proof: Proof) -> None:
        self._key = signing_key(proof.access_key.secret_access_key, proof.scope)
        self._stamp = f"{proof.timestamp}\n{proof.scope}"
        self._previous = proof.signature

    def require(self, kind: str, given: bytes, *digests: str) -> None:
        """Pass where `given` signs the digests; `kind` is PAYLOAD or TRAILER.

        Raises: Unauthorized.
        """
        signed = "\n".join((f"{ALGORITHM}-{kind}", self._stamp, self._previous.decode(), *digests))
        expected = hmac.digest(self._key, signed.encode(), "sha256").hex().encode()
        if not hmac.compare_digest(expected, given):
            raise refusal("SignatureDoesNotMatch", "The signature of a chunk does not match its content")
        self._previous = expected


class ChunkedBody:
    """Takes the frames off a body as it comes in; `trailers` are there once it is complete."""

    def __init__(self, signatures: ChunkSignatures | None) -> None:
        self._signatures = signatures
        self._received = bytearray()
        self._step = self._size_line
        self._left = 0
        self._signature = b""
        self._digest = hashlib.sha256()
        self._trailers: dict[bytes, bytes] = {}
        self.complete = False

    @property
    def trailers(self) -> Mapping[bytes, bytes]:
        return self._trailers

    def content(self, received: bytes) -> bytes:
        """Return the content that the bytes complete; it is proven only when the body is complete.

        Raises: InvalidRequest, Unauthorized.
        """
        self._received += received
        found = bytearray()
        while not self.complete and (piece := self._step()) is not None:
            found += piece
        if self.complete and self._received:
            raise _malformed()
        return bytes(found)

    def require_complete(self) -> None:
        """Pass where the last chunk has come; its empty line may be missing.

        Raises: InvalidRequest.
        """
        if not self.complete and self._step == self._trailer_line and not self._received:
            self._end()
        if not self.complete:
            raise InvalidRequest("The body ends before its last chunk", reason="IncompleteBody")

    def _line(self) -> bytes | None:
        line, end, rest = self._received.partition(b"\r\n")
        if not end:
            if len(self._received) > _LONGEST_LINE:
                raise _malformed()
            return None
        self._received = rest
        return bytes(line)

    def _size_line(self) -> bytes | None:
        line = self._line()
        if line is None:
            return None
        size, _, extension = line.partition(b";")
        self._left = _chunk_size(size)
        self._signature = extension.removeprefix(b"chunk-signature=")
        self._digest = hashlib.sha256()
        if self._left == 0:
            self._check_chunk()
        self._step = self._chunk if self._left else self._trailer_line
        return b""

    def _chunk(self) -> bytes | None:
        if not self._received:
            return None
        piece = bytes(self._received[: self._left])
        del self._received[: self._left]
        self._left -= len(piece)
        if self._signatures is not None:
            self._digest.update(piece)
        if self._left == 0:
            self._check_chunk()
            self._step = self._chunk_end
        return piece

    def _chunk_end(self) -> bytes | None:
        line = self._line()
        if line is None:
            return None
        if line:
            raise _malformed()
        self._step = self._size_line
        return b""

    def _trailer_line(self) -> bytes | None:
        line = self._line()
        if line is None:
            return None
        if not line:
            self._end()
            return b""
        name, _, value = line.partition(b":")
        if len(self._trailers) >= _MOST_TRAILERS:
            raise _malformed()
        self._trailers[name.strip().lower()] = value.strip()
        return b""

    def _end(self) -> None:
        self.complete = True
        if self._signatures is not None and self._trailers:
            given = self._trailers.pop(_TRAILER_SIGNATURE, b"")
            lines = b"".join(b"%s:%s\n" % trailer for trailer in sorted(self._trailers.items()))
            self._signatures.require("TRAILER", given, hashlib.sha256(lines).hexdigest())

    def _check_chunk(self) -> None:
        if self._signatures is not None:
            self._signatures.require("PAYLOAD", self._signature, _EMPTY_SHA256, self._digest.hexdigest())


def chunked_body(proof: Proof) -> ChunkedBody | None:
    """Return what reads the body, where the proof says that it is framed.

    Raises: InvalidRequest.
    """
    if not proof.payload.startswith(PREFIX):
        return None
    if proof.payload not in KINDS:
        raise InvalidRequest(f"X-Amz-Content-SHA256 must be one of {', '.join(sorted(KINDS))}", reason="InvalidRequest")
    return ChunkedBody(ChunkSignatures(proof) if proof.payload.startswith(SIGNED) else None)


def _chunk_size(digits: bytes) -> int:
    if not _CHUNK_SIZE.fullmatch(digits):
        raise _malformed()
    return int(digits, 16)


def _malformed() -> InvalidRequest:
    return InvalidRequest("The body is not well-formed aws-chunked", reason="InvalidChunkSizeError")
