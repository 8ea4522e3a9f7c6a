"""`spectra-emulator clock`: look at the time of a running server, stop it, move it."""

from __future__ import annotations

import argparse
from typing import Any

from spectra_emulator.command_line import Command, Invocation, UsageError
from spectra_emulator.control_client import add_server_options, control_client
from spectra_emulator.domain.durations import EXAMPLES, duration

_USAGE = "ACTION [MOMENT|TIME] [options]"
_EPILOG = """\
A MOMENT is such as 2030-01-31T12:00:00Z, a TIME such as 90s, 15m, 24h or 7d.
resume lets a frozen clock run on; reset returns to the machine's time."""
_ARGUMENTS = {"show": (), "freeze": ("at",), "set": ("at",), "advance": ("by",), "resume": (), "reset": ()}
_NEEDED = {"set": "a moment such as 2030-01-31T12:00:00Z", "advance": f"a time such as {EXAMPLES}"}


def clock(invocation: Invocation) -> int:
    """Act on the clock and print how it stands."""
    options = invocation.options
    body = _body(options.action, options.value)
    client = control_client(options, invocation.environ)
    reading = client.call("GET", "/clock") if body is None else client.call("PUT", "/clock", body)
    print(_line(reading))
    return 0


def _body(action: str, value: str | None) -> dict[str, str] | None:
    """Return what to send, or None to look only.

    Raises: UsageError.
    """
    if value is None and action in _NEEDED:
        raise UsageError(f"clock {action} needs {_NEEDED[action]}")
    if value is not None and not _ARGUMENTS[action]:
        raise UsageError(f"clock {action} takes no {value}")
    if action == "advance" and value is not None:
        _checked(value)
    named = {} if value is None else dict.fromkeys(_ARGUMENTS[action], value)
    return None if action == "show" else {"action": action, **named}


def _checked(value: str) -> None:
    try:
        duration(value)
    except ValueError as error:
        raise UsageError(str(error)) from error


def _line(reading: dict[str, Any]) -> str:
    if reading["frozen"]:
        return f"{reading['now']} frozen"
    offset = reading["offset_seconds"]
    return f"{reading['now']} running{f' {offset:+.0f} s from this machine' if offset else ''}"


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=tuple(_ARGUMENTS), metavar="ACTION", help=f"{', '.join(_ARGUMENTS)}.")
    parser.add_argument("value", nargs="?", metavar="VALUE", help="The moment or the time.")
    add_server_options(parser)


CLOCK = Command("Look at a running server's time, stop it, move it.", clock, _options, _EPILOG, _USAGE)
