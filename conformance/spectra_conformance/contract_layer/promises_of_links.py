"""What a signed link promises: it works by itself, for an hour, and gives the file that the answer describes."""

from __future__ import annotations

import gzip
import zlib
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from spectra_conformance.answer import Answer
from spectra_conformance.client import OK, Client
from spectra_conformance.contract_layer.exchange import Exchange
from spectra_conformance.contract_layer.priming import CSV

LONGEST_LIFE = timedelta(hours=24, minutes=5)
TAKEN = frozenset({200, 201, 204})


def the_link_expires_in_the_future(exchange: Exchange, _client: Client) -> str | None:
    told = exchange.body.get("expires_at")
    if not isinstance(told, str):
        return None
    try:
        left = datetime.fromisoformat(told) - _now(exchange.answer)
    except (ValueError, TypeError):
        return f"expires_at {told!r} is no time with a zone"
    return None if timedelta() < left <= LONGEST_LIFE else f"expires_at {told} is {left} from now"


def the_upload_link_takes_a_file(exchange: Exchange, client: Client) -> str | None:
    link = exchange.body.get("upload_url")
    if not isinstance(link, str) or exchange.target.read_only:
        return None
    taken = client.upload_as_signed(link, CSV)
    return None if taken.status in TAKEN else f"a PUT to the upload link was answered with {taken.status}"


def the_download_link_gives_the_file(exchange: Exchange, client: Client) -> str | None:
    link = exchange.body.get("download_url")
    if not isinstance(link, str):
        return None
    file = client.download(link)
    if file.status != OK:
        return f"[URL-02 BLK-60] a GET of the download link was answered with {file.status}"
    if len(file.body) != exchange.body.get("size_bytes"):
        return f"[BLK-64 JOB-21] size_bytes is {exchange.body.get('size_bytes')}, the file has {len(file.body)} bytes"
    return _uncompressed(exchange, file.body)


def _uncompressed(exchange: Exchange, file: bytes) -> str | None:
    compressed = exchange.body.get("compression") == "gzip"
    if compressed is not file.startswith(b"\x1f\x8b") and "compression" in exchange.body:
        return f"[BLK-63 URL-13] compression is {exchange.body['compression']}, the file begins with {file[:4].hex()}"
    try:
        text = gzip.decompress(file) if compressed else file
    except (OSError, EOFError, zlib.error) as error:
        return f"[BLK-63 URL-13] the file is no gzip: {error}"
    expected = b"n\n7\n"
    unlike = exchange.body.get("format") == "csv" and text.replace(b"\r\n", b"\n").replace(b'"', b"") != expected
    mine = exchange.job_id in exchange.fixtures.states
    return f"[FMT-01 FMT-02] the file holds {text[:80]!r}: expected {expected!r}" if unlike and mine else None


def _now(answer: Answer) -> datetime:
    """Return the time by the deployment's own clock where it tells it, else by ours."""
    try:
        return parsedate_to_datetime(answer.headers["date"])
    except (KeyError, ValueError):
        return datetime.now(UTC)
