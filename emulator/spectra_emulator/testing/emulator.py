"""An emulator of one's own, as a child process that lives as long as a `with` block."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from spectra_emulator.control_client import ControlClient, ServerError
from spectra_emulator.testing.controls import Clock, Faults, Jobs, Snapshots

DEMO_TENANT = "tenant-123"
DEMO_KEY = "spk_tenant-123_demo"
_TOKEN_VARIABLE = "SPECTRA_CONTROL_TOKEN"  # noqa: S105 - a variable's name
_READY = re.compile(r"Ready: (http://\S+)/v1\b")
_END_SECONDS = 10.0
_TAIL_LINES = 20
_LOOK_AGAIN_SECONDS = 0.02


class StartError(Exception):
    """The server did not come up; the message holds the end of its log, `exit_code` is its own where it ended."""

    def __init__(self, message: str, exit_code: int | None = None) -> None:
        super().__init__(message)
        self.exit_code = exit_code


@dataclass(frozen=True)
class TestTenant:
    """A tenant of a running emulator, with a key that is its own."""

    __test__ = False  # pytest takes the name for a test's

    emulator: SpectraEmulator
    tenant_id: str
    api_key: str

    @property
    def url(self) -> str:
        return self.emulator.url

    @property
    def headers(self) -> dict[str, str]:
        """Return the headers that identify the tenant to the API."""
        return {"Authorization": f"Bearer {self.api_key}", "X-Tenant-ID": self.tenant_id}

    @property
    def environ(self) -> dict[str, str]:
        """Return the variables that clients and the conformance kit read."""
        token = self.emulator.control.token
        told = {} if token is None else {_TOKEN_VARIABLE: token}
        return {**client_variables(self.url, self.api_key, self.tenant_id), **told}

    def sql(self, script: str) -> dict[str, Any]:
        """Run Redshift DDL and DML in the tenant's database and return what it did.

        Raises: ServerError.
        """
        done: dict[str, Any] = self.emulator.control.call("POST", f"/tenants/{self.tenant_id}/sql", {"sql": script})
        return done

    def reset(self) -> None:
        """Bring the tenant back to the fixtures as loaded, with no jobs, keys or counted calls."""
        self.emulator.control.call("POST", "/reset", {"tenant_id": self.tenant_id})

    def requests(self, limit: int = 100) -> list[dict[str, Any]]:
        """Return the tenant's last calls from the journal, newest first."""
        found: list[dict[str, Any]] = self.emulator.control.call(
            "GET", f"/requests?limit={limit}&tenant_id={self.tenant_id}"
        )["requests"]
        return found

    def remove(self) -> None:
        """Drop all that is the tenant's."""
        self.emulator.control.call("DELETE", f"/tenants/{self.tenant_id}")


