"""The process that moto's S3 runs in: on a loopback port of its own, for one server alone.

It reads its configuration as a line of JSON from standard input, answers with its port on standard output, and ends
when standard input closes: however the server ends, the system closes that pipe.
"""

from __future__ import annotations

import gc
import hmac
import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.moto_server.werkzeug_app import create_backend_app
from moto.s3.models import s3_backends
from werkzeug.serving import WSGIRequestHandler, make_server

from spectra_emulator.adapters.embedded_s3 import BUCKET, SECRET_HEADER
from spectra_emulator.adapters.kept_objects import KeptObjects

_CHANGES = frozenset({"PUT", "POST", "DELETE"})
_SECRET_VARIABLE = "HTTP_" + SECRET_HEADER.upper().replace("-", "_")
_FORBIDDEN = "403 Forbidden"
_FIRST_FAILURE = "4"
_LARGE_BYTES = 2**20
# moto lets nobody read without a signature, and checks none.
_ANY_SIGNATURE = (
    "AWS4-HMAC-SHA256 Credential=EMBEDDED/20000101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0"
)


class _QuietHandler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def run_wsgi(self) -> None:
        """Answer, and drop a large body at once: it hangs in a cycle of objects that are too few to be looked for."""
        super().run_wsgi()
        if int(self.headers.get("content-length") or 0) > _LARGE_BYTES:
            gc.collect()

    def log(self, *_: object) -> None:
        """Say nothing: the server logs the requests that lead here."""


def guarded(app: WSGIApplication, secret: str) -> WSGIApplication:
    """Let through only who knows the secret."""

    def guard(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        given = str(environ.get(_SECRET_VARIABLE, ""))
        if not hmac.compare_digest(given.encode("latin-1"), secret.encode()):
            start_response(_FORBIDDEN, [("Content-Length", "0")])
            return []
        environ["HTTP_AUTHORIZATION"] = _ANY_SIGNATURE
        return app(environ, start_response)

    return guard


def keeping(app: WSGIApplication, keep: Callable[[str], None]) -> WSGIApplication:
    """Keep what a request changed before its answer is sent."""

    def kept(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] not in _CHANGES:
            return app(environ, start_response)
        started: list[tuple[Any, ...]] = []

        def start_later(*arguments: Any) -> Callable[[bytes], object]:
            started.append(arguments)
            return _no_write

        answer = list(app(environ, start_later))
        asked = urlsplit(environ["RAW_URI"])
        if started[-1][0] < _FIRST_FAILURE and _changes_object(environ["REQUEST_METHOD"], asked.query):
            keep(unquote(asked.path).removeprefix(f"/{BUCKET}/"))
        start_response(*started[-1])
        return answer

    return kept


def _changes_object(method: str, query: str) -> bool:
    """Tell whether the request changes more than the parts of an upload that is not complete."""
    names = {part.partition("=")[0] for part in query.split("&")}
    return names.isdisjoint({"partNumber", "uploads"}) and (method != "DELETE" or "uploadId" not in names)


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    configuration = json.loads(sys.stdin.readline())
    backend = s3_backends[DEFAULT_ACCOUNT_ID]["aws"]
    backend.create_bucket(BUCKET, "us-east-1")
    app: WSGIApplication = create_backend_app("s3")
    if configuration["folder"] is not None:
        objects = KeptObjects(Path(configuration["folder"]), backend, BUCKET)
        objects.put_back()
        app = keeping(app, objects.keep)
    server = make_server(
        "127.0.0.1", 0, guarded(app, configuration["secret"]), threaded=True, request_handler=_QuietHandler
    )
    gc.freeze()
    threading.Thread(target=_end_with_the_server, daemon=True).start()
    print(server.server_port, flush=True)  # noqa: T201 - the answer that the server waits for
    server.serve_forever()


def _end_with_the_server() -> None:
    sys.stdin.read()
    os._exit(0)


def _no_write(_: bytes) -> None:
    raise NotImplementedError


if __name__ == "__main__":
    main()
