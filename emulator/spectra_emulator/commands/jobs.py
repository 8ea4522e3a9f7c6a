"""`spectra-emulator jobs`: how jobs of a running server step from state to state."""

from __future__ import annotations

import argparse
from functools import partial
from typing import Any

from spectra_emulator.command_line import UsageError
from spectra_emulator.commands.actions import Act, Action, family
from spectra_emulator.control_client import ControlClient

_EPILOG = """\
pace takes automatic, manual or a time before each step such as 2s, and without
one shows how jobs step. The others take a job's id: hold lets it wait before
its next step, advance lets it take one, release all, fail ends it as failed."""
_PACES = ("automatic", "manual")


def _pace(client: ControlClient, value: str | None, _options: argparse.Namespace) -> Any:
    if value is None:
        return client.call("GET", "/jobs")
    delayed = value not in _PACES
    if delayed and not value[:1].isdigit():
        raise UsageError(f"jobs pace needs {', '.join(_PACES)} or a time such as 2s, not {value}")
    return client.call("PUT", "/jobs", {"pace": "delayed", "delay": value} if delayed else {"pace": value})


def _moved(move: str) -> Act:
    return partial(_move, move)


def _move(move: str, client: ControlClient, job_id: str | None, _options: argparse.Namespace) -> Any:
    return client.call("POST", f"/jobs/{job_id}/{move}", {} if move == "fail" else None)


def _pace_lines(answer: dict[str, Any]) -> list[str]:
    delay = f" {answer['delay_seconds']:g} s" if answer["delay_seconds"] else ""
    return [f"{answer['pace']}{delay}"]


def _job_lines(answer: dict[str, Any]) -> list[str]:
    state = answer["state"] or answer["job"]["status"]
    return [f"{answer['job']['job_id']} {answer['tenant_id']} {state}{' waits' if answer['waits'] else ''}"]


JOBS = family(
    "jobs",
    "Hold, advance or fail jobs of a running server.",
    {"pace": Action(_pace, _pace_lines, "a pace", optional=True)}
    | {move: Action(_moved(move), _job_lines, "a job's id") for move in ("hold", "release", "advance", "fail")},
    _EPILOG,
)
