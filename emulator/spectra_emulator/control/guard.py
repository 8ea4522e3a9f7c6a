"""Who may use the control plane: programs on this machine, or whoever holds the token."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from urllib.parse import urlsplit

from spectra_emulator.api.trail import AnyRequest
from spectra_emulator.domain.errors import Forbidden, Unauthorized

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
TOKEN_HEADER = "X-Spectra-Control-Token"  # noqa: S105 - a header's name


@dataclass(frozen=True)
class ControlGuard:
    """`hosts` are the names that a request may call the server by, lest a page of another site use its own.

    They are None where the server is reached under any name and the token alone decides. `public_origin` is that of the
    pages that a proxy serves for this server, which may call it under another name than it is called by.
    """

    hosts: frozenset[str] | None
    token: str | None
    public_origin: str | None = None

    def check(self, request: AnyRequest) -> None:
        """Pass or refuse.

        Raises: Forbidden, Unauthorized.
        """
        self.check_host(request)
        origin = request.headers.get("origin")
        own = origin in {None, self.public_origin} or origin.partition("://")[2] == request.headers.get("host")
        if not own:
            raise Forbidden("The control plane takes no request from another site", field="Origin")
        if self.token is not None and not self._token_fits(request.headers.get(TOKEN_HEADER, "")):
            raise Unauthorized(f"{TOKEN_HEADER} is missing or wrong", field=TOKEN_HEADER)

    def check_host(self, request: AnyRequest) -> None:
        """Pass or refuse whoever may not know the token yet.

        Raises: Forbidden.
        """
        if not self.serves(request):
            raise Forbidden("The control plane is not served under this Host", field="Host")

    def serves(self, request: AnyRequest) -> bool:
        """Tell whether the host that the request names is one to serve."""
        return self.hosts is None or _host_name(request.headers.get("host", "")) in self.hosts

    def _token_fits(self, sent: str) -> bool:
        return self.token is not None and hmac.compare_digest(sent.encode(), self.token.encode())


def _host_name(host: str) -> str:
    try:
        return (urlsplit(f"//{host}").hostname or "").lower()
    except ValueError:
        return ""
