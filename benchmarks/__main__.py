"""Measure the emulator against raw floors: `python -m benchmarks [NAME …] [--json FILE]`.

A timing never decides the exit status: it is 1 only where a benchmark cannot run.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import duckdb

from benchmarks.analytics import analytics
from benchmarks.bulk import bulk
from benchmarks.bulk_load import bulk_crowd, bulk_memory
from benchmarks.connection import AnswerError
from benchmarks.journal import journal
from benchmarks.measurement import CannotRunError, Finding
from benchmarks.queries import rows, small, total_rows
from benchmarks.report import machine, machine_lines, table, write_json
from benchmarks.snapshots import resets, snapshots
from benchmarks.start import ready
from benchmarks.throughput import throughput
from benchmarks.translation import translate

BENCHMARKS: Mapping[str, Callable[[], list[Finding]]] = {
    "small": small,
    "rows": rows,
    "ready": ready,
    "total_rows": total_rows,
    "analytics": analytics,
    "translate": translate,
    "throughput": throughput,
    "journal": journal,
    "bulk": bulk,
    "bulk_memory": bulk_memory,
    "bulk_crowd": bulk_crowd,
    "snapshots": snapshots,
    "resets": resets,
}


def main() -> int:
    """Run the benchmarks that the arguments name, or all."""
    options = _options()
    facts = machine()
    findings: list[Finding] = []
    failures: list[str] = []
    for name in options.names or BENCHMARKS:
        print(f"Measuring {name}", file=sys.stderr, flush=True)
        try:
            findings += BENCHMARKS[name]()
        except (CannotRunError, AnswerError, OSError, duckdb.Error) as error:
            failures.append(f"{name} cannot run: {error}")
    print(table(findings), machine_lines(facts), sep="\n\n")
    if options.json:
        write_json(options.json, facts, findings)
    for failure in failures:
        print(failure, file=sys.stderr)
    return 1 if failures else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m benchmarks", description="Measure the emulator against raw floors.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"What to measure: {', '.join(BENCHMARKS)}. [all]")
    parser.add_argument("--json", type=Path, metavar="FILE", help="Write the findings to a file, too.")
    options = parser.parse_args()
    if unknown := set(options.names) - set(BENCHMARKS):
        parser.error(f"no benchmark is called {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}")
    return options


if __name__ == "__main__":
    sys.exit(main())
