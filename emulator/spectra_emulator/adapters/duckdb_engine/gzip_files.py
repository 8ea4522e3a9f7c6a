"""Whole files in gzip, faster than the standard library's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from isal import igzip, isal_zlib

from spectra_emulator.domain.errors import InvalidRequest

_MAGIC = b"\x1f\x8b"
_LEVEL = 1
_CHUNK_BYTES = 4 * 2**20
_open: Any = igzip.IGzipFile
_DamagedError: Any = isal_zlib.error
MAX_UNPACKED_BYTES = 4 * 2**30


@contextmanager
def writer(file: Path) -> Iterator[IO[bytes]]:
    """Open a file to be written in gzip; equal contents give equal files, in which no name stands."""
    with file.open("wb") as target, _open("", "wb", compresslevel=_LEVEL, fileobj=target, mtime=0) as content:
        yield content


def unpack(file: Path, target: Path, check: Callable[[], None]) -> None:
    """Write a gzipped file's content to `target`, calling `check` now and then.

    Raises: InvalidRequest where the file is not gzip, is cut short or holds too much.
    """
    with file.open("rb") as packed:
        if packed.read(len(_MAGIC)) != _MAGIC:
            raise InvalidRequest("The file is not in gzip, though the job's compression is GZIP")
    try:
        with _open(file, "rb") as content, target.open("wb") as unpacked:
            _copy(content, unpacked, check)
    except (EOFError, OSError, _DamagedError) as error:
        raise InvalidRequest("The gzip file is cut short or damaged") from error


def _copy(content: IO[bytes], unpacked: IO[bytes], check: Callable[[], None]) -> None:
    size = 0
    while chunk := content.read(_CHUNK_BYTES):
        check()
        size += len(chunk)
        if size > MAX_UNPACKED_BYTES:
            raise InvalidRequest(f"The gzip file holds more than {MAX_UNPACKED_BYTES} bytes")
        unpacked.write(chunk)
