"""What commands with a word of their own for each action share."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from spectra_emulator.command_line import Command, Invocation, UsageError
from spectra_emulator.control_client import ControlClient, add_server_options, control_client

Act = Callable[[ControlClient, str | None, argparse.Namespace], Any]
Lines = Callable[[Any], list[str]]


@dataclass(frozen=True)
class Action:
    """`value` says what the action needs, such as `a tenant`; `optional` that it does without, None that it takes none.

    `lines` is what a person reads of the answer.
    """

    act: Act
    lines: Lines
    value: str | None = None
    optional: bool = False


def family(word: str, summary: str, actions: Mapping[str, Action], epilog: str) -> Command:
    """Return a command whose first argument is one of the actions; `--json` prints the server's answer."""

    def run(invocation: Invocation) -> int:
        options = invocation.options
        action = actions[options.action]
        _check(f"{word} {options.action}", action, options.value)
        client = control_client(options, invocation.environ)
        answer = action.act(client, options.value, options)
        for line in [json.dumps(answer)] if options.json else action.lines(answer):
            print(line)
        return 0

    def add_options(parser: argparse.ArgumentParser) -> None:
        parser.add_argument("action", choices=tuple(actions), metavar="ACTION", help=f"{', '.join(actions)}.")
        parser.add_argument("value", nargs="?", metavar="VALUE", help="What the action needs.")
        parser.add_argument("--json", action="store_true", help="Print the server's answer.")
        add_server_options(parser)

    return Command(summary, run, add_options, epilog, "ACTION [VALUE] [options]")


def _check(called: str, action: Action, value: str | None) -> None:
    if action.value is None and value is not None:
        raise UsageError(f"{called} takes no {value}")
    if action.value is not None and not action.optional and value is None:
        raise UsageError(f"{called} needs {action.value}")
