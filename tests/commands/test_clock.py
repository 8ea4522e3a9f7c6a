"""`spectra-emulator clock` against a running server."""

from __future__ import annotations

import subprocess

import pytest

from tests.emulator import COMMAND, Emulator, Emulators, bare_environment, free_port


@pytest.fixture(scope="module")
def server(emulators: Emulators) -> Emulator:
    return emulators.start()


def clock(*arguments: str, url: str) -> subprocess.CompletedProcess[str]:
    environ = bare_environment() | {"SPECTRA_URL": f"{url}/v1"}
    return subprocess.run([COMMAND, "clock", *arguments], capture_output=True, text=True, check=False, env=environ)


def test_the_clock_is_stopped_moved_and_returned(server: Emulator) -> None:
    steps = [("freeze", "2030-01-31T12:00:00Z"), ("advance", "24h"), ("show",)]
    shown = [clock(*step, url=server.url).stdout for step in steps]
    back = clock("reset", url=server.url).stdout

    assert shown == [
        "2030-01-31T12:00:00.000Z frozen\n",
        "2030-02-01T12:00:00.000Z frozen\n",
        "2030-02-01T12:00:00.000Z frozen\n",
    ]
    assert back.endswith("Z running\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("advance",), "clock advance needs a time such as 90s, 15m, 24h or 7d"),
        (("advance", "soon"), "soon is not a time such as 90s, 15m, 24h or 7d"),
        (("resume", "24h"), "clock resume takes no 24h"),
        (("set",), "clock set needs a moment such as 2030-01-31T12:00:00Z"),
    ],
    ids=["no time", "not a time", "a time too many", "no moment"],
)
def test_wrong_usage_is_one_line(server: Emulator, arguments: tuple[str, ...], said: str) -> None:
    ended = clock(*arguments, url=server.url)

    assert (ended.returncode, ended.stderr) == (2, f"spectra-emulator: {said}\n")


def test_what_the_server_refuses_is_said(server: Emulator) -> None:
    ended = clock("set", "tomorrow", url=server.url)

    assert ended.returncode == 1
    assert "at must be a moment such as 2030-01-31T12:00:00Z (INVALID_REQUEST)" in ended.stderr


def test_no_server_is_said_with_where_it_was_looked_for() -> None:
    url = f"http://127.0.0.1:{free_port()}"

    said = clock("show", url=url).stderr

    assert f"no emulator answers at {url}" in said
    assert "start one with `spectra-emulator serve`, or name another with --url" in said
