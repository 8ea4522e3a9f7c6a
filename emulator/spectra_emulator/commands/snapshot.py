"""`spectra-emulator snapshot`: keep what a running server's tenants are, and return to it."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spectra_emulator.command_line import Command, Invocation, UsageError
from spectra_emulator.control_client import ControlClient, ServerError, add_server_options, control_client

_USAGE = "ACTION [NAME] [FILE] [options]"
_EPILOG = """\
save NAME          save all tenants, or that of --tenant
load NAME          bring the snapshot's tenants, or that of --tenant, back to it
list               show the snapshots
remove NAME        delete one
export NAME FILE   write one to a file, for another server
import FILE NAME   give the server such a file; its own name where no NAME is"""


@dataclass(frozen=True)
class _Action:
    """`least` and `most` count the words that follow."""

    run: Callable[[ControlClient, argparse.Namespace], str]
    least: int
    most: int
    needs: str


def snapshot(invocation: Invocation) -> int:
    """Do one action and print what it did."""
    options = invocation.options
    action = _ACTIONS[options.action]
    if not action.least <= len(options.words) <= action.most:
        raise UsageError(f"snapshot {options.action} takes {action.needs}")
    try:
        said = action.run(control_client(options, invocation.environ), options)
    except OSError as error:
        raise ServerError(f"{error.filename}: {error.strerror}") from error
    if said:
        print(said)
    return 0


def _save(client: ControlClient, options: argparse.Namespace) -> str:
    body = {"name": options.words[0], "tenant_id": options.tenant, "objects": options.objects}
    saved = client.call("POST", "/snapshots", body)
    return f"saved {saved['name']}: {', '.join(saved['tenants'])}"


def _load(client: ControlClient, options: argparse.Namespace) -> str:
    name = options.words[0]
    loaded = client.call("POST", f"/snapshots/{name}/load", {"tenant_id": options.tenant})
    return f"loaded {name}: {', '.join(loaded['tenants'])}"


def _list(client: ControlClient, _options: argparse.Namespace) -> str:
    return "\n".join(map(_line, client.call("GET", "/snapshots")["snapshots"]))


def _remove(client: ControlClient, options: argparse.Namespace) -> str:
    client.call("DELETE", f"/snapshots/{options.words[0]}")
    return f"removed {options.words[0]}"


def _export(client: ControlClient, options: argparse.Namespace) -> str:
    name, file = options.words
    client.download(f"/snapshots/{name}/file", Path(file))
    return f"exported {name} to {file}"


def _import(client: ControlClient, options: argparse.Namespace) -> str:
    file = Path(options.words[0])
    name = options.words[1] if options.words[1:] else file.stem
    client.upload(f"/snapshots/{name}/file", file)
    return f"imported {name}"


def _line(listed: Mapping[str, Any]) -> str:
    if listed["problem"] is not None:
        return f"{listed['name']}  {listed['problem']}"
    megabytes = listed["size_bytes"] / 10**6
    return f"{listed['name']}  {listed['created_at']}  {megabytes:.1f} MB  {', '.join(listed['tenants'])}"


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=tuple(_ACTIONS), metavar="ACTION", help=f"{', '.join(_ACTIONS)}.")
    parser.add_argument("words", nargs="*", metavar="NAME", help="The snapshot, and the file of export and import.")
    parser.add_argument("--tenant", metavar="TEXT", help="Save or load this tenant alone.")
    parser.add_argument(
        "--no-objects", dest="objects", action="store_false", help="Save without the files in the object store."
    )
    add_server_options(parser)


_ACTIONS: Mapping[str, _Action] = {
    "save": _Action(_save, 1, 1, "a name"),
    "load": _Action(_load, 1, 1, "a name"),
    "list": _Action(_list, 0, 0, "no name"),
    "remove": _Action(_remove, 1, 1, "a name"),
    "export": _Action(_export, 2, 2, "a name and a file"),
    "import": _Action(_import, 1, 2, "a file, and a name where its own is not meant"),
}
SNAPSHOT = Command("Keep what tenants are, and return to it.", snapshot, _options, _EPILOG, _USAGE)
