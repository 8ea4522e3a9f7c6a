"""Snapshots as files: one zip each, written aside and renamed, read against its checksums."""

from __future__ import annotations

import hashlib
import os
import shutil
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
from spectra_emulator.domain.errors import Conflict, NotFound
from spectra_emulator.domain.snapshots import FORMAT, VERSION, Listed, Manifest, Member, TenantPart
from spectra_emulator.domain.tenancy import folder_name

Shape = TypeVar("Shape")
MANIFEST = "manifest.json"
_SUFFIX = ".zip"
_UNFINISHED = ".unfinished"
_PIECE_BYTES = 1024 * 1024
_MANIFEST_BYTES = 16 * 2**20
_ZIP_ERRORS = (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, NotImplementedError, RuntimeError, ValueError)
"""What `zipfile` raises of files that are no zip, are cut or want a password."""


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

    Raises: Conflict.
    """

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self.manifest = _manifest(archive)

    def verify(self) -> None:
        """Read everything, so that what is broken is known."""
        for name in self.manifest.files:
            for _ in self._pieces(name):
                continue

    def extract(self, name: str, file: Path) -> None:
        with file.open("wb") as target:
            for piece in self._pieces(name):
                target.write(piece)

    def read(self, name: str) -> bytes:
        return b"".join(self._pieces(name))

    def read_json(self, name: str, shape: type[Shape]) -> Shape:
        try:
            return msgspec.json.decode(self.read(name), type=shape)
        except msgspec.MsgspecError as error:
            raise _broken(f"{name} is not what it should be: {error}") from error

    def _pieces(self, name: str) -> Iterator[bytes]:
        """Yield a member, no more of it than the manifest says, and compare it at its end."""
        stated = self.manifest.files.get(name)
        if stated is None:
            raise _broken(f"its manifest lacks {name}")
        digest = hashlib.sha256()
        size_bytes = 0
        try:
            with self._archive.open(name) as source:
                while size_bytes <= stated.size_bytes and (piece := source.read(_PIECE_BYTES)):
                    digest.update(piece)
                    size_bytes += len(piece)
                    yield piece
        except (KeyError, *_ZIP_ERRORS) as error:
            raise _broken(f"{name} cannot be read: {error}") from error
        if (size_bytes, digest.hexdigest()) != (stated.size_bytes, stated.sha256):
            raise _broken(f"{name} has another checksum than its manifest says")


class SnapshotFiles:
    """Keeps snapshots in a folder, a file each: `{name}.zip`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

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
        finally:
            unfinished.unlink(missing_ok=True)
            shutil.rmtree(scratch, ignore_errors=True)

    @contextmanager
    def opened(self, name: str) -> Iterator[Reader]:
        """Lend a reader.

        Raises: NotFound, Conflict.
        """
        with _archive(self.file(name)) as archive:
            yield Reader(archive)

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
        with _archive(file) as archive:
            Reader(archive).verify()
        with file.open("rb") as written:
            os.fsync(written.fileno())
        self._named(file, name)
        return _listed(self.file(name))

    def listed(self) -> list[Listed]:
        """Return what is there, those that cannot be loaded too."""
        return [_listed(file) for file in sorted(self.folder.glob(f"[!.]*{_SUFFIX}"))]

    def remove(self, name: str) -> None:
        self.file(name).unlink()

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


def _listed(file: Path) -> Listed:
    size_bytes = file.stat().st_size
    try:
        with _archive(file) as archive:
            manifest = Reader(archive).manifest
    except Conflict as error:
        return Listed(file.stem, size_bytes, None, error.message)
    return Listed(file.stem, size_bytes, replace(manifest, files={}))


@contextmanager
def _archive(file: Path) -> Iterator[zipfile.ZipFile]:
    try:
        archive = zipfile.ZipFile(file)
    except _ZIP_ERRORS as error:
        raise _broken(f"it is no whole zip file: {error}") from error
    with archive:
        yield archive


def _manifest(archive: zipfile.ZipFile) -> Manifest:
    """Return the manifest of a file that is a snapshot which can be read.

    Raises: Conflict.
    """
    try:
        with archive.open(MANIFEST) as source:
            content = source.read(_MANIFEST_BYTES)
        head = msgspec.json.decode(content, type=dict)
    except KeyError as error:
        raise Conflict(f"The file is no snapshot: it has no {MANIFEST}") from error
    except (msgspec.MsgspecError, *_ZIP_ERRORS) as error:
        raise _broken(f"its {MANIFEST} cannot be read: {error}") from error
    if head.get("format") != FORMAT or not isinstance(head.get("version"), int):
        raise Conflict("The file is no snapshot of this emulator", format=str(head.get("format")))
    if head["version"] > VERSION:
        raise Conflict(
            f"The snapshot has version {head['version']} of the format, and this emulator reads up to {VERSION}: "
            "load it with the emulator that saved it, or a newer one",
            version=head["version"],
        )
    return _shaped(content)


def _shaped(content: bytes) -> Manifest:
    try:
        manifest = msgspec.json.decode(content, type=Manifest)
    except msgspec.MsgspecError as error:
        raise _broken(f"its {MANIFEST} is not what it should be: {error}") from error
    if any(part.folder != folder_name(part.tenant_id) for part in manifest.tenants):
        raise _broken(f"its {MANIFEST} names a tenant's folder wrongly")
    return manifest


def _broken(reason: str) -> Conflict:
    return Conflict(f"The snapshot is broken: {reason}")
