"""A target that cannot be tested is told from one that is broken, in one sentence."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from spectra_conformance.cli import main

from tests.conformance.deployments import Reply, answering, hanging
from tests.emulator import Emulator, free_port

HTML = Reply(200, "<!doctype html><html><body>Welcome</body></html>", {"Content-Type": "text/html"})
GATEWAY = {"Content-Type": "application/json", "x-amzn-errortype": "MissingAuthenticationTokenException"}
EMPTY_LIST = '{"jobs": [], "next_offset": null}'
OLD_DATE = {"Content-Type": "application/json", "Date": "Sun, 06 Nov 1994 08:49:37 GMT"}


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Journals go to the current directory."""
    monkeypatch.chdir(tmp_path)


def sentence_of(url: str, capsys: pytest.CaptureFixture[str]) -> str:
    """Return the one sentence with which a run ends."""
    code = main(["run", "--url", url, "--api-key", "a-key-for-tests", "--tenant", "tenant-1"])
    error = capsys.readouterr().err.strip().splitlines()[-1]
    assert code == 2
    return error


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        pytest.param(Reply(403), "authorizer or a firewall denies us", id="only 403"),
        pytest.param(
            Reply(403, '{"message": "x"}', GATEWAY), "API Gateway has no such route", id="gateway without route"
        ),
        pytest.param(HTML, "answers with HTML", id="only HTML"),
        pytest.param(Reply(401), "does not accept our credentials", id="only 401"),
        pytest.param(Reply(404), "the API is not at this path", id="only 404"),
        pytest.param(Reply(503), "it is down", id="only 503"),
        pytest.param(Reply(301, "", {"Location": "https://elsewhere.example/v1"}), "elsewhere", id="redirects"),
        pytest.param(Reply(200, "[]"), "no deployment of the API", id="another service"),
        pytest.param(Reply(200, EMPTY_LIST, OLD_DATE), "clock is", id="wrong clock"),
    ],
)
def test_what_is_no_deployment_is_told_in_a_sentence(
    reply: Reply, expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with answering(lambda _: reply) as deployment:
        assert expected in sentence_of(deployment.url, capsys)


def test_an_address_where_nothing_listens_is_told_in_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert "cannot be reached" in sentence_of(f"http://127.0.0.1:{free_port()}/v1", capsys)


def test_a_target_that_hangs_is_told_within_ten_seconds(capsys: pytest.CaptureFixture[str]) -> None:
    with hanging() as deployment:
        began = time.monotonic()
        assert "hangs" in sentence_of(deployment.url, capsys)
        assert time.monotonic() - began < 10


def test_a_base_url_without_its_version_is_told_in_a_sentence(
    server: Emulator, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["run", "--url", server.url, "--api-key", "spk_tenant-123_demo", "--tenant", "tenant-123"])
    assert code == 2
    assert "the API is not at this path" in capsys.readouterr().err


def test_a_key_that_is_not_known_is_told_in_a_sentence(server: Emulator, capsys: pytest.CaptureFixture[str]) -> None:
    assert "does not accept our credentials" in sentence_of(f"{server.url}/v1", capsys)
