"""Clients generated from `openapi.yaml` compile and run a query."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.clients.conftest import ROOT, Server, TypeScriptFolder, counted

PYTHON_QUERY = Path(__file__).parent / "generated_client_query.py"
IMPORT_ALL = """
import importlib, pkgutil, spectra_client
for module in pkgutil.walk_packages(spectra_client.__path__, "spectra_client."):
    importlib.import_module(module.name)
"""


def python(*arguments: str | Path, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    tools = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={"PATH": tools, "PYTHONPATH": str(folder), **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.fixture(scope="module")
def generated_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Generate the Python client into a folder; a part it cannot generate is an error."""
    folder = tmp_path_factory.mktemp("python_client")
    command: list[str | Path] = [
        "generate",
        "--path",
        ROOT / "openapi.yaml",
        "--meta",
        "none",
        "--output-path",
        "spectra_client",
    ]
    generated = python("-m", "openapi_python_client", *command, "--fail-on-warning", folder=folder)
    assert generated.returncode == 0, generated.stdout + generated.stderr
    return folder


@pytest.fixture
def generated_typescript(typescript: TypeScriptFolder) -> TypeScriptFolder:
    generated = typescript.tool("openapi-typescript", "bin/cli.js", str(ROOT / "openapi.yaml"), "--output", "schema.ts")
    assert generated.returncode == 0, generated.stdout + generated.stderr
    typescript.copy("generated_client_query.ts")
    return typescript


def test_every_module_of_the_generated_python_client_imports(generated_python: Path) -> None:
    imported = python("-c", IMPORT_ALL, folder=generated_python)

    assert imported.returncode == 0, imported.stderr


def test_a_query_through_the_generated_python_client_type_checks(generated_python: Path) -> None:
    checked = python("-m", "mypy", "--strict", "--follow-imports=silent", PYTHON_QUERY, folder=generated_python)

    assert checked.returncode == 0, checked.stdout


def test_the_generated_python_client_runs_a_query(generated_python: Path, server: Server) -> None:
    printed = python(PYTHON_QUERY, folder=generated_python, API_URL=f"{server.url}/v1")

    assert printed.stdout == f"{counted(server)['data'][0]}\n", printed.stderr


def test_the_generated_typescript_client_type_checks(generated_typescript: TypeScriptFolder) -> None:
    checked = generated_typescript.type_check()

    assert checked.returncode == 0, checked.stdout


def test_the_generated_typescript_client_runs_a_query(generated_typescript: TypeScriptFolder, server: Server) -> None:
    printed = generated_typescript.run("generated_client_query.ts", API_URL=f"{server.url}/v1")

    assert printed.returncode == 0, printed.stderr
    assert json.loads(printed.stdout) == counted(server)["data"][0]
