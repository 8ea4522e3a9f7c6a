"""How long a snapshot of a million rows in 20 tables takes to load, and a reset of a tenant with 20 small tables."""

from __future__ import annotations

import json
import os
import statistics
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from benchmarks.connection import KEY, TENANT, AnswerError
from benchmarks.emulator import Emulator, scratch, serving
from benchmarks.measurement import Finding, milliseconds

_TABLES = 20
_ROWS_OF_A_TABLE = 50_000
_SMALL_ROWS = 100
_LOADS = 15
_RESETS = 60
_TICKS = os.sysconf("SC_CLK_TCK")
_FIRST_FAILURE = 300


class Control:
    """The control plane of a running emulator, on one connection."""

    def __init__(self, emulator: Emulator) -> None:
        self._link = HTTPConnection("127.0.0.1", emulator.port, timeout=600)

    def call(self, path: str, body: object, **headers: str) -> Any:
        """Return what a POST answers.

        Raises: AnswerError.
        """
        content = json.dumps(body).encode()
        self._link.request("POST", path, content, {"Content-Type": "application/json", **headers})
        answer = self._link.getresponse()
        answered = answer.read()
        if answer.status >= _FIRST_FAILURE:
            raise AnswerError(f"{path}: {answer.status} {answered[:500]!r}")
        return json.loads(answered)

    def sql(self, script: str) -> None:
        self.call(f"/_spectra/tenants/{TENANT}/sql", {"sql": script})

    def query(self, sql: str) -> None:
        self.call("/v1/queries", {"sql": sql}, Authorization=f"Bearer {KEY}", **{"X-Tenant-ID": TENANT})


def snapshots() -> list[Finding]:
    """Measure saves and loads, and the processor's time that a load takes of the server."""
    with serving() as emulator:
        control = Control(emulator)
        for number in range(_TABLES):
            control.sql(_table(f"big_{number}", _ROWS_OF_A_TABLE))
        body = {"name": "bench", "tenant_id": TENANT}
        saves = _times(_LOADS, lambda: control.call("/_spectra/snapshots", body))
        before = _processor_milliseconds(emulator.pid)
        loads = _times(_LOADS, lambda: control.call("/_spectra/snapshots/bench/load", {}))
        spent = (_processor_milliseconds(emulator.pid) - before) / _LOADS
    rows = f"1 M rows, {_TABLES} tables"
    return [
        Finding(f"snapshot save: {rows}", statistics.median(saves)),
        Finding(f"snapshot load: {rows}", statistics.median(loads), goal=500.0),
        Finding(f"snapshot load, slowest of {_LOADS}", max(loads), goal=500.0),
        Finding("snapshot load: processor of the server process", spent),
    ]


def resets() -> list[Finding]:
    """Measure resets of a tenant that was written to, and the first query afterwards."""
    with scratch() as folder, serving(options=["--fixtures", str(_fixtures(folder))]) as emulator:
        control = Control(emulator)
        times, queries = [], []
        for _ in range(_RESETS):
            control.sql("INSERT INTO small_0 SELECT * FROM small_1")
            control.query("SELECT COUNT(*) AS n FROM small_0")
            times.append(milliseconds(lambda: control.call("/_spectra/reset", {"tenant_id": TENANT})))
            queries.append(milliseconds(lambda: control.query("SELECT COUNT(*) AS n FROM small_0")))
    both = [reset + query for reset, query in zip(times, queries, strict=True)]
    return [
        Finding(f"reset: {_TABLES} small tables", statistics.median(times), goal=100.0),
        Finding("reset: 95th percentile", _percentile_95(times), goal=250.0),
        Finding("reset and first query", statistics.median(both), goal=100.0),
        Finding("reset and first query: 95th percentile", _percentile_95(both), goal=250.0),
    ]


def _fixtures(folder: Path) -> Path:
    made = folder / "fixtures"
    (made / "all").mkdir(parents=True)
    script = ";\n".join(_table(f"small_{number}", _SMALL_ROWS) for number in range(_TABLES))
    (made / "all" / "tables.sql").write_text(script)
    declared = f'[[tenants]]\ntenant_id = "{TENANT}"\n\n'
    (made / "tenants.toml").write_text(
        f'{declared}[[api_keys]]\nkey = "{KEY}"\ntenant_id = "{TENANT}"\nsubject = "bench"\n'
    )
    return made


def _table(name: str, rows: int) -> str:
    digits = " UNION ALL ".join(f"SELECT {digit} AS n" for digit in range(10))
    places = ", ".join(f"({digits}) d{place}" for place in range(5))
    number = " + ".join(f"d{place}.n * {10**place}" for place in range(5))
    return (
        f"CREATE TABLE {name} AS SELECT id, MD5(CAST(id AS VARCHAR)) AS text, CAST(id AS DECIMAL(12,2)) AS amount"
        f" FROM (SELECT {number} AS id FROM {places}) numbered WHERE id < {rows}"
    )


def _times(count: int, task: Callable[[], object]) -> list[float]:
    task()
    return [milliseconds(task) for _ in range(count)]


def _percentile_95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]


def _processor_milliseconds(pid: int) -> float:
    """Return what the process has used so far, in and for it, without its children."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / _TICKS
