"""The control plane of a running server, as commands and tests call it. Standard library only."""

from __future__ import annotations

import argparse
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, NoReturn
from urllib.parse import urlsplit

DEFAULT_URL = "http://127.0.0.1:8439"
TOKEN_HEADER = "X-Spectra-Control-Token"  # noqa: S105 - a header's name
_PATIENCE_SECONDS = 600.0
_ERRORS = 400
_NOT_READY = 503
_EVENT = b"data: "
UNREACHABLE = "UNREACHABLE"
"""The code of an error that no server sent."""


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
            _refused(answered)
        return answer

    def download(self, path: str, file: Path) -> None:
        """Write what a path under `/_spectra` answers to a file, whole or not at all.

        Raises: ServerError, OSError where the file cannot be written.
        """
        unfinished = file.with_name(f"{file.name}.unfinished")
        try:
            with unfinished.open("wb") as target, self._answered("GET", f"/_spectra{path}", None) as answer:
                if answer.status >= _ERRORS:
                    _refused(answer.read())
                shutil.copyfileobj(answer, target)
            unfinished.replace(file)
        finally:
            unfinished.unlink(missing_ok=True)

    def upload(self, path: str, file: Path) -> Any:
        """Send a file and return the JSON that the path answers.

        Raises: ServerError, OSError where the file cannot be read.
        """
        with file.open("rb") as source, self._answered("PUT", f"/_spectra{path}", source) as answer:
            content = answer.read()
            return json.loads(content) if answer.status < _ERRORS else _refused(content)

    def events(self, path: str) -> Iterator[Any]:
        """Yield the JSON of each server-sent event of a path under `/_spectra`, until the server ends.

        Raises: ServerError.
        """
        with self._answered("GET", f"/_spectra{path}", None) as answer:
            if answer.status >= _ERRORS:
                _refused(answer.read())
            yield from (json.loads(line[len(_EVENT) :]) for line in answer if line.startswith(_EVENT))

    def look(self, path: str) -> Any:
        """Return the JSON of a path under `/_spectra`, whatever the status.

        Raises: ServerError.
        """
        return json.loads(self._exchanged("GET", f"/_spectra{path}", None)[1])

    def ready(self) -> None:
        """Pass where every check of the server has, or, where its control plane is not for us, where it answers.

        Raises: ServerError that names what is missing.
        """
        status, answered = self._exchanged("GET", "/_spectra/ready", None)
        if status == _NOT_READY:
            raise ServerError(f"{self.url} is not ready: {_missing(answered)}")
        if status >= _ERRORS:
            self._healthy()

    def _healthy(self) -> None:
        status, _ = self._exchanged("GET", "/health", None)
        if status >= _ERRORS:
            raise ServerError(f"{self.url} answers its health with {status}")

    def _exchanged(self, method: str, path: str, content: bytes | None) -> tuple[int, bytes]:
        with self._answered(method, path, content) as answer:
            return answer.status, answer.read()

    @contextmanager
    def _answered(self, method: str, path: str, content: bytes | BinaryIO | None) -> Iterator[Any]:
        """Lend the answer, of `http.client`, while its connection lasts; a file is sent with its length.

        Raises: ServerError.
        """
        import http.client  # noqa: PLC0415 - `serve` need not load it

        parts = urlsplit(self.url)
        connection = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        link = connection(parts.hostname or "", parts.port, timeout=_PATIENCE_SECONDS)
        headers = {"Content-Type": "application/json"} if isinstance(content, bytes) else {}
        if content is not None and not isinstance(content, bytes):
            headers = {"Content-Type": "application/zip", "Content-Length": str(os.fstat(content.fileno()).st_size)}
        if self.token is not None:
            headers[TOKEN_HEADER] = self.token
        try:
            link.request(method, f"{parts.path.rstrip('/')}{path}", content, headers)
            yield link.getresponse()
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(error, "strerror", None) or error
            raise ServerError(f"no emulator answers at {self.url}: {reason}", UNREACHABLE) from error
        finally:
            link.close()


def _refused(content: bytes) -> NoReturn:
    """Say what the server answered instead.

    Raises: ServerError.
    """
    error = json.loads(content)["error"]
    details = error.get("details") or {}
    told = "".join(f"; {name} {details[name]}" for name in ("position", "hint") if details.get(name))
    raise ServerError(f"{error['message']}{told} ({error['code']})", error["code"])


def _missing(answered: bytes) -> str:
    """Return the checks that a server has not passed, with their reasons."""
    try:
        checks = [check for check in json.loads(answered)["checks"] if check["state"] != "passed"]
    except (ValueError, LookupError):
        return "it answers as something else would"
    return ", ".join(f"{check['name']} {check['state']}" + _because(check["reason"]) for check in checks)


def _because(reason: str | None) -> str:
    return "" if reason is None else f" ({reason})"


def add_server_options(parser: argparse.ArgumentParser) -> None:
    """Let a command say which running server it means."""
    parser.add_argument("--url", metavar="URL", help=f"The running server. [$SPECTRA_URL or {DEFAULT_URL}]")
    parser.add_argument("--control-token", metavar="TEXT", help="Its control token. [$SPECTRA_CONTROL_TOKEN]")


def control_client(options: argparse.Namespace, environ: Mapping[str, str]) -> ControlClient:
    """Return the client of the server that options or the environment name; a URL may end in `/v1`."""
    url = options.url or environ.get("SPECTRA_URL") or DEFAULT_URL
    token = options.control_token or environ.get("SPECTRA_CONTROL_TOKEN")
    return ControlClient(url.rstrip("/").removesuffix("/v1"), token)
