"""The command line: reads the environment once, does one command, answers with an exit code."""

from __future__ import annotations

import argparse
import gc
import json
import os
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from spectra_emulator import __doc__ as purpose
from spectra_emulator import __version__
from spectra_emulator.command_line import (
    PROGRAM,
    SOURCES,
    WRONG_USAGE,
    Command,
    Invocation,
    Parser,
    UsageError,
    span,
)
from spectra_emulator.commands.child import ENV, EXEC, WAIT
from spectra_emulator.commands.clock import CLOCK
from spectra_emulator.commands.demo import DEMO
from spectra_emulator.commands.doctor import DOCTOR
from spectra_emulator.commands.explain import EXPLAIN
from spectra_emulator.commands.faults import FAULTS
from spectra_emulator.commands.jobs import JOBS
from spectra_emulator.commands.requests import REQUESTS
from spectra_emulator.commands.snapshot import SNAPSHOT
from spectra_emulator.commands.tenants import RESET, SQL, TENANTS
from spectra_emulator.control_client import UNREACHABLE, ServerError
from spectra_emulator.domain.errors import Unauthorized
from spectra_emulator.domain.principal import PERMISSIONS
from spectra_emulator.settings import SETTINGS, Settings
from spectra_emulator.settings_flags import add_flags
from spectra_emulator.settings_sources import Loaded, SettingsError, suggestion

FAILED = 1
_NEXT: Mapping[str | None, str] = {
    UNREACHABLE: f"; start one with `{PROGRAM} serve`, or name another with --url",
    Unauthorized.code: "; give the server's token with --control-token or SPECTRA_CONTROL_TOKEN",
}
"""What to do about a refusal, by its code."""

HOUR = timedelta(hours=1)
TOKEN_SETTINGS = ("fixtures", "jwt_secret", "jwt_issuer", "jwt_audience")


def serve(invocation: Invocation) -> int:
    settings = invocation.loaded().settings
    gc.disable()
    from spectra_emulator.server import serve as serve_api  # noqa: PLC0415 - the server costs every other command 0.3 s

    return serve_api(settings)


def config(invocation: Invocation) -> int:
    found = invocation.loaded()
    print(_config_json(found) if invocation.options.json else _config_table(found))
    return 0


def token(invocation: Invocation) -> int:
    options = invocation.options
    if not options.tenant:
        raise UsageError("the token needs a tenant, such as --tenant tenant-123")
    settings = invocation.loaded().settings
    gc.disable()
    from spectra_emulator.adapters.json_web_tokens import Grant, minted  # noqa: PLC0415 - 60 ms for other commands
    from spectra_emulator.token_issuer import configured_issuer  # noqa: PLC0415 - 60 ms for other commands

    issuer = configured_issuer(settings)
    if issuer.secret is None:
        raise SettingsError("tokens are minted with an HS256 secret, and only a JWKS is configured; set jwt_secret")
    permissions = None if options.permission is None else tuple(options.permission)
    grant = Grant(options.tenant, options.subject, options.ttl, permissions, options.db_user)
    print(minted(issuer, grant, datetime.now(UTC), expired=options.expired))
    return 0


def version(_invocation: Invocation) -> int:
    print(f"{PROGRAM} {__version__}")
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that the arguments name and return the exit code."""
    try:
        code = _run(list(sys.argv[1:] if arguments is None else arguments), dict(os.environ))
        sys.stdout.flush()
    except BrokenPipeError:
        _leave_unread()
        return FAILED
    except (UsageError, SettingsError) as error:
        print(f"{PROGRAM}: {error}", file=sys.stderr)
        return WRONG_USAGE
    except ServerError as error:
        print(f"{PROGRAM}: {error}{_NEXT.get(error.code, '')}", file=sys.stderr)
        return FAILED
    return code


def _leave_unread() -> None:
    """Let what is still to be written go nowhere: whoever read it has gone."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run(arguments: list[str], environ: Mapping[str, str]) -> int:
    if not arguments:
        _front().print_help(sys.stderr)
        return WRONG_USAGE
    word, *rest = arguments
    if word.startswith("-"):
        _front().parse_known_args([word])
        raise UsageError(f"unknown option {word}; a command comes first: {', '.join(COMMANDS)}")
    command = COMMANDS.get(word)
    if command is None:
        nearest = suggestion(word, COMMANDS) or f"; {PROGRAM} --help lists them"
        raise UsageError(f"unknown command {word}{nearest}")
    parser = Parser(f"{PROGRAM} {word}", command.usage, command.summary, command.epilog)
    command.add_options(parser)
    return command.run(Invocation(parser.options(rest), environ))


def _front() -> Parser:
    """Return the parser of what stands in the place of a command."""
    summaries = "\n".join(f"  {word:<10}{command.summary}" for word, command in COMMANDS.items())
    epilog = f"commands:\n{summaries}\n\n{PROGRAM} COMMAND --help shows the options of one."
    parser = Parser(PROGRAM, "COMMAND [options]", purpose, epilog)
    parser.add_argument("--version", action="version", version=f"{PROGRAM} {__version__}")
    return parser


def _config_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="Print JSON instead of a table.")
    add_flags(parser)


def _token_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--tenant", metavar="TENANT", help="Tenant that the token speaks for.")
    parser.add_argument("--ttl", type=span, default=HOUR, metavar="TIME", help="Life: 90s, 15m, 1h or 7d. [1h]")
    parser.add_argument(
        "--permission",
        action="append",
        type=_permission,
        metavar="NAME",
        help="Permission to grant, such as query:execute; repeatable.",
    )
    parser.add_argument("--expired", action="store_true", help="Mint a token whose life has just ended.")
    parser.add_argument("--subject", default="local-user", metavar="TEXT", help="Who the bearer is. [local-user]")
    parser.add_argument("--db-user", metavar="TEXT", help="Database user of the bearer.")
    add_flags(parser, TOKEN_SETTINGS)


def _permission(text: str) -> str:
    if text not in PERMISSIONS:
        raise argparse.ArgumentTypeError(f"{text} is no permission; there are {', '.join(sorted(PERMISSIONS))}")
    return text


def _config_json(found: Loaded) -> str:
    shown = {name: {"value": found.settings.masked(name), "origin": origin} for name, origin in found.origins.items()}
    return json.dumps(shown, default=str, indent=2)


def _config_table(found: Loaded) -> str:
    rows = [(name, _shown(found.settings, name), origin) for name, origin in found.origins.items()]
    names, values, _ = (max(map(len, column)) for column in zip(*rows, strict=True))
    return "\n".join(f"{name:<{names}}  {value:<{values}}  {origin}" for name, value, origin in rows)


def _shown(settings: Settings, name: str) -> str:
    return SETTINGS[name].kind.written(settings.masked(name)) or "-"


COMMANDS: Mapping[str, Command] = {
    "serve": Command("Serve the API until it is stopped.", serve),
    "demo": DEMO,
    "config": Command("Show each setting and where it comes from.", config, _config_options),
    "token": Command("Mint a token for tests.", token, _token_options, SOURCES, "--tenant TENANT [options]"),
    "explain": EXPLAIN,
    "doctor": DOCTOR,
    "clock": CLOCK,
    "faults": FAULTS,
    "jobs": JOBS,
    "requests": REQUESTS,
    "tenants": TENANTS,
    "reset": RESET,
    "sql": SQL,
    "snapshot": SNAPSHOT,
    "exec": EXEC,
    "env": ENV,
    "wait": WAIT,
    "version": Command("Show the version.", version, lambda _parser: None, None),
}
