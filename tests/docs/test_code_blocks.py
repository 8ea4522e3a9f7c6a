"""Every code block of the pages is run as it stands, read as what it is, or listed with the reason why not."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import sqlglot
import yaml
from spectra_emulator.domain.errors import BY_CODE

from tests.clients.conftest import node_binary, not_run
from tests.docs import java, recipes
from tests.docs.blocks import BLOCKS, PAGES, Block
from tests.emulator import COMMAND, DEMO_KEY, TENANT, Emulator, Emulators, bare_environment

SHOWN = {"", "text"}
"""What a reader compares with, of no language."""
NOT_RUN = {
    "README.md sh 1": "`make run` serves until it is stopped, `make test` is what runs this",
    "conformance/README.md console 1": "tests a deployment on AWS",
    "conformance/README.md console 2": "the kit's run has tests of its own, in tests/conformance",
    "conformance/README.md console 3": "the scenarios as tests have tests of their own, in tests/conformance",
    "conformance/README.md bash 1": "installs from a package index and tests a deployment",
    "docs/benchmarks.md sh 1": "a quarter of an hour",
    "docs/bulk.md sh 3": "needs the AWS CLI; boto3 lists the same in tests/adapters",
    "docs/containers.md sh 1": "needs a Docker daemon",
    "docs/containers.md nginx 1": "needs nginx; tests/control holds what it relies on",
    "docs/redshift.md console 1": "makes a bucket and a role on AWS",
    "docs/redshift.md console 2": "looks at a warehouse; tests/redshift looks at the acted one",
    "docs/redshift.md sql 2": "row-level security, which no parser here knows and nobody here has run",
    "docs/testing.md java 1": "needs Testcontainers and a Docker daemon",
    "docs/testing.md js 1": "needs Testcontainers and a Docker daemon",
    "docs/testing.md go 1": "needs Testcontainers and a Docker daemon",
}
PORT = re.compile(r"(?<=127\.0\.0\.1:)8439\b")


def listed(block: Block) -> str:
    return f"{block.page} {block.language} {block.number}"


def of(*languages: str) -> list[Block]:
    return [block for block in BLOCKS if block.language in languages and listed(block) not in NOT_RUN]


def read_python(code: str) -> None:
    ast.parse(code)


def read_json(code: str) -> None:
    json.loads(code.replace(",...", ""))


def read_sql(code: str) -> None:
    sqlglot.parse(code, read="redshift")


READERS: Mapping[str, Callable[[str], object]] = {
    "json": read_json,
    "jsonc": read_json,
    "toml": tomllib.loads,
    "yaml": yaml.safe_load,
    "sql": read_sql,
}
FRAGMENTS = [block for block in of("python") if block.page == "CONTRIBUTING.md"]
PYTHON = [block for block in of("python") if block not in FRAGMENTS]
TESTS = [block for block in PYTHON if "def test_" in block.code]
SCRIPTS = [block for block in PYTHON if block not in TESTS]
SHELL_PAGES = [page for page in PAGES if any(block.page == page for block in of("sh"))]
DEMO = "docs/demo.md"
REFUSED: Mapping[str, list[int]] = {
    "README.md": [400],
    DEMO: [400, 403, 429, 429, 400],
    **{f"docs/errors/{code}.md": [kind.status] for code, kind in BY_CODE.items()},
}
"""What goes wrong on purpose, in the page's order."""


@pytest.fixture(scope="module")
def served(emulators: Emulators) -> Emulator:
    """Return a server that pages may steer, one after the other."""
    return emulators.start("--rate-limits", "off")


