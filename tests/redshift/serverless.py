"""GetCredentials of Redshift Serverless, which moto does not have, in the shapes of botocore's own service model."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import botocore.session

_MODEL = botocore.session.get_session().get_service_model("redshift-serverless")
_OPERATION = _MODEL.operation_model("GetCredentials")


@dataclass
class Serverless:
    """Gives the credentials of `db_user`; `asked` is what callers sent."""

    port: int
    db_user: str = ""
    password: str = "temporary"
    asked: list[dict[str, Any]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def answer(self, target: str, asked: dict[str, Any]) -> dict[str, Any]:
        """Return the credentials, in members that the model has."""
        assert target == f"{_MODEL.metadata['targetPrefix']}.{_OPERATION.name}"
        assert set(asked) <= set(_OPERATION.input_shape.members)
        self.asked.append(asked)
        told = {"dbUser": self.db_user, "dbPassword": self.password, "expiration": time.time() + 3600}
        assert set(told) <= set(_OPERATION.output_shape.members)
        return told


@contextmanager
def serverless() -> Iterator[Serverless]:
    """Answer until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            body = json.dumps(started.answer(self.headers["X-Amz-Target"], json.loads(content))).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/x-amz-json-1.1")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    started = Serverless(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield started
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
