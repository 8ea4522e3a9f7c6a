"""The control plane of a running server, as commands and tests call it. Standard library only."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

DEFAULT_URL = "http://127.0.0.1:8439"
TOKEN_HEADER = "X-Spectra-Control-Token"  # noqa: S105 - a header's name
_PATIENCE_SECONDS = 600.0
_ERRORS = 400


class ServerError(Exception):
    """The server cannot be reached, or refused; the message is one line and `code` the error's, where it sent one."""

    def __init__(self, message: str, code: str | None = None) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class ControlClient:
    """`url` is where the server is, without `/v1`."""

    url: str = DEFAULT_URL
    token: str | None = None

    def call(self, method: str, path: str, body: object = None) -> Any:
        """Return the JSON that a path under `/_spectra` answers.

        Raises: ServerError.
        """
        content = None if body is None else json.dumps(body).encode()
        status, answered = self._exchanged(method, f"/_spectra{path}", content)
        try:
            answer = json.loads(answered)
        except ValueError:
            raise ServerError(f"{self.url} answered {status}, and not as the emulator does") from None
        if status >= _ERRORS:
            error = answer["error"]
            raise ServerError(f"{error['message']} ({error['code']})", error["code"])
        return answer

    def healthy(self) -> None:
        """Pass where the server answers that it is.

        Raises: ServerError.
        """
        status, _ = self._exchanged("GET", "/health", None)
        if status >= _ERRORS:
            raise ServerError(f"{self.url} answers its health with {status}")

    def _exchanged(self, method: str, path: str, content: bytes | None) -> tuple[int, bytes]:
        import http.client  # noqa: PLC0415 - `serve` need not load it

        parts = urlsplit(self.url)
        connection = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        link = connection(parts.hostname or "", parts.port, timeout=_PATIENCE_SECONDS)
        headers = {"Content-Type": "application/json"} if content is not None else {}
        if self.token is not None:
            headers[TOKEN_HEADER] = self.token
        try:
            link.request(method, f"{parts.path.rstrip('/')}{path}", content, headers)
            answer = link.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise ServerError(f"no emulator answers at {self.url}: {error}") from error
        finally:
            link.close()


def add_server_options(parser: argparse.ArgumentParser) -> None:
    """Let a command say which running server it means."""
    parser.add_argument("--url", metavar="URL", help=f"The running server. [$SPECTRA_URL or {DEFAULT_URL}]")
    parser.add_argument("--control-token", metavar="TEXT", help="Its control token. [$SPECTRA_CONTROL_TOKEN]")


def control_client(options: argparse.Namespace, environ: Mapping[str, str]) -> ControlClient:
    """Return the client of the server that options or the environment name; a URL may end in `/v1`."""
    url = options.url or environ.get("SPECTRA_URL") or DEFAULT_URL
    token = options.control_token or environ.get("SPECTRA_CONTROL_TOKEN")
    return ControlClient(url.rstrip("/").removesuffix("/v1"), token)
