"""What a test has a hand on, each over the control plane of a running emulator."""

from __future__ import annotations

import builtins
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spectra_emulator.control_client import ControlClient


@dataclass(frozen=True)
class Clock:
    """The server's time. Moments are such as `2030-01-31T12:00:00Z`, spans such as `90s`, `15m`, `24h`.

    Every method raises ServerError where the server refuses.
    """

    _client: ControlClient

    @property
    def now(self) -> str:
        return str(self._client.call("GET", "/clock")["now"])

    def freeze(self, at: str | None = None) -> None:
        """Stop the clock, at a moment or now."""
        self._act("freeze", at=at)

    def set(self, at: str) -> None:
        """Move the clock to a moment."""
        self._act("set", at=at)

    def advance(self, by: str) -> None:
        """Move the clock forward."""
        self._act("advance", by=by)

    def resume(self) -> None:
        """Let a frozen clock run on."""
        self._act("resume")

    def reset(self) -> None:
        """Return to the machine's time."""
        self._act("reset")

    def _act(self, action: str, **members: str | None) -> None:
        self._client.call("PUT", "/clock", {"action": action, **members})


@dataclass(frozen=True)
class Faults:
    """What goes wrong. An action is such as `{"error": "RATE_LIMITED"}` or `{"latency": {"fixed_ms": 200}}`."""

    _client: ControlClient

    def add(self, action: dict[str, Any], **members: Any) -> str:
        """Add a rule and return its id; members are `match`, `times`, `after`, `probability`, `seed`, `ttl`, `id`.

        Raises: ServerError.
        """
        return str(self._client.call("POST", "/faults", {"action": action, **members})["id"])

    def list(self) -> list[dict[str, Any]]:
        """Return the rules, with how often each `matched` and `fired`."""
        rules: list[dict[str, Any]] = self._client.call("GET", "/faults")["rules"]
        return rules

    def remove(self, rule_id: str) -> None:
        """Remove one rule.

        Raises: ServerError where there is none of that id.
        """
        self._client.call("DELETE", f"/faults/{rule_id}")

    def clear(self) -> None:
        """Let nothing go wrong any more."""
        self._client.call("DELETE", "/faults")


@dataclass(frozen=True)
class Snapshots:
    """What tenants are at one moment, kept by the server under a name.

    Every method raises ServerError where the server refuses.
    """

    _client: ControlClient

    def save(self, name: str, tenant_id: str | None = None, *, objects: bool = True) -> dict[str, Any]:
        """Save one tenant, or all, and return what the snapshot holds."""
        body = {"name": name, "tenant_id": tenant_id, "objects": objects}
        saved: dict[str, Any] = self._client.call("POST", "/snapshots", body)
        return saved

    def load(self, name: str, tenant_id: str | None = None) -> builtins.list[str]:
        """Bring the snapshot's tenants, or one of them, back to it, and return which."""
        tenants: builtins.list[str] = self._client.call("POST", f"/snapshots/{name}/load", {"tenant_id": tenant_id})[
            "tenants"
        ]
        return tenants

    def list(self) -> list[dict[str, Any]]:
        """Return the snapshots that there are; one that cannot be loaded says why in `problem`."""
        snapshots: list[dict[str, Any]] = self._client.call("GET", "/snapshots")["snapshots"]
        return snapshots

    def remove(self, name: str) -> None:
        """Delete a snapshot."""
        self._client.call("DELETE", f"/snapshots/{name}")

    def export(self, name: str, file: Path) -> None:
        """Write a snapshot to a file of one's own."""
        self._client.download(f"/snapshots/{name}/file", file)

    def take_in(self, file: Path, name: str) -> None:
        """Give the server a snapshot's file, under a name."""
        self._client.upload(f"/snapshots/{name}/file", file)


@dataclass(frozen=True)
class Jobs:
    """How jobs of both APIs step; ids are those that the API gives."""

    _client: ControlClient

    def pace(self, pace: str, delay: str | None = None) -> None:
        """Let jobs step `automatic`, `delayed` by a span before each step, or `manual`."""
        self._client.call("PUT", "/jobs", {"pace": pace, "delay": delay})

    def hold(self, job_id: str) -> None:
        """Let the job wait before its next step."""
        self._client.call("POST", f"/jobs/{job_id}/hold")

    def release(self, job_id: str) -> None:
        """Hold the job no longer."""
        self._client.call("POST", f"/jobs/{job_id}/release")

    def advance(self, job_id: str) -> None:
        """Let the job take one step."""
        self._client.call("POST", f"/jobs/{job_id}/advance")

    def fail(self, job_id: str, code: str = "INTERNAL_ERROR", message: str | None = None) -> None:
        """End the job as failed."""
        self._client.call("POST", f"/jobs/{job_id}/fail", {"code": code, "message": message})