class SpectraEmulator:
    """`flags` are options of `spectra-emulator serve`; a free port is taken and rate limits are off unless they say so.

    Raises: StartError on entry where the server does not come up.
    """

    def __init__(self, *flags: str, environ: Mapping[str, str] | None = None) -> None:
        self._flags = flags
        self._environ = environ or {}
        self._token = _given(flags, "--control-token") or self._environ.get(_TOKEN_VARIABLE)
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._log = Path()
        self._process: subprocess.Popen[str] | None = None
        self._control = ControlClient()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Return the base URL of the API, which ends in `/v1`."""
        return f"{self._control.url}/v1"

    @property
    def control(self) -> ControlClient:
        """Return the client of everything under `/_spectra`."""
        return self._control

    @property
    def api_key(self) -> str:
        return DEMO_KEY

    @property
    def tenant(self) -> TestTenant:
        """Return the demo's first tenant, which has data."""
        return TestTenant(self, DEMO_TENANT, DEMO_KEY)

    @property
    def clock(self) -> Clock:
        return Clock(self._control)

    @property
    def faults(self) -> Faults:
        return Faults(self._control)

    @property
    def jobs(self) -> Jobs:
        return Jobs(self._control)

    @property
    def snapshots(self) -> Snapshots:
        return Snapshots(self._control)

    @property
    def log(self) -> str:
        """Return what the server has logged."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def sql(self, script: str) -> dict[str, Any]:
        """Run Redshift DDL and DML for the demo's first tenant.

        Raises: ServerError.
        """
        return self.tenant.sql(script)

    def new_tenant(self, tenant_id: str | None = None, permissions: list[str] | None = None) -> TestTenant:
        """Make a tenant with the tables that every tenant begins with.

        Raises: ServerError.
        """
        made = self._control.call("POST", "/tenants", {"tenant_id": tenant_id, "permissions": permissions})
        return TestTenant(self, made["tenant_id"], made["api_key"])

    def reset(self) -> None:
        """Bring every tenant back to the fixtures as loaded, the clock to the machine's, and let nothing go wrong."""
        self.clock.reset()
        self.faults.clear()
        self.jobs.pace("automatic")
        self._control.call("POST", "/reset", {})

    def start(self) -> None:
        """Start the server and wait until it answers.

        Raises: StartError.
        """
        try:
            self._start()
        except BaseException:
            self.stop()
            raise

    def _start(self) -> None:
        command = [sys.executable, "-m", "spectra_emulator", "serve", "--port", "0", "--stop-with-input"]
        limits = () if any("--rate-limits" in flag for flag in self._flags) else ("--rate-limits", "off")
        self._folder = tempfile.TemporaryDirectory(prefix="spectra-emulator-")
        self._log = Path(self._folder.name) / "server.log"
        with self._log.open("w", encoding="utf-8") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own command
                [*command, *limits, *self._flags],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env={**_own_environment(), **self._environ},
            )
        line = self._process.stdout.readline() if self._process.stdout else ""
        found = _READY.match(line)
        if found is None:
            process = self._process
            tail = "\n".join(self._ended_log().splitlines()[-_TAIL_LINES:])
            raise StartError(f"the emulator did not start:\n{tail}", process.returncode)
        self._control = ControlClient(found[1], self._token)
        if any(flag.startswith("--seed-hook") for flag in self._flags):
            self._seeded()

    def stop(self) -> None:
        """End the server, at once where it does not heed."""
        process, self._process = self._process, None
        if process is not None:
            _ended(process)
        folder, self._folder = self._folder, None
        if folder is not None:
            folder.cleanup()

    def _seeded(self) -> None:
        """Wait until the seed hooks have run.

        Raises: StartError where one failed.
        """
        while (hooks := self._seed_check())["state"] == "waiting":
            time.sleep(_LOOK_AGAIN_SECONDS)
        if hooks["state"] == "failed":
            self.stop()
            raise StartError(f"a seed hook failed: {hooks['reason']}")

    def _seed_check(self) -> dict[str, Any]:
        try:
            checks: list[dict[str, Any]] = self._control.look("/ready")["checks"]
        except ServerError as error:
            raise StartError(f"the emulator ended:\n{self._ended_log()}") from error
        return next(check for check in checks if check["name"] == "seed_hooks")

    def _ended_log(self) -> str:
        """Return the log of a server that ends by itself."""
        if self._process is not None:
            self._process.wait(_END_SECONDS)
        log = self.log
        self.stop()
        return log


def _ended(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(_END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()


def _given(flags: Sequence[str], name: str) -> str | None:
    """Return the value that an option has among the flags, as a word of its own or behind `=`."""
    words = [word for each in flags for word in (each.split("=", 1) if each.startswith(f"{name}=") else [each])]
    return words[words.index(name) + 1] if name in words[:-1] else None


def client_variables(url: str, api_key: str, tenant_id: str) -> dict[str, str]:
    """Return what clients read, under the names of the API reference's samples and of the conformance kit."""
    return {
        "SPECTRA_URL": url,
        "SPECTRA_API_URL": url,
        "SPECTRA_API_KEY": api_key,
        "SPECTRA_TENANT": tenant_id,
        "SPECTRA_TENANT_ID": tenant_id,
    }


def _own_environment() -> dict[str, str]:
    """Return this process's environment without settings, which are for flags to say."""
    return {name: value for name, value in os.environ.items() if not name.startswith("SPECTRA_")}
