"""A server of `/_s3` alone, as a child process: `python -m tests.object_server FOLDER`."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import requests
import uvicorn
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from litestar import Litestar
from spectra_emulator.adapters.embedded_s3 import BUCKET, EmbeddedS3
from spectra_emulator.adapters.presigned_urls import PATH, PresignedUrls, link_key
from spectra_emulator.adapters.s3_signatures import S3Signatures
from spectra_emulator.adapters.sigv4 import AccessKey
from spectra_emulator.api.object_links import ObjectGateway, object_links
from spectra_emulator.api.trail import TrailMiddleware

ROOT = Path(__file__).parents[1]
MAX_UPLOAD_BYTES = 150_000_000
PUBLIC_URL = "https://proxy.example/emulator"
HOUR = timedelta(hours=1)
TENANT_KEY = AccessKey("AKIDONE", "secret-one", "tenant-123")
READING_KEY = AccessKey("AKIDTWO", "secret-two", "tenant-456", permissions=frozenset({"bulk:read"}))
QUERYING_KEY = AccessKey("AKIDTHREE", "secret-three", "tenant-123", permissions=frozenset({"query:execute"}))
ANY_KEY = AccessKey("AKIDANY", "secret-any", "*")
KEYS = (TENANT_KEY, READING_KEY, QUERYING_KEY, ANY_KEY)


def now() -> datetime:
    return datetime.now(UTC)


class _Signer(S3SigV4Auth):  # type: ignore[misc] # botocore has no types
    """Takes the body for what its header says it is."""

    def payload(self, request: AWSRequest) -> str:
        return str(request.headers["X-Amz-Content-SHA256"])


@dataclass(frozen=True)
class ObjectServer:
    """`folder` holds the secret of the links, so tests can sign any they like."""

    url: str
    folder: Path
    process: subprocess.Popen[str]

    def link(self, method: str, key: str, lifetime: timedelta = HOUR, *, age: timedelta = timedelta()) -> str:
        urls = PresignedUrls(link_key(self.folder / "links.secret"), BUCKET, lambda: now() - age)
        return urls.link(method, key, lifetime, self.url)

    def client(self, key: AccessKey = TENANT_KEY, **options: Any) -> Any:
        """Return boto3's client as anybody would make it."""
        return boto3.client(
            "s3",
            endpoint_url=f"{self.url}{PATH}",
            aws_access_key_id=key.access_key_id,
            aws_secret_access_key=key.secret_access_key,
            region_name="us-east-1",
            config=Config(retries={"max_attempts": 1}, **options),
        )

    def signed(self, method: str, target: str, key: AccessKey = TENANT_KEY) -> requests.Response:
        """Send what no client of S3 would; `target` follows `/_s3` as it stands."""
        prepared = requests.Request(method, self.url, headers=self.headers(method, target, {}, key)).prepare()
        prepared.url = f"{self.url}{PATH}{target}"
        with requests.Session() as session:
            return session.send(prepared, timeout=20)

    def headers(
        self, method: str, target: str, headers: Mapping[str, str], key: AccessKey = TENANT_KEY
    ) -> dict[str, str]:
        """Return the headers and what signs them."""
        request = AWSRequest(method, f"{self.url}{PATH}{target}", headers=dict(headers))
        signer = _Signer if "X-Amz-Content-SHA256" in headers else S3SigV4Auth
        signer(Credentials(key.access_key_id, key.secret_access_key), "s3", "us-east-1").add_auth(request)
        return dict(request.headers.items())

    def memory(self, field: str) -> int:
        """Return a figure of the process's memory in bytes: VmRSS, or VmHWM for the most it ever was."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        return int(status.partition(f"{field}:")[2].split()[0]) * 1024


@contextmanager
def object_server(folder: Path) -> Iterator[ObjectServer]:
    """Run a server until the block ends."""
    command = [sys.executable, "-m", "tests.object_server", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        try:
            yield ObjectServer(f"http://127.0.0.1:{int(process.stdout.readline())}", folder, process)
        finally:
            process.kill()


def main(folder: Path) -> None:
    """Serve; keys under `closed/` take no uploads."""
    gateway = ObjectGateway(
        signatures=S3Signatures([*KEYS, link_key(folder / "links.secret")], now),
        embedded=EmbeddedS3(folder / "objects"),
        may_upload=lambda key: "/closed/" not in key,
        calls=ThreadPoolExecutor(16),
        spool_folder=folder,
        max_upload_bytes=MAX_UPLOAD_BYTES,
        default_permissions=frozenset({"*"}),
        public_url=PUBLIC_URL,
    )
    app = TrailMiddleware(Litestar([object_links(gateway)], openapi_config=None, logging_config=None))  # type: ignore[arg-type] # an ASGI application
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)  # noqa: T201 - the line to wait for
    uvicorn.Server(
        uvicorn.Config(app, http="httptools", log_config=None, access_log=False, lifespan="off", ws="none")
    ).run(sockets=[listener])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
