"""Everything under /_spectra/snapshots."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, cast

import msgspec
from litestar import delete, get, post, put
from litestar.handlers import HTTPRouteHandler
from litestar.response.base import ASGIResponse
from litestar.response.streaming import ASGIStreamingResponse
from litestar.types import HTTPRequestEvent

from spectra_emulator.adapters.snapshot_files import SnapshotFiles
from spectra_emulator.api.replies import json_reply
from spectra_emulator.api.trail import AnyRequest
from spectra_emulator.control.plane import Plane, checked_tenant
from spectra_emulator.domain.errors import InvalidRequest
from spectra_emulator.domain.snapshots import Listed, Manifest, checked_name
from spectra_emulator.services.no_snapshots import SnapshotMaking

_PART_BYTES = 1024 * 1024


class SaveBody(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    tenant_id: str | None = None
    objects: bool = True


class LoadBody(msgspec.Struct, forbid_unknown_fields=True):
    tenant_id: str | None = None


@dataclass(frozen=True)
class Snapshots:
    """What snapshots are made with, and where they lie."""

    service: SnapshotMaking
    files: SnapshotFiles


def snapshot_routes(plane: Plane, snapshots: Snapshots) -> list[HTTPRouteHandler]:
    service = snapshots.service

    @get("/_spectra/snapshots", name="listSnapshots")
    async def list_snapshots(request: AnyRequest) -> ASGIResponse:
        plane.check(request)
        return json_reply({"snapshots": [_listed_shape(each) for each in await plane.called(service.listed)]})

    @post("/_spectra/snapshots", name="saveSnapshot")
    async def save_snapshot(request: AnyRequest) -> ASGIResponse:
        body = await plane.body(request, SaveBody)
        tenant_id = _tenant(body.tenant_id)
        saved = await plane.called(lambda: service.save(body.name, tenant_id, objects=body.objects))
        return json_reply({"name": body.name, **_manifest_shape(saved)}, status=201)

    @post("/_spectra/snapshots/{name:str}/load", name="loadSnapshot", status_code=200)
    async def load_snapshot(request: AnyRequest, name: str) -> ASGIResponse:
        tenant_id = _tenant((await plane.body(request, LoadBody)).tenant_id)
        return json_reply({"tenants": await plane.called(lambda: service.load(name, tenant_id))})

    @delete("/_spectra/snapshots/{name:str}", name="removeSnapshot", status_code=200)
    async def remove_snapshot(request: AnyRequest, name: str) -> ASGIResponse:
        plane.check(request)
        await plane.called(lambda: service.remove(name))
        return json_reply({"name": name})

    return [list_snapshots, save_snapshot, load_snapshot, remove_snapshot, *_file_routes(plane, snapshots.files)]


def _file_routes(plane: Plane, files: SnapshotFiles) -> list[HTTPRouteHandler]:
    @get("/_spectra/snapshots/{name:str}/file", name="downloadSnapshot")
    async def download_snapshot(request: AnyRequest, name: str) -> ASGIStreamingResponse:
        plane.check(request)
        file = files.file(checked_name(name)).open("rb")
        return ASGIStreamingResponse(iterator=_parts(file), media_type="application/zip")

    @put("/_spectra/snapshots/{name:str}/file", name="uploadSnapshot", status_code=201)
    async def upload_snapshot(request: AnyRequest, name: str) -> ASGIResponse:
        plane.check(request)
        checked_name(name)
        with _incoming(files.folder) as incoming:
            await _receive(plane, request, incoming)
            taken = await plane.called(lambda: files.take_in(name, Path(incoming.name)))
        return json_reply(_listed_shape(taken), status=201)

    return [download_snapshot, upload_snapshot]


@contextmanager
def _incoming(folder: Path) -> Iterator[IO[bytes]]:
    """Lend a file beside the snapshots, gone at the end unless it became one."""
    folder.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(prefix=".upload-", suffix=".unfinished", dir=folder, delete=False) as file:
        try:
            yield file
        finally:
            Path(file.name).unlink(missing_ok=True)


async def _receive(plane: Plane, request: AnyRequest, file: IO[bytes]) -> None:
    """Write the body to the file.

    Raises: InvalidRequest where its sender goes away.
    """
    more = True
    while more:
        message = cast("HTTPRequestEvent", await request.receive())
        if message["type"] != "http.request":
            raise InvalidRequest("The request ended before its body", field="body")
        part = message.get("body", b"")
        await plane.called(lambda part=part: file.write(part))  # type: ignore[misc] # a lambda's default has no type
        more = bool(message.get("more_body"))
    file.flush()


def _parts(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while part := file.read(_PART_BYTES):
            yield part


def _tenant(tenant_id: str | None) -> str | None:
    return None if tenant_id is None else checked_tenant(tenant_id)


def _listed_shape(listed: Listed) -> dict[str, object]:
    described = {} if listed.manifest is None else _manifest_shape(listed.manifest)
    return {"name": listed.name, "size_bytes": listed.size_bytes, "problem": listed.problem, **described}


def _manifest_shape(manifest: Manifest) -> dict[str, object]:
    return {
        "version": manifest.version,
        "created_at": manifest.created_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "tenants": [part.tenant_id for part in manifest.tenants],
        "whole": manifest.whole,
        "objects": manifest.objects,
    }
