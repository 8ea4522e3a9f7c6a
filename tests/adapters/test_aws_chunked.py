"""The framing of bodies that come with their signatures or checksums piece by piece."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from spectra_emulator.adapters.aws_chunked import KINDS, SIGNED, ChunkedBody, chunked_body
from spectra_emulator.adapters.s3_signatures import UNSIGNED, Proof
from spectra_emulator.adapters.sigv4 import AccessKey, Scope, signing_key
from spectra_emulator.domain.errors import InvalidRequest, SpectraError

KEY = AccessKey("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "tenant-123")
SCOPE = Scope("20130524", "us-east-1", "s3")
TIMESTAMP = "20130524T000000Z"
# The example of Amazon's own documentation: 66,560 letters in chunks of 64 KiB, 1 KiB and nothing.
SEED = b"4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9"
CHUNKS = (
    (b"a" * 65536, b"ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648"),
    (b"a" * 1024, b"0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497"),
    (b"", b"b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9"),
)
UNSIGNED_BODY = b"4;name=value\r\nabcd\r\nA\r\n0123456789\r\n0\r\nx-amz-checksum-crc32: AAAAAA==\r\n\r\n"


def proof(payload: str) -> Proof:
    return Proof(KEY, SCOPE, TIMESTAMP, SEED, payload, link=False)


def body(payload: str) -> ChunkedBody:
    found = chunked_body(proof(payload))
    assert found is not None
    return found


def framed(chunks: tuple[tuple[bytes, bytes], ...] = CHUNKS) -> bytes:
    return b"".join(b"%x;chunk-signature=%s\r\n%s\r\n" % (len(content), seal, content) for content, seal in chunks)


def content(sent: bytes, payload: str, piece_bytes: int = 2**20) -> bytes:
    """Return the content of a body that comes in pieces."""
    reading = body(payload)
    pieces = (sent[start : start + piece_bytes] for start in range(0, len(sent), piece_bytes))
    found = b"".join(reading.content(piece) for piece in pieces)
    reading.require_complete()
    return found


@pytest.mark.parametrize("piece_bytes", [1, 7, 65536, 2**20])
def test_signed_chunks_are_read_in_pieces_of_any_size(piece_bytes: int) -> None:
    assert content(framed(), SIGNED, piece_bytes) == b"a" * 66560


@pytest.mark.parametrize("piece_bytes", [1, 5, 1000])
def test_unsigned_chunks_end_in_trailers(piece_bytes: int) -> None:
    assert content(UNSIGNED_BODY, "STREAMING-UNSIGNED-PAYLOAD-TRAILER", piece_bytes) == b"abcd0123456789"


def test_trailers_are_told() -> None:
    reading = body("STREAMING-UNSIGNED-PAYLOAD-TRAILER")
    reading.content(UNSIGNED_BODY)
    assert reading.trailers == {b"x-amz-checksum-crc32": b"AAAAAA=="}


def test_signed_trailers_belong_to_the_chain() -> None:
    digest = hashlib.sha256(b"x-amz-checksum-crc32:AAAAAA==\n").hexdigest()
    signed = f"AWS4-HMAC-SHA256-TRAILER\n{TIMESTAMP}\n{SCOPE}\n{CHUNKS[-1][1].decode()}\n{digest}"
    seal = hmac.digest(signing_key(KEY.secret_access_key, SCOPE), signed.encode(), "sha256").hex().encode()
    trailers = b"x-amz-checksum-crc32:AAAAAA==\r\nx-amz-trailer-signature:%s\r\n\r\n" % seal
    sent = framed().removesuffix(b"\r\n") + trailers
    assert content(sent, f"{SIGNED}-TRAILER") == b"a" * 66560


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        pytest.param(framed().replace(b"aaaa", b"aaab", 1), "SignatureDoesNotMatch", id="content"),
        pytest.param(framed((CHUNKS[1], CHUNKS[0], CHUNKS[2])), "SignatureDoesNotMatch", id="order"),
        pytest.param(framed((CHUNKS[0], CHUNKS[2])), "SignatureDoesNotMatch", id="a chunk left out"),
        pytest.param(framed((CHUNKS[0], (b"", b""))), "SignatureDoesNotMatch", id="no signature"),
        pytest.param(framed(CHUNKS[:2]), "IncompleteBody", id="no last chunk"),
        pytest.param(framed()[:1000], "IncompleteBody", id="cut short"),
        pytest.param(b"", "IncompleteBody", id="nothing"),
        pytest.param(b"zz\r\n", "InvalidChunkSizeError", id="size in letters"),
        pytest.param(b"-1\r\n", "InvalidChunkSizeError", id="size below zero"),
        pytest.param(b"\r\n", "InvalidChunkSizeError", id="no size"),
        pytest.param(b"1" * 9000, "InvalidChunkSizeError", id="endless line"),
    ],
)
def test_what_was_not_signed_is_refused(sent: bytes, reason: str) -> None:
    with pytest.raises(SpectraError) as refused:
        content(sent, SIGNED)
    assert refused.value.details["reason"] == reason


MANY_TRAILERS = b"0\r\n" + b"".join(b"a%d:b\r\n" % number for number in range(20)) + b"\r\n"


@pytest.mark.parametrize("piece_bytes", [1, 1000])
@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"1\r\nab\r\n", id="chunk longer than it says"),
        pytest.param(MANY_TRAILERS, id="many trailers"),
        pytest.param(UNSIGNED_BODY + b"x", id="more behind the last chunk"),
    ],
)
def test_a_malformed_frame_is_refused(sent: bytes, piece_bytes: int) -> None:
    with pytest.raises(InvalidRequest):
        content(sent, "STREAMING-UNSIGNED-PAYLOAD-TRAILER", piece_bytes)


@pytest.mark.parametrize("payload", [UNSIGNED, "e3b0c442"])
def test_a_plain_body_has_no_frames(payload: str) -> None:
    assert chunked_body(proof(payload)) is None


def test_another_framing_is_refused_by_name() -> None:
    with pytest.raises(InvalidRequest, match=min(KINDS)):
        chunked_body(proof("STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD"))
