"""Clients of boto3. Importing this module loads boto3."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3  # type: ignore[import-untyped] # it has no types
import botocore.session  # type: ignore[import-untyped] # it has no types
from boto3.exceptions import Boto3Error  # type: ignore[import-untyped] # it has no types
from boto3.s3.transfer import TransferConfig  # type: ignore[import-untyped] # it has no types
from botocore import UNSIGNED
from botocore.config import Config  # type: ignore[import-untyped] # it has no types
from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped] # it has no types

from spectra_emulator.adapters.aws_failures import aws_reason
from spectra_emulator.adapters.embedded_s3 import SECRET_HEADER, Endpoint
from spectra_emulator.domain.errors import NotFound, OperatorError
from spectra_emulator.domain.s3_location import Location

Client = Any
UPLOAD = TransferConfig(multipart_threshold=1024 * 2**20, multipart_chunksize=64 * 2**20, max_concurrency=2)
"""One PUT up to a GiB: parts would only cost time on a network as short as most."""

_NOT_FOUND = 404
_DEFAULT_REGION = "us-east-1"
_READ_SECONDS = 300
# Not every S3 knows the newer checksums.
_CHECKSUMS = {"request_checksum_calculation": "when_required", "response_checksum_validation": "when_required"}
_NOTHING_OF_THE_USER = {
    "profile": (None, None, None, None),
    "config_file": (None, None, os.devnull, None),
    "credentials_file": (None, None, os.devnull, None),
}


def external_client(location: Location, endpoint: str | None) -> Client:
    """Return a client of the location's S3 as it is reached at `endpoint`."""
    # Signed payloads would be read twice, once for their digest.
    options: dict[str, Any] = {"payload_signing_enabled": False}
    if endpoint is not None:
        options["addressing_style"] = "path"
    return _session(alone=location.access_key_id is not None).client(
        "s3",
        endpoint_url=endpoint,
        region_name=location.region,
        aws_access_key_id=location.access_key_id,
        aws_secret_access_key=location.secret_access_key,
        config=Config(signature_version="s3v4", s3=options, **_CHECKSUMS),
    )


def embedded_client(endpoint: Endpoint) -> Client:
    """Return a client that the embedded S3 lets in."""
    configuration = Config(
        signature_version=UNSIGNED,
        s3={"addressing_style": "path"},
        proxies={},
        read_timeout=_READ_SECONDS,
        **_CHECKSUMS,
    )
    client = _session(alone=True).client(
        "s3", endpoint_url=endpoint.url, region_name=_DEFAULT_REGION, config=configuration
    )

    def add_secret(params: dict[str, Any], **_: object) -> None:
        params["headers"][SECRET_HEADER] = endpoint.secret

    client.meta.events.register("before-call.s3", add_secret)
    return client


def require_bucket(client: Client, location: Location) -> None:
    """See that the bucket is there; make it only where the location says so.

    Raises: OperatorError.
    """
    try:
        with translated():
            client.head_bucket(Bucket=location.bucket)
    except NotFound as error:
        if not location.create_bucket:
            raise OperatorError(
                f"The bucket {location.bucket} does not exist: create it, or name another with s3"
            ) from error
        placed = {"CreateBucketConfiguration": {"LocationConstraint": location.region}}
        with translated():
            client.create_bucket(Bucket=location.bucket, **({} if location.region == _DEFAULT_REGION else placed))


@contextmanager
def translated() -> Iterator[None]:
    """Give boto3's errors their names here.

    Raises: NotFound, OperatorError.
    """
    try:
        yield
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] == _NOT_FOUND:
            raise NotFound("There is no such object") from error
        raise OperatorError(f"The S3 refuses the request: {aws_reason('s3', error)}") from error
    except (BotoCoreError, Boto3Error) as error:
        raise OperatorError(f"The S3 cannot be reached: {aws_reason('s3', error)}") from error


def _session(*, alone: bool) -> Any:
    """Return a session; one alone takes nothing from the user's own configuration of AWS."""
    session = botocore.session.Session(_NOTHING_OF_THE_USER if alone else None)
    return boto3.session.Session(botocore_session=session)
