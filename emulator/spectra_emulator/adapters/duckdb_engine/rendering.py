"""Batches made into text on threads that give way to queries; worker side."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import arro3.core

_THREADS = 2
_AHEAD = 3
"""Batches that may be under way at once: more of them only take memory."""
_NICENESS = 10


def rendered(
    batches: Iterator[arro3.core.RecordBatch], text: Callable[[arro3.core.RecordBatch], bytes]
) -> Iterator[bytes]:
    """Yield the text of each batch in order; Arrow's writers let other threads run."""
    pending: deque[Future[bytes]] = deque()
    with ThreadPoolExecutor(_THREADS, initializer=os.nice, initargs=(_NICENESS,)) as threads:
        for batch in batches:
            pending.append(threads.submit(text, batch))
            if len(pending) > _AHEAD:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
