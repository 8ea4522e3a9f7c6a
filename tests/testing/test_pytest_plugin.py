"""The plugin in somebody's own test suite."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SUITE = """
import json, urllib.request

def ask(tenant, sql):
    request = urllib.request.Request(
        tenant.url + "/queries", json.dumps({"sql": sql}).encode(),
        {**tenant.headers, "Content-Type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)["data"]

def test_first(spectra_tenant):
    spectra_tenant.sql("CREATE TABLE mine AS SELECT 1 AS n")
    assert ask(spectra_tenant, "SELECT n FROM mine") == [{"n": 1}]

def test_second(spectra_tenant, spectra):
    spectra_tenant.sql("CREATE TABLE mine AS SELECT 2 AS n")
    assert ask(spectra_tenant, "SELECT n FROM mine") == [{"n": 2}]

def test_failing(spectra_tenant):
    assert ask(spectra_tenant, "SELECT 3 AS n") == []
"""


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> subprocess.CompletedProcess[str]:
    folder = tmp_path_factory.mktemp("suite")
    Path(folder, "test_mine.py").write_text(SUITE)
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "test_mine.py"]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)


def test_each_test_has_a_tenant_of_its_own(ran: subprocess.CompletedProcess[str]) -> None:
    assert "1 failed, 2 passed" in ran.stdout


def test_a_failing_test_shows_its_last_calls(ran: subprocess.CompletedProcess[str]) -> None:
    assert "Spectra requests, newest first" in ran.stdout
    assert 'POST /v1/queries => 200 {"sql": "SELECT 3 AS n"}' in ran.stdout
