"""Deployments that are none, on real sockets."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Reply:
    status: int = 200
    body: str = "{}"
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})


@dataclass(frozen=True)
class Received:
    """`path` is with its query string."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Deployment:
    """`url` is a base URL; `received` are the requests so far."""

    url: str
    received: list[Received] = field(default_factory=list)


@contextmanager
def answering(reply: Callable[[Received], Reply]) -> Iterator[Deployment]:
    """Serve what `reply` returns for each request; a Date among its headers takes the place of the usual one."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_one_request(self) -> None:
            self.raw_requestline = self.rfile.readline()
            if not self.raw_requestline or not self.parse_request():
                self.close_connection = True
                return
            length = int(self.headers.get("content-length", 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            received = Received(self.command, self.path, headers, self.rfile.read(length))
            deployment.received.append(received)
            self._send(reply(received))

        def _send(self, one: Reply) -> None:
            content = one.body.encode()
            usual = {"Date": self.date_time_string(), "Content-Length": str(len(content))}
            self.send_response_only(one.status)
            for name, value in (usual | dict(one.headers)).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    deployment = Deployment(f"http://127.0.0.1:{server.server_port}/v1")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield deployment
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def hanging() -> Iterator[Deployment]:
    """Take every request and answer none."""
    ended = threading.Event()

    def wait(_: Received) -> Reply:
        ended.wait()
        return Reply(503)

    with answering(wait) as deployment:
        try:
            yield deployment
        finally:
            ended.set()
