"""Load snapshots again and again while clients read: each answer is wholly of one of them.

    python -m tests.durability.snapshot_readers --rows 1000000 --loads 20

Two tenants have one table each, all of whose rows bear the number of a snapshot. An answer with rows of two snapshots,
or with another number of rows than its snapshot has, is wrong; so is a refusal other than the one which says that the
tables were replaced under the query.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tests.emulator import Emulator, Emulators

TENANTS = ("tenant-123", "left")
_READ = "SELECT MIN(mark) AS low, MAX(mark) AS high, COUNT(*) AS records, COUNT(DISTINCT id) AS ids FROM marked"
_REPLACED = (409, "CONFLICT")


@dataclass
class Seen:
    """`answers` counts those of each snapshot, `wrong` holds all else."""

    answers: Counter[int] = field(default_factory=Counter)
    refused: int = 0
    wrong: list[str] = field(default_factory=list)
    load_seconds: list[float] = field(default_factory=list)
    longest_seconds: float = 0.0

    def __str__(self) -> str:
        loads = sorted(self.load_seconds)
        spent = f"median {statistics.median(loads):.3f} s, longest {loads[-1]:.3f} s"
        return (
            f"{sum(self.answers.values())} answers {dict(self.answers)}, {self.refused} refused as replaced, "
            f"{len(self.wrong)} wrong {self.wrong[:3]}; longest read {self.longest_seconds:.3f} s; "
            f"{len(loads)} loads: {spent}"
        )


class Reader(threading.Thread):
    """Reads one tenant's table until told to stop."""

    def __init__(
        self, server: Emulator, tenant: tuple[str, str], records: dict[int, int], stopped: threading.Event
    ) -> None:
        super().__init__()
        self._server = server
        self._tenant, self._key = tenant
        self._records = records
        self._stopped = stopped
        self.seen = Seen()

    def run(self) -> None:
        while not self._stopped.is_set():
            began = time.monotonic()
            answer = self._server.call("POST", "/queries", {"sql": _READ}, key=self._key, tenant=self._tenant)
            self.seen.longest_seconds = max(self.seen.longest_seconds, time.monotonic() - began)
            if answer.status == 200:
                self._note(answer.json["data"][0])
            elif (answer.status, answer.code) == _REPLACED:
                self.seen.refused += 1
            else:
                self.seen.wrong.append(answer.content.decode())

    def _note(self, row: dict[str, int]) -> None:
        wanted = self._records.get(row["low"])
        if row["low"] == row["high"] and row["records"] == row["ids"] == wanted:
            self.seen.answers[row["low"]] += 1
        else:
            self.seen.wrong.append(str(row))


def read_through_loads(server: Emulator, rows: int, loads: int, clients: int = 8) -> Seen:
    """Save two states of two tenants and load them in turn while the clients read."""
    keys = _tenants(server)
    records = {1: rows, 2: rows // 2}
    for mark, count in records.items():
        for tenant in TENANTS:
            _fill(server, tenant, mark, count)
        _require(server.control("POST", "/snapshots", {"name": f"mark-{mark}"}).status == 201)
    stopped = threading.Event()
    tenants = [TENANTS[number % 2] for number in range(clients)]
    readers = [Reader(server, (tenant, keys[tenant]), records, stopped) for tenant in tenants]
    for reader in readers:
        reader.start()
    spent = [_loaded(server, f"mark-{number % 2 + 1}") for number in range(loads)]
    stopped.set()
    for reader in readers:
        reader.join()
    return _sum([reader.seen for reader in readers], spent)


def _tenants(server: Emulator) -> dict[str, str]:
    made = server.control("POST", "/tenants", {"tenant_id": TENANTS[1]}).json
    return {TENANTS[0]: "spk_tenant-123_demo", TENANTS[1]: made["api_key"]}


def _fill(server: Emulator, tenant: str, mark: int, records: int) -> None:
    digits = " UNION ALL ".join(f"SELECT {digit} AS n" for digit in range(10))
    places = ", ".join(f"digits d{place}" for place in range(len(str(records - 1))))
    number = " + ".join(f"d{place}.n * {10**place}" for place in range(len(str(records - 1))))
    script = f"""
        DROP TABLE IF EXISTS marked; DROP TABLE IF EXISTS digits;
        CREATE TABLE digits AS {digits};
        CREATE TABLE marked AS SELECT number AS id, {mark} AS mark, MD5(CAST(number AS VARCHAR)) AS text
        FROM (SELECT {number} AS number FROM {places}) WHERE number < {records}
    """
    _require(server.sql(script, tenant).status == 200)


def _loaded(server: Emulator, name: str) -> float:
    """Load the snapshot and return the seconds that took."""
    began = time.monotonic()
    _require(server.control("POST", f"/snapshots/{name}/load", {}).status == 200)
    spent = time.monotonic() - began
    time.sleep(0.3)
    return spent


def _sum(seen: list[Seen], load_seconds: list[float]) -> Seen:
    answers = sum((each.answers for each in seen), Counter[int]())
    wrong = [reason for each in seen for reason in each.wrong]
    longest = max(each.longest_seconds for each in seen)
    return Seen(answers, sum(each.refused for each in seen), wrong, load_seconds, longest)


def _require(done: bool) -> None:
    assert done, "the server refused a step"


def main() -> int:
    parser = argparse.ArgumentParser(description="Read while snapshots are loaded.")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--loads", type=int, default=20)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="spectra-snapshots-") as folder:
        emulators = Emulators(Path(folder))
        try:
            seen = read_through_loads(emulators.start("--rate-limits", "off"), options.rows, options.loads)
        finally:
            emulators.stop_all()
    print(seen)  # noqa: T201 - a command line prints
    return 1 if seen.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
