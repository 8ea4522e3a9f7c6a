"""The client samples of the API reference work unchanged but for their base URL."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.clients.conftest import Server, TypeScriptFolder, counted

SAMPLE = Path(__file__).parent / "python_sample.py"


def test_the_python_sample_prints_the_count(server: Server) -> None:
    printed = subprocess.run(
        [sys.executable, SAMPLE],
        env={"API_URL": f"{server.url}/v1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    (row,) = counted(server)["data"]
    assert printed.stdout.splitlines()[:1] == [f"Count: {row}"], printed.stderr


def test_the_typescript_sample_compiles(typescript: TypeScriptFolder) -> None:
    typescript.copy("sample.ts")

    checked = typescript.type_check()

    assert checked.returncode == 0, checked.stdout


def test_the_typescript_sample_prints_the_row_count(server: Server, typescript: TypeScriptFolder) -> None:
    typescript.copy("sample.ts")

    printed = typescript.run("sample.ts", API_URL=f"{server.url}/v1")

    assert printed.stdout == f"Row count: {counted(server)['metadata']['row_count']}\n", printed.stderr
