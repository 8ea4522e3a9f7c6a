"""`spectra-emulator tenants`, `reset` and `sql`: the tenants of a running server."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from spectra_emulator.command_line import Command, Invocation, UsageError
from spectra_emulator.commands.actions import Action, family
from spectra_emulator.control_client import ControlClient, add_server_options, control_client

_EPILOG = """\
create makes a tenant with the tables that every tenant begins with, under the
id that is given or one of its own, and prints the id and its API key."""
_SQL_EPILOG = """\
The script is Redshift DDL and DML, run whole or not at all; - reads it from
standard input: echo 'DELETE FROM sales' | spectra-emulator sql tenant-123 -"""


def reset(invocation: Invocation) -> int:
    """Bring one tenant, or all, back to the fixtures."""
    client = control_client(invocation.options, invocation.environ)
    done = client.call("POST", "/reset", {"tenant_id": invocation.options.tenant})["tenants"]
    print("reset: " + (", ".join(done) or "no tenant has been used"))
    return 0


def sql(invocation: Invocation) -> int:
    """Run a script for a tenant."""
    options = invocation.options
    body = {"sql": _script(options.file)}
    done = control_client(options, invocation.environ).call("POST", f"/tenants/{options.tenant}/sql", body)
    print(f"{_counted(done['statements'], 'statement')}, {_counted(done['rows_affected'], 'row')} affected")
    return 0


def _script(file: str) -> str:
    """Read the script.

    Raises: UsageError.
    """
    try:
        return sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} cannot be read: {error}") from error


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _created(client: ControlClient, tenant_id: str | None, _options: argparse.Namespace) -> Any:
    return client.call("POST", "/tenants", {"tenant_id": tenant_id})


def _removed(client: ControlClient, tenant_id: str | None, _options: argparse.Namespace) -> Any:
    return client.call("DELETE", f"/tenants/{tenant_id}")


def _reset_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("tenant", nargs="?", metavar="TENANT", help="The tenant; else all.")
    add_server_options(parser)


def _sql_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("tenant", metavar="TENANT", help="Whose tables.")
    parser.add_argument("file", metavar="FILE", help="The script, or - for standard input.")
    add_server_options(parser)


TENANTS = family(
    "tenants",
    "List, make and remove tenants of a running server.",
    {
        "list": Action(
            lambda client, _value, _options: client.call("GET", "/tenants"), lambda answer: answer["tenants"]
        ),
        "create": Action(
            _created, lambda made: [f"{made['tenant_id']} {made['api_key']}"], "a tenant's id", optional=True
        ),
        "remove": Action(_removed, lambda answer: [f"removed {answer['tenant_id']}"], "a tenant's id"),
    },
    _EPILOG,
)
RESET = Command("Bring tenants back to the fixtures.", reset, _reset_options, None, "[TENANT] [options]")
SQL = Command("Run a script in a tenant's database.", sql, _sql_options, _SQL_EPILOG, "TENANT FILE|- [options]")
