"""Where a caller reaches this server, for the links in answers."""

from __future__ import annotations

import re
from collections.abc import Callable

from spectra_emulator.api.trail import AnyRequest

BaseUrl = Callable[[AnyRequest], str]
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9]([A-Za-z0-9._-]{0,252}))(:[0-9]{1,5})?")
_SCHEMES = ("http", "https")


def base_urls(public_url: str | None) -> BaseUrl:
    """Return what tells a request's base URL: the configured one, else what the proxy or the caller itself used."""
    if public_url is not None:
        fixed = public_url.rstrip("/")
        return lambda _: fixed
    return _as_called


def _as_called(request: AnyRequest) -> str:
    scheme = _first(request, "x-forwarded-proto").lower()
    host = next(filter(_HOST.fullmatch, (_first(request, "x-forwarded-host"), request.headers.get("host", ""))), None)
    scheme = scheme if scheme in _SCHEMES else str(request.scope["scheme"])
    return f"{scheme}://{host or _own(request)}"


def _first(request: AnyRequest, header: str) -> str:
    """Return the value that the outermost proxy wrote."""
    value: str = request.headers.get(header, "")
    return value.partition(",")[0].strip()


def _own(request: AnyRequest) -> str:
    host, port = request.scope["server"] or ("127.0.0.1", None)
    return f"{host}:{port}" if port else host
