"""A server on one data directory and one port that is killed and started again, and a client that outlives that."""

from __future__ import annotations

import http.client
import json
import random
import socket
import subprocess
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.emulator import COMMAND, DEMO_KEY, TENANT, bare_environment

PATIENCE_SECONDS = 120.0
_HEADERS = {"Authorization": f"Bearer {DEMO_KEY}", "X-Tenant-ID": TENANT, "Content-Type": "application/json"}


@dataclass(frozen=True)
class Reply:
    status: int
    content: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.content)


class KilledServer:
    """`kill` takes the whole server away, without a warning."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self.port = _free_port()
        self.log = data_dir.with_suffix(".log")
        self.process = self._started()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()

    def start_again(self) -> None:
        self.process = self._started()

    def stop(self) -> int:
        self.process.terminate()
        code = self.process.wait(PATIENCE_SECONDS)
        if self.process.stdout is not None:
            self.process.stdout.close()
        return code

    def _started(self) -> subprocess.Popen[str]:
        options = ["--port", str(self.port), "--rate-limits", "off", "--data-dir", str(self._data_dir)]
        with self.log.open("a") as log:
            process = subprocess.Popen(
                [COMMAND, "serve", *options], stdout=subprocess.PIPE, stderr=log, text=True, env=bare_environment()
            )
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("Ready:"), f"the server did not start; see {self.log}"
        return process


class Persistent:
    """A client that sends each request until it is answered."""

    def __init__(self, port: int) -> None:
        self._port = port

    def call(self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None) -> Reply:
        """Call the API; `path` is under `/v1`."""
        content = None if body is None else json.dumps(body).encode()
        return self.sent(method, f"/v1{path}", content, _HEADERS | dict(headers or {}))

    def follow(self, method: str, url: str, content: bytes | None = None) -> Reply:
        """Use a link that the server gave."""
        parts = urlsplit(url)
        return self.sent(method, f"{parts.path}?{parts.query}", content, {})

    def control(self, path: str, body: object) -> Reply:
        return self.sent("POST", f"/_spectra{path}", json.dumps(body).encode(), {"Content-Type": "application/json"})

    def rows(self, sql: str) -> list[dict[str, Any]]:
        reply = self.call("POST", "/queries", {"sql": sql})
        assert reply.status == 200, reply.content
        rows: list[dict[str, Any]] = reply.json["data"]
        return rows

    def sent(self, method: str, target: str, content: bytes | None, headers: Mapping[str, str]) -> Reply:
        give_up_at = time.monotonic() + PATIENCE_SECONDS
        while True:
            link = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
            try:
                link.request(method, target, content, dict(headers))
                answer = link.getresponse()
                reply = Reply(answer.status, answer.read())
            except (OSError, http.client.HTTPException):
                reply = None
            finally:
                link.close()
            if reply is not None and reply.status < 500:
                return reply
            assert time.monotonic() < give_up_at, f"{method} {target} was not answered: {reply}"
            time.sleep(0.05)


class Killer:
    """Kills a server at random moments, as often as it is told, and starts it again each time.

    Every other time it waits for `progress` first: a server that is killed before its parts have loaded does nothing.
    """

    def __init__(self, server: KilledServer, kills: int, chance: random.Random, progress: threading.Event) -> None:
        self._server = server
        self._chance = chance
        self._progress = progress
        self._thread = threading.Thread(target=self._run, args=(kills,))
        self.done = 0

    def start(self) -> None:
        self._thread.start()

    def wait(self) -> None:
        self._thread.join()

    def _run(self, kills: int) -> None:
        for number in range(kills):
            if number % 2 == 0:
                self._progress.clear()
                self._progress.wait(PATIENCE_SECONDS)
            time.sleep(self._chance.uniform(0.0, 1.5))
            self._server.kill()
            self._server.start_again()
            self.done += 1


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