@pytest.fixture
def page_server(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    """Lend the server that a page speaks of, with an empty journal and the machine's time."""
    server: Emulator = request.getfixturevalue("demo_server" if request.param == DEMO else "served")
    if request.param == DEMO:
        server.control("POST", "/reset", {})
    server.control("DELETE", "/requests")
    yield server
    server.control("PUT", "/clock", {"action": "reset"})


def environment(url: str) -> dict[str, str]:
    path = f"{COMMAND.parent}{os.pathsep}{os.environ['PATH']}"
    return bare_environment() | {
        "PATH": path,
        "SPECTRA_URL": url,
        "SPECTRA_API_URL": f"{url}/v1",
        "SPECTRA_API_KEY": DEMO_KEY,
        "SPECTRA_TENANT_ID": TENANT,
    }


def ran(folder: Path, environ: Mapping[str, str], *command: object) -> str:
    """Run the command in the folder and return what it prints."""
    ended = subprocess.run(
        [str(word) for word in command],
        cwd=folder,
        env=dict(environ),
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def refused(server: Emulator) -> list[int]:
    """Return the statuses of the API's calls that failed, the oldest first."""
    calls = server.control("GET", "/requests?status=4xx").json["requests"]
    calls += server.control("GET", "/requests?status=5xx").json["requests"]
    own = [call for call in calls if call["target"].startswith("/v1/")]
    return [call["status"] for call in sorted(own, key=lambda call: call["number"])]


@pytest.mark.parametrize(("page_server", "page"), [(page, page) for page in SHELL_PAGES], indirect=["page_server"])
def test_the_commands_of_a_page_run_one_after_the_other(page: str, page_server: Emulator, tmp_path: Path) -> None:
    code = "\n".join(block.code for block in of("sh") if block.page == page)
    here = PORT.sub(str(urlsplit(page_server.url).port), code)

    ran(tmp_path, environment(page_server.url), "bash", "-eu", "-c", here)

    assert refused(page_server) == REFUSED.get(page, [])


@pytest.mark.parametrize("block", TESTS, ids=str)
def test_an_example_for_pytest_passes(block: Block, tmp_path: Path) -> None:
    (tmp_path / "test_example.py").write_text(block.code, encoding="utf-8")
    pytest_command = (sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", "test_example.py")

    assert "passed" in ran(tmp_path, environment(""), *pytest_command)


@pytest.mark.parametrize("block", SCRIPTS, ids=str)
def test_a_script_runs(block: Block, tmp_path: Path) -> None:
    (tmp_path / "example.py").write_text(block.code, encoding="utf-8")

    ran(tmp_path, environment(""), sys.executable, "example.py")


@pytest.mark.parametrize("block", of("js"), ids=str)
def test_an_example_for_node_passes(block: Block, served: Emulator, tmp_path: Path) -> None:
    node = node_binary()
    if node is None:
        not_run("node")
    (tmp_path / "example.test.mjs").write_text(block.code, encoding="utf-8")
    jest = Path(__file__).with_name("jest.mjs").as_uri()

    assert "# fail 0" in ran(tmp_path, environment(served.url), node, "--import", jest, "--test", "--test-reporter=tap")


@pytest.mark.parametrize("block", of("java"), ids=str)
def test_an_example_for_junit_passes(block: Block, served: Emulator, tmp_path: Path) -> None:
    needs_a_jdk()
    printed = java.ran(tmp_path, "SalesTest", block.code, environment(served.url))

    assert sorted(printed.split()) == ["aLimitIsTold", "passed", "passed", "salesAreThere"]


def needs_a_jdk() -> None:
    if shutil.which("javac") is None:
        pytest.skip("not run: needs a JDK, which nothing else of the project does")


@pytest.mark.parametrize("name", recipes.READERS)
def test_a_recipe_for_containers_is_well_formed(name: str, tmp_path: Path) -> None:
    if " java " in name:
        needs_a_jdk()
    [block] = [block for block in BLOCKS if listed(block) == name]

    recipes.READERS[name](tmp_path, block.code)


@pytest.mark.parametrize("language", READERS)
def test_an_example_is_well_formed(language: str) -> None:
    read = READERS[language]

    assert [read(block.code) for block in of(language)]


@pytest.mark.parametrize("block", FRAGMENTS, ids=str)
def test_a_fragment_is_python(block: Block) -> None:
    assert ast.parse(f"{{{block.code}}}" if block.code.startswith('"') else block.code)


def test_no_block_is_of_a_language_that_nobody_runs() -> None:
    known = {"sh", "python", "js", "java", *READERS, *SHOWN}

    assert [str(block) for block in BLOCKS if block.language not in known and listed(block) not in NOT_RUN] == []


def test_what_is_not_run_is_there() -> None:
    assert set(NOT_RUN) - {listed(block) for block in BLOCKS} == set()
