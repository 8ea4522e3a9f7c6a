"""Generated requests of every phase against the real server; `SEEDS="1 2 3"` runs more than the one."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.emulator import Emulator

CONFIGURATION = Path(__file__).with_name("schemathesis.toml")
SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")
ROOT = Path(__file__).parents[2]
RESULTS = ("/bulk/jobs/{job_id}/results", "/jobs/{job_id}/results")
SEEDS = os.environ.get("SEEDS", "1").split()


def statuses(report: Path) -> Counter[tuple[str, int]]:
    """Return how often each path was answered with each status in the chains of a run."""
    events = [json.loads(line) for line in report.read_text().splitlines()]
    scenarios = [event["ScenarioFinished"] for event in events if "ScenarioFinished" in event]
    recorders = [one["recorder"] for one in scenarios if one["phase"] == "stateful"]
    return Counter(
        (recorder["cases"][name]["value"]["path"], call["response"]["status_code"])
        for recorder in recorders
        for name, call in recorder.get("interactions", {}).items()
        if call["response"]
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_generated_requests_find_no_answer_that_the_contract_does_not_explain(
    server: Emulator, seed: str, tmp_path: Path
) -> None:
    address = f"{server.url}/v1/openapi.json"
    report = ("--report", "ndjson", "--report-ndjson-path", "run.ndjson")
    run = subprocess.run(
        [SCHEMATHESIS, "--config-file", CONFIGURATION, "run", address, "--seed", seed, *report],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "SCHEMATHESIS_HOOKS": "tests.fuzz.hooks", "PYTHONPATH": str(ROOT)},
        timeout=280,
        check=False,
    )
    cases = re.search(r"(\d+) generated", run.stdout)
    assert run.returncode == 0, run.stdout[-5000:]
    assert cases is not None
    assert int(cases[1]) > 1000
    answered = statuses(tmp_path / "run.ndjson")
    assert [path for path in RESULTS if not answered[path, 200]] == []
