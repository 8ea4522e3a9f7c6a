"""What a snapshot's file says that it holds, read with mistrust."""

from __future__ import annotations

import zipfile

import msgspec

from spectra_emulator.domain.errors import Conflict
from spectra_emulator.domain.snapshots import FORMAT, VERSION, Manifest
from spectra_emulator.domain.tenancy import folder_name, is_tenant_id

MANIFEST = "manifest.json"
_MANIFEST_BYTES = 16 * 2**20
ZIP_ERRORS = (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, NotImplementedError, RuntimeError, ValueError)
"""What `zipfile` raises of files that are no zip, are cut or want a password."""


def manifest_of(archive: zipfile.ZipFile) -> Manifest:
    """Return the manifest of a file that is a snapshot which can be read.

    Raises: Conflict.
    """
    try:
        with archive.open(MANIFEST) as source:
            content = source.read(_MANIFEST_BYTES)
        head = msgspec.json.decode(content, type=dict)
    except KeyError as error:
        raise Conflict(f"The file is no snapshot: it has no {MANIFEST}") from error
    except (msgspec.MsgspecError, *ZIP_ERRORS) as error:
        raise broken(f"its {MANIFEST} cannot be read: {error}") from error
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
        raise broken(f"its {MANIFEST} is not what it should be: {error}") from error
    tenant_ids = [part.tenant_id for part in manifest.tenants]
    if not all(map(is_tenant_id, tenant_ids)) or len(set(tenant_ids)) < len(tenant_ids):
        raise broken(f"its {MANIFEST} names a tenant twice, or one that cannot be")
    if any(part.folder != folder_name(part.tenant_id) for part in manifest.tenants):
        raise broken(f"its {MANIFEST} names a tenant's folder wrongly")
    return manifest


def broken(reason: str) -> Conflict:
    """Return the error for a file that cannot be loaded."""
    return Conflict(f"The snapshot is broken: {reason}")
