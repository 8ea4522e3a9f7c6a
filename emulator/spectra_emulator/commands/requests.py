"""`spectra-emulator requests`: the journal of a running server."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from spectra_emulator.command_line import Command, Invocation
from spectra_emulator.control_client import add_server_options, control_client

_EPILOG = """\
The oldest call comes first. --follow shows each call as it ends, until it is
stopped: spectra-emulator requests --follow --status 4xx"""
_FILTERS = ("operation", "tenant_id", "status", "kind", "fault")
_ERRORS = 400


def requests(invocation: Invocation) -> int:
    """Print the last calls, or each as it ends."""
    options = invocation.options
    client = control_client(options, invocation.environ)
    wanted = {name: getattr(options, name) for name in _FILTERS if getattr(options, name) is not None}
    if options.follow:
        _print(client.events(f"/requests/stream?{urlencode(wanted)}"), options)
        return 0
    wanted["limit"] = options.limit
    found: list[dict[str, Any]] = client.call("GET", f"/requests?{urlencode(wanted)}")["requests"]
    _print(reversed(found), options)
    return 0


def _print(entries: Iterable[dict[str, Any]], options: argparse.Namespace) -> None:
    try:
        for entry in entries:
            print(json.dumps(entry) if options.json else line(entry), flush=True)
    except KeyboardInterrupt:
        return


def line(entry: dict[str, Any]) -> str:
    """Return an entry as one line."""
    time = entry["at"].partition("T")[2].removesuffix("Z")
    words = [time, str(entry["status"]), f"{entry['milliseconds']:8.1f} ms", entry["caller"]["tenant_id"] or "-"]
    words += [entry["method"], entry["target"]]
    words += [f"fault={entry['fault']}"] if entry["fault"] else []
    words += [" ".join(entry["sql"].split())] if entry["sql"] else []
    words += [_code(entry)] if entry["status"] >= _ERRORS else []
    return " ".join(word for word in words if word)


def _code(entry: dict[str, Any]) -> str:
    try:
        return str(json.loads(entry["answer"]["body"])["error"]["code"])
    except (ValueError, LookupError, TypeError):
        return str(entry["answer"]["body"]).partition("\n")[0]


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--follow", action="store_true", help="Show each call as it ends.")
    parser.add_argument("--limit", type=int, default=20, metavar="N", help="How many of the last. [20]")
    parser.add_argument("--operation", metavar="TEXT", help="Such as executeQuery.")
    parser.add_argument("--tenant", dest="tenant_id", metavar="TEXT", help="Whose calls.")
    parser.add_argument("--status", metavar="N", help="Such as 404 or 4xx.")
    parser.add_argument("--kind", choices=("request", "object_store"), help="Calls to the server, or to its store.")
    parser.add_argument("--fault", action="store_const", const="true", help="Those that met a fault alone.")
    parser.add_argument("--json", action="store_true", help="Print each entry whole, one a line.")
    add_server_options(parser)


REQUESTS = Command("Show the calls of a running server.", requests, _options, _EPILOG)
