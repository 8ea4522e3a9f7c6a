"""Objects in any S3: the embedded one, MinIO, Ceph or AWS."""

from __future__ import annotations

import logging
import shutil
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

from spectra_emulator.adapters.embedded_s3 import BUCKET, EmbeddedS3, Endpoint
from spectra_emulator.adapters.presigned_urls import PresignedUrls
from spectra_emulator.domain.errors import NotFound, SpectraError
from spectra_emulator.domain.s3_location import Location

_log = logging.getLogger(__name__)
Client = Any
Link = Callable[[str, str, timedelta, str], str]
"""Takes method, key, lifetime and the emulator's base URL, and returns a URL."""

CONTENT_TYPES = {
    ".csv": "text/csv",
    ".json": "application/json",
    ".parquet": "application/vnd.apache.parquet",
    ".gz": "application/gzip",
}

_PIECE_BYTES = 1024 * 1024
_OPERATIONS = {"PUT": "put_object", "GET": "get_object"}


class S3Store:
    """`client` is asked for each call, and gives the same client while it serves.

    `untouched` tells, at no cost, that there can be no object yet; None where that is not known, and where links take
    no uploads in parts.
    """

    def __init__(
        self, bucket: str, client: Callable[[], Client], link: Link, untouched: Callable[[], bool] | None = None
    ) -> None:
        self._bucket = bucket
        self._client = client
        self._link = link
        self._untouched = untouched
        self._warming = threading.Lock()

    def warm_up(self) -> None:
        """Load boto3 and reach the S3, in a thread of its own, once."""
        if self._warming.acquire(blocking=False):
            threading.Thread(target=self._reached, daemon=True).start()

    def upload_link(self, key: str, lifetime: timedelta, base_url: str) -> str:
        """Return a URL that takes one PUT of the object."""
        return self._link("PUT", key, lifetime, base_url)

    def download_link(self, key: str, lifetime: timedelta, base_url: str) -> str:
        """Return a URL that gives the object."""
        return self._link("GET", key, lifetime, base_url)

    def size_bytes(self, key: str) -> int | None:
        """Return the object's size, or None where there is none.

        Raises: InternalError.
        """
        try:
            return int(self._called("head_object", Key=key)["ContentLength"])
        except NotFound:
            return None

    def fetch(self, key: str, file: Path) -> None:
        """Write the object to a file.

        Raises: NotFound, InternalError.
        """
        content = self._called("get_object", Key=key)["Body"]
        with content, file.open("wb") as written, _boto().translated():
            shutil.copyfileobj(content, written, _PIECE_BYTES)

    def store(self, file: Path, key: str) -> None:
        """Make the file's content the object; S3 shows it whole or not at all.

        Raises: InternalError.
        """
        described = {"ContentType": CONTENT_TYPES.get(Path(key).suffix, "binary/octet-stream")}
        self._called("upload_file", Filename=str(file), Key=key, ExtraArgs=described, Config=_boto().UPLOAD)

    def keys(self, prefix: str) -> list[str]:
        """Return the keys of all objects that begin with `prefix`.

        Raises: InternalError.
        """
        found: list[str] = []
        while self._untouched is None or not self._untouched():
            last = {"StartAfter": found[-1]} if found else {}
            page = self._called("list_objects_v2", Prefix=prefix, **last).get("Contents", ())
            found += [each["Key"] for each in page]
            if not page:
                break
        return found

    def delete(self, prefix: str) -> None:
        """Delete every object whose key begins with `prefix`, and what was sent of such that are not complete.

        Raises: InternalError.
        """
        if self._untouched is not None:
            if self._untouched():
                return
            self._give_up_parts(prefix)
        while keys := [found["Key"] for found in self._called("list_objects_v2", Prefix=prefix).get("Contents", ())]:
            for key in keys:
                self._called("delete_object", Key=key)

    def _give_up_parts(self, prefix: str) -> None:
        for upload in self._called("list_multipart_uploads", Prefix=prefix).get("Uploads", ()):
            self._called("abort_multipart_upload", Key=upload["Key"], UploadId=upload["UploadId"])

    def _reached(self) -> None:
        try:
            self._client()
        except SpectraError as error:
            _log.warning("the S3 is not ready: %s", error.message)

    def _called(self, operation: str, **arguments: object) -> Any:
        """Call the S3 and return its answer.

        Raises: NotFound, InternalError.
        """
        with _boto().translated():
            return getattr(self._client(), operation)(Bucket=self._bucket, **arguments)


class ExternalS3:
    """The clients of one bucket in an S3 of somebody's; the bucket is created where there is none."""

    def __init__(self, location: Location) -> None:
        self._location = location
        self._lock = threading.Lock()
        self._checking = threading.Lock()
        self._clients: dict[str | None, Client] = {}
        self._checked = False

    def client(self) -> Client:
        """Return the client, with a bucket to work on.

        Raises: InternalError.
        """
        client = self._client_of(self._location.endpoint)
        # Another lock: links are made without the S3, which may take a minute not to answer.
        with self._checking:
            if not self._checked:
                _boto().require_bucket(client, self._location)
                self._checked = True
        return client

    def link(self, method: str, key: str, lifetime: timedelta, _base_url: str) -> str:
        """Return a link of the S3's own."""
        client = self._client_of(self._location.public_endpoint or self._location.endpoint)
        arguments = {"Bucket": self._location.bucket, "Key": key}
        seconds = int(lifetime.total_seconds())
        return str(client.generate_presigned_url(_OPERATIONS[method], Params=arguments, ExpiresIn=seconds))

    def _client_of(self, endpoint: str | None) -> Client:
        with self._lock:
            if endpoint not in self._clients:
                self._clients[endpoint] = _boto().external_client(self._location, endpoint)
            return self._clients[endpoint]


class EmbeddedClients:
    """The client of the embedded S3; a new one where that had to be started again."""

    def __init__(self, embedded: EmbeddedS3) -> None:
        self._embedded = embedded
        self._lock = threading.Lock()
        self._last: tuple[Endpoint, Client] | None = None

    def client(self) -> Client:
        endpoint = self._embedded.endpoint()
        with self._lock:
            if self._last is None or self._last[0] != endpoint:
                self._last = (endpoint, _boto().embedded_client(endpoint))
            return self._last[1]


def external_store(location: Location) -> S3Store:
    """Return the store over an S3 of somebody's, whose own links are handed out."""
    external = ExternalS3(location)
    return S3Store(location.bucket, external.client, external.link)


def embedded_store(embedded: EmbeddedS3, links: PresignedUrls) -> S3Store:
    """Return the store over the embedded S3, whose links lead to the emulator."""
    return S3Store(BUCKET, EmbeddedClients(embedded).client, links.link, lambda: embedded.untouched)


def _boto() -> ModuleType:
    from spectra_emulator.adapters import s3_clients  # noqa: PLC0415 - loads boto3: 0.3 s and 30 MB for bulk jobs alone

    return s3_clients
