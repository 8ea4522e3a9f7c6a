"""What the journal costs: two servers, one that keeps none, asked by many clients in turns."""

from __future__ import annotations

import random

from benchmarks.emulator import serving
from benchmarks.measurement import Finding, compared
from benchmarks.throughput import answered_at

_CLIENTS = 32
_ROUNDS = 8
_GOAL = 1.1


def journal() -> list[Finding]:
    """Compare wall time for each answer with the journal and without."""
    milliseconds: dict[str, list[float]] = {"kept": [], "none": []}
    with serving() as kept, serving(options=["--journal-entries", "0"]) as none:
        servers = {"kept": kept, "none": none}
        for server in servers.values():
            answered_at(server, _CLIENTS)
        for _ in range(_ROUNDS):
            for name in random.sample(list(servers), len(servers)):
                milliseconds[name].append(1000 / len(answered_at(servers[name], _CLIENTS)))
    return [compared("journal: wall time an answer, 32 clients", milliseconds["kept"], milliseconds["none"], _GOAL)]
