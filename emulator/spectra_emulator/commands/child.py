"""`spectra-emulator exec`, `env` and `wait`: the emulator around tests in any language."""

from __future__ import annotations

import argparse
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from typing import NoReturn

from spectra_emulator.command_line import PROGRAM, WRONG_USAGE, Command, Invocation, UsageError, span
from spectra_emulator.control_client import ControlClient, ServerError, add_server_options, control_client
from spectra_emulator.settings_flags import add_flags, flag, given_flags

_LOOK_AGAIN_SECONDS = 0.05
_NOT_FOUND = 127
_NOT_EXECUTABLE = 126
_ENDED_BY_SIGNAL = 128
"""Exit codes as a shell has them."""

_ENDING_SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
_EXEC_EPILOG = """\
Options before -- are those of serve; a free port is taken unless they name one.
The command finds the server in SPECTRA_API_URL, SPECTRA_API_KEY and
SPECTRA_TENANT_ID (and, for the conformance kit, SPECTRA_URL, SPECTRA_TENANT).
The exit code is the command's own: spectra-emulator exec -- npm test"""


def execute(invocation: Invocation) -> int:
    """Start a server, run the command with the server's address in its environment, and return its exit code."""
    from spectra_emulator.testing.emulator import SpectraEmulator, StartError  # noqa: PLC0415 - one command's need

    command: list[str] = invocation.options.command
    if not command:
        raise UsageError("exec needs a command after --, such as: spectra-emulator exec -- npm test")
    for number in _ENDING_SIGNALS:
        signal.signal(number, _leave)
    try:
        with SpectraEmulator(*_flags(invocation.options)) as emulator:
            return _ran(command, {**invocation.environ, **emulator.tenant.environ})
    except StartError as error:
        if error.exit_code == WRONG_USAGE:
            raise UsageError(str(error)) from error
        raise ServerError(str(error)) from error


def environment(invocation: Invocation) -> int:
    """Print the variables of a running server as a shell takes them."""
    options = invocation.options
    client = control_client(options, invocation.environ)
    api_key = options.api_key or _told_key(client, options.tenant)
    from spectra_emulator.testing.emulator import client_variables  # noqa: PLC0415 - one command's need

    for name, value in client_variables(f"{client.url}/v1", api_key, options.tenant).items():
        print(f"export {name}={shlex.quote(value)}")
    return 0


def _told_key(client: ControlClient, tenant_id: str) -> str:
    """Return the tenant's key where the server may tell it.

    Raises: UsageError, ServerError.
    """
    identities = client.call("GET", "/server")["identities"]
    found = next((each for each in identities if each["tenant_id"] == tenant_id), None)
    if found is None:
        raise UsageError(f"the server tells no key of {tenant_id}: give it with --api-key")
    return str(found["api_key"])


def wait(invocation: Invocation) -> int:
    """Wait until a server has passed every check of its readiness."""
    options = invocation.options
    client = control_client(options, invocation.environ)
    give_up_at = time.monotonic() + options.timeout.total_seconds()
    while True:
        try:
            client.ready()
        except ServerError:
            if time.monotonic() >= give_up_at:
                raise
        else:
            return 0
        time.sleep(_LOOK_AGAIN_SECONDS)


def _flags(options: argparse.Namespace) -> list[str]:
    """Return the options of `serve` that the command line named."""
    return [f"{flag(name)}={text}" for name, text in given_flags(options).items()]


def _leave(number: int, _: object) -> NoReturn:
    """End in order: no server is left behind."""
    raise SystemExit(_ENDED_BY_SIGNAL + number)


def _ran(command: list[str], environ: Mapping[str, str]) -> int:
    """Run the command; signals that would end it reach it as they do without us."""
    try:
        child = subprocess.Popen(command, env=dict(environ))  # noqa: S603 - what the user asked for
    except OSError as error:
        print(f"{PROGRAM}: {command[0]}: {error.strerror}", file=sys.stderr)
        return _NOT_EXECUTABLE if isinstance(error, PermissionError) else _NOT_FOUND
    for number in _ENDING_SIGNALS:
        signal.signal(number, lambda number, _: child.send_signal(number))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    code = child.wait()
    return code if code >= 0 else _ENDED_BY_SIGNAL - code


def _exec_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("command", nargs="*", metavar="COMMAND", help="What to run, with its arguments.")
    add_flags(parser)


def _env_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--tenant", default="tenant-123", metavar="TEXT", help="Tenant to name. [tenant-123]")
    parser.add_argument("--api-key", metavar="TEXT", help="Its key. [the one the server tells]")
    add_server_options(parser)


def _wait_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--timeout", type=span, default="30s", metavar="TIME", help="How long at most. [30s]")
    add_server_options(parser)


EXEC = Command("Run a command with a server of its own.", execute, _exec_options, _EXEC_EPILOG, "[options] -- COMMAND")
ENV = Command("Print a running server's variables for a shell.", environment, _env_options, None)
WAIT = Command("Wait until a server is ready.", wait, _wait_options, None)
