"""Keeps every tenant within the documented rate limits, over all layers of a run."""

from __future__ import annotations

import json
import math
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

WINDOW_SECONDS = 60.0
SHARE = 0.9
"""The part of a limit that the kit uses; the rest is for the tenant's other users."""
LONGEST_WAIT_SECONDS = 120.0
MOST_UNEXPECTED_REFUSALS = 3

BUCKETS = (
    ("queries", "POST", re.compile(r"/queries")),
    ("job_reads", "GET", re.compile(r"/jobs/.+")),
    ("bulk_creations", "POST", re.compile(r"/bulk/jobs")),
    ("bulk_reads", "GET", re.compile(r"/bulk/jobs(/.+)?")),
)


class PacingError(Exception):
    """The deployment refused more calls than its documented limits explain."""


def bucket_of(method: str, path: str) -> str | None:
    """Return the bucket that a call counts in, None for one without a limit; `path` is under the base URL."""
    bare = path.partition("?")[0]
    method = "GET" if method == "HEAD" else method
    return next((name for name, verb, form in BUCKETS if verb == method and form.fullmatch(bare)), None)


@dataclass
class Window:
    """The calls of one tenant in one bucket, as Unix seconds; none goes out before `closed_until`."""

    sent: list[float] = field(default_factory=list)
    closed_until: float = 0.0

    def wait(self, now: float, allowed: int) -> float:
        """Return the seconds until one more call is within `allowed` of them a window."""
        self.sent = [moment for moment in self.sent if moment > now - WINDOW_SECONDS]
        full_until = self.sent[-allowed] + WINDOW_SECONDS if len(self.sent) >= allowed else 0.0
        return max(0.0, full_until - now, self.closed_until - now)


@dataclass
class Pacer:
    """One for a run. Kept in a file, so that a layer in a process of its own goes on where another stopped.

    `calls` and `windows` are by `TENANT BUCKET`.
    """

    limits: Mapping[str, int]
    enabled: bool = True
    kept_in: Path | None = None
    now: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    windows: dict[str, Window] = field(default_factory=dict)
    calls: dict[str, int] = field(default_factory=dict)
    unexpected_refusals: int = 0
    waited_seconds: float = 0.0
    writing: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def before(self, tenant: str, bucket: str | None, *, waiting: bool = True) -> None:
        """Wait until the tenant may make one more call of the bucket, and count it."""
        if bucket is None:
            return
        key = f"{tenant} {bucket}"
        with self.writing:
            self.calls[key] = self.calls.get(key, 0) + 1
        if not self.enabled:
            self.keep()
            return
        window = self.windows.setdefault(key, Window())
        if waiting:
            self._pause(window.wait(self.now(), self.allowed(bucket)))
        window.sent.append(self.now())
        self.keep()

    def delay(self, tenant: str, bucket: str) -> float:
        """Return how many seconds the tenant's next call of the bucket would wait."""
        window = self.windows.get(f"{tenant} {bucket}")
        return window.wait(self.now(), self.allowed(bucket)) if window and self.enabled else 0.0

    def after(self, tenant: str, bucket: str | None, headers: Mapping[str, str]) -> None:
        """Correct the count by what the deployment says of it; `headers` have lower-case names."""
        if bucket is None or not self.enabled:
            return
        if headers.get("x-ratelimit-remaining") == "0":
            self.close(tenant, bucket, seconds_to_reset(headers, self.now()))

    def refused(self, headers: Mapping[str, str], retry_after: object) -> float:
        """Count a 429 that nothing asked for and return the seconds to wait before the one retry.

        Raises: PacingError where there were too many.
        """
        self.unexpected_refusals += 1
        if self.unexpected_refusals > MOST_UNEXPECTED_REFUSALS:
            raise PacingError(
                f"{self.unexpected_refusals} calls were refused with 429 although the kit stays below the limits: "
                "give lower ones under [limits] in the target file, or let nobody else use the tenant"
            )
        seconds = retry_after if isinstance(retry_after, int) and not isinstance(retry_after, bool) else None
        told = headers.get("retry-after", "")
        fallback = float(told) if told.isdigit() else WINDOW_SECONDS
        return min(float(seconds) if seconds is not None else fallback, LONGEST_WAIT_SECONDS)

    def close(self, tenant: str, bucket: str, seconds: float) -> None:
        """Let no call of the bucket out for some seconds."""
        window = self.windows.setdefault(f"{tenant} {bucket}", Window())
        window.closed_until = self.now() + min(seconds, LONGEST_WAIT_SECONDS)
        self.keep()

    def wait_seconds(self, seconds: float) -> None:
        self._pause(seconds)

    def allowed(self, bucket: str) -> int:
        return max(1, math.floor(self.limits[bucket] * SHARE))

    def busiest(self) -> dict[str, int]:
        """Return the calls so far of the busiest tenant of each bucket."""
        found: dict[str, int] = {}
        for key, count in self.calls.items():
            bucket = key.rpartition(" ")[2]
            found[bucket] = max(found.get(bucket, 0), count)
        return found

    def keep(self) -> None:
        """Write the windows and the count to the file."""
        if self.kept_in:
            with self.writing:
                self._write(self.kept_in)

    def _write(self, kept_in: Path) -> None:
        windows = {key: [window.closed_until, *window.sent] for key, window in self.windows.copy().items()}
        written = kept_in.with_suffix(".new")
        written.write_text(json.dumps({"windows": windows, "calls": self.calls.copy()}))
        written.replace(kept_in)  # a process that is ended as it writes leaves the old count

    def restore(self) -> None:
        """Read them from the file, as another process left them."""
        if self.kept_in and self.kept_in.exists():
            kept: dict[str, Any] = json.loads(self.kept_in.read_text())
            self.windows = {key: Window(sent, closed) for key, (closed, *sent) in kept["windows"].items()}
            self.calls = kept["calls"]

    def _pause(self, seconds: float) -> None:
        if seconds > 0:
            self.waited_seconds += seconds
            self.sleep(seconds)


def seconds_to_reset(headers: Mapping[str, str], now: float) -> float:
    """Return the seconds until the deployment counts anew, a whole window where it does not say."""
    reset = headers.get("x-ratelimit-reset", "")
    return max(0.0, float(reset) - now) + 1 if reset.isdigit() else WINDOW_SECONDS
