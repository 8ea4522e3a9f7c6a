"""The real server as a child process, and a small client that shows raw answers."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

COMMAND = Path(sys.executable).with_name("spectra-emulator")
DEMO_FIXTURES = Path(__file__).parent.parent / "fixtures"
_OWN = TemporaryDirectory(prefix="spectra-own-fixtures-")
OWN_FIXTURES = Path(_OWN.name)
"""A folder with the demo's callers, for servers that refuse the demo's own."""
shutil.copy(DEMO_FIXTURES / "tenants.toml", OWN_FIXTURES)
DEMO_KEY = "spk_tenant-123_demo"
TENANT = "tenant-123"


@dataclass(frozen=True)
class Answer:
    """`headers` have lower-case names."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.content)

    @property
    def code(self) -> str:
        return str(self.json["error"]["code"])

    @property
    def details(self) -> dict[str, Any]:
        """The error's details, but for the link that every error has."""
        details: dict[str, Any] = self.json["error"]["details"]
        return {name: value for name, value in details.items() if name != "help_url"}


@dataclass
class Emulator:
    """A running server; `url` has no path."""

    url: str
    process: subprocess.Popen[str]
    ready_line: str
    log: Path

    def request(self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None) -> Answer:
        """Send one request on a connection of its own; bytes go as they are, anything else as JSON."""
        parts = urlsplit(self.url)
        link = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
        content = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        try:
            link.request(method, path, content, dict(headers or {}))
            answer = link.getresponse()
            return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        finally:
            link.close()

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        key: str = DEMO_KEY,
        tenant: str = TENANT,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Call the API as a tenant; `path` is under `/v1`."""
        usual = {"Authorization": f"Bearer {key}", "X-Tenant-ID": tenant}
        if body is not None:
            usual["Content-Type"] = "application/json"
        return self.request(method, f"/v1{path}", body, usual | dict(headers or {}))

    def query(self, sql: str, **parameters: int) -> Answer:
        return self.call("POST", "/queries", {"sql": sql, "parameters": parameters})

    def sql(self, script: str, tenant: str = TENANT) -> Answer:
        """Run a script through the control plane."""
        return self.control("POST", f"/tenants/{tenant}/sql", {"sql": script})

    def control(self, method: str, path: str, body: object = None) -> Answer:
        headers = {} if body is None else {"Content-Type": "application/json"}
        return self.request(method, f"/_spectra{path}", body, headers)

    def stop(self) -> int:
        """End the server as an operator would and return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=60)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@dataclass
class Emulators:
    """Starts servers and ends them all."""

    folder: Path
    running: list[Emulator] = field(default_factory=list)

    def start(self, *flags: str, environ: Mapping[str, str] | None = None, command: str = "serve") -> Emulator:
        log = self.folder / f"server-{len(self.running)}-{os.getpid()}.log"
        with log.open("w") as stderr:
            process = subprocess.Popen(
                [COMMAND, command, "--port", "0", *flags],
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
                env={**bare_environment(), **(environ or {})},
                cwd=self.folder,
            )
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.match(r"Ready: (http://\S+?)/v1\b", line)
        if not found:
            process.kill()
        assert found, f"no Ready line but {line!r}; stderr: {log.read_text()}"
        emulator = Emulator(found[1], process, line, log)
        self.running.append(emulator)
        return emulator

    def stop_all(self) -> None:
        for emulator in self.running:
            if emulator.process.poll() is None:
                emulator.stop()
            if emulator.process.stdout is not None:
                emulator.process.stdout.close()


def bare_environment() -> dict[str, str]:
    """Return this process's environment without any setting of the emulator."""
    return {name: value for name, value in os.environ.items() if not name.startswith("SPECTRA_")}


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def eventually(fact: Any, seconds: float = 60.0) -> Any:
    """Return what `fact` gives once it is true.

    Raises: AssertionError after `seconds`.
    """
    give_up_at = time.monotonic() + seconds
    while time.monotonic() < give_up_at:
        if found := fact():
            return found
        time.sleep(0.02)
    message = f"not true within {seconds} s"
    raise AssertionError(message)
