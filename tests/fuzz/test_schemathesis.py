"""Generated requests of every phase against the real server; `SEEDS="1 2 3"` runs more than the one."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.emulator import Emulator

CONFIGURATION = Path(__file__).with_name("schemathesis.toml")
SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")
SEEDS = os.environ.get("SEEDS", "1").split()


@pytest.mark.parametrize("seed", SEEDS)
def test_generated_requests_find_no_answer_that_the_contract_does_not_explain(
    server: Emulator, seed: str, tmp_path: Path
) -> None:
    address = f"{server.url}/v1/openapi.json"
    run = subprocess.run(
        [SCHEMATHESIS, "--config-file", CONFIGURATION, "run", address, "--seed", seed],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=280,
        check=False,
    )
    cases = re.search(r"(\d+) generated", run.stdout)
    assert run.returncode == 0, run.stdout[-5000:]
    assert cases is not None
    assert int(cases[1]) > 1000
