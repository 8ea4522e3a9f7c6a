"""The object stores that bulk jobs are measured over, and the bare PUT into each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from spectra_emulator.adapters.embedded_s3 import BUCKET, EmbeddedS3

from benchmarks.emulator import scratch
from benchmarks.measurement import CannotRunError
from tests.ceph import UNPACKED, running_ceph

_KEY = "benchmark"


@dataclass(frozen=True)
class Store:
    """`options` make the emulator use it; `put` sends a file there by one bare request."""

    name: str
    options: tuple[str, ...]
    put: Callable[[Path], None]


@contextmanager
def embedded() -> Iterator[Store]:
    """Lend a moto of the benchmark's own, which is asked without a detour; the emulator has another."""
    s3 = EmbeddedS3(None)

    def put(file: Path) -> None:
        with file.open("rb") as content:
            answer = s3.exchange("PUT", f"/{BUCKET}/{_KEY}", {}, content, file.stat().st_size)
            answer.content.read()
            answer.close()
        if answer.status != 200:
            raise CannotRunError(f"moto answers {answer.status} to a PUT")

    try:
        s3.endpoint()
        yield Store("moto", (), put)
    finally:
        s3.close()


@contextmanager
def ceph() -> Iterator[Store]:
    """Run Ceph's gateway, which the emulator and the floor share.

    Raises: CannotRunError.
    """
    if not UNPACKED.exists():
        raise CannotRunError("a real S3 needs Ceph unpacked: make test ARGS=--collect-only")
    with scratch() as folder, running_ceph(folder / "ceph") as s3:
        client: Any = boto3.client(
            "s3",
            endpoint_url=s3.url,
            region_name="us-east-1",
            aws_access_key_id=s3.access_key_id,
            aws_secret_access_key=s3.secret_access_key,
            config=Config(
                s3={"addressing_style": "path", "payload_signing_enabled": False},
                request_checksum_calculation="when_required",
            ),
        )
        client.create_bucket(Bucket=BUCKET)

        def put(file: Path) -> None:
            with file.open("rb") as content:
                client.put_object(Bucket=BUCKET, Key=_KEY, Body=content)

        keys = ("--s3-access-key-id", s3.access_key_id, "--s3-secret-access-key", s3.secret_access_key)
        yield Store("Ceph", ("--s3", f"{s3.url}/{BUCKET}", *keys), put)
