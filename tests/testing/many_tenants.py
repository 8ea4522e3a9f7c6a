"""Many tests, each with a tenant of its own, run side by side: what that costs a test, and whether any saw another's.

`python -m tests.testing.many_tenants --tests 1000 --workers 4`
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

_SUITE = """
import json, time, urllib.request
import pytest

def ask(tenant, sql):
    request = urllib.request.Request(
        tenant.url + "/queries", json.dumps({"sql": sql}).encode(),
        {**tenant.headers, "Content-Type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)

@pytest.mark.parametrize("number", range(TESTS))
def test_one_of_many(spectra_tenant, number, record_property):
    begun = time.perf_counter()
    first = ask(spectra_tenant, "SELECT COUNT(*) AS n FROM sales")
    answered = time.perf_counter()
    again = ask(spectra_tenant, "SELECT COUNT(*) AS n FROM sales")
    record_property("first_query", 2 * answered - begun - time.perf_counter())
    assert first["data"] == again["data"]
    spectra_tenant.sql(f"CREATE TABLE mine AS SELECT {number} AS n; DELETE FROM sales")
    assert ask(spectra_tenant, "SELECT n FROM mine")["data"] == [{"n": number}]
    assert ask(spectra_tenant, "SELECT COUNT(*) AS n FROM sales")["data"] == [{"n": 0}]
    assert [entry["caller"]["tenant_id"] for entry in spectra_tenant.requests()] == [spectra_tenant.tenant_id] * 4
"""
_CONFTEST = """
import json
from pathlib import Path
import pytest

SPENT = {}

@pytest.hookimpl(trylast=True)
def pytest_runtest_logreport(report):
    parts = SPENT.setdefault(report.nodeid, {})
    parts[report.when] = report.duration
    parts.update(report.user_properties)

def pytest_sessionfinish(session):
    if not hasattr(session.config, "workerinput"):
        Path("spent.json").write_text(json.dumps(list(SPENT.values())))
"""


@dataclass(frozen=True)
class Tally:
    """`overheads` is what each test waits for its tenant, in milliseconds: made, first query, removed."""

    passed: int
    overheads: tuple[float, ...]
    said: str

    def __str__(self) -> str:
        ordered = sorted(self.overheads)
        slow = ordered[int(len(ordered) * 0.95)]
        return f"{self.passed} passed; a tenant costs a test {statistics.median(ordered):.1f} ms, p95 {slow:.1f} ms"


def tally(tests: int, workers: int, folder: Path) -> Tally:
    """Run so many tests and return what became of them."""
    Path(folder, "test_many.py").write_text(_SUITE.replace("TESTS", str(tests)), encoding="utf-8")
    Path(folder, "conftest.py").write_text(_CONFTEST, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", str(workers)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
    found = re.search(r"(\d+) passed", ended.stdout)
    spent = json.loads(Path(folder, "spent.json").read_text(encoding="utf-8"))
    return Tally(0 if found is None else int(found[1]), tuple(map(_overhead, spent)), ended.stdout + ended.stderr)


def _overhead(parts: dict[str, float]) -> float:
    """Return what a test's own calls would not have taken on a tenant that was there before."""
    return 1000 * (parts["setup"] + parts["teardown"] + max(parts.get("first_query", 0.0), 0.0))


def main() -> int:
    parser = argparse.ArgumentParser(description="Run many tests, each with a tenant of its own.")
    parser.add_argument("--tests", type=int, default=1000)
    parser.add_argument("--workers", type=int, default=4)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="spectra-tenants-") as folder:
        found = tally(options.tests, options.workers, Path(folder))
    print(found)  # noqa: T201 - a command line prints
    if found.passed != options.tests:
        print(found.said[-4000:])  # noqa: T201 - a command line prints
    return 0 if found.passed == options.tests else 1


if __name__ == "__main__":
    sys.exit(main())
