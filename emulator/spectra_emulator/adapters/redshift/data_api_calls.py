"""Calls to the Redshift Data API: bounded retries, fresh credentials where they end, and errors of ours.

Importing this module loads boto3.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from typing import Any

from botocore.config import Config  # type: ignore[import-untyped] # it has no types
from botocore.exceptions import (  # type: ignore[import-untyped] # it has no types
    BotoCoreError,
    ClientError,
    HTTPClientError,
    ParamValidationError,
)

from spectra_emulator.adapters.aws_failures import aws_reason, region_required
from spectra_emulator.adapters.redshift.credentials import Credentials
from spectra_emulator.adapters.redshift.warehouse import Login
from spectra_emulator.domain.errors import OperatorError

LONGEST_WAIT_SECONDS = 30
"""What the API takes for `WaitTimeSeconds` at most."""

SERVICE = "redshift-data"
_ATTEMPTS = 6
_FIRST_PAUSE_SECONDS = 0.1
_BUSY = frozenset(
    {
        "ThrottlingException",
        "Throttling",
        "TooManyRequestsException",
        "RequestLimitExceeded",
        "ActiveStatementsExceededException",
        "ActiveSessionsExceededException",
        "InternalServerException",
        "InternalServerError",
        "InternalFailure",
        "ServiceUnavailable",
        "ServiceUnavailableException",
        "DatabaseConnectionException",
    }
)
"""What passes by itself: each call may be sent again, since a statement carries its token."""
_EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired", "UnrecognizedClientException"})
_CONFIGURATION = Config(
    connect_timeout=5,
    read_timeout=LONGEST_WAIT_SECONDS + 10,
    max_pool_connections=64,
    retries={"mode": "standard", "total_max_attempts": 1},
)


class RefusedCallError(Exception):
    """The API refuses the call: `code` is its own, `told` the whole for an operator."""

    def __init__(self, code: str, message: str, told: str = "") -> None:
        super().__init__(told or f"{code}: {message}")
        self.code = code
        self.message = message


class Calls:
    """One client for each tenant's session."""

    def __init__(self, credentials: Credentials, pause: Callable[[float], None] = time.sleep) -> None:
        self._credentials = credentials
        self._pause = pause
        self._lock = threading.Lock()
        self._clients: dict[str, tuple[Any, Any]] = {}

    def answer(self, login: Login, operation: str, **arguments: object) -> Any:
        """Call an operation by boto3's name for it, again where the API is busy.

        Raises: RefusedCallError, OperatorError.
        """
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return getattr(self._client(login), operation)(**arguments)
            except ClientError as error:
                refused = _refused(error)
                if attempt == _ATTEMPTS or not self._mended(login, refused):
                    raise refused from error
            except HTTPClientError as error:
                if attempt == _ATTEMPTS:
                    raise _unreachable(operation, error) from error
            except ParamValidationError as error:
                raise RefusedCallError("ValidationException", str(error)) from error
            except BotoCoreError as error:
                raise _unreachable(operation, error) from error
            self._pause(random.uniform(0.5, 1.0) * _FIRST_PAUSE_SECONDS * 2 ** (attempt - 1))  # noqa: S311 - only spreads the calls
        raise _unreachable(operation)

    def takes(self, login: Login, operation: str, parameter: str) -> bool:
        """Tell whether this botocore knows the parameter: long polls came late."""
        client = self._client(login)
        return parameter in client.meta.service_model.operation_model(operation).input_shape.members

    def pause(self, seconds: float) -> None:
        self._pause(seconds)

    def _mended(self, login: Login, refused: RefusedCallError) -> bool:
        """Tell whether the call may do better next time, with new credentials where those it had are of no use."""
        if refused.code in _EXPIRED:
            self._credentials.forget(login)
        return refused.code in _BUSY | _EXPIRED

    def _client(self, login: Login) -> Any:
        """Return the client of the tenant's session, a new one where that is new."""
        session = self._credentials.session(login)
        with self._lock:
            known, client = self._clients.get(login.tenant_id, (None, None))
            if known is not session:
                with region_required():
                    client = session.client(SERVICE, config=_CONFIGURATION)
                self._clients[login.tenant_id] = (session, client)
            return client


def _refused(error: ClientError) -> RefusedCallError:
    told = error.response.get("Error", {})
    return RefusedCallError(str(told.get("Code", "")), str(told.get("Message", "")), aws_reason(SERVICE, error))


def _unreachable(operation: str, error: Exception | None = None) -> OperatorError:
    reason = "it is busy" if error is None else aws_reason(SERVICE, error)
    return OperatorError(f"The Redshift Data API cannot be reached for {operation}: {reason}")
