"""What AWS says of a call that failed, for the operator. Importing this module loads botocore."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import ClientError, NoRegionError  # type: ignore[import-untyped] # it has no types

from spectra_emulator.domain.errors import OperatorError

_NO_REGION = "No AWS region is known: set AWS_DEFAULT_REGION, or end the backend's URL in ?region=eu-west-1"


def aws_reason(service: str, error: Exception) -> str:
    """Return AWS's own code, operation and words, such as `AccessDenied on redshift:GetClusterCredentials: …`."""
    if not isinstance(error, ClientError):
        return " ".join(str(error).split())
    told = error.response.get("Error", {})
    return f"{told.get('Code', '')} on {service}:{error.operation_name}: {told.get('Message', '')}"


@contextmanager
def region_required() -> Iterator[None]:
    """Say what to do where a client cannot be made for want of a region.

    Raises: OperatorError.
    """
    try:
        yield
    except NoRegionError as error:
        raise OperatorError(_NO_REGION) from error
