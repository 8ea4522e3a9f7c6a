"""What an export costs while it runs: the server's memory, and the tenant's other queries."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable
from contextlib import closing

from benchmarks.bulk import tables_script
from benchmarks.bulk_jobs import BulkClient, export_of
from benchmarks.bulk_stores import ceph
from benchmarks.emulator import scratch, serving
from benchmarks.measurement import Finding, compared, milliseconds
from benchmarks.memory import Peak, proportional_megabytes

_LARGE = 5_000_000
_SETTLED_SECONDS = 3.0
_FORMATS = (("CSV", "NONE"), ("CSV", "GZIP"), ("JSON", "NONE"), ("PARQUET", "NONE"))
_AGGREGATE = (
    "SELECT region, product, COUNT(DISTINCT id) AS sold, SUM(amount) AS amount FROM exported WHERE id % {part} = 0"
    " GROUP BY region, product ORDER BY amount DESC"
)
_QUIET_CALLS = 15
_ROUNDS = 4
_WANTED_MILLISECONDS = 100.0


def bulk_memory() -> list[Finding]:
    """Export 5,000,000 rows to an S3 that is not the emulator's, and compare its memory with that of an idle one.

    The server is a new one for each format, on tables that an earlier one made, so that idle holds none of them.
    """
    with ceph() as store, scratch() as folder:
        options = (*store.options, "--data-dir", str(folder / "data"))
        with serving(options=options) as emulator, closing(BulkClient(emulator.port)) as client:
            client.script(tables_script(_LARGE))
        return [_grown(options, content, compression) for content, compression in _FORMATS]


def _grown(options: tuple[str, ...], content_type: str, compression: str) -> Finding:
    with serving(options=options) as emulator, closing(BulkClient(emulator.port)) as client:
        time.sleep(_SETTLED_SECONDS)
        idle = proportional_megabytes(emulator.pid)
        job_id = client.created(export_of(content_type, compression))
        with Peak(emulator.pid) as peak:
            client.fetchable(job_id)
    name = f"bulk memory over Ceph: 5,000,000 rows as {content_type}, {compression}"
    return Finding(name, peak.megabytes - idle, "MB", goal=300.0)


def bulk_crowd() -> list[Finding]:
    """Ask an aggregate that takes 100 ms while nothing else runs, during an export of the same tenant."""
    with serving() as emulator, closing(BulkClient(emulator.port)) as client:
        client.script(tables_script(_LARGE))
        ask = _aggregate(client)
        return [_crowded(emulator.port, ask, content, compression) for content, compression in _FORMATS]


def _crowded(port: int, ask: Callable[[], None], content_type: str, compression: str) -> Finding:
    """Ask while nothing runs, then as long as an export does, several rounds."""
    quiet: list[float] = []
    crowded: list[float] = []
    for _ in range(_ROUNDS):
        quiet.append(statistics.median(milliseconds(ask) for _ in range(_QUIET_CALLS)))
        with closing(BulkClient(port)) as client:
            job_id = client.created(export_of(content_type, compression))
            export = threading.Thread(target=client.carried_out, args=(job_id,))
            export.start()
            waits: list[float] = []
            while export.is_alive():
                waits.append(milliseconds(ask))
            export.join()
        crowded.append(statistics.median(waits))
    return compared(f"bulk crowd: an aggregate during an export as {content_type}, {compression}", crowded, quiet, 3.0)


def _aggregate(client: BulkClient) -> Callable[[], None]:
    """Return a query of about the wanted time, by the share of the table that it looks at."""
    parts = [24, 16, 12, 8, 6, 4, 3, 2, 1]
    for part in parts:
        sql = _AGGREGATE.format(part=part)
        client.query(sql)
        elapsed = statistics.median(milliseconds(lambda: client.query(sql)) for _ in range(5))  # noqa: B023 - called at once
        if elapsed >= _WANTED_MILLISECONDS:
            break
    return lambda: client.query(sql)
