"""Rate limits: fixed windows, counted per tenant and bucket."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Window:
    """A bucket's window after a call; a refused call is not counted."""

    limit: int
    count: int
    ends_at: datetime
    admitted: bool

    @property
    def remaining(self) -> int:
        return max(self.limit - self.count, 0)

    @property
    def reset(self) -> int:
        """Return the window's end in Unix seconds, rounded up."""
        return math.ceil(self.ends_at.timestamp())

    def retry_after(self, now: datetime) -> int:
        """Return the whole seconds until the window ends, at least 1."""
        return max(1, math.ceil((self.ends_at - now).total_seconds()))
