"""`spectra-emulator exec`, `env` and `wait`."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.emulator import COMMAND, DEMO_KEY, TENANT, Emulator, bare_environment, eventually, free_port


def ran(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [COMMAND, *arguments], capture_output=True, text=True, check=False, env=bare_environment(), timeout=60
    )


def children(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()


def argument_words(pid: str) -> list[str]:
    return Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8").split("\0")


def test_a_command_finds_its_server_and_gives_its_exit_code() -> None:
    script = (
        "import os, sys, urllib.request;"
        "print(urllib.request.urlopen(os.environ['SPECTRA_API_URL'].removesuffix('/v1') + '/health').status,"
        "os.environ['SPECTRA_API_KEY'], os.environ['SPECTRA_TENANT_ID']); sys.exit(7)"
    )
    ended = ran("exec", "--", sys.executable, "-c", script)

    assert (ended.returncode, ended.stdout) == (7, f"200 {DEMO_KEY} {TENANT}\n")


def test_a_command_that_is_not_there_is_said() -> None:
    ended = ran("exec", "--", "no-such-command")

    assert ended.returncode == 127
    assert "no-such-command: No such file or directory" in ended.stderr


def test_a_server_that_does_not_start_runs_no_command() -> None:
    ended = ran("exec", "--fixtures", "/nowhere", "--", "true")

    assert ended.returncode == 2
    assert "fixtures: /nowhere is not a directory" in ended.stderr


def test_exec_without_a_command_says_how() -> None:
    assert ran("exec").returncode == 2


def test_the_variables_of_a_server_are_printed_for_a_shell(server: Emulator) -> None:
    printed = ran("env", "--url", server.url).stdout.splitlines()

    assert f"export SPECTRA_API_URL={server.url}/v1" in printed
    assert f"export SPECTRA_API_KEY={DEMO_KEY}" in printed


def test_the_variables_of_another_tenant_hold_its_own_key(server: Emulator) -> None:
    printed = ran("env", "--url", server.url, "--tenant", "tenant-456").stdout.splitlines()

    assert "export SPECTRA_TENANT_ID=tenant-456" in printed
    assert "export SPECTRA_API_KEY=spk_tenant-456_demo" in printed


def test_a_key_that_the_server_does_not_tell_is_asked_for(server: Emulator) -> None:
    ended = ran("env", "--url", server.url, "--tenant", "nobody")

    assert (ended.returncode, ended.stdout) == (2, "")
    assert "--api-key" in ended.stderr


@pytest.mark.parametrize(
    ("name", "said"), [("missing.sql", "neither a file nor a folder"), ("hook.txt", "only .py, .sh, .sql")]
)
def test_a_hook_that_cannot_be_one_is_wrong_usage(tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / "hook.txt").touch()
    ended = ran("exec", "--seed-hook", str(tmp_path / name), "--", "true")

    assert ended.returncode == 2
    assert said in ended.stderr


def test_wait_ends_when_a_server_answers(server: Emulator) -> None:
    assert ran("wait", "--url", server.url).returncode == 0


def test_wait_gives_up_after_its_time() -> None:
    ended = ran("wait", "--timeout", "1s", "--url", f"http://127.0.0.1:{free_port()}")

    assert ended.returncode == 1
    assert "no emulator answers" in ended.stderr


def test_a_file_that_is_no_program_is_told_from_one_that_is_not_there() -> None:
    assert ran("exec", "--", "/etc/passwd").returncode == 126


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_run_that_is_ended_while_its_server_starts_leaves_no_server(number: signal.Signals) -> None:
    with subprocess.Popen([COMMAND, "exec", "--", "sleep", "60"], env=bare_environment()) as started:
        servers = eventually(lambda: children(started.pid))
        started.send_signal(number)
        code = started.wait(20)

    assert code == 128 + number
    assert eventually(lambda: not any(Path(f"/proc/{server}").exists() for server in servers))


def test_a_run_that_is_killed_leaves_no_server() -> None:
    command = [COMMAND, "exec", "--", sys.executable, "-c", "import sys; print('begun', flush=True); sys.stdin.read()"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=bare_environment()
    ) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == "begun\n"
        servers = [one for one in children(run.pid) if "serve" in argument_words(one)]
        run.kill()

        assert len(servers) == 1
        assert eventually(lambda: not Path(f"/proc/{servers[0]}").exists())
