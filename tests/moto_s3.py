"""An S3 that several servers share: moto, in this process, on a loopback port."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
from moto.server import ThreadedMotoServer

from tests.ceph import RealS3

BUCKET = "shared"


@contextmanager
def running_moto() -> Iterator[RealS3]:
    """Serve until the block ends; the bucket is there."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        s3 = RealS3(f"http://{host}:{port}")
        s3_client(s3).create_bucket(Bucket=BUCKET)
        yield s3
    finally:
        server.stop()


def s3_client(s3: RealS3) -> Any:
    return boto3.client(
        "s3",
        endpoint_url=s3.url,
        aws_access_key_id=s3.access_key_id,
        aws_secret_access_key=s3.secret_access_key,
        region_name="us-east-1",
    )


def s3_flags(s3: RealS3) -> tuple[str, ...]:
    return ("--s3", f"{s3.url}/{BUCKET}", "--s3-access-key-id", s3.access_key_id)


def s3_environment(s3: RealS3) -> dict[str, str]:
    return {"SPECTRA_S3_SECRET_ACCESS_KEY": s3.secret_access_key}
