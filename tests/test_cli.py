from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import jwt
import pytest
from spectra_emulator import __version__
from spectra_emulator.settings import SETTINGS

CONSOLE_SCRIPT = Path(sys.executable).with_name("spectra-emulator")
DEMO_SECRET = "local-jwt-secret-key-for-testing-only-123456"
OWN_SECRET = "a-secret-of-forty-characters-for-hs256-x"
COMMANDS = (
    *("serve", "demo", "config", "token", "explain", "doctor", "clock", "faults", "jobs", "requests", "tenants"),
    *("reset", "sql", "snapshot", "exec", "env", "wait", "version"),
)


def called(folder: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run the installed command in the folder, with no settings in its environment but those given."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("SPECTRA_")}
    return subprocess.run(
        [CONSOLE_SCRIPT, *arguments],
        cwd=folder,
        env=inherited | environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def claims(token: str, secret: str = DEMO_SECRET) -> dict[str, object]:
    """Return what a valid token of the demo issuer says, expired or not."""
    return jwt.decode(
        token.strip(),
        secret,
        algorithms=["HS256"],
        audience="redshift-spectra-api",
        issuer="redshift-spectra-local",
        options={"verify_exp": False},
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["serve", "--sql-alow-union"], "unknown option --sql-alow-union; did you mean --sql-allow-union?"),
        (["serve", "--sql-alow-union=on"], "unknown option --sql-alow-union; did you mean --sql-allow-union?"),
        (["serve", "--no-rate-limit"], "unknown option --no-rate-limit; did you mean --no-rate-limits?"),
        (["serve", "--sql-allow"], "unknown option --sql-allow; did you mean --sql-allow-cte?"),
        (["serve", "--zzz"], "unknown option --zzz"),
        (["serve", "8439"], "unexpected argument 8439"),
        (["serve", "--port"], "argument --port: expected one argument"),
        (["serve", "--port", "abc"], '--port: "abc" is not a whole number'),
        (["serve", "--allow-reset", "maybe"], '--allow-reset: "maybe" is not on or off'),
        (["config", "--config", "absent.toml"], "cannot read absent.toml: No such file or directory"),
        (["sreve"], "unknown command sreve; did you mean serve?"),
        (["nothing"], "unknown command nothing; spectra-emulator --help lists them"),
        (["--port", "1"], f"unknown option --port; a command comes first: {', '.join(COMMANDS)}"),
        (["token"], "the token needs a tenant, such as --tenant tenant-123"),
        (["token", "--tenat", "a"], "unknown option --tenat; did you mean --tenant?"),
        (["token", "--tenant", "a", "--ttl", "1x"], "argument --ttl: 1x is not a time such as 90s, 15m, 24h or 7d"),
        (["token", "--tenant", "a", "--ttl", "0s"], "argument --ttl: 0s is not a time such as 90s, 15m, 24h or 7d"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_wrong_command_line_is_one_line_and_exit_2(arguments: list[str], message: str, tmp_path: Path) -> None:
    answer = called(tmp_path, *arguments)
    assert (answer.returncode, answer.stdout, answer.stderr) == (2, "", f"spectra-emulator: {message}\n")


def test_a_wrong_environment_is_one_line_and_exit_2(tmp_path: Path) -> None:
    answer = called(tmp_path, "config", SPECTRA_PORT="abc")
    assert (answer.returncode, answer.stdout) == (2, "")
    assert answer.stderr == 'spectra-emulator: SPECTRA_PORT: "abc" is not a whole number\n'


def test_an_unknown_key_of_the_file_is_exit_2(tmp_path: Path) -> None:
    (tmp_path / "spectra-emulator.toml").write_text("sql_alow_union = true")
    answer = called(tmp_path, "config")
    assert answer.returncode == 2
    assert answer.stderr.endswith("unknown key sql_alow_union; did you mean sql_allow_union?\n")


def test_an_unknown_variable_is_a_warning_and_no_failure(tmp_path: Path) -> None:
    answer = called(tmp_path, "config", SPECTRA_PRT="1")
    assert answer.returncode == 0
    assert answer.stderr == (
        "spectra-emulator: warning: SPECTRA_PRT is not a setting and has no effect; did you mean SPECTRA_PORT?\n"
    )


def test_no_command_prints_the_help_and_is_exit_2(tmp_path: Path) -> None:
    answer = called(tmp_path)
    assert (answer.returncode, answer.stdout) == (2, "")
    assert "commands:" in answer.stderr


@pytest.mark.parametrize("arguments", [["version"], ["--version"]], ids=" ".join)
def test_the_version_is_printed(arguments: list[str], tmp_path: Path) -> None:
    answer = called(tmp_path, *arguments)
    assert (answer.returncode, answer.stdout) == (0, f"spectra-emulator {__version__}\n")


@pytest.mark.parametrize("arguments", [["config"], ["version"], ["explain", "SELECT 1"]], ids=" ".join)
def test_a_reader_that_goes_away_is_no_failure_to_speak_of(arguments: list[str], tmp_path: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    command = [CONSOLE_SCRIPT, *arguments]
    answer = subprocess.run(command, cwd=tmp_path, stdout=write, stderr=subprocess.PIPE, text=True, check=False)
    os.close(write)
    assert (answer.returncode, answer.stderr) == (1, "")


def test_the_package_runs_as_a_module(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "spectra_emulator", "version"]
    answer = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert answer.stdout == f"spectra-emulator {__version__}\n"


def test_the_help_names_every_command(tmp_path: Path) -> None:
    answer = called(tmp_path, "--help")
    assert answer.returncode == 0
    assert [word for word in COMMANDS if f"\n  {word}" not in answer.stdout] == []


def test_the_help_of_serve_shows_every_setting_and_its_default(tmp_path: Path) -> None:
    text = called(tmp_path, "serve", "--help").stdout
    words = " ".join(text.split())
    assert [name for name in SETTINGS if f"--{name.replace('_', '-')} " not in words] == []
    assert "0 takes a free one. [8439]" in words
    assert "[256MiB]" in words


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_the_help_fits_a_terminal_of_80_columns(command: str, tmp_path: Path) -> None:
    lines = called(tmp_path, *command.split(), "--help").stdout.splitlines()
    assert [line for line in lines if len(line) > 80] == []


def test_config_shows_each_value_and_where_it_comes_from(tmp_path: Path) -> None:
    (tmp_path / "spectra-emulator.toml").write_text("[sql]\nmax_joins = 3")
    arguments = ("config", "--no-rate-limits", "--allow-reset", "--multi-tenant", "false")
    answer = called(tmp_path, *arguments, SPECTRA_PORT="9000")
    rows = [line.split(maxsplit=2) for line in answer.stdout.splitlines()]
    assert [row[0] for row in rows] == list(SETTINGS)
    assert ["sql_max_joins", "3", "file spectra-emulator.toml"] in rows
    assert ["port", "9000", "environment SPECTRA_PORT"] in rows
    assert ["rate_limits", "off", "flag"] in rows
    assert ["allow_reset", "on", "flag"] in rows
    assert ["multi_tenant", "off", "flag"] in rows
    assert ["max_body_bytes", "6MiB", "default"] in rows


def test_config_speaks_json(tmp_path: Path) -> None:
    answer = json.loads(called(tmp_path, "config", "--json", "--data-dir", "state", SPECTRA_PORT="9000").stdout)
    assert list(answer) == list(SETTINGS)
    assert answer["port"] == {"value": 9000, "origin": "environment SPECTRA_PORT"}
    assert answer["data_dir"] == {"value": "state", "origin": "flag"}
    assert answer["cors_origins"] == {"value": ["*"], "origin": "default"}
    assert answer["public_url"] == {"value": None, "origin": "default"}


@pytest.mark.parametrize("form", [[], ["--json"]], ids=["table", "json"])
def test_config_masks_secrets(form: list[str], tmp_path: Path) -> None:
    answer = called(tmp_path, "config", *form, "--control-token", "open-sesame", SPECTRA_JWT_SECRET=OWN_SECRET)
    assert OWN_SECRET not in answer.stdout
    assert "open-sesame" not in answer.stdout
    assert answer.stdout.count("***") == 2


def test_a_token_speaks_for_its_tenant_for_an_hour(tmp_path: Path) -> None:
    said = claims(called(tmp_path, "token", "--tenant", "tenant-123").stdout)
    issued_at, expires_at = int(str(said["iat"])), int(str(said["exp"]))
    assert said["tenant_id"] == "tenant-123"
    assert expires_at - issued_at == 3600
    assert expires_at > datetime.now(UTC).timestamp()
    assert "permissions" not in said


def test_a_token_says_what_the_options_say(tmp_path: Path) -> None:
    options = ("--ttl", "7d", "--permission", "query:execute", "--permission", "bulk:read")
    answer = called(tmp_path, "token", "--tenant", "t", *options, "--subject", "ann", "--db-user", "reader")
    said = claims(answer.stdout)
    assert int(str(said["exp"])) - int(str(said["iat"])) == 7 * 24 * 3600
    assert said["permissions"] == ["query:execute", "bulk:read"]
    assert (said["sub"], said["db_user"]) == ("ann", "reader")


def test_a_token_grants_no_permission_that_there_is_not(tmp_path: Path) -> None:
    answer = called(tmp_path, "token", "--tenant", "t", "--permission", "query:exec")
    assert (answer.returncode, answer.stdout) == (2, "")
    assert "query:exec is no permission; there are *, admin:*, bulk:*, " in answer.stderr


def test_an_expired_token_has_ended(tmp_path: Path) -> None:
    said = claims(called(tmp_path, "token", "--tenant", "t", "--expired").stdout)
    assert int(str(said["exp"])) <= datetime.now(UTC).timestamp()


def test_a_token_is_signed_with_the_configured_secret(tmp_path: Path) -> None:
    answer = called(tmp_path, "token", "--tenant", "t", SPECTRA_JWT_SECRET=OWN_SECRET)
    assert claims(answer.stdout, OWN_SECRET)["tenant_id"] == "t"


def test_a_token_cannot_be_minted_for_a_key_set(tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_text('{"keys": []}')
    answer = called(tmp_path, "token", "--tenant", "t", SPECTRA_JWT_JWKS="keys.json")
    assert (answer.returncode, answer.stdout) == (2, "")
    assert answer.stderr.endswith("only a JWKS is configured; set jwt_secret\n")


def test_the_command_line_loads_no_server_and_no_engine() -> None:
    script = (
        "import sys, spectra_emulator.cli; print({'litestar', 'uvicorn', 'duckdb', 'sqlglot', 'jwt'} & {*sys.modules})"
    )
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert answer.stdout == "set()\n"
