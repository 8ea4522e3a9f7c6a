"""Snapshots as files: one zip each, written aside and renamed, read against its checksums."""

from __future__ import annotations

import hashlib
import os
import shutil
import struct
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, TypeVar

import msgspec

from spectra_emulator import __version__
from spectra_emulator.adapters.snapshot_manifests import MANIFEST, ZIP_ERRORS, broken, manifest_of
from spectra_emulator.domain.errors import Conflict, NotFound
from spectra_emulator.domain.snapshots import FORMAT, VERSION, Listed, Manifest, Member, TenantPart

Shape = TypeVar("Shape")
_SUFFIX = ".zip"
_UNFINISHED = ".unfinished"
_PIECE_BYTES = 1024 * 1024
_PACKED_BYTES = 256 * 2**20
"""What a packed member stands for at most: in a hostile file a few bytes could be as many as it likes."""

_LOCAL_HEAD_BYTES = 30
_LENGTHS_AT = 26
"""Where a member's own head in a zip file says how long its name and what follows it are."""


_Identity = tuple[int, int, int, int, int]


class Writer:
    """Writes members one after another; their sizes and checksums go into the manifest, which comes last."""

    def __init__(self, archive: zipfile.ZipFile, scratch: Path) -> None:
        self._archive = archive
        self._members: dict[str, Member] = {}
        self.scratch = scratch

    def add_file(self, name: str, file: Path) -> None:
        """Add a file as it is: what is large here is packed already."""
        with file.open("rb") as source:
            self._add(name, source, zipfile.ZIP_STORED)

    def add_bytes(self, name: str, content: bytes) -> None:
        member = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
        self._archive.writestr(member, content, zipfile.ZIP_DEFLATED)
        self._members[name] = Member(len(content), hashlib.sha256(content).hexdigest())

    def add_json(self, name: str, value: object) -> None:
        self.add_bytes(name, msgspec.json.encode(value))

    def finish(self, *, whole: bool, objects: bool, tenants: tuple[TenantPart, ...], now: datetime) -> Manifest:
        """Write the manifest."""
        manifest = Manifest(FORMAT, VERSION, now, __version__, whole, objects, tenants, self._members)
        content = msgspec.json.format(msgspec.json.encode(manifest), indent=1)
        self._archive.writestr(zipfile.ZipInfo(MANIFEST, (1980, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
        return manifest

    def _add(self, name: str, source: BinaryIO, packing: int) -> None:
        digest = hashlib.sha256()
        size_bytes = 0
        member = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
        member.compress_type = packing
        with self._archive.open(member, "w", force_zip64=True) as target:
            while piece := source.read(_PIECE_BYTES):
                digest.update(piece)
                target.write(piece)
                size_bytes += len(piece)
        self._members[name] = Member(size_bytes, digest.hexdigest())


class Reader:
    """Reads members of an open snapshot; `manifest` has been checked.

    `known` tells that this very file was found good before, and nobody has changed it since.
    Raises: Conflict.
    """

    def __init__(self, source: BinaryIO, archive: zipfile.ZipFile, *, known: bool = False) -> None:
        self._source = source
        self._archive = archive
        self.known = known
        self.manifest = manifest_of(archive)

    def note_good(self) -> None:
        """Remember that all of the file is as it should be."""
        self.known = True

    def verify(self) -> None:
        """Read everything, so that what is broken is known."""
        for name in self.manifest.files:
            for _ in self._pieces(name):
                continue

    def extract(self, name: str, file: Path) -> None:
        """Write a member to a file; what is `known` to be good is not compared again."""
        member = self._archive.getinfo(name) if self.known else None
        with file.open("wb") as target:
            if member is not None and member.compress_type == zipfile.ZIP_STORED:
                self._copy_lying(member, target)
            else:
                target.writelines(self._pieces(name))

    def read(self, name: str) -> bytes:
        return b"".join(self._pieces(name))

    def read_json(self, name: str, shape: type[Shape]) -> Shape:
        try:
            return msgspec.json.decode(self.read(name), type=shape)
        except msgspec.MsgspecError as error:
            raise broken(f"{name} is not what it should be: {error}") from error

    def _copy_lying(self, member: zipfile.ZipInfo, target: BinaryIO) -> None:
        """Let the system copy a member that was stored as it is: a piece at a time, each would wait its turn here."""
        self._source.seek(member.header_offset + _LENGTHS_AT)
        lengths = struct.unpack("<HH", self._source.read(4))
        begin = member.header_offset + _LOCAL_HEAD_BYTES + sum(lengths)
        end = begin + member.file_size
        while begin < end and (sent := os.sendfile(target.fileno(), self._source.fileno(), begin, end - begin)):
            begin += sent

    def _pieces(self, name: str) -> Iterator[bytes]:
        """Yield a member, no more of it than the manifest says, and compare it at its end."""
        stated = self.manifest.files.get(name)
        if stated is None:
            raise broken(f"its manifest lacks {name}")
        digest = hashlib.sha256()
        size_bytes = 0
        try:
            member = self._archive.getinfo(name)
            _require_bounded(member)
            with self._archive.open(member) as source:
                while size_bytes <= stated.size_bytes and (piece := source.read(_PIECE_BYTES)):
                    digest.update(piece)
                    size_bytes += len(piece)
                    yield piece
        except (KeyError, *ZIP_ERRORS) as error:
            raise broken(f"{name} cannot be read: {error}") from error
        if (size_bytes, digest.hexdigest()) != (stated.size_bytes, stated.sha256):
            raise broken(f"{name} has another checksum than its manifest says")


class SnapshotFiles:
    """Keeps snapshots in a folder, a file each: `{name}.zip`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._good: dict[str, _Identity] = {}

    @contextmanager
    def writing(self, name: str) -> Iterator[Writer]:
        """Lend a writer; what it wrote takes the name at the end, whole and durable, or not at all."""
        self.folder.mkdir(parents=True, exist_ok=True)
        unfinished = self.folder / f".{name}{_UNFINISHED}"
        scratch = Path(tempfile.mkdtemp(prefix=f".{name}-", suffix=_UNFINISHED, dir=self.folder))
        try:
            with unfinished.open("wb") as file:
                with zipfile.ZipFile(file, "w", allowZip64=True) as archive:
                    yield Writer(archive, scratch)
                file.flush()
                os.fsync(file.fileno())
                self._named(unfinished, name)
                self._good[name] = _identity(file)
        finally:
            unfinished.unlink(missing_ok=True)
            shutil.rmtree(scratch, ignore_errors=True)

    @contextmanager
    def opened(self, name: str) -> Iterator[Reader]:
        """Lend a reader.

        Raises: NotFound, Conflict.
        """
        with _opened(self.file(name)) as (source, archive):
            identity = _identity(source)
            reader = Reader(source, archive, known=self._good.get(name) == identity)
            yield reader
            if reader.known:
                self._good[name] = identity

    def file(self, name: str) -> Path:
        """Return where the snapshot lies.

        Raises: NotFound.
        """
        file = self.folder / f"{name}{_SUFFIX}"
        if not file.is_file():
            raise NotFound("There is no snapshot of that name", name=name)
        return file

    def take_in(self, name: str, file: Path) -> Listed:
        """Make a file from elsewhere, which lies in `folder`, the snapshot of that name.

        Raises: Conflict.
        """
        with _opened(file) as (source, archive):
            Reader(source, archive).verify()
        with file.open("rb") as written:
            os.fsync(written.fileno())
        self._named(file, name)
        return _listed(self.file(name))

    def listed(self) -> list[Listed]:
        """Return what is there, those that cannot be loaded too."""
        return [_listed(file) for file in sorted(self.folder.glob(f"[!.]*{_SUFFIX}"))]

    def remove(self, name: str) -> None:
        self.file(name).unlink()
        self._good.pop(name, None)

    def remove_unfinished(self) -> None:
        """Delete what servers left that were killed while they wrote."""
        for leftover in self.folder.glob(f".*{_UNFINISHED}"):
            if leftover.is_dir():
                shutil.rmtree(leftover, ignore_errors=True)
            else:
                leftover.unlink(missing_ok=True)

    def _named(self, file: Path, name: str) -> None:
        """Give a whole file its name, and let the folder's entry be durable too."""
        file.replace(self.folder / f"{name}{_SUFFIX}")
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _require_bounded(member: zipfile.ZipInfo) -> None:
    bare = member.compress_type == zipfile.ZIP_STORED
    if not bare and (member.compress_type != zipfile.ZIP_DEFLATED or member.file_size > _PACKED_BYTES):
        raise broken(
            f"{member.filename} is packed, and has more than {_PACKED_BYTES // 2**20} MiB or an unknown packing"
        )


def _identity(file: BinaryIO) -> _Identity:
    """Return what no change of a file leaves as it was."""
    found = os.fstat(file.fileno())
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def _listed(file: Path) -> Listed:
    size_bytes = file.stat().st_size
    try:
        with _opened(file) as (source, archive):
            manifest = Reader(source, archive).manifest
    except Conflict as error:
        return Listed(file.stem, size_bytes, None, error.message)
    return Listed(file.stem, size_bytes, replace(manifest, files={}))


@contextmanager
def _opened(file: Path) -> Iterator[tuple[BinaryIO, zipfile.ZipFile]]:
    with file.open("rb") as source:
        try:
            archive = zipfile.ZipFile(source)
        except ZIP_ERRORS as error:
            raise broken(f"it is no whole zip file: {error}") from error
        with archive:
            yield source, archive
