"""Snapshots as files."""

from __future__ import annotations

import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from spectra_emulator.adapters.snapshot_files import SnapshotFiles
from spectra_emulator.domain.errors import Conflict, NotFound
from spectra_emulator.domain.snapshots import ClockState, TenantPart

NOON = datetime(2026, 1, 29, 12, tzinfo=UTC)
PART = TenantPart("tenant-123", "t-tenant-123", tables=True)


@pytest.fixture
def files(tmp_path: Path) -> SnapshotFiles:
    return SnapshotFiles(tmp_path / "snapshots")


def write(files: SnapshotFiles, name: str = "one", content: bytes = b"rows", part: TenantPart = PART) -> None:
    with files.writing(name) as snapshot:
        (snapshot.scratch / "tables").write_bytes(content)
        snapshot.add_file(part.member("tables.duckdb"), snapshot.scratch / "tables")
        snapshot.add_json("clock.json", ClockState(NOON, frozen=True, offset_seconds=1.5))
        snapshot.finish(whole=True, objects=True, tenants=(part,), now=NOON)


def fail_to_write(files: SnapshotFiles, name: str) -> None:
    with files.writing(name) as snapshot:
        snapshot.add_bytes("half", b"half")
        raise NotFound("gone")


def test_what_was_written_is_read(files: SnapshotFiles, tmp_path: Path) -> None:
    write(files)
    with files.opened("one") as snapshot:
        snapshot.extract(PART.member("tables.duckdb"), tmp_path / "extracted")
        clock = snapshot.read_json("clock.json", ClockState)

    assert (tmp_path / "extracted").read_bytes() == b"rows"
    assert clock == ClockState(NOON, frozen=True, offset_seconds=1.5)


def test_a_snapshot_takes_the_place_of_the_one_before_once_it_is_whole(files: SnapshotFiles) -> None:
    write(files, content=b"old")
    with pytest.raises(NotFound):
        fail_to_write(files, "one")
    with files.opened("one") as snapshot:
        old = snapshot.read(PART.member("tables.duckdb"))
    write(files, content=b"new")
    with files.opened("one") as snapshot:
        new = snapshot.read(PART.member("tables.duckdb"))

    assert (old, new, [file.name for file in files.folder.iterdir()]) == (b"old", b"new", ["one.zip"])


def test_what_was_left_unfinished_is_removed_and_never_listed(files: SnapshotFiles) -> None:
    write(files)
    (files.folder / ".two.unfinished").write_bytes(b"half")
    (files.folder / ".two-1.unfinished").mkdir()
    files.remove_unfinished()

    assert [listed.name for listed in files.listed()] == ["one"]
    assert [file.name for file in files.folder.iterdir()] == ["one.zip"]


def test_a_broken_file_is_listed_with_its_problem(files: SnapshotFiles) -> None:
    write(files)
    (files.folder / "two.zip").write_bytes(b"no zip")
    problems = {listed.name: listed.problem for listed in files.listed()}

    assert problems["one"] is None
    assert "no whole zip file" in str(problems["two"])


def test_a_member_of_another_size_than_stated_is_read_no_further(files: SnapshotFiles) -> None:
    write(files, content=b"r" * 4096)
    whole = (files.folder / "one.zip").read_bytes()
    (files.folder / "one.zip").write_bytes(whole.replace(b"r" * 4096, b"r" * 4095 + b"x"))

    with files.opened("one") as snapshot, pytest.raises(Conflict, match="broken"):
        snapshot.verify()


@pytest.mark.parametrize("folder", ["../../up", "t-tenant-456"])
def test_a_folder_that_is_not_the_tenants_is_refused(files: SnapshotFiles, folder: str) -> None:
    write(files, part=TenantPart("tenant-123", folder, tables=True))

    with pytest.raises(Conflict, match="names a tenant's folder wrongly"), files.opened("one"):
        pass


def test_a_zip_without_a_manifest_is_no_snapshot(files: SnapshotFiles, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as other:
        other.writestr("readme", "hello")

    with pytest.raises(Conflict, match=r"it has no manifest\.json"):
        files.take_in("other", tmp_path / "other.zip")


def known(files: SnapshotFiles, name: str = "one") -> bool:
    with files.opened(name) as snapshot:
        return snapshot.known


def note_good(files: SnapshotFiles) -> None:
    with files.opened("one") as snapshot:
        snapshot.note_good()


def test_a_file_that_was_saved_or_noted_as_good_need_not_be_compared_again(files: SnapshotFiles) -> None:
    write(files)
    saved = known(files)
    found = SnapshotFiles(files.folder)
    at_first = known(found)
    note_good(found)

    assert (saved, at_first, known(found)) == (True, False, True)


def test_a_file_that_somebody_changed_is_compared(files: SnapshotFiles, tmp_path: Path) -> None:
    write(files, content=b"rows")
    file = files.file("one")
    file.write_bytes(file.read_bytes().replace(b"rows", b"swor"))

    with files.opened("one") as snapshot, pytest.raises(Conflict, match="CRC-32"):
        snapshot.extract(PART.member("tables.duckdb"), tmp_path / "extracted")


@pytest.mark.parametrize("content", [b"", b"rows", b"r" * 3_000_000], ids=["empty", "small", "many pieces"])
def test_a_known_file_is_read_as_it_was_written(files: SnapshotFiles, tmp_path: Path, content: bytes) -> None:
    write(files, content=content)
    with files.opened("one") as snapshot:
        snapshot.extract(PART.member("tables.duckdb"), tmp_path / "extracted")

    assert (tmp_path / "extracted").read_bytes() == content


def test_a_few_bytes_that_stand_for_many_are_not_unpacked(files: SnapshotFiles) -> None:
    with files.writing("one") as snapshot:
        snapshot.add_bytes("answers/bomb", bytes(2**28 + 1))
        snapshot.finish(whole=True, objects=True, tenants=(), now=NOON)
    with files.opened("one") as reader, pytest.raises(Conflict, match="more than 256 MiB"):
        reader.read("answers/bomb")


@pytest.mark.parametrize(
    "parts",
    [(PART, PART), (TenantPart("../up", "t-../up", tables=True),), (TenantPart("", "t-", tables=True),)],
    ids=["a tenant twice", "a path", "no name"],
)
def test_a_file_with_tenants_that_cannot_be_is_listed_with_its_problem(
    files: SnapshotFiles, parts: tuple[TenantPart, ...]
) -> None:
    with files.writing("one") as snapshot:
        snapshot.finish(whole=True, objects=True, tenants=parts, now=NOON)

    assert "names a tenant twice, or one that cannot be" in str(files.listed()[0].problem)
