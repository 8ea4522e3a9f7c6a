"""`spectra-emulator demo`: what it shows, and where it opens a browser."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from spectra_emulator.commands.demo import has_screen

from tests.emulator import COMMAND, Emulator, bare_environment, eventually


def called(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [COMMAND, "demo", *arguments],
        cwd=folder,
        env=bare_environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


def states(demo: Emulator) -> list[tuple[str, str]]:
    return sorted((job["operation"], job["state"]) for job in demo.call("GET", "/bulk/jobs").json["jobs"])


def test_the_browser_is_opened_at_the_console(demo_server: Emulator) -> None:
    opened = demo_server.log.with_name("opened")

    assert eventually(lambda: opened.exists() and opened.read_text()) == f"{demo_server.url}/_spectra/ui\n"


def test_the_jobs_have_ended_each_in_its_own_way_and_one_runs(demo_server: Emulator) -> None:
    assert eventually(lambda: ("query", "InProgress") in states(demo_server))
    assert states(demo_server) == [
        ("delete", "Aborted"),
        ("insert", "Open"),
        ("query", "InProgress"),
        ("query", "JobComplete"),
        ("upsert", "JobComplete"),
    ]


def test_the_running_job_ends_when_it_is_released(demo_server: Emulator) -> None:
    eventually(lambda: ("query", "InProgress") in states(demo_server))
    running = demo_server.call("GET", "/bulk/jobs?state=InProgress").json["jobs"][0]["job_id"]
    demo_server.control("POST", f"/jobs/{running}/release")

    assert eventually(lambda: demo_server.call("GET", f"/bulk/jobs/{running}").json["state"] == "JobComplete")


@pytest.mark.parametrize(
    ("flags", "reason"),
    [
        (["--data-dir", "kept"], "fixtures and data_dir are for serve"),
        (["--fixtures", "."], "fixtures and data_dir are for serve"),
        (["--control", "off"], "the demo needs the control plane"),
        (["--host", "0.0.0.0"], "the demo needs the control plane"),
    ],
    ids=["a data directory", "fixtures", "no control plane", "an open address without a token"],
)
def test_what_the_demo_could_not_show_is_refused(flags: list[str], reason: str, tmp_path: Path) -> None:
    ended = called(tmp_path, *flags)

    assert ended.returncode == 2
    assert reason in ended.stderr


@pytest.mark.parametrize(
    ("environ", "platform", "screen"),
    [
        ({}, "linux", False),
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({"BROWSER": "firefox"}, "linux", True),
        ({}, "darwin", True),
    ],
    ids=["a terminal", "X", "Wayland", "a named browser", "macOS"],
)
def test_a_browser_is_opened_where_there_is_a_screen(environ: dict[str, str], platform: str, screen: bool) -> None:
    assert has_screen(environ, platform) is screen
