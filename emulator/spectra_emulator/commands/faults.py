"""`spectra-emulator faults`: what goes wrong on a running server."""

from __future__ import annotations

import json
from typing import Any

from spectra_emulator.command_line import UsageError
from spectra_emulator.commands.actions import Action, family
from spectra_emulator.control_client import ControlClient

_EXAMPLE = """'{"times": 2, "action": {"error": "RATE_LIMITED"}}'"""
_EPILOG = """\
add takes a rule as JSON and puts it behind the others; the first that fits a
call acts. list shows how often each matched and fired; remove takes an id.
spectra-emulator faults add '{"times": 2, "action": {"error": "RATE_LIMITED"}}'"""


def _rule(text: str | None) -> dict[str, Any]:
    """Read a rule.

    Raises: UsageError.
    """
    try:
        rule = json.loads(text or "")
    except ValueError as error:
        raise UsageError(f"faults add needs a rule as JSON, such as {_EXAMPLE}") from error
    if not isinstance(rule, dict):
        raise UsageError("faults add needs one rule, which is a JSON object")
    return rule


def _line(rule: dict[str, Any]) -> str:
    limit = "" if rule["times"] is None else f" of {rule['times']}"
    shown = " ".join(f"{name}={json.dumps(rule[name])}" for name in ("match", "action"))
    return f"{rule['id']} fired {rule['fired']}{limit}, matched {rule['matched']}: {shown}"


def _all(answer: dict[str, Any]) -> list[str]:
    return [_line(rule) for rule in answer["rules"]]


def _one(client: ControlClient, rule_id: str | None) -> Any:
    return client.call("DELETE", f"/faults/{rule_id}")


FAULTS = family(
    "faults",
    "Say what goes wrong on a running server.",
    {
        "list": Action(lambda client, _value, _options: client.call("GET", "/faults"), _all),
        "add": Action(
            lambda client, value, _options: client.call("POST", "/faults", _rule(value)),
            lambda rule: [_line(rule)],
            "a rule as JSON",
        ),
        "remove": Action(lambda client, value, _options: _one(client, value), _all, "a rule's id"),
        "clear": Action(lambda client, _value, _options: client.call("DELETE", "/faults"), _all),
    },
    _EPILOG,
)
