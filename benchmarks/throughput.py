"""How many answers come when many clients ask at once."""

from __future__ import annotations

import itertools
import statistics
import time
from collections.abc import Sequence
from contextlib import ExitStack
from selectors import EVENT_READ, DefaultSelector

from benchmarks.connection import Connection, query
from benchmarks.emulator import Emulator, serving
from benchmarks.measurement import Finding, compared
from benchmarks.queries import COUNT, SMALL

_CLIENTS = 32
_SECONDS = 1.0
_ROUNDS = 4
_REQUESTS = (query(COUNT), query(SMALL))


def throughput() -> list[Finding]:
    """Compare wall time for each answer, 32 clients against one; below 1 the machine's cores share the work."""
    many: list[float] = []
    one: list[float] = []
    slowest: list[float] = []
    with serving() as emulator:
        answered_at(emulator, 1)
        for _ in range(_ROUNDS):
            one.append(_wall_milliseconds(answered_at(emulator, 1)))
            waits = answered_at(emulator, _CLIENTS)
            many.append(_wall_milliseconds(waits))
            slowest.append(sorted(waits)[int(len(waits) * 0.99)])
    return [
        compared("throughput: wall time an answer, 32 clients", many, one),
        Finding("throughput: wait of the slowest 1 %, 32 clients", statistics.median(slowest)),
    ]


def answered_at(emulator: Emulator, clients: int) -> list[float]:
    """Let so many clients ask one query after the other for a second; return each answer's wait in milliseconds."""
    with ExitStack() as stack, DefaultSelector() as selector:
        requests = itertools.cycle(_REQUESTS)
        asked_at: dict[Connection, float] = {}
        for _ in range(clients):
            client = stack.enter_context(emulator.connection())
            selector.register(client, EVENT_READ, client)
            _ask(client, next(requests), asked_at)
        return _waits(selector, requests, asked_at)


def _waits(
    selector: DefaultSelector, requests: itertools.cycle[bytes], asked_at: dict[Connection, float]
) -> list[float]:
    waits: list[float] = []
    end = time.perf_counter() + _SECONDS
    while (now := time.perf_counter()) < end:
        for key, _ in selector.select(end - now):
            client: Connection = key.data
            client.answer()
            waits.append((time.perf_counter() - asked_at[client]) * 1000)
            _ask(client, next(requests), asked_at)
    return waits


def _ask(client: Connection, request: bytes, asked_at: dict[Connection, float]) -> None:
    asked_at[client] = time.perf_counter()
    client.send(request)


def _wall_milliseconds(waits: Sequence[float]) -> float:
    return _SECONDS * 1000 / len(waits)
