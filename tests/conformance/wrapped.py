"""A real deployment with one thing changed: a proxy that alters its answers."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

HOP_BY_HOP = frozenset({"connection", "transfer-encoding", "content-length", "keep-alive"})


@dataclass(frozen=True)
class Passing:
    """One exchange as it passes; `headers` have lower-case names and are the answer's."""

    method: str
    path: str
    sent: bytes
    status: int
    headers: dict[str, str]
    body: bytes


Alter = Callable[[Passing], Passing]
Forward = Callable[[str], str]
"""Takes the path that is asked for and returns the one to ask the deployment for."""


def as_asked(path: str) -> str:
    return path


@contextmanager
def wrapped(url: str, alter: Alter, forward: Forward = as_asked) -> Iterator[str]:
    """Serve what a deployment answers, altered, and yield the address to call; `url` has no path."""
    host = urlsplit(url).netloc

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_one_request(self) -> None:
            self.raw_requestline = self.rfile.readline()
            if not self.raw_requestline or not self.parse_request():
                self.close_connection = True
                return
            self._answer(self.rfile.read(int(self.headers.get("content-length", 0))))

        def _answer(self, sent: bytes) -> None:
            passing = alter(_forwarded(host, self, forward(self.path), sent))
            self.send_response_only(passing.status)
            for name, value in passing.headers.items():
                self.send_header(name, value)
            if "content-length" not in passing.headers:
                self.send_header("Content-Length", str(len(passing.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(passing.body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _forwarded(host: str, handler: BaseHTTPRequestHandler, path: str, sent: bytes) -> Passing:
    link = http.client.HTTPConnection(host, timeout=60)
    try:
        link.putrequest(handler.command, path, skip_host=True, skip_accept_encoding=True)
        for name, value in handler.headers.items():
            if name.lower() != "connection":
                link.putheader(name, value.encode("latin-1"))
        link.endheaders(sent)
        answer = link.getresponse()
        # What a HEAD says of the size is the deployment's word: no body comes with it.
        dropped = HOP_BY_HOP - {"content-length"} if handler.command == "HEAD" else HOP_BY_HOP
        headers = {name.lower(): value for name, value in answer.getheaders() if name.lower() not in dropped}
        return Passing(handler.command, handler.path, sent, answer.status, headers, answer.read())
    finally:
        link.close()
