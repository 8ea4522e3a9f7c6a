"""Kill a server at random moments while it saves a snapshot: the name is always a whole one, the old or the new.

    python -m tests.durability.snapshot_kills --kills 50

Each round saves a state that bears the round's number under one name and kills the server meanwhile. The file that has
the name must be of that round or of the last that was saved, must be verified member by member, and is loaded; where
the server answered that it was saved, it must be of that round.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from spectra_emulator.adapters.snapshot_files import SnapshotFiles

from tests.durability.killed_server import KilledServer, Persistent
from tests.emulator import Emulator

NAME = "kept"
_FILL = """
    CREATE TABLE IF NOT EXISTS marked (mark INT, id BIGINT);
    DELETE FROM marked;
    INSERT INTO marked SELECT {mark}, a.id FROM (SELECT id FROM sales) a;
"""


@dataclass
class Outcome:
    """`kept` counts which snapshot had the name after a kill: the one before or the one being saved."""

    kept: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    leftovers: int = 0
    save_seconds: float = 0.0

    def __str__(self) -> str:
        return (
            f"{sum(self.kept.values())} kills in saves of {self.save_seconds:.3f} s: {dict(self.kept)}, "
            f"{self.leftovers} unfinished files left after a start, {len(self.wrong)} wrong {self.wrong[:3]}"
        )


@dataclass
class Bench:
    """A server on a data directory; `saved` is the mark of the snapshot that surely has the name."""

    server: KilledServer
    client: Persistent
    files: SnapshotFiles
    chance: random.Random
    saved: int = 0

    def save(self) -> bool:
        """Save, and tell whether the server said that it did; one that is killed says nothing."""
        emulator = Emulator(f"http://127.0.0.1:{self.server.port}", self.server.process, "", self.server.log)
        try:
            return emulator.control("POST", "/snapshots", {"name": NAME}).status == 201
        except OSError:
            return False

    def fill(self, mark: int) -> None:
        reply = self.client.control("/tenants/tenant-123/sql", {"sql": _FILL.format(mark=mark)})
        assert reply.status == 200, reply

    def mark(self) -> int:
        """Return the mark of the snapshot that has the name, verified and loaded.

        Raises: Conflict where it is broken, AssertionError where it is not of one state.
        """
        with self.files.opened(NAME) as snapshot:
            snapshot.verify()
        reply = self.client.control(f"/snapshots/{NAME}/load", {})
        assert reply.status == 200, reply
        rows = self.client.rows("SELECT MIN(mark) AS low, MAX(mark) AS high FROM marked")
        assert rows[0]["low"] == rows[0]["high"], rows
        return int(rows[0]["low"])

    def round(self, mark: int, save_seconds: float, outcome: Outcome) -> None:
        self.fill(mark)
        said: list[bool] = []
        saving = threading.Thread(target=lambda: said.append(self.save()))
        saving.start()
        time.sleep(self.chance.uniform(0, save_seconds * 1.2))
        self.server.kill()
        saving.join()
        self.server.start_again()
        outcome.leftovers += len(list(self.files.folder.glob(".*")))
        found = self.mark()
        outcome.kept["new" if found == mark else "old"] += 1
        if found != mark and (found != self.saved or said[0]):
            outcome.wrong.append(f"mark {found} after {self.saved}, while {mark} was saved (answered: {said[0]})")
        self.saved = found


def killed(kills: int, seed: int, folder: Path) -> Outcome:
    """Kill so many saves, and tell what was found after each."""
    data = folder / "data"
    server = KilledServer(data)
    try:
        bench = Bench(server, Persistent(server.port), SnapshotFiles(data / "snapshots"), random.Random(seed))
        outcome = Outcome(save_seconds=_save_seconds(bench))
        for mark in range(1, kills + 1):
            bench.round(mark, outcome.save_seconds, outcome)
    finally:
        server.stop()
    return outcome


def _save_seconds(bench: Bench) -> float:
    """Save the first state, and return how long that usually takes."""
    bench.fill(0)
    spent = []
    for _ in range(3):
        began = time.monotonic()
        assert bench.save()
        spent.append(time.monotonic() - began)
    return statistics.median(spent)


def main() -> int:
    parser = argparse.ArgumentParser(description="Kill a server while it saves snapshots.")
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="spectra-snapshots-") as folder:
        outcome = killed(options.kills, options.seed, Path(folder))
    print(outcome)  # noqa: T201 - a command line prints
    return 1 if outcome.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
